-- One row per month (UTC unless timeZone is set) of customers' first purchase, their country and kind, and number of
-- months since: how many of them bought again, and what they spent.
-- Left out: sales without a customer and sales without a date.

select
    month_name(first_month) as cohort,
    cast(month - first_month as bigint) as months_since,
    coalesce(country, 'Unknown') as country,
    case when is_known then 'customer known' else 'customer not in customers' end as buyer,
    cast(sum(customers) as bigint) as customers,
    cast(sum(transactions) as bigint) as transactions,
    cast(sum(revenue) as decimal(38, 2)) as revenue,
    cast(sum(orders) as bigint) as orders
from visits
where month > 0
group by visits.first_month, visits.month, visits.country, visits.is_known
