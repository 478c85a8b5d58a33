-- One row per product. Sales whose product is missing make up the row Unknown.

select
    product,
    count(*) as total_sales,
    cast(coalesce(sum(total_amount), 0) as decimal(38, 2)) as total_revenue,
    average_money(sum(amount), count(amount)) as avg_price,
    count(distinct customer_id) as unique_customers
from transactions
group by product
