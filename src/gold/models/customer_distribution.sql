-- One row per country and step of total_spent with at least one customer of customer_metrics in it.

select
    customer_metrics.country,
    cast(steps.at_least as decimal(38, 2)) as at_least,
    cast(steps.below as decimal(38, 2)) as below,
    count(*) as customers,
    cast(sum(customer_metrics.total_spent) as decimal(38, 2)) as revenue
from customer_metrics
inner join spending_steps as steps
    on (customer_metrics.total_spent >= steps.at_least or steps.below = 0)
    and (customer_metrics.total_spent < steps.below or steps.below is null)
group by customer_metrics.country, steps.at_least, steps.below
