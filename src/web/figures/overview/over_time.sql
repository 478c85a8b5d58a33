-- How did revenue go, day by day, week by week, or by months or quarters?
-- One row per day, week (from Monday), month or quarter that the period touches, until the last sale, whether anything was
-- sold in it or not: the days of it that are of the period and known, and whether these are all of its days.
-- previous_… is of the same days of the period that this one is compared with; of weeks they begin on a Monday, too.
-- Of a product the days are not known, and its months stand on their first. Left out: sales without a date.

with :chosen(from_day, to_day, before_from_day, before_to_day, grain, country, product),

:daily,

bounds as (
    select
        cast(coalesce(cast(chosen.from_day as date), min(daily_sales.day)) as date) as first_day,
        cast(least(cast(chosen.to_day as date), max(daily_sales.day)) as date) as last_day,
        chosen.grain,
        cast(case chosen.grain when 'quarter' then '3 months' else '1 ' || chosen.grain end as interval) as step,
        case chosen.grain when 'week' then 3 else 0 end as slack
    from chosen
    left join daily_sales on true
    group by chosen.from_day, chosen.to_day, chosen.grain
),

steps as (
    select
        cast(starts as date) as starts,
        cast(starts + bounds.step as date) - 1 as ends
    from bounds
    cross join generate_series(
        date_trunc(bounds.grain, cast(bounds.first_day as timestamp)),
        cast(bounds.last_day as timestamp),
        bounds.step
    ) as starts
),

-- From the period before to this one: whole months where it is of months and quarters, whole weeks where it is of weeks.
shift as (
    select
        case
            when grain in ('month', 'quarter') then make_interval(
                months => cast(
                    (extract(year from first_day) - extract(year from before_day)) * 12
                    + extract(month from first_day) - extract(month from before_day) as integer
                )
            )
            when grain = 'week' then make_interval(days => cast(round((first_day - before_day) / 7.0) * 7 as integer))
            else make_interval(days => first_day - before_day)
        end as distance
    from (
        select
            bounds.grain,
            bounds.first_day,
            cast(chosen.before_from_day as date) as before_day
        from bounds
        cross join chosen
    ) as spans
),

sold as (
    select
        date_trunc(bounds.grain, cast(daily.day as timestamp)) as starts,
        sum(daily.revenue) as revenue,
        sum(daily.transactions) as transactions
    from daily
    cross join chosen
    cross join bounds
    where daily.day between bounds.first_day and bounds.last_day and :in_country(daily)
    group by 1
),

moved as (
    select
        cast(daily.day + shift.distance as date) as day,
        daily.revenue,
        daily.transactions
    from daily
    cross join chosen
    cross join bounds
    cross join shift
    where
        daily.day between cast(chosen.before_from_day as date) - bounds.slack
            and cast(chosen.before_to_day as date) + bounds.slack
        and :in_country(daily)
),

sold_before as (
    select
        date_trunc(bounds.grain, cast(moved.day as timestamp)) as starts,
        sum(moved.revenue) as revenue,
        sum(moved.transactions) as transactions
    from moved
    cross join bounds
    cross join gold_run
    where moved.day between bounds.first_day and least(bounds.last_day, gold_run.complete_until)
    group by 1
),

named as (
    select
        steps.starts,
        greatest(steps.starts, bounds.first_day) as from_day,
        least(steps.ends, coalesce(cast(chosen.to_day as date), steps.ends)) as to_day,
        steps.ends
    from steps
    cross join bounds
    cross join chosen
)

select
    named.from_day,
    greatest(named.from_day, least(named.to_day, gold_run.complete_until)) as to_day,
    coalesce(
        (named.from_day = named.starts or chosen.from_day is null)
        and named.to_day = named.ends
        and named.ends <= gold_run.complete_until, true
    ) as is_whole,
    coalesce(sold.revenue, 0.00) as revenue,
    coalesce(sold.transactions, 0)::bigint as transactions,
    case when is_compared then coalesce(sold_before.revenue, 0.00) end as previous_revenue,
    case when is_compared then coalesce(sold_before.transactions, 0) end::bigint as previous_transactions
from named
cross join gold_run
cross join chosen
cross join shift
cross join lateral (
    select coalesce(
        named.from_day - shift.distance <= cast(chosen.before_to_day as date), false
    ) as is_compared
) as side
left join sold on sold.starts = named.starts
left join sold_before on sold_before.starts = named.starts
order by named.from_day
