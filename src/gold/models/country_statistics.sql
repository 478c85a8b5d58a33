-- One row per country of the customers in silver, buyers or not; revenue is that of those customers.
-- Left out: sales without a customer and sales of customers that are not in silver; reconciliation names both.

with purchases as (
    select
        customer_id,
        sum(total_amount) as total_spent
    from transactions
    where customer_id is not null
    group by customer_id
)

select
    customers.country,
    count(*) as total_customers,
    cast(coalesce(sum(purchases.total_spent), 0) as decimal(18, 2)) as total_revenue,
    average_money(coalesce(sum(purchases.total_spent), 0), count(*)) as avg_customer_value,
    ratio(100 * count(*) filter (where customers.marketing_consent), count(*)) as marketing_consent_rate
from customers
left join purchases on purchases.customer_id = customers.customer_id
group by customers.country
