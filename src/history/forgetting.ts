import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { ObjectId } from 'bson'
import type { Db } from 'mongodb'
import pg from 'pg'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { forgottenWith, holderOf, namedIn } from '../contracts/owners.ts'
import { copyInto, rowsIn as rowsOfFiles } from '../gold/buckets.ts'
import { openDuckDB } from '../gold/duckdb.ts'
import { idElement } from '../mongo/bson_reader.ts'
import { readRaw } from '../mongo/cursor.ts'
import { idBytes } from '../mongo/lookup.ts'
import { runOf, silverInPlace } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { type Person, theirs } from '../silver/erasure.ts'
import { rowsIn } from '../silver/fingerprints.ts'
import { silverReader } from '../silver/schema.ts'
import { temporaryFolder } from '../system/temporary.ts'
import { keyOfId, openChanges } from './changes.ts'
import {
  type ChangeSet,
  changePieces,
  type Entry,
  entriesBack,
  entriesOf,
  inPieces,
  keepEntry,
  lastEntry,
  readPieces,
  removePieces,
  writePieces,
} from './entries.ts'

type Options = Pick<Config, 'silver' | 'contracts' | 'portions' | 'limits'>
type Values = Readonly<Record<string, unknown>>

/** A record that an erasure changes, by the bytes of its `_id`. */
interface Touched {
  id: Buffer
  before: Values
  after: Values | null
}

/** What an erasure leaves in what silver remembers; null where it remembers nothing. */
export interface Forgetting {
  /** Told of each record that goes as it is one with another from now on. */
  onRemoved: (contract: Contract, record: Buffer) => void
  /** Keeps what those came to. */
  end: () => Promise<void>
}

/**
 * Before a person is taken out of silver: keeps what that will change, without naming them, and takes them out of all that
 * is remembered. It can be done again.
 */
export async function beginForgetting(
  silver: Db,
  person: Person,
  run: { _id: ObjectId; started: Date },
  { contracts, portions, limits }: Options,
): Promise<Forgetting | null> {
  const inPlace = await silverInPlace(silver, contracts)
  let last = await lastEntry(silver, inPlace?._id)
  if (last === null) return null
  // One that was not brought to its end is begun anew.
  if (last.erasure === true && (await runOf(silver, last._id))?.outcome !== 'succeeded') {
    const { since } = last
    await entriesOf(silver).deleteOne({ _id: last._id })
    await removePieces(silver, last._id, 'changes')
    last = (await entriesBack(silver, await entriesOf(silver).findOne({ _id: since ?? last._id })))[0] ?? last
  }
  const before = last
  const nobody = `erased ${randomUUID()}`
  const touched = await touchedBy(silver, person, portions)
  const entry: Entry = {
    _id: run._id,
    since: before._id,
    started: run.started,
    making: before.making,
    sets: { ...before.sets },
    changes: Object.fromEntries(
      Object.keys(before.sets).map((collection): [string, ChangeSet] => [collection, { counts: {}, bytes: 0 }]),
    ),
    erasure: true,
  }
  const keep = async () => {
    for (const [contract, records] of touched) {
      if (records.size === 0) continue
      const { collection } = contract
      await inDuckDB(limits, async (connection, file) => {
        const pseudonymOf = (name: string) => (name === person.id ? nobody : name)
        const telling = { isErased: undefined, pseudonymOf, started: run.started, settledAfter: 0, rules: [] }
        const changes = await openChanges(connection, contract, telling, portions)
        for (const { id, before, after } of records.values()) changes.add(id, 'erased', before, after)
        await changes.write(file)
        const bytes = await readFile(file)
        await writePieces(silver, { run: run._id, collection, what: 'changes' }, inPieces(bytes))
        entry.changes[collection] = { counts: changes.counts(), bytes: bytes.length }
      })
    }
    await keepEntry(silver, entry)
  }
  for (const [{ collection }, records] of touched) {
    const set = before.sets[collection]
    if (set === undefined || records.size === 0) continue
    await withoutRows(silver, set.run, collection, new Set(records.keys()))
    // Which no rows come to: the next run looks at each.
    entry.sets[collection] = { ...set, met: { ...set.met, rows: set.met.rows - records.size, sum: '' } }
  }
  await keep()
  for (const { _id, changes } of await entriesBack(silver, before)) {
    for (const contract of contracts) {
      if ((changes[contract.collection]?.bytes ?? 0) === 0) continue
      await forgetIn(silver, { run: _id, contract }, person.id, nobody, limits)
    }
  }
  const isTouched = new Map([...touched].map(([contract, records]) => [contract.collection, records]))
  let isAnyRemoved = false
  return {
    onRemoved(contract, record) {
      isAnyRemoved = true
      const read = silverReader(columnsOf(contract).map(([name]) => name))
      const records = isTouched.get(contract.collection)
      const known = records?.get(idBytes(record))
      records?.set(idBytes(record), { id: keyIn(record), before: known?.before ?? { ...read(record) }, after: null })
    },
    async end() {
      if (isAnyRemoved) await keep()
    },
  }
}

