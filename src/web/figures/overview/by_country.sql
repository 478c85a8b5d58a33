-- Which countries bring in the most revenue in the period?
-- One row for each of the six best countries, and one, Unknown, for sales whose country nobody knows: that of the
-- customer is missing, the customer is not in customers, or the sale names none.
-- A share is of all revenue of the period.

with :chosen(from_month, to_month, country, product),

:sales,

countries as (
    select
        sales.country,
        sum(sales.revenue) as revenue
    from sales
    cross join chosen
    where :in_period(sales) and :in_country(sales)
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
