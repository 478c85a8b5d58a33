import { createHmac } from 'node:crypto'
import type { Contract } from '../contracts/contract.ts'
import { idElement, valueSize } from '../mongo/bson_reader.ts'
import { TYPE } from '../mongo/bson_type.ts'
import type { Batch } from '../mongo/bson_writer.ts'
import { digester, PLAIN_SEED } from '../mongo/digest.ts'
import type { Pii } from '../rules/pseudonym.ts'

/*
 * What a run remembers of each record, to tell the next one what changed: its `_id`, a hash of its bytes in bronze and one
 * of those in silver. Rows lie one behind the other, in words of 4 bytes: the length of the `_id`, its type and value as
 * BSON has them, filled up with zeros, the hash of bronze (16 bytes), the hash of silver (16 bytes), or what became of it
 * where silver does not have it.
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
/** Bytes of a hash. */
export const HASH = 16

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
  let buffer: ArrayBufferLike | undefined
  let view: DataView = new DataView(new ArrayBuffer(0))
  /** Hashes bytes of bronze, of which many documents lie in one buffer. */
  const ofBronze = (document: Buffer, start: number, end: number, into: Int32Array, at: number) => {
    const { buffer: own, byteOffset } = document
    if (own !== buffer) {
      buffer = own
      view = new DataView(own)
    }
    digest(view, byteOffset + start, byteOffset + end, into, at)
  }
  const sum = new Int32Array(4)
  const idWords = new Int32Array(4)
  let total = 0
  let given = 0
  let words = new Int32Array(AT_ONCE / WORD)
  let row = new DataView(words.buffer)
  let size = 0
  const renew = (length: number) => {
    words = new Int32Array(length)
    row = new DataView(words.buffer)
    size = 0
  }
  const flush = () => {
    if (size > 0) give(new Uint8Array(words.buffer, 0, size * WORD))
    given += size * WORD
    renew(AT_ONCE / WORD)
  }
  /** Begins a row with the `_id` that stands there, whose value is behind its type and its name; gives the place of its hashes. */
  const begin = (from: DataView, start: number, end: number): number => {
    const length = end - start - NAME + 1
    const place = wordsOf(length)
    if (size + place + 2 * HASH_WORDS > words.length) {
      flush()
      if (place + 2 * HASH_WORDS > words.length) renew(place + 2 * HASH_WORDS)
    }
    words[size] = length
    let at = (size + 1) * WORD
    row.setUint8(at++, from.getUint8(start))
    let i = start + NAME
    for (; i + WORD <= end; i += WORD, at += WORD) row.setInt32(at, from.getInt32(i))
    for (; i < end; i++) row.setUint8(at++, from.getUint8(i))
    return size + place
  }
  const end = (place: number) => {
    for (let i = 0; i < HASH_WORDS; i++) {
      const silver = Math.imul(words[place + HASH_WORDS + i] as number, 0x9e3779b1)
      sum[i] = (sum[i] as number) + ((words[place + i] as number) ^ silver ^ (idWords[i] as number))
    }
    size = place + 2 * HASH_WORDS
    total++
  }
  return {
    kept(record, batch, start) {
      const id = start + 4
      const type = batch.bytes[id] as number
      const idEnd = id + NAME + (type === TYPE.objectId ? 12 : valueSize(type, batch.bytes, id + NAME))
      const place = begin(batch.view, id, idEnd)
      // The place of an element is no part of what it is; with that of any other record its hash is of its own.
      const own = each === undefined ? 4 : 4 + idElement(record).length
      ofBronze(record, own, record.length, words, place)
      digest(batch.view, each === undefined ? id : idEnd, batch.size, words, place + HASH_WORDS)
      if (each !== undefined) digest(batch.view, id, idEnd, idWords, 0)
      end(place)
    },
    dropped(record, fate) {
      const id = idElement(record)
      const place = begin(new DataView(id.buffer, id.byteOffset), 0, id.length)
      ofBronze(record, each === undefined ? 4 : 4 + id.length, record.length, words, place)
      words.fill(0, place + HASH_WORDS, place + 2 * HASH_WORDS)
      words[place + HASH_WORDS] = FATES[fate]
      ofBronze(id, 0, id.length, idWords, 0)
      end(place)
      idWords.fill(0)
    },
    end() {
      flush()
      return { rows: total, bytes: given, sum: spelled(sum) }
    },
  }
}

/** Bytes of a word. */
export const WORD = 4
const HASH_WORDS = HASH / WORD

/** Words of the length of an `_id` and of its bytes. */
function wordsOf(length: number): number {
  return 1 + Math.ceil(length / WORD)
}

/** Bytes of an element `_id` before its value. */
const NAME = 5

/** The rows in some bytes: where each `_id` stands, with its type, and each hash. */
export function* rowsIn(bytes: Buffer): Generator<{ id: Buffer; bronze: number; silver: number }> {
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readInt32LE(at)
    const bronze = at + wordsOf(length) * WORD
    yield { id: bytes.subarray(at + WORD, at + WORD + length), bronze, silver: bronze + HASH }
    at = bronze + 2 * HASH
  }
}
