-- What figures have in common. `:sales` or `:in_period(sales)` in a figure stands for what is written here under that
-- name, and is run and shown so; what is named in the brackets takes the place of what is named here.
-- `:chosen(country, product)` is what is chosen, of what the figure can be narrowed to; `:spending_steps` is that of the
-- models in `gold/models/intermediate`.

-- :in_period(rows, chosen)
(chosen.from_month is null or rows.month between chosen.from_month and chosen.to_month)

-- :is_before(rows, chosen)
coalesce(rows.month between chosen.before_from and chosen.before_to, false)

-- :in_country(rows, chosen)
(chosen.country is null or (rows.country = chosen.country and rows.buyer = 'customer known'))

-- :of_country(rows, chosen)
-- As in_country, of spanning_orders: of anybody where no country is chosen.
(rows.country = coalesce(chosen.country, '') and rows.buyer in ('anybody', 'customer known'))

-- :is_first(rows, chosen, previous_month)
case
    when chosen.from_month is null then rows.previous_month = 'None'
    else rows.month between chosen.from_month and chosen.to_month
        and (rows.previous_month in ('None', 'Unknown') or rows.previous_month < chosen.from_month)
end

-- :sales(orders, orders_with_amount)
-- All of them, or those of the product.
sales as (
    select month, country, buyer, transactions, amounts_known, revenue, goods, orders, orders_with_amount
    from country_sales
    where (select product from chosen) is null
    union all
    select month, country, buyer, transactions, amounts_known, revenue, goods, orders, orders_with_amount
    from monthly_sales
    where (select product from chosen) is not null and product = (select product from chosen)
)

-- :daily
-- By the day, or of the product, whose days are not known, by the month.
daily as (
    select day, country, buyer, transactions, revenue
    from daily_sales
    where (select product from chosen) is null
    union all
    select cast(month || '-01' as date), country, buyer, transactions, revenue
    from monthly_sales
    where
        month <> 'Unknown'
        and (select product from chosen) is not null
        and product = (select product from chosen)
)

-- :sides
-- The months of sales where they stand in the period, and those of the one that it is compared with, in the same places.
sides as (
    select
        sold.month as sold_in,
        sold.month,
        true as is_this
    from (select distinct month from country_sales where month <> 'Unknown') as sold
    cross join chosen
    where chosen.from_month is null or sold.month between chosen.from_month and chosen.to_month
    union all
    select
        earlier.sold_in,
        earlier.month,
        false
    from (
        select
            to_char(before, 'YYYY-MM') as sold_in,
            to_char(
                cast(chosen.from_month || '-01' as timestamp)
                + (row_number() over (order by before) - 1) * interval '1 month', 'YYYY-MM'
            ) as month,
            chosen.to_month
        from chosen
        cross join generate_series(
            cast(chosen.before_from || '-01' as timestamp),
            cast(chosen.before_to || '-01' as timestamp),
            interval '1 month'
        ) as before
    ) as earlier
    where earlier.month <= earlier.to_month
)

-- :spanning
-- Orders in several rows of these sales.
spanning as (
    select *
    from spanning_orders
    where product = coalesce((select product from chosen), '')
)

-- :activity
-- How many customers bought when: anything, or the product.
activity as (
    select month, previous_month, next_month, country, buyer, customers, with_one_order
    from customer_activity
    where (select product from chosen) is null
    union all
    select month, previous_month, next_month, country, buyer, customers, with_one_order
    from product_activity
    where (select product from chosen) is not null and product = (select product from chosen)
)

