import { ObjectId } from 'bson'
import { type Document, MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, inject } from 'vitest'
import { runOnSpark, type SparkRun } from '../../../src/engines/spark/engine.ts'
import { readModels } from '../../../src/gold/models.ts'
import { writePieces } from '../../../src/history/entries.ts'
import type { RunRecord } from '../../../src/runs/record.ts'
import { type Config, configOf, loadConfig, type ReadSettings } from '../../../src/settings/config.ts'
import { portions } from '../../../src/system/portions.ts'
import { workFolder } from '../../process.ts'
import { runPipeline } from '../../run.ts'
import type { TestCluster } from './cluster.ts'

/** What one engine makes of a bronze that both read. */
export interface Layer {
  silver: string
  goldSchema: string
}

/** How a job is submitted, and how it divides its work. */
export type JobOptions = Partial<SparkRun & Pick<Config, 'portions'>>

/** Parts of 50 documents, and seven buckets. */
export const SMALL: JobOptions = {
  sizes: { part: 50, settled: 300, bucket: 50, worthSharing: 1 },
  portions: { ...portions, documents: 50, buckets: 7 },
}

/** Divides what would be too small to be divided: into some twelve parts, three tasks that settle, and seven buckets. */
export const DIVIDED = { part: 4000, settled: 16_000, bucket: 6500, worthSharing: 2000 }

/** Two engines over one bronze. */
export interface Layers {
  client: MongoClient
  bronze: string
  local: Layer
  spark: Layer
  /** By the settings of a configuration file, or by none. */
  runLocally: (settings?: ReadSettings) => Promise<RunRecord>
  runOn: (cluster: TestCluster, options?: JobOptions, settings?: ReadSettings) => Promise<RunRecord>
  /** Every cell of a layer: silver and the quarantine document by document, gold row by row. */
  contents: (layer: Layer) => Promise<Record<string, string[]>>
  /** Makes what a job leaves that dies. */
  leaveBehind: (layer: Layer) => Promise<void>
  /** What a job keeps while it runs: nothing of it may stay. */
  leftOvers: (layer: Layer) => Promise<string[]>
}

const exactly = { promoteValues: false, bsonRegExp: true, raw: true }

/** Databases and schemas of their own for the tests of a file. */
export function useLayers(): () => Layers {
  let layers: Layers | undefined
  let postgres: pg.Pool
  const id = new ObjectId().toHexString()
  const bronze = `bronze_${id}`
  const local = { silver: `silver_${id}_local`, goldSchema: `gold_${id}_local` }
  const spark = { silver: `silver_${id}_spark`, goldSchema: `gold_${id}_spark` }

  beforeAll(async () => {
    const client = await MongoClient.connect(inject('mongodbUri'))
    postgres = new pg.Pool({
      connectionString: inject('postgresUrl'),
      types: { getTypeParser: () => (text: string) => text },
    })
    const config = await loadConfig(workFolder(), {})
    layers = {
      ...{ client, bronze, local, spark },
      runLocally: async (settings) =>
        runPipeline(client, inject('postgresUrl'), {
          ...(await configOf(settings, {})),
          ...{ bronze, acceptShrink: settings !== undefined },
          ...local,
        }),
      runOn: async (cluster, { portions = config.portions, ...options } = {}, settings = undefined) =>
        runOnSpark(
          client,
          {
            ...config,
            ...(settings && (await configOf(settings, {}))),
            portions,
            bronze,
            ...spark,
            home: cluster.home,
          },
          {
            command: 'run',
            spark: cluster.spark,
            ...{ noWait: true, acceptShrink: false, takeOver: false, prune: false },
            master: undefined,
            args: [],
            mongodbUri: inject('mongodbUri'),
            postgresUrl: inject('postgresUrl'),
            signal: new AbortController().signal,
            onProgress: () => undefined,
            onStep: () => undefined,
            onNote: () => undefined,
            ...options,
          },
        ),
      async contents({ silver, goldSchema }) {
        const contents: Record<string, string[]> = {}
        for (const name of ['customers', 'transactions', 'campaigns', 'redemptions', 'coupons']) {
          const documents = client.db(silver).collection(name).find<Buffer>({}, exactly)
          contents[name] = (await documents.toArray()).map((document) => document.toString('hex')).sort()
        }
        const quarantine = await client.db(silver).collection('quarantine').find({}, { promoteValues: false }).toArray()
        contents['quarantine'] = quarantine.map(withoutRun).sort()
        for (const { name } of readModels()) {
          if (name === 'gold_run') continue
          // A shop may do without what a table is of.
          const { rows: there } = await postgres.query('select 1 where to_regclass($1) is not null', [
            `${goldSchema}.${name}`,
          ])
          if (there.length === 0) continue
          const { rows } = await postgres.query<{ row: string }>(
            `select t::text as row from ${goldSchema}.${name} as t`,
          )
          contents[name] = rows.map(({ row }) => row).sort()
        }
        return contents
      },
      async leaveBehind({ silver }) {
        const dead = new ObjectId().toHexString()
        await client.db(silver).collection(`job.${dead}`).insertOne({})
        await client.db(silver).collection(`job.${dead}.customers`).insertOne({})
        const of = { run: new ObjectId(dead), collection: 'customers', what: 'met' } as const
        await writePieces(client.db(silver), of, [Buffer.of(0)])
      },
      async leftOvers({ silver }) {
        const collections = await client.db(silver).listCollections({}, { nameOnly: true }).toArray()
        const kept = await client.db(silver).collection('history.runs').distinct('_id')
        const unkept = await Promise.all(
          ['history.fingerprints', 'history.changes'].map((name) => {
            return client
              .db(silver)
              .collection(name)
              .distinct('_id.run', { '_id.run': { $nin: kept } })
          }),
        )
        return [
          ...collections.map(({ name }) => name).filter((name) => /^(next|job)[.]/.test(name)),
          ...unkept.flat().map(String),
        ]
      },
    }
  })
  afterAll(async () => {
    if (layers === undefined) return
    for (const name of [bronze, local.silver, spark.silver]) await layers.client.db(name).dropDatabase()
    for (const { goldSchema } of [local, spark]) await postgres.query(`drop schema if exists ${goldSchema} cascade`)
    await postgres.end()
    await layers.client.close()
  })
  return () => {
    if (layers === undefined) throw new Error('the layers are there once the tests have begun')
    return layers
  }
}

function withoutRun({ _id, run, ...document }: Document): string {
  return JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}
