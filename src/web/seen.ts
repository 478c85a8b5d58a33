import { SEVERAL_CURRENCIES } from '../gold/currencies.ts'
import type { GoldQuery, GoldRows } from '../postgres/reader.ts'
import { LingotError } from '../system/errors.ts'
import type { GoldRun, Rows } from './api.ts'

/** The columns and rows of a query, as the page is told of them. */
export function rowsOf({ columns, rows }: GoldRows): Rows {
  return { columns: columns.map(({ name, type }) => ({ name, type })), rows }
}

/** Rows of a list that are read at once: a page of a large shop stays below a megabyte. */
export const MOST_ROWS = 600

/** The first rows of a query, and whether there are more. */
export async function readFirst(
  query: GoldQuery,
  { text, values }: { text: string; values: (string | null)[] },
  most = MOST_ROWS,
): Promise<Rows & { isCut: boolean }> {
  return firstOf(await query(`${text}\nlimit ${most + 1}`, values), most)
}

/** What is told of rows that are one more than may be, where there are that many. */
export function firstOf(read: GoldRows, most: number): Rows & { isCut: boolean } {
  const { columns, rows } = rowsOf(read)
  return { columns, rows: rows.slice(0, most), isCut: rows.length > most }
}

/** The run that made the gold that a query sees. */
export async function readGoldRun(query: GoldQuery): Promise<GoldRun> {
  // An older gold keeps the time of UTC without saying so, where seconds since 1970 are the same, and lacks columns.
  const { rows } = await query(
    `select run, extract(epoch from started), ${SEVERAL_CURRENCIES}, to_jsonb(gold_run) ->> 'complete_until' from gold_run`,
  )
  const [run, started, severalCurrencies = null, completeUntil = null] = rows[0] ?? []
  if (!run || !started) throw new LingotError('data', 'There is no gold yet.', 'Make it with `lingot run`.')
  return { run, started: new Date(Number(started) * 1000).toISOString(), severalCurrencies, completeUntil }
}
