-- How does each product sell in the period?
-- One row per product that sold in it or in as many months before it, the best first; Unknown is last.
-- A share is of all revenue of the period and country, a change on the months before; a customer of a product counts once.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month,
        cast(:before_from as text) as before_from,
        cast(:before_to as text) as before_to,
        cast(:country as text) as country,
        cast(:product as text) as product
),

sales as (
    select
        monthly_sales.*,
        chosen.from_month is null or monthly_sales.month between chosen.from_month and chosen.to_month as is_now,
        coalesce(monthly_sales.month between chosen.before_from and chosen.before_to, false) as is_before
    from monthly_sales
    cross join chosen
    where
        (chosen.country is null
            or (monthly_sales.country = chosen.country and monthly_sales.buyer = 'customer known'))
),

products as (
    select
        product,
        coalesce(sum(revenue) filter (where is_now), 0.00) as revenue,
        coalesce(sum(transactions) filter (where is_now), 0)::bigint as sales,
        round(
            sum(goods) filter (where is_now) / nullif(sum(amounts_known) filter (where is_now), 0), 2
        ) as avg_price,
        coalesce(sum(revenue) filter (where is_before), 0.00) as revenue_before
    from sales
    where is_now or is_before
    group by product
),

-- Of the customers of a product the rows of their first month of the period.
buyers as (
    select
        product_activity.product,
        sum(product_activity.customers)::bigint as customers
    from product_activity
    cross join chosen
    where
        case
            when chosen.from_month is null then product_activity.previous_month = 'None'
            else product_activity.month between chosen.from_month and chosen.to_month
                and (product_activity.previous_month in ('None', 'Unknown')
                    or product_activity.previous_month < chosen.from_month)
        end
        and (chosen.country is null
            or (product_activity.country = chosen.country and product_activity.buyer = 'customer known'))
    group by product_activity.product
),

-- A share is of all products, also where one is chosen.
total as (
    select sum(revenue) as revenue from products
)

select
    products.product,
    products.revenue,
    round(products.revenue * 100 / nullif(total.revenue, 0), 2) as share_pct,
    products.sales,
    products.avg_price,
    coalesce(buyers.customers, 0) as customers,
    case when chosen.before_from is not null then products.revenue_before end as previous_revenue,
    case
        when chosen.before_from is not null
            then round((products.revenue - revenue_before) * 100 / nullif(abs(revenue_before), 0), 1)
    end as change_pct
from products
cross join chosen
cross join total
left join buyers on products.product = buyers.product
where chosen.product is null or products.product = chosen.product
order by (products.product = 'Unknown'), products.revenue desc, products.product collate "C"
