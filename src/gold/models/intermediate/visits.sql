-- One row per month in which customers bought, the months before and after it in which the same customers did, the first
-- of all, their country, and whether they are in customers: how many customers that is, and what they bought in it.
-- With the neighbours, the customers of any period can be counted without counting one twice: those of a row in the
-- period whose previous month is before it. Months, UTC unless timeZone is set, are numbered through; 0 stands for sales
-- without a date, before all months, and null where there is no such month.
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

neighbours as (
    select
        *,
        lag(month) over of_customer as previous_month,
        lead(month) over of_customer as next_month,
        min(nullif(month, 0)) over (of_customer rows between unbounded preceding and unbounded following) as first_month
    from purchases
    window of_customer as (partition by customer_id order by month)
)

select
    neighbours.month,
    neighbours.previous_month,
    neighbours.next_month,
    neighbours.first_month,
    customers.country,
    customers.customer_id is not null as is_known,
    count(*) as customers,
    count(*) filter (where neighbours.transactions = 1) as with_one_transaction,
    sum(neighbours.transactions) as transactions,
    sum(neighbours.revenue) as revenue
from neighbours
left join customers on customers.customer_id = neighbours.customer_id
group by all
