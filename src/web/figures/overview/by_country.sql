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

countries as (
    select
        monthly_sales.country,
        sum(monthly_sales.revenue) as revenue
    from monthly_sales
    cross join chosen
    where
        (chosen.from_month is null or monthly_sales.month between chosen.from_month and chosen.to_month)
        and (chosen.country is null
            or (monthly_sales.country = chosen.country and monthly_sales.buyer = 'customer known'))
        and (chosen.product is null or monthly_sales.product = chosen.product)
    group by monthly_sales.country
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
