-- Which product brings in the most revenue?
-- By total_revenue; a share is of all revenue. Beneath the ranking: sales whose product is unknown.

with total as (
    select sum(total_revenue) as revenue from product_performance
)

select
    case when product <> 'Unknown' then row_number() over (
        order by (product = 'Unknown'), total_revenue desc, product
    ) end as rank,
    product,
    total_revenue,
    round(total_revenue * 100 / nullif((select revenue from total), 0), 2) as share_pct,
    total_sales,
    avg_price,
    unique_customers
from product_performance
order by (product = 'Unknown'), total_revenue desc, product
