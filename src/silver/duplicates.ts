import { hash } from 'node:crypto'
import type { Collection, MongoClient } from 'mongodb'
import { documentOf, lookAtDocuments, lookAtRecords, placeOf } from '../bronze/elements.ts'
import { type Context, type Contract, identityOf } from '../contracts/contract.ts'
import { contentOf, idElement } from '../mongo/bson_reader.ts'
import { TYPE } from '../mongo/bson_type.ts'
import type { Batch } from '../mongo/bson_writer.ts'
import { readRaw } from '../mongo/cursor.ts'
import { fieldReader } from '../mongo/field_reader.ts'
import { idBytes, removeById } from '../mongo/lookup.ts'
import { hidingBy } from '../rules/contacts.ts'
import { cents } from '../rules/numbers.ts'
import { md5 } from '../rules/pseudonym.ts'
import type { Tally } from '../runs/record.ts'
import { mix } from '../system/hashes.ts'
import { type Portions, portions as usual } from '../system/portions.ts'
import { noting, together } from './clean/tally.ts'
import { besideSilver, isEarlier, latest, type Order } from './versions.ts'
import { type Whole, wholes } from './wholes.ts'

/** Bits of the filter a key: of five million about one in a thousand is named although it is new. */
const BITS_PER_KEY = 24
/** Bits a key below which a filter takes no more. */
const FULL = 20
const PROBES = 4
const MOST_BITS = 2 ** 32

/**
 * Remembers keys, of which it takes the hashes, in a few bits each (a Bloom filter): true for every key seen before,
 * and rarely for a new one. What it names is looked up on the server, so memory stays small and the result exact. Where
 * there are more than expected, another filter takes those that follow.
 */
export function seenBefore(expected: number): (key: number) => boolean {
  let size = Math.max(expected, 1000)
  let newest = filterFor(size)
  let room = newest.room
  const full: ReturnType<typeof filterFor>[] = []
  return (key) => {
    for (const { meets } of full) if (meets(key, false)) return true
    if (newest.meets(key, true)) return true
    if (--room > 0) return false
    full.push(newest)
    size *= 4
    newest = filterFor(size)
    room = newest.room
    return false
  }
}

/** A filter for so many keys; a key that it meets is one of its own from then on where that is said. */
function filterFor(keys: number): { room: number; meets: (key: number, isKept: boolean) => boolean } {
  const bits = new Uint32Array(Math.min(2 ** Math.ceil(Math.log2(keys * BITS_PER_KEY)), MOST_BITS) / 32)
  const last = bits.length * 32 - 1
  const meets = (key: number, isKept: boolean) => {
    let hash = key
    const step = mix(hash ^ 0x9747b28c) | 1
    let seen = true
    for (let probe = 0; probe < PROBES; probe++) {
      hash = (hash + step) | 0
      const bit = mix(hash) & last
      const mask = 1 << (bit & 31)
      const word = bits[bit >>> 5] ?? 0
      if ((word & mask) !== 0) continue
      if (!isKept) return false
      seen = false
      bits[bit >>> 5] = word | mask
    }
    return seen
  }
  return { room: (bits.length * 32) / FULL, meets }
}

/** Whether the elements of a document with one key stay, or go, together: of what a key names there is one. */
function isWhole({ each, keyRequired }: Contract): boolean {
  return each !== undefined && !keyRequired
}

/** Tells the first record with a key of each document, of records that come one document after the other. */
export function oncePerDocument(contract: Contract): (key: string, record: Buffer) => boolean {
  if (!isWhole(contract)) return () => true
  let last = ''
  return (key, record) => {
    const own = `${key} ${idBytes(documentOf(contract, record))}`
    const isFirst = own !== last
    last = own
    return isFirst
  }
}

/** What became of the records that share a key. */
export interface Settled {
  /** Keys that name several different documents. */
  sharedKeys: number
  /** Records removed. */
  removed: number
  /** The cents of `total_amount` in them, as digits. */
  cents: string
  /** What is odd about those that stay, or about which of them do. */
  suspicious: Record<string, Tally>
}

export const NOTHING_SETTLED: Settled = { sharedKeys: 0, removed: 0, cents: '0', suspicious: {} }

