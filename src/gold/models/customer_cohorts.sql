-- One row per month (UTC unless timeZone is set) of customers' first purchase, their country and kind, and number of
-- months since: how many of them bought again, and what they spent.
-- Left out: sales without a customer and sales without a date.

with purchases as (
    select
        customer_id,
        year(timestamp) * 12 + month(timestamp) as position,
        count(*) as transactions,
        coalesce(sum(total_amount), 0) as revenue
    from transactions
    where customer_id is not null and timestamp is not null
    group by all
),

firsts as (
    select
        customer_id,
        min(position) as cohort
    from purchases
    group by customer_id
),

counted as (
    select
        firsts.cohort,
        purchases.position - firsts.cohort as months_since,
        coalesce(customers.country, 'Unknown') as country,
        case when customers.customer_id is null then 'customer not in customers' else 'customer known' end as buyer,
        count(*) as customers,
        sum(purchases.transactions) as transactions,
        sum(purchases.revenue) as revenue
    from purchases
    inner join firsts on firsts.customer_id = purchases.customer_id
    left join customers on customers.customer_id = purchases.customer_id
    group by all
)

select
    concat(
        cast(cast(floor((cohort - 1) / 12) as integer) as string),
        '-',
        lpad(cast(mod(cohort - 1, 12) + 1 as string), 2, '0')
    ) as cohort,
    cast(months_since as bigint) as months_since,
    country,
    buyer,
    customers,
    cast(transactions as bigint) as transactions,
    cast(revenue as decimal(38, 2)) as revenue
from counted
