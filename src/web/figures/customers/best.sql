-- Who are the 20 best customers?
-- One row per customer, by total_spent over all time; a share is of all revenue.

with chosen as (
    select cast(:country as text) as country
),

total as (
    select revenue from reconciliation where gold_table = 'all sales'
)

select
    row_number() over (order by customer_metrics.total_spent desc, customer_metrics.customer_id collate "C") as rank,
    customer_metrics.customer_id,
    customer_metrics.full_name,
    customer_metrics.city,
    customer_metrics.country,
    customer_metrics.total_transactions as transactions,
    customer_metrics.total_spent,
    round(customer_metrics.total_spent * 100 / nullif(total.revenue, 0), 6) as share_pct
from customer_metrics
cross join chosen
cross join total
where chosen.country is null or customer_metrics.country = chosen.country
order by rank
limit 20
