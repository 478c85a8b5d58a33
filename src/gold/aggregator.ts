import type { MongoClient } from 'mongodb'
import pg from 'pg'
import { LingotError, reasonOf } from '../errors.ts'
import { type CheckResult, checkModel } from '../quality/checks.ts'
import type { ReconciliationPart } from '../quality/runs.ts'
import type { Contract } from '../silver/contract.ts'
import { contracts as standard } from '../silver/contracts.ts'
import { readModels } from './models.ts'
import { publish } from './publish.ts'
import { openWarehouse } from './warehouse.ts'

export interface AggregateOptions {
  silver: string
  goldSchema: string
  contracts?: readonly Contract[]
  /** Statuses of sales whose revenue does not count; none if not given. */
  leaveOut?: readonly string[]
  /** What is known about silver's quality already; an error among it keeps the old gold. */
  checks?: readonly CheckResult[]
  /** Where false, gold is built and checked but not published. */
  publishing?: boolean
  onStep?: (step: string) => void
  signal?: AbortSignal
}

export interface Aggregated {
  /** Rows of each table. */
  gold: Record<string, number>
  reconciliation: ReconciliationPart[]
  checks: CheckResult[]
  /** Whether the tables were swapped in: a failed check of severity error keeps the old ones. */
  published: boolean
}

/** Mission 2: loads silver into DuckDB, runs the SQL models there, checks their tables, publishes them to PostgreSQL. */
export async function aggregateSilver(
  mongodb: MongoClient,
  postgresUrl: string,
  options: AggregateOptions,
): Promise<Aggregated> {
  const { silver, goldSchema, contracts = standard, leaveOut = [], checks: known = [], publishing = true } = options
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
  const step = (name: string) => {
    options.signal?.throwIfAborted()
    options.onStep?.(name)
  }
  const warehouse = await openWarehouse({ leaveOut })
  try {
    for (const contract of contracts) {
      step(`loading ${contract.collection}`)
      await warehouse.load(mongodb, db.collection(contract.collection), contract, models)
    }
    const tables = []
    for (const model of models) {
      step(`building ${model.name}`)
      tables.push(await warehouse.build(model))
    }
    const checks = [...known]
    for (const model of models) {
      step(`checking ${model.name}`)
      checks.push(...(await checkModel(model, warehouse.query, contracts)))
    }
    const published = publishing && checks.every(({ passed, severity }) => passed || severity !== 'error')
    if (published) {
      step('publishing')
      const client = await connect(postgresUrl)
      try {
        await publish(client, goldSchema, tables, warehouse)
      } finally {
        await client.end().catch(() => undefined)
      }
    }
    const reconciliation = (await warehouse.query(
      `select gold_table, part, in_table, transactions, cast(revenue as varchar) as revenue, amount_unknown
       from reconciliation order by gold_table, part`,
    )) as unknown as ReconciliationPart[]
    return {
      gold: Object.fromEntries(tables.map(({ model, rows }) => [model.name, rows])),
      reconciliation,
      checks,
      published,
    }
  } finally {
    warehouse.close()
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
