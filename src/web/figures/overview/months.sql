-- How sales went, month by month.
-- One row per month from the first to the last of the period, or of all sales, whether anything was sold in it or not.
-- An order counts once in each month that it has a transaction in; a repeat customer has two orders or more in the month.
-- Left out: sales without a date.

with :chosen(from_month, to_month, country, product),

bounds as (
    select
        coalesce((select from_month from chosen), min(month)) as first_month,
        coalesce((select to_month from chosen), max(month)) as last_month
    from country_sales
    where month <> 'Unknown'
),

months as (
    select to_char(day, 'YYYY-MM') as month
    from bounds
    cross join generate_series(
        cast(first_month || '-01' as timestamp),
        cast(last_month || '-01' as timestamp),
        interval '1 month'
    ) as day
),

:sales,

sold as (
    select
        sales.month,
        sum(sales.revenue) as revenue,
        sum(sales.orders) as orders,
        sum(sales.orders_with_amount) as orders_with_amount
    from sales
    cross join chosen
    where :in_country(sales)
    group by sales.month
),

:spanning,

-- How often orders are in a month once more.
again as (
    select
        spanning.month,
        sum(spanning.places - spanning.orders) as orders,
        sum(spanning.places_with_amount - spanning.orders_with_amount) as orders_with_amount
    from spanning
    cross join chosen
    where :of_country(spanning)
    group by spanning.month
),

:activity,

buyers as (
    select
        activity.month,
        sum(activity.customers) as customers,
        sum(activity.with_one_order) as once
    from activity
    cross join chosen
    where :in_country(activity)
    group by activity.month
)

select
    months.month,
    coalesce(sold.revenue, 0.00) as revenue,
    (coalesce(sold.orders, 0) - coalesce(again.orders, 0))::bigint as orders,
    round(
        sold.revenue / nullif(sold.orders_with_amount - coalesce(again.orders_with_amount, 0), 0), 2
    ) as average_order_value,
    coalesce(buyers.customers, 0)::bigint as active_customers,
    round((buyers.customers - buyers.once) * 100 / nullif(buyers.customers, 0), 2) as repeat_rate_pct
from months
left join sold on sold.month = months.month
left join again on again.month = months.month
left join buyers on buyers.month = months.month
order by months.month
