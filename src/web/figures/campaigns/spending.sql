-- What do campaigns cost, and what do they bring?
-- One row per campaign that began in the period and knows its spend and its conversions, the most spend first.

with :chosen(from_month, to_month, before_from, before_to),

:campaigns

select
    campaign_id,
    campaign_name,
    campaign_type,
    spend,
    total_conversions as conversions,
    round(avg_cpa, 2) as cpa
from campaigns
where is_this and spend is not null and total_conversions is not null
order by spend desc, campaign_id collate "C"
