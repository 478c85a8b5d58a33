-- What do the countries bring in, month by month?
-- One row per month of the period and country with a sale: the eight best countries of the period and Unknown by name,
-- the others as "Other countries"; sales of nobody known as "customer not in customers" and "no customer".
-- Left out: sales without a date.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month,
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

dated as (
    select sales.*
    from sales
    cross join chosen
    where
        sales.month <> 'Unknown'
        and (chosen.from_month is null or sales.month between chosen.from_month and chosen.to_month)
),

best as (
    select country
    from dated
    where country <> 'Unknown'
    group by country
    order by sum(revenue) desc, country collate "C"
    limit 8
),

named as (
    select
        month,
        case
            when buyer <> 'customer known' then buyer
            when country = 'Unknown' or country in (select country from best) then country
            else 'Other countries'
        end as country,
        revenue
    from dated
)

select
    month,
    country,
    sum(revenue) as revenue
from named
group by month, country
order by month, country collate "C"
