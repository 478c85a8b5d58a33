import { rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type DuckDBConnection, StatementType } from '@duckdb/node-api'
import { type Contract, zoneOf } from '../contracts/contract.ts'
import { absentFrom, areBuyers } from '../contracts/contracts.ts'
import { customers } from '../contracts/customers.ts'
import { shownAt } from '../rules/dates.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { type Limits, memoryBytes } from '../system/machine.ts'
import { fromHere } from '../system/paths.ts'
import { type Portions, portions as usual } from '../system/portions.ts'
import { abandonedFolders, removeFolder, temporaryFolder } from '../system/temporary.ts'
import { counted } from '../text/terminal.ts'
import { bucketFiles, copyInto, divideInto, rowsIn } from './buckets.ts'
import { refuseTests } from './checks.ts'
import { openDuckDB } from './duckdb.ts'
import { openFeed, type WarehouseFeed } from './feed.ts'
import {
  columnsRead,
  declarationOf,
  fedBy,
  type Intermediate,
  inOrder,
  intermediatesOf,
  isDivided,
  type Model,
  readDialect,
  refuseHiddenReads,
  refuseUndeclared,
  refuseUndivided,
  salesViews,
  viewOf,
} from './models.ts'
import { refuseFrom, refuseTestReads } from './reading.ts'
import { queryReason } from './reason.ts'
import { noRows, rowsOfBuyers } from './rows.ts'
import { refuseUnfit } from './shape.ts'
import type { Planned } from './standing.ts'

/** A DuckDB of this process's own, in which the models run. */
export interface Warehouse {
  models: readonly Model[]
  /** What takes in the documents of silver, by collection. */
  feeds: Readonly<Record<string, WarehouseFeed>>
  /** Ends the feed of a collection: from here on the models see its documents. */
  end: (collection: string) => Promise<void>
  /** The collections and the models that a model reads. */
  needs: (model: Model) => string[]
  /** What the table of each model will be like. */
  plan: () => Promise<Planned[]>
  /** Has the models name this run as the one that makes their tables. */
  name: (run: RunName) => Promise<void>
  /** Runs a model, and the divided ones behind it that are not published, and keeps its table. */
  build: (model: Model) => Promise<GoldTable>
  /** Makes a model that is not published, for who asks for it beside the models that read it. */
  prepare: (name: string) => Promise<void>
  /** Writes the rows of a model, published or not, into a Parquet file, and says how many they are. */
  write: (name: string, file: string) => Promise<number>
  /** The rows of a query; whole numbers as JavaScript numbers, anything else that JavaScript lacks as text. */
  query: (sql: string) => Promise<Record<string, unknown>[]>
  /** The rows of a table as lines of PostgreSQL's COPY text format, a chunk at a time. */
  copyLines: (table: GoldTable) => AsyncIterable<string>
  close: () => void
}

/** Which run makes the tables. */
export interface RunName {
  id: string
  started: Date
}

/** A finished gold table and its columns. */
export interface GoldTable extends Planned {
  rows: number
}

/**
 * Sales whose status is in `leaveOut` are in the view `left_out`, all others in `transactions`; the view `this_run`
 * tells which run it is.
 */
