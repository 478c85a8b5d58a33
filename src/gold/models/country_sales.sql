-- One row per month (UTC unless timeZone is set), country and kind of buyer: monthly_sales without the products, for
-- what is asked of all of them, however many they are.
-- An order counts once in each row that it has a sale in; spanning_orders tells what several rows have in common.
-- Nothing is left out.

with ordered as (
    select
        month,
        country,
        buyer,
        sum(transactions) as transactions,
        sum(amounts_known) as amounts_known
    from order_lines
    group by order_id, month, country, buyer
),

sales as (
    select
        month,
        country,
        buyer,
        transactions,
        amounts_known,
        revenue,
        goods,
        reversed_transactions,
        reversed_amounts_known,
        reversed_revenue,
        reversed_goods,
        transactions as orders,
        amounts_known as orders_with_amount
    from monthly_sales
    union all
    -- Of several sales of an order one stands for it.
    select
        coalesce(substring(cast(month as string), 1, 7), 'Unknown'),
        country,
        buyer,
        0,
        0,
        0.00,
        0.00,
        0,
        0,
        0.00,
        0.00,
        cast(count(*) - sum(transactions) as bigint),
        cast(count(*) filter (where amounts_known > 0) - sum(amounts_known) as bigint)
    from ordered
    group by month, country, buyer
)

select
    month,
    country,
    buyer,
    cast(sum(transactions) as bigint) as transactions,
    cast(sum(amounts_known) as bigint) as amounts_known,
    cast(sum(revenue) as decimal(38, 2)) as revenue,
    cast(sum(goods) as decimal(38, 2)) as goods,
    cast(sum(reversed_transactions) as bigint) as reversed_transactions,
    cast(sum(reversed_amounts_known) as bigint) as reversed_amounts_known,
    cast(sum(reversed_revenue) as decimal(38, 2)) as reversed_revenue,
    cast(sum(reversed_goods) as decimal(38, 2)) as reversed_goods,
    cast(sum(orders) as bigint) as orders,
    cast(sum(orders_with_amount) as bigint) as orders_with_amount
from sales
group by month, country, buyer
