import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { columnsOf } from '../../contracts/contract.ts'
import { checkGold, type Gates } from '../../gold/aggregator.ts'
import type { RowSettings } from '../../gold/checks.ts'
import type { Model } from '../../gold/models.ts'
import type { Question } from '../../gold/questions.ts'
import type { GoldTable } from '../../gold/warehouse.ts'
import type { Moments } from '../../history/moments.ts'
import type { GoldQuery } from '../../postgres/reader.ts'
import type { CheckResult } from '../../runs/record.ts'
import type { Config } from '../../settings/config.ts'
import { reasonOf } from '../../system/errors.ts'
import { byMagnitude, isZero, minus } from './decimals.ts'
import type { Move, Plan, PlannedAnswer, PlannedTable, Step } from './plan_schema.ts'
import { openStates, type States } from './states.ts'
import { MONEY, NUMBER } from './why.ts'

export interface PlanOptions extends RowSettings, Pick<Config, 'limits'> {
  moments: Moments
  /** What is checked beside the tests of the models. */
  gates: Gates
  models: readonly Model[]
  questions: readonly Question[]
  /** Models, and settings, that are others than those of the gold in place. */
  changedModels: readonly string[]
  /** Reads the gold in place. */
  gold: (work: (query: GoldQuery) => Promise<void>) => Promise<void>
  /** Whether the silver in place was never published. */
  isUnpublished: boolean
  /** Moves that are told of each table. */
  told?: number
}

/** Builds gold at each moment between the silver in place and the planned one, and compares. */
export async function planOf(
  known: Pick<Plan, 'changes' | 'rules'>,
  { moments, gates, models, questions, changedModels, isUnpublished, gold, limits, told = 3, ...settings }: PlanOptions,
): Promise<Plan> {
  const { contracts } = settings
  let checks: CheckResult[] = []
  const states = await openStates(moments, { limits }, async (warehouse) => {
    checks = await checkGold(warehouse, models, gates, settings)
  })
  try {
    const { connection, folder, schemas, tables } = states
    const published = tables.filter(({ model }) => models.some(({ name }) => name === model.name))
    const isOther = changedModels.length > 0 || isUnpublished
    if (isOther) {
      await connection.run('create schema in_place')
      await gold(async (query) => {
        for (const table of published) await takeFromGold(connection, query, table, folder)
      })
      schemas.unshift('in_place')
    }
    const steps: Step[] = [
      ...(isOther ? [changedModels.length > 0 ? ('model' as const) : ('unpublished' as const)] : []),
      ...moments.causes,
    ]
    const personal = new Set([
      ...models.flatMap((model) => model.personal),
      ...contracts.flatMap((contract) =>
        columnsOf(contract).flatMap(([name, column]) => (column.personal ? [name] : [])),
      ),
    ])
    const planned: PlannedTable[] = []
    for (const table of published) {
      if (table.model.name === 'gold_run') continue
      planned.push(await compare(connection, table, schemas, steps, told, (column) => personal.has(column)))
    }
    const answers: PlannedAnswer[] = []
    for (const question of questions) {
      answers.push(await answer(states, question, schemas[0] ?? 'moment_0', schemas.at(-1) ?? 'moment_0'))
    }
    return {
      ...known,
      models: [...changedModels],
      answers,
      tables: planned,
      checks: { all: checks.length, failed: checks.filter(({ passed }) => !passed) },
      moved: await movedIn(connection, schemas),
    }
  } finally {
    states.close()
  }
}

/** Rows that are held at once. */
const AT_ONCE = 5000

/** Takes a table of the gold in place into DuckDB, with the columns that the planned one has. */
async function takeFromGold(
  connection: DuckDBConnection,
  gold: GoldQuery,
  { model, columns }: GoldTable,
  folder: string,
): Promise<void> {
  const name = `in_place."${model.name}"`
  await connection.run(`create table ${name} (${columns.map(({ name, type }) => `"${name}" ${type}`).join(', ')})`)
  const { rows: there } = await gold('select to_regclass($1)', [model.name])
  if (there[0]?.[0] == null) return
  const file = join(folder, `in_place.${model.name}.json`)
  const found = await gold.attempt(async () => {
    await gold(`declare in_place no scroll cursor for select * from ${model.name}`)
    let rows = 0
    for (;;) {
      const { columns: there, rows: some } = await gold(`fetch ${AT_ONCE} from in_place`)
      if (some.length === 0) break
      const lines = some.map((row) => JSON.stringify(Object.fromEntries(there.map(({ name }, i) => [name, row[i]]))))
      await appendFile(file, `${lines.join('\n')}\n`)
      rows += some.length
    }
    await gold('close in_place')
    return rows
  })
  if (!('value' in found)) throw found.failure
  if (found.value === 0) return
  const texts = columns.map(({ name }) => `"${name}": 'varchar'`).join(', ')
  const cast = columns.map(({ name, type }) => `try_cast("${name}" as ${type})`).join(', ')
  await connection.run(
    `insert into ${name} select ${cast} from read_json('${file.replaceAll("'", "''")}', format = 'newline_delimited', columns = {${texts}})`,
  )
}

