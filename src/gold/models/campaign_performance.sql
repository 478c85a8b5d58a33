-- One row per campaign_id, its records added up.
-- A rate is a ratio of sums over the records where both inputs are known: the campaign's own, not a mean of means.
-- Left out: campaigns without an id, which are quarantined.

with records as (
    select
        *,
        row_number() over (partition by campaign_id order by start_date nulls first, id_order) as recency
    from campaigns
)

select
    campaign_id,
    coalesce(max_by(campaign_name, recency) filter (where campaign_name <> 'Unknown'), 'Unknown') as campaign_name,
    coalesce(max_by(campaign_type, recency) filter (where campaign_type <> 'Unknown'), 'Unknown') as campaign_type,
    cast(sum(impressions) as bigint) as total_impressions,
    cast(sum(clicks) as bigint) as total_clicks,
    cast(sum(conversions) as decimal(38, 6)) as total_conversions,
    ratio(
        100 * sum(clicks) filter (where impressions is not null),
        sum(impressions) filter (where clicks is not null)
    ) as avg_ctr,
    ratio(
        100 * sum(conversions) filter (where clicks is not null),
        sum(clicks) filter (where conversions is not null)
    ) as avg_conversion_rate,
    ratio(
        sum(spend) filter (where clicks is not null),
        sum(clicks) filter (where spend is not null)
    ) as avg_cpc,
    ratio(
        sum(spend) filter (where conversions is not null),
        sum(conversions) filter (where spend is not null)
    ) as avg_cpa,
    ratio(
        100 * sum(budget - spend),
        sum(budget) filter (where spend is not null)
    ) as roi,
    coalesce(max_by(status, recency) filter (where status <> 'Unknown'), 'Unknown') as status
from records
group by campaign_id
