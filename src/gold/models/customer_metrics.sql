-- One row per customer in silver with at least one transaction.
-- Left out: sales without a customer and sales of customers that are not in silver; reconciliation names both.

with purchases as (
    select
        customer_id,
        count(*) as total_transactions,
        sum(total_amount) as total_spent,
        count(total_amount) as amounts_known,
        min(timestamp) as first_purchase,
        max(timestamp) as last_purchase
    from transactions
    where customer_id in (select customer_id from customers)
    group by customer_id
)

select
    customers.customer_id,
    customers.full_name,
    customers.country,
    customers.city,
    purchases.total_transactions,
    cast(coalesce(purchases.total_spent, 0) as decimal(38, 2)) as total_spent,
    average_money(purchases.total_spent, purchases.amounts_known) as avg_transaction_amount,
    cast(purchases.first_purchase as date) as first_purchase_date,
    cast(purchases.last_purchase as date) as last_purchase_date
from customers
inner join purchases on purchases.customer_id = customers.customer_id
