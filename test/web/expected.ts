/** What the figures of the dashboard must show, in plain loops over the sales of silver. */
import type { Document } from 'bson'
import { scoresOf, segmentOf, stepOf, stepStarts } from '../oracle/cuts.ts'
import { flagOf, grouped, type Row, type Silver, textOf } from '../oracle/documents.ts'
import { format, ratio } from '../oracle/exact.ts'
import { type ExpectedGold, expectedGold } from '../oracle/gold.ts'
import { type Buyer, buyersOf, type Sale, salesOf } from '../oracle/sales.ts'

export interface Months {
  from: string
  to: string
}

/** What is chosen, its months worked out. */
export interface Chosen {
  months: Months | null
  before: Months | null
  /** The month that a chart of months ends with, where that is not the last of the period. */
  drawnTo?: string | null
  country: string | null
  product: string | null
}

type Figures = Record<string, Row[]>

/** What figures are made of. */
export interface Source {
  /** The last whole day. */
  until: string | null
  silver: Silver
  sales: Sale[]
  buyers: Buyer[]
  gold: ExpectedGold
}

export function sourceOf(silver: Silver): Source {
  const sales = salesOf(silver)
  return { silver, sales, until: completeUntil(sales), buyers: buyersOf(silver), gold: expectedGold(silver) }
}

function monthAfter(month: string, count: number): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + count)
  return date.toISOString().slice(0, 7)
}

/** The last day with sales that is over. */
function completeUntil(sales: readonly Sale[]): string | null {
  const today = new Date().toISOString().slice(0, 10)
  const days = sales.flatMap(({ day }) => (day !== 'Unknown' && day < today ? [day] : []))
  return days.sort().at(-1) ?? null
}

/** The last whole day, of a month that is not over then. */
function knownUntil(month: string, until: string | null): string | null {
  const over = new Date(`${month}-01T00:00:00Z`)
  over.setUTCMonth(over.getUTCMonth() + 1)
  over.setUTCDate(0)
  return until !== null && until < over.toISOString().slice(0, 10) ? until : null
}

export const expectedFigures: Readonly<Record<string, (source: Source, chosen: Chosen) => Figures>> = {
  overview,
  customers,
  products,
  campaigns,
  countries,
}

// ------------------------------------------------------------------------------------------------------------ choosing

/** The sales of some months; of all time, with those that have no date, where there are none. */
function during(sales: readonly Sale[], months: Months | null): Sale[] {
  return sales.filter(
    ({ month }) => months === null || (month !== 'Unknown' && month >= months.from && month <= months.to),
  )
}

/** Sales of the period that is compared with, in the months in the same places of the period; the others are left out. */
function placed(sales: readonly Sale[], { months, before }: Chosen): Sale[] {
  if (months === null || before === null) return []
  const [now, then] = [monthsFrom(months), monthsFrom(before)]
  return sales.flatMap((sale) => {
    const month = now[then.indexOf(sale.month)]
    return month === undefined || !then.includes(sale.month) ? [] : [{ ...sale, month }]
  })
}

function narrowed(sales: readonly Sale[], { country, product }: Chosen): Sale[] {
  return sales.filter(
    (sale) =>
      (country === null || (sale.buyer === 'customer known' && sale.country === country)) &&
      (product === null || sale.product === product),
  )
}

export function monthsFrom({ from, to }: Months): string[] {
  const months: string[] = []
  for (let [year, month] = from.split('-').map(Number) as [number, number]; ; month++) {
    if (month > 12) [year, month] = [year + 1, 1]
    const name = `${year}-${String(month).padStart(2, '0')}`
    if (name > to) return months
    months.push(name)
  }
}

/** The first and the last month with sales. */
export function soldMonths(sales: readonly Sale[]): Months | null {
  const months = sales.flatMap(({ month }) => (month === 'Unknown' ? [] : [month])).sort()
  const [from, to] = [months.at(0), months.at(-1)]
  return from === undefined || to === undefined ? null : { from, to }
}

// ------------------------------------------------------------------------------------------------------------ counting

const money = (cents: bigint) => format(cents, 2)
const share = (part: bigint, of: bigint, decimals = 2) => ratio(part * 100n, of, decimals)
const average = (cents: bigint, count: number) => ratio(cents, BigInt(count) * 100n, 2)

function sum(values: readonly (bigint | null)[]): bigint {
  let total = 0n
  for (const value of values) total += value ?? 0n
  return total
}

