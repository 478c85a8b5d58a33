/** The tables that the dashboard reads, recomputed from silver in plain loops. */
import { centsOf, dayOf, grouped, type Row, type Silver, textOf } from './documents.ts'
import { format } from './exact.ts'
import { type Buyer, buyersOf, monthOf, type Sale, salesOf } from './sales.ts'

export const cutKeys = {
  monthly_sales: ['month', 'product', 'country', 'buyer'],
  country_sales: ['month', 'country', 'buyer'],
  daily_sales: ['day', 'country', 'buyer'],
  customer_activity: ['month', 'previous_month', 'next_month', 'country', 'buyer'],
  spanning_orders: ['product', 'country', 'buyer', 'month', 'previous_month', 'previous_amount_month'],
  product_activity: ['product', 'month', 'previous_month', 'next_month', 'country', 'buyer'],
  customer_cohorts: ['cohort', 'months_since', 'country', 'buyer'],
  customer_segments: ['country', 'recency', 'frequency', 'monetary'],
  customer_distribution: ['country', 'at_least'],
  campaign_spending: ['campaign_id'],
} as const

export type CutTables = Record<keyof typeof cutKeys, Row[]>

export function expectedCuts(silver: Silver): CutTables {
  const [sales, buyers] = [salesOf(silver), buyersOf(silver)]
  return {
    monthly_sales: monthlySales(sales, ({ month, product, country, buyer }) => ({ month, product, country, buyer })),
    country_sales: monthlySales(sales, ({ month, country, buyer }) => ({ month, country, buyer })),
    daily_sales: dailySales(sales),
    customer_activity: activity(sales),
    spanning_orders: spanningOrders(sales),
    product_activity: productActivity(sales),
    customer_cohorts: cohorts(sales),
    customer_segments: segments(buyers),
    customer_distribution: distribution(buyers),
    campaign_spending: spending(silver),
  }
}

/** Rows by their labels, with counts and sums of cents that start at 0. */
class Counter<Measure extends string> {
  readonly #rows = new Map<string, { labels: Row; measures: Record<Measure, bigint> }>()
  readonly #measures: Readonly<Record<Measure, 'count' | 'money'>>

  constructor(measures: Readonly<Record<Measure, 'count' | 'money'>>) {
    this.#measures = measures
  }

  add(labels: Row, more: Partial<Record<Measure, bigint>>): void {
    const { measures } = grouped(this.#rows, JSON.stringify(labels), () => ({
      labels,
      measures: Object.fromEntries(this.#names.map((name) => [name, 0n])) as Record<Measure, bigint>,
    }))
    for (const name of this.#names) measures[name] += more[name] ?? 0n
  }

  get #names(): Measure[] {
    return Object.keys(this.#measures) as Measure[]
  }

  get rows(): Row[] {
    return [...this.#rows.values()].map(({ labels, measures }) => ({
      ...labels,
      ...Object.fromEntries(
        this.#names.map((name) => [
          name,
          this.#measures[name] === 'money' ? format(measures[name], 2) : String(measures[name]),
        ]),
      ),
    }))
  }
}

function measured({ total, amount }: Sale) {
  return { transactions: 1n, amounts_known: total === null ? 0n : 1n, revenue: total ?? 0n, goods: amount ?? 0n }
}

/** The same of a sale that is Cancelled or Refunded, and nothing of any other. */
function takenBack(sale: Sale) {
  const { transactions, amounts_known, revenue, goods } = measured(sale)
  return sale.isReversed
    ? {
        reversed_transactions: transactions,
        reversed_amounts_known: amounts_known,
        reversed_revenue: revenue,
        reversed_goods: goods,
      }
    : {}
}

function dailySales(sales: readonly Sale[]): Row[] {
  const counter = new Counter({
    ...{ transactions: 'count', amounts_known: 'count', revenue: 'money' },
    ...{ reversed_transactions: 'count', reversed_amounts_known: 'count', reversed_revenue: 'money' },
  })
  for (const sale of sales) {
    const { day, country, buyer } = sale
    if (day === 'Unknown') continue
    const { transactions, amounts_known, revenue } = measured(sale)
    const taken = takenBack(sale)
    counter.add({ day, country, buyer }, { transactions, amounts_known, revenue, ...taken })
  }
  return counter.rows
}

function monthlySales(sales: readonly Sale[], labelsOf: (sale: Sale) => Row): Row[] {
  const counter = new Counter({
    ...{ transactions: 'count', amounts_known: 'count', revenue: 'money', goods: 'money' },
    ...{ reversed_transactions: 'count', reversed_amounts_known: 'count' },
    ...{ reversed_revenue: 'money', reversed_goods: 'money' },
    ...{ orders: 'count', orders_with_amount: 'count' },
  })
  const [orders, withAmount] = [new Set<string>(), new Set<string>()]
  for (const sale of sales) {
    const { total } = sale
    const place = JSON.stringify([labelsOf(sale), sale.order])
    counter.add(labelsOf(sale), {
      ...measured(sale),
      ...takenBack(sale),
      orders: orders.has(place) ? 0n : 1n,
      orders_with_amount: total === null || withAmount.has(place) ? 0n : 1n,
    })
    orders.add(place)
    if (total !== null) withAmount.add(place)
  }
  return counter.rows
}

