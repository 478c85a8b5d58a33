import type { Collection, MongoClient } from 'mongodb'
import type { Contract, Path } from '../contracts/contract.ts'
import { elementOf, idElement, readValue, renamed, valueSize } from '../mongo/bson_reader.ts'
import { TYPE } from '../mongo/bson_type.ts'
import { elements, nested, wrap } from '../mongo/bson_writer.ts'
import { readRaw } from '../mongo/cursor.ts'
import { idBytes, sameIds } from '../mongo/lookup.ts'
import { Flaw, text } from '../rules/values.ts'
import { type Portions, portions as usual } from '../system/portions.ts'

/*
 * A document whose list holds records is read as one document for each element: all that it holds, with the element in
 * the place of the list. So whatever reads a record need not know of lists. The bytes are copied and never decoded.
 */

/** A record that was an element of a list; of what is no object nothing is read. */
export interface Element {
  record: Buffer
  isObject: boolean
}

/**
 * The elements of a list in a document, each as a document whose `_id` is that of the one it stands in and its place
 * there, `{ document, element }`. What is no list is the only element of one.
 */
export function* elementsOf(document: Buffer, each: Path): Generator<Element> {
  const id = idElement(document)
  const start = id.length === 0 ? 4 : id.byteOffset - document.byteOffset
  const body =
    start === 4
      ? document.subarray(4 + id.length)
      : Buffer.concat([document.subarray(4, start), document.subarray(start + id.length)])
  const found = listIn(body, each)
  if (found === undefined) return
  // A view may give no _id, which is told where one is wanted.
  const named = id.length === 0 ? id : nested('_id', wrap(renamed(id, 'document'), elements({ element: 0 })))
  const recordOf = (place: number, type: number, from: number, to: number): Element => {
    const grown = to - from - (found.end - found.valueStart)
    const record = Buffer.allocUnsafe(4 + named.length + body.length + grown)
    record.writeInt32LE(record.length)
    const top = 4 + named.copy(record, 4)
    if (named.length > 0) record.writeInt32LE(place, top - 5)
    body.copy(record, top, 0, found.valueStart)
    record[top + found.start] = type
    const after = top + found.valueStart + body.copy(record, top + found.valueStart, from, to)
    body.copy(record, after, found.end)
    for (const above of found.above) record.writeInt32LE(body.readInt32LE(above) + grown, top + above)
    return { record, isObject: found.isReached && type === TYPE.document }
  }
  if (!found.isReached || found.type !== TYPE.array) {
    const value = readValue(found.type, body, undefined, found.valueStart, found.end)
    if (!isNothing(value)) yield recordOf(0, found.type, found.valueStart, found.end)
    return
  }
  for (const { type, valueStart, end, place } of inside(body, found.valueStart + 4)) {
    yield recordOf(place, type, valueStart, end)
  }
}

/** Where an element of BSON stands. */
interface Place {
  type: number
  start: number
  valueStart: number
  end: number
  /** Which one it is. */
  place: number
}

/** Where the list stands, or what its path meets instead, and where the documents begin that hold it. */
function listIn(body: Buffer, path: Path): (Place & { above: number[]; isReached: boolean }) | undefined {
  const above: number[] = []
  let from = 0
  let holder: Place | undefined
  for (const key of path) {
    if (holder !== undefined && holder.type !== TYPE.document && holder.type !== TYPE.array) break
    let found: Place | undefined
    for (const one of inside(body, from)) {
      const isIt = holder?.type === TYPE.array ? String(one.place) === key : nameAt(body, one) === key
      // Of a key that comes twice the last counts.
      if (isIt) found = one
    }
    if (found === undefined) {
      const isOpen = holder?.type === TYPE.array && !/^\d+$/.test(key)
      return isOpen && holder !== undefined ? { ...holder, above: above.slice(0, -1), isReached: false } : undefined
    }
    holder = found
    above.push(found.valueStart)
    from = found.valueStart + 4
  }
  return holder && { ...holder, above: above.slice(0, -1), isReached: above.length === path.length }
}

function nameAt(body: Buffer, { start, valueStart }: Place): string {
  return body.toString('utf8', start + 1, valueStart - 1)
}

/** The elements of a document or a list, of which the first stands there. */
function* inside(body: Buffer, first: number): Generator<Place> {
  for (let at = first, place = 0; body[at] !== 0; place++) {
    const start = at
    const type = body[at] as number
    const valueStart = body.indexOf(0, at + 1) + 1
    at = valueStart + valueSize(type, body, valueStart)
    yield { type, start, valueStart, end: at, place }
  }
}

/** Whether a document has no list, or an empty one. */
function isNothing(value: unknown): boolean {
  const read = text(value)
  return (Array.isArray(value) && value.length === 0) || (read instanceof Flaw && read.kind === 'missing')
}

/** The document that a record is from, as much of it as holds its `_id`. */
export function documentOf({ each }: Contract, record: Buffer): Buffer {
  if (each === undefined) return record
  const id = idElement(record)
  return wrap(renamed(elementOf(id.subarray(id.indexOf(0, 1) + 1), 'document'), '_id'))
}

/** The place of a record in its document. */
export function placeOf(record: Buffer): number {
  const id = idElement(record)
  return id.readInt32LE(id.length - 5)
}

/** The records of a document: itself, or the elements of its list that are objects. */
export function* recordsOf({ each }: Contract, document: Buffer): Generator<Buffer> {
  if (each === undefined) yield document
  else for (const { record, isObject } of elementsOf(document, each)) if (isObject) yield record
}

/** The `_id` of the first record that a document without any would have. */
export function firstRecordOf(document: Buffer): Buffer {
  return wrap(nested('_id', wrap(renamed(idElement(document), 'document'), elements({ element: 0 }))))
}

/** Looks at the records of bronze that have the `_id`s of others, by the bytes of those; `thoroughly` whatever their types. */
export async function lookAtRecords<T>(
  client: MongoClient,
  from: Collection,
  contract: Contract,
  others: readonly Buffer[],
  look: (record: Buffer) => T,
  { thoroughly = false, portions = usual }: { thoroughly?: boolean; portions?: Portions } = {},
): Promise<Map<string, T>> {
  const wanted = new Set(others.map(idBytes))
  const documents = new Map(
    others.map((other) => {
      const document = documentOf(contract, other)
      return [idBytes(document), document]
    }),
  )
  const known = new Map<string, T>()
  // An `_id` may be of a type that JavaScript cannot ask for: then all are looked through.
  for (const filter of [sameIds([...documents.values()]), ...(thoroughly ? [{}] : [])]) {
    if (known.size === wanted.size) break
    for await (const batch of readRaw(client, from, { filter }, portions)) {
      for (const document of batch) {
        if (!documents.has(idBytes(document))) continue
        for (const record of recordsOf(contract, document)) {
          if (wanted.has(idBytes(record))) known.set(idBytes(record), look(record))
        }
      }
    }
  }
  return known
}
