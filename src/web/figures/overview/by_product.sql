-- Which products bring in the most revenue in the period?
-- One row for each of the six best products, and one for sales whose product is unknown.
-- A share is of all revenue of the period.

with chosen as (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month,
        cast(:country as text) as country,
        cast(:product as text) as product
),

products as (
    select
        monthly_sales.product,
        sum(monthly_sales.revenue) as revenue,
        sum(sum(monthly_sales.revenue)) over () as total,
        row_number() over (
            order by (monthly_sales.product = 'Unknown'), sum(monthly_sales.revenue) desc, monthly_sales.product collate "C"
        ) as rank
    from monthly_sales
    cross join chosen
    where
        (chosen.from_month is null or monthly_sales.month between chosen.from_month and chosen.to_month)
        and (chosen.country is null
            or (monthly_sales.country = chosen.country and monthly_sales.buyer = 'customer known'))
        and (chosen.product is null or monthly_sales.product = chosen.product)
    group by monthly_sales.product
)

select
    product,
    revenue,
    round(revenue * 100 / nullif(total, 0), 2) as share_pct
from products
where rank <= 6 or product = 'Unknown'
order by rank
