-- As visits, for each product by itself: one row per product, month in which customers bought it, the months before and
-- after it in which the same customers bought this product, their country, and whether they are in customers.
-- Left out: sales without a customer.

with purchases as (
    select
        customer_id,
        product,
        coalesce(year(timestamp) * 12 + month(timestamp), 0) as month,
        count(*) as transactions
    from transactions
    where customer_id is not null
    group by all
),

neighbours as (
    select
        *,
        lag(month) over of_product as previous_month,
        lead(month) over of_product as next_month
    from purchases
    window of_product as (partition by customer_id, product order by month)
)

select
    neighbours.product,
    neighbours.month,
    neighbours.previous_month,
    neighbours.next_month,
    customers.country,
    customers.customer_id is not null as is_known,
    count(*) as customers,
    count(*) filter (where neighbours.transactions = 1) as with_one_transaction
from neighbours
left join customers on customers.customer_id = neighbours.customer_id
group by all