export function settledTogether(one: Settled, other: Settled): Settled {
  return {
    sharedKeys: one.sharedKeys + other.sharedKeys,
    removed: one.removed + other.removed,
    cents: String(BigInt(one.cents) + BigInt(other.cents)),
    suspicious: together(one.suspicious, other.suspicious),
  }
}

/** Builds the index by which documents that share a key are found, where there is a key. */
export async function indexKeys(silver: Collection, contract: Contract): Promise<void> {
  const key = identityOf(contract)
  if (key !== null) await silver.createIndex({ [key]: 1 })
}

/** What tells a record that is kept from others: its key or, where there is none, all that silver keeps of it. */
export function keyReader(
  contract: Contract,
): (values: Readonly<Record<string, unknown>>, batch: Batch, start: number) => unknown {
  const key = identityOf(contract)
  if (key !== null) return (values) => values[key]
  return (_, { bytes, size }, start) => contentKey(contract, bytes.subarray(start, size))
}

/** Equal for records that silver cannot tell apart; elements of one document are never each other's duplicates. */
export function contentKey({ each }: Contract, record: Buffer): string {
  const content = hash('md5', contentOf(record), 'base64')
  return each === undefined ? content : `${content} ${placeOf(record)} `
}

/** One of the documents that share a key. */
interface Version {
  /** Its records in silver: the elements with this key, where it holds several. */
  records: Buffer[]
  /** As much of the document of bronze as holds its `_id`. */
  document: Buffer
  key: string
  /** Equal where two are one. */
  content: string
  order: Order
  /** Of `total_amount`; 0 where it is unknown. */
  cents: number
  /** The label that all should share; null where it is unknown. */
  label: string | null
}

/** Reads a record of silver as one of those that share a key; what bronze knows beside is not in it yet. */
function versionOf(contract: Contract): (record: Buffer) => Version {
  const { shared, fields } = contract
  const key = identityOf(contract)
  const { read } = fieldReader(['total_amount', ...(shared ? [shared.field] : []), ...(key === null ? [] : [key])])
  return (record) => {
    const values = read(record)
    const total = values[0]
    const label = shared && values[1]
    return {
      records: [record],
      document: documentOf(contract, record),
      key: key === null ? '' : (values.at(-1) as string),
      content: contentKey(contract, record),
      order: null,
      cents: typeof total === 'number' ? cents(total) : 0,
      label: shared === undefined || label === fields[shared.field]?.default ? null : (label as string),
    }
  }
}

/** Elements of one document stay, or go, together. */
function join(one: Version, other: Version): void {
  one.records.push(...other.records)
  one.content += other.content
  one.cents += other.cents
}

const UNORDERED = 'last one wins over _ids that are no ObjectIds'

/**
 * Leaves one document of those that are one, after the contract: the last of a customer, the first of equal ones.
 *
 * Takes documents in the order of their keys, and those that share one in the order of their `_id`s; gives back the one
 * that is not to stay, if that is known now.
 */
function identities(
  { identity, lastBy, shared }: Contract,
  context: Context,
): { settled: () => Settled; next: (version: Version) => readonly Buffer[] } {
  const settled = { sharedKeys: 0, removed: 0, suspicious: {} as Record<string, Tally> }
  const note = noting(hidingBy(context.region, context.hash ?? md5))
  const suspect = (what: string, { document }: Version) => {
    settled.suspicious[what] = note(settled.suspicious[what] ?? { count: 0, examples: [] }, document)
  }
  let removed = 0n
  let last: Version | undefined
  let different = new Set<string>()
  let labels = new Set<string>()

  /** The one of two that is not to stay. */
  const loserOf = (before: Version, version: Version): Version => {
    const [winner, loser] = isEarlier(version.order, before.order) ? [before, version] : [version, before]
    last = winner
    if (lastBy === undefined && !(hasObjectId(winner) && hasObjectId(loser))) suspect(UNORDERED, loser)
    return loser
  }
  return {
    settled: () => ({ ...settled, cents: String(removed) }),
    next(version) {
      if (version.key !== last?.key) {
        last = undefined
        different = new Set()
        labels = new Set()
      }
      const isNew = !different.has(version.content)
      different.add(version.content)
      if (isNew && different.size === 2) settled.sharedKeys++
      const before = last
      last = version
      let loser: Version | undefined
      if (identity === 'last one wins') loser = before && loserOf(before, version)
      else if (!isNew) loser = version
      else if (shared !== undefined && version.label !== null) {
        const size = labels.size
        if (labels.add(version.label).size === 2 && size === 1) suspect(shared.otherwise, version)
      }
      if (loser === undefined) return []
      settled.removed += loser.records.length
      removed += BigInt(loser.cents)
      return loser.records
    },
  }
}

