-- Orders that stand in several rows of country_sales (product is empty) or of the product's rows of monthly_sales: of any
-- buyers (country is empty), and of each country and kind of buyer by itself. One row per such a choice, month (UTC
-- unless timeZone is set) in which they stand there, the last month before it in which they do, and the last one before
-- it with a known amount.
-- With it the orders of any period count once: the orders of its rows, less the places of the rows here that are in it,
-- and with the orders of those of which the month before is not.
-- Left out: orders that stand in one row alone.

with lines as (
    select
        order_id,
        product,
        coalesce(year(month) * 12 + month(month), 0) as month,
        country,
        buyer,
        amounts_known > 0 as has_amount
    from order_lines
),

spanning as (
    select order_id
    from lines
    group by order_id
    having min(month) <> max(month) or min(country) <> max(country) or min(buyer) <> max(buyer)
),

places as (
    select order_id, '' as product, month, country, buyer, bool_or(has_amount) as has_amount
    from lines
    where order_id in (select order_id from spanning)
    group by order_id, month, country, buyer
    union all
    select order_id, product, month, country, buyer, bool_or(has_amount)
    from lines
    where order_id in (select order_id from spanning)
    group by order_id, product, month, country, buyer
),

months as (
    select
        order_id,
        product,
        month,
        '' as country,
        'anybody' as buyer,
        count(*) as places,
        count(*) filter (where has_amount) as places_with_amount
    from places
    group by order_id, product, month
    union all
    select order_id, product, month, country, buyer, 1, cast(has_amount as bigint)
    from places
),

neighbours as (
    select
        *,
        lag(month) over earlier as previous_month,
        max(case when places_with_amount > 0 then month end) over (
            earlier rows between unbounded preceding and 1 preceding
        ) as previous_amount_month,
        sum(places) over (partition by order_id, product, country, buyer) as all_places
    from months
    window earlier as (partition by order_id, product, country, buyer order by month)
)

select
    product,
    country,
    buyer,
    month_name(month) as month,
    coalesce(month_name(previous_month), 'None') as previous_month,
    coalesce(month_name(previous_amount_month), 'None') as previous_amount_month,
    count(*) as orders,
    count(*) filter (where places_with_amount > 0) as orders_with_amount,
    cast(sum(places) as bigint) as places,
    cast(sum(places_with_amount) as bigint) as places_with_amount
from neighbours
where all_places > 1
group by
    product, country, buyer, neighbours.month, neighbours.previous_month, neighbours.previous_amount_month
