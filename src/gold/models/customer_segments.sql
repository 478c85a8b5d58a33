-- One row per country and score of recency, frequency and monetary value (RFM) of the customers in customer_metrics.
-- A score is the fifth of all customers that a customer is in, 5 the best; equal customers have equal scores. Recency is
-- the fifth of those whose purchases have a date.
-- An order of several transactions counts once.
-- Whose purchases have no date has recency 0 and the segment Unknown: nothing is known of when they bought.

-- How many of their sales are not the first of their order.
with further as (
    select
        customer_id,
        sum(transactions) - count(distinct order_id) as sales
    from order_lines
    group by customer_id
),

buyers as (
    select
        customer_metrics.*,
        cast(customer_metrics.total_transactions - coalesce(further.sales, 0) as bigint) as orders
    from customer_metrics
    left join further on further.customer_id = customer_metrics.customer_id
),

scored as (
    select
        country,
        total_transactions,
        total_spent,
        orders,
        case
            when last_purchase_date is null then 0
            else 1 + cast(floor(
                5 * (rank() over (partition by last_purchase_date is null order by last_purchase_date) - 1)
                / count(*) over (partition by last_purchase_date is null)
            ) as bigint)
        end as recency,
        1 + cast(floor(5 * (rank() over (order by orders) - 1) / count(*) over ()) as bigint) as frequency,
        1 + cast(floor(5 * (rank() over (order by total_spent) - 1) / count(*) over ()) as bigint) as monetary
    from buyers
)

select
    country,
    recency,
    frequency,
    monetary,
    case
        when recency = 0 then 'Unknown'
        when recency >= 4 and frequency >= 4 and monetary >= 4 then 'Champions'
        when recency >= 3 and frequency >= 3 then 'Loyal'
        when recency >= 4 and monetary >= 4 then 'Big spenders'
        when recency >= 4 then 'Recent'
        when recency = 3 then 'Needs attention'
        when frequency >= 4 or monetary >= 4 then 'At risk'
        else 'Lost'
    end as segment,
    count(*) as customers,
    cast(sum(total_transactions) as bigint) as transactions,
    cast(sum(total_spent) as decimal(38, 2)) as revenue,
    cast(sum(orders) as bigint) as orders,
    min(orders) as fewest_orders,
    max(orders) as most_orders
from scored
group by country, recency, frequency, monetary
