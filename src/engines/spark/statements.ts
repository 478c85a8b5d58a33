import type { Job } from './job.ts'

// What the statements of a job are made of.

/** One row, for a step that is one task. */
export const TASKS_OF_ONE = 'range(0, 1, 1, 1)'

/** Runs a step of Lingot's program on rows, each of which gets the run in front. */
export function transform(
  step: string,
  columns: readonly string[],
  from: string,
  as: readonly string[] = ['told'],
): string {
  const given = ['lingot_run AS run', ...columns.map((column, i) => `${column} AS given_${i}`)]
  return `SELECT TRANSFORM(${['run', ...columns.map((_, i) => `given_${i}`)].join(', ')}) ${BY_TABS}
USING '\${lingot.program} ${step}' AS (${as.map((name) => `${name} STRING`).join(', ')}) ${BY_TABS}
FROM (SELECT ${given.join(', ')} FROM ${from})`
}

/** No clean text holds a tab; it may hold the character that Spark would take otherwise. */
const BY_TABS = "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'"

/** A row for each task of a collection. */
export function tasksOf({ collection, parts }: Job['collections'][number]): string {
  return `SELECT '${collection}' AS collection, id AS part FROM range(0, ${parts}, 1, ${parts})`
}

/** The rows of all of them, for so many tasks. */
export function united(queries: readonly string[], tasks: number): string {
  return `SELECT /*+ COALESCE(${tasks}) */ * FROM (\n${queries.join('\nUNION ALL\n')}\n)`
}

/** Spark takes a backslash in a text for an escape, DuckDB and PostgreSQL take it as it is. */
export function ported(sql: string): string {
  return sql.replaceAll('\\', '\\\\')
}

/** A setting of Spark. */
export type Setting = readonly [name: string, value: string]

/** The statements that change them. */
export function set(settings: readonly Setting[]): string[] {
  return settings.map(([name, value]) => `SET ${name} = ${value}`)
}
