-- How do the products sell, month by month?
-- One row per month of the period and product with a sale: the eight best products of the period and Unknown by name,
-- the others as "Other products". Left out: sales without a date.

with :chosen(from_month, to_month, before_from, before_to, country, product),

:each_product,

:best,

named as materialized (
    select
        monthly_sales.month,
        monthly_sales.product,
        sum(monthly_sales.revenue) as revenue,
        sum(monthly_sales.transactions) as transactions,
        sum(monthly_sales.goods) as goods,
        sum(monthly_sales.amounts_known) as amounts_known
    from monthly_sales
    cross join chosen
    where
        monthly_sales.month <> 'Unknown'
        and :in_period(monthly_sales)
        and :in_country(monthly_sales)
        and (chosen.product is null or monthly_sales.product = chosen.product)
        and (monthly_sales.product = 'Unknown' or monthly_sales.product in (select product from best))
    group by monthly_sales.month, monthly_sales.product
),

-- What there is beside them: all of a month, less those by name.
others as (
    select
        country_sales.month,
        country_sales.revenue,
        country_sales.transactions,
        country_sales.goods,
        country_sales.amounts_known
    from country_sales
    cross join chosen
    where
        chosen.product is null
        and country_sales.month <> 'Unknown'
        and :in_period(country_sales)
        and :in_country(country_sales)
    union all
    select named.month, -named.revenue, -named.transactions, -named.goods, -named.amounts_known
    from named
    cross join chosen
    where chosen.product is null
),

parts as (
    select * from named
    union all
    select month, 'Other products', sum(revenue), sum(transactions), sum(goods), sum(amounts_known)
    from others
    group by month
    having sum(transactions) > 0
)

select
    month,
    product,
    sum(revenue) as revenue,
    sum(transactions)::bigint as transactions,
    round(sum(goods) / nullif(sum(amounts_known), 0), 2) as avg_price
from parts
group by month, product
order by month, product collate "C"
