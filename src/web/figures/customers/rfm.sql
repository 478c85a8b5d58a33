-- How many customers bought how lately and how often, and what did they spend?
-- One row per score of recency and frequency that has customers, over all time; 5 is the best, recency 0 has no date.

with :chosen(country)

select
    customer_segments.recency,
    customer_segments.frequency,
    sum(customer_segments.customers)::bigint as customers,
    sum(customer_segments.revenue) as revenue,
    round(sum(customer_segments.revenue) / sum(customer_segments.customers), 2) as average_per_customer
from customer_segments
cross join chosen
where chosen.country is null or customer_segments.country = chosen.country
group by customer_segments.recency, customer_segments.frequency
order by customer_segments.recency desc, customer_segments.frequency
