import type { GoldQuery } from '../postgres/reader.ts'
import type { Filter } from '../settings/filters.ts'
import { filtersOf, KEPT, knownOn, type Place } from './addresses.ts'
import { type Filters, filters, type Page, type PageName } from './api.ts'
import { bound, type Parameters } from './parameters.ts'
import { Refusal } from './problem.ts'

/** What an address narrows a page to; refuses what the page is not narrowed to, which would be left out in silence. */
export function filtersIn(
  page: Place,
  { period, ...others }: Omit<Filters, 'kept'>,
  query: Readonly<Record<string, readonly string[]>>,
  own: readonly Filter[],
): Filters & { kept: Record<string, readonly string[]> } {
  const takes = filtersOf[page]
  const kept = keptIn(query, own, filters.shape)
  const named = [...Object.keys(query), ...(query['known'] ?? [])]
  for (const key of named) {
    const isKept = key.startsWith(KEPT)
    // All time is what a page shows that has no period.
    const isAll = key === 'period' && query['period']?.[0] === 'all'
    if (isAll || takes.some((filter) => filter === (isKept ? 'kept' : key))) continue
    const words = takes.map((filter) => (filter === 'kept' ? `${KEPT}NAME` : filter)).join(', ')
    throw new Refusal(400, 'usage', `The page ${page} is not narrowed by ${key}.`, `It takes ${words || 'no filter'}.`)
  }
  return { ...others, period: takes.includes('period') ? period : 'all', kept }
}

/** What an address says of the shop's own filters; refuses what is neither one of them nor known. */
export function keptIn(
  query: Readonly<Record<string, readonly string[]>>,
  own: readonly Filter[],
  known: object,
): Record<string, readonly string[]> {
  const kept: Record<string, readonly string[]> = {}
  const check = (key: string) => {
    const name = key.slice(KEPT.length)
    if (!own.some((filter) => filter.name === name)) throw noFilter(name)
    return name
  }
  for (const [key, values] of Object.entries(query)) {
    if (!key.startsWith(KEPT)) {
      if (!Object.hasOwn(known, key)) throw noFilter(key)
      continue
    }
    const isTooMuch = values.length > MOST || values.some((value) => value.length > LONGEST)
    if (isTooMuch) throw new Refusal(400, 'usage', `The value of ${key} is too long.`)
    kept[check(key)] = values
  }
  for (const name of query['known'] ?? []) {
    if (name.startsWith(KEPT)) check(name)
    else if (name !== 'country' && name !== 'product') throw noFilter(name)
  }
  return kept
}

function noFilter(name: string): Refusal {
  return new Refusal(400, 'usage', `There is no filter ${name}.`, 'See /api/choices.')
}

/** Characters of a value, and values of a filter. */
const LONGEST = 500
const MOST = 50

/** What is chosen of a filter. */
export interface Choice {
  /** All where there are none. */
  values: readonly string[]
  /** Whether Unknown is left out. */
  isKnown: boolean
}

/** What a view of a shop is narrowed to of the shop's own filters. */
export interface Narrowing {
  filters: readonly Filter[]
  kept: Readonly<Record<string, Choice>>
  /** Where it is more than one value, which a figure takes by itself. */
  country?: Choice
  product?: Choice
  /** Whether the period is of days, which are known of sales by country alone. */
  byDays?: boolean
  /** Whether sales that were taken back are left out. */
  isNet?: boolean
}

export const UNNARROWED: Narrowing = { filters: [], kept: {} }

export function isNarrowed({ kept }: Narrowing): boolean {
  return Object.keys(kept).length > 0
}

/** Days are of no product and of no filter of the shop's own: with one of them the months are shown that they are of. */
export function knowsDays(page: Place, filters: Filters, leftOut: readonly string[]): boolean {
  const { product, kept = {} } = filters
  const isKnown = knownOn(page, filters).some((name) => name !== 'country')
  const isWhole = product === undefined && Object.keys(kept).length === 0 && !isKnown
  return page === 'overview' && isWhole && !leftOut.includes('daily_sales')
}

type Unanswered = Page['unanswered'][number]

/** The columns that count what does not add up. */
const COUNTING: Partial<Record<PageName, Readonly<Partial<Record<Unanswered, readonly string[]>>>>> = {
  overview: {
    customers: ['active_customers', 'repeat_rate_pct'],
    orders: ['orders', 'average_order_value', 'transactions_per_order'],
  },
  products: { customers: ['customers'], orders: [] },
  countries: { customers: ['active_customers'], orders: ['orders'] },
}

/** What the sales by filters cannot answer. Where every transaction is an order, orders add up. */
export async function unansweredOf(
  query: GoldQuery,
  page: Place,
  leftOut: readonly string[],
  narrowing: Narrowing,
): Promise<Unanswered[]> {
  const { country, product, byDays = false, isNet = false } = narrowing
  const isOfSome = isNarrowed(narrowing)
  if (page === 'customers') return isOfSome ? ['scores'] : []
  const isPart = isOfSome || byDays || isNet
  if (!isPart && country === undefined && product === undefined) return []
  // Who bought one of several products may have bought another.
  const customers: Unanswered[] = isPart || (product !== undefined && page !== 'products') ? ['customers'] : []
  const orders: Unanswered[] = (await ordersAddUp(query, leftOut)) ? [] : ['orders']
  return [...customers, ...orders, ...(byDays ? ['products' as const] : [])]
}

/** Whether every transaction is an order. */
export async function ordersAddUp(query: GoldQuery, leftOut: readonly string[]): Promise<boolean> {
  if (['country_sales', 'spanning_orders'].some((table) => leftOut.includes(table))) return false
  const { rows } = await query(
    `select coalesce((select sum(transactions) = sum(orders) from country_sales), true)
       and not exists (select from spanning_orders)`,
  )
  return rows[0]?.[0] === 't'
}

/** A figure with nothing in the place of what cannot be answered. */
export async function withoutUnanswered(
  query: GoldQuery,
  page: PageName,
  sql: string,
  parameters: Parameters,
  unanswered: readonly Unanswered[],
): Promise<string> {
  const counting = unanswered.flatMap((what) => COUNTING[page]?.[what] ?? [])
  if (counting.length === 0) return sql
  const { text, values } = bound(sql, parameters)
  const { columns } = await query(`select * from (\n${text}\n) as figure limit 0`, values)
  const isEmpty = (name: string) => counting.includes(name.replace(/^previous_/, ''))
  if (!columns.some(({ name }) => isEmpty(name))) return sql
  const kept = columns.map(({ name, type }) => {
    return isEmpty(name) ? `    null::${type === 'integer' ? 'bigint' : 'numeric'} as ${name}` : `    ${name}`
  })
  const [comment = ''] = /^(?:--.*\n)*/.exec(sql) ?? []
  return `${comment}-- Empty: what does not add up over parts of the sales.

select
${kept.join(',\n')}
from (
${sql
  .slice(comment.length)
  .trim()
  .replace(/^(?=.)/gm, '    ')}
) as figure`
}
