-- Where do the campaigns stand?
-- One row per status of the campaigns that began in the period, the most frequent first; Unknown is last.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month
)

select
    performance.status,
    count(*) as campaigns,
    sum(spending.total_spend) as spend
from campaign_performance as performance
inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
cross join chosen
where chosen.from_month is null or spending.start_month between chosen.from_month and chosen.to_month
group by performance.status
order by (performance.status = 'Unknown'), count(*) desc, performance.status collate "C"
