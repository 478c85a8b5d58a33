-- One row per country of the customers in silver, buyers or not; revenue is that of those customers.
-- Left out: sales without a customer and sales of customers that are not in silver; reconciliation names both.

with revenue as (
    select
        country,
        sum(revenue) as total_revenue
    from sold
    where buyer = 'customer known' and not is_left_out
    group by country
),

countries as (
    select
        country,
        sum(customers) as total_customers,
        sum(consenting) as consenting
    from residents
    group by country
)

select
    countries.country,
    cast(countries.total_customers as bigint) as total_customers,
    cast(coalesce(revenue.total_revenue, 0) as decimal(38, 2)) as total_revenue,
    average_money(coalesce(revenue.total_revenue, 0), countries.total_customers) as avg_customer_value,
    ratio(100 * countries.consenting, countries.total_customers) as marketing_consent_rate
from countries
left join revenue on revenue.country = countries.country
