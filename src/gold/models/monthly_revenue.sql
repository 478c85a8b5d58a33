-- One row per month (UTC unless timeZone is set) with at least one sale.
-- Left out: sales without a date; reconciliation names them.

with sales as (
    select
        *,
        cast(date_trunc('month', timestamp) as date) as month
    from transactions
    where timestamp is not null
)

select
    month,
    cast(coalesce(sum(total_amount), 0) as decimal(38, 2)) as total_revenue,
    count(*) as total_transactions,
    count(distinct customer_id) as unique_customers,
    average_money(sum(total_amount), count(total_amount)) as avg_transaction_value
from sales
group by month
