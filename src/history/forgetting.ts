import { randomUUID } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import type { ObjectId } from 'bson'
import type { Db } from 'mongodb'
import pg from 'pg'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { forgottenWith, holderOf, namingColumns } from '../contracts/owners.ts'
import { copyInto, rowsIn as rowsOfFiles } from '../gold/buckets.ts'
import { openScratch } from '../gold/duckdb.ts'
import { idElement } from '../mongo/bson_reader.ts'
import { readRaw } from '../mongo/cursor.ts'
import { idBytes, sameIds } from '../mongo/lookup.ts'
import { runOf, silverInPlace } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { type Person, theirs } from '../silver/erasure.ts'
import { FATES, HASH, rowsIn, WORD } from '../silver/fingerprints.ts'
import { silverReader } from '../silver/schema.ts'
import { columnsOfChanges, keptOfErased, keyOfId, openChanges } from './changes.ts'
import {
  type ChangeSet,
  changePieces,
  type Entry,
  entriesBack,
  forgetAll,
  forgetBeyond,
  inPieces,
  keepEntry,
  lastEntry,
  readPieces,
  removePieces,
  writePieces,
} from './entries.ts'
import { keptChanges, valuesIn } from './kept.ts'
import { silverMaking } from './making.ts'

type Options = Pick<Config, 'silver' | 'contracts' | 'phoneRegion' | 'pii' | 'portions' | 'limits'>
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
  options: Options,
): Promise<Forgetting | null> {
  const { contracts, portions, limits } = options
  const inPlace = await silverInPlace(silver, contracts)
  const last = await lastEntry(silver, inPlace?._id)
  // What runs left that died, or that made another silver, may name them, and nothing reads it.
  if (last === null) {
    await forgetAll(silver)
    return null
  }
  await forgetBeyond(silver, last, Number.MAX_SAFE_INTEGER)
  const touched = await touchedBy(silver, person, portions)
  const isTouched = new Map([...touched].map(([contract, records]) => [contract.collection, records]))
  const before = await takenUp(silver, last, (collection) => (isTouched.get(collection)?.size ?? 0) > 0)
  const nobody = before.nobody ?? `erased ${randomUUID()}`
  const isAgain = before.entry._id.equals(run._id)
  const entry: Entry = {
    _id: run._id,
    since: isAgain ? before.entry.since : before.entry._id,
    started: run.started,
    making: before.entry.making,
    sets: { ...before.entry.sets },
    changes: Object.fromEntries(
      Object.keys(before.entry.sets).map((collection): [string, ChangeSet] => {
        return [collection, (isAgain ? before.entry.changes[collection] : undefined) ?? NO_CHANGES]
      }),
    ),
    erasure: true,
    nobody,
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
        changes.close()
        await changes.write(file)
        const bytes = await readFile(file)
        await writePieces(silver, { run: run._id, collection, what: 'changes' }, inPieces(bytes))
        entry.changes[collection] = { counts: changes.counts(), bytes: bytes.length }
      })
    }
    await keepEntry(silver, entry)
  }
  const left = await leftOf(silver, person, touched)
  for (const [collection, records] of left) {
    const set = entry.sets[collection]
    // Which no rows come to: the next run looks at each.
    if (set !== undefined && records.size > 0) entry.sets[collection] = { ...set, met: { ...set.met, sum: '' } }
  }
  await keep()
  for (const [collection, records] of left) await leaveRows(silver, entry, collection, records)
  const knownOf = knowing(options)
  for (const earlier of (await entriesBack(silver, entry)).slice(1)) {
    for (const collection of Object.keys(earlier.changes)) {
      const forgotten = { ...knownOf(earlier, collection), person: person.id, nobody }
      await forgetIn(silver, earlier, collection, forgotten, limits)
    }
  }
  const removed = new Map<string, Map<string, Left>>()
  return {
    onRemoved(contract, record) {
      const own = removed.get(contract.collection) ?? new Map<string, Left>()
      removed.set(contract.collection, own.set(idBytes(record), 'duplicate'))
      const read = silverReader(columnsOf(contract).map(([name]) => name))
      const records = isTouched.get(contract.collection)
      const known = records?.get(idBytes(record))
      records?.set(idBytes(record), { id: keyIn(record), before: known?.before ?? { ...read(record) }, after: null })
    },
    async end() {
      if (removed.size > 0) await keep()
      for (const [collection, records] of removed) await leaveRows(silver, entry, collection, records)
    },
  }
}

const NO_CHANGES: ChangeSet = { counts: {}, bytes: 0 }

/**
 * The last entry, for an erasure to come after it. Of one that was not brought to its end, what it kept of collections
 * that are still to be changed is kept anew.
 */
