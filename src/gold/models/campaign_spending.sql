-- One row per campaign_id, its records added up: what it was given, what it spent, and when it began.
-- Left out: campaigns without an id, which are quarantined.

select
    campaign_id,
    coalesce(substring(cast(cast(max(start_date) as date) as string), 1, 7), 'Unknown') as start_month,
    count(*) as records,
    cast(sum(budget) as decimal(38, 2)) as total_budget,
    cast(sum(spend) as decimal(38, 2)) as total_spend
from campaigns
group by campaign_id
