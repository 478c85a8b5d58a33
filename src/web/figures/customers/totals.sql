-- What are the customers worth, and how much of it are the best tenth?
-- One row, over all time. Customers are those with a sale; the best tenth is the tenth of them that spent the most.

with chosen as not materialized (
    select cast(:country as text) as country
),

customers as not materialized (
    select customer_metrics.total_spent
    from customer_metrics
    cross join chosen
    where chosen.country is null or customer_metrics.country = chosen.country
),

counted as (
    select
        count(*) as customers,
        ceil(count(*) / 10.0)::bigint as a_tenth,
        sum(total_spent) as revenue
    from customers
),

best_tenth as (
    select total_spent
    from customers
    order by total_spent desc
    limit (select a_tenth from counted)
),

best as (
    select sum(total_spent) as revenue from best_tenth
)

select
    counted.customers,
    coalesce(counted.revenue, 0.00) as revenue,
    round(counted.revenue / nullif(counted.customers, 0), 2) as average_per_customer,
    counted.a_tenth as best_tenth_customers,
    coalesce(best.revenue, 0.00) as best_tenth_revenue,
    round(best.revenue * 100 / nullif(counted.revenue, 0), 2) as best_tenth_share_pct
from counted
cross join best
