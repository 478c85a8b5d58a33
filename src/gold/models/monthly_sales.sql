-- One row per month (UTC unless timeZone is set), product, country and kind of buyer: all sales, cut for the filters of
-- the dashboard.
-- An order counts once in each row that it has a sale in; spanning_orders tells what several rows have in common.
-- Nothing is left out: sales without a date are the month Unknown, those without a known customer the country Unknown.

with ordered as (
    select
        month,
        product,
        country,
        buyer,
        sum(transactions) as transactions,
        sum(amounts_known) as amounts_known
    from order_lines
    group by order_id, month, product, country, buyer
),

sales as (
    select
        month,
        product,
        country,
        buyer,
        transactions,
        amounts_known,
        revenue,
        goods,
        case when is_reversed(status) then transactions else 0 end as reversed_transactions,
        case when is_reversed(status) then amounts_known else 0 end as reversed_amounts_known,
        case when is_reversed(status) then revenue else 0 end as reversed_revenue,
        case when is_reversed(status) then goods else 0 end as reversed_goods,
        transactions as orders,
        amounts_known as orders_with_amount
    from sold
    where not is_left_out
    union all
    -- Of several sales of an order one stands for it.
    select
        month,
        product,
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
    group by month, product, country, buyer
)

select
    coalesce(substring(cast(month as string), 1, 7), 'Unknown') as month,
    product,
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
group by sales.month, sales.product, sales.country, sales.buyer
