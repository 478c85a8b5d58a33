-- How do the products sell, month by month?
-- One row per month of the period and product with a sale: the eight best products of the period and Unknown by name,
-- the others as "Other products". Left out: sales without a date.

with :chosen(from_month, to_month, country, product),

sales as not materialized (
    select monthly_sales.*
    from monthly_sales
    cross join chosen
    where
        monthly_sales.month <> 'Unknown'
        and :in_period(monthly_sales)
        and :in_country(monthly_sales)
        and (chosen.product is null or monthly_sales.product = chosen.product)
),

undated as (
    select product, sum(revenue) as revenue, sum(transactions) as transactions
    from monthly_sales
    where month = 'Unknown' and (select from_month is null and country is null from chosen)
    group by product
),

-- What all countries brought in over all time is known of each product.
revenues as (
    select
        performance.product,
        performance.total_revenue - coalesce(undated.revenue, 0) as revenue
    from product_performance as performance
    cross join chosen
    left join undated on undated.product = performance.product
    where
        (select from_month is null and country is null from chosen)
        and (chosen.product is null or performance.product = chosen.product)
        and performance.total_sales > coalesce(undated.transactions, 0)
    union all
    select
        product,
        sum(revenue)
    from sales
    where (select from_month is not null or country is not null from chosen)
    group by product
),

best as (
    select product
    from revenues
    where product <> 'Unknown'
    order by revenue desc, product collate "C"
    limit 8
),

named as materialized (
    select
        month,
        product,
        sum(revenue) as revenue,
        sum(transactions) as transactions,
        sum(goods) as goods,
        sum(amounts_known) as amounts_known
    from sales
    where product = 'Unknown' or product in (select product from best)
    group by month, product
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
