-- How much of what was sold in the period was taken back?
-- One row, of all sales of the period before anything is left out: those whose status is Cancelled or Refunded are
-- reversed, and net is what remains.

with :chosen(from_month, to_month, country, product),

:sales(reversed_transactions, reversed_revenue)

select
    coalesce(sum(sales.revenue), 0.00) as gross_revenue,
    coalesce(sum(sales.reversed_revenue), 0.00) as reversed_revenue,
    coalesce(sum(sales.revenue) - sum(sales.reversed_revenue), 0.00) as net_revenue,
    round(sum(sales.reversed_revenue) * 100 / nullif(sum(sales.revenue), 0), 2) as reversed_pct,
    coalesce(sum(sales.reversed_transactions), 0)::bigint as reversed_transactions
from sales
cross join chosen
where :in_period(sales) and :in_country(sales)
