-- What do these sales come to?
-- One row. An average is of the known ones, after discount and shipping; a price is before them. An order counts once,
-- however many transactions it has; an average order is of those with a known amount.

with :chosen(from_month, to_month, country, product),

:sales,

:spanning,

-- How often orders are in these rows once more.
again as (
    select
        coalesce(sum(spanning.places) - coalesce(sum(spanning.orders) filter (where :is_first(spanning)), 0), 0) as orders,
        coalesce(
            sum(spanning.places_with_amount) - coalesce(
                sum(spanning.orders_with_amount) filter (where :is_first(spanning, chosen, previous_amount_month)), 0
            ), 0
        ) as orders_with_amount
    from spanning
    cross join chosen
    where :in_period(spanning) and :of_country(spanning)
),

sums as (
    select
        coalesce(sum(sales.revenue), 0.00) as revenue,
        coalesce(sum(sales.transactions), 0)::bigint as transactions,
        coalesce(sum(sales.amounts_known), 0) as amounts_known,
        coalesce(sum(sales.goods), 0.00) as goods,
        coalesce(sum(sales.orders), 0) as orders,
        coalesce(sum(sales.orders_with_amount), 0) as orders_with_amount
    from sales
    cross join chosen
    where :in_period(sales) and :in_country(sales)
)

select
    sums.revenue,
    sums.transactions,
    round(sums.revenue / nullif(sums.amounts_known, 0), 2) as average,
    round(sums.goods / nullif(sums.amounts_known, 0), 2) as avg_price,
    (sums.orders - again.orders)::bigint as orders,
    round(sums.revenue / nullif(sums.orders_with_amount - again.orders_with_amount, 0), 2) as average_order_value
from sums
cross join again