export async function openWarehouse({
  contracts,
  models,
  leaveOut,
  limits,
  portions = usual,
  files,
  into,
}: {
  contracts: readonly Contract[]
  models: readonly Model[]
  leaveOut: readonly string[]
  limits: Limits
  portions?: Portions | undefined
  /** Parquet files of collections, and of models that were made in buckets, instead of what is fed and made here. */
  files?: ReadonlyMap<string, readonly string[]> | undefined
  /** Another folder into which rows are written. */
  into?: string | undefined
}): Promise<Warehouse> {
  const intermediates = intermediatesOf(models)
  const all = [...intermediates, ...models]
  for (const abandoned of abandonedFolders('models')) removeFolder(abandoned)
  const folder = temporaryFolder()
  const sizes = [...(files?.values() ?? [])].flat().map((file) => statSync(file).size)
  let isWide = sizes.reduce((sum, bytes) => sum + bytes, 0) > BYTES_A_THREAD
  const instance = await openDuckDB(folder, isWide ? limits : { ...limits, threads: 1 })
  // A connection does one thing at a time: rows are taken in, models run and finished tables are read side by side.
  const feeding = await instance.connect()
  await shutIn(feeding, [
    folder,
    ...(into === undefined ? [] : [into]),
    ...[...(files?.values() ?? [])].flat().map(dirname),
  ])
  const modelling = await instance.connect()
  const copying = await instance.connect()
  const close = () => {
    for (const connection of [feeding, modelling, copying]) connection.closeSync()
    instance.closeSync()
    rmSync(folder, { recursive: true, force: true })
  }
  const feeds: Record<string, WarehouseFeed> = {}
  const given = (name: string) => {
    const own = files?.get(name)
    return own && rowsIn(own)
  }
  const sqlOf = ({ name, sql }: Intermediate) => given(name) ?? sql
  const sales = contracts
    .filter(({ collection }) => viewOf(collection) !== collection)
    .flatMap((contract) => salesViews(contract, leaveOut))
  const buyers = areBuyers(contracts)
    ? { name: customers.collection, sql: rowsOfBuyers(customers, columnsRead(all, customers, contracts)) }
    : undefined
  const views = [...sales, ...(buyers === undefined ? [] : [buyers])]
  /** What is made in buckets and not published. */
  const parts = intermediates.filter(({ name, by }) => by !== undefined && given(name) === undefined)
  const dividing = contracts.filter(isDivided)
  const fill = async () => {
    // Before there are views, which DuckDB would look into.
    for (const model of all) {
      refuseHiddenReads(model)
      // Those of the package are known to declare what they read, and DuckDB takes its time to look.
      if (model.isOwn) {
        await ofModel(feeding, model, async () =>
          refuseUndeclared(model, all, contracts, (sql) => feeding.getTableNames(sql, false)),
        )
      }
      refuseUndivided(model, all, contracts)
    }
    for (const model of models.filter(({ isOwn }) => isOwn)) {
      refuseFrom(model, all, contracts)
      refuseTestReads(model, contracts, (sql) => feeding.getTableNames(sql, false))
    }
    await feeding.run('pragma disable_checkpoint_on_shutdown')
    // In one transaction, since DuckDB waits for the disk at the end of each.
    await feeding.run('begin')
    await feeding.run(readDialect())
    await feeding.run(thisRun({ id: 'none', started: new Date() }, contracts))
    for (const contract of contracts) {
      const { collection } = contract
      const read = columnsRead(all, contract, contracts)
      feeds[collection] = await openFeed(feeding, contract, read, viewOf(collection), portions)
      const sql = given(collection)
      if (sql !== undefined) await feeding.run(`create or replace view ${viewOf(collection)} as ${sql}`)
    }
    // Who asks whether a customer is known is told that nobody is.
    for (const contract of absentFrom(contracts)) {
      const read = columnsRead(all, contract, contracts)
      if (read.columns.length === 0 || contract.collection === buyers?.name) continue
      await feeding.run(`create view ${contract.collection} as ${noRows(read)}`)
    }
    for (const { name, sql } of views) await feeding.run(`create view ${name} as ${sql}`)
    for (const model of intermediates) {
      if (!parts.includes(model))
        await ofModel(feeding, model, () => feeding.run(`create view "${model.name}" as ${sqlOf(model)}`))
    }
    await feeding.run('commit')
  }
  await fill().catch((error: unknown) => {
    close()
    throw error
  })
  const rowsOf = (collection: string) => feeds[collection]?.rows() ?? 0
  const end = async (collection: string) => {
    if (!isWide && rowsOf(collection) > ROWS_A_THREAD) {
      isWide = true
      await modelling.run(`set threads = ${limits.threads}`)
    }
    await feeds[collection]?.flush(modelling)
  }
  let divided: Promise<readonly string[]> | undefined
  const schemas = () => {
    const documents = dividing.reduce((sum, { collection }) => sum + rowsOf(collection), 0)
    divided ??= divide(modelling, {
      collections: dividing.map(({ collection }) => collection),
      views,
      buckets: portions.buckets ?? Math.ceil(documents / (limits.memoryMb * DOCUMENTS_A_MB)),
      folder,
    })
    // What did not fit is tried again, with more room.
    divided.catch(() => {
      divided = undefined
    })
    return divided
  }
  const isRead =
    ({ name }: Intermediate) =>
    (reader: Intermediate) =>
      reader.reads['models']?.includes(name) === true
  const made = new Set<Intermediate>()
  const makeParts = async (wanted: readonly Intermediate[]): Promise<void> => {
    for (const part of inOrder(wanted)) {
      if (made.has(part)) continue
      await makeParts(parts.filter((behind) => isRead(behind)(part)))
      const isReadOnce = all.filter(isRead(part)).length === 1
      await ofModel(
        modelling,
        part,
        async () => makeDivided(modelling, part, await schemas(), isReadOnce ? 'view' : 'table'),
        'data',
      )
      made.add(part)
    }
  }
  const prepare = (name: string) => makeParts(parts.filter((part) => part.name === name))
  const build = async (model: Model): Promise<GoldTable> => {
    await makeParts(parts.filter((part) => isRead(part)(model)))
    return ofModel(
      modelling,
      model,
      async () => {
        const isDivided = model.by !== undefined && given(model.name) === undefined
        const rows = isDivided
          ? await makeDivided(modelling, model, await schemas(), 'table')
          : await make(modelling, 'table', model.name, sqlOf(model))
        return { model, columns: await columnsOf(modelling, model), rows }
      },
      'data',
    )
  }
  return {
    models,
    feeds,
    end: (collection) => {
      feeds[collection]?.close()
      return withRoom(modelling, limits, () => end(collection))
    },
    needs: (model) => {
      const sources = [model, ...intermediates.filter((part) => isRead(part)(model))]
      const names = sources.flatMap(({ by, reads: { models = [], ...collections } }) => [
        ...Object.keys(collections).flatMap((collection) => fedBy(collection, contracts)),
        ...models,
        ...(by === undefined ? [] : dividing.map(({ collection }) => collection)),
      ])
      return names.filter((other) => other !== model.name)
    },
    plan: () => plan(modelling, parts, models),
    name: async (run) => {
      await modelling.run(thisRun(run, contracts))
    },
    build: (model) => withRoom(modelling, limits, () => build(model)),
    prepare: (name) => withRoom(modelling, limits, () => prepare(name)),
    write: (name, file) =>
      withRoom(modelling, limits, async () => {
        await prepare(name)
        const copied = await query(modelling, copyInto(file, `from "${name}"`))
        return Number(copied[0]?.['Count'] ?? 0)
      }),
    query: (sql) => withRoom(modelling, limits, () => query(modelling, sql)),
    copyLines: (table) => copyLines(copying, table),
    close,
  }
}

