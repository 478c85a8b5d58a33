import { type Collection, type Document, type MongoClient, MongoServerError } from 'mongodb'
import { LingotError } from '../system/errors.ts'
import { portions } from '../system/portions.ts'
import { eachElement, idElement, idOf, renamed } from './bson_reader.ts'
import { TYPE } from './bson_type.ts'
import { elements, nested, wrap } from './bson_writer.ts'
import { sequence } from './writer.ts'

/** The bytes of an `_id`, which tell apart what JavaScript would not. */
export function idBytes(document: Buffer): string {
  return idElement(document).toString('latin1')
}

/** Finds the documents that have the same `_id`s as others. */
export function sameIds(others: readonly Buffer[]): Document {
  return { _id: { $in: others.map(idOf) } }
}

/** Removes documents by their very `_id`, of whatever type. */
export function removeById(
  client: MongoClient,
  from: Collection,
  documents: readonly Buffer[],
  atOnce?: number,
): Promise<void> {
  return change(client, from, 'delete', 'deletes', documents, elements({ limit: 1 }), atOnce)
}

/** Takes fields away from documents, which are found by their very `_id`. */
export function unsetById(
  client: MongoClient,
  from: Collection,
  documents: readonly Buffer[],
  fields: readonly string[],
): Promise<void> {
  const u = { $unset: Object.fromEntries(fields.map((field) => [field, ''])) }
  return change(client, from, 'update', 'updates', documents, elements({ u }))
}

/**
 * What an update takes away first of all that stands at a path, or where the path goes on; undefined where nothing does.
 * An update sees the first of fields with one name: what stands there without any of it goes, for the next to be seen.
 */
export function firstAt(
  holder: Buffer,
  [key = '', ...rest]: readonly string[],
  isList = false,
): readonly string[] | undefined {
  const found: { type: number; value: Buffer }[] = []
  let place = 0
  eachElement(holder, (type, name, start, end) => {
    if ((isList ? String(place++) : name) === key) found.push({ type, value: holder.subarray(start, end) })
  })
  if (isList && place > 0 && !/^\d+$/.test(key)) return []
  const below = found.map(({ type, value }) => {
    if (type === TYPE.null || type === TYPE.undefined) return undefined
    const isHolder = rest.length > 0 && (type === TYPE.document || type === TYPE.array)
    return isHolder ? firstAt(value, rest, type === TYPE.array) : []
  })
  const first = below.findIndex((path) => path !== undefined)
  return first < 0 ? undefined : [key, ...(first === 0 ? (below[0] ?? []) : [])]
}

async function change(
  client: MongoClient,
  { collectionName, dbName }: Collection,
  command: 'delete' | 'update',
  field: 'deletes' | 'updates',
  documents: readonly Buffer[],
  what: Uint8Array,
  atOnce = portions.ids,
): Promise<void> {
  for (let from = 0; from < documents.length; from += atOnce) {
    const changes = documents.slice(from, from + atOnce).map((document) => {
      const equal = wrap(renamed(idElement(document), '$eq'))
      return wrap(nested('q', wrap(nested('_id', equal))), what)
    })
    const reply = await client
      .db(dbName)
      .command({ [command]: collectionName, [field]: sequence(field, Buffer.concat(changes)) })
      .catch((error: unknown) => refuse(error, dbName))
    if (reply['writeErrors'] === undefined) continue
    // What was not removed is noticed when the documents are counted.
    throw new LingotError(
      'data',
      `MongoDB did not ${command} ${changes.length} documents of ${collectionName}.`,
      'Run it again.',
    )
  }
}

/** The server's own message would show the `_id`s. */
function refuse(error: unknown, database: string): never {
  const code = error instanceof MongoServerError ? Number(error.code) : undefined
  if (code === VIEW) throw unwritable(database)
  if (code !== UNAUTHORIZED) throw error
  throw new LingotError(
    'permission',
    `The user of MONGODB_URI may not write ${database}.`,
    `Grant readWrite on ${database}.`,
  )
}

export function unwritable(database: string): LingotError {
  return new LingotError(
    'permission',
    `What is a view in ${database} cannot be written.`,
    'Remove the documents where the view has them from.',
  )
}

const UNAUTHORIZED = 13
const VIEW = 166
