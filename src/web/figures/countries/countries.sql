-- What does each country bring in, and what are its customers worth?
-- One row per country of the customers, the best first, then Unknown, then two for the sales of nobody
-- known, so that the revenue adds up. buyer tells them apart.
-- Revenue, orders and active customers are of the period; a share is of all its revenue; a customer counts once.
-- customers are all of the country, buyers or not, with the value and the consent of each over all time.

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
        sales.country,
        sales.buyer,
        sum(sales.revenue) as revenue,
        sum(sales.transactions) as orders
    from sales
    cross join chosen
    where chosen.from_month is null or sales.month between chosen.from_month and chosen.to_month
    group by sales.country, sales.buyer
),

activity as (
    select month, previous_month, country, buyer, customers
    from customer_activity
    where (select product from chosen) is null
    union all
    select month, previous_month, country, buyer, customers
    from product_activity
    where (select product from chosen) is not null and product = (select product from chosen)
),

-- The rows of customers in their first month of the period.
buyers as (
    select
        activity.country,
        activity.buyer,
        sum(activity.customers) as customers
    from activity
    cross join chosen
    where
        case
            when chosen.from_month is null then activity.previous_month = 'None'
            else activity.month between chosen.from_month and chosen.to_month
                and (activity.previous_month in ('None', 'Unknown') or activity.previous_month < chosen.from_month)
        end
    group by activity.country, activity.buyer
),

places as (
    select
        country,
        country as sold_in,
        'customer known' as buyer,
        total_customers as customers,
        avg_customer_value as value_per_customer,
        round(marketing_consent_rate, 2) as marketing_consent_pct
    from country_statistics
    union all
    select 'customer not in customers', 'Unknown', 'customer not in customers', null, null, null
    union all
    select 'no customer', 'Unknown', 'no customer', null, null, null
)

select
    places.country,
    places.buyer,
    coalesce(sold.revenue, 0.00) as revenue,
    round(coalesce(sold.revenue, 0) * 100 / nullif(sum(sold.revenue) over (), 0), 2) as share_pct,
    coalesce(sold.orders, 0)::bigint as orders,
    case when places.buyer <> 'no customer' then coalesce(buyers.customers, 0) end::bigint as active_customers,
    places.customers,
    places.value_per_customer,
    places.marketing_consent_pct
from places
left join sold on sold.country = places.sold_in and sold.buyer = places.buyer
left join buyers on buyers.country = places.sold_in and buyers.buyer = places.buyer
order by
    array_position(array['customer known', 'customer not in customers', 'no customer'], places.buyer),
    (places.country = 'Unknown'),
    coalesce(sold.revenue, 0) desc,
    places.country collate "C"
