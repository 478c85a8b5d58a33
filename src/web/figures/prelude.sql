-- What figures have in common. `:sales` or `:in_period(sales)` in a figure stands for what is written here under that
-- name, and is run and shown so; what is named in the brackets takes the place of what is named here.
-- `:chosen(country, product)` is what is chosen, of what the figure can be narrowed to; `:spending_steps` is that of the
-- models in `gold/models/intermediate`.

-- :in_period(rows, chosen)
(chosen.from_month is null or rows.month between chosen.from_month and chosen.to_month)

-- :in_country(rows, chosen)
(chosen.country is null or (rows.country = chosen.country and rows.buyer = 'customer known'))

-- :is_first(rows, chosen)
case
    when chosen.from_month is null then rows.previous_month = 'None'
    else rows.month between chosen.from_month and chosen.to_month
        and (rows.previous_month in ('None', 'Unknown') or rows.previous_month < chosen.from_month)
end

-- :sales
-- All of them, or those of the product.
sales as (
    select month, country, buyer, transactions, amounts_known, revenue, goods
    from country_sales
    where (select product from chosen) is null
    union all
    select month, country, buyer, transactions, amounts_known, revenue, goods
    from monthly_sales
    where (select product from chosen) is not null and product = (select product from chosen)
)

-- :activity
-- How many customers bought when: anything, or the product.
activity as (
    select month, previous_month, next_month, country, buyer, customers, with_one_transaction
    from customer_activity
    where (select product from chosen) is null
    union all
    select month, previous_month, next_month, country, buyer, customers, with_one_transaction
    from product_activity
    where (select product from chosen) is not null and product = (select product from chosen)
)

-- :campaigns
-- Those that began in the period.
campaigns as (
    select
        performance.*,
        spending.start_month,
        spending.total_budget as budget,
        spending.total_spend as spend
    from campaign_performance as performance
    inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
    cross join chosen
    where chosen.from_month is null or spending.start_month between chosen.from_month and chosen.to_month
)

-- :spent
-- Customers by the step of what they spent.
spent as (
    select
        customer_distribution.at_least,
        sum(customer_distribution.customers) as customers,
        sum(customer_distribution.revenue) as revenue
    from customer_distribution
    cross join chosen
    where chosen.country is null or customer_distribution.country = chosen.country
    group by customer_distribution.at_least
)
