import { Binary, BSON, type Document } from 'bson'
import { TYPE } from './bson_type.ts'
import { element, wrap } from './bson_writer.ts'

/*
 * BSON as bytes. Millions of documents pass through here: their known fields are read without an object for each.
 * Layout: https://bsonspec.org/spec.html
 */

/** Lenient where data is odd: bytes that are no UTF-8 and patterns that are no RegExp must not stop a run. */
const lenient = { validation: { utf8: false }, bsonRegExp: true } as const

/** The text in UTF-8, which is its Latin-1 as well where it is ASCII. */
function readText(document: Buffer, latin: string | undefined, start: number, end: number): string {
  if (latin === undefined) return document.toString('utf8', start, end)
  for (let i = start; i < end; i++) if ((document[i] as number) > 0x7f) return document.toString('utf8', start, end)
  return latin.slice(start, end)
}

/** The value that stands there; `latin` is the whole document in Latin-1, where that is known. */
export function readValue(
  type: number,
  document: Buffer,
  latin: string | undefined,
  start: number,
  end: number,
): unknown {
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
export function valueSize(type: number, document: Buffer, at: number): number {
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

/** Whether the document that begins there has one key alone, which begins with `$`: Extended JSON spells values so. */
export function isDollarAlone(document: Buffer, start: number): boolean {
  if (document[start + 5] !== DOLLAR) return false
  const value = document.indexOf(0, start + 5) + 1
  return document[value + valueSize(document[start + 4] as number, document, value)] === 0
}

const DOLLAR = 0x24

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
  const found = named(document, name)
  if (found === undefined) throw new Error(`There is no ${name} in the document.`)
  return found
}

function named(document: Buffer, name: string): Buffer | undefined {
  for (let at = 4; document[at] !== 0; ) {
    const start = at
    const valueStart = document.indexOf(0, at + 1) + 1
    at = valueStart + valueSize(document[start] as number, document, valueStart)
    if (document.toString('utf8', start + 1, valueStart - 1) === name) return document.subarray(start, at)
  }
  return undefined
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
export function eachElement(
  document: Buffer,
  visit: (type: number, name: string, start: number, end: number) => void,
): void {
  for (let at = 4; document[at] !== 0; ) {
    const type = document[at] as number
    const start = document.indexOf(0, at + 1) + 1
    const end = start + valueSize(type, document, start)
    visit(type, document.toString('utf8', at + 1, start - 1), start, end)
    at = end
  }
}

/** The element `_id` of a raw document as it stands there, type, name and value; empty where there is none. */
export function idElement(document: Buffer): Buffer {
  return named(document, '_id') ?? document.subarray(0, 0)
}

/** The bytes of everything but `_id`, where that stands first, as the server keeps it: equal content has equal bytes. */
export function contentOf(document: Buffer): Buffer {
  return document.subarray(4 + idElement(document).length)
}

/** An element with the value of another one under a new name: `_id` of a document kept as `document_id`. */
export function renamed(original: Buffer, name: string): Buffer {
  const valueStart = original.indexOf(0, 1) + 1
  return element(original[0] ?? TYPE.null, name, original.subarray(valueStart))
}
