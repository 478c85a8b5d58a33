import type { Filter } from '../settings/filters.ts'
import { packageRoot } from '../system/package.ts'
import { type ModelTest, quoted } from './checks.ts'

export const FILTERED_CUSTOMERS = 'filtered_customers'

/** The model of who is narrowed to by the filters that are fields of customers: its columns follow the settings, so it is no file. */
export function filteredCustomers(filters: readonly Filter[]) {
  const names = filters.map(({ name }) => name)
  const key = ['customer_id']
  const tests: ModelTest[] = [
    { test: 'unique', columns: key, severity: 'error' },
    { test: 'not_null', columns: [...key, ...names], severity: 'error' },
    { test: 'no_rows', name: 'it holds the customers of customer_metrics', sql: HOLDS_ALL, severity: 'error' },
  ]
  return {
    name: FILTERED_CUSTOMERS,
    file: `${packageRoot}/src/gold/filtered_customers.ts`,
    isOwn: false,
    description: `The customers of customer_metrics, with what the settings call filters: ${names.join(', ')}. One row per customer.`,
    of: 'customers' as const,
    by: 'customer_id' as const,
    key,
    reads: { transactions: key, customers: [...key, ...names] },
    from: {},
    columns: {
      customer_id: 'The customer.',
      ...Object.fromEntries(filters.map(({ name, meaning }) => [name, `${meaning} Unknown where it is missing.`])),
    },
    plain: [],
    personal: [],
    tests,
    sql: `-- One row per customer of customer_metrics, with ${names.join(', ')}, for the filters of the dashboard.
-- Nothing is left out.

select
    ${['customer_id', ...names.map((name) => `coalesce(${quoted(name)}, 'Unknown') as ${quoted(name)}`)].join(',\n    ')}
from customers
where customer_id in (select customer_id from transactions)
`,
  }
}

const HOLDS_ALL = `select customer_id from customer_metrics
where customer_id not in (select customer_id from ${FILTERED_CUSTOMERS})
union all
select customer_id from ${FILTERED_CUSTOMERS} where customer_id not in (select customer_id from customer_metrics)`
