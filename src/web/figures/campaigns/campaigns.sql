-- How does each campaign do?
-- One row per campaign that began in the period, the most spend first; what is unknown is empty.
-- ROI is (budget - spend) / budget * 100: what was left unspent, not what came of it.
-- A rate is the campaign's own, over its records where both inputs are known.

with :chosen(from_month, to_month, before_from, before_to),

:campaigns

select
    campaign_id,
    campaign_name,
    campaign_type,
    status,
    start_month,
    budget,
    spend,
    total_impressions as impressions,
    total_clicks as clicks,
    total_conversions as conversions,
    round(avg_ctr, 2) as ctr_pct,
    round(avg_conversion_rate, 2) as conversion_rate_pct,
    round(avg_cpc, 2) as cpc,
    round(avg_cpa, 2) as cpa,
    round(roi, 2) as roi_pct
from campaigns
where is_this
order by spend desc nulls last, campaign_id collate "C"
