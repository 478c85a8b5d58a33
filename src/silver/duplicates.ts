import { hash } from 'node:crypto'
import type { Collection, MongoClient } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { contentOf, idElement } from '../mongo/bson_reader.ts'
import { TYPE } from '../mongo/bson_type.ts'
import { readRaw } from '../mongo/cursor.ts'
import { fieldReader } from '../mongo/field_reader.ts'
import { idBytes, removeById, sameIds } from '../mongo/lookup.ts'
import type { Hide } from '../rules/contacts.ts'
import { cents } from '../rules/numbers.ts'
import type { Tally } from '../runs/record.ts'
import { mix } from '../system/hashes.ts'
import { type Portions, portions as usual } from '../system/portions.ts'
import { noting, together } from './clean/tally.ts'
import { type Beside, besideSilver, isEarlier, type Order } from './versions.ts'

/** Bits of the filter a key: of five million about one in a thousand is named although it is new. */
const BITS_PER_KEY = 24
const PROBES = 4

/**
 * Remembers keys, of which it takes the hashes, in a few bits each (a Bloom filter): true for every key seen before,
 * and rarely for a new one. What it names is looked up on the server, so memory stays small and the result exact.
 */
export function seenBefore(expected: number): (key: number) => boolean {
  const size = 2 ** Math.ceil(Math.log2(Math.max(expected, 1000) * BITS_PER_KEY))
  const bits = new Uint32Array(Math.min(size, 2 ** 32) / 32)
  const last = bits.length * 32 - 1
  return (key) => {
    let hash = key
    const step = mix(hash ^ 0x9747b28c) | 1
    let seen = true
    for (let probe = 0; probe < PROBES; probe++) {
      hash = (hash + step) | 0
      const bit = mix(hash) & last
      const mask = 1 << (bit & 31)
      const word = bits[bit >>> 5] ?? 0
      if ((word & mask) === 0) {
        seen = false
        bits[bit >>> 5] = word | mask
      }
    }
    return seen
  }
}

/** What became of the documents that share a key. */
export interface Settled {
  /** Keys that name several different documents. */
  sharedKeys: number
  /** Documents removed. */
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

/** One of the documents that share a key. */
export interface Version<T> {
  document: T
  /** The document, or as much of it as holds its `_id`. */
  id: Buffer
  key: string
  /** Equal where two are one. */
  content: string
  order: Order
  /** Of `total_amount`; 0 where it is unknown. */
  cents: number
  /** The label that all should share; null where it is unknown. */
  label: string | null
}

/** Reads a document of silver as one of those that share a key; what bronze knows beside is not in it yet. */
export function versionOf(contract: Contract): (document: Buffer) => Version<Buffer> {
  const { key, shared, fields } = contract
  const { read } = fieldReader([key, 'total_amount', ...(shared ? [shared.field] : [])])
  return (document) => {
    const [named, total, label] = read(document)
    return {
      document,
      id: document,
      key: named as string,
      content: hash('md5', contentOf(document), 'base64'),
      order: null,
      cents: typeof total === 'number' ? cents(total) : 0,
      label: shared === undefined || label === fields[shared.field]?.default ? null : (label as string),
    }
  }
}

const UNORDERED = 'last one wins over _ids that are no ObjectIds'

/**
 * Leaves one document of those that are one, after the contract: the last of a customer, the first of equal ones.
 *
 * Takes documents in the order of their keys, and those that share one in the order of their `_id`s; gives back the one
 * that is not to stay, if that is known now.
 */
export function identities<T>(
  { identity, lastBy, shared }: Contract,
  hide: Hide,
): { settled: () => Settled; next: (version: Version<T>) => T | undefined } {
  const settled = { sharedKeys: 0, removed: 0, suspicious: {} as Record<string, Tally> }
  const note = noting(hide)
  const suspect = (what: string, { id }: Version<T>) => {
    settled.suspicious[what] = note(settled.suspicious[what] ?? { count: 0, examples: [] }, id)
  }
  let removed = 0n
  let last: Version<T> | undefined
  let different = new Set<string>()
  let labels = new Set<string>()

  /** The one of two that is not to stay. */
  const loserOf = (before: Version<T>, version: Version<T>): Version<T> => {
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
      let loser: Version<T> | undefined
      if (identity === 'last one wins') loser = before && loserOf(before, version)
      else if (!isNew) loser = version
      else if (shared !== undefined && version.label !== null) {
        const size = labels.size
        if (labels.add(version.label).size === 2 && size === 1) suspect(shared.otherwise, version)
      }
      if (loser === undefined) return undefined
      settled.removed++
      removed += BigInt(loser.cents)
      return loser.document
    },
  }
}

