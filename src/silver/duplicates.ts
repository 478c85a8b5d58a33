import { hash } from 'node:crypto'
import type { Collection, MongoClient } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { contentOf, fieldReader } from '../mongo/bson_reader.ts'
import { readRaw } from '../mongo/cursor.ts'
import { removeById } from '../mongo/lookup.ts'
import { type Portions, portions as usual } from '../system/portions.ts'

/** Bits of the filter a key: of five million about one in a thousand is named although it is new. */
const BITS_PER_KEY = 24
const PROBES = 4

/**
 * Remembers keys in a few bits each (a Bloom filter): true for every key seen before, and rarely for a new one.
 * What it names is looked up on the server, so memory stays small and the result exact.
 */
export function seenBefore(expected: number): (key: string) => boolean {
  const size = 2 ** Math.ceil(Math.log2(Math.max(expected, 1000) * BITS_PER_KEY))
  const bits = new Uint32Array(Math.min(size, 2 ** 32) / 32)
  const last = bits.length * 32 - 1
  return (key) => {
    let hash = 0x811c9dc5
    for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
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

/** Spreads a hash over all 32 bits (the finaliser of MurmurHash3). */
function mix(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  const more = Math.imul(half ^ (half >>> 13), 0xc2b2ae35)
  return (more ^ (more >>> 16)) >>> 0
}

/** What became of the documents that share a key. */
export interface Settled {
  /** Keys that name several different documents. */
  sharedKeys: number
  /** Documents removed. */
  removed: number
}

/**
 * Leaves one document of those that are one, after the contract: the last of a customer, the first of equal ones.
 *
 * Takes documents in the order of their keys, and those that share one in the order of their `_id`s; gives back the one
 * that is not to stay, if that is known now.
 */
export function identities<T>(identity: Contract['identity']): {
  settled: Settled
  next: (key: string, content: string, document: T) => T | undefined
} {
  const settled: Settled = { sharedKeys: 0, removed: 0 }
  let current: string | undefined
  let previous: T | undefined
  let different = new Set<string>()
  return {
    settled,
    next(key, content, document) {
      if (key !== current) {
        current = key
        previous = undefined
        different = new Set()
      }
      const isNew = !different.has(content)
      different.add(content)
      if (isNew && different.size === 2) settled.sharedKeys++
      const loser = identity === 'last one wins' ? previous : isNew ? undefined : document
      if (loser !== undefined) settled.removed++
      previous = document
      return loser
    },
  }
}

/**
 * Removes what is not to stay of the documents with these keys, and tells of each. `_id`s are compared by the server, in
 * its own order, whatever their types.
 */
export async function resolveDuplicates(
  client: MongoClient,
  collection: Collection,
  { key, identity }: Contract,
  candidates: readonly string[],
  onRemoved: (document: Buffer) => Promise<void> | undefined,
  portions: Portions = usual,
): Promise<Settled> {
  const { settled, next } = identities<Buffer>(identity)
  const { read } = fieldReader([key])
  for (let from = 0; from < candidates.length; from += portions.ids) {
    const filter = { [key]: { $in: candidates.slice(from, from + portions.ids) } }
    const losers: Buffer[] = []
    const inOrder = { filter, sort: { [key]: 1, _id: 1 } }
    for await (const batch of readRaw(client, collection, inOrder, portions)) {
      for (const document of batch) {
        const [named] = read(document)
        const loser = next(named as string, hash('md5', contentOf(document), 'base64'), document)
        if (loser !== undefined) {
          losers.push(loser)
          await onRemoved(loser)
        }
      }
      if (losers.length >= portions.ids) await removeById(client, collection, losers.splice(0), portions.ids)
    }
    await removeById(client, collection, losers, portions.ids)
  }
  return settled
}
