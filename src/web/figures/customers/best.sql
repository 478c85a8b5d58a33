-- Who are the 20 best customers?
-- One row per customer, by total_spent over all time; a share is of all revenue.

with :chosen(country),

total as (
    select revenue from reconciliation where gold_table = 'all sales'
),

best as (
    select customer_metrics.*
    from customer_metrics
    cross join chosen
    where chosen.country is null or customer_metrics.country = chosen.country
    order by customer_metrics.total_spent desc, customer_metrics.customer_id collate "C"
    limit 20
)

select
    row_number() over (order by best.total_spent desc, best.customer_id collate "C") as rank,
    best.customer_id,
    best.full_name,
    best.city,
    best.country,
    best.total_transactions as transactions,
    best.total_spent,
    round(best.total_spent * 100 / nullif(total.revenue, 0), 6) as share_pct
from best
cross join total
order by rank