/** Documents of the divided collections that a bucket may have for each megabyte of the models' memory. */
const DOCUMENTS_A_MB = 30_000

/** DuckDB gives so many rows to one thread: where no collection has more, others would wait for work, which takes a fifth more. */
const ROWS_A_THREAD = 122_880
/** What so many rows take in a file, at least. */
const BYTES_A_THREAD = 2 ** 20

/** Divides collections into buckets: schemas in which they are called the same. One is all there is. */
async function divide(
  connection: DuckDBConnection,
  {
    collections,
    views,
    buckets,
    folder,
  }: {
    collections: readonly string[]
    views: ReturnType<typeof salesViews>
    buckets: number
    folder: string
  },
): Promise<readonly string[]> {
  if (buckets <= 1) return ['main']
  const schemas = Array.from({ length: buckets }, (_, bucket) => `bucket_${bucket}`)
  for (const schema of schemas) await connection.run(`create schema if not exists ${schema}`)
  for (const collection of collections) {
    const view = viewOf(collection)
    const into = join(folder, collection)
    await connection.run(divideInto(into, `from ${view}`, buckets))
    const files = bucketFiles(into)
    for (const [bucket, schema] of schemas.entries()) {
      const own = files.flatMap((written) => (written.bucket === bucket ? [written.file] : []))
      const rows = own.length === 0 ? `from main.${view} limit 0` : rowsIn(own)
      await connection.run(`create or replace view ${schema}.${view} as ${rows}`)
    }
  }
  for (const schema of schemas) {
    await within(connection, schema, async () => {
      for (const { name, sql } of views) await connection.run(`create or replace view ${schema}.${name} as ${sql}`)
    })
  }
  return schemas
}

