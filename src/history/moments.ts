import { mkdtempSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { Collection } from 'mongodb'
import { type Contract, identityOf, UNKNOWN } from '../contracts/contract.ts'
import { holderOf } from '../contracts/owners.ts'
import { copyInto, rowsIn } from '../gold/buckets.ts'
import { openScratch } from '../gold/duckdb.ts'
import { openFeed } from '../gold/feed.ts'
import { columnsRead, intermediatesOf, type Model } from '../gold/models.ts'
import { type ColumnsRead, ID_ORDER } from '../gold/rows.ts'
import { openWarehouse, type Warehouse } from '../gold/warehouse.ts'
import { readRaw } from '../mongo/cursor.ts'
import { idBytes } from '../mongo/lookup.ts'
import type { Config } from '../settings/config.ts'
import { silverReader } from '../silver/schema.ts'
import { keyOfId } from './changes.ts'
import { type Cause, causes } from './entries.ts'

/*
 * Silver at the moments between two of its states: what did not change lies in one file, and for each moment another one
 * holds what did, as it was before its cause came or as it is after. The models run over both as over any silver.
 */

export interface Moments {
  /** The causes that were met, in the order in which they come: at moment 0 none has, at the last all have. */
  causes: readonly Cause[]
  /** The models over silver at a moment, whose rows can be written into a folder; who opens it closes it. */
  open: (moment: number, into?: string) => Promise<Warehouse>
  /** Asks the net changes of a collection, which are in `net_NAME` where there are any, and what stayed, in `stay_NAME`. */
  query: (sql: string) => Promise<Record<string, unknown>[]>
  /** Whether a collection changed. */
  has: (collection: string) => boolean
  close: () => void
}

/** The bytes of a Parquet file, or what reads them piece by piece. */
export type ChangesFile = Buffer | (() => AsyncIterable<Buffer>)

export interface MomentOptions extends Pick<Config, 'contracts' | 'leaveOut' | 'limits' | 'portions'> {
  models: readonly Model[]
  /** Parquet files of what changed, by collection, the oldest first. */
  changes: ReadonlyMap<string, readonly ChangesFile[]>
  signal?: AbortSignal | undefined
}

/** Opens the moments of a silver that lies in these collections, and was changed so. */
export async function openMoments(
  silverOf: (contract: Contract) => Collection,
  { models, contracts, changes, limits, portions, leaveOut, signal }: MomentOptions,
): Promise<Moments> {
  const { folder, connection, close } = await openScratch(limits)
  try {
    const all = [...intermediatesOf(models), ...models]
    const stay = new Map<string, string>()
    const met = new Set<string>()
    for (const contract of contracts) {
      const { collection } = contract
      const read = columnsRead(all, contract, contracts)
      const changed = await compose(connection, folder, contract, changes.get(collection) ?? [])
      for (const cause of changed.causes) met.add(cause)
      const file = join(folder, `${collection}.parquet`)
      await keepUnchanged(silverOf(contract), contract, read, {
        connection,
        file,
        portions,
        keys: changed.keys,
        signal,
      })
      await connection.run(`create view stay_${collection} as ${rowsIn([file])}`)
      stay.set(collection, file)
    }
    const inOrder = causes.filter((cause) => met.has(cause))
    let opened = 0
    return {
      causes: inOrder,
      async open(moment, into) {
        const files = new Map<string, string[]>()
        const place = mkdtempSync(join(folder, `moment-${opened++}-`))
        for (const contract of contracts) {
          const { collection } = contract
          const unchanged = stay.get(collection) ?? ''
          const own = [unchanged]
          if ((changes.get(collection) ?? []).length > 0) {
            const file = join(place, `${collection}.parquet`)
            const read = columnsRead(all, contract, contracts)
            await connection.run(
              copyInto(file, await rowsAt(connection, contract, read, unchanged, inOrder.slice(0, moment))),
            )
            own.push(file)
          }
          files.set(collection, own)
        }
        const warehouse = await openWarehouse({
          contracts,
          models,
          leaveOut,
          limits,
          portions: { ...portions, buckets: 1 },
          files,
          into,
        })
        for (const collection of Object.keys(warehouse.feeds)) await warehouse.end(collection)
        return warehouse
      },
      async query(sql) {
        const result = await connection.runAndReadAll(sql)
        return result.getRowObjectsJson() as Record<string, unknown>[]
      },
      has: (collection) => (changes.get(collection) ?? []).length > 0,
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

/** Makes one change of all that a record went through, and gives the `_id`s of those that changed. */
async function compose(
  connection: DuckDBConnection,
  folder: string,
  contract: Contract,
  files: readonly ChangesFile[],
): Promise<{ keys: Set<string>; causes: Set<string> }> {
  const { collection } = contract
  if (files.length === 0) return { keys: new Set(), causes: new Set() }
  const parts: string[] = []
  for (const [i, given] of files.entries()) {
    const file = join(folder, `${collection}.changes.${i}.parquet`)
    await writeFile(file, typeof given === 'function' ? given() : given)
    parts.push(`select *, ${i} as step$ from (${rowsIn([file])})`)
  }
  await connection.run(`create table all_${collection} as ${parts.join(' union all by name ')}`)
  const columns = (await connection.runAndReadAll(`describe all_${collection}`)).getRows().map(([name]) => String(name))
  const [before, after] = ['before.', 'after.'].map((side) => columns.filter((name) => name.startsWith(side)))
  const named = (from: string, names: readonly string[] = []) => names.map((name) => `${from}."${name}"`)
  // Who was erased has no _id any more, and a pseudonym that is theirs alone.
  const owner = holderOf(contract)?.columns.find((name) => name === identityOf(contract))
  const pseudonyms = [`after.${owner}`, `before.${owner}`].filter((name) => columns.includes(name))
  const nobody = [
    'hex(key)',
    ...pseudonyms.map((name) => `'erased ' || "${name}"`),
    "'erased ' || row_number() over ()",
  ]
  await connection.run(`
    create table net_${collection} as
      with placed as (select *, coalesce(${nobody.join(', ')}) as record$ from all_${collection}),
      numbered as (
        select *,
          row_number() over (partition by record$ order by step$, had desc) as first$,
          row_number() over (partition by record$ order by step$ desc, has desc) as last$
        from placed
      ),
      causes as (
        select record$, list(cause) as met, flatten(list(fields)) as fields, flatten(list(rules)) as rules
        from numbered group by record$
      )
      select
        later.key,
        case
          when not earlier.had then earlier.cause
          when not later.has then later.cause
          when list_contains(met, 'erased') then 'erased'
          when len(list_distinct(met)) = 1 then met[1]
          else 'corrected'
        end as cause,
        list_sort(list_distinct(causes.fields)) as fields, list_sort(list_distinct(causes.rules)) as rules,
        earlier.had, later.has,
        ${[...named('earlier', before), ...named('later', after)].join(', ')}
      from numbered as earlier inner join numbered as later using (record$) inner join causes using (record$)
      where earlier.first$ = 1 and later.last$ = 1 and (earlier.had or later.has)`)
  await connection.run(`drop table all_${collection}`)
  const keys = new Set<string>()
  const met = new Set<string>()
  const found = await connection.stream(`select key, cause from net_${collection}`)
  for await (const chunk of found) {
    for (const [key, cause] of chunk.convertRows((value) => value as unknown)) {
      met.add(String(cause))
      if (key !== null) keys.add(keyOfId(Buffer.from((key as { bytes: Uint8Array }).bytes)))
    }
  }
  return { keys, causes: met }
}

/** Writes what models read of the records that did not change. */
async function keepUnchanged(
  silver: Collection,
  contract: Contract,
  read: ColumnsRead,
  {
    connection,
    file,
    portions,
    keys,
    signal,
  }: Pick<Config, 'portions'> & {
    connection: DuckDBConnection
    file: string
    keys: ReadonlySet<string>
    signal: AbortSignal | undefined
  },
): Promise<void> {
  const view = `unchanged_${contract.collection}`
  const feed = await openFeed(connection, { ...contract, collection: view }, read, `${view}_rows`, portions)
  const names = read.columns.map(([name]) => name)
  const values = silverReader(names)
  const selection = {
    projection: Object.fromEntries(['_id', ...names].map((name) => [name, 1])),
    ...(read.inOrder && { sort: { _id: 1 } }),
  }
  const places: [string, number][] = []
  let place = 0
  for await (const batch of readRaw(silver.db.client, silver, selection, portions)) {
    signal?.throwIfAborted()
    for (const document of batch) {
      if (keys.size > 0 && keys.has(idBytes(document))) {
        if (read.inOrder) places.push([idBytes(document), place])
        continue
      }
      feed.add(values(document))
      place++
    }
  }
  feed.close()
  await feed.flush(connection)
  // What is personal is not kept of what changed: nobody has a value of their own.
  const selected = read.columns.map(([name, { personal }]) => {
    return personal ? `${nobodys(contract, name)} as "${name}"` : `"${name}"`
  })
  const order = read.inOrder || selected.length === 0 ? [ID_ORDER] : []
  await connection.run(copyInto(file, `select ${[...selected, ...order].join(', ')} from ${view}_rows`))
  await connection.run(`drop view ${view}_rows`)
  if (read.inOrder) await keepPlaces(connection, contract.collection, places, place)
}

/** What stands where a personal value is not known. */
function nobodys({ fields, derived }: Contract, name: string): string {
  const value = fields[name]?.default ?? (derived[name]?.nullable === false ? UNKNOWN : null)
  return typeof value === 'string' ? `'${value}'` : 'null::varchar'
}

/** Where records that changed stand among the others; what is gone stands behind them. */
async function keepPlaces(
  connection: DuckDBConnection,
  collection: string,
  places: readonly [string, number][],
  last: number,
): Promise<void> {
  await connection.run(`create table places_${collection} (record$ varchar, place$ double)`)
  const appender = await connection.createAppender(`places_${collection}`)
  for (const [i, [id, place]] of places.entries()) {
    // Behind the type stands the name.
    const bytes = Buffer.from(id, 'latin1')
    appender.appendVarchar(
      Buffer.concat([bytes.subarray(0, 1), bytes.subarray(5)])
        .toString('hex')
        .toUpperCase(),
    )
    appender.appendDouble(place - 1 + (i + 1) / (places.length + 1))
    appender.endRow()
  }
  appender.closeSync()
  await connection.run(`insert into places_${collection} values (null, ${last})`)
}

/** The rows of what changed, when so many causes have come. */
async function rowsAt(
  connection: DuckDBConnection,
  contract: Contract,
  read: ColumnsRead,
  unchanged: string,
  come: readonly Cause[],
): Promise<string> {
  const { collection } = contract
  const known = (await connection.runAndReadAll(`describe net_${collection}`)).getRows().map(([name]) => String(name))
  const isCome = come.length === 0 ? 'false' : `cause in (${come.map((cause) => `'${cause}'`).join(', ')})`
  const side = (side: 'before' | 'after', which: string) => {
    const columns = read.columns.flatMap(([name, { personal }]) => {
      if (personal) return [`${nobodys(contract, name)} as "${name}"`]
      return known.includes(`${side}.${name}`) ? [`"${side}.${name}" as "${name}"`] : []
    })
    const order = `coalesce(place$, (select max(place$) from places_${collection})) as ${ID_ORDER}`
    const places = read.inOrder ? `left join places_${collection} on record$ = hex(key)` : ''
    return `select ${[...columns, ...(read.inOrder ? [order] : columns.length === 0 ? [`0::double as ${ID_ORDER}`] : [])].join(', ')} from net_${collection} ${places} where ${which}`
  }
  // Of two records of which there is one at a time, the later one takes the place of the other when it comes.
  const key = contract.identity === 'last one wins' ? identityOf(contract) : null
  const isReplaced =
    key === null
      ? ''
      : `and not coalesce("before.${key}" in (select "after.${key}" from net_${collection} where has and ${isCome}), false)`
  return `select * from (${rowsIn([unchanged])}) where false union all by name
    ${side('after', `has and ${isCome}`)} union all by name ${side('before', `had and not ${isCome} ${isReplaced}`)}`
}
