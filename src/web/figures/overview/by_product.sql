-- Which products bring in the most revenue in the period?
-- One row for each of the six best products, and one for sales whose product is unknown.
-- A share is of all revenue of the period; previous_revenue is of the period that it is compared with.

with :chosen(from_month, to_month, before_from, before_to, country, product),

-- What all countries brought in over all time is known of each product.
products as (
    select
        product,
        total_revenue as revenue,
        null as previous_revenue
    from product_performance
    where
        (select from_month is null and country is null from chosen)
        and ((select product from chosen) is null or product = (select product from chosen))
    union all
    select
        monthly_sales.product,
        sum(monthly_sales.revenue) filter (where :in_period(monthly_sales)),
        sum(monthly_sales.revenue) filter (where :is_before(monthly_sales))
    from monthly_sales
    cross join chosen
    where
        (select from_month is not null or country is not null from chosen)
        and (:in_period(monthly_sales) or :is_before(monthly_sales))
        and :in_country(monthly_sales)
        and (chosen.product is null or monthly_sales.product = chosen.product)
    group by monthly_sales.product
),

best as (
    select *
    from products
    where product <> 'Unknown' and revenue is not null
    order by revenue desc, product collate "C"
    limit 6
),

named as (
    select * from best
    union all
    select * from products where product = 'Unknown' and revenue is not null
)

select
    product,
    revenue,
    round(revenue * 100 / nullif((select sum(revenue) from products), 0), 2) as share_pct,
    case when (select before_from from chosen) is not null then coalesce(previous_revenue, 0.00) end as previous_revenue
from named
order by (product = 'Unknown'), revenue desc, product collate "C"
