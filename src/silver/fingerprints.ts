import { createHmac } from 'node:crypto'
import type { Contract } from '../contracts/contract.ts'
import { idElement, valueSize } from '../mongo/bson_reader.ts'
import type { Batch } from '../mongo/bson_writer.ts'
import { digester, PLAIN_SEED } from '../mongo/digest.ts'
import type { Pii } from '../rules/pseudonym.ts'

/*
 * What a run remembers of each record, to tell the next one what changed: its `_id`, a hash of its bytes in bronze and one
 * of those in silver. Rows lie one behind the other: the length of the `_id` (4 bytes), its type and value as BSON has
 * them, the hash of bronze (16 bytes), the hash of silver (16 bytes), or what became of it where silver does not have it.
 */

/** What became of a record that silver does not have, as the first word of its hash of silver; the others are 0. */
export const FATES = { duplicate: 1, superseded: 2, 'no id': 3, 'left out': 4 } as const
export type Fate = keyof typeof FATES

/** Told of each record of a part. */
export interface Fingerprints {
  /** A record that is in the batch from `start` on. */
  kept: (record: Buffer, batch: Batch, start: number) => void
  /** A record of bronze, or one of silver that does not stay, that silver does not have. */
  dropped: (record: Buffer, fate: Fate) => void
  /** Gives what is left, and what all rows together come to. */
  end: () => FingerprintSum
}

/** What rows come to, whatever their order: equal where all of them are. */
export interface FingerprintSum {
  rows: number
  bytes: number
  /** Four words, in hexadecimal. */
  sum: string
}

export const NO_ROWS: FingerprintSum = { rows: 0, bytes: 0, sum: '0'.repeat(32) }

export function addedUp(sums: readonly FingerprintSum[]): FingerprintSum {
  const words = new Int32Array(4)
  for (const { sum } of sums) for (let i = 0; i < 4; i++) words[i] = (words[i] ?? 0) + wordOf(sum, i)
  const total = (of: 'rows' | 'bytes') => sums.reduce((all, one) => all + one[of], 0)
  return { rows: total('rows'), bytes: total('bytes'), sum: spelled(words) }
}

function spelled(words: Int32Array): string {
  return [...words].map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('')
}

function wordOf(sum: string, i: number): number {
  return Number.parseInt(sum.slice(i * 8, i * 8 + 8), 16) | 0
}

/** Bytes that are given at a time. */
const AT_ONCE = 2 ** 19
const HASH = 16

/**
 * Where emails and phone numbers are hidden by a key, so are fingerprints: one of a document that holds little else could
 * be looked for.
 */
export function seedOf({ method, key }: Pii): readonly number[] {
  if (method === 'md5' || key === undefined) return PLAIN_SEED
  const secret = createHmac('sha256', key).update('fingerprints').digest()
  return [0, 4, 8, 12].map((at) => secret.readInt32LE(at))
}

/** Fingerprints of the records of a contract; `give` gets rows, many at a time, in bytes of its own. */
export function fingerprinting(
  { each }: Pick<Contract, 'each'>,
  seed: readonly number[],
  give: (rows: Uint8Array) => void,
): Fingerprints {
  const digest = digester(seed)
  // Bronze, silver, and the id.
  const words = new Int32Array(12)
  const sum = new Int32Array(4)
  let total = 0
  let given = 0
  let bytes = Buffer.allocUnsafe(AT_ONCE)
  let size = 0
  const flush = () => {
    if (size > 0) give(bytes.subarray(0, size))
    given += size
    bytes = Buffer.allocUnsafe(AT_ONCE)
    size = 0
  }
  /** The value of an `_id` stands behind its type and its name. */
  const add = (from: Buffer, start: number, end: number) => {
    const length = end - start - NAME + 1
    if (size + 4 + length + 2 * HASH > bytes.length) {
      flush()
      if (4 + length + 2 * HASH > bytes.length) bytes = Buffer.allocUnsafe(4 + length + 2 * HASH)
    }
    size = bytes.writeInt32LE(length, size)
    bytes[size++] = from[start] as number
    for (let i = start + NAME; i < end; i++) bytes[size++] = from[i] as number
    digest(from, start, end, words, 8)
    for (let i = 0; i < 8; i++) size = bytes.writeInt32LE(words[i] as number, size)
    for (let i = 0; i < 4; i++) {
      const mixed = (words[i] as number) ^ Math.imul(words[i + 4] as number, 0x9e3779b1)
      sum[i] = (sum[i] as number) + (mixed ^ Math.imul(words[i + 8] as number, 0x85ebca77))
    }
    total++
  }
  return {
    kept(record, batch, start) {
      const id = start + 4
      const end = id + NAME + valueSize(batch.bytes[id] as number, batch.bytes, id + NAME)
      digest(batch.bytes, end, batch.size, words, 4)
      // The place of an element is no part of what it is.
      const own = each === undefined ? 4 : 4 + idElement(record).length
      digest(record, own, record.length, words, 0)
      add(batch.bytes, id, end)
    },
    dropped(record, fate) {
      const id = idElement(record)
      digest(record, each === undefined ? 4 : 4 + id.length, record.length, words, 0)
      words.fill(0, 4, 8)
      words[4] = FATES[fate]
      add(id, 0, id.length)
    },
    end() {
      flush()
      return { rows: total, bytes: given, sum: spelled(sum) }
    },
  }
}

/** Bytes of an element `_id` before its value. */
const NAME = 5

/** The rows in some bytes: where each `_id` stands, with its type, and each hash. */
export function* rowsIn(bytes: Buffer): Generator<{ id: Buffer; bronze: number; silver: number }> {
  for (let at = 0; at < bytes.length; ) {
    const start = at + 4
    const end = start + bytes.readInt32LE(at)
    yield { id: bytes.subarray(start, end), bronze: end, silver: end + HASH }
    at = end + 2 * HASH
  }
}
