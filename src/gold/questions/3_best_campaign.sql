-- Which campaign has the best ROI?
-- ROI is the share of its budget that a campaign left unspent: (budget - spend) / budget * 100.
-- The ten best with their funnel. Beneath the ranking: how many campaigns have no ROI, since budget or spend is unknown.

with ranked as (
    select
        row_number() over (order by roi desc, campaign_id) as rank,
        *
    from campaign_performance
    where roi is not null
)

select
    rank,
    campaign_id,
    campaign_name,
    campaign_type,
    round(roi, 2) as roi_pct,
    total_impressions,
    total_clicks,
    total_conversions,
    round(avg_ctr, 2) as ctr_pct,
    round(avg_conversion_rate, 2) as conversion_pct
from ranked
where rank <= 10
union all
select
    null,
    null,
    'Unknown: no ROI for ' || count(*),
    null,
    null,
    sum(total_impressions)::bigint,
    sum(total_clicks)::bigint,
    trim_scale(sum(total_conversions)),
    null,
    null
from campaign_performance
where roi is null
having count(*) > 0
order by rank nulls last
