import type { Db, MongoClient } from 'mongodb'
import type pg from 'pg'
import { readRaw } from '../bronze/source.ts'
import { postgresClient } from '../connection.ts'
import { LingotError, reasonOf } from '../errors.ts'
import { type Limits, machineLimits } from '../machine.ts'
import type { Progress } from '../progress.ts'
import { type CheckResult, checkModel } from '../quality/checks.ts'
import type { ReconciliationPart } from '../quality/runs.ts'
import type { Contract } from '../silver/contract.ts'
import { contracts as standard } from '../silver/contracts.ts'
import { silverReader } from '../silver/schema.ts'
import { type Timed, untimed } from '../steps.ts'
import type { WarehouseFeed } from './feed.ts'
import { readModels } from './models.ts'
import { publish } from './publish.ts'
import { type GoldTable, openWarehouse, type Warehouse } from './warehouse.ts'

export interface AggregateOptions {
  silver: string
  goldSchema: string
  contracts?: readonly Contract[]
  /** Statuses of sales whose revenue does not count; none if not given. */
  leaveOut?: readonly string[]
  /** What the models may use; what fits the machine if not given. */
  limits?: Limits
  timed?: Timed
  onProgress?: Progress
  onStep?: (step: string) => void
  signal?: AbortSignal
}

export interface Built {
  /** Rows of each table. */
  gold: Record<string, number>
  reconciliation: ReconciliationPart[]
  checks: CheckResult[]
  /** Whether the tables may be published: no check of severity error failed. */
  sound: boolean
}

/**
 * Mission 2: loads silver into DuckDB, runs the SQL models there, checks their tables, publishes them to PostgreSQL.
 *
 * `known` are checks that silver has gone through already. A failed check of severity error, or no address to publish
 * to, leaves the old tables in place.
 */
export async function aggregateSilver(
  mongodb: MongoClient,
  postgresUrl: string | undefined,
  options: AggregateOptions,
  known: readonly CheckResult[] = [],
): Promise<Built> {
  const { silver, contracts = standard, timed = untimed } = options
  const db = mongodb.db(silver)
  await refuseMissing(db, contracts)
  const gold = await openGold(options)
  try {
    for (const { collection } of contracts) {
      const feed = gold.feeds[collection] as WarehouseFeed
      const read = silverReader(feed.columns)
      const selection = {
        projection: Object.fromEntries(['_id', ...feed.columns].map((name) => [name, name === '_id' ? 0 : 1])),
        ...(feed.inOrder && { sort: { _id: 1 } }),
      }
      await timed(`load ${collection}`, async () => {
        const total = await db.collection(collection).estimatedDocumentCount()
        let done = 0
        for await (const batch of readRaw(mongodb, db.collection(collection), selection)) {
          options.signal?.throwIfAborted()
          for (const document of batch) feed.add(read(document))
          done += batch.length
          options.onProgress?.(collection, done, Math.max(done, total))
        }
      })
    }
    const built = await gold.build(known)
    if (built.sound && postgresUrl !== undefined) await gold.publish(postgresUrl)
    return built
  } finally {
    gold.close()
  }
}

/** Gold in the making: fed with the documents of silver, then built and checked, then published. */
export interface GoldInTheMaking {
  feeds: Warehouse['feeds']
  /** Runs the models and the checks; `known` are those that silver has gone through already. */
  build: (known: readonly CheckResult[]) => Promise<Built>
  /** Swaps the tables in; `beforeCommit` runs when nothing but the last step is left. */
  publish: (postgresUrl: string, beforeCommit?: () => Promise<void>) => Promise<void>
  close: () => void
}

export async function openGold(options: AggregateOptions): Promise<GoldInTheMaking> {
  const { goldSchema, contracts = standard, leaveOut = [], limits = machineLimits(), timed = untimed } = options
  const models = readModels()
  const step = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    options.signal?.throwIfAborted()
    options.onStep?.(name)
    return timed(name, work)
  }
  const warehouse = await openWarehouse({ contracts, models, leaveOut, limits })
  const tables: GoldTable[] = []
  return {
    feeds: warehouse.feeds,
    async build(known) {
      await step('finish loading', () => warehouse.loaded())
      for (const model of models) {
        tables.push(await step(`build ${model.name}`, () => warehouse.build(model)))
      }
      const checks = [...known]
      await step('check gold', async () => {
        for (const model of models) checks.push(...(await checkModel(model, warehouse.query, contracts)))
      })
      const reconciliation = (await warehouse.query(
        `select gold_table, part, in_table, transactions, cast(revenue as varchar) as revenue, amount_unknown
         from reconciliation order by gold_table, part`,
      )) as unknown as ReconciliationPart[]
      return {
        gold: Object.fromEntries(tables.map(({ model, rows }) => [model.name, rows])),
        reconciliation,
        checks,
        sound: checks.every(({ passed, severity }) => passed || severity !== 'error'),
      }
    },
    async publish(postgresUrl, beforeCommit) {
      const client = await connect(postgresUrl)
      try {
        await step('publish gold', () => publish(client, goldSchema, tables, warehouse, beforeCommit))
      } finally {
        await client.end().catch(() => undefined)
      }
    },
    close: warehouse.close,
  }
}

async function refuseMissing(silver: Db, contracts: readonly Contract[]): Promise<void> {
  const existing = new Set((await silver.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name))
  for (const { collection } of contracts) {
    if (existing.has(collection)) continue
    throw new LingotError(
      'data',
      `${silver.databaseName} has no collection ${collection}.`,
      'Make silver first: `lingot process`.',
    )
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = postgresClient(url, { connectionTimeoutMillis: 5000 })
  try {
    await client.connect()
  } catch (error) {
    throw new LingotError('server', `PostgreSQL does not answer: ${reasonOf(error)}.`, 'Check `lingot doctor`.', {
      cause: error,
    })
  }
  return client
}