const revenueOf = (sales: readonly Sale[]) => sum(sales.map(({ total }) => total))
/** Different orders. */
const ordersOf = (sales: readonly Sale[]) => new Set(sales.map(({ order }) => order)).size
const averageOrder = (sales: readonly Sale[]) =>
  average(revenueOf(sales), ordersOf(sales.filter(({ total }) => total !== null)))
const averagePrice = (sales: readonly Sale[]) =>
  average(sum(sales.map(({ amount }) => amount)), sales.filter(({ amount }) => amount !== null).length)

/** Different customers, and how many of them placed more than one order. */
function customersOf(sales: readonly Sale[]): { active: number; repeat: number } {
  const counts = new Map<string, Set<string>>()
  for (const { customer, order } of sales) {
    if (customer !== null) grouped(counts, customer, () => new Set<string>()).add(order)
  }
  return { active: counts.size, repeat: [...counts.values()].filter((orders) => orders.size > 1).length }
}

function byText<T>(items: readonly T[], text: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) grouped(groups, text(item), () => []).push(item)
  return groups
}

const inOrder = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right))
const descending = (left: bigint, right: bigint) => (left > right ? -1 : left < right ? 1 : 0)

/** Names by what they are worth, the best first, Unknown last. */
function ranked(worth: ReadonlyMap<string, bigint>): string[] {
  return [...worth.keys()].sort(
    (left, right) =>
      Number(left === 'Unknown') - Number(right === 'Unknown') ||
      descending(worth.get(left) ?? 0n, worth.get(right) ?? 0n) ||
      inOrder(left, right),
  )
}

const worthOf = (groups: ReadonlyMap<string, Sale[]>) =>
  new Map([...groups].map(([name, sales]) => [name, revenueOf(sales)]))

// ------------------------------------------------------------------------------------------------------------ overview

function kpis(sales: readonly Sale[], prefix = ''): Row {
  const { active, repeat } = customersOf(sales)
  return {
    [`${prefix}revenue`]: money(revenueOf(sales)),
    [`${prefix}orders`]: String(ordersOf(sales)),
    [`${prefix}average_order_value`]: averageOrder(sales),
    [`${prefix}active_customers`]: String(active),
    [`${prefix}repeat_rate_pct`]: share(BigInt(repeat), BigInt(active)),
  }
}

function allNull(row: Row): Row {
  return Object.fromEntries(Object.keys(row).map((name) => [name, null]))
}

function overview({ sales, until }: Source, chosen: Chosen): Figures {
  const of = narrowed(sales, chosen)
  const now = during(of, chosen.months)
  const before = kpis(during(of, chosen.before), 'previous_')
  const span = chosen.months ?? soldMonths(sales)
  const months = span === null ? [] : monthsFrom({ ...span, to: chosen.drawnTo ?? span.to })
  const monthsBefore = chosen.before === null ? [] : monthsFrom(chosen.before)
  const byMonth = byText(of, ({ month }) => month)
  const best = (by: (sale: Sale) => string, column: string): Row[] => {
    const [worth, past] = [worthOf(byText(now, by)), worthOf(byText(during(of, chosen.before), by))]
    const names = ranked(worth)
    const shown = [...names.filter((name) => name !== 'Unknown').slice(0, 6), ...names.filter((n) => n === 'Unknown')]
    return shown.map((name) => ({
      [column]: name,
      revenue: money(worth.get(name) ?? 0n),
      share_pct: share(worth.get(name) ?? 0n, revenueOf(now)),
      previous_revenue: chosen.before === null ? null : money(past.get(name) ?? 0n),
    }))
  }
  const undated = sales.filter(({ month }) => month === 'Unknown')
  const unknown = sales.filter(({ buyer }) => buyer !== 'customer known')
  const strangers = sales.filter(({ buyer }) => buyer === 'customer not in customers')
  return {
    totals: [
      {
        ...kpis(now),
        transactions: String(now.length),
        transactions_per_order: ratio(BigInt(now.length), BigInt(ordersOf(now)), 2),
        ...(chosen.before === null ? allNull(before) : before),
      },
    ],
    months: months.map((month, i) => {
      const before = monthsBefore[i]
      const then = before === undefined ? undefined : (byMonth.get(before) ?? [])
      return {
        month,
        ...kpis(byMonth.get(month) ?? []),
        known_until: knownUntil(month, until),
        previous_month: before ?? null,
        previous_revenue: then === undefined ? null : money(revenueOf(then)),
        previous_orders: then === undefined ? null : String(ordersOf(then)),
      }
    }),
    reversed: [reversedOf(now)],
    by_product: best(({ product }) => product, 'product'),
    by_country: best(({ country }) => country, 'country'),
    coverage: [
      {
        revenue: money(revenueOf(sales)),
        transactions: String(sales.length),
        undated_revenue: money(revenueOf(undated)),
        undated_transactions: String(undated.length),
        no_customer_revenue: money(revenueOf(unknown)),
        no_customer_transactions: String(unknown.length),
        not_in_customers_revenue: money(revenueOf(strangers)),
        not_in_customers_transactions: String(strangers.length),
        amount_unknown: String(sales.filter(({ total }) => total === null).length),
      },
    ],
  }
}

