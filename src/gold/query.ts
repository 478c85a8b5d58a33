import { type GoldRows, readGold } from '../postgres/reader.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { readableColumns } from './catalogue.ts'
import { isOfSql, unknownName } from './sql_faults.ts'

/** What a query gives in a column: exact texts of numbers and days, which lose nothing and have no zone. */
export type GoldValue = string | boolean | Date | null

/** Puts a query of one's own to gold, which may only read, and gives its rows. */
export function queryGold(
  postgresUrl: string,
  schema: string,
  sql: string,
  parameters: readonly unknown[],
): Promise<Record<string, GoldValue>[]> {
  return readGold(postgresUrl, schema, async (query) => {
    const { rows: there } = await query("select to_regclass('gold_run')")
    if (there[0]?.[0] == null) throw new LingotError('data', 'Gold has no tables yet.', 'Make them: `lingot run`.')
    const tried = await query.attempt(
      () => query(sql, parameters.map(inText)),
      async (error) => {
        if (!isOfSql(error)) return undefined
        const unknown = await unknownName(error, { sql }, () => readableColumns(query, schema))
        const message = unknown?.message ?? `${reasonOf(error)}.`
        return new LingotError('usage', message, unknown?.next ?? WHAT_IS_THERE, { cause: error })
      },
    )
    if ('failure' in tried) throw tried.failure
    const { columns, rows } = tried.value
    return rows.map((row) =>
      Object.fromEntries(
        columns.map(({ name, type }, i): [string, GoldValue] => [name, valueIn(row[i] ?? null, type)]),
      ),
    )
  })
}

const WHAT_IS_THERE = 'Correct the query; docs/data-dictionary.md names what gold has.'

/** A parameter as PostgreSQL reads it. */
function inText(value: unknown): string | null {
  if (value === null || value === undefined) return null
  return value instanceof Date ? value.toISOString() : String(value)
}

function valueIn(text: string | null, type: GoldRows['columns'][number]['type']): GoldValue {
  if (text === null) return null
  if (type === 'boolean') return text === 't'
  // With its offset it is an instant; without one it is what a clock showed.
  const [, time, offset] = (type === 'timestamp' && /^(\d{4,}-\d\d-\d\d \S+?)([+-]\d\d(?::\d\d)?)$/.exec(text)) || []
  if (time === undefined || offset === undefined) return text
  return new Date(`${time.replace(' ', 'T')}${offset.length === 3 ? `${offset}:00` : offset}`)
}
