-- Which type of campaign does best?
-- One row per type of the campaigns that began in the period. Sums are of what is known, empty if nothing is.
-- Each rate is a ratio of sums over the campaigns where both of its inputs are known, so not of the sums beside it.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month
),

campaigns as (
    select
        performance.campaign_type,
        spending.total_budget as budget,
        spending.total_spend as spend,
        performance.total_impressions as impressions,
        performance.total_clicks as clicks,
        performance.total_conversions as conversions
    from campaign_performance as performance
    inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
    cross join chosen
    where chosen.from_month is null or spending.start_month between chosen.from_month and chosen.to_month
)

select
    campaign_type,
    count(*) as campaigns,
    sum(budget) as budget,
    sum(spend) as spend,
    sum(conversions)::bigint as conversions,
    round(
        sum(clicks) filter (where impressions is not null) * 100
        / nullif(sum(impressions) filter (where clicks is not null), 0), 2
    ) as ctr_pct,
    round(
        sum(conversions) filter (where clicks is not null) * 100
        / nullif(sum(clicks) filter (where conversions is not null), 0), 2
    ) as conversion_rate_pct,
    round(
        sum(spend) filter (where conversions is not null)
        / nullif(sum(conversions) filter (where spend is not null), 0), 2
    ) as cpa,
    round(sum(budget - spend) * 100 / nullif(sum(budget) filter (where spend is not null), 0), 2) as roi_pct
from campaigns
group by campaign_type
order by (campaign_type = 'Unknown'), sum(spend) desc nulls last, campaign_type collate "C"