/** Orders in several rows: of any sales, of each country and kind of buyer, and both of each product by itself. */
function spanningOrders(sales: readonly Sale[]): Row[] {
  const counter = new Counter({
    orders: 'count',
    orders_with_amount: 'count',
    places: 'count',
    places_with_amount: 'count',
  })
  type Choice = { labels: Row; sales: Sale[] }
  const choices = new Map<string, Choice>()
  for (const sale of sales) {
    for (const product of ['', sale.product]) {
      for (const who of [
        { country: '', buyer: 'anybody' },
        { country: sale.country, buyer: sale.buyer },
      ]) {
        const labels = { product, ...who }
        grouped<Choice>(choices, JSON.stringify([labels, sale.order]), () => ({ labels, sales: [] })).sales.push(sale)
      }
    }
  }
  for (const { labels, sales: own } of choices.values()) {
    const placesOf = (of: readonly Sale[]) =>
      BigInt(new Set(of.map(({ month, country, buyer }) => JSON.stringify([month, country, buyer]))).size)
    if (placesOf(own) === 1n) continue
    const months = inOrder(own.map(({ month }) => month))
    const known = own.filter(({ total }) => total !== null)
    months.forEach((month, i) => {
      const [here, knownHere] = [own, known].map((of) => of.filter((sale) => sale.month === month))
      const knownBefore = months.slice(0, i).filter((earlier) => known.some((sale) => sale.month === earlier))
      counter.add(
        {
          ...labels,
          month,
          previous_month: months[i - 1] ?? 'None',
          previous_amount_month: knownBefore.at(-1) ?? 'None',
        },
        {
          orders: 1n,
          orders_with_amount: knownHere?.length === 0 ? 0n : 1n,
          places: placesOf(here ?? []),
          places_with_amount: placesOf(knownHere ?? []),
        },
      )
    })
  }
  return counter.rows
}

/** The sales of each customer. */
function byCustomer(sales: readonly Sale[]): Sale[][] {
  const customers = new Map<string, Sale[]>()
  for (const sale of sales) if (sale.customer !== null) grouped(customers, sale.customer, () => []).push(sale)
  return [...customers.values()]
}

/** Months in their order; Unknown stands before all. */
function inOrder(months: Iterable<string>): string[] {
  const rank = (month: string) => (month === 'Unknown' ? '' : month)
  return [...new Set(months)].sort((left, right) => (rank(left) < rank(right) ? -1 : 1))
}

const ordersOf = (sales: readonly Sale[]) => new Set(sales.map(({ order }) => order))

function activity(sales: readonly Sale[], labels: Row = {}): Row[] {
  const counter = new Counter({ customers: 'count', with_one_order: 'count' })
  for (const own of byCustomer(sales)) {
    const months = inOrder(own.map(({ month }) => month))
    months.forEach((month, i) => {
      const ordered = ordersOf(own.filter((sale) => sale.month === month))
      // What goes on of the one order of the month is no other purchase.
      const isAnother = (later: string) => {
        const others = months
          .slice(i, months.indexOf(later) + 1)
          .flatMap((within) => own.filter((sale) => sale.month === within))
        return ordered.size > 1 || ordersOf(others).size > 1
      }
      const neighbours = {
        previous_month: months[i - 1] ?? 'None',
        next_month: months.slice(i + 1).find(isAnother) ?? 'None',
      }
      const { country = '', buyer = '' } = own[0] ?? {}
      counter.add(
        { ...labels, month, ...neighbours, country, buyer },
        { customers: 1n, with_one_order: ordered.size === 1 ? 1n : 0n },
      )
    })
  }
  return counter.rows
}

function productActivity(sales: readonly Sale[]): Row[] {
  const products = new Map<string, Sale[]>()
  for (const sale of sales) grouped(products, sale.product, () => []).push(sale)
  return [...products].flatMap(([product, own]) => activity(own, { product }))
}

function monthsBetween(from: string, to: string): number {
  const position = (month: string) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5))
  return position(to) - position(from)
}

function cohorts(sales: readonly Sale[]): Row[] {
  const counter = new Counter({ customers: 'count', transactions: 'count', revenue: 'money', orders: 'count' })
  for (const own of byCustomer(sales.filter(({ month }) => month !== 'Unknown'))) {
    const months = inOrder(own.map(({ month }) => month))
    const [cohort = ''] = months
    const { country = '', buyer = '' } = own[0] ?? {}
    for (const month of months) {
      const row = { cohort, months_since: String(monthsBetween(cohort, month)), country, buyer }
      const orders = ordersOf(own.filter((sale) => sale.month === month)).size
      counter.add(row, { customers: 1n, orders: BigInt(orders) })
      for (const sale of own)
        if (sale.month === month) counter.add(row, { transactions: 1n, revenue: sale.total ?? 0n })
    }
  }
  return counter.rows
}

