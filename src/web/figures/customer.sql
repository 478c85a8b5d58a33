-- Who is a customer, and how lately, how often and for how much did they buy?
-- One row, over all time. A score is the fifth of all customers that they are in, 5 the best, as in customer_segments.
-- Where every transaction is an order, gold has the orders of each customer; else they are counted in silver, and the
-- scores are empty where they were not.

with it as (
    select *
    from customer_metrics
    where customer_id = cast(:customer as text)
),

ordered as (
    select
        case
            when (select sum(transactions) = sum(orders) from customer_segments) then total_transactions
            else cast(:customer_orders as bigint)
        end as orders
    from it
),

frequencies as (
    select
        frequency,
        min(fewest_orders) as fewest_orders,
        max(most_orders) as most_orders
    from customer_segments
    group by frequency
),

places as (
    select
        count(*) as customers,
        count(others.last_purchase_date) as dated,
        count(*) filter (where others.last_purchase_date < it.last_purchase_date) as earlier,
        count(*) filter (where others.total_spent < it.total_spent) as smaller,
        count(*) filter (where others.total_spent > it.total_spent) as larger
    from customer_metrics as others
    cross join it
),

scores as (
    select
        case when it.last_purchase_date is null then 0 else 1 + 5 * places.earlier / nullif(places.dated, 0) end as recency,
        frequencies.frequency,
        1 + 5 * places.smaller / nullif(places.customers, 0) as monetary
    from places
    cross join it
    cross join ordered
    inner join frequencies on ordered.orders between frequencies.fewest_orders and frequencies.most_orders
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
