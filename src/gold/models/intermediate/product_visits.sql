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

-- How many sales of the product in a month are not the first of their order.
further as (
    select
        customer_id,
        product,
        coalesce(year(month) * 12 + month(month), 0) as month,
        cast(sum(transactions) - count(*) as bigint) as sales
    from order_lines
    where customer_id is not null
    group by all
    having sum(transactions) > count(*)
),

neighbours as (
    select
        purchases.*,
        purchases.transactions - coalesce(further.sales, 0) as orders,
        lag(purchases.month) over of_product as previous_month,
        lead(purchases.month) over of_product as next_month
    from purchases
    left join further
        on further.customer_id = purchases.customer_id
        and further.product = purchases.product
        and further.month = purchases.month
    window of_product as (partition by purchases.customer_id, purchases.product order by purchases.month)
)

select
    neighbours.product,
    neighbours.month,
    neighbours.previous_month,
    case when ongoing.month is null then neighbours.next_month else ongoing.next_month end as next_month,
    customers.country,
    customers.customer_id is not null as is_known,
    count(*) as customers,
    count(*) filter (where neighbours.orders = 1) as with_one_order
from neighbours
left join ongoing_orders as ongoing
    on ongoing.product = neighbours.product
    and ongoing.customer_id = neighbours.customer_id
    and ongoing.month = neighbours.month
left join customers on customers.customer_id = neighbours.customer_id
group by all
