-- How many of those who see a campaign click, and how many of those buy?
-- One row, of the campaigns that began in the period and know impressions, clicks and conversions (campaigns_in).
-- campaigns_out counts those that do not. A rate is from one step to the next, the last one from first to last.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month
),

campaigns as (
    select
        performance.total_impressions as impressions,
        performance.total_clicks as clicks,
        performance.total_conversions as conversions,
        performance.total_impressions is not null
            and performance.total_clicks is not null
            and performance.total_conversions is not null as is_in
    from campaign_performance as performance
    inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
    cross join chosen
    where chosen.from_month is null or spending.start_month between chosen.from_month and chosen.to_month
),

sums as (
    select
        count(*) filter (where is_in) as campaigns_in,
        count(*) filter (where not is_in) as campaigns_out,
        (sum(impressions) filter (where is_in))::bigint as impressions,
        (sum(clicks) filter (where is_in))::bigint as clicks,
        (sum(conversions) filter (where is_in))::bigint as conversions
    from campaigns
)

select
    campaigns_in,
    campaigns_out,
    impressions,
    clicks,
    conversions,
    round(clicks * 100.0 / nullif(impressions, 0), 2) as impressions_to_clicks_pct,
    round(conversions * 100.0 / nullif(clicks, 0), 2) as clicks_to_conversions_pct,
    round(conversions * 100.0 / nullif(impressions, 0), 4) as impressions_to_conversions_pct
from sums
