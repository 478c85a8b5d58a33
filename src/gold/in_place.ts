import type pg from 'pg'
import { LingotError } from '../errors.ts'
import type { Shop } from '../shop.ts'
import { connect } from './publish.ts'
import { type GoldQuery, readError } from './reader.ts'
import { quoted } from './shape.ts'
import { GOLD_RUN, standing } from './standing.ts'

/** The run that made the gold in place, and whose gold it is; null where it does not say. */
export interface Published {
  run: string
  shop: Shop | null
}

/** Which gold is in place, as it says itself; null where there is none of Lingot's. */
export async function goldInPlace(postgresUrl: string, schema: string): Promise<Published | null> {
  const client = await connect(postgresUrl)
  try {
    return await publishedIn(client, schema)
  } catch (error) {
    throw error instanceof LingotError ? error : readError(error)
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function publishedIn(client: pg.ClientBase, schema: string): Promise<Published | null> {
  const mark = (await standing(client, schema, [GOLD_RUN])).find(({ name }) => name === GOLD_RUN)?.mark
  if (mark === undefined) return null
  const { rows } = await client.query<{ run: string }>(`select run from ${quoted(schema, GOLD_RUN)}`)
  return rows[0] === undefined ? null : { run: rows[0].run, shop: mark.shop }
}

/** The run that made the gold that a query sees. */
export async function runSeen(query: GoldQuery): Promise<string | null> {
  const { rows } = await query('select run from gold_run')
  return rows[0]?.[0] ?? null
}
