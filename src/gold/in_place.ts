import type pg from 'pg'
import { LingotError } from '../errors.ts'
import type { Shop } from '../shop.ts'
import { connect } from './publish.ts'
import { type GoldQuery, readError } from './reader.ts'
import { quoted } from './shape.ts'
import { GOLD_RUN, standing } from './standing.ts'
import { type Patience, patiently, secondsToWait, type WaitOptions } from './waiting.ts'

/** The run that made the gold in place, and whose gold it is; null where it does not say. */
export interface Published {
  run: string
  shop: Shop | null
  /** The collections of which it holds anything. */
  holds: string[]
}

export interface Looking extends WaitOptions {
  onNote?: (note: string) => void
}

/**
 * Which gold is in place, as it says itself; null where there is none of Lingot's. Who holds it is waited for as long
 * as publishing would, or hardly at all if nothing is said.
 */
export async function goldInPlace(
  postgresUrl: string,
  schema: string,
  { onNote, ...wait }: Looking = { noWait: true },
): Promise<Published | null> {
  const client = await connect(postgresUrl)
  try {
    await client.query('begin')
    return await publishedIn(client, schema, { url: postgresUrl, seconds: secondsToWait(wait), onNote })
  } catch (error) {
    throw error instanceof LingotError ? error : readError(error, { schema, role: client.user })
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function publishedIn(client: pg.Client, schema: string, patience: Patience): Promise<Published | null> {
  const found = await standing(client, schema, [GOLD_RUN, ...Object.values(HOLDERS)])
  const mark = found.find(({ name }) => name === GOLD_RUN)?.mark
  if (mark === undefined) return null
  const run = quoted(schema, GOLD_RUN)
  await patiently(client, `${schema}.${GOLD_RUN}`, `lock table ${run} in access share mode`, patience)
  const { rows } = await client.query<{ run: string }>(`select run from ${run}`)
  if (rows[0] === undefined) return null
  const holds: string[] = []
  for (const [collection, table] of Object.entries(HOLDERS)) {
    if (!found.some(({ name, mark }) => name === table && mark !== undefined)) continue
    const { rowCount } = await client.query(`select from ${quoted(schema, table)} limit 1`)
    if (rowCount !== 0) holds.push(collection)
  }
  return { run: rows[0].run, shop: mark.shop, holds }
}

/** The table that has a row where there is any document of a collection. */
const HOLDERS = {
  customers: 'country_statistics',
  transactions: 'product_performance',
  campaigns: 'campaign_performance',
}

/** The run that made the gold that a query sees. */
export async function runSeen(query: GoldQuery): Promise<string | null> {
  const { rows } = await query('select run from gold_run')
  return rows[0]?.[0] ?? null
}
