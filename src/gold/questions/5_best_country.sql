-- Which country brings in the most revenue?
-- By total_revenue of its customers; a share is of all revenue. Beneath the ranking: the revenue of no known country.

with ranked as (
    select
        row_number() over (order by total_revenue desc, country) as rank,
        country,
        total_revenue,
        total_customers,
        avg_customer_value,
        marketing_consent_rate
    from country_statistics
    where country <> 'Unknown'
),

answer as (
    select * from ranked
    union all
    select null, country, total_revenue, total_customers, avg_customer_value, marketing_consent_rate
    from country_statistics
    where country = 'Unknown'
    union all
    select null, 'Unknown: ' || part, revenue, null, null, null
    from reconciliation
    where gold_table = 'country_statistics' and not in_table
),

total as (
    select revenue from reconciliation where gold_table = 'all sales'
)

select
    answer.rank,
    answer.country,
    answer.total_revenue,
    round(answer.total_revenue * 100 / nullif(total.revenue, 0), 2) as share_pct,
    answer.total_customers,
    answer.avg_customer_value,
    round(answer.marketing_consent_rate, 2) as consent_pct
from answer
cross join total
order by answer.rank nulls last, answer.country