function hasObjectId({ id }: Version<unknown>): boolean {
  return idElement(id)[0] === TYPE.objectId
}

/** Where documents that share a key are settled. */
export interface Duplicates {
  silver: Collection
  /** Where the documents are from, if silver alone may not tell which of them are one, or the last. */
  bronze: Collection | undefined
  hide: Hide
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
  { silver, bronze, hide, onRemoved, portions = usual, remove: takeOut }: Duplicates,
): Promise<Settled> {
  const { key } = contract
  const { settled, next } = identities<Buffer>(contract, hide)
  const read = versionOf(contract)
  let losers: Buffer[] = []
  const remove = async () => {
    await (takeOut?.(losers) ?? removeById(client, silver, losers, portions.ids))
    losers = []
  }
  const settle = async (group: readonly Version<Buffer>[]) => {
    for (const version of group) {
      const loser = next(version)
      if (loser === undefined) continue
      losers.push(loser)
      await onRemoved(loser)
    }
    if (losers.length >= portions.ids) await remove()
  }

  // Many are looked up at a time: of a view that may read all of its source.
  let waiting: Version<Buffer>[] = []
  let wanted: Version<Buffer>[] = []
  const settleWaiting = async (from: Collection) => {
    await lookBeside(client, from, contract, wanted, portions)
    await settle(waiting)
    waiting = []
    wanted = []
  }
  const settleOrWait = async (group: readonly Version<Buffer>[]) => {
    if (bronze === undefined || openIn(group, contract).length === 0) return settle(group)
    const copies = group.map(copied)
    waiting.push(...copies)
    wanted.push(...openIn(copies, contract))
    if (wanted.length >= portions.ids) await settleWaiting(bronze)
  }

  for (let from = 0; from < candidates.length; from += portions.ids) {
    const filter = { [key]: { $in: candidates.slice(from, from + portions.ids) } }
    const inOrder = { filter, sort: { [key]: 1, _id: 1 } }
    let group: Version<Buffer>[] = []
    for await (const batch of readRaw(client, silver, inOrder, portions)) {
      for (const document of batch) {
        const version = read(document)
        if (group[0] !== undefined && group[0].key !== version.key) {
          await settleOrWait(group)
          group = []
        }
        group.push(version)
      }
    }
    await settleOrWait(group)
    await remove()
  }
  if (bronze !== undefined) await settleWaiting(bronze)
  await remove()
  return settled()
}

/** Of the documents with one key those that silver alone does not settle. */
function openIn(group: readonly Version<Buffer>[], { identity }: Contract): readonly Version<Buffer>[] {
  if (identity === 'last one wins') return group.length > 1 ? group : []
  const times = new Map<string, number>()
  for (const { content } of group) times.set(content, (times.get(content) ?? 0) + 1)
  return group.filter(({ content }) => times.get(content) !== 1)
}

/** Of its own, where a document is a view into its whole batch. */
function copied(version: Version<Buffer>): Version<Buffer> {
  const document = Buffer.from(version.document)
  return { ...version, document, id: document }
}

/** Adds to each what bronze knows of it. */
async function lookBeside(
  client: MongoClient,
  from: Collection,
  contract: Contract,
  versions: readonly Version<Buffer>[],
  portions: Portions,
): Promise<void> {
  const look = besideSilver(contract)
  for (let at = 0; at < versions.length; at += portions.ids) {
    const some = versions.slice(at, at + portions.ids)
    const known = new Map<string, Beside>()
    const wanted = new Set(some.map(({ id }) => idBytes(id)))
    // An `_id` may be of a type that JavaScript cannot ask for: then all are looked through.
    for (const filter of [sameIds(some.map(({ id }) => id)), {}]) {
      if (known.size === wanted.size) break
      for await (const batch of readRaw(client, from, { filter }, portions)) {
        for (const original of batch) {
          const id = idBytes(original)
          if (wanted.has(id)) known.set(id, look(original))
        }
      }
    }
    for (const version of some) {
      // One that is gone since is none of the others.
      const { rest, order } = known.get(idBytes(version.id)) ?? { rest: idBytes(version.id), order: null }
      version.content += rest
      version.order = order
    }
  }
}
