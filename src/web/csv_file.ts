import { stringify } from 'csv-stringify/sync'
import type { GoldQuery, GoldReader } from '../postgres/reader.ts'
import { reasonOf } from '../system/errors.ts'
import type { Rows } from './api.ts'
import { csvSettings } from './csv.ts'

/** Rows that are read, written and sent at a time. */
const PORTION = 2000

/** Gives so many of the rows that come next; fewer are the last ones. */
export type Fetch = (rows: number) => Promise<Rows>

/** All rows of a query as CSV, read as fast as they are taken; returns when the first are there. */
export function csvFile(
  reader: GoldReader,
  make: (query: GoldQuery) => Promise<{ text: string; values: (string | null)[] }>,
): Promise<ReadableStream<Uint8Array>> {
  return csvOf((send) =>
    reader.read(async (query) => {
      const { text, values } = await make(query)
      await query(`declare file no scroll cursor for\n${text}`, values)
      await send((rows) => query(`fetch forward ${rows} from file`))
    }),
  )
}

/** What `read` fetches as CSV, as fast as it is taken; returns when the first rows are there. */
export function csvOf(
  read: (send: (fetch: Fetch) => Promise<void>) => Promise<void>,
): Promise<ReadableStream<Uint8Array>> {
  return new Promise((resolve, reject) => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const writer = writable.getWriter()
    const encoder = new TextEncoder()
    const send = async (fetch: Fetch) => {
      for (let header = true; ; header = false) {
        const { columns, rows } = await fetch(PORTION)
        resolve(readable)
        await writer.write(encoder.encode(stringify(rows, { header, ...csvSettings(columns) })))
        if (rows.length < PORTION) return writer.close()
      }
    }
    // Who goes away meanwhile has the cursor closed.
    read(send).catch((error: unknown) => {
      reject(error)
      // The server writes it on its terminal: without what caused it, which may quote a value.
      writer.abort(new Error(reasonOf(error))).catch(() => undefined)
    })
  })
}
