import { Binary, BSON, type Document } from 'bson'

/*
 * BSON as bytes. Millions of documents pass through here: their known fields are read, and clean ones written, without
 * an object for each. Layout: https://bsonspec.org/spec.html
 */

const TYPE = {
  double: 0x01,
  string: 0x02,
  document: 0x03,
  array: 0x04,
  binary: 0x05,
  undefined: 0x06,
  objectId: 0x07,
  boolean: 0x08,
  date: 0x09,
  null: 0x0a,
  regex: 0x0b,
  pointer: 0x0c,
  code: 0x0d,
  symbol: 0x0e,
  codeWithScope: 0x0f,
  int32: 0x10,
  timestamp: 0x11,
  int64: 0x12,
  decimal128: 0x13,
  minKey: 0xff,
  maxKey: 0x7f,
} as const

/** Lenient where data is odd: bytes that are no UTF-8 and patterns that are no RegExp must not stop a run. */
const lenient = { validation: { utf8: false }, bsonRegExp: true } as const

// ------------------------------------------------------------------------------------------------------------ reading

/** Where the element `_id` of a document begins and ends: type, name and value. Both 0 where there is none. */
export interface IdPlace {
  start: number
  end: number
}

/**
 * Finds the named fields, all different, in raw documents, wherever they stand; of a field that is there twice the last
 * counts. Gives the same list each time, filled anew: undefined where a document has no such field.
 */
export function fieldReader(names: readonly string[]): {
  read: (document: Buffer, onOther?: (name: string) => void) => readonly unknown[]
  /** The `_id` of the document that was read last. */
  place: IdPlace
} {
  const values: unknown[] = names.map(() => undefined)
  const place: IdPlace = { start: 0, end: 0 }
  const known = nameTable(names.includes('_id') ? names : [...names, '_id'])
  const id = known(ID, 0, ID.length)

  const read = (document: Buffer, onOther?: (name: string) => void): readonly unknown[] => {
    values.fill(undefined)
    place.start = 0
    place.end = 0
    // One call out of JavaScript for all texts of a document instead of one for each.
    const latin = document.length <= LONGEST_DECODED ? document.toString('latin1') : undefined
    let at = 4
    for (let type = document[at] as number; type !== 0; type = document[at] as number) {
      const start = at
      const nameStart = at + 1
      let nameEnd = nameStart
      while (document[nameEnd] !== 0) nameEnd++
      const valueStart = nameEnd + 1
      at = valueStart + valueSize(type, document, valueStart)
      const field = known(document, nameStart, nameEnd)
      if (field === id) {
        place.start = start
        place.end = at
      }
      if (field >= 0 && field < values.length) values[field] = readValue(type, document, latin, valueStart, at)
      else if (field < 0) onOther?.(document.toString('utf8', nameStart, nameEnd))
    }
    return values
  }
  return { read, place }
}

const ID = Buffer.from('_id')

/** Finds the index of a name by its bytes; -1 where it is another. Names of one length and last byte share a slot. */
function nameTable(names: readonly string[]): (document: Buffer, start: number, end: number) => number {
  const bytes = names.map((name) => Buffer.from(name))
  // A list by slot, linked by index: no objects where a million documents pass.
  const first = new Int32Array(SLOTS).fill(-1)
  const next = new Int32Array(names.length).fill(-1)
  bytes.forEach((name, index) => {
    const slot = slotOf(name.length, name.at(-1) ?? 0)
    next[index] = first[slot] as number
    first[slot] = index
  })
  return (document, start, end) => {
    const length = end - start
    let index = first[slotOf(length, document[end - 1] as number)] as number
    for (; index >= 0; index = next[index] as number) {
      const name = bytes[index] as Buffer
      let same = name.length === length ? 0 : -1
      while (same >= 0 && same < length && name[same] === document[start + same]) same++
      if (same === length) return index
    }
    return -1
  }
}

const SLOTS = 256

function slotOf(length: number, last: number): number {
  return ((length << 4) ^ last) & (SLOTS - 1)
}

/** Bytes of a document that is decoded as a whole. */
const LONGEST_DECODED = 2048

/** The text in UTF-8, which is its Latin-1 as well where it is ASCII. */
function readText(document: Buffer, latin: string | undefined, start: number, end: number): string {
  if (latin === undefined) return document.toString('utf8', start, end)
  for (let i = start; i < end; i++) if ((document[i] as number) > 0x7f) return document.toString('utf8', start, end)
  return latin.slice(start, end)
}

