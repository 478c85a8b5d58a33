-- One row per month (UTC unless timeZone is set) in which customers bought, their country and kind, and the months
-- before and after it in which the same customers bought: how many customers that is.
-- Left out: sales without a customer.

select
    month,
    previous_month,
    next_month,
    country,
    buyer,
    customers,
    with_one_transaction
from activity
where product is null
