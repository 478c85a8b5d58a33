-- Which type of campaign does best?
-- One row per type of the campaigns that began in the period. Sums are of what is known, empty if nothing is.
-- Each rate is a ratio of sums over the campaigns where both of its inputs are known, so not of the sums beside it.

with :chosen(from_month, to_month),

:campaigns

select
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
group by campaign_type
order by (campaign_type = 'Unknown'), sum(spend) desc nulls last, campaign_type collate "C"
