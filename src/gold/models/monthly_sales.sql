-- One row per month (UTC), product, country and kind of buyer: all sales, cut for the filters of the dashboard.
-- Nothing is left out: sales without a date are the month Unknown, those without a known customer the country Unknown.

select
    coalesce(substring(cast(cast(transactions.timestamp as date) as string), 1, 7), 'Unknown') as month,
    transactions.product,
    coalesce(customers.country, 'Unknown') as country,
    case
        when transactions.customer_id is null then 'no customer'
        when customers.customer_id is null then 'customer not in customers'
        else 'customer known'
    end as buyer,
    count(*) as transactions,
    count(transactions.total_amount) as amounts_known,
    cast(coalesce(sum(transactions.total_amount), 0) as decimal(38, 2)) as revenue,
    cast(coalesce(sum(transactions.amount), 0) as decimal(38, 2)) as goods
from transactions
left join customers on customers.customer_id = transactions.customer_id
group by all