/** What was taken back of some sales. */
function reversedOf(sales: readonly Sale[]): Row {
  const taken = sales.filter(({ isReversed }) => isReversed)
  const [all, back] = [revenueOf(sales), revenueOf(taken)]
  return {
    gross_revenue: money(all),
    reversed_revenue: money(back),
    net_revenue: money(all - back),
    reversed_pct: share(back, all),
    reversed_transactions: String(taken.length),
  }
}

export type Grain = 'day' | 'week' | 'month' | 'quarter'

const DAY = 86_400_000
const dayAt = (day: string) => Date.parse(day) / DAY
const dayOf = (at: number) => new Date(at * DAY).toISOString().slice(0, 10)

/** The first day of the day, week, month or quarter that a day is of. */
function beginningOf(day: string, grain: Grain): string {
  const date = new Date(day)
  switch (grain) {
    case 'day':
      return day
    case 'week':
      return dayOf(dayAt(day) - ((date.getUTCDay() + 6) % 7))
    case 'month':
      return `${day.slice(0, 7)}-01`
    case 'quarter':
      return `${monthAfter(day.slice(0, 7), -(date.getUTCMonth() % 3))}-01`
  }
}

/** The first day of the one after that. */
function nextOf(beginning: string, grain: Grain): string {
  if (grain === 'day') return dayOf(dayAt(beginning) + 1)
  if (grain === 'week') return dayOf(dayAt(beginning) + 7)
  return `${monthAfter(beginning.slice(0, 7), grain === 'month' ? 1 : 3)}-01`
}

/** Revenue over time between two days, and on the days that it is compared with. */
export function overTime(
  { sales, until }: Source,
  span: Months | null,
  before: Months | null,
  grain: Grain,
  { country = null, product = null }: Partial<Pick<Chosen, 'country' | 'product'>>,
): Row[] {
  const lastSold = sales.flatMap(({ day }) => (day === 'Unknown' ? [] : [day])).sort()
  const [first, last] = [span?.from ?? lastSold[0], [span?.to, lastSold.at(-1)].flatMap((day) => day ?? []).sort()[0]]
  if (first === undefined || last === undefined) return []
  const of = narrowed(sales, { months: null, before: null, country, product }).flatMap((sale) => {
    if (sale.day === 'Unknown') return []
    // The days of a product are not known.
    return [product === null ? sale : { ...sale, day: `${sale.month}-01` }]
  })
  const sumOf = (from: string, to: string) => {
    const own = of.filter(({ day }) => day >= from && day <= to)
    return { revenue: money(revenueOf(own)), transactions: String(own.length) }
  }
  const months = before && (Number(first.slice(0, 4)) - Number(before.from.slice(0, 4))) * 12
  const shift = before && (months ?? 0) + Number(first.slice(5, 7)) - Number(before.from.slice(5, 7))
  const days = before && dayAt(first) - dayAt(before.from)
  /** The same day of the period before. */
  const earlier = (day: string): string => {
    if (grain === 'day') return dayOf(dayAt(day) - (days ?? 0))
    if (grain === 'week') return dayOf(dayAt(day) - Math.round((days ?? 0) / 7) * 7)
    const end = new Date(`${monthAfter(day.slice(0, 7), -(shift ?? 0))}-01`)
    end.setUTCMonth(end.getUTCMonth() + 1, 0)
    return `${end.toISOString().slice(0, 8)}${String(Math.min(Number(day.slice(8)), end.getUTCDate())).padStart(2, '0')}`
  }
  const rows: Row[] = []
  for (let at = beginningOf(first, grain); at <= last; at = nextOf(at, grain)) {
    const end = dayOf(dayAt(nextOf(at, grain)) - 1)
    const from = at < first ? first : at
    const to = span !== null && span.to < end ? span.to : end
    const isKnown = until === null || end <= until
    const seen = until === null ? to : [from, [to, until].sort()[0] ?? to].sort()[1]
    const isCompared = before !== null && earlier(from) <= before.to
    const slack = grain === 'week' ? 3 : 0
    const compared = of.filter(({ day }) => {
      if (before === null || dayAt(day) < dayAt(before.from) - slack || dayAt(day) > dayAt(before.to) + slack)
        return false
      const [lower, upper] = [from, [to, last, until ?? last].sort()[0] ?? to]
      if (upper < lower) return false
      return grain === 'month' || grain === 'quarter'
        ? day >= earlier(lower) && (day <= earlier(upper) || isMonthEnd(upper, day, earlier))
        : day >= earlier(lower) && day <= earlier(upper)
    })
    rows.push({
      from_day: from,
      to_day: seen ?? to,
      is_whole: (from === at || span === null) && to === end && isKnown ? 't' : 'f',
      ...sumOf(from, [to, last].sort()[0] ?? to),
      previous_revenue: isCompared ? money(revenueOf(compared)) : null,
      previous_transactions: isCompared ? String(compared.length) : null,
    })
  }
  return rows
}

