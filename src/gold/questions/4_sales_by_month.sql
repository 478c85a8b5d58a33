-- How do sales evolve month by month?
-- The change is on the month before; it is empty where that month has no sales. Beneath: sales whose date is unknown.

with months as (
    select
        month,
        total_revenue,
        case
            when lag(month) over (order by month) = month - interval '1 month'
                then lag(total_revenue) over (order by month)
        end as revenue_before,
        sum(total_revenue) over (order by month) as running_total,
        total_transactions,
        unique_customers,
        avg_transaction_value
    from monthly_revenue
)

select
    to_char(month, 'YYYY-MM') as month,
    total_revenue,
    round((total_revenue - revenue_before) * 100 / nullif(abs(revenue_before), 0), 1) as change_pct,
    running_total,
    total_transactions,
    unique_customers,
    avg_transaction_value
from months
union all
select 'Unknown', revenue, null, null, transactions, null, null
from reconciliation
where gold_table = 'monthly_revenue' and not in_table and transactions > 0
order by month
