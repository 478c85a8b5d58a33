import type { Document } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import { readRaw, type Selection } from '../bronze/source.ts'
import { idElement, valueIn } from '../bson.ts'

/** How a collection is divided by the order of its `_id`s, whatever their types. */
export interface Ranges {
  /** About how many documents there are. */
  documents: number
  /** The `_id`s at which a range ends and the next one begins. */
  bounds: unknown[]
  /** Whether an index on `_id` leads there; a view has none. */
  isIndexed: boolean
}

/** Documents looked at for each range. */
const SAMPLED = 50
/** Bytes of an `_id` that is a bound. */
const LONGEST = 200
/** Double, text, binary, ObjectId, date, whole numbers, Decimal128: types that come back from JavaScript as they went. */
const PLAIN: ReadonlySet<number> = new Set([0x01, 0x02, 0x05, 0x07, 0x09, 0x10, 0x12, 0x13])

/** Divides a collection into at most so many ranges of about one size, by a sample that the server sorts. */
export async function rangesOf(client: MongoClient, collection: Collection, parts: number): Promise<Ranges> {
  const db = client.db(collection.dbName)
  const [found] = await db.listCollections({ name: collection.collectionName }).toArray()
  const documents = await collection.estimatedDocumentCount()
  const isIndexed = found?.type === 'collection'
  if (parts === 1 || found === undefined) return { documents, bounds: [], isIndexed }
  const sample = collection.aggregate<Buffer>(
    [{ $sample: { size: parts * SAMPLED } }, { $project: { _id: 1 } }, { $sort: { _id: 1 } }],
    { raw: true, allowDiskUse: true },
  )
  const ids = (await sample.toArray()).map(idElement)
  const bounds: unknown[] = []
  let previous = -1
  for (let part = 1; part < parts; part++) {
    const from = Math.max(Math.floor((part * ids.length) / parts), previous + 1)
    const place = ids.findIndex((id, i) => i >= from && PLAIN.has(id[0] ?? 0) && id.length <= LONGEST)
    if (place < 0) break
    bounds.push(valueIn(ids[place] as Buffer))
    previous = place
  }
  return { documents, bounds, isIndexed }
}

/** Reads a range of a collection in the order of its `_id`s. */
export async function* readRange(
  client: MongoClient,
  collection: Collection,
  ranges: Omit<Ranges, 'documents'>,
  part: number,
): AsyncGenerator<Buffer[]> {
  if (part > ranges.bounds.length) return
  yield* readRaw(client, collection, { sort: { _id: 1 }, ...rangeOf(ranges, part) })
}

function rangeOf({ bounds, isIndexed }: Omit<Ranges, 'documents'>, part: number): Selection {
  const [from, below] = [bounds[part - 1], bounds[part]]
  if (from === undefined && below === undefined) return {}
  if (isIndexed) {
    return {
      hint: { _id: 1 },
      ...(from !== undefined && { min: { _id: from } }),
      ...(below !== undefined && { max: { _id: below } }),
    }
  }
  // Unlike a filter on the field, an expression compares values of different types.
  const compared = (operator: string, bound: unknown): Document[] =>
    bound === undefined ? [] : [{ [operator]: ['$_id', { $literal: bound }] }]
  return { filter: { $expr: { $and: [...compared('$gte', from), ...compared('$lt', below)] } } }
}
