/** Gold as rules.md words it, recomputed from silver documents in plain loops; every sum is a sum of whole cents. */
import type { Document } from 'bson'
import { compareIds } from './bson.ts'
import { type CutTables, cutKeys, expectedCuts } from './cuts.ts'
import {
  centsOf,
  countOf,
  dayOf,
  flagOf,
  grouped,
  millionthsOf,
  type Row,
  type Silver,
  textOf,
  textOrNull,
} from './documents.ts'
import { format, ratio } from './exact.ts'

export type { Silver } from './documents.ts'
export type ExpectedGold = CutTables & {
  customer_metrics: Row[]
  product_performance: Row[]
  campaign_performance: Row[]
  monthly_revenue: Row[]
  country_statistics: Row[]
}

/** The key columns of each table. */
export const KEYS: Readonly<Record<keyof ExpectedGold, readonly string[]>> = {
  customer_metrics: ['customer_id'],
  product_performance: ['product'],
  campaign_performance: ['campaign_id'],
  monthly_revenue: ['month'],
  country_statistics: ['country'],
  ...cutKeys,
}

const MONEY = 2
const RATE = 6

// ---------------------------------------------------------------------------------------------------------- tallies

/** "Revenue is the sum of `total_amount` where known; 0.00 if none is known. Averages are over the known ones; null if none." */
class Tally {
  records = 0n
  known = 0n
  sum = 0n

  add(value: bigint | null): void {
    this.records++
    if (value === null) return
    this.known++
    this.sum += value
  }

  /** The sum as money, 0.00 if nothing is known. */
  get money(): string {
    return format(this.sum, MONEY)
  }

  /** The sum as a count, null if nothing is known: a measurement that is missing stays null. */
  get count(): string | null {
    return this.known === 0n ? null : this.sum.toString()
  }

  /** The average as money, null if nothing is known. */
  get average(): string | null {
    return ratio(this.sum, this.known * 100n, MONEY)
  }
}

/** "ratios of sums over the records where both inputs are known" */
class Pair {
  top = 0n
  bottom = 0n

  add(top: bigint | null, bottom: bigint | null): void {
    if (top === null || bottom === null) return
    this.top += top
    this.bottom += bottom
  }

  /** (top * times / divisor) / bottom, null where the sum below is 0 or nothing is known. */
  rate(times: bigint, divisor: bigint): string | null {
    return ratio(this.top * times, this.bottom * divisor, RATE)
  }
}

/** A day in UTC ("All days and months are UTC"): "2025-01-31". */
function isoDay(time: Date | null): string | null {
  return time === null ? null : time.toISOString().slice(0, 10)
}

function sortedBy(rows: Row[], key: readonly string[]): Row[] {
  const text = (row: Row) => Buffer.from(key.map((column) => row[column]).join('\0'))
  return rows.sort((left, right) => Buffer.compare(text(left), text(right)))
}

// ----------------------------------------------------------------------------------------------------------- the tables

/** "customers in silver with at least one transaction. A sale without customer or with one that does not exist belongs to no row here." */
function customerMetrics(silver: Silver): Row[] {
  type Purchases = { tally: Tally; first: Date | null; last: Date | null }
  const purchases = new Map<string, Purchases>()
  for (const sale of silver.transactions) {
    const id = textOrNull(sale, 'customer_id')
    if (id === null) continue
    const group = grouped<Purchases>(purchases, id, () => ({ tally: new Tally(), first: null, last: null }))
    group.tally.add(centsOf(sale, 'total_amount'))
    const time = dayOf(sale, 'timestamp')
    if (time === null) continue
    if (group.first === null || time < group.first) group.first = time
    if (group.last === null || time > group.last) group.last = time
  }
  const rows: Row[] = []
  for (const customer of silver.customers) {
    const id = textOf(customer, 'customer_id')
    const bought = purchases.get(id)
    if (bought === undefined) continue
    rows.push({
      customer_id: id,
      full_name: textOf(customer, 'full_name'),
      country: textOf(customer, 'country'),
      city: textOf(customer, 'city'),
      total_transactions: bought.tally.records.toString(),
      total_spent: bought.tally.money,
      avg_transaction_amount: bought.tally.average,
      first_purchase_date: isoDay(bought.first),
      last_purchase_date: isoDay(bought.last),
    })
  }
  return rows
}

