-- One row per country and step of total_spent with at least one customer of customer_metrics in it.
-- Steps go 1, 2, 5, 10, 20, 50 and so on; who spent nothing, or nothing known, has one of their own, as has who is owed.

with steps as (
    select * from (values
        (-9999999999999999.99, 0.00), (0.00, 0.01), (0.01, 1.00), (1.00, 2.00), (2.00, 5.00), (5.00, 10.00),
        (10.00, 20.00), (20.00, 50.00), (50.00, 100.00), (100.00, 200.00), (200.00, 500.00), (500.00, 1000.00),
        (1000.00, 2000.00), (2000.00, 5000.00), (5000.00, 10000.00), (10000.00, 20000.00), (20000.00, 50000.00),
        (50000.00, 100000.00), (100000.00, 200000.00), (200000.00, 500000.00), (500000.00, 1000000.00),
        (1000000.00, null)
    ) as steps (at_least, below)
)

select
    customer_metrics.country,
    cast(steps.at_least as decimal(38, 2)) as at_least,
    cast(steps.below as decimal(38, 2)) as below,
    count(*) as customers,
    cast(sum(customer_metrics.total_spent) as decimal(38, 2)) as revenue
from customer_metrics
inner join steps
    on (customer_metrics.total_spent >= steps.at_least or steps.below = 0)
    and (customer_metrics.total_spent < steps.below or steps.below is null)
group by customer_metrics.country, steps.at_least, steps.below
