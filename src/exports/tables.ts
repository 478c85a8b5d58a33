import { hash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { MongoClient } from 'mongodb'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { plannedTables } from '../gold/aggregator.ts'
import { text } from '../gold/buckets.ts'
import { personalColumns, quoted } from '../gold/checks.ts'
import { openScratch, withMoreRoom } from '../gold/duckdb.ts'
import { openFeed } from '../gold/feed.ts'
import { runSeen } from '../gold/in_place.ts'
import { queryReason } from '../gold/reason.ts'
import type { Planned } from '../gold/standing.ts'
import { silverMaking } from '../history/making.ts'
import { documentsIn, readRaw } from '../mongo/cursor.ts'
import { type GoldQuery, readGold } from '../postgres/reader.ts'
import { silverInPlace } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { madeBy, refuseReplaced } from '../silver/made.ts'
import { silverReader } from '../silver/schema.ts'
import { LingotError } from '../system/errors.ts'
import { packageVersion } from '../system/package.ts'
import type { Progress } from '../text/progress.ts'
import { type Manifest, writeFolder } from './folder.ts'

export type Format = 'parquet' | 'csv' | 'duckdb'

/** What the manifest of exported tables says. */
export interface TablesManifest extends Manifest {
  /** The runs that made what was exported; gold may be of an earlier silver. */
  runs: { silver: string; gold: string | null }
  /** The same where silver is made by the same contracts. */
  contracts: string
  tables: ExportedTable[]
}

export interface ExportedTable {
  layer: 'silver' | 'gold'
  name: string
  /** The file that holds it. */
  file: string
  rows: number
  columns: ExportedColumn[]
}

interface ExportedColumn {
  name: string
  /** As DuckDB calls it. */
  type: string
  meaning: string
  /** Whether it may identify a person: hashes of emails and phone numbers, and names as they are. */
  personal: boolean
}

export type ExportOptions = Pick<
  Config,
  'contracts' | 'silver' | 'goldSchema' | 'leaveOut' | 'limits' | 'portions' | 'project' | 'phoneRegion' | 'pii'
> & { signal: AbortSignal; onProgress: Progress }

/** A table on its way: how its rows come into a DuckDB, and what is selected of them. */
interface Outgoing extends Pick<ExportedTable, 'layer' | 'name'> {
  description: string
  columns: Omit<ExportedColumn, 'type'>[]
  /** Fills DuckDB, and gives the query of its rows. */
  fill: (connection: DuckDBConnection) => Promise<string>
}

/**
 * Writes silver and gold into a folder, with a manifest. Both are read as they are in place, gold as one state of it; of
 * either no more is held in memory than the models may take. Throws where silver is replaced meanwhile.
 */
export async function exportTables(
  mongodb: MongoClient,
  postgresUrl: string,
  format: Format,
  folder: string,
  options: ExportOptions,
): Promise<TablesManifest> {
  const { contracts, goldSchema } = options
  const silver = mongodb.db(options.silver)
  return writeFolder(folder, async (beside) => {
    const made = await madeBy(silver, contracts)
    await refuseOtherContracts(mongodb, options)
    const planned = await plannedTables(options)
    const tables: ExportedTable[] = []
    for (const contract of contracts) {
      tables.push(await write(beside, format, silverTable(mongodb, contract, options), options))
    }
    const gold = await readGold(postgresUrl, goldSchema, async (query) => {
      for (const table of planned) {
        tables.push(await write(beside, format, goldTable(query, table, options), options))
      }
      return runSeen(query)
    })
    await refuseReplaced(silver, contracts, made)
    return {
      lingot: { export: format, version: packageVersion() },
      exported: new Date().toISOString(),
      runs: { silver: made, gold },
      contracts: fingerprintOf(options),
      files: [...new Set(tables.map(({ file }) => file))],
      tables,
    }
  })
}

/** Tells whether silver is made by the same contracts. */
export function fingerprintOf(options: Parameters<typeof silverMaking>[0]): string {
  return hash('sha256', JSON.stringify(silverMaking(options).contracts))
}

/** Throws where the silver in place has other fields than the configuration says by now. */
async function refuseOtherContracts(
  mongodb: MongoClient,
  { silver, contracts }: Pick<ExportOptions, 'silver' | 'contracts'>,
): Promise<void> {
  const made = await silverInPlace(mongodb.db(silver), contracts)
  for (const { collection, fields } of contracts) {
    const were = made?.silver?.[collection]?.fields
    if (were === undefined || Object.keys(fields).every((name) => name in were)) continue
    throw new LingotError(
      'data',
      `${silver}.${collection} was made with other fields than the configuration has now.`,
      'Make it anew with `lingot run`.',
    )
  }
}

function silverTable(mongodb: MongoClient, contract: Contract, options: ExportOptions): Outgoing {
  const { collection } = contract
  const columns = columnsOf(contract)
  const { portions, signal, onProgress } = options
  return {
    layer: 'silver',
    name: collection,
    description: `Silver: one row for each document of ${collection}.`,
    columns: columns.map(([name, { personal, meaning }]) => ({ name, personal, meaning })),
    async fill(connection) {
      const source = mongodb.db(options.silver).collection(collection)
      const total = await documentsIn(source)
      await connection.run('begin')
      const feed = await openFeed(connection, inUtc(contract), { columns, inOrder: false }, ROWS, portions)
      const valuesOf = silverReader(feed.columns)
      let done = 0
      for await (const batch of readRaw(mongodb, source, {}, portions)) {
        signal.throwIfAborted()
        for (const document of batch) feed.add(valuesOf(document))
        done += batch.length
        onProgress(`export ${collection}`, done, total)
      }
      feed.close()
      await connection.run('commit')
      return `select * from ${ROWS}`
    },
  }
}

/** Silver has instants: models alone see them as the clocks of the shop show them. */
function inUtc(contract: Contract): Contract {
  const fields = Object.entries(contract.fields).map(([name, field]) => {
    return [name, { ...field, how: { ...field.how, timeZone: undefined } }]
  })
  return { ...contract, fields: Object.fromEntries(fields) }
}

const ROWS = 'rows_out'

/** Rows of gold that are read at a time. */
const PORTION = 5000

function goldTable(query: GoldQuery, { model, columns }: Planned, options: ExportOptions): Outgoing {
  const { contracts, signal, onProgress } = options
  const personal = personalColumns(contracts, model)
  const names = columns.map(({ name }) => quoted(name))
  return {
    layer: 'gold',
    name: model.name,
    description: model.description,
    columns: columns.map(({ name }) => ({
      name,
      personal: personal.has(name),
      meaning: model.columns[name] ?? '',
    })),
    async fill(connection) {
      const rows = await query(`select count(*) from ${quoted(model.name)}`)
      const total = Number(rows.rows[0]?.[0])
      const order = model.key.map(quoted).join(', ')
      await query(
        `declare exported no scroll cursor for select ${names.join(', ')} from ${quoted(model.name)} order by ${order}`,
      )
      await connection.run(`create table ${ROWS} (${names.map((name) => `${name} varchar`).join(', ')})`)
      const appender = await connection.createAppender(ROWS)
      try {
        for (let done = 0; ; ) {
          signal.throwIfAborted()
          const { rows } = await query(`fetch forward ${PORTION} from exported`)
          for (const row of rows) {
            for (const value of row) value === null ? appender.appendNull() : appender.appendVarchar(value)
            appender.endRow()
          }
          done += rows.length
          onProgress(`export ${model.name}`, done, total)
          if (rows.length < PORTION) break
        }
        appender.closeSync()
      } finally {
        // What does not fit is tried again, with more room.
        await query('close exported').catch(() => undefined)
      }
      const typed = columns.map(({ name, type }) => `cast(${quoted(name)} as ${type}) as ${quoted(name)}`)
      return `select ${typed.join(', ')} from ${ROWS}`
    },
  }
}

/** Makes the file of a table, or the table in the one file of all. */
async function write(
  folder: string,
  format: Format,
  outgoing: Outgoing,
  { limits }: Pick<ExportOptions, 'limits'>,
): Promise<ExportedTable> {
  const { layer, name, description } = outgoing
  const file = format === 'duckdb' ? DATABASE : `${layer}/${name}.${format}`
  const path = join(folder, file)
  if (format !== 'duckdb') await mkdir(join(folder, layer), { recursive: true })
  return withMoreRoom(limits, async (limits) => {
    const { connection, close } = await openScratch(limits)
    try {
      await connection.run("set timezone = 'UTC'; set preserve_insertion_order = true")
      const rows = await outgoing.fill(connection)
      const described = await connection.runAndReadAll(`describe ${rows}`)
      const types = new Map(described.getRows().map(([column, type]) => [String(column), String(type)]))
      const columns = outgoing.columns.map((column) => ({ ...column, type: types.get(column.name) ?? '' }))
      if (format === 'duckdb') await intoDatabase(connection, path, rows, { layer, name, description, columns })
      else await connection.run(copyTo(format, path, format === 'csv' ? forSpreadsheets(rows, columns) : rows))
      const [[count] = []] = (await connection.runAndReadAll(`select count(*) from (${rows})`)).getRows()
      return { layer, name, file, rows: Number(count), columns }
    } catch (error) {
      const isOfDuckDB = error instanceof Error && /^[A-Z][A-Za-z ]* Error: /.test(error.message)
      if (!isOfDuckDB || error.message.startsWith('Out of Memory')) throw error
      throw new LingotError('data', `${layer}.${name} cannot be exported: ${queryReason(error)}.`, AGAIN)
    } finally {
      close()
    }
  })
}

const DATABASE = 'lingot.duckdb'
const AGAIN = 'If settings or models changed since it was made, make it anew with `lingot run`.'

function copyTo(format: 'parquet' | 'csv', path: string, rows: string): string {
  return `copy (${rows}) to ${text(path)} (${format === 'csv' ? 'format csv, header' : 'format parquet, compression zstd'})`
}

/** A spreadsheet would run a text that begins like a formula: it gets a ' in front. */
function forSpreadsheets(rows: string, columns: readonly ExportedColumn[]): string {
  const written = columns.map(({ name, type }) => {
    const column = quoted(name)
    if (type !== 'VARCHAR') return column
    return `case when regexp_matches(${column}, '^[=+\\-@\\t\\r＝＋－＠]') then '''' || ${column} else ${column} end as ${column}`
  })
  return `select ${written.join(', ')} from (${rows})`
}

async function intoDatabase(
  connection: DuckDBConnection,
  path: string,
  rows: string,
  {
    layer,
    name,
    description,
    columns,
  }: Pick<Outgoing, 'layer' | 'name' | 'description'> & Pick<ExportedTable, 'columns'>,
): Promise<void> {
  const table = `exported.${layer}.${quoted(name)}`
  const comments = columns.map(({ name, meaning }) => `comment on column ${table}.${quoted(name)} is ${text(meaning)}`)
  await connection.run(
    [
      `attach ${text(path)} as exported`,
      `create schema if not exists exported.${layer}`,
      `create or replace table ${table} as ${rows}`,
      `comment on table ${table} is ${text(description)}`,
      ...comments,
      'checkpoint exported',
      'detach exported',
    ].join(';\n'),
  )
}
