-- What is all revenue, and how much of it belongs to a known country?
-- One row; all time includes sales without a date. no_country_revenue is that of customers whose country is unknown,
-- and of sales whose customer is not known; the two sums add up to revenue.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month,
        cast(:product as text) as product
),

-- All of them, or those of the product.
sales as (
    select month, country, buyer, transactions, revenue
    from country_sales
    where (select product from chosen) is null
    union all
    select month, country, buyer, transactions, revenue
    from monthly_sales
    where (select product from chosen) is not null and product = (select product from chosen)
),

sold as (
    select
        sales.revenue,
        sales.transactions,
        sales.buyer = 'customer known' and sales.country <> 'Unknown' as is_of_country
    from sales
    cross join chosen
    where chosen.from_month is null or sales.month between chosen.from_month and chosen.to_month
)

select
    coalesce(sum(revenue), 0.00) as revenue,
    coalesce(sum(revenue) filter (where is_of_country), 0.00) as country_revenue,
    coalesce(sum(revenue) filter (where not is_of_country), 0.00) as no_country_revenue,
    round(sum(revenue) filter (where not is_of_country) * 100 / nullif(sum(revenue), 0), 2) as no_country_pct,
    coalesce(sum(transactions), 0)::bigint as orders
from sold
