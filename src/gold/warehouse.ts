import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  LIST,
  listValue,
  VARCHAR,
} from '@duckdb/node-api'
import { LingotError, reasonOf } from '../errors.ts'
import { type ColumnType, type Contract, columnsOf } from '../silver/contract.ts'
import type { Feed } from '../silver/processor.ts'
import { type Model, readDialect } from './models.ts'

/**
 * How a silver column enters DuckDB: as which type, what stands for null, and what the models see.
 *
 * Rows without nulls are quicker to hand over: no clean number is NaN, no clean text is empty.
 */
const staged: Record<ColumnType, { as: DuckDBType; missing: DuckDBValue; see: (column: string) => string }> = {
  text: { as: VARCHAR, missing: '', see: (column) => `nullif(${column}, '')` },
  flag: { as: BOOLEAN, missing: null, see: (column) => column },
  // Up to 1e12 with two decimals, a double names one decimal alone; this cast finds it.
  money: { as: DOUBLE, missing: Number.NaN, see: (column) => `cast(${number(column)} as decimal(18, 2))` },
  count: { as: DOUBLE, missing: Number.NaN, see: (column) => `cast(${number(column)} as bigint)` },
  rate: { as: DOUBLE, missing: Number.NaN, see: (column) => number(column) },
  date: { as: DOUBLE, missing: Number.NaN, see: (column) => `epoch_ms(cast(${number(column)} as bigint))` },
}

function number(column: string): string {
  return `nullif(${column}, 'nan'::double)`
}

/** Orders the documents that share a key as MongoDB orders their `_id`s, for models that ask for it. */
const ID_ORDER = 'id_order'

/** A DuckDB of this process's own, in which the models run. */
export interface Warehouse {
  /** What takes in the documents of silver, by collection. */
  feeds: Readonly<Record<string, WarehouseFeed>>
  /** Ends the feeds: from here on the models see the documents. */
  loaded: () => Promise<void>
  /** Runs a model and keeps its table. */
  build: (model: Model) => Promise<GoldTable>
  /** The rows of a query; whole numbers as JavaScript numbers, anything else that JavaScript lacks as text. */
  query: (sql: string) => Promise<Record<string, unknown>[]>
  /** The rows of a table as lines of PostgreSQL's COPY text format, a chunk at a time. */
  copyLines: (table: GoldTable) => AsyncIterable<string>
  close: () => void
}

export interface WarehouseFeed extends Feed {
  /** The columns that are taken in, those that a model names. */
  columns: readonly string[]
  /** Whether a model asks for the order of `_id`: then documents are to be added in it. */
  inOrder: boolean
}

/** A finished gold table and its columns. */
export interface GoldTable {
  model: Model
  columns: { name: string; type: string }[]
  rows: number
}

/** Rows in a DuckDB data chunk. */
const CHUNK = 2048

