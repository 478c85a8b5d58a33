import { FILTERED_CUSTOMERS } from '../gold/filtered_customers.ts'
import { FILTERED_SALES } from '../gold/filtered_sales.ts'
import { sqlFiles } from '../gold/models.ts'
import { names } from '../gold/questions.ts'
import type { Choice, Narrowing } from './narrowed.ts'
import { listText, literal } from './parameters.ts'

/*
 * A figure reads the tables that every shop has, and takes a country and a product by itself. Where more is chosen (several,
 * without Unknown, net, days, a filter of the shop's own) queries by the names of those tables stand before it, and read
 * the sales that are left. Sums of them are exact. Different customers and orders need not add up: what counts them is
 * empty then.
 */

type Queries = Readonly<Record<string, string>>

const SALE = ['month', 'product', 'country', 'buyer']
const MEASURES = ['transactions', 'amounts_known', 'revenue', 'goods']

/** A figure of what is chosen, with queries by the names of the tables that it reads before it. */
export function narrowedTo(sql: string, narrowing: Narrowing): string {
  const { country, product, byDays = false, isNet = false } = narrowing
  const kept = keptConditions(narrowing)
  const places = country === undefined ? [] : conditionsOf('country', 'countries', country)
  const goods = product === undefined ? [] : conditionsOf('product', 'products', product)
  if (kept.length + places.length + goods.length === 0 && !byDays && !isNet) return sql
  if (names(sql, OF_CUSTOMERS)) return withQueries(sql, customersAmong(kept, places))
  // What is of a country is of who is known to live there.
  const placed = places.length === 0 ? [] : [...places, "buyer = 'customer known'"]
  const of = { isNet, placed, goods }
  if (kept.length > 0) return withQueries(sql, ofFilters(narrowing, [...kept, ...placed, ...goods]))
  if (byDays) {
    const daily = some('daily_sales', ['day', 'country', 'buyer'], MEASURES.slice(0, 3), isNet, placed)
    return withQueries(sql, { ...(daily !== undefined && { daily_sales: daily }), ...OF_DAYS })
  }
  return withQueries(sql, ofSome(narrowing, of), true)
}

/** What of a column is chosen, its values in a parameter. */
function conditionsOf(column: string, parameter: string, { values, isKnown }: Choice): string[] {
  return [
    ...(values.length === 0 ? [] : [`${column} = any(cast(:${parameter} as text[]))`]),
    ...(isKnown ? [`${column} <> 'Unknown'`] : []),
  ]
}

/** The same of the shop's own filters; a single value is a text. */
function keptConditions({ filters, kept }: Narrowing): string[] {
  return filters.flatMap(({ name }, i) => {
    const choice = kept[name]
    if (choice === undefined) return []
    const isOne = choice.values.length === 1 && !choice.isKnown
    return isOne ? [`${name} = cast(:kept_${i + 1} as text)`] : conditionsOf(name, `kept_${i + 1}`, choice)
  })
}

/** What a filter's parameter holds: a value, or a list of several. */
export function keptParameter(choice: Choice | undefined): string | null {
  if (choice === undefined || choice.values.length === 0) return null
  return choice.values.length === 1 && !choice.isKnown ? (choice.values[0] ?? null) : listText(choice.values)
}

const where = (conditions: readonly string[]) =>
  conditions.length === 0 ? '' : `\nwhere ${conditions.join('\n    and ')}`

/** Some rows of a table of sales, without those that were taken back where it is net; undefined where that is all. */
function some(
  table: string,
  labels: readonly string[],
  measures: readonly string[],
  isNet: boolean,
  conditions: readonly string[],
  isOfOrders = false,
): string | undefined {
  if (!isNet) return conditions.length === 0 ? undefined : `select *\nfrom ${table}${where(conditions)}`
  const columns = [
    ...labels,
    ...measures.map((name) => `${name} - reversed_${name} as ${name}`),
    ...measures.map((name) => `reversed_${name}`),
    // Where orders of several transactions do not add up, they are not told.
    ...(isOfOrders
      ? [
          'transactions - reversed_transactions as orders',
          'amounts_known - reversed_amounts_known as orders_with_amount',
        ]
      : []),
  ]
  const remain = where(['transactions > reversed_transactions', ...conditions])
  return `select\n    ${columns.join(',\n    ')}\nfrom ${table}${remain}`
}

