-- One row per month (UTC unless timeZone is set) with at least one sale.
-- Left out: sales without a date; reconciliation names them.

with months as (
    select
        month,
        sum(revenue) as revenue,
        sum(transactions) as transactions,
        sum(amounts_known) as amounts_known
    from sold
    where month is not null and not is_left_out
    group by month
),

-- A customer has one row in a month, whatever the neighbours.
customers as (
    select
        month,
        sum(customers) as customers
    from customer_activity
    group by month
)

select
    months.month,
    cast(months.revenue as decimal(38, 2)) as total_revenue,
    cast(months.transactions as bigint) as total_transactions,
    cast(coalesce(customers.customers, 0) as bigint) as unique_customers,
    average_money(months.revenue, months.amounts_known) as avg_transaction_value
from months
left join customers on customers.month = substring(cast(months.month as string), 1, 7)
