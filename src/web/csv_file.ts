import { stringify } from 'csv-stringify/sync'
import type { GoldQuery, GoldReader } from '../postgres/reader.ts'
import { csvSettings } from './csv.ts'

/** Rows that are read, written and sent at a time. */
const PORTION = 2000

/** All rows of a query as CSV, read as fast as they are taken; returns when the first are there. */
export function csvFile(
  reader: GoldReader,
  make: (query: GoldQuery) => Promise<{ text: string; values: (string | null)[] }>,
): Promise<ReadableStream<Uint8Array>> {
  return new Promise((resolve, reject) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const encoder = new TextEncoder()
    const send = async (query: GoldQuery) => {
      const { text, values } = await make(query)
      await query(`declare file no scroll cursor for\n${text}`, values)
      for (let header = true; ; header = false) {
        const { columns, rows } = await query(`fetch forward ${PORTION} from file`)
        resolve(readable)
        await writer.write(encoder.encode(stringify(rows, { header, ...csvSettings(columns) })))
        if (rows.length < PORTION) return writer.close()
      }
    }
    // Who goes away meanwhile has the cursor closed.
    reader.read(send).catch((error: unknown) => {
      reject(error)
      writer.abort(error).catch(() => undefined)
    })
  })
}
