-- What did the campaigns that began in the period cost, and what did they bring?
-- One row; all time includes those without a start date. Sums are of what is known, empty if nothing is;
-- …_unknown counts the campaigns that do not know it; a campaign has no ROI where budget or spend is unknown or the
-- budget is 0. ctr_over_100 counts those with more clicks than impressions, no_start those in no period.

with chosen as not materialized (
    select
        cast(:from_month as text) as from_month,
        cast(:to_month as text) as to_month
)

select
    count(*) as campaigns,
    sum(spending.total_budget) as budget,
    sum(spending.total_spend) as spend,
    sum(performance.total_impressions)::bigint as impressions,
    sum(performance.total_clicks)::bigint as clicks,
    sum(performance.total_conversions)::bigint as conversions,
    count(*) - count(spending.total_budget) as budget_unknown,
    count(*) - count(spending.total_spend) as spend_unknown,
    count(*) - count(performance.total_impressions) as impressions_unknown,
    count(*) - count(performance.total_clicks) as clicks_unknown,
    count(*) - count(performance.total_conversions) as conversions_unknown,
    count(*) filter (
        where spending.total_spend is null or performance.total_conversions is null
    ) as spend_or_conversions_unknown,
    count(*) - count(performance.roi) as roi_unknown,
    count(*) filter (where round(performance.avg_ctr, 2) > 100) as ctr_over_100,
    (select count(*) from campaign_spending where start_month = 'Unknown') as no_start
from campaign_performance as performance
inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
cross join chosen
where chosen.from_month is null or spending.start_month between chosen.from_month and chosen.to_month
