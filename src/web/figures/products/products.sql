-- How does each product sell in the period?
-- One row per product that sold in it or in the period that it is compared with, the best first; Unknown is last.
-- A share is of all revenue of the period and country; a customer of a product counts once.

with :chosen(from_month, to_month, before_from, before_to, country, product),

:each_product,

:shown,

sales as (
    select
        monthly_sales.product,
        coalesce(sum(monthly_sales.transactions) filter (where is_this), 0)::bigint as sales,
        round(
            sum(monthly_sales.goods) filter (where is_this)
            / nullif(sum(monthly_sales.amounts_known) filter (where is_this), 0), 2
        ) as avg_price,
        coalesce(sum(monthly_sales.revenue) filter (where is_before), 0.00) as revenue_before
    from monthly_sales
    cross join chosen
    cross join lateral (
        select
            :in_period(monthly_sales) as is_this,
            :is_before(monthly_sales) as is_before
    ) as side
    where
        monthly_sales.product in (select product from shown)
        and (is_this or is_before)
        and :in_country(monthly_sales)
    group by monthly_sales.product
),

-- Of the customers of a product the rows of their first month of the period.
buyers as (
    select
        product_activity.product,
        sum(product_activity.customers)::bigint as customers
    from product_activity
    cross join chosen
    where
        product_activity.product in (select product from shown)
        and :is_first(product_activity)
        and :in_country(product_activity)
    group by product_activity.product
),

-- A share is of all products, also where one is chosen.
total as (
    select sum(country_sales.revenue) as revenue
    from country_sales
    cross join chosen
    where :in_period(country_sales) and :in_country(country_sales)
)

select
    shown.product,
    shown.revenue,
    round(shown.revenue * 100 / nullif(total.revenue, 0), 2) as share_pct,
    sales.sales,
    sales.avg_price,
    coalesce(buyers.customers, 0) as customers,
    case when chosen.before_from is not null then sales.revenue_before end as previous_revenue,
    case
        when chosen.before_from is not null
            then round((shown.revenue - sales.revenue_before) * 100 / nullif(abs(sales.revenue_before), 0), 1)
    end as change_pct
from shown
cross join chosen
cross join total
inner join sales on sales.product = shown.product
left join buyers on buyers.product = shown.product
order by (shown.product = 'Unknown'), shown.revenue desc, shown.product collate "C"