function hasObjectId({ document }: Version): boolean {
  return idElement(document)[0] === TYPE.objectId
}

/** Where documents that share a key are settled. */
export interface Duplicates {
  silver: Collection
  /** Where the documents are from, if silver alone may not tell which of them are one, or the last. */
  bronze: Collection | undefined
  /** What silver was cleaned with. */
  context: Context
  /** Told of each document that is not to stay. */
  onRemoved: (document: Buffer) => Promise<void> | undefined
  /** Takes documents out; of silver, if not said. */
  remove?: (documents: readonly Buffer[]) => Promise<void>
  portions?: Portions
}

/**
 * Removes what is not to stay of the documents with these keys, and tells of each. `_id`s are compared by the server, in
 * its own order, whatever their types.
 */
export async function resolveDuplicates(
  client: MongoClient,
  contract: Contract,
  candidates: readonly string[],
  where: Duplicates,
): Promise<Settled> {
  const key = identityOf(contract)
  if (key === null) return resolveEqual(client, contract, new Set(candidates), where)
  const { silver, bronze, context, onRemoved, portions = usual, remove: takeOut } = where
  const { settled, next } = identities(contract, context)
  const read = versionOf(contract)
  let losers: Buffer[] = []
  const remove = async () => {
    await (takeOut?.(losers) ?? removeById(client, silver, losers, portions.ids))
    losers = []
  }
  const settle = async (group: readonly Version[]) => {
    for (const version of group) {
      for (const loser of next(version)) {
        losers.push(loser)
        await onRemoved(loser)
      }
    }
    if (losers.length >= portions.ids) await remove()
  }

  // Many are looked up at a time: of a view that may read all of its source.
  let waiting: Version[] = []
  let wanted: Version[] = []
  const settleWaiting = async (from: Collection) => {
    await lookBeside(from.db.client, from, contract, context, wanted, portions)
    await settle(waiting)
    waiting = []
    wanted = []
  }
  const settleOrWait = async (group: readonly Version[]) => {
    if (bronze === undefined || openIn(group, contract).length === 0) return settle(group)
    const copies = group.map(copied)
    waiting.push(...copies)
    wanted.push(...openIn(copies, contract))
    if (wanted.length >= portions.ids) await settleWaiting(bronze)
  }

  for (let from = 0; from < candidates.length; from += portions.ids) {
    const filter = { [key]: { $in: candidates.slice(from, from + portions.ids) } }
    const inOrder = { filter, sort: { [key]: 1, _id: 1 } }
    let group: Version[] = []
    for await (const batch of readRaw(client, silver, inOrder, portions)) {
      for (const document of batch) {
        const version = read(document)
        if (group[0] !== undefined && group[0].key !== version.key) {
          await settleOrWait(group)
          group = []
        }
        const before = group.at(-1)
        if (isWhole(contract) && before?.document.equals(version.document)) join(before, version)
        else group.push(version)
      }
    }
    await settleOrWait(group)
    await remove()
  }
  if (bronze !== undefined) await settleWaiting(bronze)
  await remove()
  return settled()
}

