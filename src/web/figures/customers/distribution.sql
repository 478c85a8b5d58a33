-- How many customers spent how much?
-- One row per step of total_spent over all time, from the lowest to the highest that has customers, with empty ones
-- between. A step ends before `below`; who is owed has the step below 0, which begins nowhere, and the last ends nowhere.

with :chosen(country),

starts as (
    select unnest(array[-9999999999999999.99, 0.00, 0.01]) as at_least
    union all
    select cast(digit * power(10.0, magnitude) as numeric(18, 2))
    from unnest(array[1, 2, 5]) as digit
    cross join generate_series(0, 5) as magnitude
    union all
    select 1000000.00
),

steps as (
    select at_least, lead(at_least) over (order by at_least) as below from starts
),

:spent

select
    case when steps.below > 0 or steps.below is null then steps.at_least end as at_least,
    steps.below,
    coalesce(spent.customers, 0)::bigint as customers,
    coalesce(spent.revenue, 0.00) as revenue
from steps
left join spent on spent.at_least = steps.at_least
where steps.at_least between (select min(at_least) from spent) and (select max(at_least) from spent)
order by steps.at_least
