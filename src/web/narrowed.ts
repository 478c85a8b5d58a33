import { FILTERED_CUSTOMERS } from '../gold/filtered_customers.ts'
import { FILTERED_SALES } from '../gold/filtered_sales.ts'
import { sqlFiles } from '../gold/models.ts'
import { names } from '../gold/questions.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import type { Filter } from '../settings/filters.ts'
import { filtersOf, KEPT } from './addresses.ts'
import { type Filters, filters, type Page, type PageName } from './api.ts'
import { bound, literal, type Parameters } from './parameters.ts'
import { Refusal } from './problem.ts'

/*
 * The shop's own filters. A figure reads the tables that every shop has; where one of these filters is chosen, queries by
 * the names of those tables stand before it, and read the sales by all filters. Sums of them are exact. Different
 * customers and orders do not add up, so what counts them is empty then.
 */

/** What an address narrows a page to; refuses what the page is not narrowed to, which would be left out in silence. */
export function filtersIn(
  page: PageName,
  { period, ...others }: Omit<Filters, 'kept'>,
  query: Readonly<Record<string, string>>,
  own: readonly Filter[],
): Filters & { kept: Record<string, string> } {
  const takes = filtersOf[page]
  const kept = keptIn(query, own, filters.shape)
  for (const [key, value] of Object.entries(query)) {
    const isKept = key.startsWith(KEPT)
    // All time is what a page shows that has no period.
    const isAll = key === 'period' && value === 'all'
    if (isAll || takes.some((filter) => filter === (isKept ? 'kept' : key))) continue
    const words = takes.map((filter) => (filter === 'kept' ? `${KEPT}NAME` : filter)).join(', ')
    throw new Refusal(400, 'usage', `The page ${page} is not narrowed by ${key}.`, `It takes ${words || 'no filter'}.`)
  }
  return { ...others, period: takes.includes('period') ? period : 'all', kept }
}

/** What an address says of the shop's own filters; refuses what is neither one of them nor known. */
export function keptIn(
  query: Readonly<Record<string, string>>,
  own: readonly Filter[],
  known: object,
): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const [key, value] of Object.entries(query)) {
    if (!key.startsWith(KEPT)) {
      if (!Object.hasOwn(known, key)) throw noFilter(key)
      continue
    }
    const name = key.slice(KEPT.length)
    if (!own.some((filter) => filter.name === name)) throw noFilter(name)
    if (value.length > LONGEST) throw new Refusal(400, 'usage', `The value of ${key} is too long.`)
    kept[name] = value
  }
  return kept
}

function noFilter(name: string): Refusal {
  return new Refusal(400, 'usage', `There is no filter ${name}.`, 'See /api/choices.')
}

const LONGEST = 500

/** What a view of a shop is narrowed to of the shop's own filters. */
export interface Narrowing {
  filters: readonly Filter[]
  kept: Readonly<Record<string, string>>
  /** Whether the period is of days, which are known of sales by country alone. */
  byDays?: boolean
  /** Whether sales that were taken back are left out. */
  isNet?: boolean
}

export const UNNARROWED: Narrowing = { filters: [], kept: {} }

export function isNarrowed({ kept }: Narrowing): boolean {
  return Object.keys(kept).length > 0
}

/** Whether a view is of some of the sales, which different customers and orders do not add up over. */
function isOfSome(narrowing: Narrowing): boolean {
  return isNarrowed(narrowing) || narrowing.byDays === true || narrowing.isNet === true
}

/** Days are of no product and of no filter of the shop's own: with one of them the months are shown that they are of. */
export function knowsDays(page: PageName, { product, kept = {} }: Filters, leftOut: readonly string[]): boolean {
  const isWhole = product === undefined && Object.keys(kept).length === 0
  return page === 'overview' && isWhole && !leftOut.includes('daily_sales')
}

/** The parameters of the filters that are chosen, by their columns. */
function chosenOf({ filters, kept }: Narrowing): { column: string; parameter: string }[] {
  return filters.flatMap(({ name }, i) =>
    kept[name] === undefined ? [] : [{ column: name, parameter: `kept_${i + 1}` }],
  )
}

const SUMS = `    sum(transactions)::bigint as transactions,
    sum(amounts_known)::bigint as amounts_known,
    sum(revenue) as revenue,
    sum(goods) as goods,
    sum(reversed_transactions)::bigint as reversed_transactions,
    sum(reversed_revenue) as reversed_revenue`
