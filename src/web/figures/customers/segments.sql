-- How many customers are of which kind, by how lately, how often and for how much they bought?
-- One row per segment, over all time; a share is of the customers. Unknown: no purchase has a date.

with :chosen(country)

select
    customer_segments.segment,
    sum(customer_segments.customers)::bigint as customers,
    round(sum(customer_segments.customers) * 100 / sum(sum(customer_segments.customers)) over (), 2) as customers_pct,
    sum(customer_segments.revenue) as revenue,
    round(sum(customer_segments.revenue) / sum(customer_segments.customers), 2) as average_per_customer
from customer_segments
cross join chosen
where chosen.country is null or customer_segments.country = chosen.country
group by customer_segments.segment
order by array_position(
    array['Champions', 'Loyal', 'Big spenders', 'Recent', 'Needs attention', 'At risk', 'Lost', 'Unknown'],
    customer_segments.segment
)
