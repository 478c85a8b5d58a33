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
      if (field >= 0 && field < values.length) values[field] = readValue(type, document, valueStart, at)
      else if (field < 0) onOther?.(document.toString('utf8', nameStart, nameEnd))
    }
    return values
  }
  return { read, place }
}

const ID = Buffer.from('_id')

/** Finds the index of a name by its bytes; -1 where it is another. Names of one length and last byte share a slot. */
function nameTable(names: readonly string[]): (document: Buffer, start: number, end: number) => number {
  const slots = Array.from({ length: SLOTS }, (): { index: number; bytes: Buffer }[] => [])
  names.forEach((name, index) => {
    const bytes = Buffer.from(name)
    slots[slotOf(bytes.length, bytes.at(-1) ?? 0)]?.push({ index, bytes })
  })
  return (document, start, end) => {
    const length = end - start
    for (const { index, bytes } of slots[slotOf(length, document[end - 1] as number)] as (typeof slots)[number]) {
      if (bytes.length !== length) continue
      let same = 0
      while (same < length && bytes[same] === document[start + same]) same++
      if (same === length) return index
    }
    return -1
  }
}

const SLOTS = 256

function slotOf(length: number, last: number): number {
  return ((length << 4) ^ last) & (SLOTS - 1)
}

function readValue(type: number, document: Buffer, start: number, end: number): unknown {
  switch (type) {
    case TYPE.string:
      return document.toString('utf8', start + 4, end - 1)
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
  for (let at = 4; document[at] !== 0; ) {
    const type = document[at] as number
    const valueStart = document.indexOf(0, at + 1) + 1
    const end = valueStart + valueSize(type, document, valueStart)
    const value = document.subarray(valueStart, end)
    const exact = type === TYPE.document ? mapOf(value) : single(type, value, false)
    map.set(document.toString('utf8', at + 1, valueStart - 1), exact)
    at = end
  }
  return map
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
  /** Bytes that are written. */
  size: number
  documents: number
}

const ROOM = 64

/**
 * Writes documents of fixed columns behind each other into a batch, which grows where it must.
 *
 * `original` is the document whose `_id` is kept, byte by byte.
 */
export function documentWriter(
  columns: readonly Written[],
): (batch: Batch, original: Buffer, id: IdPlace, values: Readonly<Record<string, unknown>>) => void {
  const prepared = columns.map(({ name, as }) => {
    const header = (type: number) => Buffer.from(`${String.fromCharCode(type)}${name}\0`, 'latin1')
    return { name, as, typed: header(TYPE[as]), empty: header(TYPE.null) }
  })
  return (batch, original, id, values) => {
    const start = batch.size
    let at = start + 4
    let bytes = reserve(batch, at + id.end - id.start)
    at += original.copy(bytes, at, id.start, id.end)
    for (const { name, as, typed, empty } of prepared) {
      const value = values[name]
      const text = as === 'string' && typeof value === 'string' ? value : ''
      const header = value === null ? empty : typed
      // Three bytes hold any UTF-16 unit in UTF-8.
      if (at + header.length + ROOM + text.length * 3 > bytes.length) {
        bytes = reserve(batch, at + header.length + ROOM + text.length * 3)
      }
      for (let i = 0; i < header.length; i++) bytes[at++] = header[i] as number
      if (value === null) continue
      if (as === 'string') at = writeString(bytes, at, text)
      else if (as === 'double') at = bytes.writeDoubleLE(value as number, at)
      else if (as === 'int64') at = writeInt64(bytes, at, value as number)
      else if (as === 'date') at = writeInt64(bytes, at, (value as Date).getTime())
      else bytes[at++] = value === true ? 1 : 0
    }
    bytes[at++] = 0
    bytes.writeInt32LE(at - start, start)
    batch.size = at
    batch.documents++
  }
}

/** Copies a whole document into a batch. */
export function appendTo(batch: Batch, document: Buffer): void {
  batch.size += document.copy(reserve(batch, batch.size + document.length), batch.size)
  batch.documents++
}

/** The bytes of a batch, with room beyond `size`. */
function reserve(batch: Batch, size: number): Buffer {
  if (size + ROOM > batch.bytes.length) {
    const larger = Buffer.allocUnsafe(Math.max(size + ROOM, batch.bytes.length * 2))
    batch.bytes.copy(larger)
    batch.bytes = larger
  }
  return batch.bytes
}

const SHORT = 40

function writeString(bytes: Buffer, at: number, text: string): number {
  const start = at + 4
  let end = start
  // Short ASCII, which most texts are, is quicker by hand than by a call out of JavaScript.
  let i = text.length > SHORT ? -1 : 0
  for (; i >= 0 && i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) break
    bytes[end++] = code
  }
  if (i !== text.length) end = start + bytes.write(text, start, 'utf8')
  bytes[end++] = 0
  bytes.writeInt32LE(end - start, at)
  return end
}

/** A whole number that a double holds exactly, in two halves: quicker than by way of a BigInt. */
function writeInt64(bytes: Buffer, at: number, value: number): number {
  const high = Math.floor(value / 2 ** 32)
  bytes.writeInt32LE(high, at + 4)
  bytes.writeUInt32LE(value - high * 2 ** 32, at)
  return at + 8
}
