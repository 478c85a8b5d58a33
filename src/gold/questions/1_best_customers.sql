-- Who are the 10 best customers?
-- By total_spent; a share is of all revenue. Beneath the ranking: the revenue that none of the ten brought in.

with best as (
    select
        customer_id,
        full_name,
        country,
        total_transactions,
        total_spent
    from customer_metrics
    order by total_spent desc, customer_id
    limit 10
),

-- All rows of customer_metrics, added up.
everybody as (
    select
        transactions,
        revenue
    from reconciliation
    where gold_table = 'customer_metrics' and in_table
),

answer as (
    select row_number() over (order by total_spent desc, customer_id) as rank, * from best
    union all
    select
        null,
        null,
        'All other customers',
        null,
        coalesce(everybody.transactions - (select sum(total_transactions) from best), 0)::bigint,
        coalesce(everybody.revenue - (select sum(total_spent) from best), 0.00)
    from everybody
    union all
    select null, null, 'Unknown: ' || part, null, transactions, revenue
    from reconciliation
    where gold_table = 'customer_metrics' and not in_table
),

total as (
    select revenue from reconciliation where gold_table = 'all sales'
)

select
    answer.rank,
    answer.customer_id,
    answer.full_name,
    answer.country,
    answer.total_transactions,
    answer.total_spent,
    round(answer.total_spent * 100 / nullif(total.revenue, 0), 2) as share_pct
from answer
cross join total
order by answer.rank nulls last, answer.full_name