/** Has names without a schema looked for in this one first. */
async function within<T>(connection: DuckDBConnection, schema: string, work: () => Promise<T>): Promise<T> {
  await connection.run(`set search_path = '${schema},main'`)
  try {
    return await work()
  } finally {
    await connection.run("set search_path = 'main'")
  }
}

/** Makes a model in each bucket; outside of them the tables are one. With one bucket what is read once may be a view. */
async function makeDivided(
  connection: DuckDBConnection,
  { name, sql }: Intermediate,
  schemas: readonly string[],
  as: 'table' | 'view',
): Promise<number> {
  if (schemas.length === 1) return make(connection, as, name, sql)
  let rows = 0
  for (const schema of schemas) rows += await within(connection, schema, () => make(connection, 'table', name, sql))
  const all = schemas.map((schema) => `from ${schema}."${name}"`).join(' union all ')
  await connection.run(`create or replace view "${name}" as ${all}`)
  return rows
}

/** DuckDB answers with how many rows a table has got. */
async function make(connection: DuckDBConnection, as: 'table' | 'view', name: string, sql: string): Promise<number> {
  const created = await connection.runAndReadAll(`create or replace ${as} "${name}" as ${sql}`)
  return Number(created.getRows()[0]?.[0] ?? 0)
}

/** What the models see of the run, with the day of the shop's clocks on which it started; publishing fills in whose gold it is. */
export function thisRun({ id, started }: RunName, contracts: readonly Contract[]): string {
  const zone = contracts.flatMap(({ fields }) => Object.values(fields).flatMap((field) => zoneOf(field) ?? []))[0]
  const day = shownAt(started, zone).toISOString().slice(0, 10)
  return `create or replace view this_run as select '${id}' as run, timestamptz '${started.toISOString()}' as started,
    date '${day}' as day, null::varchar as shop, null::varchar as bronze`
}

/**
 * Runs a query within the memory that is set; one that does not fit gets twice as much, up to half of the machine's,
 * for as long as it runs. A model must not fail because there is more to count than there was yesterday.
 */
async function withRoom<T>(connection: DuckDBConnection, limits: Limits, run: () => Promise<T>): Promise<T> {
  const most = memoryBytes() / 2 / 2 ** 20
  const limit = (mb: number) => connection.run(`set memory_limit = '${mb}MB'`)
  for (let mb = limits.memoryMb; ; mb *= 2) {
    try {
      const result = await run()
      if (mb > limits.memoryMb) await limit(limits.memoryMb).catch(() => undefined)
      return result
    } catch (error) {
      if (!reasonOf(error).includes('Out of Memory Error') || mb * 2 > most) throw error
      await limit(mb * 2)
    }
  }
}

/** DuckDB knows what a model makes before there is anything to make it of. */
async function plan(
  connection: DuckDBConnection,
  parts: readonly Intermediate[],
  models: readonly Model[],
): Promise<Planned[]> {
  await connection.run('begin')
  try {
    for (const model of inOrder([...parts, ...models])) {
      await ofModel(connection, model, async () => {
        if (model.isOwn) await refuseOthers(connection, model)
        await connection.run(`create view "${model.name}" as ${model.sql}`)
      })
    }
    // A view that is asked itself is planned once more.
    const columns = await query(
      connection,
      `select table_name as model, column_name as name, data_type as type from duckdb_columns()
       where not internal order by column_index`,
    )
    const planned = models.map((model) => {
      const own = columns.filter((column) => column['model'] === model.name)
      return { model, columns: own.map(({ name, type }) => ({ name: String(name), type: String(type) })) }
    })
    for (const { model, columns } of planned) refuseUnfit(model, columns)
    for (const model of models.filter(({ isOwn }) => isOwn)) await refuseTests(model, connection)
    return planned
  } finally {
    await connection.run('rollback')
  }
}