/** A month that ends earlier than another stands for all of it. */
function isMonthEnd(upper: string, day: string, earlier: (day: string) => string): boolean {
  const isLast = dayOf(dayAt(upper) + 1).endsWith('-01')
  return isLast && day.slice(0, 7) === earlier(upper).slice(0, 7)
}

// ----------------------------------------------------------------------------------------------------------- customers

/** Buyers as the figures tell them together. */
function together(buyers: readonly Buyer[]): {
  customers: string
  revenue: string
  average_per_customer: string | null
} {
  const spent = sum(buyers.map((buyer) => buyer.spent))
  return {
    customers: String(buyers.length),
    revenue: money(spent),
    average_per_customer: average(spent, buyers.length),
  }
}

const segmentNames = ['Champions', 'Loyal', 'Big spenders', 'Recent', 'Needs attention', 'At risk', 'Lost', 'Unknown']

function customers({ sales, buyers, gold, until }: Source, { country }: Chosen): Figures {
  const isChosen = (buyer: Buyer) => country === null || buyer.country === country
  const best = buyers.filter(isChosen).sort((a, b) => descending(a.spent, b.spent) || inOrder(a.id, b.id))
  const spent = sum(best.map((buyer) => buyer.spent))
  const tenth = best.slice(0, Math.ceil(best.length / 10))
  const revenue = revenueOf(sales)

  const scored = scoresOf(buyers).filter(isChosen)
  const inSegment = byText(scored, (one) => segmentOf(one.recency, one.frequency, one.monetary))
  const inCell = byText(scored, ({ recency, frequency }) => `${5 - recency} ${frequency}`)

  const starts = best.map((buyer) => stepOf(buyer.spent).at_least)
  const steps = stepStarts.map((start) => stepOf(start))
  const filled = steps.map((step, i) => (starts.includes(step.at_least) ? i : -1)).filter((i) => i >= 0)

  const cohorts = new Map<string, { customers: bigint; revenue: bigint }>()
  for (const row of gold.customer_cohorts) {
    if (country !== null && (row['buyer'] !== 'customer known' || row['country'] !== country)) continue
    const key = `${row['cohort']} ${row['months_since']?.padStart(6, '0')}`
    const of = grouped(cohorts, key, () => ({ customers: 0n, revenue: 0n }))
    of.customers += BigInt(row['customers'] ?? 0)
    of.revenue += BigInt((row['revenue'] ?? '').replace('.', ''))
  }
  return {
    totals: [
      {
        ...together(best),
        best_tenth_customers: String(tenth.length),
        best_tenth_revenue: together(tenth).revenue,
        best_tenth_share_pct: share(sum(tenth.map((buyer) => buyer.spent)), spent),
      },
    ],
    best: best.slice(0, 20).map((buyer, i) => ({
      rank: String(i + 1),
      customer_id: buyer.id,
      full_name: buyer.name,
      city: buyer.city,
      country: buyer.country,
      transactions: String(buyer.transactions),
      total_spent: money(buyer.spent),
      share_pct: share(buyer.spent, revenue, 6),
    })),
    distribution: steps.slice(filled.at(0) ?? 0, filled.length === 0 ? 0 : (filled.at(-1) ?? 0) + 1).map((step) => {
      const own = best.filter((buyer) => stepOf(buyer.spent).at_least === step.at_least)
      const { customers, revenue } = together(own)
      return { at_least: step.below === '0.00' ? null : step.at_least, below: step.below, customers, revenue }
    }),
    segments: segmentNames.flatMap((segment) => {
      const own = inSegment.get(segment)
      if (own === undefined) return []
      const { customers, ...worth } = together(own)
      return [{ segment, customers, customers_pct: share(BigInt(own.length), BigInt(scored.length)), ...worth }]
    }),
    rfm: [...inCell.keys()].sort().map((cell) => {
      const own = inCell.get(cell) ?? []
      return { recency: String(own[0]?.recency), frequency: String(own[0]?.frequency), ...together(own) }
    }),
    cohorts: [...cohorts.keys()].sort().map((key) => {
      const [cohort = '', since] = key.split(' ')
      const size = cohorts.get(`${cohort} 000000`)?.customers ?? 0n
      const { customers, revenue } = cohorts.get(key) ?? { customers: 0n, revenue: 0n }
      return {
        cohort,
        months_since: String(Number(since)),
        cohort_customers: String(size),
        customers: String(customers),
        retention_pct: share(customers, size),
        revenue: money(revenue),
        known_until: knownUntil(monthAfter(cohort, Number(since)), until),
      }
    }),
  }
}

