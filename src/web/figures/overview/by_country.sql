-- Which countries bring in the most revenue in the period?
-- One row for each of the six best countries, and one, Unknown, for sales whose country nobody knows: that of the
-- customer is missing, the customer is not in customers, or the sale names none.
-- A share is of all revenue of the period; previous_revenue is of the period that it is compared with.

with :chosen(from_month, to_month, before_from, before_to, country, product),

:sales,

countries as (
    select
        sales.country,
        sum(sales.revenue) filter (where :in_period(sales)) as revenue,
        sum(sales.revenue) filter (where :is_before(sales)) as previous_revenue
    from sales
    cross join chosen
    where :in_country(sales)
    group by sales.country
),

best as (
    select *
    from countries
    where country <> 'Unknown' and revenue is not null
    order by revenue desc, country collate "C"
    limit 6
),

named as (
    select * from best
    union all
    select * from countries where country = 'Unknown' and revenue is not null
)

select
    country,
    revenue,
    round(revenue * 100 / nullif((select sum(revenue) from countries), 0), 2) as share_pct,
    case when (select before_from from chosen) is not null then coalesce(previous_revenue, 0.00) end as previous_revenue
from named
order by (country = 'Unknown'), revenue desc, country collate "C"