async function takenUp(
  silver: Db,
  last: Entry,
  isTouched: (collection: string) => boolean,
): Promise<{ entry: Entry; nobody?: string | undefined }> {
  if (last.erasure !== true) return { entry: last }
  const run = await runOf(silver, last._id)
  // Its silver was changed, whatever became of gold.
  if (run?.outcome === 'succeeded' || run?.erasure !== undefined) return { entry: last }
  const changes = Object.entries(last.changes).map(([collection, set]): [string, ChangeSet] => {
    return [collection, isTouched(collection) ? NO_CHANGES : set]
  })
  const entry = { ...last, changes: Object.fromEntries(changes) }
  await keepEntry(silver, entry)
  for (const collection of Object.keys(last.changes).filter(isTouched)) {
    await removePieces(silver, last._id, 'changes', collection)
  }
  return { entry, nobody: last.nobody }
}

/** What fingerprints still tell of a record: nothing, that silver has it, or that silver has another in its place. */
type Left = 'nothing' | 'kept' | 'duplicate'

/** By collection, what is left of the fingerprints of all records of a person, by the bytes of their `_id`s. */
async function leftOf(
  silver: Db,
  { traces }: Person,
  touched: ReadonlyMap<Contract, ReadonlyMap<string, Touched>>,
): Promise<Map<string, Map<string, Left>>> {
  const all = new Map<string, Map<string, Left>>()
  for (const [{ collection }, records] of touched) {
    const left = [...records].map(([id, { after }]): [string, Left] => [id, after === null ? 'nothing' : 'kept'])
    all.set(collection, new Map(left))
  }
  for (const { contract, bronze, isOwn } of traces) {
    const left = all.get(contract.collection) ?? new Map<string, Left>()
    const note = (record: Buffer, what: Left) => left.set(idBytes(record), left.get(idBytes(record)) ?? what)
    const records = silver.collection(contract.collection)
    // Where this is done again silver has those that no longer name anybody.
    const which = { filter: sameIds(bronze), projection: { _id: 1 } }
    for await (const batch of isOwn || bronze.length === 0 ? [] : readRaw(silver.client, records, which)) {
      for (const record of batch) note(record, 'kept')
    }
    for (const record of bronze) note(record, 'nothing')
  }
  return all
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

/** Leaves of the fingerprints of some records what may be told. */
async function leaveRows(
  silver: Db,
  { sets }: Entry,
  collection: string,
  left: ReadonlyMap<string, Left>,
): Promise<void> {
  const set = sets[collection]
  if (set === undefined || left.size === 0) return
  for (const what of ['met', 'removed'] as const) {
    await changePieces(silver, { run: set.run, collection, what }, (piece) => {
      const rows: Buffer[] = []
      let isOther = false
      for (const { id, bronze, silver: at } of rowsIn(piece)) {
        const known = left.get(keyOfId(id))
        isOther ||= known !== undefined
        if (known === 'nothing') continue
        if (known === 'kept') piece.fill(0, bronze, at + HASH)
        if (known === 'duplicate') piece.fill(0, at, at + HASH).writeInt32LE(FATES.duplicate, at)
        rows.push(piece.subarray(id.byteOffset - piece.byteOffset - WORD, at + HASH))
      }
      return isOther ? Buffer.concat(rows) : undefined
    })
  }
}

/** What is known of the changes that a run kept of a collection. */
interface Known {
  /** None where the configuration no longer has the collection. */
  contract: Contract | undefined
  /** Whether a column of silver may name somebody. */
  mayName: (column: string) => boolean
}

function knowing(options: Pick<Config, 'contracts' | 'phoneRegion' | 'pii'>): (of: Entry, collection: string) => Known {
  const rules = silverMaking(options).contracts
  return ({ making }, collection) => {
    const contract = options.contracts.find((contract) => contract.collection === collection)
    const owners = contract && namingColumns(contract)
    // Of a rule that is another one now nobody knows what its column named.
    const isOther = (name: string) => rules[`${collection}.${name}`] !== making.contracts[`${collection}.${name}`]
    return { contract, mayName: (name) => owners === undefined || owners.includes(name) || isOther(name) }
  }
}

/** Whether anything that is kept of what changed in silver names a person. */
export async function isInChanges(
  silver: Db,
  options: Pick<Config, 'contracts' | 'phoneRegion' | 'pii' | 'limits'>,
  id: string,
): Promise<boolean> {
  const knownOf = knowing(options)
  for await (const { entry, collection, connection, file } of keptChanges(silver, options)) {
    const naming = namesIn(await valuesIn(connection, file), knownOf(entry, collection))
    if (naming.length > 0 && (await isNamedIn(connection, file, naming, id))) return true
  }
  return false
}

function namesIn(types: ReadonlyMap<string, string>, { mayName }: Known): string[] {
  return [...types].flatMap(([name, type]) => (type === 'VARCHAR' && mayName(ofSilver(name)) ? [name] : []))
}

function isPerson(name: string, person: string): string {
  return `coalesce(${pg.escapeIdentifier(name)} = ${pg.escapeLiteral(person)}, false)`
}

async function isNamedIn(
  connection: DuckDBConnection,
  file: string,
  naming: readonly string[],
  person: string,
): Promise<boolean> {
  const isNamed = naming.map((name) => isPerson(name, person)).join(' or ')
  const found = await connection.runAndReadAll(`select 1 from (${rowsOfFiles([file])}) where ${isNamed} limit 1`)
  return found.currentRowCount > 0
}

/** Whom to take out of changes, and who stands there instead. */
interface Forgotten extends Known {
  person: string
  nobody: string
}

/** Takes a person out of the changes that a run kept of a collection. */
async function forgetIn(
  silver: Db,
  entry: Entry,
  collection: string,
  { contract, ...forgotten }: Forgotten,
  limits: Config['limits'],
): Promise<void> {
  const of = { run: entry._id, collection, what: 'changes' } as const
  const set = entry.changes[collection] ?? NO_CHANGES
  const noteBytes = async (bytes: number) => {
    entry.changes[collection] = { ...set, bytes }
    await keepEntry(silver, entry)
  }
  // Of what was interrupted some may be left.
  if (set.bytes === 0) return removePieces(silver, of.run, of.what, collection)
  let bytes: Buffer | undefined
  if (contract !== undefined) {
    const pieces: Buffer[] = []
    for await (const piece of readPieces(silver, of)) pieces.push(piece)
    if (pieces.length === 0) return noteBytes(0)
    bytes = await inDuckDB(limits, async (connection, file) => {
      await writeFile(file, Buffer.concat(pieces))
      return withoutPerson(connection, file, { contract, ...forgotten })
    })
    if (bytes === undefined) return
  }
  await noteBytes(0)
  await removePieces(silver, of.run, of.what, collection)
  if (bytes === undefined) return
  await writePieces(silver, of, inPieces(bytes))
  await noteBytes(bytes.length)
}

/** A file of changes in which a person is nobody; undefined where it does not name them. */
async function withoutPerson(
  connection: DuckDBConnection,
  file: string,
  { contract, person, nobody, ...known }: Forgotten & { contract: Contract },
): Promise<Buffer | undefined> {
  const all = rowsOfFiles([file])
  const types = await valuesIn(connection, file)
  const sided = [...types.keys()]
  const naming = namesIn(types, { contract, ...known })
  if (naming.length === 0 || !(await isNamedIn(connection, file, naming, person))) return undefined
  const instead = pg.escapeLiteral(nobody)
  const holder = holderOf(contract)
  const kept = new Set(columnsOfChanges(contract).map(([name]) => name))
  const left = new Set(keptOfErased(contract))
  const theirs = (side: string) => {
    const of = sided.filter((name) => name.startsWith(`${side}.`))
    const now = of.filter((name) => holder?.columns.includes(ofSilver(name)) === true)
    // The column was called otherwise then.
    const once = holder === undefined ? [] : of.filter((name) => naming.includes(name) && !kept.has(ofSilver(name)))
    const own = now.length > 0 ? now : once
    return own.length === 0 ? 'false' : `(${own.map((name) => isPerson(name, person)).join(' or ')})`
  }
  const replaced = sided.map((name) => {
    const [column, own] = [pg.escapeIdentifier(name), ofSilver(name)]
    const nothing = `cast(null as ${types.get(name)})`
    if (!kept.has(own)) return `${nothing} as ${column}`
    const value = naming.includes(name) ? `if(${isPerson(name, person)}, ${instead}, ${column})` : column
    return left.has(own)
      ? `${value} as ${column}`
      : `if(${theirs(name.slice(0, name.indexOf('.')))}, ${nothing}, ${value}) as ${column}`
  })
  // One that became somebody else's stays, and is still found.
  const isGone = `(${theirs('before')} or not had) and (${theirs('after')} or not has)`
  const next = `${file}.next`
  await connection.run(
    copyInto(next, `select * replace (if(${isGone}, null, key) as key, ${replaced.join(', ')}) from (${all})`),
  )
  return readFile(next)
}

/** The column of silver that a column of changes has. */
function ofSilver(name: string): string {
  return name.slice(name.indexOf('.') + 1)
}

async function inDuckDB<T>(
  limits: Config['limits'],
  work: (connection: DuckDBConnection, file: string) => Promise<T>,
): Promise<T> {
  const { folder, connection, close } = await openScratch(limits)
  try {
    return await work(connection, join(folder, 'changes.parquet'))
  } finally {
    close()
  }
}
