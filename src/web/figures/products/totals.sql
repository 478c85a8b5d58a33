-- What sold in the period, and in as many months before it.
-- One row. products counts the known ones; a price is the mean of the known amounts, before discount and shipping.

with chosen as (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month,
        cast(:before_from as text) as before_from,
        cast(:before_to as text) as before_to,
        cast(:country as text) as country,
        cast(:product as text) as product
),

periods as (
    select 'this' as period, from_month, to_month, country, product from chosen
    union all
    select 'previous', before_from, before_to, country, product from chosen where before_from is not null
),

totals as (
    select
        periods.period,
        coalesce(sum(monthly_sales.revenue), 0.00) as revenue,
        coalesce(sum(monthly_sales.transactions), 0)::bigint as sales,
        count(distinct monthly_sales.product) filter (where monthly_sales.product <> 'Unknown') as products,
        round(sum(monthly_sales.goods) / nullif(sum(monthly_sales.amounts_known), 0), 2) as avg_price
    from periods
    left join monthly_sales
        on (periods.from_month is null or monthly_sales.month between periods.from_month and periods.to_month)
        and (periods.country is null
            or (monthly_sales.country = periods.country and monthly_sales.buyer = 'customer known'))
        and (periods.product is null or monthly_sales.product = periods.product)
    group by periods.period
)

select
    this.revenue,
    this.sales,
    this.products,
    this.avg_price,
    previous.revenue as previous_revenue,
    previous.sales as previous_sales,
    previous.products as previous_products,
    previous.avg_price as previous_avg_price
from totals as this
left join totals as previous on previous.period = 'previous'
where this.period = 'this'
