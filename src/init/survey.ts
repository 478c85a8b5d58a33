import { hash } from 'node:crypto'
import { BSON } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import { keyOf, type Path } from '../contracts/contract.ts'
import { countedBeside } from '../contracts/documents.ts'
import { parse } from '../mongo/bson_reader.ts'
import { TYPE } from '../mongo/bson_type.ts'
import { documentsIn, readRaw } from '../mongo/cursor.ts'
import { besides, fieldReader } from '../mongo/field_reader.ts'
import { idTextOf } from '../rules/extended_json.ts'

/** What was found out about a field; none of its values. */
export interface FieldSurvey {
  /** Its path, in one text. */
  name: string
  path: Path
  /** The list of records of whose elements it is a field. */
  list?: string
  /** Documents, or elements of the list, that hold it, null included. */
  documents: number
  /** The same by the BSON type of its value. */
  types: Record<string, number>
  /** Values in the sample, and how many of them each judge said yes to. */
  sampled: number
  judged: Record<string, number>
}

/** A list that holds objects. */
export interface ListSurvey {
  name: string
  path: Path
  /** Documents that hold it with something in it, and the elements of them all. */
  documents: number
  elements: number
}

export interface CollectionSurvey {
  name: string
  /** Documents there are, about, and documents that were looked at. */
  documents: number
  looked: number
  /** Those at the top of documents, those within them, and those of the elements of lists. */
  fields: FieldSurvey[]
  lists: ListSurvey[]
}

/** How a field is read beside its place. */
export interface How {
  /** What each value is multiplied by. */
  times?: FieldSurvey
  scale?: number
  dates?: 'month first'
}

/** Says something about a value: whether it is a date, for example. */
export type Judges = Readonly<Record<string, (value: unknown) => boolean>>

/** Documents of which the values are judged, spread over those that are looked at. */
const SAMPLE = 500
/** Keys one below the other, and elements of a list, that are looked at. */
const DEEPEST = 4
const MOST_ELEMENTS = 100
/** Names that are data themselves can be any number. */
const MOST_FIELDS = 1000

/** Looks at the first documents of a collection: every field is counted, the values of a sample are judged. */
export async function survey(
  client: MongoClient,
  collection: Collection,
  judges: Judges,
  { most, signal }: { most: number; signal?: AbortSignal },
): Promise<CollectionSurvey> {
  const documents = await documentsIn(collection)
  const step = Math.max(1, Math.floor(Math.min(documents, most) / SAMPLE))
  const found = { fields: new Map<string, FieldSurvey>(), lists: new Map<string, ListSurvey>() }
  let looked = 0
  for await (const batch of readRaw(client, collection)) {
    signal?.throwIfAborted()
    for (const bytes of batch.slice(0, most - looked)) {
      count(bytes, 0, { path: [] }, found)
      if (looked % step === 0) judge(parse(bytes), { path: [] }, found, judges)
      looked++
    }
    if (looked === most) break
  }
  return {
    name: collection.collectionName,
    documents: Math.max(documents, looked),
    looked,
    fields: [...found.fields.values()],
    lists: [...found.lists.values()],
  }
}

/** What ids that name several documents tell. */
export interface Shared {
  /** Values that name several documents, and of how many values in all. */
  ids: number
  of: number
  /** Those of them whose documents differ in the product. */
  parts: number
  /** Documents that are equal to another one with their id. */
  equal: number
}

/** Looks for documents that share their value of a field, among the first ones; `named` fields are no bookkeeping. */
export async function sharedValues(
  client: MongoClient,
  collection: Collection,
  field: Path,
  { named, product, most, signal }: Looking & { named: ReadonlySet<string>; product?: Path | undefined },
): Promise<Shared> {
  const { read } = fieldReader([field, ...(product === undefined ? [] : [product])])
  const isUnnamed = countedBeside({})
  const contentOf = besides([], (name) => named.has(name) || isUnnamed(name))
  const known = new Map<string, { content: string; product: string | undefined }>()
  const shared = new Map<string, { contents: Set<string>; products: Set<string | undefined> }>()
  let equal = 0
  for await (const document of firstOf(client, collection, { most, ...(signal && { signal }) })) {
    const [value, what] = read(document)
    const id = idTextOf(value)
    if (id === undefined) continue
    const one = { content: hash('md5', contentOf(document), 'base64'), product: idTextOf(what) }
    const first = known.get(id)
    if (first === undefined) {
      known.set(id, one)
      continue
    }
    const { contents, products } = shared.get(id) ?? {
      contents: new Set([first.content]),
      products: new Set([first.product]),
    }
    if (contents.has(one.content)) equal++
    shared.set(id, { contents: contents.add(one.content), products: products.add(one.product) })
  }
  const parts = [...shared.values()].filter(({ products }) => products.size > 1).length
  return { ids: shared.size, of: known.size, parts, equal }
}

interface Looking {
  most: number
  signal?: AbortSignal
}

