-- The months of customers of whom an order goes on in another month, and the next month in which they bought in another
-- order, null where there is none: one row per customer and month, and, of sales of one product alone, per product, which
-- is null in the others. Months are numbered as in visits.
-- Left out: everybody else, whose next month is that of another order.

with parts as (
    select customer_id, null as product, order_id, month from order_lines where customer_id is not null
    union all
    select customer_id, product, order_id, month from order_lines where customer_id is not null
),

going_on as (
    select distinct customer_id, product
    from parts
    group by customer_id, product, order_id
    having count(distinct coalesce(month, date '0001-01-01')) > 1
),

months as (
    select
        going_on.customer_id,
        going_on.product,
        coalesce(year(sales.timestamp) * 12 + month(sales.timestamp), 0) as month,
        count(distinct sales.order_id) + count(*) filter (where sales.order_id is null) as orders,
        min(sales.order_id) as order_id
    from transactions as sales
    inner join going_on
        on going_on.customer_id = sales.customer_id
        and (going_on.product is null or going_on.product = sales.product)
    group by all
),

compared as (
    select
        *,
        coalesce(
            orders > 1 or lag(orders) over earlier > 1 or order_id <> lag(order_id) over earlier,
            true
        ) as is_another
    from months
    window earlier as (partition by customer_id, product order by month)
)

select
    customer_id,
    product,
    month,
    min(case when is_another then month end) over (
        partition by customer_id, product order by month rows between 1 following and unbounded following
    ) as next_month
from compared
