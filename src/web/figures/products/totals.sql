-- What sold in the period, and in as many months before it.
-- One row. products counts the known ones; a price is the mean of the known amounts, before discount and shipping.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month,
        cast(:before_from as text) as before_from,
        cast(:before_to as text) as before_to,
        cast(:country as text) as country,
        cast(:product as text) as product
),

products as (
    select
        monthly_sales.product,
        chosen.from_month is null or monthly_sales.month between chosen.from_month and chosen.to_month as is_this,
        sum(monthly_sales.revenue) as revenue,
        sum(monthly_sales.transactions) as sales,
        sum(monthly_sales.goods) as goods,
        sum(monthly_sales.amounts_known) as amounts_known
    from monthly_sales
    cross join chosen
    where
        (chosen.from_month is null
            or monthly_sales.month between chosen.from_month and chosen.to_month
            or monthly_sales.month between chosen.before_from and chosen.before_to)
        and (chosen.country is null
            or (monthly_sales.country = chosen.country and monthly_sales.buyer = 'customer known'))
        and (chosen.product is null or monthly_sales.product = chosen.product)
    group by 1, 2
),

totals as (
    select
        coalesce(sum(revenue) filter (where is_this), 0.00) as revenue,
        coalesce(sum(sales) filter (where is_this), 0)::bigint as sales,
        count(*) filter (where is_this and product <> 'Unknown') as products,
        round(
            sum(goods) filter (where is_this) / nullif(sum(amounts_known) filter (where is_this), 0), 2
        ) as avg_price,
        coalesce(sum(revenue) filter (where not is_this), 0.00) as previous_revenue,
        coalesce(sum(sales) filter (where not is_this), 0)::bigint as previous_sales,
        count(*) filter (where not is_this and product <> 'Unknown') as previous_products,
        round(
            sum(goods) filter (where not is_this) / nullif(sum(amounts_known) filter (where not is_this), 0), 2
        ) as previous_avg_price
    from products
)

select
    totals.revenue,
    totals.sales,
    totals.products,
    totals.avg_price,
    case when chosen.before_from is not null then totals.previous_revenue end as previous_revenue,
    case when chosen.before_from is not null then totals.previous_sales end as previous_sales,
    case when chosen.before_from is not null then totals.previous_products end as previous_products,
    case when chosen.before_from is not null then totals.previous_avg_price end as previous_avg_price
from totals
cross join chosen
