-- What sold in the period, and in as many months before it.
-- One row. products counts the known ones; a price is the mean of the known amounts, before discount and shipping.

with :chosen(from_month, to_month, before_from, before_to, country, product),

:sales,

sold as (
    select
        sales.*,
        :in_period(sales) as is_this,
        coalesce(sales.month between chosen.before_from and chosen.before_to, false) as is_previous
    from sales
    cross join chosen
    where :in_country(sales)
),

totals as (
    select
        coalesce(sum(revenue) filter (where is_this), 0.00) as revenue,
        coalesce(sum(transactions) filter (where is_this), 0)::bigint as sales,
        round(
            sum(goods) filter (where is_this) / nullif(sum(amounts_known) filter (where is_this), 0), 2
        ) as avg_price,
        coalesce(sum(revenue) filter (where is_previous), 0.00) as previous_revenue,
        coalesce(sum(transactions) filter (where is_previous), 0)::bigint as previous_sales,
        round(
            sum(goods) filter (where is_previous) / nullif(sum(amounts_known) filter (where is_previous), 0), 2
        ) as previous_avg_price
    from sold
),

-- What sold in all countries over all time is known.
products as (
    select
        true as is_this,
        false as is_previous
    from product_performance
    cross join chosen
    where
        chosen.from_month is null
        and chosen.country is null
        and product_performance.product <> 'Unknown'
        and (chosen.product is null or product_performance.product = chosen.product)
    union all
    select
        bool_or(:in_period(monthly_sales)),
        coalesce(bool_or(monthly_sales.month between chosen.before_from and chosen.before_to), false)
    from monthly_sales
    cross join chosen
    where
        (select from_month is not null or country is not null from chosen)
        and (chosen.from_month is null
            or monthly_sales.month between chosen.from_month and chosen.to_month
            or monthly_sales.month between chosen.before_from and chosen.before_to)
        and :in_country(monthly_sales)
        and monthly_sales.product <> 'Unknown'
        and (chosen.product is null or monthly_sales.product = chosen.product)
    group by monthly_sales.product
),

counted as (
    select
        count(*) filter (where is_this) as products,
        count(*) filter (where is_previous) as previous_products
    from products
)

select
    totals.revenue,
    totals.sales,
    counted.products,
    totals.avg_price,
    case when chosen.before_from is not null then totals.previous_revenue end as previous_revenue,
    case when chosen.before_from is not null then totals.previous_sales end as previous_sales,
    case when chosen.before_from is not null then counted.previous_products end as previous_products,
    case when chosen.before_from is not null then totals.previous_avg_price end as previous_avg_price
from totals
cross join counted
cross join chosen
