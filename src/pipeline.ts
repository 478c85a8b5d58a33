import { ObjectId } from 'bson'
import type { CountryCode } from 'libphonenumber-js/min'
import type { MongoClient } from 'mongodb'
import { LingotError, reasonOf } from './errors.ts'
import { type Aggregated, aggregateSilver } from './gold/aggregator.ts'
import { gateFailure } from './quality/checks.ts'
import { type RunRecord, saveRun, silverRuns } from './quality/runs.ts'
import { checkThresholds, type Threshold, thresholds } from './quality/thresholds.ts'
import type { Contract } from './silver/contract.ts'
import { type Progress, processBronze, type Refined } from './silver/processor.ts'

export interface RunOptions {
  bronze: string
  silver: string
  goldSchema: string
  contracts?: readonly Contract[]
  phoneRegion?: CountryCode
  leaveOut?: readonly string[]
  thresholds?: readonly Threshold[]
  onProgress?: Progress
  onStep?: (step: string) => void
  signal?: AbortSignal
}

/** Bronze to silver. */
export function runProcessor(mongodb: MongoClient, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'process', options, async (record) => {
    record.silver = await processBronze(mongodb, { ...options, run: record._id })
  })
}

/** Silver to gold. */
export function runAggregator(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'aggregate', options, async (record) => {
    const [made] = await silverRuns(mongodb.db(options.silver), 1)
    await aggregate(mongodb, postgresUrl, options, record, made?.silver)
  })
}

/** Bronze to gold: the processor, then the aggregator. */
export function runPipeline(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'run', options, async (record) => {
    record.silver = await processBronze(mongodb, { ...options, run: record._id })
    await aggregate(mongodb, postgresUrl, options, record, record.silver)
  })
}

/** Builds gold from silver and checks it without publishing. */
export async function runChecks(mongodb: MongoClient, options: RunOptions): Promise<Aggregated> {
  const [made] = await silverRuns(mongodb.db(options.silver), 1)
  const checks = checkThresholds(options.thresholds ?? thresholds, made?.silver ?? {})
  return aggregateSilver(mongodb, '', { ...options, checks, publishing: false })
}

async function aggregate(
  mongodb: MongoClient,
  postgresUrl: string,
  options: RunOptions,
  record: RunRecord,
  silver: Record<string, Refined> = {},
): Promise<void> {
  const checks = checkThresholds(options.thresholds ?? thresholds, silver)
  const { published, ...made } = await aggregateSilver(mongodb, postgresUrl, { ...options, checks })
  Object.assign(record, published ? made : { checks: made.checks })
  const failure = gateFailure(made.checks)
  if (failure !== undefined) throw failure
}

/** Does the work and keeps its record, whether it succeeds or fails. */
async function recorded(
  mongodb: MongoClient,
  command: RunRecord['command'],
  { silver }: RunOptions,
  work: (record: RunRecord) => Promise<void>,
): Promise<RunRecord> {
  const started = new Date()
  const record: RunRecord = { _id: new ObjectId(), command, started, finished: started, outcome: 'succeeded' }
  try {
    await work(record)
    return record
  } catch (error) {
    record.outcome = 'failed'
    const kind = error instanceof LingotError ? error.kind : 'bug'
    record.failure = { kind, message: reasonOf(error) }
    throw error
  } finally {
    record.finished = new Date()
    // When the server is gone the record cannot be kept; the failure that is on its way says so.
    await saveRun(mongodb.db(silver), record).catch((error: unknown) => {
      if (record.outcome === 'succeeded') throw error
    })
  }
}
