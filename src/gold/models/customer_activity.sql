-- One row per month (UTC) in which customers bought, their country and kind, and the months before and after it in
-- which the same customers bought: how many customers that is.
-- With the neighbours, the customers of any period can be counted without counting one twice: those of a row in the
-- period whose previous month is before it. A sale without a date stands before all months.
-- Left out: sales without a customer.

with purchases as (
    select
        customer_id,
        coalesce(substring(cast(cast(timestamp as date) as string), 1, 7), 'Unknown') as month,
        case when timestamp is null then 0 else year(timestamp) * 12 + month(timestamp) end as position,
        count(*) as transactions
    from transactions
    where customer_id is not null
    group by all
),

neighbours as (
    select
        *,
        lag(month) over (partition by customer_id order by position) as previous_month,
        lead(month) over (partition by customer_id order by position) as next_month
    from purchases
)

select
    neighbours.month,
    coalesce(neighbours.previous_month, 'None') as previous_month,
    coalesce(neighbours.next_month, 'None') as next_month,
    coalesce(customers.country, 'Unknown') as country,
    case when customers.customer_id is null then 'customer not in customers' else 'customer known' end as buyer,
    count(*) as customers,
    count(*) filter (where neighbours.transactions = 1) as with_one_transaction
from neighbours
left join customers on customers.customer_id = neighbours.customer_id
group by all
