-- How does each campaign do?
-- One row per campaign that began in the period, the best ROI first; what is unknown is empty.
-- A rate is the campaign's own, over its records where both inputs are known.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month
)

select
    performance.campaign_id,
    performance.campaign_name,
    performance.campaign_type,
    performance.status,
    spending.start_month,
    spending.total_budget as budget,
    spending.total_spend as spend,
    performance.total_impressions as impressions,
    performance.total_clicks as clicks,
    performance.total_conversions as conversions,
    round(performance.avg_ctr, 2) as ctr_pct,
    round(performance.avg_conversion_rate, 2) as conversion_rate_pct,
    round(performance.avg_cpc, 2) as cpc,
    round(performance.avg_cpa, 2) as cpa,
    round(performance.roi, 2) as roi_pct
from campaign_performance as performance
inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
cross join chosen
where chosen.from_month is null or spending.start_month between chosen.from_month and chosen.to_month
order by performance.roi desc nulls last, performance.campaign_id collate "C"
