import {
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  type DuckDBValue,
  VARCHAR,
} from '@duckdb/node-api'
import { BSON, type Document } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import { readRaw } from '../bronze/source.ts'
import { LingotError, reasonOf } from '../errors.ts'
import { type ColumnType, type Contract, columnsOf } from '../silver/contract.ts'
import { type Model, readDialect } from './models.ts'

/** How a silver column enters DuckDB, and the exact type that the models see. */
export const staged: Record<ColumnType, { as: DuckDBType; see: (column: string) => string }> = {
  text: { as: VARCHAR, see: (column) => column },
  flag: { as: BOOLEAN, see: (column) => column },
  // Up to 1e12 with two decimals, a double names one decimal alone; this cast finds it.
  money: { as: DOUBLE, see: (column) => `cast(${column} as decimal(18, 2))` },
  count: { as: DOUBLE, see: (column) => `cast(${column} as bigint)` },
  rate: { as: DOUBLE, see: (column) => column },
  date: { as: DOUBLE, see: (column) => `epoch_ms(cast(${column} as bigint))` },
}

/** The place of a document in MongoDB's order of `_id`, for models that ask for it. */
const ID_ORDER = 'id_order'

/** An in-memory DuckDB in which the models run. */
export interface Warehouse {
  load: (client: MongoClient, collection: Collection, contract: Contract, models: readonly Model[]) => Promise<void>
  /** Runs a model and keeps its table. */
  build: (model: Model) => Promise<GoldTable>
  /** The rows of a query; whole numbers as JavaScript numbers, anything else that JavaScript lacks as text. */
  query: (sql: string) => Promise<Record<string, unknown>[]>
  /** The rows of a table as lines of PostgreSQL's COPY text format, a chunk at a time. */
  copyLines: (table: GoldTable) => AsyncIterable<string>
  close: () => void
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
export async function openWarehouse({ leaveOut }: { leaveOut: readonly string[] }): Promise<Warehouse> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  await connection.run(readDialect())
  return {
    load: async (client, collection, contract, models) => {
      await load(connection, client, collection, contract, models)
      if (contract.collection === 'transactions') await split(connection, leaveOut)
    },
    build: (model) => build(connection, model),
    query: (sql) => query(connection, sql),
    copyLines: (table) => copyLines(connection, table),
    close: () => {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

async function load(
  connection: DuckDBConnection,
  client: MongoClient,
  collection: Collection,
  contract: Contract,
  models: readonly Model[],
): Promise<void> {
  const words = new Set(
    models.filter(({ sql }) => names(sql).has(contract.collection)).flatMap(({ sql }) => [...names(sql)]),
  )
  const columns = columnsOf(contract).filter(([name]) => words.has(name))
  const inOrder = words.has(ID_ORDER)
  const types = columns.map(([, { type }]) => staged[type].as)
  const declared = columns.map(([name], i) => `${name} ${types[i]}`)
  const visible = columns.map(([name, { type }]) => `${staged[type].see(name)} as ${name}`)

  const table = `staged_${contract.collection}`
  const view = contract.collection === 'transactions' ? 'all_transactions' : contract.collection
  await connection.run(`create table ${table} (${[...declared, `${ID_ORDER} double`].join(', ')})`)
  await connection.run(`create view ${view} as select ${[...visible, ID_ORDER].join(', ')} from ${table}`)

  const appender = await connection.createAppender(table)
  const allTypes = [...types, DOUBLE]
  const selection = {
    projection: Object.fromEntries([['_id', 0], ...columns.map(([name]) => [name, 1])]),
    ...(inOrder && { sort: { _id: 1 } }),
  }
  let position = 0
  for await (const batch of readRaw(client, collection, selection)) {
    const documents = batch.map((bytes) => BSON.deserialize(bytes))
    for (let from = 0; from < documents.length; from += CHUNK) {
      const part = documents.slice(from, from + CHUNK)
      const values = columns.map(([name, { type }]) => part.map((document) => cell(document, name, type)))
      const chunk = DuckDBDataChunk.create(allTypes, part.length)
      chunk.setColumns([...values, part.map(() => position++)])
      appender.appendDataChunk(chunk)
    }
  }
  appender.closeSync()
}

/** One setting leaves revenue out of every table; reconciliation still names it. */
async function split(connection: DuckDBConnection, leaveOut: readonly string[]): Promise<void> {
  const statuses = ['null', ...leaveOut.map((status) => `'${status.replaceAll("'", "''")}'`)].join(', ')
  const isLeftOut = `coalesce(status in (${statuses}), false)`
  await connection.run(`create view transactions as select * from all_transactions where not ${isLeftOut}`)
  await connection.run(`create view left_out as select * from all_transactions where ${isLeftOut}`)
}

function cell(document: Document, name: string, type: ColumnType): DuckDBValue {
  const value = document[name]
  return type === 'date' && value !== null ? (value as Date).getTime() : (value as DuckDBValue)
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