/** Of one row alone; where they do not add up, they are not told. */
const ORDERS = `    sum(transactions)::bigint as orders,
    sum(amounts_known)::bigint as orders_with_amount`

/** What stands for a table in a figure, each behind those that it reads. */
const STAND_INS: Readonly<Record<string, string>> = {
  monthly_sales: `select\n    month,\n    product,\n    country,\n    buyer,\n${SUMS},\n${ORDERS}
from ${FILTERED_SALES}
group by month, product, country, buyer`,
  country_sales: `select\n    month,\n    country,\n    buyer,\n${SUMS},\n${ORDERS}
from ${FILTERED_SALES}
group by month, country, buyer`,
  daily_sales: `select\n    cast(month || '-01' as date) as day,\n    country,\n    buyer,\n${SUMS}
from ${FILTERED_SALES}
where month <> 'Unknown'
group by month, country, buyer`,
  product_performance: `select\n    product,\n    sum(transactions)::bigint as total_sales,\n    sum(revenue) as total_revenue
from ${FILTERED_SALES}
group by product`,
  spanning_orders: 'select *\nfrom spanning_orders\nwhere false',
  customer_activity: 'select *\nfrom customer_activity\nwhere false',
  product_activity: 'select *\nfrom product_activity\nwhere false',
}

/** What stands for a table where the period is of days: what is shown as months are days then. */
const OF_DAYS: Readonly<Record<string, string>> = {
  country_sales: `select
    to_char(day, 'YYYY-MM-DD') as month,
    country,
    buyer,
    transactions,
    amounts_known,
    revenue,
    0.00 as goods,
    reversed_transactions,
    reversed_revenue,
    transactions as orders,
    amounts_known as orders_with_amount
from daily_sales`,
  spanning_orders: 'select *\nfrom spanning_orders\nwhere false',
  customer_activity: 'select *\nfrom customer_activity\nwhere false',
}

/** A table of sales without those that were taken back. */
function net(table: string, labels: readonly string[], measures: readonly string[], isOfOrders = false): string {
  const columns = [
    ...labels,
    ...measures.map((name) => `${name} - reversed_${name} as ${name}`),
    ...measures.map((name) => `reversed_${name}`),
    // Of one row alone, as above.
    ...(isOfOrders
      ? [
          'transactions - reversed_transactions as orders',
          'amounts_known - reversed_amounts_known as orders_with_amount',
        ]
      : []),
  ]
  return `select\n    ${columns.join(',\n    ')}\nfrom ${table}\nwhere transactions > reversed_transactions`
}

const MEASURES = ['transactions', 'amounts_known', 'revenue', 'goods']

/** What stands for a table where what was taken back is left out, each behind those that it reads. */
const NET = {
  // Of all sales of all time, whatever else is chosen: it stands before what stands for these.
  country_statistics: `select
    country_statistics.country,
    country_statistics.total_customers,
    round(coalesce(sold.revenue, 0.00) / country_statistics.total_customers, 2) as avg_customer_value,
    country_statistics.marketing_consent_rate
from country_statistics
left join (
    select
        country,
        sum(revenue) - sum(reversed_revenue) as revenue
    from country_sales
    where buyer = 'customer known'
    group by country
) as sold on sold.country = country_statistics.country`,
  monthly_sales: net('monthly_sales', ['month', 'product', 'country', 'buyer'], MEASURES, true),
  country_sales: net('country_sales', ['month', 'country', 'buyer'], MEASURES, true),
  daily_sales: net('daily_sales', ['day', 'country', 'buyer'], MEASURES.slice(0, 3)),
  product_performance: `select\n    product,\n    sum(transactions)::bigint as total_sales,\n    sum(revenue) as total_revenue
from monthly_sales
group by product`,
  spanning_orders: 'select *\nfrom spanning_orders\nwhere false',
  customer_activity: 'select *\nfrom customer_activity\nwhere false',
  product_activity: 'select *\nfrom product_activity\nwhere false',
} as const

/** The sales by filters without those that were taken back. */
function netOfFilters(filters: readonly Filter[]): string {
  return net(FILTERED_SALES, ['month', 'product', 'country', 'buyer', ...filters.map(({ name }) => name)], MEASURES)
}

/** The figures that are of days then. */
const BY_DAY: readonly string[] = ['totals', 'over_time', 'by_country', 'coverage', 'reversed']

