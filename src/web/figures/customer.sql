-- Who is a customer, and how lately, how often and for how much did they buy?
-- One row, over all time. A score is the fifth of all customers that they are in, 5 the best, as in customer_segments;
-- empty where orders have several transactions, of which gold does not know those of each customer.

with it as (
    select *
    from customer_metrics
    where customer_id = cast(:customer as text)
),

places as (
    select
        count(*) as customers,
        count(others.last_purchase_date) as dated,
        count(*) filter (where others.last_purchase_date < it.last_purchase_date) as earlier,
        count(*) filter (where others.total_transactions < it.total_transactions) as rarer,
        count(*) filter (where others.total_spent < it.total_spent) as smaller,
        count(*) filter (where others.total_spent > it.total_spent) as larger
    from customer_metrics as others
    cross join it
),

scores as (
    select
        case when it.last_purchase_date is null then 0 else 1 + 5 * places.earlier / nullif(places.dated, 0) end as recency,
        1 + 5 * places.rarer / nullif(places.customers, 0) as frequency,
        1 + 5 * places.smaller / nullif(places.customers, 0) as monetary
    from places
    cross join it
    where (select sum(transactions) = sum(orders) from customer_segments)
)

select
    it.*,
    places.larger + 1 as place,
    places.customers,
    scores.recency,
    scores.frequency,
    scores.monetary,
    case
        when scores.recency is null then null
        when scores.recency = 0 then 'Unknown'
        when scores.recency >= 4 and scores.frequency >= 4 and scores.monetary >= 4 then 'Champions'
        when scores.recency >= 3 and scores.frequency >= 3 then 'Loyal'
        when scores.recency >= 4 and scores.monetary >= 4 then 'Big spenders'
        when scores.recency >= 4 then 'Recent'
        when scores.recency = 3 then 'Needs attention'
        when scores.frequency >= 4 or scores.monetary >= 4 then 'At risk'
        else 'Lost'
    end as segment
from it
cross join places
left join scores on true
