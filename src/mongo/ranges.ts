import { MaxKey } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import type { Portions } from '../system/portions.ts'
import { idElement, valueIn } from './bson_reader.ts'
import { elements } from './bson_writer.ts'
import { readRaw, type Selection } from './cursor.ts'

/** How a collection is divided by the order of its `_id`s, whatever their types. */
export interface Ranges {
  /** About how many documents there are. */
  documents: number
  /** The `_id`s at which a range ends and the next one begins. */
  bounds: unknown[]
}

/** What the order of documents grows by from range to range, where they are counted in each of them. */
export const RANGE = 2 ** 32

/** Documents looked at for each range. */
const SAMPLED = 50
/** Bytes of an `_id` that is a bound. */
const LONGEST = 200
const NUMBERS: ReadonlySet<number> = new Set([0x01, 0x10, 0x12, 0x13])
/** Double, text, binary, ObjectId, date, whole numbers, Decimal128: types that mostly come back from JavaScript as they went. */
const PLAIN: ReadonlySet<number> = new Set([0x01, 0x02, 0x05, 0x07, 0x09, 0x10, 0x12, 0x13])

/** Divides a collection into at most so many ranges of about one size, by a sample that the server sorts. */
export async function rangesOf(client: MongoClient, collection: Collection, parts: number): Promise<Ranges> {
  const db = client.db(collection.dbName)
  const [found] = await db.listCollections({ name: collection.collectionName }, { nameOnly: false }).toArray()
  const documents = await collection.estimatedDocumentCount()
  // A view has no index on _id that would lead to a range of it, and under a collation texts are equal that differ.
  if (parts === 1 || found?.type !== 'collection' || ('options' in found && found.options?.['collation']))
    return { documents, bounds: [] }
  const sample = collection.aggregate<Buffer>(
    [{ $sample: { size: parts * SAMPLED } }, { $project: { _id: 1 } }, { $sort: { _id: 1 } }],
    { raw: true, allowDiskUse: true },
  )
  const ids = (await sample.toArray()).map(idElement)
  const bounds: unknown[] = []
  let place = 0
  let previous: Buffer | undefined
  for (let part = 1; part < parts; part++) {
    place = Math.max(place, Math.floor((part * ids.length) / parts))
    // A sample may hold a document twice.
    while (place < ids.length && !isBound(ids[place] as Buffer, previous)) place++
    const bound = ids[place]
    if (bound === undefined) break
    bounds.push(valueIn(bound))
    previous = bound
  }
  return { documents, bounds }
}

function isBound(id: Buffer, previous: Buffer | undefined): boolean {
  if (!PLAIN.has(id[0] ?? 0) || id.length > LONGEST) return false
  // A text that is no UTF-8, or a date beyond JavaScript's, would come back as another one.
  const isKept = Buffer.from(elements({ _id: valueIn(id) })).equals(id)
  return isKept && (previous === undefined || !isEqual(id, previous))
}

/** Numbers of several types may be one to MongoDB. */
function isEqual(one: Buffer, other: Buffer): boolean {
  const [first, second] = [one, other].map((id) => (NUMBERS.has(id[0] ?? 0) ? Number(String(valueIn(id))) : undefined))
  return first === undefined || second === undefined ? one.equals(other) : Object.is(first, second) || first === second
}

/** Reads a range of a collection in the order of its `_id`s. */
export async function* readRange(
  client: MongoClient,
  collection: Collection,
  { bounds }: Pick<Ranges, 'bounds'>,
  part: number,
  portions?: Pick<Portions, 'documents'>,
): AsyncGenerator<Buffer[]> {
  if (part > bounds.length) return
  yield* readRaw(client, collection, { sort: { _id: 1 }, ...rangeOf(bounds, part) }, portions)
  // Ranges end before their bound: that of the last one is the last of all values.
  const isLast = part > 0 && part === bounds.length
  if (isLast) yield* readRaw(client, collection, { filter: { _id: { $eq: new MaxKey() } } })
}

function rangeOf(bounds: readonly unknown[], part: number): Selection {
  const [from, below] = [bounds[part - 1], bounds[part]]
  if (from === undefined && below === undefined) return {}
  return {
    hint: { _id: 1 },
    ...(from !== undefined && { min: { _id: from } }),
    max: { _id: below ?? new MaxKey() },
  }
}
