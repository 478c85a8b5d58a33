-- One row per sale, those left out as well: what it is, and whose.

select
    sales.status,
    sales.product,
    sales.timestamp,
    sales.amount,
    sales.total_amount,
    sales.is_left_out,
    coalesce(customers.country, 'Unknown') as country,
    case
        when sales.customer_id is null then 'no customer'
        when customers.customer_id is null then 'customer not in customers'
        else 'customer known'
    end as buyer
from (select *, false as is_left_out from transactions union all select *, true from left_out) as sales
left join customers on customers.customer_id = sales.customer_id
