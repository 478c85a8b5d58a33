import { Binary, BSON, DBRef, type Document, type Long } from 'bson'
import type { Collection, MongoClient } from 'mongodb'

/** Documents a batch from the server: larger ones make the raw read slower. */
const BATCH = 2000

/** Lenient where bronze is odd: bytes that are no UTF-8 and patterns that are no RegExp must not stop a run. */
const lenient = { validation: { utf8: false }, bsonRegExp: true } as const

/** What to read of a collection; all of it if nothing is said. */
export interface Selection {
  filter?: Document
  projection?: Document
  sort?: Document
}

/**
 * Reads a collection as the raw BSON of its documents, one batch ahead of the reader.
 *
 * The driver's cursor looks into every document even where it hands out bytes; the command behind it does not.
 */
export async function* readRaw(
  client: MongoClient,
  collection: Collection,
  selection: Selection = {},
): AsyncGenerator<Uint8Array[]> {
  const db = client.db(collection.dbName)
  const session = client.startSession()
  let cursor: Long | undefined
  const run = async (command: Document): Promise<Uint8Array[]> => {
    const reply = await db.command(command, {
      session,
      readPreference: db.readPreference ?? 'primary',
      promoteLongs: false,
      fieldsAsRaw: { firstBatch: true, nextBatch: true },
    })
    cursor = reply['cursor'].id as Long
    return reply['cursor'].firstBatch ?? reply['cursor'].nextBatch
  }
  const more = async () => {
    if (cursor === undefined || cursor.isZero()) return []
    return run({ getMore: cursor, collection: collection.collectionName, batchSize: BATCH })
  }

  const find = { find: collection.collectionName, batchSize: BATCH, ...selection, ...(selection.sort && allowDisk) }
  let ahead = run(find)
  try {
    for (let batch = await ahead; batch.length > 0; batch = await ahead) {
      ahead = more()
      // Its failure is met when it is awaited; until then it must not count as unhandled.
      ahead.catch(() => undefined)
      yield batch
    }
  } finally {
    await ahead.catch(() => undefined)
    if (cursor !== undefined && !cursor.isZero()) {
      const kill = { killCursors: collection.collectionName, cursors: [cursor] }
      await db.command(kill, { session }).catch(() => undefined)
    }
    await session.endSession()
  }
}

const allowDisk = { allowDiskUse: true }

/** The document of raw BSON, its `_id` such that it is written back byte by byte as it was. */
export function parse(bytes: Uint8Array): Document {
  const type = idType(bytes)
  // Without promotion a number keeps the type it had: 5.0 stays a double, 7 a long.
  const document = deserialize(bytes, type !== undefined && PLAIN.has(type))
  return type === TYPE.document ? { ...document, _id: ordered(bytes) } : document
}

function deserialize(bytes: Uint8Array, promoteValues: boolean): Document {
  try {
    const document = BSON.deserialize(bytes, { ...lenient, promoteValues })
    // js-bson takes any document with the fields $ref and $id for a reference, and hides all others in it.
    if (!(document instanceof DBRef)) return document
  } catch {
    // A pattern or an old binary that MongoDB stores and js-bson refuses.
  }
  return fieldByField(bytes)
}

/** A document of which one field is not readable: that one is no value of any rule, the others are as they are. */
function fieldByField(bytes: Uint8Array): Document {
  return Object.fromEntries(
    [...BSON.onDemand.parseToElements(bytes)].map(([type, nameOffset, nameLength, offset, length]) => {
      const name = BSON.onDemand.ByteUtils.toUTF8(bytes, nameOffset, nameOffset + nameLength, false)
      try {
        return [name, single(type, bytes.subarray(offset, offset + length))]
      } catch {
        return [name, UNREADABLE]
      }
    }),
  )
}

const UNREADABLE = new Binary()

const TYPE = { document: 0x03, string: 0x02, objectId: 0x07, boolean: 0x08, date: 0x09, int32: 0x10 } as const
/** Types of which a value is written as it is read. */
const PLAIN: ReadonlySet<number> = new Set([TYPE.objectId, TYPE.string, TYPE.int32, TYPE.date, TYPE.boolean])

/** The BSON type of `_id`, which the server keeps as the first element. */
function idType(bytes: Uint8Array): number | undefined {
  const isId = bytes[5] === 0x5f && bytes[6] === 0x69 && bytes[7] === 0x64 && bytes[8] === 0
  return isId ? bytes[4] : undefined
}

/** The bytes of everything but `_id`, for a document that has it first: equal content has equal bytes. */
export function contentOf(bytes: Uint8Array): Uint8Array {
  for (const [, , , offset, length] of BSON.onDemand.parseToElements(bytes)) return bytes.subarray(offset + length)
  return bytes
}

/** The `_id` as nested Maps: objects would move keys such as `1` to the front. */
function ordered(bytes: Uint8Array): Map<string, unknown> {
  for (const [, , , offset, length] of BSON.onDemand.parseToElements(bytes)) {
    return toMap(bytes.subarray(offset, offset + length))
  }
  return new Map()
}

function toMap(bytes: Uint8Array): Map<string, unknown> {
  const map = new Map<string, unknown>()
  for (const [type, nameOffset, nameLength, offset, length] of BSON.onDemand.parseToElements(bytes)) {
    const name = BSON.onDemand.ByteUtils.toUTF8(bytes, nameOffset, nameOffset + nameLength, false)
    const value = bytes.subarray(offset, offset + length)
    map.set(name, type === TYPE.document ? toMap(value) : single(type, value))
  }
  return map
}

/** One value, read as the only element `v` of a document of its own. */
function single(type: number, value: Uint8Array): unknown {
  const size = 4 + 3 + value.length + 1
  const document = new Uint8Array(size)
  new DataView(document.buffer).setInt32(0, size, true)
  document.set([type, 0x76, 0], 4)
  document.set(value, 7)
  return BSON.deserialize(document, { ...lenient, promoteValues: false })['v']
}
