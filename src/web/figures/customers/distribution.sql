-- How many customers spent how much?
-- One row per step of total_spent over all time, from the lowest to the highest that has customers, with empty ones
-- between. A step ends before `below`; who is owed has the step below 0, which begins nowhere, and the last ends nowhere.

with :chosen(country),

:spending_steps,

:spent

select
    case when steps.below > 0 or steps.below is null then steps.at_least end as at_least,
    steps.below,
    coalesce(spent.customers, 0)::bigint as customers,
    coalesce(spent.revenue, 0.00) as revenue
from spending_steps as steps
left join spent on spent.at_least = steps.at_least
where steps.at_least between (select min(at_least) from spent) and (select max(at_least) from spent)
order by steps.at_least
