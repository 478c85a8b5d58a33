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
    select 'this' as period, from_month, to_month, country, product from chosen
    union all
    select 'previous', before_from, before_to, country, product from chosen where before_from is not null
),

sales as (
    select
        periods.period,
        coalesce(sum(monthly_sales.revenue), 0.00) as revenue,
        coalesce(sum(monthly_sales.transactions), 0)::bigint as orders,
        sum(monthly_sales.amounts_known) as amounts_known
    from periods
    left join monthly_sales
        on (periods.from_month is null or monthly_sales.month between periods.from_month and periods.to_month)
        and (periods.country is null
            or (monthly_sales.country = periods.country and monthly_sales.buyer = 'customer known'))
        and (periods.product is null or monthly_sales.product = periods.product)
    group by periods.period
),

activity as (
    select month, previous_month, next_month, country, buyer, customers, with_one_transaction
    from customer_activity
    where (select product from chosen) is null
    union all
    select month, previous_month, next_month, country, buyer, customers, with_one_transaction
    from product_activity
    where product = (select product from chosen)
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
        sales.period,
        sales.revenue,
        sales.orders,
        round(sales.revenue / nullif(sales.amounts_known, 0), 2) as average_order_value,
        buyers.customers as active_customers,
        round((buyers.customers - buyers.once) * 100 / nullif(buyers.customers, 0), 2) as repeat_rate_pct
    from sales
    inner join buyers on buyers.period = sales.period
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
