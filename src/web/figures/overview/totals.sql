-- What sold in the period, and in the one that it is compared with?
-- One row. An order counts once, however many transactions it has; an average is of the orders with a known amount.
-- A customer counts once, and is a repeat customer with two orders or more in the period.
-- Empty where nothing is known to divide by; previous_… is empty where it is compared with none.

with :chosen(from_month, to_month, before_from, before_to, country, product),

periods as (
    select 'this' as period, from_month, to_month, country from chosen
    union all
    select 'previous', before_from, before_to, country from chosen where before_from is not null
),

:sales,

sold as (
    select
        periods.period,
        coalesce(sum(sales.revenue), 0.00) as revenue,
        coalesce(sum(sales.transactions), 0)::bigint as transactions,
        coalesce(sum(sales.orders), 0) as orders,
        coalesce(sum(sales.orders_with_amount), 0) as orders_with_amount
    from periods
    left join sales
        on :in_period(sales, periods)
        and :in_country(sales, periods)
    group by periods.period
),

:spanning,

-- How often orders are in these rows once more.
again as (
    select
        periods.period,
        sum(spanning.places) - coalesce(sum(spanning.orders) filter (where :is_first(spanning, periods)), 0) as orders,
        sum(spanning.places_with_amount) - coalesce(
            sum(spanning.orders_with_amount) filter (where :is_first(spanning, periods, previous_amount_month)), 0
        ) as orders_with_amount
    from periods
    inner join spanning
        on :in_period(spanning, periods)
        and :of_country(spanning, periods)
    group by periods.period
),

:activity,

-- The rows of customers in their first month of the period.
buyers as (
    select
        periods.period,
        coalesce(sum(activity.customers), 0)::bigint as customers,
        coalesce(sum(activity.with_one_order) filter (
            where activity.next_month = 'None' or activity.next_month > periods.to_month
        ), 0) as once
    from periods
    left join activity
        on (
            :is_first(activity, periods)
        )
        and :in_country(activity, periods)
    group by periods.period
),

totals as (
    select
        sold.period,
        sold.revenue,
        (sold.orders - coalesce(again.orders, 0))::bigint as orders,
        round(
            sold.revenue / nullif(sold.orders_with_amount - coalesce(again.orders_with_amount, 0), 0), 2
        ) as average_order_value,
        buyers.customers as active_customers,
        round((buyers.customers - buyers.once) * 100 / nullif(buyers.customers, 0), 2) as repeat_rate_pct,
        sold.transactions
    from sold
    inner join buyers on buyers.period = sold.period
    left join again on again.period = sold.period
)

select
    this.revenue,
    this.orders,
    this.average_order_value,
    this.active_customers,
    this.repeat_rate_pct,
    this.transactions,
    round(this.transactions * 1.0 / nullif(this.orders, 0), 2) as transactions_per_order,
    previous.revenue as previous_revenue,
    previous.orders as previous_orders,
    previous.average_order_value as previous_average_order_value,
    previous.active_customers as previous_active_customers,
    previous.repeat_rate_pct as previous_repeat_rate_pct
from totals as this
left join totals as previous on previous.period = 'previous'
where this.period = 'this'
