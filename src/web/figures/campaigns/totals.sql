-- What did the campaigns that began in the period cost, and what did they bring?
-- One row; all time includes those without a start date. Sums are of what is known, empty if nothing is;
-- …_unknown counts the campaigns that do not know it; a campaign has no ROI where budget or spend is unknown or the
-- budget is 0. ctr_over_100 counts those with more clicks than impressions, no_start those in no period.
-- previous_… is of the campaigns that began in the period that it is compared with.

with :chosen(from_month, to_month, before_from, before_to),

:campaigns,

these as (
    select
        count(*) as campaigns,
        sum(budget) as budget,
        sum(spend) as spend,
        sum(total_impressions)::bigint as impressions,
        sum(total_clicks)::bigint as clicks,
        trim_scale(sum(total_conversions)) as conversions,
        count(*) - count(budget) as budget_unknown,
        count(*) - count(spend) as spend_unknown,
        count(*) - count(total_impressions) as impressions_unknown,
        count(*) - count(total_clicks) as clicks_unknown,
        count(*) - count(total_conversions) as conversions_unknown,
        count(*) filter (where spend is null or total_conversions is null) as spend_or_conversions_unknown,
        count(*) - count(roi) as roi_unknown,
        count(*) filter (where round(avg_ctr, 2) > 100) as ctr_over_100,
        (select count(*) from campaign_spending where start_month = 'Unknown') as no_start
    from campaigns
    where is_this
),

earlier as (
    select
        count(*) as campaigns,
        sum(budget) as budget,
        sum(spend) as spend,
        trim_scale(sum(total_conversions)) as conversions
    from campaigns
    where not is_this
)

select
    these.*,
    case when chosen.before_from is not null then earlier.campaigns end as previous_campaigns,
    earlier.budget as previous_budget,
    earlier.spend as previous_spend,
    earlier.conversions as previous_conversions
from these
cross join earlier
cross join chosen
