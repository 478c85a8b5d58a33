import { DateTime } from 'luxon'
import type { Db } from 'mongodb'
import type { Query } from '../gold/checks.ts'
import type { Published } from '../gold/in_place.ts'
import { changeOf, type Made } from '../gold/making.ts'
import { SALES, SOLD_BY_DAY } from '../gold/models.ts'
import type { CheckResult, RunRecord } from '../runs/record.ts'
import { isSameShop, type Shop } from '../runs/shop.ts'
import { makingOfGold } from '../runs/store.ts'
import type { SettledMonths, UnusualDays } from '../settings/guards.ts'
import { checkSettledMonths, type Months } from './settled_months.ts'
import { checkUnusualDays, type Day } from './unusual_days.ts'

/** The limits on how gold changes with time. */
export interface TimeLimits extends Made {
  settledMonths: SettledMonths
  unusualDays: UnusualDays
  /** Whose gold is made; that of another shop is not compared. */
  shop?: Shop | undefined
  /** The run that makes it; now, where none does. */
  run?: { started: Date }
}

/** How the tables that were built do beside the gold in place, which this run made, and beside their own past. */
export async function checkOverTime(
  silver: Db,
  { query, tables }: { query: Query; tables: readonly string[] },
  gold: Published | null | undefined,
  madeBy: RunRecord | null,
  options: TimeLimits,
): Promise<CheckResult[]> {
  const { settledMonths, unusualDays, contracts, shop, run = { started: new Date() } } = options
  const sales = contracts.find(({ collection }) => collection === SALES)
  const timeZone = sales?.fields['timestamp']?.how.timeZone
  const today = DateTime.fromJSDate(run.started, { zone: timeZone ?? 'UTC' }).toISODate() ?? ''
  const change = async () => {
    const making = madeBy === null ? undefined : await makingOfGold(silver, madeBy)
    return making && changeOf('monthly_revenue', options, making)
  }
  const isOthers = gold?.shop != null && shop !== undefined && !isSameShop(gold.shop, shop)
  const months = isOthers || !tables.includes('monthly_revenue') ? null : gold?.months
  return [
    ...(months == null ? [] : await checkSettledMonths(months, await monthsMade(query), today, settledMonths, change)),
    ...checkUnusualDays(await daysSold(query), today, unusualDays),
  ]
}

/** A model of the shop's own may call otherwise what is a month and an amount here. */
async function monthsMade(query: Query): Promise<Months> {
  const rows = await query(`
    select strftime(day, '%Y-%m') as month, cast(sum(amount) as varchar) as revenue
    from (
      select try_cast(month as date) as day, try_cast(total_revenue as decimal(38, 2)) as amount from monthly_revenue
    )
    where day is not null and amount is not null
    group by all`)
  return Object.fromEntries(rows.map(({ month, revenue }) => [String(month), String(revenue)]))
}

async function daysSold(query: Query): Promise<Day[]> {
  const rows = await query(`
    select cast(day as varchar) as day, cast(sum(revenue) as varchar) as revenue,
      cast(sum(transactions) as bigint) as sales
    from ${SOLD_BY_DAY} group by all`)
  return rows.map(({ day, revenue, sales }) => ({ day: String(day), revenue: String(revenue), sales: Number(sales) }))
}
