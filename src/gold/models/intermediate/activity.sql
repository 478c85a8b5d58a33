-- One row per product, month (UTC) in which customers bought it, their country and kind, and the months before and
-- after it in which the same customers bought this product: how many customers that is. No product stands for any.
-- With the neighbours, the customers of any period can be counted without counting one twice: those of a row in the
-- period whose previous month is before it. A sale without a date stands before all months.
-- Left out: sales without a customer.

with purchases as (
    select
        product,
        customer_id,
        cast(date_trunc('month', timestamp) as date) as month,
        count(*) as transactions
    from (
        select product, customer_id, timestamp from transactions
        union all
        select cast(null as string), customer_id, timestamp from transactions
    ) as sales
    where customer_id is not null
    group by all
),

neighbours as (
    select
        *,
        row_number() over (partition by customer_id, product order by month nulls first) = 1 as is_first,
        lag(month) over (partition by customer_id, product order by month nulls first) as previous_month,
        lead(month) over (partition by customer_id, product order by month nulls first) as next_month
    from purchases
),

-- By whether a customer is known, which is quicker than by what that is called.
counted as (
    select
        neighbours.product,
        neighbours.month,
        neighbours.is_first,
        neighbours.previous_month,
        neighbours.next_month,
        customers.country,
        customers.customer_id is not null as is_known,
        count(*) as customers,
        count(*) filter (where neighbours.transactions = 1) as with_one_transaction
    from neighbours
    left join customers on customers.customer_id = neighbours.customer_id
    group by all
)

select
    product,
    coalesce(substring(cast(month as string), 1, 7), 'Unknown') as month,
    case
        when is_first then 'None'
        else coalesce(substring(cast(previous_month as string), 1, 7), 'Unknown')
    end as previous_month,
    coalesce(substring(cast(next_month as string), 1, 7), 'None') as next_month,
    coalesce(country, 'Unknown') as country,
    case when is_known then 'customer known' else 'customer not in customers' end as buyer,
    customers,
    with_one_transaction
from counted
