-- What sold in the period, and in as many months before it.
-- One row. A customer counts once, and is a repeat customer with two sales or more in the period.
-- Empty where nothing is known to divide by; previous_… is empty where there is no period before.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month,
        cast(:before_from as text) as before_from,
        cast(:before_to as text) as before_to,
        cast(:country as text) as country,
        cast(:product as text) as product
),

periods as (
    select 'this' as period, from_month, to_month, country from chosen
    union all
    select 'previous', before_from, before_to, country from chosen where before_from is not null
),

-- All of them, or those of the product.
sales as (
    select month, country, buyer, transactions, amounts_known, revenue
    from country_sales
    where (select product from chosen) is null
    union all
    select month, country, buyer, transactions, amounts_known, revenue
    from monthly_sales
    where (select product from chosen) is not null and product = (select product from chosen)
),

sold as (
    select
        periods.period,
        coalesce(sum(sales.revenue), 0.00) as revenue,
        coalesce(sum(sales.transactions), 0)::bigint as orders,
        sum(sales.amounts_known) as amounts_known
    from periods
    left join sales
        on (periods.from_month is null or sales.month between periods.from_month and periods.to_month)
        and (periods.country is null or (sales.country = periods.country and sales.buyer = 'customer known'))
    group by periods.period
),

activity as (
    select month, previous_month, next_month, country, buyer, customers, with_one_transaction
    from customer_activity
    where (select product from chosen) is null
    union all
    select month, previous_month, next_month, country, buyer, customers, with_one_transaction
    from product_activity
    where (select product from chosen) is not null and product = (select product from chosen)
),

-- The rows of customers in their first month of the period.
buyers as (
    select
        periods.period,
        coalesce(sum(activity.customers), 0)::bigint as customers,
        coalesce(sum(activity.with_one_transaction) filter (
            where activity.next_month = 'None' or activity.next_month > periods.to_month
        ), 0) as once
    from periods
    left join activity
        on (
            case
                when periods.from_month is null then activity.previous_month = 'None'
                else activity.month between periods.from_month and periods.to_month
                    and (activity.previous_month in ('None', 'Unknown') or activity.previous_month < periods.from_month)
            end
        )
        and (periods.country is null or (activity.country = periods.country and activity.buyer = 'customer known'))
    group by periods.period
),

totals as (
    select
        sold.period,
        sold.revenue,
        sold.orders,
        round(sold.revenue / nullif(sold.amounts_known, 0), 2) as average_order_value,
        buyers.customers as active_customers,
        round((buyers.customers - buyers.once) * 100 / nullif(buyers.customers, 0), 2) as repeat_rate_pct
    from sold
    inner join buyers on buyers.period = sold.period
)

select
    this.revenue,
    this.orders,
    this.average_order_value,
    this.active_customers,
    this.repeat_rate_pct,
    previous.revenue as previous_revenue,
    previous.orders as previous_orders,
    previous.average_order_value as previous_average_order_value,
    previous.active_customers as previous_active_customers,
    previous.repeat_rate_pct as previous_repeat_rate_pct
from totals as this
left join totals as previous on previous.period = 'previous'
where this.period = 'this'
