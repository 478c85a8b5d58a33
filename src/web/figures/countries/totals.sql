-- What is all revenue, and how much of it belongs to a known country?
-- One row; all time includes sales without a date. no_country_revenue is that of customers whose country is unknown,
-- and of sales whose customer is not known; the two sums add up to revenue.

with :chosen(from_month, to_month, product),

:sales,

sold as (
    select
        sales.revenue,
        sales.transactions,
        sales.buyer = 'customer known' and sales.country <> 'Unknown' as is_of_country
    from sales
    cross join chosen
    where :in_period(sales)
)

select
    coalesce(sum(revenue), 0.00) as revenue,
    coalesce(sum(revenue) filter (where is_of_country), 0.00) as country_revenue,
    coalesce(sum(revenue) filter (where not is_of_country), 0.00) as no_country_revenue,
    round(sum(revenue) filter (where not is_of_country) * 100 / nullif(sum(revenue), 0), 2) as no_country_pct,
    coalesce(sum(transactions), 0)::bigint as orders
from sold
