import { postgresClient } from '../connection.ts'
import { quoted } from './publish.ts'
import type { GoldQuery } from './reader.ts'

/** The run that made the gold in place, as gold itself says; null where there is none. */
export async function goldInPlace(postgresUrl: string, schema: string): Promise<{ run: string } | null> {
  const client = postgresClient(postgresUrl, { connectionTimeoutMillis: 5000 })
  try {
    await client.connect()
    const table = quoted(schema, 'gold_run')
    const { rows: found } = await client.query('select to_regclass($1) is not null as is_there', [table])
    if (!found[0]?.is_there) return null
    const { rows } = await client.query<{ run: string }>(`select run from ${table}`)
    return rows[0] ?? null
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The run that made the gold that a query sees. */
export async function runSeen(query: GoldQuery): Promise<string | null> {
  const { rows } = await query('select run from gold_run')
  return rows[0]?.[0] ?? null
}