// ------------------------------------------------------------------------------------------------------------ products

function productKpis(sales: readonly Sale[], prefix = ''): Row {
  const known = new Set(sales.flatMap(({ product }) => (product === 'Unknown' ? [] : [product])))
  return {
    [`${prefix}revenue`]: money(revenueOf(sales)),
    [`${prefix}sales`]: String(sales.length),
    [`${prefix}products`]: String(known.size),
    [`${prefix}avg_price`]: averagePrice(sales),
  }
}

/** The names of the eight best, and Unknown; another name for the rest. */
function namesOfBest(worth: ReadonlyMap<string, bigint>, rest: string): (name: string) => string {
  const best = ranked(worth).filter((name) => name !== 'Unknown')
  // What did not sell is none of the best.
  return (name) => (name === 'Unknown' || best.slice(0, 8).includes(name) ? name : rest)
}

function products({ sales }: Source, chosen: Chosen): Figures {
  const of = narrowed(sales, chosen)
  const [now, before] = [during(of, chosen.months), chosen.before === null ? [] : during(of, chosen.before)]
  const [nowBy, beforeBy] = [byText(now, ({ product }) => product), byText(before, ({ product }) => product)]
  const worth = worthOf(byText([...nowBy.keys(), ...beforeBy.keys()].length === 0 ? [] : now, ({ product }) => product))
  for (const name of beforeBy.keys()) worth.set(name, worth.get(name) ?? 0n)
  const previous = productKpis(before, 'previous_')
  // A share is of all products, also where one is chosen.
  const whole = revenueOf(during(narrowed(sales, { ...chosen, product: null }), chosen.months))

  const dated = now.filter(({ month }) => month !== 'Unknown')
  const nameOfAll = namesOfBest(worthOf(byText(dated, ({ product }) => product)), 'Other products')
  // One that is chosen has its name, also where it sold before alone.
  const nameOf = (product: string) => (chosen.product === null ? nameOfAll(product) : product)
  const monthly = byText(dated, ({ month, product }) => `${month} ${nameOf(product)}`)
  const earlier = byText(placed(before, chosen), ({ month, product }) => `${month} ${nameOf(product)}`)
  return {
    totals: [{ ...productKpis(now), ...(chosen.before === null ? allNull(previous) : previous) }],
    reversed: [reversedOf(now)],
    products: ranked(worth).map((product) => {
      const [own, past] = [nowBy.get(product) ?? [], revenueOf(beforeBy.get(product) ?? [])]
      const change = revenueOf(own) - past
      return {
        product,
        revenue: money(revenueOf(own)),
        share_pct: share(revenueOf(own), whole),
        sales: String(own.length),
        avg_price: averagePrice(own),
        customers: String(customersOf(own).active),
        previous_revenue: chosen.before === null ? null : money(past),
        change_pct: chosen.before === null ? null : share(change, past < 0n ? -past : past, 1),
      }
    }),
    months: [...new Set([...monthly.keys(), ...earlier.keys()])].sort(inOrder).map((key) => {
      const own = monthly.get(key) ?? []
      return {
        month: key.slice(0, 7),
        product: key.slice(8),
        revenue: money(revenueOf(own)),
        transactions: String(own.length),
        avg_price: averagePrice(own),
        previous_revenue: chosen.before === null ? null : money(revenueOf(earlier.get(key) ?? [])),
      }
    }),
  }
}

