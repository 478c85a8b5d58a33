/** The layers of a test's own on the real servers: bronze written byte by byte, silver and gold read as they are stored. */
import { contracts } from '../../src/contracts/contracts.ts'
import type { Row } from '../oracle/documents.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { documentOf, insertBytes, readBytes } from './bson.ts'
import { type Draft, withId } from './documents.ts'

export interface Layers extends Pick<Place, 'client' | 'postgresUrl' | 'names'> {
  /** Replaces a bronze collection, and gives how many documents the server took. */
  fill: (collection: string, documents: readonly Uint8Array[]) => Promise<number>
  /** The documents of a collection of bronze or silver, in the server's order of `_id`. */
  stored: (layer: 'bronze' | 'silver', collection: string) => Promise<Uint8Array[]>
  /** The rows of a gold table, every value as its text. */
  gold: (table: string) => Promise<Row[]>
  close: () => Promise<void>
}

export async function openLayers(): Promise<Layers> {
  const { client, postgresUrl, names, gold, leave } = await openPlace()
  return {
    client,
    postgresUrl,
    names,
    async fill(collection, documents) {
      const bronze = client.db(names.bronze).collection(collection)
      await bronze.drop()
      await insertBytes(client, { database: names.bronze, collection }, documents)
      return bronze.countDocuments()
    },
    stored: (layer, collection) => readBytes(client, { database: names[layer], collection }),
    gold: (table) => gold(`select * from ${table}`),
    close: leave,
  }
}

/** Documents by collection, each with an `_id`; of two with one `_id` MongoDB takes the first. */
export type Written = Record<string, { id: unknown; fields: Draft }[]>

/** Fills bronze, and makes sure that much of it is there. */
export async function fillBronze({ fill }: Layers, written: Written): Promise<void> {
  for (const { collection } of contracts) {
    const documents = (written[collection] ?? []).map(({ id, fields }) => documentOf(withId(id, fields).list))
    const taken = await fill(collection, documents)
    if (taken < documents.length / 3) throw new Error(`MongoDB took ${taken} of ${documents.length} ${collection}`)
  }
}
