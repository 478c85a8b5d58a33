-- One row per month (UTC unless timeZone is set), product, country and kind of buyer: all sales, cut for the filters of
-- the dashboard.
-- Nothing is left out: sales without a date are the month Unknown, those without a known customer the country Unknown.

select
    coalesce(substring(cast(cast(timestamp as date) as string), 1, 7), 'Unknown') as month,
    product,
    country,
    buyer,
    count(*) as transactions,
    count(total_amount) as amounts_known,
    cast(coalesce(sum(total_amount), 0) as decimal(38, 2)) as revenue,
    cast(coalesce(sum(amount), 0) as decimal(38, 2)) as goods
from sales
where not is_left_out
group by all
