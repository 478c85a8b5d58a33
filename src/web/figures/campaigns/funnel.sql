-- How many of those who see a campaign click, and how many of those buy?
-- One row, of the campaigns that began in the period and know impressions, clicks and conversions (campaigns_in).
-- campaigns_out counts those that do not. A rate is from one step to the next, the last one from first to last.
-- previous_… is of the campaigns that began in the period that it is compared with.

with :chosen(from_month, to_month, before_from, before_to),

:campaigns,

known as (
    select
        *,
        total_impressions is not null and total_clicks is not null and total_conversions is not null as is_in
    from campaigns
),

sums as (
    select
        count(*) filter (where is_this and is_in) as campaigns_in,
        count(*) filter (where is_this and not is_in) as campaigns_out,
        (sum(total_impressions) filter (where is_this and is_in))::bigint as impressions,
        (sum(total_clicks) filter (where is_this and is_in))::bigint as clicks,
        trim_scale(sum(total_conversions) filter (where is_this and is_in)) as conversions,
        (sum(total_impressions) filter (where not is_this and is_in))::bigint as previous_impressions,
        (sum(total_clicks) filter (where not is_this and is_in))::bigint as previous_clicks,
        trim_scale(sum(total_conversions) filter (where not is_this and is_in)) as previous_conversions
    from known
)

select
    campaigns_in,
    campaigns_out,
    impressions,
    clicks,
    conversions,
    round(clicks * 100.0 / nullif(impressions, 0), 2) as impressions_to_clicks_pct,
    round(conversions * 100.0 / nullif(clicks, 0), 2) as clicks_to_conversions_pct,
    round(conversions * 100.0 / nullif(impressions, 0), 4) as impressions_to_conversions_pct,
    previous_impressions,
    previous_clicks,
    previous_conversions
from sums
