import type { Document } from 'mongodb'
import { eachElement, readValue, valueIn } from './bson_reader.ts'
import { TYPE } from './bson_type.ts'
import { element } from './bson_writer.ts'

/*
 * The order of `_id`s in MongoDB: https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order. A server reads
 * all of a clustered collection for a list of `_id`s, and no more than it must where it is told between which they lie.
 */

/** Types that MongoDB compares as one, by the place of the kind among the others. */
const KINDS: ReadonlyMap<number, number> = new Map([
  ...[TYPE.double, TYPE.int32, TYPE.int64].map((type) => [type, 1] as const),
  [TYPE.string, 2],
  [TYPE.document, 3],
  [TYPE.binary, 5],
  [TYPE.objectId, 6],
  [TYPE.boolean, 7],
  [TYPE.date, 8],
  [TYPE.timestamp, 9],
])

/**
 * Bytes that stand to those of others as MongoDB has the `_id`s; `id` is its type and its value. The first byte tells the kind.
 * Undefined where the order is not known: of numbers beyond those of a double, and of types that hardly anybody takes.
 */
export function orderOf(id: Buffer): Buffer | undefined {
  return keyOf(id[0] as number, id, 1, id.length)
}

function keyOf(type: number, bytes: Buffer, start: number, end: number): Buffer | undefined {
  const kind = KINDS.get(type)
  const key = kind === undefined ? undefined : valueKey(type, bytes, start, end)
  return key && Buffer.concat([Buffer.of(kind as number), key])
}

function valueKey(type: number, bytes: Buffer, start: number, end: number): Buffer | undefined {
  switch (type) {
    case TYPE.double:
    case TYPE.int32:
    case TYPE.int64:
      return numberKey(readValue(type, bytes, undefined, start, end))
    case TYPE.date:
      return numberKey(Number(bytes.readBigInt64LE(start)))
    case TYPE.string:
      // With its last byte, a zero: nothing is beneath what begins with it.
      return bytes.subarray(start + 4, end)
    case TYPE.document:
      return documentKey(bytes.subarray(start, end))
    case TYPE.binary:
      return Buffer.concat([Buffer.from(bytes.subarray(start, start + 4)).reverse(), bytes.subarray(start + 4, end)])
    case TYPE.timestamp:
      return Buffer.from(bytes.subarray(start, end)).reverse()
    default:
      return bytes.subarray(start, end)
  }
}

/** A double whose bytes are in the order of numbers. */
function numberKey(value: unknown): Buffer | undefined {
  if (typeof value !== 'number' || Number.isNaN(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
    return undefined
  }
  const key = Buffer.alloc(8)
  // Both zeros are one.
  key.writeDoubleBE(value === 0 ? 0 : value)
  const isNegative = value < 0
  for (let i = 0; i < 8; i++) key[i] = (key[i] as number) ^ (isNegative ? 0xff : i === 0 ? 0x80 : 0)
  return key
}

/** By the kind of each field, then its name, then its value; what ends first comes first. */
function documentKey(document: Buffer): Buffer | undefined {
  const keys: (Buffer | undefined)[] = []
  eachElement(document, (type, name, start, end) => {
    const key = keyOf(type, document, start, end)
    keys.push(key && Buffer.concat([key.subarray(0, 1), Buffer.from(`${name}\0`), key.subarray(1)]))
  })
  return keys.some((key) => key === undefined) ? undefined : Buffer.concat([...(keys as Buffer[]), Buffer.of(0)])
}

/**
 * Finds the documents with these `_id`s, each its type and its value, between the first and the last of them where all are
 * of one kind. Only for a collection without a collation, by which texts would have another order.
 */
export function idsBetween(ids: readonly Buffer[]): Document {
  const $in = ids.map((id) => valueIn(element(id[0] as number, '_id', id.subarray(1))))
  const keys = ids.map(orderOf)
  let [first, last] = [0, 0]
  for (const [i, key] of keys.entries()) {
    if (key === undefined || key[0] !== keys[0]?.[0]) return { _id: { $in } }
    if (Buffer.compare(key, keys[first] as Buffer) < 0) first = i
    if (Buffer.compare(key, keys[last] as Buffer) > 0) last = i
  }
  return { _id: { $in, $gte: $in[first], $lte: $in[last] } }
}
