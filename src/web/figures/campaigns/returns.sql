-- What did the campaigns that began in the period bring in, and what is left of it after what they cost?
-- One row per campaign of which a value is known, the highest return first. A return is
-- (value - spend) / spend * 100 over the records that know both; it is empty where none does, or nothing was spent.

with :chosen(from_month, to_month, before_from, before_to),

:campaigns

select
    campaigns.campaign_id,
    campaigns.campaign_name,
    campaigns.campaign_type,
    campaign_value.total_value as value,
    campaigns.spend,
    round(campaign_value.return_rate, 2) as return_pct
from campaigns
inner join campaign_value on campaign_value.campaign_id = campaigns.campaign_id
where campaigns.is_this and campaign_value.total_value is not null
order by campaign_value.return_rate desc nulls last, campaigns.campaign_id collate "C"
