-- Where do the campaigns stand?
-- One row per status of the campaigns that began in the period, the most frequent first; Unknown is last.

with :chosen(from_month, to_month, before_from, before_to),

:campaigns

select
    status,
    count(*) as campaigns,
    sum(spend) as spend
from campaigns
where is_this
group by status
order by (status = 'Unknown'), count(*) desc, status collate "C"
