-- Which product brings in the most revenue?
-- By total_revenue; a share is of all revenue. Beneath the ranking: sales whose product is unknown.

with ranked as (
    select
        product,
        case when product <> 'Unknown' then row_number() over (
            order by (product = 'Unknown'), total_revenue desc, product
        ) end as rank,
        total_sales,
        total_revenue,
        avg_price,
        unique_customers
    from product_performance
)

select
    rank,
    product,
    total_revenue,
    round(total_revenue * 100 / nullif(sum(total_revenue) over (), 0), 2) as share_pct,
    total_sales,
    avg_price,
    unique_customers
from ranked
order by rank nulls last
