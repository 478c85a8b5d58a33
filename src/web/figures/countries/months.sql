-- What do the countries bring in, month by month?
-- One row per month of the period and country with a sale in it, or in the month in the same place of the period that this
-- one is compared with, of which previous_revenue is: the eight best countries of the period and Unknown by name, the
-- others as "Other countries"; sales of nobody known as "customer not in customers" and "no customer".
-- Left out: sales without a date.

with :chosen(from_month, to_month, before_from, before_to, product),

:sales,

:sides,

dated as (
    select
        sides.month,
        sides.is_this,
        sales.country,
        sales.buyer,
        sales.revenue
    from sales
    inner join sides on sides.sold_in = sales.month
),

best as (
    select country
    from dated
    where country <> 'Unknown' and is_this
    group by country
    order by sum(revenue) desc, country collate "C"
    limit 8
),

named as (
    select
        month,
        is_this,
        case
            when buyer <> 'customer known' then buyer
            when country = 'Unknown' or country in (select country from best) then country
            else 'Other countries'
        end as country,
        revenue
    from dated
)

select
    named.month,
    named.country,
    coalesce(sum(named.revenue) filter (where named.is_this), 0.00) as revenue,
    case
        when chosen.before_from is not null
            then coalesce(sum(named.revenue) filter (where not named.is_this), 0.00)
    end as previous_revenue
from named
cross join chosen
group by named.month, named.country, chosen.before_from
order by named.month, named.country collate "C"
