-- One row per country of the customers in silver, buyers or not; revenue is that of those customers.
-- Left out: sales without a customer and sales of customers that are not in silver; reconciliation names both.

with revenue as (
    select
        customers.country,
        sum(transactions.total_amount) as total_revenue
    from transactions
    inner join customers on customers.customer_id = transactions.customer_id
    group by customers.country
),

residents as (
    select
        country,
        count(*) as total_customers,
        count(*) filter (where marketing_consent) as consenting
    from customers
    group by country
)

select
    residents.country,
    residents.total_customers,
    cast(coalesce(revenue.total_revenue, 0) as decimal(38, 2)) as total_revenue,
    average_money(coalesce(revenue.total_revenue, 0), residents.total_customers) as avg_customer_value,
    ratio(100 * residents.consenting, residents.total_customers) as marketing_consent_rate
from residents
left join revenue on revenue.country = residents.country
