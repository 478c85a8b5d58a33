-- What did all campaigns that began in the period bring in, beside what they cost?
-- One row, over the records that know both: campaigns_in counts the campaigns that have one, campaigns_out those that do
-- not. The return is (value - spend) / spend * 100.

with :chosen(from_month, to_month, before_from, before_to),

:campaigns,

sums as (
    select
        count(*) filter (where campaign_value.spend_with_value is not null) as campaigns_in,
        count(*) filter (where campaign_value.spend_with_value is null) as campaigns_out,
        sum(campaign_value.value_with_spend) as value,
        sum(campaign_value.spend_with_value) as spend
    from campaigns
    left join campaign_value on campaign_value.campaign_id = campaigns.campaign_id
    where campaigns.is_this
)

select
    campaigns_in,
    campaigns_out,
    value,
    spend,
    round((value - spend) * 100 / nullif(spend, 0), 2) as return_pct
from sums
