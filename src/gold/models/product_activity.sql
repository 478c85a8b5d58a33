-- As customer_activity, for each product by itself: one row per product, month (UTC unless timeZone is set) in which
-- customers bought it, their country and kind, and the months before and after it in which the same customers bought
-- this product.
-- Left out: sales without a customer.

with counted as (
    select
        product,
        month,
        previous_month,
        next_month,
        country,
        is_known,
        sum(customers) as customers,
        sum(with_one_order) as with_one_order
    from product_visits
    group by all
)

select
    product,
    month_name(month) as month,
    coalesce(month_name(previous_month), 'None') as previous_month,
    coalesce(month_name(next_month), 'None') as next_month,
    coalesce(country, 'Unknown') as country,
    case when is_known then 'customer known' else 'customer not in customers' end as buyer,
    cast(customers as bigint) as customers,
    cast(with_one_order as bigint) as with_one_order
from counted