async function columnsOf(connection: DuckDBConnection, { name }: Model): Promise<Planned['columns']> {
  const table = await connection.run(`select * from "${name}" limit 0`)
  return table.columnNames().map((name, i) => ({ name, type: table.columnType(i).toString() }))
}

/** Where DuckDB does not understand the model, says in which line of which file; what it meets in data is no matter of that. */
async function ofModel<T>(
  connection: DuckDBConnection,
  model: Intermediate,
  work: () => Promise<T>,
  met: 'config' | 'data' = 'config',
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof LingotError) throw error
    const place = await placeOf(connection, model.sql)
    const file = fromHere(model.file)
    const where = place === undefined ? '' : `${file}, line ${place.line}, column ${place.column}: `
    throw new LingotError(
      place === undefined ? met : 'config',
      `The model ${model.name} failed: ${where}${queryReason(error).split('\n\nLINE ')[0]}`,
      `Correct its SQL file; a column of silver that it reads has to stand under reads in ${fromHere(declarationOf(model))}.`,
    )
  }
}

/** Where DuckDB stumbles over SQL, in lines and columns from 1; undefined where it understands it. */
async function placeOf(
  connection: DuckDBConnection,
  sql: string,
): Promise<{ line: number; column: number } | undefined> {
  await connection.run('set errors_as_json = true')
  try {
    ;(await connection.prepare(sql)).destroySync()
    return undefined
  } catch (error) {
    const [, bytes] = /"position":"(\d+)"/.exec(reasonOf(error)) ?? []
    if (bytes === undefined) return undefined
    const lines = Buffer.from(sql).subarray(0, Number(bytes)).toString().split('\n')
    return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 }
  } finally {
    await connection.run('set errors_as_json = false')
  }
}

/** Throws where SQL is anything but one query: behind a first one anything could stand. */
async function refuseOthers(connection: DuckDBConnection, { name, file, sql }: Intermediate): Promise<void> {
  // DuckDB fails, and does not say why, where there is none.
  const isEmpty = sql.replace(/--.*$/gm, '').trim() === ''
  const count = isEmpty ? 0 : (await connection.extractStatements(sql)).count
  const only = count === 1 ? await connection.prepare(sql) : undefined
  const isQuery = only?.statementType === StatementType.SELECT
  only?.destroySync()
  if (isQuery) return
  const what = count === 1 ? 'a statement that is none' : counted(count, 'statement')
  throw new LingotError(
    'config',
    `The model ${name} is to be one SELECT, and holds ${what}.`,
    `Correct ${fromHere(file)}.`,
  )
}

/** Lets what runs here reach no files but those of these folders, no servers, and nothing that is not part of DuckDB. */
export async function shutIn(connection: DuckDBConnection, folders: readonly string[]): Promise<void> {
  const allowed = [...new Set(folders)].map((folder) => `'${folder.replaceAll("'", "''")}'`)
  await connection.run(`set allowed_directories = [${allowed.join(', ')}]; set enable_external_access = false`)
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

async function* copyLines(connection: DuckDBConnection, { model, columns, rows }: GoldTable): AsyncIterable<string> {
  const fields = columns.map(({ name }) => {
    return model.plain.includes(name) ? `copy_field(plain("${name}"))` : `copy_field("${name}")`
  })
  // In no order: to sort a large table takes more memory than to make it.
  const result = await connection.stream(`select concat_ws(chr(9), ${fields.join(', ')}) from "${model.name}"`)
  let copied = 0
  for await (const chunk of result) {
    const lines = chunk.getColumnValues(0)
    copied += lines.length
    if (lines.length > 0) yield `${lines.join('\n')}\n`
  }
  // Where DuckDB cannot go on, as without memory, its stream just ends. What took the memory is over when it is tried again.
  if (copied < rows) {
    const what = `DuckDB gave ${copied} of the ${rows} rows of ${model.name}`
    throw Object.assign(new Error(what), { code: 'ERR_STREAM_PREMATURE_CLOSE' })
  }
}
