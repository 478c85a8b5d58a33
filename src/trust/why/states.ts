import { mkdtempSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { rowsIn } from '../../gold/buckets.ts'
import { openScratch } from '../../gold/duckdb.ts'
import { type Model, readDialect } from '../../gold/models.ts'
import { type GoldTable, shutIn, type Warehouse } from '../../gold/warehouse.ts'
import type { Moments } from '../../history/moments.ts'
import type { Config } from '../../settings/config.ts'

/** Gold at each moment between two states, its tables in a schema for each, side by side in one DuckDB. */
export interface States {
  connection: DuckDBConnection
  /** A folder that goes with it. */
  folder: string
  /** One for each moment. */
  schemas: string[]
  tables: GoldTable[]
  /** Puts a question to a state, and gives its values as texts. */
  ask: (sql: string, schema: string) => Promise<{ columns: string[]; rows: (string | null)[][] }>
  close: () => void
}

/** Builds all tables at each moment; `onLast` sees what they were built in at the last one. */
export async function openStates(
  moments: Moments,
  { limits }: Pick<Config, 'limits'>,
  onLast: (warehouse: Warehouse) => Promise<void> = async () => undefined,
): Promise<States> {
  const { folder, connection, close } = await openScratch(limits)
  try {
    // Questions are a project's own SQL: they reach what lies in this folder, and nothing else.
    await shutIn(connection, [folder])
    await connection.run(readDialect())
    await connection.run(FOR_QUESTIONS)
    const last = moments.causes.length
    const schemas: string[] = []
    let tables: GoldTable[] = []
    for (let moment = 0; moment <= last; moment++) {
      const schema = `moment_${moment}`
      const place = mkdtempSync(join(folder, `${schema}-`))
      const warehouse = await moments.open(moment, place)
      try {
        tables = await buildAll(warehouse)
        await connection.run(`create schema ${schema}`)
        for (const { model } of tables) {
          const file = join(place, `${model.name}.parquet`)
          await warehouse.write(model.name, file)
          await connection.run(`create view ${schema}."${model.name}" as ${rowsIn([file])}`)
        }
        if (moment === last) await onLast(warehouse)
      } finally {
        warehouse.close()
      }
      schemas.push(schema)
    }
    return {
      connection,
      folder,
      schemas,
      tables,
      async ask(sql, schema) {
        await connection.run(`set search_path = '${schema},main'`)
        try {
          const result = await connection.runAndReadAll(sql)
          const rows = result.getRowsJson().map((row) => row.map((value) => (value === null ? null : String(value))))
          return { columns: result.columnNames(), rows }
        } finally {
          await connection.run("set search_path = 'main'")
        }
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** What the questions of the package need of PostgreSQL and DuckDB lacks. */
const FOR_QUESTIONS = `
  create or replace macro trim_scale(x) as x;
  create or replace macro to_char(x, f) as
    strftime(x, replace(replace(replace(f, 'YYYY', '%Y'), 'MM', '%m'), 'DD', '%d'))`

/** Makes all that a warehouse has, each model behind those that it reads. */
export async function buildAll(warehouse: Warehouse): Promise<GoldTable[]> {
  const left: Model[] = [...warehouse.models]
  const waiting = new Set(left.map(({ name }) => name))
  const tables: GoldTable[] = []
  while (left.length > 0) {
    const next = left.findIndex((model) => !warehouse.needs(model).some((name) => waiting.has(name)))
    const [model] = left.splice(Math.max(next, 0), 1)
    if (model === undefined) break
    waiting.delete(model.name)
    tables.push(await warehouse.build(model))
  }
  return tables
}
