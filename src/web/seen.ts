import { LingotError } from '../errors.ts'
import type { GoldQuery, GoldRows } from '../gold/reader.ts'
import type { GoldRun, Rows } from './api.ts'

/** The columns and rows of a query, as the page is told of them. */
export function shown({ columns, rows }: GoldRows): Rows {
  return { columns: columns.map(({ name, type }) => ({ name, type })), rows }
}

/** The run that made the gold that a query sees. */
export async function readGoldRun(query: GoldQuery): Promise<GoldRun> {
  // An older gold keeps the time of UTC without saying so; seconds since 1970 are the same.
  const { rows } = await query('select run, extract(epoch from started) from gold_run')
  const [run, started] = rows[0] ?? []
  if (!run || !started) throw new LingotError('data', 'There is no gold yet.', 'Make it with `lingot run`.')
  return { run, started: new Date(Number(started) * 1000).toISOString() }
}
