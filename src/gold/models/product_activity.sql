-- As customer_activity, for each product by itself: one row per product, month (UTC) in which customers bought it, their
-- country and kind, and the months before and after it in which the same customers bought this product.
-- Left out: sales without a customer.

with purchases as (
    select
        product,
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
        lag(month) over (partition by customer_id, product order by position) as previous_month,
        lead(month) over (partition by customer_id, product order by position) as next_month
    from purchases
)

select
    neighbours.product,
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
