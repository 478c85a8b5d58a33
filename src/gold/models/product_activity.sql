-- As customer_activity, for each product by itself: one row per product, month (UTC unless timeZone is set) in which
-- customers bought it, their country and kind, and the months before and after it in which the same customers bought
-- this product.
-- Left out: sales without a customer.

select
    product,
    month,
    previous_month,
    next_month,
    country,
    buyer,
    customers,
    with_one_transaction
from activity
where product is not null