/** "`total_sales` counts transactions; `avg_price` averages the known `amount`; `unique_customers` counts distinct known
 * customer_ids, in `customers` or not. The row `Unknown` stays." */
function productPerformance(silver: Silver): Row[] {
  type Product = { revenue: Tally; price: Tally; customers: Set<string> }
  const products = new Map<string, Product>()
  for (const sale of silver.transactions) {
    const group = grouped<Product>(products, textOf(sale, 'product'), () => ({
      revenue: new Tally(),
      price: new Tally(),
      customers: new Set(),
    }))
    group.revenue.add(centsOf(sale, 'total_amount'))
    group.price.add(centsOf(sale, 'amount'))
    const customer = textOrNull(sale, 'customer_id')
    if (customer !== null) group.customers.add(customer)
  }
  const rows: Row[] = []
  for (const [product, { revenue, price, customers }] of products) {
    rows.push({
      product,
      total_sales: revenue.records.toString(),
      total_revenue: revenue.money,
      avg_price: price.average,
      unique_customers: String(customers.size),
    })
  }
  return rows
}

/** Millionths as a decimal number without zeros behind it. */
function plain(millionths: string | null): string | null {
  return millionths === null ? null : format(BigInt(millionths), 6).replace(/\.?0+$/, '')
}

/** "Name, type and status are those of the latest record (start_date, then `_id`) that has one." No date is earliest. */
function latestKnown(records: readonly Document[], name: string): string {
  const oldestFirst = [...records].sort((left, right) => {
    const a = dayOf(left, 'start_date')?.getTime() ?? -1
    const b = dayOf(right, 'start_date')?.getTime() ?? -1
    return a - b || compareIds(left['_id'], right['_id'])
  })
  let latest = 'Unknown'
  for (const record of oldestFirst) {
    const value = textOf(record, name)
    if (value !== 'Unknown') latest = value
  }
  return latest
}

/** "one row per `campaign_id`, records added up; `avg_*` and `roi` are ratios of sums over the records where both inputs
 * are known" */
function campaignPerformance(silver: Silver): Row[] {
  const campaigns = new Map<string, Document[]>()
  for (const record of silver.campaigns) grouped(campaigns, textOf(record, 'campaign_id'), () => []).push(record)
  const rows: Row[] = []
  for (const [id, records] of campaigns) {
    const totals = { impressions: new Tally(), clicks: new Tally(), conversions: new Tally() }
    const pairs = { ctr: new Pair(), conversion: new Pair(), cpc: new Pair(), cpa: new Pair(), roi: new Pair() }
    for (const record of records) {
      const impressions = countOf(record, 'impressions')
      const clicks = countOf(record, 'clicks')
      const conversions = millionthsOf(record, 'conversions')
      const budget = centsOf(record, 'budget')
      const spend = centsOf(record, 'spend')
      totals.impressions.add(impressions)
      totals.clicks.add(clicks)
      totals.conversions.add(conversions)
      pairs.ctr.add(clicks, impressions)
      pairs.conversion.add(conversions, clicks)
      pairs.cpc.add(spend, clicks)
      pairs.cpa.add(spend, conversions)
      pairs.roi.add(budget === null || spend === null ? null : budget - spend, budget)
    }
    rows.push({
      campaign_id: id,
      campaign_name: latestKnown(records, 'campaign_name'),
      campaign_type: latestKnown(records, 'campaign_type'),
      total_impressions: totals.impressions.count,
      total_clicks: totals.clicks.count,
      total_conversions: plain(totals.conversions.count), // "NUMERIC without scale and without trailing zeros"
      avg_ctr: pairs.ctr.rate(100n, 1n), // sum(clicks) / sum(impressions) * 100
      avg_conversion_rate: pairs.conversion.rate(100n, 1_000_000n), // sum(conversions) / sum(clicks) * 100
      avg_cpc: pairs.cpc.rate(1n, 100n), // sum(spend) in cents / 100 / sum(clicks)
      avg_cpa: pairs.cpa.rate(10_000n, 1n), // sum(spend) in cents / 100 / sum(conversions)
      roi: pairs.roi.rate(100n, 1n), // (sum(budget) - sum(spend)) / sum(budget) * 100
      status: latestKnown(records, 'status'),
    })
  }
  return rows
}