/** The records of silver that an erasure changes, as they are and as they will be. */
async function touchedBy(
  silver: Db,
  { id, traces }: Person,
  portions: Config['portions'],
): Promise<Map<Contract, Map<string, Touched>>> {
  const touched = new Map<Contract, Map<string, Touched>>()
  for (const trace of traces) {
    const { contract, owner, isOwn } = trace
    const records = touched.get(contract) ?? new Map<string, Touched>()
    touched.set(contract, records)
    const read = silverReader(columnsOf(contract).map(([name]) => name))
    const forgotten = forgottenWith(contract, owner).map((name) => [name, contract.fields[name]?.default])
    for await (const batch of readRaw(
      silver.client,
      silver.collection(contract.collection),
      { filter: theirs(id, trace) },
      portions,
    )) {
      for (const record of batch) {
        const known = records.get(idBytes(record))
        const before = known?.before ?? { ...read(record) }
        const after =
          isOwn || known?.after === null ? null : { ...(known?.after ?? before), ...Object.fromEntries(forgotten) }
        records.set(idBytes(record), { id: keyIn(record), before, after })
      }
    }
  }
  return touched
}

/** The bytes of the `_id` of a record, its type and its value. */
function keyIn(record: Buffer): Buffer {
  const element = idElement(record)
  return Buffer.concat([element.subarray(0, 1), element.subarray(element.indexOf(0, 1) + 1)])
}

/** Takes fingerprints of records out, by the bytes of their `_id`s. */
async function withoutRows(silver: Db, run: ObjectId, collection: string, ids: ReadonlySet<string>): Promise<void> {
  for (const what of ['met', 'removed'] as const) {
    await changePieces(silver, { run, collection, what }, (piece) => {
      const kept: Buffer[] = []
      let isOther = false
      for (const { id, silver: at } of rowsIn(piece)) {
        if (ids.has(keyOfId(id))) isOther = true
        else kept.push(piece.subarray(id.byteOffset - piece.byteOffset - 4, at + 16))
      }
      return isOther ? Buffer.concat(kept) : undefined
    })
  }
}

/** Takes a person out of the changes that a run kept of a collection. */
async function forgetIn(
  silver: Db,
  { run, contract }: { run: ObjectId; contract: Contract },
  person: string,
  nobody: string,
  limits: Config['limits'],
): Promise<void> {
  const { collection } = contract
  const pieces: Buffer[] = []
  for await (const piece of readPieces(silver, { run, collection, what: 'changes' })) pieces.push(piece)
  if (pieces.length === 0) return
  const bytes = await inDuckDB(limits, async (connection, file) => {
    await writeFile(file, Buffer.concat(pieces))
    return withoutPerson(connection, file, contract, person, nobody)
  })
  if (bytes === undefined) return
  await removePieces(silver, run, 'changes', collection)
  await writePieces(silver, { run, collection, what: 'changes' }, inPieces(bytes))
}

/** A file of changes in which a person is nobody; undefined where it does not name them. */
async function withoutPerson(
  connection: DuckDBConnection,
  file: string,
  contract: Contract,
  person: string,
  nobody: string,
): Promise<Buffer | undefined> {
  const holder = holderOf(contract)
  const described = await connection.runAndReadAll(`describe ${rowsOfFiles([file])}`)
  const known = described.getRows().map(([name]) => String(name))
  const sides = (names: readonly string[]) => {
    return names.flatMap((name) => [`before.${name}`, `after.${name}`]).filter((name) => known.includes(name))
  }
  const naming = sides([holder, ...namedIn(contract)].flatMap((owner) => owner?.columns ?? []))
  if (naming.length === 0) return undefined
  const [wanted, instead] = [pg.escapeLiteral(person), pg.escapeLiteral(nobody)]
  const isNamed = (names: readonly string[]) => names.map((name) => `"${name}" = ${wanted}`).join(' or ')
  const counted = await connection.runAndReadAll(
    `select count(*) from (${rowsOfFiles([file])}) where ${isNamed(naming)}`,
  )
  if (Number(counted.getRows()[0]?.[0]) === 0) return undefined
  const own = sides(holder?.columns ?? [])
  const replaced = [
    ...(own.length === 0 ? [] : [`if(coalesce(${isNamed(own)}, false), null, key) as key`]),
    ...naming.map((name) => `if("${name}" = ${wanted}, ${instead}, "${name}") as "${name}"`),
  ]
  const next = `${file}.next`
  await connection.run(copyInto(next, `select * replace (${replaced.join(', ')}) from (${rowsOfFiles([file])})`))
  return readFile(next)
}

async function inDuckDB<T>(
  limits: Config['limits'],
  work: (connection: DuckDBConnection, file: string) => Promise<T>,
): Promise<T> {
  const folder = temporaryFolder()
  const instance = await openDuckDB(folder, limits)
  const connection = await instance.connect()
  try {
    await connection.run('pragma disable_checkpoint_on_shutdown')
    return await work(connection, join(folder, 'changes.parquet'))
  } finally {
    connection.closeSync()
    instance.closeSync()
    rmSync(folder, { recursive: true, force: true })
  }
}