/** How the rows of a table would change between the first and the last of some states, and where most would. */
async function compare(
  connection: DuckDBConnection,
  { model, columns }: GoldTable,
  schemas: readonly string[],
  steps: readonly Step[],
  told: number,
  isPersonal: (column: string) => boolean,
): Promise<PlannedTable> {
  const [first, last] = [schemas[0] ?? '', schemas.at(-1) ?? '']
  const key = model.key.map((name) => `"${name}"`).join(', ')
  // What is personal is nothing at all here, whatever the gold in place has.
  const compared = columns.flatMap(({ name }) => (isPersonal(name) ? [] : [`"${name}"`])).join(', ')
  const rowsOf = (schema: string) => `(select ${compared || key} from ${schema}."${model.name}")`
  const count = async (sql: string) =>
    Number((await connection.runAndReadAll(`select count(*) from ${sql}`)).getRows()[0]?.[0])
  const fresh = await count(`${last}."${model.name}" anti join ${first}."${model.name}" using (${key})`)
  const gone = await count(`${first}."${model.name}" anti join ${last}."${model.name}" using (${key})`)
  const other = await count(`(from ${rowsOf(last)} except all from ${rowsOf(first)})`)
  const rows = { new: fresh, changed: Math.max(other - fresh, 0), gone }
  if (rows.new + rows.changed + rows.gone === 0) return { table: model.name, rows, moves: [] }

  const byMoney = [...columns].sort((a, b) => Number(MONEY.test(b.type)) - Number(MONEY.test(a.type)))
  const column = byMoney.find(({ name, type }) => NUMBER.test(type) && !model.key.includes(name))?.name
  if (column === undefined) return { table: model.name, rows, moves: [] }
  const named = model.key.map((name) => `coalesce(cast("${name}" as varchar), '')`).join(` || ' / ' || `)
  const valuesOf = (schema: string) => `(select ${named} as row$, "${column}" as value$ from ${schema}."${model.name}")`
  const moved = await connection.runAndReadAll(`
    select coalesce(now.row$, old.row$)
    from ${valuesOf(last)} as now full join ${valuesOf(first)} as old on now.row$ = old.row$
    where now.value$ is distinct from old.value$
    order by abs(coalesce(now.value$, 0) - coalesce(old.value$, 0)) desc, 1 limit ${told}`)
  const moves: Move[] = []
  for (const [row] of moved.getRows()) {
    const text = String(row)
    const values: (string | null)[] = []
    for (const schema of schemas) {
      const found = await connection.runAndReadAll(
        `select cast(value$ as varchar) from ${valuesOf(schema)} where row$ = '${text.replaceAll("'", "''")}'`,
      )
      const value = found.getRows()[0]?.[0]
      values.push(value == null ? null : String(value))
    }
    const causes = steps.flatMap((cause, i) => {
      const amount = minus(values[i + 1] ?? null, values[i] ?? null)
      return isZero(amount) ? [] : [{ cause, amount }]
    })
    causes.sort((one, other) => byMagnitude(one.amount, other.amount))
    moves.push({ row: text, column, before: values[0] ?? null, after: values.at(-1) ?? null, causes })
  }
  return { table: model.name, rows, moves }
}

/** A question put to two states. */
async function answer(
  { ask }: States,
  { number, title, sql }: Question,
  first: string,
  last: string,
): Promise<PlannedAnswer> {
  try {
    const before = await ask(sql, first)
    const after = await ask(sql, last)
    const isChanged = JSON.stringify(before.rows) !== JSON.stringify(after.rows)
    return { number, title, columns: after.columns, before: before.rows, after: after.rows, isChanged }
  } catch (error) {
    const failure = `It cannot be asked before gold is published: ${reasonOf(error).split('\n')[0]}`
    return { number, title, columns: [], before: [], after: [], isChanged: false, failure }
  }
}

/** By how many percent the revenue of all sales would move. */
async function movedIn(connection: DuckDBConnection, schemas: readonly string[]): Promise<number> {
  const revenueIn = async (schema: string | undefined) => {
    const found = await connection.runAndReadAll(
      `select cast(sum(revenue) as double) from ${schema}.reconciliation where gold_table = 'all sales'`,
    )
    return Number(found.getRows()[0]?.[0] ?? 0)
  }
  const [before, after] = [await revenueIn(schemas[0]), await revenueIn(schemas.at(-1))]
  return before === 0 ? (after === 0 ? 0 : 100) : (Math.abs(after - before) / Math.abs(before)) * 100
}
