-- One row per status of sales, month (UTC unless timeZone is set; null where they have no date), product, country and
-- kind of buyer. Nothing is left out: sales that a setting leaves out have rows of their own.

with counted as (
    select
        sales.status,
        sales.is_left_out,
        cast(date_trunc('month', sales.timestamp) as date) as month,
        sales.product,
        customers.country,
        sales.customer_id is not null as has_customer,
        customers.customer_id is not null as is_known,
        count(*) as transactions,
        count(sales.total_amount) as amounts_known,
        coalesce(sum(sales.total_amount), 0) as revenue,
        count(sales.amount) as prices_known,
        coalesce(sum(sales.amount), 0) as goods
    from (select *, false as is_left_out from transactions union all select *, true from left_out) as sales
    left join customers on customers.customer_id = sales.customer_id
    group by all
)

select
    * exclude (country, has_customer, is_known),
    coalesce(country, 'Unknown') as country,
    kind_of_buyer(has_customer, is_known) as buyer
from counted