// ----------------------------------------------------------------------------------------------------------- campaigns

interface Campaign {
  row: Row
  month: string
  budget: bigint | null
  spend: bigint | null
  impressions: bigint | null
  clicks: bigint | null
  conversions: bigint | null
}

function campaignsOf({ gold }: Source): Campaign[] {
  const cents = (text: string | null | undefined) => (text == null ? null : BigInt(text.replace('.', '')))
  // Conversions may have six decimals.
  const millionths = (text: string | null | undefined) => {
    const [whole, fraction = ''] = text?.split('.') ?? []
    return whole === undefined ? null : BigInt(whole + fraction.padEnd(6, '0'))
  }
  const spendings = new Map(gold.campaign_spending.map((row) => [row['campaign_id'], row]))
  return gold.campaign_performance.map((row) => {
    const spending = spendings.get(row['campaign_id']) ?? {}
    return {
      row,
      month: spending['start_month'] ?? '',
      budget: cents(spending['total_budget']),
      spend: cents(spending['total_spend']),
      impressions: millionths(row['total_impressions']),
      clicks: millionths(row['total_clicks']),
      conversions: millionths(row['total_conversions']),
    }
  })
}

type Measure = 'budget' | 'spend' | 'impressions' | 'clicks' | 'conversions'

/** The sum of what is known; null if nothing is. */
function known(campaigns: readonly Campaign[], measure: Measure): bigint | null {
  const values = campaigns.flatMap((campaign) => campaign[measure] ?? [])
  return values.length === 0 ? null : sum(values)
}

/** A figure of a rate, cut to fewer decimals: half away from zero, from the six that gold has. */
function rounded(text: string | null | undefined, decimals: number): string | null {
  return text == null ? null : ratio(BigInt(text.replace('.', '')), 1_000_000n, decimals)
}

const exceeds100 = (rate: string | null) => rate !== null && BigInt(rate.replace('.', '')) > 10_000n

