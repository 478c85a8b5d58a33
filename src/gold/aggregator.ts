import type { MongoClient } from 'mongodb'
import pg from 'pg'
import { LingotError, reasonOf } from '../errors.ts'
import { contracts } from '../silver/processor.ts'
import { readModels } from './models.ts'
import { publish } from './publish.ts'
import { openWarehouse } from './warehouse.ts'

export interface AggregateOptions {
  silver: string
  goldSchema: string
  onStep?: (step: string) => void
  signal?: AbortSignal
}

/**
 * Mission 2: loads silver into DuckDB, runs the SQL models there, publishes their tables to PostgreSQL.
 *
 * @returns the number of rows of each gold table
 */
export async function aggregateSilver(
  mongodb: MongoClient,
  postgresUrl: string,
  { silver, goldSchema, onStep, signal }: AggregateOptions,
): Promise<Record<string, number>> {
  const db = mongodb.db(silver)
  const existing = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name))
  for (const { collection } of contracts) {
    if (!existing.has(collection)) {
      throw new LingotError(
        'data',
        `${silver} has no collection ${collection}.`,
        'Make silver first: `lingot process`.',
      )
    }
  }

  const models = readModels()
  const [warehouse, client] = await Promise.all([openWarehouse(), connect(postgresUrl)])
  try {
    for (const contract of contracts) {
      signal?.throwIfAborted()
      onStep?.(`loading ${contract.collection}`)
      await warehouse.load(db.collection(contract.collection), contract, models)
    }
    const tables = []
    for (const model of models) {
      signal?.throwIfAborted()
      onStep?.(`building ${model.name}`)
      tables.push(await warehouse.build(model))
    }
    onStep?.('publishing')
    await publish(client, goldSchema, tables, warehouse)
    return Object.fromEntries(tables.map(({ model, rows }) => [model.name, rows]))
  } finally {
    warehouse.close()
    await client.end().catch(() => undefined)
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'lingot', connectionTimeoutMillis: 5000 })
  // A connection that breaks while idle is met at the next query; without a listener it would end the process.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    throw new LingotError('server', `PostgreSQL does not answer: ${reasonOf(error)}.`, 'Check `lingot doctor`.', {
      cause: error,
    })
  }
  return client
}
