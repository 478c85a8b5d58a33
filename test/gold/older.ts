/** The gold of the version that put no marks into its comments, as it stood in PostgreSQL. */
const tables: Readonly<Record<string, { key: string; columns: string }>> = {
  campaign_performance: {
    key: 'campaign_id',
    columns:
      'campaign_id text, campaign_name text, campaign_type text, total_impressions bigint, total_clicks bigint, total_conversions bigint, avg_ctr numeric(38,6), avg_conversion_rate numeric(38,6), avg_cpc numeric(38,6), avg_cpa numeric(38,6), roi numeric(38,6), status text',
  },
  campaign_spending: {
    key: 'campaign_id',
    columns:
      'campaign_id text, start_month text, records bigint, total_budget numeric(18,2), total_spend numeric(18,2)',
  },
  country_statistics: {
    key: 'country',
    columns:
      'country text, total_customers bigint, total_revenue numeric(18,2), avg_customer_value numeric(18,2), marketing_consent_rate numeric(38,6)',
  },
  customer_activity: {
    key: 'month, previous_month, next_month, country, buyer',
    columns:
      'month text, previous_month text, next_month text, country text, buyer text, customers bigint, with_one_transaction bigint',
  },
  customer_cohorts: {
    key: 'cohort, months_since, country, buyer',
    columns:
      'cohort text, months_since bigint, country text, buyer text, customers bigint, transactions bigint, revenue numeric(18,2)',
  },
  customer_distribution: {
    key: 'country, at_least',
    columns: 'country text, at_least numeric(18,2), below numeric(18,2), customers bigint, revenue numeric(18,2)',
  },
  customer_metrics: {
    key: 'customer_id',
    columns:
      'customer_id text, full_name text, country text, city text, total_transactions bigint, total_spent numeric(18,2), avg_transaction_amount numeric(18,2), first_purchase_date date, last_purchase_date date',
  },
  customer_segments: {
    key: 'country, recency, frequency, monetary',
    columns:
      'country text, recency bigint, frequency bigint, monetary bigint, segment text, customers bigint, transactions bigint, revenue numeric(18,2)',
  },
  gold_run: {
    key: 'run',
    columns: 'run text, started timestamp without time zone',
  },
  monthly_revenue: {
    key: 'month',
    columns:
      'month date, total_revenue numeric(18,2), total_transactions bigint, unique_customers bigint, avg_transaction_value numeric(18,2)',
  },
  monthly_sales: {
    key: 'month, product, country, buyer',
    columns:
      'month text, product text, country text, buyer text, transactions bigint, amounts_known bigint, revenue numeric(18,2), goods numeric(18,2)',
  },
  product_activity: {
    key: 'product, month, previous_month, next_month, country, buyer',
    columns:
      'product text, month text, previous_month text, next_month text, country text, buyer text, customers bigint, with_one_transaction bigint',
  },
  product_performance: {
    key: 'product',
    columns:
      'product text, total_sales bigint, total_revenue numeric(18,2), avg_price numeric(18,2), unique_customers bigint',
  },
  reconciliation: {
    key: 'gold_table, part',
    columns:
      'gold_table text, part text, in_table boolean, transactions bigint, revenue numeric(18,2), amount_unknown bigint',
  },
}

/** The names of its tables. */
export const olderNames = Object.keys(tables)

/** The statements that make it. */
export function olderGold(schema: string): string {
  const statements = Object.entries(tables).map(([name, { key, columns }]) => {
    const names = columns.split(/, (?=\w+ )/).map((column) => column.split(' ')[0])
    const comments = names.map((column) => `comment on column ${schema}.${name}.${column} is 'what it means'`)
    const table = `create table ${schema}.${name} (${columns}, primary key (${key}))`
    return [table, `comment on table ${schema}.${name} is 'what it is'`, ...comments].join(';\n')
  })
  return [`create schema if not exists ${schema}`, ...statements].join(';\n')
}
