import type pg from 'pg'
import { withPostgres } from '../postgres/client.ts'
import { quoted } from '../postgres/quoting.ts'
import { type GoldQuery, readError } from '../postgres/reader.ts'
import type { Shop } from '../runs/shop.ts'
import { LingotError } from '../system/errors.ts'
import { type Ground, namesOn, planOn } from './obstacles.ts'
import { publishError } from './publish.ts'
import { GOLD_RUN, type Standing, standing } from './standing.ts'
import { HARDLY, lockPatiently, secondsToWait, type WaitOptions } from './waiting.ts'

/** The run that made the gold in place, and whose gold it is; null where it does not say. */
export interface Published {
  run: string
  shop: Shop | null
  /** The collections of which it holds anything. */
  holds: string[]
  /** The revenue of each month, such as `2026-06`, as exact decimal text; null where it has no such table. */
  months: Readonly<Record<string, string>> | null
}

export interface Looking extends WaitOptions {
  onNote?: (note: string) => void
}

/**
 * Which gold is in place, as it says itself; null where there is none of Lingot's. Who holds it is waited for as long
 * as publishing would, or hardly at all if nothing is said.
 */
export function goldInPlace(
  postgresUrl: string,
  schema: string,
  looking: Looking = { publishWait: HARDLY },
): Promise<Published | null> {
  return withPostgres(postgresUrl, async (client) => (await look(client, postgresUrl, schema, [], looking)).published)
}

/**
 * As {@link goldInPlace}; throws where gold could not be published, before any work is done for it, and names the
 * tables that no model makes.
 */
export function surveyGold(
  postgresUrl: string,
  ground: Ground,
  looking: Looking,
): Promise<{ published: Published | null; unmade: string[] }> {
  return withPostgres(postgresUrl, async (client) => {
    const { published, seen } = await look(client, postgresUrl, ground.schema, namesOn(ground), looking)
    const { unmade } = await planOn(client, ground, seen).catch((error: unknown) => {
      throw publishError(error)
    })
    return { published, unmade }
  })
}

/** Which gold is in place, and what stands in a schema; without that where it may have changed meanwhile. */
async function look(
  client: pg.Client,
  url: string,
  schema: string,
  names: readonly string[],
  { onNote, ...wait }: Looking,
): Promise<{ published: Published | null; seen?: Standing[] }> {
  try {
    await client.query('begin')
    const seen = await standing(client, schema, [
      ...new Set([GOLD_RUN, ...Object.values(HOLDERS).flatMap(Object.keys), ...names]),
    ])
    const mark = seen.find(({ name }) => name === GOLD_RUN)?.mark
    if (mark === undefined) return { published: null, seen }
    const read = [GOLD_RUN, ...(seen.some(hasMonths) ? [MONTHS] : [])].map((name) => quoted(schema, name))
    const lock = `lock table ${read.join(', ')} in access share mode`
    const patience = { url, seconds: secondsToWait(wait), onNote }
    const wasFree = await lockPatiently(client, `${schema}.${GOLD_RUN}`, lock, patience)
    const published = await publishedIn(client, schema, mark.shop, seen)
    return { published, ...(wasFree && { seen }) }
  } catch (error) {
    throw error instanceof LingotError ? error : readError(error, { schema, role: client.user })
  }
}

async function publishedIn(
  client: pg.Client,
  schema: string,
  shop: Shop | null,
  seen: readonly Standing[],
): Promise<Published | null> {
  const isThere = (table: string) => seen.some(({ name, mark }) => name === table && mark !== undefined)
  const holders = Object.entries(HOLDERS).flatMap(([collection, tables]) => {
    const there = Object.entries(tables).filter(([table]) => isThere(table))
    const any = there.map(([table, which]) => `exists (select from ${quoted(schema, table)} where ${which})`)
    return any.length === 0 ? [] : [{ collection, sql: `${any.join(' or ')} as ${collection}` }]
  })
  const months = `${seen.some(hasMonths) ? monthsIn(schema) : 'null'} as months`
  const { rows } = await client.query<Pick<Published, 'run' | 'months'> & Record<string, unknown>>(
    `select ${['run', months, ...holders.map(({ sql }) => sql)].join(', ')} from ${quoted(schema, GOLD_RUN)}`,
  )
  if (rows[0] === undefined) return null
  const { run, months: revenue, ...held } = rows[0]
  const holds = holders.flatMap(({ collection }) => (held[collection] === true ? [collection] : []))
  return { run, shop, holds, months: revenue }
}

const MONTHS = 'monthly_revenue'

/** Whether it tells of months; a shop's own model may have made it of something else. */
function hasMonths({ name, mark, isHidden, isReadable, columns }: Standing): boolean {
  const isThere = (wanted: string, type: RegExp) =>
    columns.some((column) => column.name === wanted && type.test(column.type))
  return (
    name === MONTHS &&
    mark !== undefined &&
    !isHidden &&
    isReadable &&
    isThere('month', /^date$/) &&
    isThere('total_revenue', /^numeric/)
  )
}

function monthsIn(schema: string): string {
  return `(
    select coalesce(json_object_agg(month, revenue), '{}') from (
      select to_char(month, 'YYYY-MM') as month, sum(total_revenue)::text as revenue
      from ${quoted(schema, MONTHS)} where month is not null and total_revenue is not null group by 1
    ) as months
  )`
}

/** The tables that have such a row where there is any document of a collection; a shop may do without some. */
const HOLDERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  customers: { country_statistics: 'true', customer_metrics: 'true', customer_segments: 'true' },
  transactions: { reconciliation: "gold_table = 'all sales' and transactions > 0" },
  campaigns: { campaign_performance: 'true', campaign_spending: 'true' },
}

/** The run that made the gold that a query sees. */
export async function runSeen(query: GoldQuery): Promise<string | null> {
  const { rows } = await query('select run from gold_run')
  return rows[0]?.[0] ?? null
}
