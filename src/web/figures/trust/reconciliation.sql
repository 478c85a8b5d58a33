-- Where is the whole revenue?
-- One row per part of it as one table sees it: what the table holds, then what it leaves out. The parts of each table
-- add up to all sales, to the cent.

select
    gold_table,
    part,
    in_table,
    transactions,
    revenue,
    amount_unknown
from reconciliation
order by
    array_position(
        array[
            'all sales', 'customer_metrics', 'product_performance', 'monthly_revenue', 'country_statistics', 'by status'
        ],
        gold_table
    ),
    in_table desc,
    transactions desc,
    part
