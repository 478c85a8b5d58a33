-- What do the countries bring in, month by month?
-- One row per month of the period and country with a sale: the eight best countries of the period and Unknown by name,
-- the others as "Other countries"; sales of nobody known as "customer not in customers" and "no customer".
-- Left out: sales without a date.

with :chosen(from_month, to_month, product),

:sales,

dated as (
    select sales.month, sales.country, sales.buyer, sales.revenue
    from sales
    cross join chosen
    where
        sales.month <> 'Unknown'
        and :in_period(sales)
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
