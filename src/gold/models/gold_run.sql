-- One row: the run that made the gold that is in place, and whose it is.
-- The shop and the currencies are empty here: they are filled in where gold is published.

select
    run,
    started,
    shop,
    bronze,
    cast(null as varchar) as several_currencies,
    -- A day that was not over when the run began is known in part.
    (select max(day) from sold_by_day where day < this_run.day) as complete_until
from this_run
