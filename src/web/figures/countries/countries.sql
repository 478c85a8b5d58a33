-- What does each country bring in, and what are its customers worth?
-- One row per country of the customers, the best first, then Unknown, then two for the sales of nobody
-- known, so that the revenue adds up. buyer tells them apart.
-- Revenue, orders and active customers are of the period; a share is of all its revenue; a customer counts once, an
-- order once in each row that it has a transaction in. previous_revenue is of the period that it is compared with.
-- customers are all of the country, buyers or not, with their value over all time, and how many of them said yes to
-- marketing and how many did not.

with :chosen(from_month, to_month, before_from, before_to, product),

:sales,

sold as (
    select
        sales.country,
        sales.buyer,
        sum(sales.revenue) filter (where :in_period(sales)) as revenue,
        sum(sales.orders) filter (where :in_period(sales)) as orders,
        sum(sales.revenue) filter (where :is_before(sales)) as previous_revenue
    from sales
    cross join chosen
    group by sales.country, sales.buyer
),

:spanning,

-- How often orders are in these rows once more.
again as (
    select
        spanning.country,
        spanning.buyer,
        sum(spanning.places) - coalesce(sum(spanning.orders) filter (where :is_first(spanning)), 0) as orders
    from spanning
    cross join chosen
    where :in_period(spanning)
    group by spanning.country, spanning.buyer
),

:activity,

-- The rows of customers in their first month of the period.
buyers as (
    select
        activity.country,
        activity.buyer,
        sum(activity.customers) as customers
    from activity
    cross join chosen
    where :is_first(activity)
    group by activity.country, activity.buyer
),

places as (
    select
        country,
        country as sold_in,
        'customer known' as buyer,
        total_customers as customers,
        avg_customer_value as value_per_customer,
        round(marketing_consent_rate * total_customers / 100)::bigint as consent_yes,
        total_customers - round(marketing_consent_rate * total_customers / 100)::bigint as consent_no,
        round(marketing_consent_rate, 2) as marketing_consent_pct
    from country_statistics
    union all
    select 'customer not in customers', 'Unknown', 'customer not in customers', null, null, null, null, null
    union all
    select 'no customer', 'Unknown', 'no customer', null, null, null, null, null
)

select
    places.country,
    places.buyer,
    coalesce(sold.revenue, 0.00) as revenue,
    round(coalesce(sold.revenue, 0) * 100 / nullif(sum(sold.revenue) over (), 0), 2) as share_pct,
    (coalesce(sold.orders, 0) - coalesce(again.orders, 0))::bigint as orders,
    case when places.buyer <> 'no customer' then coalesce(buyers.customers, 0) end::bigint as active_customers,
    places.customers,
    places.value_per_customer,
    places.consent_yes,
    places.consent_no,
    places.marketing_consent_pct,
    case when chosen.before_from is not null then coalesce(sold.previous_revenue, 0.00) end as previous_revenue
from places
cross join chosen
left join sold on sold.country = places.sold_in and sold.buyer = places.buyer
left join again on again.country = places.sold_in and again.buyer = places.buyer
left join buyers on buyers.country = places.sold_in and buyers.buyer = places.buyer
order by
    array_position(array['customer known', 'customer not in customers', 'no customer'], places.buyer),
    (places.country = 'Unknown'),
    coalesce(sold.revenue, 0) desc,
    places.country collate "C"
