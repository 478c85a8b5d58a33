-- What do campaigns cost, and what do they bring?
-- One row per campaign that began in the period and knows its spend and its conversions, the most spend first.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month
)

select
    performance.campaign_id,
    performance.campaign_name,
    performance.campaign_type,
    spending.total_spend as spend,
    performance.total_conversions as conversions,
    round(performance.avg_cpa, 2) as cpa
from campaign_performance as performance
inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
cross join chosen
where
    spending.total_spend is not null
    and performance.total_conversions is not null
    and (chosen.from_month is null or spending.start_month between chosen.from_month and chosen.to_month)
order by spending.total_spend desc, performance.campaign_id collate "C"