const SUMS = `    sum(transactions)::bigint as transactions,
    sum(amounts_known)::bigint as amounts_known,
    sum(revenue) as revenue,
    sum(goods) as goods,
    sum(reversed_transactions)::bigint as reversed_transactions,
    sum(reversed_revenue) as reversed_revenue`
/** Of one row alone, as above. */
const ORDERS = `    sum(transactions)::bigint as orders,
    sum(amounts_known)::bigint as orders_with_amount`

const countriesIn = (table: string) => `select\n    month,\n    country,\n    buyer,\n${SUMS},\n${ORDERS}
from ${table}
group by month, country, buyer`

/** The days of months are not known: they stand on the first. */
const daysIn = (table: string) =>
  `select\n    cast(month || '-01' as date) as day,\n    country,\n    buyer,\n${SUMS}
from ${table}
where month <> 'Unknown'
group by month, country, buyer`

const productsIn = (table: string) =>
  `select\n    product,\n    sum(transactions)::bigint as total_sales,\n    sum(revenue) as total_revenue
from ${table}
group by product`

const noneOf = (table: string) => `select *\nfrom ${table}\nwhere false`

/** Value per customer is of all sales of all time, whatever else is chosen: it stands before what stands for these. */
const NET_STATISTICS = `select
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
) as sold on sold.country = country_statistics.country`

/** What stands for a table where filters of the shop's own are chosen, each behind those that it reads. */
function ofFilters({ filters, isNet = false }: Narrowing, conditions: readonly string[]): Queries {
  const labels = [...SALE, ...filters.map(({ name }) => name)]
  return {
    ...(isNet && { country_statistics: NET_STATISTICS }),
    [FILTERED_SALES]: some(FILTERED_SALES, labels, MEASURES, isNet, conditions) ?? '',
    monthly_sales: `select\n    month,\n    product,\n    country,\n    buyer,\n${SUMS},\n${ORDERS}
from ${FILTERED_SALES}
group by month, product, country, buyer`,
    country_sales: countriesIn(FILTERED_SALES),
    daily_sales: daysIn(FILTERED_SALES),
    product_performance: productsIn(FILTERED_SALES),
    spanning_orders: noneOf('spanning_orders'),
    customer_activity: noneOf('customer_activity'),
    product_activity: noneOf('product_activity'),
  }
}

interface Some {
  isNet: boolean
  placed: readonly string[]
  goods: readonly string[]
}

/** What stands for a table where it is net, or of several countries or products, each behind those that it reads. */
function ofSome({ filters }: Narrowing, { isNet, placed, goods }: Some): Queries {
  const both = [...placed, ...goods]
  const isOfProducts = goods.length > 0
  const left = (table: string, isLeft: boolean, conditions: readonly string[]) =>
    isLeft ? some(table, [], [], false, conditions) : noneOf(table)
  const queries: Record<string, string | undefined> = {
    ...(isNet && { country_statistics: NET_STATISTICS }),
    ...(filters.length > 0 && {
      [FILTERED_SALES]: some(FILTERED_SALES, [...SALE, ...filters.map(({ name }) => name)], MEASURES, isNet, both),
    }),
    monthly_sales: some('monthly_sales', SALE, MEASURES, isNet, both, true),
    country_sales: isOfProducts
      ? countriesIn('monthly_sales')
      : some('country_sales', ['month', 'country', 'buyer'], MEASURES, isNet, placed, true),
    daily_sales: isOfProducts
      ? daysIn('monthly_sales')
      : some('daily_sales', ['day', 'country', 'buyer'], MEASURES.slice(0, 3), isNet, placed),
    product_performance:
      isNet || placed.length > 0 ? productsIn('monthly_sales') : some('product_performance', [], [], false, goods),
    spanning_orders: noneOf('spanning_orders'),
    // Each customer lives in one country.
    customer_activity: left('customer_activity', !isNet && !isOfProducts, placed),
    product_activity: left('product_activity', !isNet, both),
  }
  return Object.fromEntries(Object.entries(queries).flatMap(([name, query]) => (query ? [[name, query]] : [])))
}

