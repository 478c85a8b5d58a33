-- Which countries bring in the most revenue in the period?
-- One row for each of the six best countries, and one, Unknown, for sales whose country nobody knows: that of the
-- customer is missing, the customer is not in customers, or the sale names none.
-- A share is of all revenue of the period.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month,
        cast(:country as text) as country,
        cast(:product as text) as product
),

-- All of them, or those of the product.
sales as (
    select month, country, buyer, revenue
    from country_sales
    where (select product from chosen) is null
    union all
    select month, country, buyer, revenue
    from monthly_sales
    where (select product from chosen) is not null and product = (select product from chosen)
),

countries as (
    select
        sales.country,
        sum(sales.revenue) as revenue
    from sales
    cross join chosen
    where
        (chosen.from_month is null or sales.month between chosen.from_month and chosen.to_month)
        and (chosen.country is null or (sales.country = chosen.country and sales.buyer = 'customer known'))
    group by sales.country
),

best as (
    select country, revenue
    from countries
    where country <> 'Unknown'
    order by revenue desc, country collate "C"
    limit 6
),

named as (
    select country, revenue from best
    union all
    select country, revenue from countries where country = 'Unknown'
)

select
    country,
    revenue,
    round(revenue * 100 / nullif((select sum(revenue) from countries), 0), 2) as share_pct
from named
order by (country = 'Unknown'), revenue desc, country collate "C"
