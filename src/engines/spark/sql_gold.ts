import { readFileSync } from 'node:fs'
import { type ColumnType, type Contract, columnsOf, zoneOf } from '../../contracts/contract.ts'
import { ID_ORDER, inOrder, intermediatesOf, type Model, salesViews, viewOf } from '../../gold/models.ts'
import { packageRoot } from '../../system/package.ts'
import type { Job } from './job.ts'
import { checks } from './sql_checks.ts'
import { ported, type Setting, set, TASKS_OF_ONE, tasksOf, transform, united } from './statements.ts'

/** Connections to PostgreSQL at once, each of which copies. */
const MOST_COPYING = 32

/**
 * With its default, Spark numbers the parts of `with` anew in each statement, does not recognise a model that has some as
 * the one that it keeps in memory, and builds it again wherever it is named.
 */
const CTES_IN_PLACE: readonly Setting[] = [['spark.sql.legacy.ctePrecedencePolicy', 'LEGACY']]
const CTES_ONCE: readonly Setting[] = [['spark.sql.legacy.ctePrecedencePolicy', 'CORRECTED']]

/**
 * Settings for plans of many small parts: Spark would take longer to compile and to adapt them than to run them as they
 * are.
 */
export const INTERPRETED: readonly Setting[] = [
  ['spark.sql.adaptive.enabled', 'false'],
  ['spark.sql.codegen.wholeStage', 'false'],
  ['spark.sql.codegen.factoryMode', 'NO_CODEGEN'],
]

/** The statements that read silver, build the models, and hand them to the steps that publish them. */
export function goldSql(
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
  const intermediates = intermediatesOf(models).map(
    ({ name, sql }) => `CREATE OR REPLACE TEMPORARY VIEW ${name} AS\n${ported(sql.trim())}`,
  )
  const built = inOrder(models).map(({ name, sql }) => `CACHE TABLE ${name} AS\n${ported(sql.trim())}`)
  const tasks = tasksForGold(job)
  return [
    readFileSync(`${packageRoot}/src/engines/spark/dialect.sql`, 'utf8').trim().replace(/;$/, ''),
    ...loads,
    ...views,
    ...set(CTES_IN_PLACE),
    'CREATE OR REPLACE TEMPORARY VIEW this_run AS SELECT lingot_run AS run, lingot_started AS started, CAST(NULL AS STRING) AS shop, CAST(NULL AS STRING) AS bronze',
    ...intermediates,
    ...built,
    ...set(INTERPRETED),
    transform('shape', ['model', 'type'], `(\n${shapes(models)}\n)`),
    transform(
      'copy',
      ['spark_partition_id()', 'model', 'texts'],
      `(\n${values(models, Math.min(MOST_COPYING, tasks))}\n)`,
    ),
    ...set(CTES_ONCE),
    transform('check', ['model', 'number', 'failures', 'row'], `(\n${checks(models, tasks)}\n)`),
  ]
}

/** What there is in gold is less than in silver, and each task starts the program or Spark's own work on the plan. */
function tasksForGold({ collections }: Job): number {
  return Math.max(2, Math.ceil(Math.max(...collections.map(({ parts }) => parts)) / 4))
}

/** How a column comes back from the program: see `field` in lines.ts. */
const typed: Record<ColumnType, (column: string) => string> = {
  text: (column) => `substring(nullif(${column}, ''), 2)`,
  flag: (column) => `CAST(nullif(${column}, '') AS BOOLEAN)`,
  money: (column) => `CAST(nullif(${column}, '') AS DECIMAL(18, 2))`,
  count: (column) => `CAST(nullif(${column}, '') AS BIGINT)`,
  fractional: (column) => `CAST(nullif(${column}, '') AS DECIMAL(19, 6))`,
  rate: (column) => `CAST(nullif(${column}, '') AS DOUBLE)`,
  date: (column) => `timestamp_millis(CAST(nullif(${column}, '') AS BIGINT))`,
}

function loaded(collection: Job['collections'][number], contract: Contract | undefined): string {
  const types = new Map(contract === undefined ? [] : columnsOf(contract).map(([name, { type }]) => [name, type]))
  const { columns, inOrder } = collection
  const seen = columns.map((name) => {
    const field = contract?.fields[name]
    const zone = field && zoneOf(field)
    const value = typed[types.get(name) ?? 'text'](name)
    return `  ${zone === undefined ? value : `from_utc_timestamp(${value}, '${zone}')`} AS ${name}`
  })
  if (inOrder) seen.push(`  CAST(${ID_ORDER} AS BIGINT) AS ${ID_ORDER}`)
  const given = inOrder ? [...columns, ID_ORDER] : columns
  return `SELECT\n${seen.join(',\n')}\nFROM (\n${transform('read', ['collection', 'part'], `(${tasksOf(collection)})`, given)}\n)`
}

/** What a row of each model is like; Spark knows it without looking at one. */
function shapes(models: readonly Model[]): string {
  const each = models.map(({ name }) => {
    return `SELECT '${name}' AS model, typeof(struct(${name}.*)) AS type FROM ${TASKS_OF_ONE} LEFT JOIN ${name} ON false`
  })
  return united(each, 1)
}

/** The rows of each model, their values as texts. */
function values(models: readonly Model[], tasks: number): string {
  const each = models.map(({ name, columns, plain }) => {
    const texts = Object.keys(columns).map((column) => {
      const text = `CAST("${column}" AS STRING)`
      return plain.includes(column) ? `trim(TRAILING '.' FROM trim(TRAILING '0' FROM ${text}))` : text
    })
    return `SELECT '${name}' AS model, to_json(array(${texts.join(', ')})) AS texts FROM ${name}`
  })
  return united(each, tasks)
}