function campaigns(source: Source, { months, before }: Chosen): Figures {
  const startingIn = (months: Months | null) =>
    campaignsOf(source).filter(
      ({ month }) => months === null || (month !== 'Unknown' && month >= months.from && month <= months.to),
    )
  const [own, earlier] = [startingIn(months), before === null ? [] : startingIn(before)]
  const inMoney = (of: readonly Campaign[], measure: Measure) => {
    const total = known(of, measure)
    return total === null ? null : money(total)
  }
  const counted = (of: readonly Campaign[], measure: Measure) => {
    const total = known(of, measure)
    return total === null ? null : format(total, 6).replace(/\.?0+$/, '')
  }
  const unknown = (measure: Measure) => String(own.filter((campaign) => campaign[measure] === null).length)
  /** Over the campaigns that know both. */
  const rate = (of: readonly Campaign[], top: Measure, bottom: Measure, times: bigint) => {
    const both = of.filter((campaign) => campaign[top] !== null && campaign[bottom] !== null)
    return ratio((known(both, top) ?? 0n) * times, known(both, bottom) ?? 0n, 2)
  }
  const allThree = (of: readonly Campaign[]) =>
    of.filter(({ impressions, clicks, conversions }) => ![impressions, clicks, conversions].includes(null))
  const through = allThree(own)
  const [seen, clicked, bought] = (['impressions', 'clicks', 'conversions'] as const).map(
    (m) => known(through, m) ?? 0n,
  )
  const [types, statuses] = [
    byText(own, ({ row }) => row['campaign_type'] ?? ''),
    byText(own, ({ row }) => row['status'] ?? ''),
  ]
  const typesBefore = byText(earlier, ({ row }) => row['campaign_type'] ?? '')
  const rank = new Map(
    [...types.keys(), ...typesBefore.keys()].map((type) => [type, known(types.get(type) ?? [], 'spend') ?? -1n]),
  )
  const frequency = new Map([...statuses].map(([status, of]) => [status, BigInt(of.length)]))
  const bySpend = [...own].sort((a, b) => {
    const [left, right] = [a.spend, b.spend]
    const order = Number(left === null) - Number(right === null) || descending(left ?? 0n, right ?? 0n)
    return order || inOrder(a.row['campaign_id'] ?? '', b.row['campaign_id'] ?? '')
  })
  return {
    totals: [
      {
        campaigns: String(own.length),
        budget: inMoney(own, 'budget'),
        spend: inMoney(own, 'spend'),
        impressions: counted(own, 'impressions'),
        clicks: counted(own, 'clicks'),
        conversions: counted(own, 'conversions'),
        budget_unknown: unknown('budget'),
        spend_unknown: unknown('spend'),
        impressions_unknown: unknown('impressions'),
        clicks_unknown: unknown('clicks'),
        conversions_unknown: unknown('conversions'),
        spend_or_conversions_unknown: String(
          own.filter(({ spend, conversions }) => spend === null || conversions === null).length,
        ),
        roi_unknown: String(own.filter(({ row }) => row['roi'] == null).length),
        ctr_over_100: String(own.filter(({ row }) => exceeds100(rounded(row['avg_ctr'], 2))).length),
        no_start: String(campaignsOf(source).filter(({ month }) => month === 'Unknown').length),
        previous_campaigns: before === null ? null : String(earlier.length),
        previous_budget: inMoney(earlier, 'budget'),
        previous_spend: inMoney(earlier, 'spend'),
        previous_conversions: counted(earlier, 'conversions'),
      },
    ],
    funnel: [
      {
        campaigns_in: String(through.length),
        campaigns_out: String(own.length - through.length),
        impressions: counted(through, 'impressions'),
        clicks: counted(through, 'clicks'),
        conversions: counted(through, 'conversions'),
        impressions_to_clicks_pct: share(clicked ?? 0n, seen ?? 0n),
        clicks_to_conversions_pct: share(bought ?? 0n, clicked ?? 0n),
        impressions_to_conversions_pct: share(bought ?? 0n, seen ?? 0n, 4),
        previous_impressions: counted(allThree(earlier), 'impressions'),
        previous_clicks: counted(allThree(earlier), 'clicks'),
        previous_conversions: counted(allThree(earlier), 'conversions'),
      },
    ],
    types: ranked(rank).map((campaign_type) => {
      const of = types.get(campaign_type) ?? []
      const left = of.map((one) => ({
        ...one,
        spend: one.budget === null || one.spend === null ? null : one.budget - one.spend,
      }))
      return {
        campaign_type,
        campaigns: String(of.length),
        budget: inMoney(of, 'budget'),
        spend: inMoney(of, 'spend'),
        conversions: counted(of, 'conversions'),
        ctr_pct: rate(of, 'clicks', 'impressions', 100n),
        conversion_rate_pct: rate(of, 'conversions', 'clicks', 100n),
        cpa: rate(of, 'spend', 'conversions', 10_000n),
        roi_pct: rate(left, 'spend', 'budget', 100n),
        previous_campaigns: before === null ? null : String(typesBefore.get(campaign_type)?.length ?? 0),
        previous_spend: inMoney(typesBefore.get(campaign_type) ?? [], 'spend'),
        previous_conversions: counted(typesBefore.get(campaign_type) ?? [], 'conversions'),
      }
    }),
    campaigns: bySpend.map((campaign) => ({
      campaign_id: campaign.row['campaign_id'] ?? null,
      campaign_name: campaign.row['campaign_name'] ?? null,
      campaign_type: campaign.row['campaign_type'] ?? null,
      status: campaign.row['status'] ?? null,
      start_month: campaign.month,
      budget: inMoney([campaign], 'budget'),
      spend: inMoney([campaign], 'spend'),
      impressions: counted([campaign], 'impressions'),
      clicks: counted([campaign], 'clicks'),
      conversions: counted([campaign], 'conversions'),
      ctr_pct: rounded(campaign.row['avg_ctr'], 2),
      conversion_rate_pct: rounded(campaign.row['avg_conversion_rate'], 2),
      cpc: rounded(campaign.row['avg_cpc'], 2),
      cpa: rounded(campaign.row['avg_cpa'], 2),
      roi_pct: rounded(campaign.row['roi'], 2),
    })),
    spending: own
      .filter(({ spend, conversions }) => spend !== null && conversions !== null)
      .sort(
        (a, b) =>
          descending(a.spend ?? 0n, b.spend ?? 0n) || inOrder(a.row['campaign_id'] ?? '', b.row['campaign_id'] ?? ''),
      )
      .map((campaign) => ({
        campaign_id: campaign.row['campaign_id'] ?? null,
        campaign_name: campaign.row['campaign_name'] ?? null,
        campaign_type: campaign.row['campaign_type'] ?? null,
        spend: inMoney([campaign], 'spend'),
        conversions: counted([campaign], 'conversions'),
        cpa: rounded(campaign.row['avg_cpa'], 2),
      })),
    statuses: ranked(frequency).map((status) => ({
      status,
      campaigns: String(statuses.get(status)?.length),
      spend: inMoney(statuses.get(status) ?? [], 'spend'),
    })),
  }
}