function readValue(type: number, document: Buffer, latin: string | undefined, start: number, end: number): unknown {
  switch (type) {
    case TYPE.string:
      return readText(document, latin, start + 4, end - 1)
    case TYPE.double:
      return document.readDoubleLE(start)
    case TYPE.int32:
      return document.readInt32LE(start)
    case TYPE.boolean:
      return document[start] === 1
    case TYPE.date:
      return new Date(readInt64(document, start))
    case TYPE.int64: {
      const number = readInt64(document, start)
      return Number.isSafeInteger(number) ? number : single(type, document.subarray(start, end))
    }
    case TYPE.null:
      return null
    default:
      return single(type, document.subarray(start, end))
  }
}

/** In two halves, quicker than by way of a BigInt; exact where a double can be. */
function readInt64(document: Buffer, at: number): number {
  return document.readInt32LE(at + 4) * 2 ** 32 + document.readUInt32LE(at)
}

/** A value of any type, read as the only element `v` of a document of its own. */
function single(type: number, value: Uint8Array, promoteValues = true): unknown {
  try {
    return BSON.deserialize(wrap(element(type, 'v', value)), { ...lenient, promoteValues })['v']
  } catch {
    return UNREADABLE
  }
}

/** A pattern or an old binary that MongoDB stores and js-bson refuses: no value of any rule. */
const UNREADABLE = new Binary()

/** Bytes of a value that begins at `at`. */
function valueSize(type: number, document: Buffer, at: number): number {
  switch (type) {
    case TYPE.double:
    case TYPE.date:
    case TYPE.timestamp:
    case TYPE.int64:
      return 8
    case TYPE.string:
    case TYPE.code:
    case TYPE.symbol:
      return 4 + document.readInt32LE(at)
    case TYPE.document:
    case TYPE.array:
    case TYPE.codeWithScope:
      return document.readInt32LE(at)
    case TYPE.binary:
      return 5 + document.readInt32LE(at)
    case TYPE.objectId:
      return 12
    case TYPE.boolean:
      return 1
    case TYPE.int32:
      return 4
    case TYPE.decimal128:
      return 16
    case TYPE.pointer:
      return 4 + document.readInt32LE(at) + 12
    case TYPE.regex: {
      const pattern = document.indexOf(0, at) + 1
      return document.indexOf(0, pattern) + 1 - at
    }
    case TYPE.null:
    case TYPE.undefined:
    case TYPE.minKey:
    case TYPE.maxKey:
      return 0
    default:
      throw new Error(`BSON has no type ${type}`)
  }
}

/** The cursor of a server's reply to find or getMore: its id, and the documents of the batch as they are. */
export function readReply(cursor: Buffer): { cursor: bigint; documents: Buffer[] } {
  const reply = { cursor: 0n, documents: [] as Buffer[] }
  eachElement(cursor, (type, name, start) => {
    if (name === 'id') reply.cursor = cursor.readBigInt64LE(start)
    if (type === TYPE.array) reply.documents = documentsOf(cursor, start)
  })
  return reply
}

function documentsOf(bytes: Buffer, array: number): Buffer[] {
  const documents: Buffer[] = []
  let at = array + 4
  while (bytes[at] !== 0) {
    // The names are the numbers of the documents.
    while (bytes[at] !== 0) at++
    const start = at + 1
    at = start + bytes.readInt32LE(start)
    documents.push(bytes.subarray(start, at))
  }
  return documents
}

/** A whole document as an object, for the few that are looked at. */
export function parse(document: Buffer): Document {
  return BSON.deserialize(document, lenient)
}

/**
 * The `_id` of a raw document as a value that is written back byte by byte: a number keeps the type that it has, 5.0 is a
 * Double and 7 an Int32, and a document is a Map, since an object would move keys such as `1` to the front.
 */
export function idOf(document: Buffer): unknown {
  return valueIn(idElement(document))
}

/** The value of an element, such that it is written back byte by byte. */
export function valueIn(element: Buffer): unknown {
  const type = element[0] as number
  const value = element.subarray(element.indexOf(0, 1) + 1)
  return type === TYPE.document ? mapOf(value) : single(type, value, PLAIN.has(type))
}

