-- What did the campaigns that began in the period cost, and what did they bring?
-- One row; all time includes those without a start date. Sums are of what is known, empty if nothing is;
-- …_unknown counts the campaigns that do not know it.

with chosen as (
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
    count(*) - count(performance.total_conversions) as conversions_unknown
from campaign_performance as performance
inner join campaign_spending as spending on spending.campaign_id = performance.campaign_id
cross join chosen
where chosen.from_month is null or spending.start_month between chosen.from_month and chosen.to_month
