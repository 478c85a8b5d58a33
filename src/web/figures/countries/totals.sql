-- What is all revenue, and how much of it belongs to a known country?
-- One row; all time includes sales without a date. no_country_revenue is that of customers whose country is unknown,
-- and of sales whose customer is not known; the two sums add up to revenue. An order counts once.

with :chosen(from_month, to_month, product),

:sales,

sold as (
    select
        sales.revenue,
        sales.orders,
        sales.buyer = 'customer known' and sales.country <> 'Unknown' as is_of_country
    from sales
    cross join chosen
    where :in_period(sales)
),

:spanning,

-- How often orders are in these rows once more.
again as (
    select sum(spanning.places) - coalesce(sum(spanning.orders) filter (where :is_first(spanning)), 0) as orders
    from spanning
    cross join chosen
    where :in_period(spanning) and spanning.buyer = 'anybody'
)

select
    coalesce(sum(revenue), 0.00) as revenue,
    coalesce(sum(revenue) filter (where is_of_country), 0.00) as country_revenue,
    coalesce(sum(revenue) filter (where not is_of_country), 0.00) as no_country_revenue,
    round(sum(revenue) filter (where not is_of_country) * 100 / nullif(sum(revenue), 0), 2) as no_country_pct,
    (coalesce(sum(orders), 0) - coalesce((select orders from again), 0))::bigint as orders
from sold