/** The first documents of a collection, as bytes. */
export async function* firstOf(
  client: MongoClient,
  collection: Collection,
  { most, signal }: Looking,
): AsyncGenerator<Buffer> {
  let looked = 0
  for await (const batch of readRaw(client, collection)) {
    signal?.throwIfAborted()
    for (const document of batch.slice(0, most - looked)) {
      looked++
      yield document
    }
    if (looked === most) return
  }
}

/** What was found so far, by its path. */
interface Found {
  fields: Map<string, FieldSurvey>
  lists: Map<string, ListSurvey>
}

/** Where a document stands within others: below these keys, and in which list. */
interface Place {
  path: Path
  list?: string
}

const { parseToElements, ByteUtils } = BSON.onDemand

/** Counts the fields of the document that begins there, and of those within it. */
function count(bytes: Buffer, start: number, place: Place, found: Found): void {
  for (const [type, nameStart, nameLength, offset, length] of parseToElements(bytes, start)) {
    const path = [...place.path, ByteUtils.toUTF8(bytes, nameStart, nameStart + nameLength, false)]
    const field = fieldAt({ ...place, path }, found)
    if (field === undefined) continue
    const isDocument = type === TYPE.document
    const isSpelled = isDocument && length > 5 && bytes[offset + 5] === DOLLAR
    const known = isSpelled ? SPELLED : (typeNames[type] ?? 'other')
    field.documents++
    field.types[known] = (field.types[known] ?? 0) + 1
    if (path.length === DEEPEST) continue
    if (isDocument && !isSpelled) count(bytes, offset, { ...place, path }, found)
    if (type === TYPE.array && place.list === undefined) countList(bytes, offset, path, found)
  }
}

const DOLLAR = 0x24
const SPELLED = 'Extended JSON'

/** The first element of a list is counted for its place as well. */
function countList(bytes: Buffer, start: number, path: Path, found: Found): void {
  const elements = [...parseToElements(bytes, start)].slice(0, MOST_ELEMENTS)
  const records = elements.filter(([type]) => type === TYPE.document)
  const [first] = elements
  if (first !== undefined) {
    const [type, , , offset] = first
    const place = { path: [...path, '0'] }
    note(fieldAt(place, found), typeNames[type] ?? 'other')
    if (type === TYPE.document) count(bytes, offset, place, found)
  }
  if (records.length === 0 || records.length < elements.length) return
  const name = path.join('.')
  const list = found.lists.get(name) ?? { name, path, documents: 0, elements: 0 }
  found.lists.set(name, { ...list, documents: list.documents + 1, elements: list.elements + elements.length })
  for (const [, , , offset] of records) count(bytes, offset, { path, list: name }, found)
}

function note(field: FieldSurvey | undefined, type: string): void {
  if (field === undefined) return
  field.documents++
  field.types[type] = (field.types[type] ?? 0) + 1
}

/** The field at a place, with what is known of it; undefined beyond the number of fields that are looked at. */
function fieldAt({ path, list }: Place, { fields }: Found): FieldSurvey | undefined {
  const key = keyOf(list === undefined ? path : [`${list}\0`, ...path])
  const known = fields.get(key)
  if (known !== undefined || fields.size === MOST_FIELDS) return known
  const field = { name: path.join('.'), path, ...(list !== undefined && { list }), documents: 0, types: {}, sampled: 0 }
  fields.set(key, { ...field, judged: {} })
  return fields.get(key)
}

/** Has the values of a document judged, and of those within it. */
function judge(document: object, place: Place, found: Found, judges: Judges): void {
  for (const [key, value] of Object.entries(document)) {
    const below = { ...place, path: [...place.path, key] }
    judgeValue(value, below, found, judges)
    if (below.path.length === DEEPEST) continue
    if (isPlain(value)) judge(value, below, found, judges)
    if (!Array.isArray(value) || place.list !== undefined) continue
    const elements = value.slice(0, MOST_ELEMENTS)
    const first = { path: [...below.path, '0'] }
    if (isPlain(elements[0])) judge(elements[0], first, found, judges)
    else if (elements.length > 0) judgeValue(elements[0], first, found, judges)
    if (!elements.every(isPlain)) continue
    for (const element of elements) judge(element, { path: below.path, list: below.path.join('.') }, found, judges)
  }
}

function judgeValue(value: unknown, place: Place, found: Found, judges: Judges): void {
  const field = fieldAt(place, found)
  if (field === undefined || field.documents === 0) return
  field.sampled++
  for (const [what, says] of Object.entries(judges)) {
    if (says(value)) field.judged[what] = (field.judged[what] ?? 0) + 1
  }
}

/** Whether a value is an object that is none of a type of its own. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false
  return !Object.keys(value).some((key) => key.startsWith('$'))
}

/** What MongoDB calls the types of BSON. */
const typeNames: Record<number, string> = {
  1: 'double',
  2: 'string',
  3: 'object',
  4: 'array',
  5: 'binData',
  7: 'objectId',
  8: 'bool',
  9: 'date',
  10: 'null',
  11: 'regex',
  16: 'int',
  17: 'timestamp',
  18: 'long',
  19: 'decimal',
}