// ----------------------------------------------------------------------------------------------------------- countries

function countries({ silver, sales }: Source, chosen: Chosen): Figures {
  const all = narrowed(sales, { ...chosen, country: null })
  const [now, past] = [during(all, chosen.months), during(all, chosen.before)]
  const previously = (own: readonly Sale[]) => (chosen.before === null ? null : money(revenueOf(own)))
  const residents = byText(silver.customers, (customer: Document) => textOf(customer, 'country'))
  const soldTo = (country: string, of: readonly Sale[]) =>
    of.filter((sale) => sale.buyer === 'customer known' && sale.country === country)
  const part = (own: readonly Sale[]) => ({
    revenue: money(revenueOf(own)),
    share_pct: share(revenueOf(own), revenueOf(now)),
    orders: String(ordersOf(own)),
  })
  const nobody = (buyer: Sale['buyer']): Row => {
    const own = now.filter((sale) => sale.buyer === buyer)
    return {
      country: buyer,
      buyer,
      ...part(own),
      active_customers: buyer === 'no customer' ? null : String(customersOf(own).active),
      customers: null,
      value_per_customer: null,
      consent_yes: null,
      consent_no: null,
      marketing_consent_pct: null,
      previous_revenue: previously(past.filter((sale) => sale.buyer === buyer)),
    }
  }
  const worth = new Map([...residents.keys()].map((country) => [country, revenueOf(soldTo(country, now))]))
  const dated = now.filter(({ month }) => month !== 'Unknown')
  const known = dated.filter(({ buyer }) => buyer === 'customer known')
  const nameOf = namesOfBest(worthOf(byText(known, ({ country }) => country)), 'Other countries')
  const keyOf = ({ month, buyer, country }: Sale) => `${month} ${buyer === 'customer known' ? nameOf(country) : buyer}`
  const monthly = byText(dated, keyOf)
  const earlier = byText(placed(past, chosen), keyOf)
  const isPlaced = (sale: Sale) => sale.buyer === 'customer known' && sale.country !== 'Unknown'
  const [ofPlaces, unplaced] = [now.filter(isPlaced), now.filter((sale) => !isPlaced(sale))]
  return {
    totals: [
      {
        revenue: money(revenueOf(now)),
        country_revenue: money(revenueOf(ofPlaces)),
        no_country_revenue: money(revenueOf(unplaced)),
        no_country_pct: unplaced.length === 0 ? null : share(revenueOf(unplaced), revenueOf(now)),
        orders: String(ordersOf(now)),
      },
    ],
    reversed: [reversedOf(now)],
    countries: [
      ...ranked(worth).map((country): Row => {
        const [own, all] = [soldTo(country, now), residents.get(country) ?? []]
        const consenting = all.filter((customer) => flagOf(customer, 'marketing_consent')).length
        return {
          country,
          buyer: 'customer known',
          ...part(own),
          active_customers: String(customersOf(own).active),
          customers: String(all.length),
          value_per_customer: average(revenueOf(soldTo(country, sales)), all.length),
          consent_yes: String(consenting),
          consent_no: String(all.length - consenting),
          marketing_consent_pct: share(BigInt(consenting), BigInt(all.length)),
          previous_revenue: previously(soldTo(country, past)),
        }
      }),
      nobody('customer not in customers'),
      nobody('no customer'),
    ],
    months: [...new Set([...monthly.keys(), ...earlier.keys()])].sort(inOrder).map((key) => ({
      month: key.slice(0, 7),
      country: key.slice(8),
      revenue: money(revenueOf(monthly.get(key) ?? [])),
      previous_revenue: chosen.before === null ? null : money(revenueOf(earlier.get(key) ?? [])),
    })),
  }
}
