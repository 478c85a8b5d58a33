import { type Db, MongoError } from 'mongodb'
import type { GoldQuery } from '../postgres/reader.ts'
import { leftOutStatuses } from '../trust/explain/explain.ts'
import { EXPLAIN_MS } from '../trust/patience.ts'
import { KEPT, listOf } from './addresses.ts'
import type { Customer, Customers, CustomersQuery } from './api.ts'
import { type Narrowing, UNNARROWED } from './narrowed.ts'
import { bound, checked, literal, nothingChosen, written } from './parameters.ts'
import { customerQuery } from './prelude.ts'
import { Refusal } from './problem.ts'
import { readGoldRun, rowsOf } from './seen.ts'
import { isChosenCustomer } from './stand_ins.ts'

/** The table that the list is of. */
export const CUSTOMERS = 'customer_metrics'

/** Counts the sales of a customer in silver, without those of some statuses, and their orders; null where it cannot. */
export type CountOrders = (
  customer: string,
  leftOut: readonly string[],
) => Promise<{ transactions: number; orders: number } | null>

/** As {@link CountOrders} says; an order of several transactions counts once. */
export function ordersIn(silver: Db): CountOrders {
  return async (customer, leftOut) => {
    const sales = { customer_id: { $eq: customer }, status: { $nin: [...leftOut] } }
    const orders = silver
      .collection('transactions')
      .aggregate<{ transactions: number }>(
        [{ $match: sales }, { $group: { _id: { $ifNull: ['$order_id', '$_id'] }, transactions: { $sum: 1 } } }],
        { maxTimeMS: EXPLAIN_MS },
      )
    try {
      const counts = await orders.toArray()
      return { transactions: counts.reduce((sum, { transactions }) => sum + transactions, 0), orders: counts.length }
    } catch (error) {
      // A segment is not worth the page: the rest of what is known of the customer is told.
      if (error instanceof MongoError) return null
      throw error
    }
  }
}

/** Who a customer is: their row of gold, where they stand among all, and their segment. */
export async function readCustomer(query: GoldQuery, id: string, countOrders: CountOrders): Promise<Customer> {
  const orders = await ordersOf(query, id, countOrders)
  const parameters = { ...nothingChosen, customer: id, customer_orders: orders === null ? null : String(orders) }
  const sql = customerQuery()
  const { text, values } = bound(sql, parameters)
  const { columns, rows } = rowsOf(await query(text, values))
  if (rows.length === 0) {
    const next = 'Customers are those with a sale; look for one at /api/customers.'
    throw new Refusal(404, 'usage', 'Gold has no such customer.', next)
  }
  return { columns, rows, sql: written(sql, parameters), gold: await readGoldRun(query) }
}

/** How many orders a customer placed, where gold does not tell and silver does: it may be of another run by now. */
async function ordersOf(query: GoldQuery, id: string, countOrders: CountOrders): Promise<number | null> {
  const { rows } = await query(
    `select total_transactions from customer_metrics
     where customer_id = $1 and (select sum(transactions) <> sum(orders) from customer_segments)`,
    [checked(id)],
  )
  const [transactions] = rows[0] ?? []
  if (transactions == null) return null
  const counted = await countOrders(id, await leftOutStatuses(query))
  return counted === null || String(counted.transactions) !== transactions ? null : counted.orders
}

/** A part of the table of customers: of those whose name, city or id contains what is looked for. */
export async function readCustomers(
  query: GoldQuery,
  wanted: CustomersQuery,
  narrowing: Narrowing = UNNARROWED,
): Promise<Customers> {
  const country = checked(oneCountry(wanted, narrowing))
  const pattern = patternOf(wanted.search)
  return {
    ...(await counted(query, wanted, matching(wanted.search, narrowing), [country, pattern])),
    sql: list(wanted, matching(wanted.search, narrowing, literal(country), literal(pattern))),
    gold: await readGoldRun(query),
    csv: `/api/csv/customers?${addressed(wanted, narrowing)}`,
    reads: [CUSTOMERS],
  }
}