/** "sales with a known date; `unique_customers` as above" */
function monthlyRevenue(silver: Silver): Row[] {
  type Month = { revenue: Tally; customers: Set<string> }
  const months = new Map<string, Month>()
  for (const sale of silver.transactions) {
    const time = isoDay(dayOf(sale, 'timestamp'))
    if (time === null) continue
    const month = `${time.slice(0, 7)}-01`
    const group = grouped<Month>(months, month, () => ({ revenue: new Tally(), customers: new Set() }))
    group.revenue.add(centsOf(sale, 'total_amount'))
    const customer = textOrNull(sale, 'customer_id')
    if (customer !== null) group.customers.add(customer)
  }
  const rows: Row[] = []
  for (const [month, { revenue, customers }] of months) {
    rows.push({
      month,
      total_revenue: revenue.money,
      total_transactions: revenue.records.toString(),
      unique_customers: String(customers.size),
      avg_transaction_value: revenue.average,
    })
  }
  return rows
}

/** "every silver customer counts, buyer or not; revenue is that of those customers; `avg_customer_value` =
 * total_revenue / total_customers; `marketing_consent_rate` = consenting / total_customers * 100" */
function countryStatistics(silver: Silver): Row[] {
  type Country = { customers: bigint; consenting: bigint; revenue: bigint }
  const countries = new Map<string, Country>()
  const countryOf = new Map<string, Country>()
  for (const customer of silver.customers) {
    const country = textOf(customer, 'country')
    const group = grouped<Country>(countries, country, () => ({ customers: 0n, consenting: 0n, revenue: 0n }))
    group.customers++
    if (flagOf(customer, 'marketing_consent')) group.consenting++
    countryOf.set(textOf(customer, 'customer_id'), group)
  }
  for (const sale of silver.transactions) {
    const id = textOrNull(sale, 'customer_id')
    const group = id === null ? undefined : countryOf.get(id)
    if (group !== undefined) group.revenue += centsOf(sale, 'total_amount') ?? 0n
  }
  const rows: Row[] = []
  for (const [country, { customers, consenting, revenue }] of countries) {
    rows.push({
      country,
      total_customers: customers.toString(),
      total_revenue: format(revenue, MONEY),
      avg_customer_value: ratio(revenue, customers * 100n, MONEY),
      marketing_consent_rate: ratio(consenting * 100n, customers, RATE),
    })
  }
  return rows
}

/** The five tables. */
export function expectedTables(silver: Silver): Omit<ExpectedGold, keyof CutTables> {
  return {
    customer_metrics: customerMetrics(silver),
    product_performance: productPerformance(silver),
    campaign_performance: campaignPerformance(silver),
    monthly_revenue: monthlyRevenue(silver),
    country_statistics: countryStatistics(silver),
  }
}

/** What gold must hold for this silver; each table's rows in the order of its key. */
export function expectedGold(silver: Silver): ExpectedGold {
  const tables: ExpectedGold = { ...expectedTables(silver), ...expectedCuts(silver) }
  for (const name of Object.keys(KEYS) as (keyof ExpectedGold)[]) sortedBy(tables[name], KEYS[name])
  return tables
}
