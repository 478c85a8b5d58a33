import { type DOUBLE, type DuckDBDataChunk, INTEGER, UTINYINT, VARCHAR } from '@duckdb/node-api'
import duckdb from '@duckdb/node-bindings'

/*
 * Rows as DuckDB's vectors hold them: a buffer for each column, handed over as a whole. The binding's own way, value by
 * value, takes more than twice as long.
 */

export type FlatType = typeof DOUBLE | typeof INTEGER | typeof UTINYINT | typeof VARCHAR

/** The values of a column that wait to be handed over. */
export interface FlatColumn {
  /** Sets the value of a row: a number, a date, a flag or a text, as the column's type wants it; null is a missing one. */
  put: (row: number, value: unknown) => void
  /** Writes the first rows into a chunk of so many. */
  copyInto: (chunk: DuckDBDataChunk, column: number, rows: number) => void
}

/** A column without nulls, for so many rows: NaN, the empty text, and 2 beside the flags 0 and 1 stand for them. */
export function flatColumn(type: FlatType, rows: number): FlatColumn {
  if (type === VARCHAR) return texts(rows)
  if (type === INTEGER) return flat(new Int32Array(rows), (value) => value as number)
  if (type === UTINYINT) return flat(new Uint8Array(rows), (value) => (value === null ? 2 : Number(value)))
  return flat(new Float64Array(rows), (value) => (value === null ? Number.NaN : Number(value)))
}

function flat(values: Float64Array | Int32Array | Uint8Array, numberOf: (value: unknown) => number): FlatColumn {
  return {
    put(row, value) {
      values[row] = numberOf(value)
    },
    copyInto(chunk, column, rows) {
      copy(values, vectorOf(chunk, column), rows * values.BYTES_PER_ELEMENT)
    },
  }
}

/** Bytes that a vector has for a text: its length, and the text if it is as short as this. */
const ENTRY = 16
const SHORT = 12

function texts(rows: number): FlatColumn {
  const words = new Int32Array((rows * ENTRY) / 4)
  const entries = new Uint8Array(words.buffer)
  /** Those that do not fit, or are more than ASCII, by row. */
  const others = new Map<number, string>()
  /** What is not written stays zero: DuckDB compares whole entries. */
  const write = (row: number, text: string): boolean => {
    const word = row * (ENTRY / 4)
    words[word] = 0
    words[word + 1] = 0
    words[word + 2] = 0
    words[word + 3] = 0
    if (text.length > SHORT) return false
    const start = row * ENTRY
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return false
      entries[start + 4 + i] = code
    }
    entries[start] = text.length
    return true
  }
  return {
    put(row, value) {
      const text = value === null ? '' : (value as string)
      if (!write(row, text)) others.set(row, text)
    },
    copyInto(chunk, column, rows) {
      const vector = vectorOf(chunk, column)
      copy(entries, vector, rows * ENTRY)
      for (const [row, text] of others) duckdb.vector_assign_string_element_len(vector, row, Buffer.from(text, 'utf8'))
      others.clear()
    },
  }
}

function vectorOf({ chunk }: DuckDBDataChunk, column: number): ReturnType<typeof duckdb.data_chunk_get_vector> {
  return duckdb.data_chunk_get_vector(chunk, column)
}

function copy(
  { buffer, byteOffset }: NodeJS.TypedArray,
  vector: ReturnType<typeof duckdb.data_chunk_get_vector>,
  bytes: number,
): void {
  duckdb.copy_data_to_vector(vector, 0, buffer as ArrayBuffer, byteOffset, bytes)
}
