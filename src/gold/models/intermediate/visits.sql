-- One row per month in which customers bought, the months before and after it in which the same customers did, the first
-- of all, their country, and whether they are in customers: how many customers that is, and what they bought in it.
-- With the neighbours, the customers of any period can be counted without counting one twice: those of a row in the
-- period whose previous month is before it. The next month is that of another order: an order may go on in several.
-- Months, UTC unless timeZone is set, are numbered through; 0 stands for sales without a date, before all months, and
-- null where there is no such month.
-- Left out: sales without a customer.

with purchases as (
    select
        customer_id,
        coalesce(year(timestamp) * 12 + month(timestamp), 0) as month,
        count(*) as transactions,
        coalesce(sum(total_amount), 0) as revenue
    from transactions
    where customer_id is not null
    group by all
),

-- How many sales of a month are not the first of their order.
further as (
    select
        customer_id,
        coalesce(year(month) * 12 + month(month), 0) as month,
        cast(sum(transactions) - count(distinct order_id) as bigint) as sales
    from order_lines
    where customer_id is not null
    group by all
),

neighbours as (
    select
        purchases.*,
        purchases.transactions - coalesce(further.sales, 0) as orders,
        lag(purchases.month) over of_customer as previous_month,
        lead(purchases.month) over of_customer as next_month,
        min(nullif(purchases.month, 0)) over (
            of_customer rows between unbounded preceding and unbounded following
        ) as first_month
    from purchases
    left join further on further.customer_id = purchases.customer_id and further.month = purchases.month
    window of_customer as (partition by purchases.customer_id order by purchases.month)
)

select
    neighbours.month,
    neighbours.previous_month,
    case when ongoing.month is null then neighbours.next_month else ongoing.next_month end as next_month,
    neighbours.first_month,
    customers.country,
    customers.customer_id is not null as is_known,
    count(*) as customers,
    count(*) filter (where neighbours.orders = 1) as with_one_order,
    sum(neighbours.transactions) as transactions,
    sum(neighbours.orders) as orders,
    sum(neighbours.revenue) as revenue
from neighbours
left join ongoing_orders as ongoing
    on ongoing.product is null
    and ongoing.customer_id = neighbours.customer_id
    and ongoing.month = neighbours.month
left join customers on customers.customer_id = neighbours.customer_id
group by all