/** As {@link resolveDuplicates}, of records that have no key: one of those stays that are equal as a whole, the first. */
async function resolveEqual(
  client: MongoClient,
  contract: Contract,
  candidates: ReadonlySet<string>,
  { silver, bronze, context, onRemoved, portions = usual, remove: takeOut }: Duplicates,
): Promise<Settled> {
  if (candidates.size === 0) return NOTHING_SETTLED
  const read = versionOf(contract)
  const known = new Set<string>()
  let removed = 0
  let waiting: Version[] = []
  const settle = async () => {
    if (bronze !== undefined) await lookBeside(bronze.db.client, bronze, contract, context, waiting, portions)
    const losers: Buffer[] = []
    for (const { content, records } of waiting) {
      if (known.has(content)) losers.push(...records)
      known.add(content)
    }
    for (const loser of losers) await onRemoved(loser)
    await (takeOut?.(losers) ?? removeById(client, silver, losers, portions.ids))
    removed += losers.length
    waiting = []
  }
  let version: Version | undefined
  let isCandidate = false
  const offer = async () => {
    if (version !== undefined && isCandidate) waiting.push(version)
    version = undefined
    if (waiting.length >= portions.ids) await settle()
  }
  for await (const batch of readRaw(client, silver, { sort: { _id: 1 } }, portions)) {
    for (const record of batch) {
      const next = read(record)
      const isSame = isWhole(contract) && version?.document.equals(next.document) === true
      if (!isSame) {
        await offer()
        // By its first record, so that of several who settle one takes the document.
        isCandidate = candidates.has(next.content)
      }
      if (!isSame && !isWhole(contract) && !isCandidate) continue
      // Of its own: a record is a view into its whole batch.
      const own = copied(next)
      if (isSame && version !== undefined) join(version, own)
      else version = own
    }
  }
  await offer()
  await settle()
  return { ...NOTHING_SETTLED, removed }
}

/** Of the documents with one key those that silver alone does not settle. */
function openIn(group: readonly Version[], { identity }: Contract): readonly Version[] {
  if (identity === 'last one wins') return group.length > 1 ? group : []
  const times = new Map<string, number>()
  for (const { content } of group) times.set(content, (times.get(content) ?? 0) + 1)
  return group.filter(({ content }) => times.get(content) !== 1)
}

/** Of its own, where a record is a view into its whole batch. */
function copied(version: Version): Version {
  return {
    ...version,
    records: version.records.map((record) => Buffer.from(record)),
    document: Buffer.from(version.document),
  }
}

/** Adds to each what bronze knows of it. */
async function lookBeside(
  client: MongoClient,
  from: Collection,
  contract: Contract,
  context: Context,
  versions: readonly Version[],
  portions: Portions,
): Promise<void> {
  const looking = { thoroughly: true, portions }
  if (contract.each !== undefined && contract.identity === 'equal ones are one') {
    return lookAtWholes(client, from, contract, context, versions, looking)
  }
  const look = besideSilver(contract)
  for (let at = 0; at < versions.length; at += portions.ids) {
    const some = versions.slice(at, at + portions.ids)
    const records = some.flatMap(({ records }) => records)
    const known = await lookAtRecords(client, from, contract, records, look, looking)
    for (const version of some) {
      // One that is gone since is none of the others.
      const beside = version.records.map(
        (record) => known.get(idBytes(record)) ?? { rest: idBytes(record), order: null },
      )
      version.content += beside.map(({ rest }) => rest).join(' ')
      version.order = latest(beside.map(({ order }) => order))
    }
  }
}

/** Documents are held at once while they are looked at as a whole. */
const WHOLES = 500

/**
 * Compares documents with lists as a whole. All records of one that is not to stay go with it, whatever their keys: with
 * the first of these.
 */
async function lookAtWholes(
  client: MongoClient,
  from: Collection,
  contract: Contract,
  context: Context,
  versions: readonly Version[],
  looking: { thoroughly: boolean; portions: Portions },
): Promise<void> {
  const look = wholes(contract, context)
  const read = versionOf(contract)
  for (let at = 0; at < versions.length; at += WHOLES) {
    const some = versions.slice(at, at + WHOLES)
    const known = new Map<string, Whole>()
    await lookAtDocuments(
      client,
      from,
      some.map(({ document }) => document),
      (document) => known.set(idBytes(document), look(document)),
      looking,
    )
    for (const version of some) {
      const whole = known.get(idBytes(version.document))
      // One that is gone since is none of the others.
      version.content += whole?.content ?? idBytes(version.document)
      const all = (whole?.records ?? version.records).map(read)
      const first = all.find(({ key }) => typeof key === 'string')?.records[0]
      const isFirst = first !== undefined && version.records.some((record) => idBytes(record) === idBytes(first))
      version.records = isFirst ? all.flatMap(({ records }) => records) : []
      version.cents = isFirst ? all.reduce((sum, { cents }) => sum + cents, 0) : 0
    }
  }
}
