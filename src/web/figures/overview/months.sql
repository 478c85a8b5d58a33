-- How sales went, month by month.
-- One row per month from the first to the last of the period, or of all sales, whether anything was sold in it or not; a
-- month that follows and is not over in the data is there, too. Such a month has its last whole day in known_until.
-- previous_… is of the month in the same place of the period that this one is compared with.
-- An order counts once in each month that it has a transaction in; a repeat customer has two orders or more in the month.
-- Left out: sales without a date.

with :chosen(from_month, to_month, before_from, before_to, drawn_to, country, product),

bounds as (
    select
        coalesce((select from_month from chosen), min(month)) as first_month,
        coalesce((select coalesce(drawn_to, to_month) from chosen), max(month)) as last_month
    from country_sales
    where month <> 'Unknown'
),

months as (
    select
        to_char(day, 'YYYY-MM') as month,
        case
            when gold_run.complete_until < day + interval '1 month' - interval '1 day' then gold_run.complete_until
        end as known_until,
        row_number() over (order by day) as place
    from bounds
    cross join gold_run
    cross join generate_series(
        cast(first_month || '-01' as timestamp),
        cast(last_month || '-01' as timestamp),
        interval '1 month'
    ) as day
),

months_before as (
    select
        to_char(day, 'YYYY-MM') as month,
        row_number() over (order by day) as place
    from chosen
    cross join generate_series(
        cast(before_from || '-01' as timestamp),
        cast(before_to || '-01' as timestamp),
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
    round((buyers.customers - buyers.once) * 100 / nullif(buyers.customers, 0), 2) as repeat_rate_pct,
    months.known_until,
    months_before.month as previous_month,
    case when months_before.month is not null then coalesce(sold_before.revenue, 0.00) end as previous_revenue,
    case
        when months_before.month is not null
            then coalesce(sold_before.orders, 0) - coalesce(again_before.orders, 0)
    end::bigint as previous_orders
from months
left join sold on sold.month = months.month
left join again on again.month = months.month
left join buyers on buyers.month = months.month
left join months_before on months_before.place = months.place
left join sold as sold_before on sold_before.month = months_before.month
left join again as again_before on again_before.month = months_before.month
order by months.month
