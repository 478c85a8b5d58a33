-- One row: the run that made the gold that is in place.

select
    run,
    started
from this_run
