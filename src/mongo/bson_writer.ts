import { BSON } from 'bson'
import { type IdPlace, TYPE } from './bson_type.ts'

/*
 * BSON as bytes: millions of clean documents are written without an object for each.
 */

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

export function element(type: number, name: string, value: Uint8Array): Buffer {
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
