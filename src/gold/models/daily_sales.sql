-- One row per day (UTC unless timeZone is set) with a sale, country and kind of buyer: sales by the day, for weeks and for
-- spans of days.
-- Left out: sales without a date.

select
    day,
    country,
    buyer,
    cast(sum(transactions) as bigint) as transactions,
    cast(sum(amounts_known) as bigint) as amounts_known,
    cast(sum(revenue) as decimal(38, 2)) as revenue,
    cast(sum(reversed_transactions) as bigint) as reversed_transactions,
    cast(sum(reversed_amounts_known) as bigint) as reversed_amounts_known,
    cast(sum(reversed_revenue) as decimal(38, 2)) as reversed_revenue
from sold_by_day
group by day, country, buyer
