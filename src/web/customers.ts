import type { GoldQuery } from '../gold/reader.ts'
import type { Customers, CustomersQuery } from './api.ts'
import { checked, literal } from './parameters.ts'
import { readGoldRun, shown } from './seen.ts'

/** A part of the table of customers: of those whose name, city or id contains what is looked for. */
export async function readCustomers(query: GoldQuery, wanted: CustomersQuery): Promise<Customers> {
  const country = checked(wanted.country ?? null)
  const pattern = patternOf(wanted.search)
  const { rows } = await query(`select count(*)\n${matching('$1', '$2')}`, [country, pattern])
  return {
    ...shown(await query(list(wanted, '$1', '$2'), [country, pattern])),
    sql: list(wanted, literal(country), literal(pattern)),
    gold: await readGoldRun(query),
    total: Number(rows[0]?.[0]),
    csv: `/api/csv/customers?${new URLSearchParams({
      ...(wanted.country !== undefined && { country: wanted.country }),
      search: wanted.search,
      sort: wanted.sort,
      order: wanted.order,
    })}`,
  }
}

/** The query of the whole table, in its order. */
export function customersQuery({ country, search, ...wanted }: Omit<CustomersQuery, 'limit' | 'offset'>) {
  return { text: everyRow(wanted, '$1', '$2'), values: [checked(country ?? null), patternOf(search)] }
}

function patternOf(search: string): string | null {
  return search === '' ? null : checked(`%${search.replace(/[\\%_]/g, '\\$&')}%`)
}

/** Who is shown is found by little more than what is sorted by, wherever in the table it is. */
function list({ limit, offset, ...wanted }: CustomersQuery, country: string, pattern: string): string {
  return `with found as (
select customer_id
${matching(country, pattern)}
${orderOf(wanted)}
limit ${limit} offset ${offset}
)

${COLUMNS}
from found
inner join customer_metrics using (customer_id)
${orderOf(wanted)}
`
}

function everyRow(wanted: Order, country: string, pattern: string): string {
  return `${COLUMNS}
${matching(country, pattern)}
${orderOf(wanted)}`
}

type Order = Pick<CustomersQuery, 'sort' | 'order'>

/** The column is one of the allow-list of the API. */
function orderOf({ sort, order }: Order): string {
  return `order by ${sort} ${order} nulls last, customer_id`
}

/** A share is of all revenue. */
const COLUMNS = `select
    customer_id,
    full_name,
    country,
    city,
    total_transactions,
    total_spent,
    avg_transaction_amount,
    first_purchase_date,
    last_purchase_date,
    round(total_spent * 100 / nullif((select revenue from reconciliation where gold_table = 'all sales'), 0), 2)
        as share_pct`

function matching(country: string, pattern: string): string {
  return `from customer_metrics
where
    (cast(${country} as text) is null or country = cast(${country} as text))
    and (
        cast(${pattern} as text) is null
        or full_name ilike cast(${pattern} as text)
        or city ilike cast(${pattern} as text)
        or customer_id ilike cast(${pattern} as text)
    )`
}