-- :campaigns
-- Those that began in the period (is_this), and those that did in the one that it is compared with.
campaigns as (
    select
        periods.is_this,
        performance.*,
        spending.start_month,
        spending.total_budget as budget,
        spending.total_spend as spend
    from campaign_performance as performance
    inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
    inner join (
        select true as is_this, from_month, to_month from chosen
        union all
        select false, before_from, before_to from chosen where before_from is not null
    ) as periods
        on periods.from_month is null or spending.start_month between periods.from_month and periods.to_month
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

-- :each_product
-- What each product brought in in the period, null where it sold in the one it is compared with alone, and how much of it
-- on a known date. What all countries brought in over all time is known of each; where a country has most of the sales,
-- less has to be added up to take those of all others from that.
whole as (
    select
        chosen.from_month is null
        and (
            chosen.country is null
            or coalesce(
                2 * sum(country_sales.transactions) filter (
                    where country_sales.country = chosen.country and country_sales.buyer = 'customer known'
                ) > sum(country_sales.transactions), false
            )
        ) as is_known
    from chosen
    left join country_sales on chosen.country is not null
    group by chosen.from_month, chosen.country
),
each_product as (
    select
        performance.product,
        coalesce(performance.total_revenue - apart.revenue, performance.total_revenue) as revenue,
        case
            when apart.undated_transactions is null
                then coalesce(performance.total_revenue - apart.revenue, performance.total_revenue)
            when performance.total_sales > apart.transactions + apart.undated_transactions
                then performance.total_revenue - apart.revenue - apart.undated_revenue
        end as dated_revenue,
        false as sold_before
    from product_performance as performance
    cross join chosen
    left join (
        select
            monthly_sales.product,
            coalesce(sum(monthly_sales.revenue) filter (where is_elsewhere), 0.00) as revenue,
            coalesce(sum(monthly_sales.transactions) filter (where is_elsewhere), 0) as transactions,
            sum(monthly_sales.revenue) filter (where not is_elsewhere) as undated_revenue,
            sum(monthly_sales.transactions) filter (where not is_elsewhere) as undated_transactions
        from monthly_sales
        cross join chosen
        cross join lateral (
            select
                chosen.country is not null
                and not (
                    monthly_sales.country = chosen.country and monthly_sales.buyer = 'customer known'
                ) as is_elsewhere
        ) as place
        where (select is_known from whole) and (monthly_sales.month = 'Unknown' or is_elsewhere)
        group by monthly_sales.product
    ) as apart on apart.product = performance.product
    where
        (select is_known from whole)
        and (apart.transactions is null or performance.total_sales > apart.transactions)
        and (chosen.product is null or performance.product = chosen.product)
    union all
    select
        product,
        coalesce(dated_revenue + undated_revenue, dated_revenue, undated_revenue),
        dated_revenue,
        sold_before
    from (
        select
            monthly_sales.product,
            sum(monthly_sales.revenue) filter (where is_this and month <> 'Unknown') as dated_revenue,
            sum(monthly_sales.revenue) filter (where is_this and month = 'Unknown') as undated_revenue,
            bool_or(is_before) as sold_before
        from monthly_sales
        cross join chosen
        cross join lateral (
            select
                chosen.from_month is null
                or monthly_sales.month between chosen.from_month and chosen.to_month as is_this,
                coalesce(monthly_sales.month between chosen.before_from and chosen.before_to, false) as is_before
        ) as side
        where
            not (select is_known from whole)
            and (is_this or is_before)
            and (chosen.country is null
                or (monthly_sales.country = chosen.country and monthly_sales.buyer = 'customer known'))
            and (chosen.product is null or monthly_sales.product = chosen.product)
        group by monthly_sales.product
    ) as sold
)

-- :shown
-- The best first; what sold before alone stands behind all that brought in something.
shown as materialized (
    select
        product,
        revenue
    from json_to_recordset(cast(:ranking as json) -> 'shown') as given (product text, revenue numeric)
    union all
    (
        select
            product,
            coalesce(revenue, 0.00) as revenue
        from each_product
        where cast(:ranking as json) is null
        order by (product = 'Unknown'), coalesce(revenue, 0.00) desc, product collate "C"
        limit cast(:most as bigint)
    )
)

-- :best
best as (
    select product
    from json_to_recordset(cast(:ranking as json) -> 'best') as given (product text)
    union all
    (
        select product
        from each_product
        where cast(:ranking as json) is null and dated_revenue is not null and product <> 'Unknown'
        order by dated_revenue desc, product collate "C"
        limit 8
    )
)

-- :counted
counted as (
    select
        products,
        previous_products
    from json_to_recordset(cast(:ranking as json) -> 'counted') as given (products bigint, previous_products bigint)
    union all
    select
        count(revenue),
        count(*) filter (where sold_before)
    from each_product
    where product <> 'Unknown'
    having cast(:ranking as json) is null
)