/** Whether a figure of the overview can be told of the period: of days those alone that no product or customer is in. */
export function isOfPeriod(name: string, { byDays = false }: Narrowing): boolean {
  return byDays ? BY_DAY.includes(name) : true
}

/** The same of figures of customers. */
function customerStandIns(): Readonly<Record<string, string>> {
  const among = `where customer_id in (select customer_id from ${FILTERED_CUSTOMERS})`
  const steps =
    sqlFiles('gold/models/intermediate')
      .find(({ name }) => name === 'spending_steps')
      ?.sql.trimEnd() ?? ''
  return {
    customer_metrics: `select *\nfrom customer_metrics\n${among}`,
    customer_distribution: `select\n    country,\n    at_least,\n    count(*)::bigint as customers,\n    sum(total_spent) as revenue
from customer_metrics
inner join (
${steps.replace(/^(?=.)/gm, '    ')}
) as steps
    on (total_spent >= at_least or below = 0)
    and (total_spent < below or below is null)
${among}
group by country, at_least`,
  }
}

/** What scores and cohorts are of: all customers, or all of a country. */
export const SCORED: readonly string[] = ['customer_segments', 'customer_cohorts']

/** Tells of a row of customers whether it is of those that are chosen; nothing where all are. */
export function isChosenCustomer({ kept }: Narrowing): string | undefined {
  const conditions = Object.entries(kept).map(([name, value]) => `${name} = ${literal(value)}`)
  if (conditions.length === 0) return undefined
  return `customer_id in (select customer_id from ${FILTERED_CUSTOMERS} where ${conditions.join(' and ')})`
}

/** A figure of what is chosen, with queries by the names of the tables that it reads before it. */
export function narrowedTo(sql: string, narrowing: Narrowing): string {
  const { filters, byDays = false, isNet = false } = narrowing
  const chosen = chosenOf(narrowing)
  if (byDays) {
    const { daily_sales } = NET
    return withQueries(sql, isNet ? { daily_sales, ...OF_DAYS } : OF_DAYS)
  }
  if (chosen.length === 0) {
    if (!isNet) return sql
    return withQueries(sql, { ...NET, ...(filters.length > 0 && { [FILTERED_SALES]: netOfFilters(filters) }) }, true)
  }
  const conditions = chosen.map(({ column, parameter }) => `${column} = cast(:${parameter} as text)`).join(' and ')
  const ofCustomers = customerStandIns()
  if (names(sql, Object.keys(ofCustomers))) {
    return withQueries(sql, {
      [FILTERED_CUSTOMERS]: `select *\nfrom ${FILTERED_CUSTOMERS}\nwhere ${conditions}`,
      ...ofCustomers,
    })
  }
  if (!isNet) {
    return withQueries(sql, { [FILTERED_SALES]: `select *\nfrom ${FILTERED_SALES}\nwhere ${conditions}`, ...STAND_INS })
  }
  const { country_statistics } = NET
  const filtered = `${netOfFilters(filters)}\n    and ${conditions}`
  return withQueries(sql, { country_statistics, [FILTERED_SALES]: filtered, ...STAND_INS })
}

/** A figure with those of the queries before it that it reads, or that one of them does. */
function withQueries(sql: string, standIns: Readonly<Record<string, string>>, isInline = false): string {
  const named: string[] = []
  let reading = sql
  for (const [name, query] of Object.entries(standIns).reverse()) {
    if (!names(reading, [name])) continue
    reading += `\n${query}`
    named.unshift(`${name} as ${isInline ? 'not materialized ' : ''}(\n${query.replace(/^(?=.)/gm, '    ')}\n),\n\n`)
  }
  return sql.replace(/^with (?=chosen as )/m, () => ['with ', ...named].join(''))
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
  page: PageName,
  leftOut: readonly string[],
  narrowing: Narrowing,
): Promise<Unanswered[]> {
  if (!isOfSome(narrowing)) return []
  if (page === 'customers') return ['scores']
  if (['country_sales', 'spanning_orders'].some((table) => leftOut.includes(table))) return ['customers', 'orders']
  const { rows } = await query(
    `select coalesce((select sum(transactions) = sum(orders) from country_sales), true)
       and not exists (select from spanning_orders)`,
  )
  const counted: Unanswered[] = rows[0]?.[0] === 't' ? ['customers'] : ['customers', 'orders']
  return narrowing.byDays ? [...counted, 'products'] : counted
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
