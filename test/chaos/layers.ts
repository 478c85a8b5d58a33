import { type Document, ObjectId } from 'bson'
import { type Db, MongoClient } from 'mongodb'
import pg from 'pg'
import { inject } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { runsOf } from '../../src/runs/ownership.ts'
import { keepLayers } from '../kept.ts'
import type { Settings } from '../process.ts'
import { type Contents, goldContents, silverContents, silverNames } from './contents.ts'

/** Layers of a test's own on the servers of the tests, with two bronzes of different content. */
export interface Layers {
  client: MongoClient
  silver: Db
  postgresUrl: string
  names: { bronze: string; otherBronze: string; silver: string; goldSchema: string; takeOver: true }
  settings: Settings
  /** Settings that name the other bronze. */
  otherSettings: Settings
  contents: () => Promise<{ silver: Contents; gold: Contents }>
  /** The runs that made silver's collections. */
  runs: () => Promise<(string | null)[]>
  lock: () => Promise<Document | null>
  /** Collections that are being written beside silver. */
  staged: () => Promise<string[]>
  /** Keeps silver and gold as they are now; what it gives puts them back. */
  keep: () => Promise<() => Promise<void>>
  close: () => Promise<void>
}

export async function openLayers(): Promise<Layers> {
  const id = new ObjectId().toHexString()
  const names = {
    bronze: `bronze_${id}`,
    otherBronze: `other_${id}`,
    silver: `silver_${id}`,
    goldSchema: `gold_${id}`,
    takeOver: true as const,
  }
  const postgresUrl = inject('postgresUrl')
  const client = await MongoClient.connect(inject('mongodbUri'))
  const postgres = new pg.Client({ connectionString: postgresUrl })
  await postgres.connect()
  await generate(client, { database: names.bronze, seed: 1, scale: 0.03 })
  await generate(client, { database: names.otherBronze, seed: 2, scale: 0.03 })
  const silver = client.db(names.silver)
  const settings = {
    MONGODB_URI: inject('mongodbUri'),
    POSTGRES_URL: postgresUrl,
    LINGOT_BRONZE_DB: names.bronze,
    LINGOT_SILVER_DB: names.silver,
    LINGOT_GOLD_SCHEMA: names.goldSchema,
  }
  return {
    client,
    silver,
    postgresUrl,
    names,
    settings,
    otherSettings: { ...settings, LINGOT_BRONZE_DB: names.otherBronze },
    contents: async () => ({
      silver: await silverContents(silver),
      gold: await goldContents(postgres, names.goldSchema),
    }),
    runs: async () => [...new Set((await runsOf(silver, silverNames)).values())],
    lock: () => silver.collection('lock').findOne(),
    staged: async () => (await silver.listCollections({ name: /^next\./ }).toArray()).map(({ name }) => name),
    keep: () => keepLayers(client, (sql) => postgres.query(sql), names),
    async close() {
      for (const name of [names.bronze, names.otherBronze, names.silver]) await client.db(name).dropDatabase()
      await postgres.query(`drop schema if exists ${names.goldSchema} cascade`)
      await postgres.end()
      await client.close()
    },
  }
}
