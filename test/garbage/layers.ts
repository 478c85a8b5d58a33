/** The layers of a test's own on the real servers: bronze written byte by byte, silver and gold read as they are stored. */
import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { contracts } from '../../src/contracts/contracts.ts'
import type { Row } from '../oracle/documents.ts'
import { documentOf, insertBytes, readBytes } from './bson.ts'
import { type Draft, withId } from './documents.ts'

export interface Layers {
  client: MongoClient
  postgresUrl: string
  names: { bronze: string; silver: string; goldSchema: string }
  /** Replaces a bronze collection, and gives how many documents the server took. */
  fill: (collection: string, documents: readonly Uint8Array[]) => Promise<number>
  /** The documents of a collection of bronze or silver, in the server's order of `_id`. */
  stored: (layer: 'bronze' | 'silver', collection: string) => Promise<Uint8Array[]>
  /** The rows of a gold table, every value as its text. */
  gold: (table: string) => Promise<Row[]>
  close: () => Promise<void>
}

export async function openLayers(mongodbUri: string, postgresUrl: string): Promise<Layers> {
  const id = new ObjectId().toHexString()
  const names = { bronze: `bronze_${id}`, silver: `silver_${id}`, goldSchema: `gold_${id}` }
  const client = await MongoClient.connect(mongodbUri)
  const postgres = new pg.Client({
    connectionString: postgresUrl,
    types: { getTypeParser: () => (text: string) => text },
  })
  await postgres.connect()
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
    gold: async (table) => (await postgres.query<Row>(`select * from ${names.goldSchema}.${table}`)).rows,
    async close() {
      await client.db(names.bronze).dropDatabase()
      await client.db(names.silver).dropDatabase()
      await postgres.query(`drop schema if exists ${names.goldSchema} cascade`)
      await postgres.end()
      await client.close()
    },
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
