-- Which type of campaign does best?
-- One row per type of the campaigns that began in the period or in the one that it is compared with, of which previous_… is.
-- Sums are of what is known, empty if nothing is.
-- Each rate is a ratio of sums over the campaigns where both of its inputs are known, so not of the sums beside it.

with :chosen(from_month, to_month, before_from, before_to),

:campaigns,

types as (
    select
        is_this,
        campaign_type,
        count(*) as campaigns,
        sum(budget) as budget,
        sum(spend) as spend,
        trim_scale(sum(total_conversions)) as conversions,
        round(
            sum(total_clicks) filter (where total_impressions is not null) * 100
            / nullif(sum(total_impressions) filter (where total_clicks is not null), 0), 2
        ) as ctr_pct,
        round(
            sum(total_conversions) filter (where total_clicks is not null) * 100
            / nullif(sum(total_clicks) filter (where total_conversions is not null), 0), 2
        ) as conversion_rate_pct,
        round(
            sum(spend) filter (where total_conversions is not null)
            / nullif(sum(total_conversions) filter (where spend is not null), 0), 2
        ) as cpa,
        round(sum(budget - spend) * 100 / nullif(sum(budget) filter (where spend is not null), 0), 2) as roi_pct
    from campaigns
    group by is_this, campaign_type
)

select
    names.campaign_type,
    coalesce(these.campaigns, 0) as campaigns,
    these.budget,
    these.spend,
    these.conversions,
    these.ctr_pct,
    these.conversion_rate_pct,
    these.cpa,
    these.roi_pct,
    case when chosen.before_from is not null then coalesce(earlier.campaigns, 0) end as previous_campaigns,
    earlier.spend as previous_spend,
    earlier.conversions as previous_conversions
from (select distinct campaign_type from types) as names
cross join chosen
left join types as these on these.campaign_type = names.campaign_type and these.is_this
left join types as earlier on earlier.campaign_type = names.campaign_type and not earlier.is_this
order by (names.campaign_type = 'Unknown'), these.spend desc nulls last, names.campaign_type collate "C"
