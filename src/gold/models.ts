import { readdirSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { z } from 'zod'
import { LingotError, reasonOf } from '../system/errors.ts'
import { packageRoot } from '../system/package.ts'
import { modelTest } from './checks.ts'

const description = z.object({
  description: z.string(),
  key: z.array(z.string()).min(1),
  columns: z.record(z.string(), z.string()),
  tests: z.array(modelTest).default([]),
})

/** A gold table: how it is made, and what it means. */
export interface Model extends z.infer<typeof description> {
  name: string
  sql: string
  /** Where its SQL is. */
  file: string
}

// The SQL files are read where the package keeps them, so that an edit counts at the next run without a build.
const folder = `${packageRoot}/src/gold/`

/** Reads every model: `NAME.sql` and the `NAME.yml` beside it. */
export function readModels(): Model[] {
  return sqlFiles('gold/models').map(({ name, sql }) => {
    const file = `${folder}models/${name}.yml`
    try {
      const described = description.parse(parse(readFileSync(file, 'utf8')))
      return { name, sql, file: `${folder}models/${name}.sql`, ...described }
    } catch (error) {
      throw new LingotError(
        'config',
        `The model ${name} has no valid description: ${error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error)}`,
        `Correct ${file}.`,
      )
    }
  })
}

/** The names in a text of SQL. */
export function namesIn(sql: string): Set<string> {
  return new Set(sql.replace(/--.*$/gm, '').match(/\b[a-z_][a-z0-9_]*\b/g) ?? [])
}

/** Each model behind those that it reads. */
export function inOrder(models: readonly Model[]): Model[] {
  const sorted: Model[] = []
  const waiting = [...models]
  while (waiting.length > 0) {
    const isReady = ({ name, sql }: Model) => {
      const names = namesIn(sql)
      return !waiting.some((other) => other.name !== name && names.has(other.name))
    }
    const next = waiting.findIndex(isReady)
    sorted.push(...waiting.splice(Math.max(next, 0), 1))
  }
  return sorted
}

/** What the models that read a collection name of it: its columns among other words. */
export function wordsOf(models: readonly Model[], collection: string): Set<string> {
  const words = new Set(
    models.flatMap(({ sql }) => {
      const names = namesIn(sql)
      return names.has(collection) ? [...names] : []
    }),
  )
  if (collection === SALES) words.add('status')
  return words
}

const SALES = 'transactions'

/** What the rows of a collection are called before {@link salesViews} divide them. */
export function viewOf(collection: string): string {
  return collection === SALES ? 'all_transactions' : collection
}

/** One setting leaves revenue out of every table; reconciliation still names it. */
export function salesViews(leaveOut: readonly string[]): { name: string; sql: string }[] {
  const statuses = leaveOut.map((status) => `'${status.replaceAll("'", "''")}'`).join(', ')
  // DuckDB takes a condition that is always met for one that few sales meet, and plans for those.
  const isLeftOut = leaveOut.length === 0 ? 'false' : `coalesce(status in (${statuses}), false)`
  return [
    { name: SALES, sql: `select * from all_transactions where not ${isLeftOut}` },
    { name: 'left_out', sql: `select * from all_transactions where ${isLeftOut}` },
  ]
}

/** The macros that the models need on DuckDB. */
export function readDialect(): string {
  return readFileSync(`${folder}dialect.sql`, 'utf8')
}

/** Every `.sql` file of a folder of the package, in the order of their names. */
export function sqlFiles(
  of: 'gold/models' | 'gold/questions' | `web/figures/${string}`,
): { name: string; sql: string }[] {
  const path = `${packageRoot}/src/${of}`
  return readdirSync(path)
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => ({ name: file.slice(0, -'.sql'.length), sql: readFileSync(`${path}/${file}`, 'utf8') }))
}
