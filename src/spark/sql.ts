import { readFileSync } from 'node:fs'
import { type Model, namesIn, salesViews, viewOf } from '../gold/models.ts'
import { packageRoot } from '../package.ts'
import { checksOf, type ModelCheck, SHOWN } from '../quality/checks.ts'
import { type ColumnType, type Contract, columnsOf } from '../silver/contract.ts'
import { COUNTED, type Job, makesGold, makesSilver } from './job.ts'

/** What stands in a job's SQL for the order of `_id`s. */
export const ID_ORDER = 'id_order'

/** Connections to PostgreSQL at once, each of which copies. */
const MOST_COPYING = 32

/** One row, for a step that is one task. */
const TASKS_OF_ONE = 'range(0, 1, 1, 1)'

/**
 * The job as Spark SQL, a statement each; `run` names it, or a new name is made each time that the job is submitted.
 *
 * Every statement that runs Lingot's program may be done again, whole or in part, whenever Spark loses a machine.
 */
export function jobSql(
  job: Job,
  {
    contracts,
    models,
    leaveOut,
    run,
  }: { contracts: readonly Contract[]; models: readonly Model[]; leaveOut: readonly string[]; run?: string },
): string {
  const statements = [
    ...settings(run),
    transform('begin', ['unix_millis(lingot_started)'], TASKS_OF_ONE),
    ...(makesSilver(job) ? silverSql(job) : []),
    ...(makesGold(job) ? goldSql(job, contracts, models, leaveOut) : []),
    transform('finish', [], TASKS_OF_ONE),
  ]
  return `${statements.map((statement) => `${statement.trim()};\n`).join('\n')}`
}

function settings(run: string | undefined): string[] {
  const fresh = "concat(lower(lpad(hex(unix_timestamp()), 8, '0')), substring(replace(uuid(), '-', ''), 1, 16))"
  return [
    "-- Where the executors find Lingot's program, which is shipped with --files.\nSET lingot.program = lingot.mjs",
    'SET spark.sql.ansi.enabled = true',
    'SET spark.sql.ansi.doubleQuotedIdentifiers = true',
    'SET spark.sql.session.timeZone = UTC',
    `-- The name of the run.\nDECLARE OR REPLACE VARIABLE lingot_run STRING DEFAULT ${run === undefined ? fresh : `'${run}'`}`,
    'DECLARE OR REPLACE VARIABLE lingot_started TIMESTAMP DEFAULT timestamp_millis(unix_millis(current_timestamp()))',
  ]
}

/** Runs a step of Lingot's program on rows, each of which gets the run in front. */
function transform(step: string, columns: readonly string[], from: string, as: readonly string[] = ['told']): string {
  const given = ['lingot_run AS run', ...columns.map((column, i) => `${column} AS given_${i}`)]
  return `SELECT TRANSFORM(${['run', ...columns.map((_, i) => `given_${i}`)].join(', ')}) ${BY_TABS}
USING '\${lingot.program} ${step}' AS (${as.map((name) => `${name} STRING`).join(', ')}) ${BY_TABS}
FROM (SELECT ${given.join(', ')} FROM ${from})`
}

/** No clean text holds a tab; it may hold the character that Spark would take otherwise. */
const BY_TABS = "ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'"

/** A row for each task of a collection. */
function tasksOf({ collection, parts }: Job['collections'][number]): string {
  return `SELECT '${collection}' AS collection, id AS part FROM range(0, ${parts}, 1, ${parts})`
}

