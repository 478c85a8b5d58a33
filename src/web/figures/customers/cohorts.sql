-- How many customers come back, how many months after their first purchase?
-- One row per month of the first purchase and number of months since in which some of these customers bought.
-- A month that is not over in the data has its last whole day in known_until. Retention is their share of the cohort. Customers who are not in customers count where no country is chosen.
-- Left out: sales without a date.

with :chosen(country),

cohorts as (
    select
        customer_cohorts.cohort,
        customer_cohorts.months_since,
        sum(customer_cohorts.customers)::bigint as customers,
        sum(customer_cohorts.revenue) as revenue
    from customer_cohorts
    cross join chosen
    where :in_country(customer_cohorts)
    group by customer_cohorts.cohort, customer_cohorts.months_since
)

select
    cohorts.cohort,
    cohorts.months_since,
    firsts.customers as cohort_customers,
    cohorts.customers,
    round(cohorts.customers * 100.0 / firsts.customers, 2) as retention_pct,
    cohorts.revenue,
    case
        when gold_run.complete_until < cast(cohorts.cohort || '-01' as date)
            + make_interval(months => cohorts.months_since::integer + 1) - interval '1 day'
            then gold_run.complete_until
    end as known_until
from cohorts
cross join gold_run
inner join cohorts as firsts on firsts.cohort = cohorts.cohort and firsts.months_since = 0
order by cohorts.cohort, cohorts.months_since
