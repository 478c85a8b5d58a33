-- One row per month (UTC unless timeZone is set), product, country and kind of buyer: all sales, cut for the filters of
-- the dashboard.
-- Nothing is left out: sales without a date are the month Unknown, those without a known customer the country Unknown.

select
    coalesce(substring(cast(month as string), 1, 7), 'Unknown') as month,
    product,
    country,
    buyer,
    cast(sum(transactions) as bigint) as transactions,
    cast(sum(amounts_known) as bigint) as amounts_known,
    cast(sum(revenue) as decimal(38, 2)) as revenue,
    cast(sum(goods) as decimal(38, 2)) as goods
from sold
where not is_left_out
group by sold.month, sold.product, sold.country, sold.buyer
