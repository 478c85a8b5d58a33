/**
 * BSON written and read by hand, for what js-bson cannot write or refuses to read: keys that come twice, texts that are
 * no UTF-8, types long deprecated, patterns with options that do not exist. MongoDB stores all of it.
 */
import { createRequire } from 'node:module'
import { BSON, DBRef, type Document } from 'bson'
import fc from 'fast-check'
import type { MongoClient } from 'mongodb'

/** A value by its BSON type and bytes, and what it is in words. */
export class Bytes {
  readonly type: number
  readonly bytes: Uint8Array
  readonly means: string

  constructor(type: number, bytes: Uint8Array, means: string) {
    this.type = type
    this.bytes = bytes
    this.means = means
  }

  [fc.toStringMethod](): string {
    return `Bytes(0x${this.type.toString(16)}, ${Buffer.from(this.bytes).toString('hex')}: ${this.means})`
  }
}

/** A document whose fields have an order and may come twice. */
export class Fields {
  readonly list: readonly (readonly [name: string, value: unknown])[]

  constructor(list: readonly (readonly [name: string, value: unknown])[]) {
    this.list = list
  }

  [fc.toStringMethod](): string {
    return `{${this.list.map(([name, value]) => `${JSON.stringify(name)}: ${fc.stringify(value)}`).join(', ')}}`
  }
}

export const int32 = (number: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(number)
  return bytes
}

export const int64 = (number: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(number)
  return bytes
}

const END = Buffer.from([0])

export const cString = (text: string | Uint8Array): Buffer =>
  Buffer.concat([typeof text === 'string' ? Buffer.from(text) : text, END])

/** A text with its length before it. */
export function sized(text: string | Uint8Array): Buffer {
  const bytes = cString(text)
  return Buffer.concat([int32(bytes.length), bytes])
}

const TYPE = { document: 0x03, list: 0x04, undefined: 0x06 }
const UNDEFINED = new Bytes(TYPE.undefined, new Uint8Array(), 'undefined')

/** The type and the bytes of a value that may hold {@link Bytes} and {@link Fields} at any depth. */
export function encode(value: unknown): Bytes {
  if (value instanceof Bytes) return value
  if (value === undefined) return UNDEFINED
  if (value instanceof Fields) return new Bytes(TYPE.document, documentOf(value.list), 'document')
  if (Array.isArray(value)) return new Bytes(TYPE.list, documentOf(value.map((item, i) => [`${i}`, item])), 'list')
  const bytes = BSON.serialize({ v: value })
  return new Bytes(bytes[4] ?? 0, bytes.subarray(7, -1), 'value')
}

/** The BSON of a document with these fields, in this order. */
export function documentOf(fields: Fields['list']): Buffer {
  const elements = fields.flatMap(([name, value]) => {
    const { type, bytes } = encode(value)
    // A name ends at its first U+0000.
    return [Buffer.from([type]), cString(name.replaceAll('\0', '')), bytes]
  })
  const size = elements.reduce((sum, { length }) => sum + length, 0)
  return Buffer.concat([int32(4 + size + 1), ...elements, END])
}

/** A value that js-bson refuses to read. */
class Unreadable {}

/** A document as it is stored: the exact bytes of its `_id`, and all its fields. Of a key that comes twice the last counts. */
export function decode(bytes: Uint8Array): { id: string; document: Document } {
  const [first] = elementsOf(bytes)
  const id = first?.[0] === '_id' ? idOf(first) : 'none'
  return { id, document: whole(bytes) ?? Object.fromEntries(elementsOf(bytes).map(readable)) }
}

/** The type and the bytes of a value as one text. */
export function idOf([, type, value]: Element): string {
  return `${type.toString(16)}:${Buffer.from(value).toString('hex')}`
}

const AS_STORED = { promoteValues: false, bsonRegExp: true, validation: { utf8: false } }

/** The document as js-bson reads it, unless it refuses to, or takes it for a reference. */
function whole(bytes: Uint8Array): Document | undefined {
  try {
    const document = BSON.deserialize(bytes, AS_STORED)
    return document instanceof DBRef ? undefined : document
  } catch {
    return undefined
  }
}

type Element = [name: string, type: number, value: Uint8Array]

/** The fields of a document by name, type and bytes, those that come twice too. */
export function elementsOf(bytes: Uint8Array): Element[] {
  return [...BSON.onDemand.parseToElements(bytes)].map(([type, nameOffset, nameLength, offset, length]) => [
    Buffer.from(bytes.subarray(nameOffset, nameOffset + nameLength)).toString(),
    type,
    bytes.subarray(offset, offset + length),
  ])
}

function readable([name, type, value]: Element): [name: string, value: unknown] {
  const alone = documentOf([['v', new Bytes(type, value, 'stored')]])
  try {
    return [name, BSON.deserialize(alone, AS_STORED)['v']]
  } catch {
    if (type !== TYPE.document && type !== TYPE.list) return [name, new Unreadable()]
    const inner = elementsOf(value).map(readable)
    return [name, type === TYPE.list ? inner.map(([, item]) => item) : Object.fromEntries(inner)]
  }
}

const { DocumentSequence } = createRequire(import.meta.url)('mongodb/lib/cmap/commands.js') as {
  DocumentSequence: new (field: string) => { push: (document: Document, bytes: Uint8Array) => number }
}

const MESSAGE = 8 * 1024 * 1024

/** Inserts documents byte by byte. The server refuses some: those with an `_id` that it has, for one. */
export async function insertBytes(
  client: MongoClient,
  { database, collection }: { database: string; collection: string },
  documents: readonly Uint8Array[],
): Promise<void> {
  let at = 0
  while (at < documents.length) {
    const sequence = new DocumentSequence('documents')
    for (let size = 0; at < documents.length && (size === 0 || size < MESSAGE); at++) {
      const bytes = documents[at] as Uint8Array
      sequence.push({}, bytes)
      size += bytes.length
    }
    const command = { insert: collection, documents: sequence, ordered: false }
    // A refusal names the `_id`, which js-bson may not be able to read.
    await client.db(database).command(command, { raw: true })
  }
}

/** Every document of a collection in the server's order of `_id`. */
export async function readBytes(
  client: MongoClient,
  { database, collection }: { database: string; collection: string },
): Promise<Uint8Array[]> {
  const found = client
    .db(database)
    .collection(collection)
    .find({}, { raw: true, sort: { _id: 1 }, allowDiskUse: true })
  return (await found.toArray()) as unknown as Uint8Array[]
}
