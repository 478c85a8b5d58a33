-- What sold in the period, and in the one that it is compared with?
-- One row. products counts the known ones; a price is the mean of the known amounts, before discount and shipping.

with :chosen(from_month, to_month, before_from, before_to, country, product),

:sales,

sold as (
    select
        sales.*,
        :in_period(sales) as is_this,
        :is_before(sales) as is_previous
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

:each_product,

:counted

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