/** Sales whose status is in `leaveOut` are in the view `left_out`, all others in `transactions`. */
export async function openWarehouse({
  contracts,
  models,
  leaveOut,
}: {
  contracts: readonly Contract[]
  models: readonly Model[]
  leaveOut: readonly string[]
}): Promise<Warehouse> {
  const folder = await mkdtemp(join(tmpdir(), 'lingot-'))
  // In a file, so that memory does not grow with the data; never checkpointed, since it is thrown away.
  const instance = await DuckDBInstance.create(join(folder, 'gold.duckdb'), {
    memory_limit: '128MB',
    temp_directory: folder,
    preserve_insertion_order: 'false',
    checkpoint_threshold: '1TB',
  })
  const connection = await instance.connect()
  await connection.run('pragma disable_checkpoint_on_shutdown')
  await connection.run(readDialect())
  const feeds: Record<string, ClosingFeed> = {}
  for (const contract of contracts) feeds[contract.collection] = await openFeed(connection, contract, models)
  return {
    feeds,
    loaded: async () => {
      for (const feed of Object.values(feeds)) feed.close()
      await split(connection, leaveOut)
    },
    build: (model) => build(connection, model),
    query: (sql) => query(connection, sql),
    copyLines: (table) => copyLines(connection, table),
    close: () => {
      connection.closeSync()
      instance.closeSync()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface ClosingFeed extends WarehouseFeed {
  close: () => void
}

/** Makes the table of a collection, with the columns that a model names, and the view that the models see. */
async function openFeed(
  connection: DuckDBConnection,
  contract: Contract,
  models: readonly Model[],
): Promise<ClosingFeed> {
  const words = new Set(
    models.filter(({ sql }) => names(sql).has(contract.collection)).flatMap(({ sql }) => [...names(sql)]),
  )
  const columns = columnsOf(contract).filter(([name]) => words.has(name) || name === contract.key)
  const declared = columns.map(([name, { type }]) => `${name} ${staged[type].as}`)
  const visible = columns.map(([name, { type }]) => `${staged[type].see(name)} as ${name}`)
  const table = `staged_${contract.collection}`
  const view = contract.collection === 'transactions' ? 'all_transactions' : contract.collection
  await connection.run(`create table ${table} (${[...declared, `${ID_ORDER} double`].join(', ')})`)
  await connection.run(`create view ${view} as select ${[...visible, ID_ORDER].join(', ')} from ${table}`)

  const appender = await connection.createAppender(table)
  const types = [...columns.map(([, { type }]) => staged[type].as), DOUBLE]
  const values: DuckDBValue[][] = types.map(() => [])
  const prepared = columns.map(([name, { type }], i) => {
    return { name, missing: staged[type].missing, isDate: type === 'date', column: values[i] as DuckDBValue[] }
  })
  const order = values[columns.length] as DuckDBValue[]
  let rows = 0
  let position = 0

  const flush = () => {
    if (rows === 0) return
    const chunk = DuckDBDataChunk.create(types, rows)
    chunk.setColumns(rows === CHUNK ? values : values.map((column) => column.slice(0, rows)))
    appender.appendDataChunk(chunk)
    rows = 0
  }
  return {
    columns: columns.map(([name]) => name),
    inOrder: words.has(ID_ORDER),
    add(clean) {
      for (const { name, missing, isDate, column } of prepared) {
        const value = clean[name]
        if (value === null) column[rows] = missing
        else column[rows] = isDate ? (value as Date).getTime() : (value as DuckDBValue)
      }
      order[rows] = position++
      if (++rows === CHUNK) flush()
    },
    async retract(keys) {
      flush()
      appender.flushSync()
      const list = listValue(keys)
      await connection.run(`delete from ${table} where ${contract.key} in (select unnest($1))`, [list], [LIST(VARCHAR)])
    },
    close() {
      flush()
      appender.closeSync()
    },
  }
}

/** One setting leaves revenue out of every table; reconciliation still names it. */
async function split(connection: DuckDBConnection, leaveOut: readonly string[]): Promise<void> {
  const statuses = ['null', ...leaveOut.map((status) => `'${status.replaceAll("'", "''")}'`)].join(', ')
  const isLeftOut = `coalesce(status in (${statuses}), false)`
  await connection.run(`create view transactions as select * from all_transactions where not ${isLeftOut}`)
  await connection.run(`create view left_out as select * from all_transactions where ${isLeftOut}`)
}

/** The names in a text of SQL. */
function names(sql: string): Set<string> {
  return new Set(sql.replace(/--.*$/gm, '').match(/\b[a-z_][a-z0-9_]*\b/g) ?? [])
}

async function build(connection: DuckDBConnection, model: Model): Promise<GoldTable> {
  try {
    await connection.run(`create table "${model.name}" as ${model.sql}`)
  } catch (error) {
    throw new LingotError('data', `The model ${model.name} failed: ${reasonOf(error)}`, 'Correct its SQL file.')
  }
  const described = await connection.runAndReadAll(
    `select column_name, data_type, (select count(*) from "${model.name}")
     from information_schema.columns where table_name = '${model.name}' order by ordinal_position`,
  )
  const rows = described.getRows()
  return {
    model,
    columns: rows.map(([name, type]) => ({ name: String(name), type: String(type) })),
    rows: Number(rows[0]?.[2] ?? 0),
  }
}

async function query(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const result = await connection.runAndReadAll(sql)
  const plain = (value: unknown) => {
    if (typeof value === 'bigint') return Number(value)
    return value === null || typeof value === 'boolean' || typeof value === 'number' ? value : String(value)
  }
  return result
    .getRowObjects()
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])))
}

async function* copyLines(connection: DuckDBConnection, { model, columns }: GoldTable): AsyncIterable<string> {
  const fields = columns.map(({ name }) => `copy_field("${name}")`)
  const result = await connection.stream(
    `select concat_ws(chr(9), ${fields.join(', ')}) from "${model.name}" order by all`,
  )
  for await (const chunk of result) {
    const lines = chunk.getColumnValues(0)
    if (lines.length > 0) yield `${lines.join('\n')}\n`
  }
}