/** What stands for a table where the period is of days: what is shown as months are days then. */
const OF_DAYS: Queries = {
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
  spanning_orders: noneOf('spanning_orders'),
  customer_activity: noneOf('customer_activity'),
}

/** The figures that are of days then. */
const BY_DAY: readonly string[] = ['totals', 'over_time', 'by_country', 'coverage', 'reversed']

/** Whether a figure of the overview can be told of the period: of days those alone that no product or customer is in. */
export function isOfPeriod(name: string, { byDays = false }: Narrowing): boolean {
  return byDays ? BY_DAY.includes(name) : true
}

/** What scores and cohorts are of: all customers, or all of some countries. */
export const SCORED: readonly string[] = ['customer_segments', 'customer_cohorts']

const OF_CUSTOMERS = ['customer_metrics', 'customer_distribution', ...SCORED]

/** What stands for a table in figures of customers. */
function customersAmong(kept: readonly string[], places: readonly string[]): Queries {
  if (kept.length === 0) {
    const known = [...places, "buyer = 'customer known'"]
    return Object.fromEntries(
      OF_CUSTOMERS.map((table) => [
        table,
        `select *\nfrom ${table}${where(table === 'customer_cohorts' ? known : places)}`,
      ]),
    )
  }
  const among = where([`customer_id in (select customer_id from ${FILTERED_CUSTOMERS})`, ...places])
  const steps =
    sqlFiles('gold/models/intermediate')
      .find(({ name }) => name === 'spending_steps')
      ?.sql.trimEnd() ?? ''
  return {
    [FILTERED_CUSTOMERS]: `select *\nfrom ${FILTERED_CUSTOMERS}${where(kept)}`,
    customer_metrics: `select *\nfrom customer_metrics${among}`,
    customer_distribution: `select\n    country,\n    at_least,\n    count(*)::bigint as customers,\n    sum(total_spent) as revenue
from customer_metrics
inner join (
${steps.replace(/^(?=.)/gm, '    ')}
) as steps
    on (total_spent >= at_least or below = 0)
    and (total_spent < below or below is null)${among}
group by country, at_least`,
  }
}

/** Tells of a row of customers whether it is of those that are chosen; nothing where all are. */
export function isChosenCustomer({ kept, country }: Narrowing): string | undefined {
  const conditions = Object.entries(kept).flatMap(([name, choice]) => writtenOut(name, choice))
  const among =
    conditions.length === 0
      ? []
      : [`customer_id in (select customer_id from ${FILTERED_CUSTOMERS} where ${conditions.join(' and ')})`]
  const all = [...(country === undefined ? [] : writtenOut('country', country)), ...among]
  return all.length === 0 ? undefined : all.join(' and ')
}

function writtenOut(column: string, { values, isKnown }: Choice): string[] {
  return [
    ...(values.length === 0 ? [] : [`${column} in (${values.map(literal).join(', ')})`]),
    ...(isKnown ? [`${column} <> 'Unknown'`] : []),
  ]
}

/** A figure with those of the queries before it that it reads, or that one of them does. */
function withQueries(sql: string, standIns: Queries, isInline = false): string {
  const named: string[] = []
  let reading = sql
  for (const [name, query] of Object.entries(standIns).reverse()) {
    if (!names(reading, [name])) continue
    reading += `\n${query}`
    named.unshift(`${name} as ${isInline ? 'not materialized ' : ''}(\n${query.replace(/^(?=.)/gm, '    ')}\n),\n\n`)
  }
  return sql.replace(/^with (?=chosen as )/m, () => ['with ', ...named].join(''))
}
