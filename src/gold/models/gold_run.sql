-- One row: the run that made the gold that is in place, and whose it is.
-- The shop is empty here: it is filled in where gold is published.

select
    run,
    started,
    shop,
    bronze
from this_run
