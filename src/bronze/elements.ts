import { hash } from 'node:crypto'
import type { Collection, MongoClient } from 'mongodb'
import { type Contract, type Path, pathsOf } from '../contracts/contract.ts'
import { elementOf, idElement, isDollarAlone, readValue, renamed, valueSize } from '../mongo/bson_reader.ts'
import { TYPE } from '../mongo/bson_type.ts'
import { elements, nested, wrap } from '../mongo/bson_writer.ts'
import { readRaw } from '../mongo/cursor.ts'
import { idBytes, sameIds } from '../mongo/lookup.ts'
import { spelledBy } from '../rules/extended_json.ts'
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

/** Whether there is a list at a path, and not one value in place of one. */
export function isListAt(document: Buffer, each: Path): boolean {
  const found = listIn(document.subarray(4), each)
  return found?.isReached === true && found.type === TYPE.array
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
    if (holder !== undefined && !isHolder(body, holder, key)) break
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

/** Whether it is a list, or a document that spells no value. */
function isHolder(body: Buffer, { type, valueStart, end }: Place, key: string): boolean {
  if (type !== TYPE.document || key.startsWith('$') || !isDollarAlone(body, valueStart)) {
    return type === TYPE.document || type === TYPE.array
  }
  return spelledBy(readValue(type, body, undefined, valueStart, end)) === undefined
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
export function* recordsOf(contract: Contract, document: Buffer): Generator<Buffer> {
  if (contract.each === undefined) yield document
  else for (const { record, isObject } of elementsIn(contract, document)) if (isObject) yield record
}

/** The elements of the list of a document, with no more of the document than is read or tells it from others. */
export function elementsIn(contract: Contract, document: Buffer): Iterable<Element> {
  const { each } = contract
  return each === undefined ? [] : elementsOf(lightened(contract, document), each)
}

/** The element that a record was, as it stands there. */
export function ownOf(each: Path, record: Buffer): Buffer {
  const body = record.subarray(4)
  const { start, end } = listIn(body, each) ?? { start: 0, end: 0 }
  return body.subarray(start, end)
}

// --------------------------------------------------------------------------- what each record has of the rest of its document

/** Bytes of a document that none of its records may make heavy. */
const HEAVY = 2 ** 14
/** Bytes of a value that stays as it is though nothing reads it. */
const LIGHT = 256

/**
 * The document with hashes in the place of long values that nothing reads: each of its records has all that stands beside
 * the list, and of two long lists each element of one would have a copy of the other.
 */
function lightened(contract: Contract, document: Buffer): Buffer {
  return document.length < HEAVY ? document : lighter(document, readOf(contract), false)
}

const known = new WeakMap<Contract, readonly Path[]>()

/** All paths that something reads of a document, that of its list among them. */
function readOf(contract: Contract): readonly Path[] {
  const { each = [], leaveOut = [], lastBy } = contract
  const paths = known.get(contract) ?? [
    ['_id'],
    each,
    ...pathsOf(contract),
    ...leaveOut.map(({ field }) => field),
    ...(lastBy === undefined ? [] : [lastBy]),
  ]
  known.set(contract, paths)
  return paths
}

function lighter(holder: Buffer, read: readonly Path[], isList: boolean): Buffer {
  const last = isList ? Math.max(...read.map(([key = '']) => (/^\d+$/.test(key) ? Number(key) : -1))) : Number.MAX_VALUE
  const kept: Buffer[] = []
  for (const found of inside(holder, 4)) {
    const { start, valueStart, end, type, place } = found
    if (place > last) {
      kept.push(hashed(holder, found, holder.length - 1))
      break
    }
    const name = isList ? String(place) : nameAt(holder, found)
    const below = read.flatMap(([key, ...rest]) => (key === name ? [rest] : []))
    if (end - valueStart <= LIGHT || below.some(({ length }) => length === 0)) kept.push(holder.subarray(start, end))
    else if (below.length > 0 && (type === TYPE.document || type === TYPE.array)) {
      const inner = lighter(holder.subarray(valueStart, end), below, type === TYPE.array)
      kept.push(holder.subarray(start, valueStart), inner)
    } else kept.push(hashed(holder, found, end))
  }
  return wrap(...kept)
}

/** The hash of what stands there, under its name. */
function hashed(holder: Buffer, { start, valueStart }: Place, end: number): Buffer {
  const digest = hash('md5', holder.subarray(start, end), 'buffer')
  const value = Buffer.concat([Buffer.of(digest.length, 0, 0, 0, MD5), digest])
  return Buffer.concat([Buffer.of(TYPE.binary), holder.subarray(start + 1, valueStart), value])
}

/** The subtype of a binary that is an MD5. */
const MD5 = 5

// ------------------------------------------------------------------------------------------------------ documents of others

/** The `_id` of the first record that a document without any would have. */
export function firstRecordOf(document: Buffer): Buffer {
  return wrap(nested('_id', wrap(renamed(idElement(document), 'document'), elements({ element: 0 }))))
}

interface Looking {
  /** Whatever the types of the `_id`s: all documents are looked through for those that JavaScript cannot ask for. */
  thoroughly?: boolean
  portions?: Portions
}

/** Looks at the documents of bronze that have the `_id`s of others, by the bytes of those. */
export async function lookAtDocuments(
  client: MongoClient,
  from: Collection,
  others: readonly Buffer[],
  look: (document: Buffer) => void,
  { thoroughly = false, portions = usual }: Looking = {},
): Promise<void> {
  const left = new Map(others.map((other) => [idBytes(other), other]))
  for (const filter of [sameIds([...left.values()]), ...(thoroughly ? [{}] : [])]) {
    if (left.size === 0) break
    for await (const batch of readRaw(client, from, { filter }, portions)) {
      for (const document of batch) if (left.delete(idBytes(document))) look(document)
    }
  }
}

/** Looks at the records of bronze that have the `_id`s of others, by the bytes of those. */
export async function lookAtRecords<T>(
  client: MongoClient,
  from: Collection,
  contract: Contract,
  others: readonly Buffer[],
  look: (record: Buffer) => T,
  looking: Looking = {},
): Promise<Map<string, T>> {
  const wanted = new Set(others.map(idBytes))
  const known = new Map<string, T>()
  const documents = others.map((other) => documentOf(contract, other))
  const lookAt = (document: Buffer) => {
    for (const record of recordsOf(contract, document)) {
      if (wanted.has(idBytes(record))) known.set(idBytes(record), look(record))
    }
  }
  await lookAtDocuments(client, from, documents, lookAt, looking)
  return known
}