/** The fifth of all in which a value is; equal ones are in one, that of the lowest of them. */
function fifth<T extends bigint | number | string>(value: T, all: readonly T[]): number {
  const below = all.filter((other) => other < value).length
  return 1 + Math.floor((5 * below) / all.length)
}

/** What scores mean, as the description of the table tells it. */
export function segmentOf(recency: number, frequency: number, monetary: number): string {
  if (recency === 0) return 'Unknown'
  if (Math.min(recency, frequency, monetary) >= 4) return 'Champions'
  if (recency >= 3 && frequency >= 3) return 'Loyal'
  if (recency >= 4) return monetary >= 4 ? 'Big spenders' : 'Recent'
  if (recency === 3) return 'Needs attention'
  return frequency >= 4 || monetary >= 4 ? 'At risk' : 'Lost'
}

export function scoresOf(
  buyers: readonly Buyer[],
): (Buyer & { recency: number; frequency: number; monetary: number })[] {
  const days = buyers.flatMap(({ last }) => (last === null ? [] : [last]))
  const [counts, sums] = [buyers.map(({ orders }) => orders), buyers.map(({ spent }) => spent)]
  return buyers.map((buyer) => ({
    ...buyer,
    recency: buyer.last === null ? 0 : fifth(buyer.last, days),
    frequency: fifth(buyer.orders, counts),
    monetary: fifth(buyer.spent, sums),
  }))
}

function segments(buyers: readonly Buyer[]): Row[] {
  const counter = new Counter({ customers: 'count', transactions: 'count', revenue: 'money', orders: 'count' })
  const scored = scoresOf(buyers)
  const alike = new Map<string, number[]>()
  for (const { country, orders, ...scores } of scored) {
    const { recency, frequency, monetary } = scores
    grouped(alike, JSON.stringify([country, recency, frequency, monetary].map(String)), () => []).push(orders)
  }
  for (const { country, transactions, orders, spent, ...scores } of scored) {
    const { recency, frequency, monetary } = scores
    const segment = segmentOf(recency, frequency, monetary)
    counter.add(
      { country, recency: String(recency), frequency: String(frequency), monetary: String(monetary), segment },
      { customers: 1n, transactions: BigInt(transactions), revenue: spent, orders: BigInt(orders) },
    )
  }
  return counter.rows.map((row) => {
    const key = [row['country'], row['recency'], row['frequency'], row['monetary']]
    const counts = alike.get(JSON.stringify(key)) ?? []
    return { ...row, fewest_orders: String(Math.min(...counts)), most_orders: String(Math.max(...counts)) }
  })
}

/** Where the steps of what is spent begin, in cents: below 0, 0, a cent, then 1, 2, 5 and so on up to a million. */
export const stepStarts: readonly bigint[] = (() => {
  const starts = [-999_999_999_999_999_999n, 0n, 1n]
  for (let unit = 100n; unit < 100_000_000n; unit *= 10n) starts.push(unit, 2n * unit, 5n * unit)
  return [...starts, 100_000_000n]
})()

/** The step of a sum: its start and its end, null where it has none. */
export function stepOf(spent: bigint): { at_least: string; below: string | null } {
  const i = stepStarts.findLastIndex((start) => start <= spent)
  const below = stepStarts[i + 1]
  return { at_least: format(stepStarts[i] ?? 0n, 2), below: below === undefined ? null : format(below, 2) }
}

function distribution(buyers: readonly Buyer[]): Row[] {
  const counter = new Counter({ customers: 'count', revenue: 'money' })
  for (const { country, spent } of buyers) counter.add({ country, ...stepOf(spent) }, { customers: 1n, revenue: spent })
  return counter.rows
}

function spending(silver: Silver): Row[] {
  type Campaign = { months: string[]; records: number; budget: bigint | null; spend: bigint | null }
  const campaigns = new Map<string, Campaign>()
  const added = (sum: bigint | null, more: bigint | null) => (more === null ? sum : (sum ?? 0n) + more)
  for (const record of silver.campaigns) {
    const fresh = (): Campaign => ({ months: [], records: 0, budget: null, spend: null })
    const of = grouped(campaigns, textOf(record, 'campaign_id'), fresh)
    const start = dayOf(record, 'start_date')
    if (start !== null) of.months.push(monthOf(start))
    of.records++
    of.budget = added(of.budget, centsOf(record, 'budget'))
    of.spend = added(of.spend, centsOf(record, 'spend'))
  }
  return [...campaigns].map(([campaign_id, { months, records, budget, spend }]) => ({
    campaign_id,
    start_month: inOrder(months).at(-1) ?? 'Unknown',
    records: String(records),
    total_budget: budget === null ? null : format(budget, 2),
    total_spend: spend === null ? null : format(spend, 2),
  }))
}
