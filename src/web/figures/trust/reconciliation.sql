-- Where is the whole revenue?
-- One row per part of it as one table sees it: what the table holds, then what it leaves out. The parts of each table
-- add up to all sales, to the cent. table_revenue is the sum of the table itself, where it has one to compare with.

with table_sums (gold_table, revenue) as (
    select 'customer_metrics', sum(total_spent) from customer_metrics
    union all
    select 'product_performance', sum(total_revenue) from product_performance
    union all
    select 'monthly_revenue', sum(total_revenue) from monthly_revenue
    union all
    select 'country_statistics', sum(total_revenue) from country_statistics
),

holdings as (
    select gold_table, coalesce(sum(revenue) filter (where in_table), 0) as holds, sum(revenue) as parts
    from reconciliation
    group by gold_table
)

select
    reconciliation.gold_table,
    reconciliation.part,
    reconciliation.in_table,
    reconciliation.transactions,
    reconciliation.revenue,
    reconciliation.amount_unknown,
    holdings.holds,
    case when table_sums.gold_table is not null then coalesce(table_sums.revenue, 0.00) end as table_revenue,
    holdings.parts = (select revenue from reconciliation where gold_table = 'all sales') as adds_up
from reconciliation
inner join holdings on holdings.gold_table = reconciliation.gold_table
left join table_sums on table_sums.gold_table = reconciliation.gold_table
order by
    array_position(
        array[
            'all sales', 'customer_metrics', 'product_performance', 'monthly_revenue', 'country_statistics', 'by status'
        ],
        reconciliation.gold_table
    ),
    reconciliation.in_table desc,
    reconciliation.transactions desc,
    reconciliation.part
