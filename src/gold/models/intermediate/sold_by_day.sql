-- One row per day (UTC unless timeZone is set) with at least one sale: what these came to, and how many they are.
-- Left out: sales without a date.

select
    cast(timestamp as date) as day,
    coalesce(sum(total_amount), 0) as revenue,
    count(*) as transactions
from transactions
where timestamp is not null
group by all
