-- One row per product. Sales whose product is missing make up the row Unknown.

with products as (
    select
        product,
        sum(transactions) as transactions,
        sum(revenue) as revenue,
        sum(goods) as goods,
        sum(prices_known) as prices_known
    from sold
    where not is_left_out
    group by product
),

-- A customer of a product has one row without a month before.
customers as (
    select
        product,
        sum(customers) as customers
    from product_activity
    where previous_month = 'None'
    group by product
)

select
    products.product,
    cast(products.transactions as bigint) as total_sales,
    cast(products.revenue as decimal(38, 2)) as total_revenue,
    average_money(products.goods, products.prices_known) as avg_price,
    cast(coalesce(customers.customers, 0) as bigint) as unique_customers
from products
left join customers on customers.product = products.product
