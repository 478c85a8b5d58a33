-- What are the customers worth, and how much of it are the best tenth?
-- One row, over all time. Customers are those with a sale; the best tenth is the tenth of them that spent the most.

with :chosen(country),

:spent,

counted as (
    select
        coalesce(sum(customers), 0)::bigint as customers,
        ceil(sum(customers) / 10.0)::bigint as a_tenth,
        sum(revenue) as revenue
    from spent
),

-- The lowest step that the best tenth reaches down to.
lowest as (
    select max(at_least) as at_least
    from (select at_least, sum(customers) over (order by at_least desc) as customers from spent) as reaching
    where customers >= (select a_tenth from counted)
),

best_tenth as (
    select customer_metrics.total_spent
    from customer_metrics
    cross join chosen
    where
        (chosen.country is null or customer_metrics.country = chosen.country)
        and (customer_metrics.total_spent >= (select at_least from lowest) or (select at_least from lowest) < 0)
    order by customer_metrics.total_spent desc
    limit (select a_tenth from counted)
),

best as (
    select sum(total_spent) as revenue from best_tenth
)

select
    counted.customers,
    coalesce(counted.revenue, 0.00) as revenue,
    round(counted.revenue / nullif(counted.customers, 0), 2) as average_per_customer,
    coalesce(counted.a_tenth, 0) as best_tenth_customers,
    coalesce(best.revenue, 0.00) as best_tenth_revenue,
    round(best.revenue * 100 / nullif(counted.revenue, 0), 2) as best_tenth_share_pct
from counted
cross join best
