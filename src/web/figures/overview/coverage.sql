-- What can the filters not see?
-- One row: all sales, whatever is chosen, and those of them without a date, of no known customer, or of unknown amount.
-- Of no known customer are sales that name none, and those whose customer is not in customers (not_in_customers_…).

select
    coalesce(sum(revenue), 0.00) as revenue,
    coalesce(sum(transactions), 0)::bigint as transactions,
    coalesce(sum(revenue) filter (where month = 'Unknown'), 0.00) as undated_revenue,
    coalesce(sum(transactions) filter (where month = 'Unknown'), 0)::bigint as undated_transactions,
    coalesce(sum(revenue) filter (where buyer <> 'customer known'), 0.00) as no_customer_revenue,
    coalesce(sum(transactions) filter (where buyer <> 'customer known'), 0)::bigint as no_customer_transactions,
    coalesce(sum(revenue) filter (where buyer = 'customer not in customers'), 0.00) as not_in_customers_revenue,
    coalesce(sum(transactions) filter (where buyer = 'customer not in customers'), 0)::bigint as not_in_customers_transactions,
    coalesce(sum(transactions - amounts_known), 0)::bigint as amount_unknown
from country_sales
