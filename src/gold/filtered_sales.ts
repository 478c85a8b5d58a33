import type { Filter } from '../settings/filters.ts'
import { packageRoot } from '../system/package.ts'
import { type ModelTest, quoted } from './checks.ts'

export const FILTERED_SALES = 'filtered_sales'
/** What it adds up. */
export const FILTERED_SOLD = 'filtered_sold'

/** What net revenue leaves out. */
const REVERSED = {
  reversed_transactions: 'Number of transactions that are Cancelled or Refunded.',
  reversed_amounts_known: 'Number of these whose amount is known.',
  reversed_revenue: 'Sum of total_amount of these; net revenue is revenue less this.',
  reversed_goods: 'Sum of amount of these.',
}

const file = `${packageRoot}/src/gold/filtered_sales.ts`

/** The model of all sales by what the filters of a shop tell apart: its columns follow the settings, so it is no file. */
export function filteredSales(filters: readonly Filter[]) {
  const names = filters.map(({ name }) => name)
  const key = ['month', 'product', 'country', 'buyer', ...names]
  const columns = names.map((name) => `    ${quoted(name)},\n`)
  const tests: ModelTest[] = [
    { test: 'unique', columns: key, severity: 'error' },
    {
      test: 'not_null',
      columns: [...key, 'transactions', 'amounts_known', 'revenue', 'goods', ...Object.keys(REVERSED)],
      severity: 'error',
    },
    { test: 'no_rows', name: 'it holds all sales that count', sql: HOLDS_ALL, severity: 'error' },
  ]
  return {
    name: FILTERED_SALES,
    file,
    isOwn: false,
    description: `All sales by what the settings call filters: monthly_sales, cut by ${names.join(', ')} as well. Sums alone: customers and orders of several rows do not add up.`,
    key,
    reads: { models: [FILTERED_SOLD] },
    parts: [filteredSold(filters)],
    from: { month: 'transactions.timestamp' },
    columns: {
      month: 'Month (UTC unless timeZone is set) as 2025-03; Unknown where the sale has no date.',
      product: 'The product; Unknown where it is missing.',
      country: 'Country of the customer; Unknown where it is missing, or nobody knows the customer.',
      buyer: '"customer known", "customer not in customers" or "no customer", as in reconciliation.',
      ...Object.fromEntries(filters.map(({ name, meaning }) => [name, `${meaning} Unknown where it is missing.`])),
      transactions: 'Number of transactions.',
      amounts_known: 'Number of them whose amount is known; averages divide by it.',
      revenue: 'Sum of total_amount where known; 0.00 if none is known.',
      goods: 'Sum of amount where known, before discount and shipping; 0.00 if none is known.',
      ...REVERSED,
    },
    plain: [],
    personal: [],
    tests,
    sql: `-- One row per month (UTC unless timeZone is set), product, country, kind of buyer, and ${names.join(', ')}: all sales, cut
-- for the filters of the dashboard that the settings name.
-- Nothing is left out.

select
    coalesce(substring(cast(month as string), 1, 7), 'Unknown') as month,
    product,
    country,
    buyer,
${columns.join('')}    cast(sum(transactions) as bigint) as transactions,
    cast(sum(amounts_known) as bigint) as amounts_known,
    cast(sum(revenue) as decimal(38, 2)) as revenue,
    cast(sum(goods) as decimal(38, 2)) as goods,
    cast(sum(reversed_transactions) as bigint) as reversed_transactions,
    cast(sum(reversed_amounts_known) as bigint) as reversed_amounts_known,
    cast(sum(reversed_revenue) as decimal(38, 2)) as reversed_revenue,
    cast(sum(reversed_goods) as decimal(38, 2)) as reversed_goods
from ${FILTERED_SOLD}
group by all
`,
  }
}

/** The same of some customers alone: they are divided, and what comes of them is added up. */
function filteredSold(filters: readonly Filter[]) {
  const ofCollection = (wanted: string) =>
    filters.flatMap(({ collection, name }) => (collection === wanted ? [name] : []))
  const kept = filters.map(({ collection, name }) => {
    return `        ${collection === 'customers' ? 'customers' : 'sales'}.${quoted(name)},\n`
  })
  const labels = filters.map(({ name }) => `    coalesce(${quoted(name)}, 'Unknown') as ${quoted(name)},\n`)
  return {
    name: FILTERED_SOLD,
    file,
    isOwn: false,
    by: 'customer_id' as const,
    reads: {
      transactions: [
        'customer_id',
        'product',
        'status',
        'timestamp',
        'amount',
        'total_amount',
        ...ofCollection('transactions'),
      ],
      customers: ['customer_id', 'country', ...ofCollection('customers')],
    },
    sql: `-- One row per month (UTC unless timeZone is set; null where they have no date), product, country, kind of buyer, and
-- ${filters.map(({ name }) => name).join(', ')} of sales. Nothing is left out.

with counted as (
    select
        cast(date_trunc('month', sales.timestamp) as date) as month,
        sales.product,
        customers.country,
        sales.customer_id is not null as has_customer,
        customers.customer_id is not null as is_known,
${kept.join('')}        count(*) as transactions,
        count(sales.total_amount) as amounts_known,
        coalesce(sum(sales.total_amount), 0) as revenue,
        coalesce(sum(sales.amount), 0) as goods,
        count(*) filter (where is_reversed(sales.status)) as reversed_transactions,
        count(sales.total_amount) filter (where is_reversed(sales.status)) as reversed_amounts_known,
        coalesce(sum(sales.total_amount) filter (where is_reversed(sales.status)), 0) as reversed_revenue,
        coalesce(sum(sales.amount) filter (where is_reversed(sales.status)), 0) as reversed_goods
    from transactions as sales
    left join customers on customers.customer_id = sales.customer_id
    group by all
)

select
    month,
    product,
    coalesce(country, 'Unknown') as country,
    kind_of_buyer(has_customer, is_known) as buyer,
${labels.join('')}    transactions,
    amounts_known,
    revenue,
    goods,
    ${Object.keys(REVERSED).join(',\n    ')}
from counted
`,
  }
}

const HOLDS_ALL = `with held as (
  select coalesce(sum(revenue), 0) as revenue, coalesce(sum(transactions), 0) as transactions from ${FILTERED_SALES}
), counted as (
  select sum(revenue) as revenue, sum(transactions) as transactions
  from reconciliation where gold_table = 'customer_metrics' and part <> 'left out by status'
)
select held.revenue, counted.revenue as expected from held, counted
where held.revenue <> counted.revenue or held.transactions <> counted.transactions`
