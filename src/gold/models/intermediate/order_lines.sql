-- One row per order, customer, product and month (UTC unless timeZone is set; null where they have no date) of sales
-- that belong to an order, with the country and kind of the buyer: an order may be of several of each.
-- Left out: sales without an order_id, of which each is an order of its own.

with lines as (
    select
        order_id,
        customer_id,
        product,
        cast(date_trunc('month', timestamp) as date) as month,
        count(*) as transactions,
        count(total_amount) as amounts_known
    from transactions
    where order_id is not null
    group by all
)

select
    lines.*,
    coalesce(customers.country, 'Unknown') as country,
    kind_of_buyer(lines.customer_id is not null, customers.customer_id is not null) as buyer
from lines
left join customers on customers.customer_id = lines.customer_id