/** The element of a raw document that has this name. */
export function elementOf(document: Buffer, name: string): Buffer {
  for (let at = 4; document[at] !== 0; ) {
    const start = at
    const valueStart = document.indexOf(0, at + 1) + 1
    at = valueStart + valueSize(document[start] as number, document, valueStart)
    if (document.toString('utf8', start + 1, valueStart - 1) === name) return document.subarray(start, at)
  }
  throw new Error(`There is no ${name} in the document.`)
}

const PLAIN: ReadonlySet<number> = new Set([TYPE.objectId, TYPE.string, TYPE.int32, TYPE.date, TYPE.boolean])

function mapOf(document: Buffer): Map<string, unknown> {
  const map = new Map<string, unknown>()
  eachElement(document, (type, name, start, end) => {
    const value = document.subarray(start, end)
    map.set(name, type === TYPE.document ? mapOf(value) : single(type, value, false))
  })
  return map
}

/**
 * Visits all that a document spells out, at any depth: names of fields, texts, and numbers as texts. The path is the
 * names above, without the places in lists; for a name it ends with the name itself.
 */
export function eachSpelled(
  document: Buffer,
  visit: (path: readonly string[], spelled: string, as: 'name' | 'text' | 'number') => void,
  above: readonly string[] = [],
  isList = false,
): void {
  eachElement(document, (type, name, start, end) => {
    const path = isList ? above : [...above, name]
    if (!isList) visit(path, name, 'name')
    if (type === TYPE.document || type === TYPE.array) {
      eachSpelled(document.subarray(start, end), visit, path, type === TYPE.array)
    } else if (NUMBERS.has(type)) visit(path, String(single(type, document.subarray(start, end))), 'number')
    else if (TEXTS.has(type)) visit(path, document.toString('utf8', start + 4, end - 1), 'text')
    else if (BYTES.has(type)) visit(path, document.toString('utf8', start, end), 'text')
  })
}

const NUMBERS: ReadonlySet<number> = new Set([TYPE.double, TYPE.int32, TYPE.int64, TYPE.decimal128])
const TEXTS: ReadonlySet<number> = new Set([TYPE.string, TYPE.symbol, TYPE.code])
/** What holds text among other bytes. */
const BYTES: ReadonlySet<number> = new Set([TYPE.binary, TYPE.regex, TYPE.codeWithScope, TYPE.pointer])

/** Visits the elements of a document, with the place of each value. */
function eachElement(document: Buffer, visit: (type: number, name: string, start: number, end: number) => void): void {
  for (let at = 4; document[at] !== 0; ) {
    const type = document[at] as number
    const start = document.indexOf(0, at + 1) + 1
    const end = start + valueSize(type, document, start)
    visit(type, document.toString('utf8', at + 1, start - 1), start, end)
    at = end
  }
}

/** The element `_id` of a raw document as it stands there, type, name and value. */
export function idElement(document: Buffer): Buffer {
  const { start, end } = idPlace(document)
  return document.subarray(start, end)
}

function idPlace(document: Buffer): IdPlace {
  idReader.read(document)
  return idReader.place
}
const idReader = fieldReader([])

/** The bytes of everything but `_id`, where that stands first, as the server keeps it: equal content has equal bytes. */
export function contentOf(document: Buffer): Buffer {
  return document.subarray(idPlace(document).end || 4)
}

// ------------------------------------------------------------------------------------------------------------ writing

/** An element with the value of another one under a new name: `_id` of a document kept as `document_id`. */
export function renamed(original: Buffer, name: string): Buffer {
  const valueStart = original.indexOf(0, 1) + 1
  return element(original[0] ?? TYPE.null, name, original.subarray(valueStart))
}

/** Elements as one document. */
export function wrap(...elements: readonly Uint8Array[]): Buffer {
  const size = elements.reduce((sum, { length }) => sum + length, 5)
  const document = Buffer.alloc(size)
  document.writeInt32LE(size)
  let at = 4
  for (const bytes of elements) {
    document.set(bytes, at)
    at += bytes.length
  }
  return document
}

/** The elements of a plain object. */
export function elements(object: Record<string, unknown>): Uint8Array {
  return BSON.serialize(object).subarray(4, -1)
}

/** A document as the value of an element. */
export function nested(name: string, document: Uint8Array): Buffer {
  return element(TYPE.document, name, document)
}

function element(type: number, name: string, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([type]), Buffer.from(`${name}\0`), value])
}

/** How a column is written: its name, and the type of its values that are not null. */
export interface Written {
  name: string
  as: 'string' | 'double' | 'int64' | 'date' | 'boolean'
}