function silverSql({ collections }: Job): string[] {
  const tasks = collections.map(tasksOf).join('\nUNION ALL\n')
  const met = ['collection', 'key', 'content', 'position', 'id']
  const cleaned = transform('clean', ['collection', 'part'], `(\n${tasks}\n)`, met)
  // Documents that share a key meet in one task, in the order of their _ids.
  const sorted = `SELECT collection, key, content, CAST(position AS BIGINT) AS position, id FROM (
${cleaned}
)
DISTRIBUTE BY collection, key SORT BY collection, key, position`
  const found = transform('settle', met, `(\n${sorted}\n)`, ['collection', 'removed', 'shared'])
  const sums = `SELECT /*+ COALESCE(1) */ collection, sum(CAST(removed AS BIGINT)) AS removed, sum(CAST(shared AS BIGINT)) AS shared
FROM (
${collections.map(({ collection }) => `SELECT '${collection}' AS collection, '0' AS removed, '0' AS shared`).join(' UNION ALL ')}
UNION ALL
${found}
)
GROUP BY collection`
  const most = Math.max(...collections.map(({ parts }) => parts))
  return [
    `-- Cleans bronze into silver, and finds the documents that are one.\n${transform('settled', ['collection', 'removed', 'shared'], `(\n${sums}\n)`)}`,
    transform('remove', ['id'], `range(0, ${most}, 1, ${most})`),
    transform('complete', ['0'], TASKS_OF_ONE),
  ]
}

function goldSql(
  job: Job,
  contracts: readonly Contract[],
  models: readonly Model[],
  leaveOut: readonly string[],
): string[] {
  const loads = job.collections.map((collection) => {
    const contract = contracts.find((contract) => contract.collection === collection.collection)
    return `CACHE TABLE ${viewOf(collection.collection)} AS\n${loaded(collection, contract)}`
  })
  const views = salesViews(leaveOut).map(
    ({ name, sql }) => `CREATE OR REPLACE TEMPORARY VIEW ${name} AS ${ported(sql)}`,
  )
  const built = inOrder(models).map(({ name, sql }) => `CACHE TABLE ${name} AS\n${ported(sql.trim())}`)
  const copying = Math.min(MOST_COPYING, Math.max(...job.collections.map(({ parts }) => parts)))
  return [
    readFileSync(`${packageRoot}/src/spark/dialect.sql`, 'utf8').trim().replace(/;$/, ''),
    ...loads,
    ...views,
    'CREATE OR REPLACE TEMPORARY VIEW this_run AS SELECT lingot_run AS run, lingot_started AS started',
    ...built,
    ...INTERPRETED.map(([name, value]) => `SET ${name} = ${value}`),
    transform('shape', ['model', 'type'], `(\n${shapes(models)}\n)`),
    transform('copy', ['spark_partition_id()', 'model', 'texts'], `(\n${values(models, copying)}\n)`),
    transform('check', ['model', 'number', 'failures', 'row'], `(\n${checks(models)}\n)`),
  ]
}

/**
 * Settings for plans of many small parts: Spark would take longer to compile and to adapt them than to run them as they
 * are.
 */
export const INTERPRETED = [
  ['spark.sql.adaptive.enabled', 'false'],
  ['spark.sql.codegen.wholeStage', 'false'],
  ['spark.sql.codegen.factoryMode', 'NO_CODEGEN'],
] as const

/** How a column comes back from the program: see `field` in lines.ts. */
const typed: Record<ColumnType, (column: string) => string> = {
  text: (column) => `substring(nullif(${column}, ''), 2)`,
  flag: (column) => `CAST(nullif(${column}, '') AS BOOLEAN)`,
  money: (column) => `CAST(nullif(${column}, '') AS DECIMAL(18, 2))`,
  count: (column) => `CAST(nullif(${column}, '') AS BIGINT)`,
  rate: (column) => `CAST(nullif(${column}, '') AS DOUBLE)`,
  date: (column) => `timestamp_millis(CAST(nullif(${column}, '') AS BIGINT))`,
}

