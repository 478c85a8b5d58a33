-- One row per day (UTC unless timeZone is set) with at least one sale, country and kind of buyer: what these sales came
-- to, how many they are, and how much of it was taken back.
-- Left out: sales without a date.

with counted as (
    select
        cast(sales.timestamp as date) as day,
        customers.country,
        sales.customer_id is not null as has_customer,
        customers.customer_id is not null as is_known,
        count(*) as transactions,
        count(sales.total_amount) as amounts_known,
        coalesce(sum(sales.total_amount), 0) as revenue,
        count(*) filter (where is_reversed(sales.status)) as reversed_transactions,
        count(sales.total_amount) filter (where is_reversed(sales.status)) as reversed_amounts_known,
        coalesce(sum(sales.total_amount) filter (where is_reversed(sales.status)), 0) as reversed_revenue
    from transactions as sales
    left join customers on customers.customer_id = sales.customer_id
    where sales.timestamp is not null
    group by all
)

select
    day,
    coalesce(country, 'Unknown') as country,
    kind_of_buyer(has_customer, is_known) as buyer,
    transactions,
    amounts_known,
    revenue,
    reversed_transactions,
    reversed_amounts_known,
    reversed_revenue
from counted
