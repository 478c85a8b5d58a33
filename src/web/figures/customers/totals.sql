-- What are the customers worth, and how much of it are the best tenth?
-- One row, over all time. Customers are those with a sale; the best tenth is the tenth of them that spent the most.

with chosen as (
    select cast(:country as text) as country
),

customers as (
    select
        customer_metrics.total_spent,
        row_number() over (order by customer_metrics.total_spent desc) as rank,
        count(*) over () as customers
    from customer_metrics
    cross join chosen
    where chosen.country is null or customer_metrics.country = chosen.country
)

select
    count(*) as customers,
    coalesce(sum(total_spent), 0.00) as revenue,
    round(sum(total_spent) / nullif(count(*), 0), 2) as average_per_customer,
    count(*) filter (where rank <= ceil(customers / 10.0)) as best_tenth_customers,
    coalesce(sum(total_spent) filter (where rank <= ceil(customers / 10.0)), 0.00) as best_tenth_revenue,
    round(
        sum(total_spent) filter (where rank <= ceil(customers / 10.0)) * 100 / nullif(sum(total_spent), 0), 2
    ) as best_tenth_share_pct
from customers
