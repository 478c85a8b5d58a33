-- How do sales evolve month by month?
-- The change is on the month before; it is empty where that month has no sales. A month that is not over in the data has
-- its last whole day in known_until, and no change. Beneath: sales whose date is unknown.

with months as (
    select
        month,
        total_revenue,
        case
            when lag(month) over (order by month) = month - interval '1 month'
                then lag(total_revenue) over (order by month)
        end as revenue_before,
        case
            when complete_until < month + interval '1 month' - interval '1 day'
                then complete_until
        end as known_until,
        sum(total_revenue) over (order by month) as running_total,
        total_transactions,
        unique_customers,
        avg_transaction_value
    from monthly_revenue
    cross join gold_run
)

select
    to_char(month, 'YYYY-MM') as month,
    total_revenue,
    case
        when known_until is null
            then round((total_revenue - revenue_before) * 100 / nullif(abs(revenue_before), 0), 1)
    end as change_pct,
    running_total,
    total_transactions,
    unique_customers,
    avg_transaction_value,
    known_until
from months
union all
select 'Unknown', revenue, null, null, transactions, null, null, null
from reconciliation
where gold_table = 'monthly_revenue' and not in_table and transactions > 0
order by month
