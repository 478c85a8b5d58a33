-- What do these sales come to?
-- One row. An average is of the known ones, after discount and shipping; a price is before them.

with :chosen(from_month, to_month, country, product),

:sales

select
    coalesce(sum(sales.revenue), 0.00) as revenue,
    coalesce(sum(sales.transactions), 0)::bigint as transactions,
    round(sum(sales.revenue) / nullif(sum(sales.amounts_known), 0), 2) as average,
    round(sum(sales.goods) / nullif(sum(sales.amounts_known), 0), 2) as avg_price
from sales
cross join chosen
where :in_period(sales) and :in_country(sales)