function loaded(collection: Job['collections'][number], contract: Contract | undefined): string {
  const types = new Map(contract === undefined ? [] : columnsOf(contract).map(([name, { type }]) => [name, type]))
  const { columns, inOrder } = collection
  const seen = columns.map((name) => `  ${typed[types.get(name) ?? 'text'](name)} AS ${name}`)
  if (inOrder) seen.push(`  CAST(${ID_ORDER} AS BIGINT) AS ${ID_ORDER}`)
  const given = inOrder ? [...columns, ID_ORDER] : columns
  return `SELECT\n${seen.join(',\n')}\nFROM (\n${transform('read', ['collection', 'part'], `(${tasksOf(collection)})`, given)}\n)`
}

/** Spark takes a backslash in a text for an escape, DuckDB and PostgreSQL take it as it is. */
function ported(sql: string): string {
  return sql.replaceAll('\\', '\\\\')
}

/** Each model behind those that it reads. */
function inOrder(models: readonly Model[]): Model[] {
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

/** What a row of each model is like; Spark knows it without looking at one. */
function shapes(models: readonly Model[]): string {
  const each = models.map(({ name }) => {
    return `SELECT '${name}' AS model, typeof(struct(${name}.*)) AS type FROM ${TASKS_OF_ONE} LEFT JOIN ${name} ON false`
  })
  return `SELECT /*+ COALESCE(1) */ * FROM (\n${each.join('\nUNION ALL\n')}\n)`
}

/** The rows of each model, their values as texts. */
function values(models: readonly Model[], tasks: number): string {
  const each = models.map(({ name, columns }) => {
    const texts = Object.keys(columns).map((column) => `CAST("${column}" AS STRING)`)
    return `SELECT '${name}' AS model, to_json(array(${texts.join(', ')})) AS texts FROM ${name}`
  })
  // No more tasks than there is work for: each starts the program.
  return `SELECT /*+ COALESCE(${tasks}) */ * FROM (\n${each.join('\nUNION ALL\n')}\n)`
}

/**
 * How many rows each model has, and of every check how many rows are at fault, and the first of them. They are counted
 * and ordered all together: each by itself would take Spark longer than the checks.
 */
function checks(models: readonly Model[]): string {
  const each = models.flatMap((model) => {
    const all = checksOf(model).map((check, number) => ({ ...check, number }))
    const others = all.filter(({ where }) => where === undefined)
    return [...rowChecks(model, all), ...others.map(({ sql, number }) => tableCheck(model, sql, number))]
  })
  const counts = models.map(({ name }) => {
    return `SELECT '${name}' AS model, ${COUNTED} AS number, count(*) AS failures, '{}' AS row FROM ${name}`
  })
  return `SELECT /*+ COALESCE(1) */ model, number, failures, row FROM (
${counts.join('\nUNION ALL\n')}
UNION ALL
SELECT model, number, failures, row FROM (
SELECT *, count(*) OVER (PARTITION BY model, number) AS failures,
row_number() OVER (PARTITION BY model, number ORDER BY row) AS place
FROM (
${each.join('\nUNION ALL\n')}
)
) WHERE place <= ${SHOWN}
)`
}

const AS_JSON = "to_json(struct(*), map('ignoreNullFields', 'false'))"

/** The checks of which each row can tell by itself, in one pass over the table. */
function rowChecks({ name }: Model, checks: readonly (ModelCheck & { number: number })[]): string[] {
  const faults = checks.flatMap(({ where, number }) => (where === undefined ? [] : [{ where: ported(where), number }]))
  if (faults.length === 0) return []
  const numbers = faults.map(({ where, number }) => `CASE WHEN ${where} THEN ${number} END`)
  return [
    `SELECT '${name}' AS model, explode(array_compact(array(${numbers.join(', ')}))) AS number, ${AS_JSON} AS row
FROM ${name} WHERE ${faults.map(({ where }) => `(${where})`).join(' OR ')}`,
  ]
}

function tableCheck({ name }: Model, sql: string, number: number): string {
  return `SELECT '${name}' AS model, ${number} AS number, ${AS_JSON} AS row FROM (${ported(sql)}\n) AS at_fault`
}