function addressed(
  { country, known, asOf, search, sort, order }: CustomersQuery,
  { kept }: Narrowing,
): URLSearchParams {
  const wanted = new URLSearchParams()
  const add = (name: string, values: string | readonly string[] | undefined) => {
    for (const value of listOf(values)) wanted.append(name, value)
  }
  for (const [name, value] of Object.entries({ country, known, asOf })) add(name, value)
  for (const [name, { values }] of Object.entries(kept)) add(`${KEPT}${name}`, values)
  for (const [name, value] of Object.entries({ search, sort, order })) wanted.set(name, value)
  return wanted
}

/** The country where it is a single one; of several the narrowing tells. */
function oneCountry({ country }: Pick<CustomersQuery, 'country'>, narrowing: Narrowing): string | null {
  return narrowing.country === undefined ? (listOf(country)[0] ?? null) : null
}

/** The rows of the list, and how many there are in all; to look through the texts costs most, so that is done once. */
async function counted(query: GoldQuery, wanted: CustomersQuery, all: string, values: [string | null, string | null]) {
  const isOnce = values[1] === null ? 'not materialized' : 'materialized'
  const columns = [...new Set(['customer_id', wanted.sort])].join(', ')
  const { columns: found, rows } = rowsOf(
    await query(
      `with matching as ${isOnce} (
select ${columns}
${all}
),

${pageOf('from matching', wanted)}

${COLUMNS},
    (select count(*) from matching) as total
${ofFound(wanted)}`,
      values,
    ),
  )
  const beyond = rows.length === 0 && wanted.offset > 0
  const total = beyond ? (await query(`select count(*)\n${all}`, values)).rows[0]?.[0] : rows[0]?.at(-1)
  return { columns: found.slice(0, -1), rows: rows.map((row) => row.slice(0, -1)), total: Number(total ?? 0) }
}

/** The query of the whole table, in its order. */
export function customersQuery(
  { search, ...wanted }: Omit<CustomersQuery, 'limit' | 'offset'>,
  narrowing: Narrowing = UNNARROWED,
) {
  const text = `${COLUMNS}\n${matching(search, narrowing)}\n${orderOf(wanted)}`
  return { text, values: [checked(oneCountry(wanted, narrowing)), patternOf(search)] }
}

function patternOf(search: string): string | null {
  return search === '' ? null : checked(`%${search.replace(/[\\%_]/g, '\\$&')}%`)
}

function list(wanted: CustomersQuery, all: string): string {
  return `with ${pageOf(all, wanted)}

${COLUMNS}
${ofFound(wanted)}
`
}

/** Who is shown is found by little more than what is sorted by, wherever in the table it is. */
function pageOf(from: string, { limit, offset, ...wanted }: CustomersQuery): string {
  return `found as (
select customer_id
${from}
${orderOf(wanted)}
limit ${limit} offset ${offset}
)`
}

function ofFound(wanted: CustomersQuery): string {
  return `from found
inner join ${CUSTOMERS} using (customer_id)
${orderOf(wanted)}`
}

/** The column is one of the allow-list of the API. */
function orderOf({ sort, order }: Pick<CustomersQuery, 'sort' | 'order'>): string {
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

function matching(search: string, narrowing: Narrowing, country = '$1', pattern = '$2'): string {
  const chosen = isChosenCustomer(narrowing)
  // What has no letters is found without asking for the other case of each, which costs five times as much; and that of 26
  // letters alone, half as much: no letter beyond them is another case of theirs but of i and k, which names may have.
  const has = (column: string, isName: boolean) => {
    if (/^[ -@[-`{-~]*$/.test(search)) return `${column} like cast(${pattern} as text)`
    if (/^[ -~]*$/.test(search) && !(isName && /[ik]/i.test(search)))
      return `lower(${column} collate "C") like lower(cast(${pattern} as text) collate "C")`
    return `${column} ilike cast(${pattern} as text)`
  }
  return `from ${CUSTOMERS}
where
    (cast(${country} as text) is null or country = cast(${country} as text))
    and (
        cast(${pattern} as text) is null
        or ${has('full_name', true)}
        or ${has('city', true)}
        or ${has('customer_id', false)}
    )${chosen === undefined ? '' : `\n    and ${chosen}`}`
}
