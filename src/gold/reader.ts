import pg from 'pg'
import { LingotError, reasonOf } from '../errors.ts'

/** Reads gold: each value as the text that PostgreSQL gives, so that no digit is lost. */
export type GoldQuery = (text: string, values?: readonly string[]) => Promise<GoldRows>

export interface GoldRows {
  columns: { name: string; isNumber: boolean }[]
  rows: (string | null)[][]
}

/** Lets some work see one state of gold, read-only. */
export async function readGold<T>(
  postgresUrl: string,
  schema: string,
  work: (query: GoldQuery) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: postgresUrl,
    application_name: 'lingot',
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    types: { getTypeParser: () => (text: string) => text },
  })
  client.on('error', () => undefined)
  const query: GoldQuery = async (text, values = []) => {
    const result = await client.query<(string | null)[]>({ text, values: [...values], rowMode: 'array' })
    const columns = result.fields.map(({ name, dataTypeID }) => ({ name, isNumber: NUMBERS.has(dataTypeID) }))
    return { columns, rows: result.rows }
  }
  try {
    await client.connect()
    await client.query('begin transaction isolation level repeatable read read only')
    await client.query(`set local search_path to ${pg.escapeIdentifier(schema)}`)
    await client.query("set local datestyle to 'ISO'")
    return await work(query)
  } catch (error) {
    if (error instanceof LingotError) throw error
    const isMissing = error instanceof pg.DatabaseError && error.code === '42P01'
    throw isMissing
      ? new LingotError('data', 'Gold has no tables yet.', 'Make them with `lingot run`.', { cause: error })
      : new LingotError('server', `PostgreSQL could not answer: ${reasonOf(error)}.`, 'See `lingot doctor`.', {
          cause: error,
        })
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Object ids of bigint, integer, smallint, double and numeric. */
const NUMBERS = new Set([20, 23, 21, 701, 1700])
