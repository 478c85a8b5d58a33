-- One row: the run that made the gold that is in place, and whose it is.
-- The shop and the currencies are empty here: they are filled in where gold is published.

select
    run,
    started,
    shop,
    bronze,
    cast(null as varchar) as several_currencies
from this_run
