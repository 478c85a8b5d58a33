-- What sold in the period, and in as many months before it.
-- One row. A customer counts once, and is a repeat customer with two sales or more in the period.
-- Empty where nothing is known to divide by; previous_… is empty where there is no period before.

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
        coalesce(sum(sales.transactions), 0)::bigint as orders,
        sum(sales.amounts_known) as amounts_known
    from periods
    left join sales
        on :in_period(sales, periods)
        and :in_country(sales, periods)
    group by periods.period
),

:activity,

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
            :is_first(activity, periods)
        )
        and :in_country(activity, periods)
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
