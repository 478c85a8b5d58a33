import type { CheckResult } from '../runs/record.ts'
import type { UnusualDays } from '../settings/guards.ts'
import { centsOf, moneyOf } from '../text/money.ts'
import { readable } from '../text/numbers.ts'

/** What was sold on a day such as `2026-06-30`. */
export interface Day {
  day: string
  /** As exact decimal text. */
  revenue: string
  sales: number
}

/** Days that are looked at: the last whole week. */
const LOOKED_AT = 7
/** Weeks before them that they are compared with: a season ago the shop may have been another one. */
const WEEKS = { least: 8, most: 26 }
/** By how many of their usual distances from the median a day has to be away from it. */
const FAR = 5

/**
 * Whether the last whole week of sales is like the weeks before it, each day beside its own weekdays. Only days that are
 * over by `today` and have sales after them are complete. Nothing is said of less than eight weeks, nor of a shop that
 * sells nothing on most of its days: whatever it sells then is unlike the rest.
 */
export function checkUnusualDays(days: readonly Day[], today: string, limits: UnusualDays): CheckResult[] {
  const judged = judge(days, today, limits)
  if (judged === undefined) return []
  const { severity } = limits
  const result = { subject: 'transactions', name: 'unusual days', severity, passed: judged.length === 0 }
  const detail = result.passed
    ? `none of the last ${LOOKED_AT}`
    : `${judged.length} of the last ${LOOKED_AT}: ${judged.map(inWords).join(', ')}`
  const rows = judged.map(({ number, revenue, usualRevenue, sales, usualSales }) => ({
    day: dayOf(number),
    weekday: weekdayOf(number),
    revenue: inMoney(revenue),
    usual_revenue: inMoney(usualRevenue),
    sales,
    usual_sales: usualSales,
  }))
  return [{ ...result, detail, rows }]
}

/** A day that is unlike its weekdays; revenue is in cents. */
interface Unusual {
  number: number
  isByRevenue: boolean
  revenue: number
  usualRevenue: number
  sales: number
  usualSales: number
}

function judge(
  days: readonly Day[],
  today: string,
  { percentAtMost, amountAtMost }: UnusualDays,
): Unusual[] | undefined {
  const sold = new Map(
    days.map(({ day, revenue, sales }) => [numberOf(day), { revenue: Number(centsOf(revenue)), sales }]),
  )
  const first = Math.min(...sold.keys())
  const last = Math.min(Math.max(...sold.keys()), numberOf(today)) - 1
  const on = (number: number) => sold.get(number) ?? { revenue: 0, sales: 0 }
  const weekBefore = (number: number, ago: number) => on(number - 7 * ago)
  const week = Array.from({ length: LOOKED_AT }, (_, i) => last - LOOKED_AT + 1 + i)
  const weeks = Array.from({ length: WEEKS.most }, (_, i) => i + 1).filter((ago) => last - 7 * ago - 6 >= first)
  const withSales = weeks.filter((ago) => week.some((number) => weekBefore(number, ago).sales > 0))
  if (withSales.length < WEEKS.least) return undefined
  // One sale that is dated long ago makes no weeks without any.
  const known = weeks.filter((ago) => ago <= Math.max(...withSales))
  const alike = week.map((number) => known.map((ago) => weekBefore(number, ago)))
  const revenues = alike.map((weekdays) => weekdays.map(({ revenue }) => revenue))
  const sales = alike.map((weekdays) => weekdays.map(({ sales }) => sales))
  const usual = median(revenues.flat())
  if (usual <= 0) return undefined
  const floor = Math.max(amountAtMost * 100, (usual * percentAtMost) / 100)
  // As many sales as usually make as much.
  const isByRevenue = unlike(revenues, floor)
  const isBySales = unlike(sales, (floor / usual) * median(sales.flat()))
  return week.flatMap((number, i): Unusual[] => {
    const day = on(number)
    const [own, count] = [isByRevenue(day.revenue, i), isBySales(day.sales, i)]
    if (!own && !count) return []
    const [usualRevenue, usualSales] = [median(revenues[i] ?? []), median(sales[i] ?? [])]
    return [{ number, isByRevenue: own, ...day, usualRevenue, usualSales }]
  })
}

/**
 * Whether a value of a weekday is further from the median of its like than a floor, and much further than values are
 * from theirs: those of this weekday, and of all. Roots are compared, since what comes by chance varies with the root of
 * how much it is.
 */
export function unlike(
  weekdays: readonly (readonly number[])[],
  floor: number,
): (value: number, weekday: number) => boolean {
  const distances = weekdays.map((values) => {
    const roots = values.map(root)
    return roots.map((one) => Math.abs(one - median(roots)))
  })
  const ofAll = median(distances.flat())
  return (value, weekday) => {
    const middle = median(weekdays[weekday] ?? [])
    const spread = Math.max(median(distances[weekday] ?? []), ofAll) * OF_NORMAL
    return Math.abs(value - middle) > floor && Math.abs(root(value) - root(middle)) > FAR * spread
  }
}

/** What makes of a median distance the standard deviation, where values are normal. */
const OF_NORMAL = 1.4826

function root(value: number): number {
  return Math.sign(value) * Math.sqrt(Math.abs(value))
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (place: number) => sorted[place] ?? 0
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2
}

const DAY = 86_400_000

function numberOf(day: string): number {
  return Date.parse(day) / DAY
}

function dayOf(number: number): string {
  return new Date(number * DAY).toISOString().slice(0, 10)
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

function weekdayOf(number: number): string {
  return WEEKDAYS[new Date(number * DAY).getUTCDay()] ?? ''
}

function inMoney(cents: number): string {
  return moneyOf(BigInt(Math.round(cents)))
}

function inWords({ number, isByRevenue, revenue, usualRevenue, sales, usualSales }: Unusual): string {
  const weekday = weekdayOf(number)
  const [has, usual] = isByRevenue
    ? [readable(inMoney(revenue)), readable(inMoney(usualRevenue))]
    : [`${readable(sales)} sales`, readable(usualSales)]
  return `${weekday} ${dayOf(number)} ${has} (${weekday}s ${usual})`
}