/** Documents written one behind the other. */
export interface Batch {
  bytes: Buffer
  /** The same bytes, for numbers. */
  view: DataView
  /** Bytes that are written. */
  size: number
  documents: number
}

export function emptyBatch(bytes: Buffer): Batch {
  return { bytes, view: viewOf(bytes), size: 0, documents: 0 }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Bytes that an element may take beside its name and its text. */
const ROOM = 64

/**
 * Writes documents of fixed columns behind each other into a batch, which grows where it must.
 *
 * `original` is the document whose `_id` is kept, byte by byte.
 */
export function documentWriter(
  columns: readonly Written[],
): (batch: Batch, original: Buffer, id: IdPlace, values: Readonly<Record<string, unknown>>) => void {
  const prepared = columns.map(({ name, as }) => ({
    name,
    as,
    typed: header(TYPE[as], name),
    empty: header(TYPE.null, name),
  }))
  return (batch, original, id, values) => {
    const start = batch.size
    reserve(batch, start + id.end - id.start)
    let at = copyBytes(original, id.start, id.end, batch.bytes, start + 4)
    for (const { name, as, typed, empty } of prepared) {
      const value = values[name]
      const { words, length } = value === null ? empty : typed
      // Three bytes hold any UTF-16 unit in UTF-8.
      const longest = length + (as === 'string' && value !== null ? (value as string).length * 3 : 0)
      if (at + longest + ROOM > batch.bytes.length) reserve(batch, at + longest)
      const { bytes, view } = batch
      // Four bytes at a time; what is written beyond the header is written over.
      for (let i = 0; i < words.length; i++) view.setUint32(at + i * 4, words[i] as number, true)
      at += length
      if (value === null) continue
      if (as === 'string') at = writeString(batch, at, value as string)
      else if (as === 'boolean') bytes[at++] = value === true ? 1 : 0
      else {
        if (as === 'double') view.setFloat64(at, value as number, true)
        else writeInt64(view, at, as === 'date' ? (value as Date).getTime() : (value as number))
        at += 8
      }
    }
    batch.bytes[at++] = 0
    batch.view.setInt32(start, at - start, true)
    batch.size = at
    batch.documents++
  }
}

/** Type and name of an element as little-endian words, and how many of their bytes count. */
function header(type: number, name: string): { words: Uint32Array; length: number } {
  const bytes = element(type, name, new Uint8Array())
  const padded = Buffer.concat([bytes, Buffer.alloc(3)])
  const words = Uint32Array.from({ length: Math.ceil(bytes.length / 4) }, (_, i) => padded.readUInt32LE(i * 4))
  return { words, length: bytes.length }
}

/** Copies a whole document into a batch. */
export function appendTo(batch: Batch, document: Buffer): void {
  reserve(batch, batch.size + document.length)
  batch.size += document.copy(batch.bytes, batch.size)
  batch.documents++
}

/** Makes the batch hold so many bytes, and room beyond. */
function reserve(batch: Batch, size: number): void {
  if (size + ROOM <= batch.bytes.length) return
  const larger = Buffer.allocUnsafe(Math.max(size + ROOM, batch.bytes.length * 2))
  batch.bytes.copy(larger)
  batch.bytes = larger
  batch.view = viewOf(larger)
}

/** Below so many bytes a loop is quicker than a call out of JavaScript. */
const SHORT = 40

/** Gives the place behind the copy. */
function copyBytes(from: Buffer, start: number, end: number, to: Buffer, at: number): number {
  if (end - start > SHORT) return at + from.copy(to, at, start, end)
  let place = at
  for (let i = start; i < end; i++) to[place++] = from[i] as number
  return place
}

function writeString({ bytes, view }: Batch, at: number, text: string): number {
  const start = at + 4
  const { length } = text
  let end = start
  let isAscii = length <= SHORT
  for (let i = 0; isAscii && i < length; i++) {
    const code = text.charCodeAt(i)
    isAscii = code < 0x80
    bytes[end++] = code
  }
  if (!isAscii) end = start + bytes.write(text, start, 'utf8')
  bytes[end++] = 0
  view.setInt32(at, end - start, true)
  return end
}

/** A whole number that a double holds exactly, in two halves: quicker than by way of a BigInt. */
function writeInt64(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / 2 ** 32)
  view.setInt32(at + 4, high, true)
  view.setUint32(at, value - high * 2 ** 32, true)
}
