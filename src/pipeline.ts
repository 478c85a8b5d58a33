import type { KeyObject } from 'node:crypto'
import { ObjectId } from 'bson'
import type { CountryCode } from 'libphonenumber-js/min'
import type { MongoClient } from 'mongodb'
import { eraseFromBronze, eraseFromSilver, type Person } from './erasure.ts'
import { LingotError, reasonOf } from './errors.ts'
import { aggregateSilver, type Built, openGold } from './gold/aggregator.ts'
import type { Limits } from './machine.ts'
import type { Progress } from './progress.ts'
import { type CheckResult, gateFailure } from './quality/checks.ts'
import { type RunRecord, saveRun, silverRuns } from './quality/runs.ts'
import { checkThresholds, type Threshold, thresholds } from './quality/thresholds.ts'
import type { Contract } from './silver/contract.ts'
import { prepareSilver, processBronze } from './silver/processor.ts'
import type { Pii } from './silver/pseudonym.ts'
import { stopwatch, type Timed } from './steps.ts'

export interface RunOptions {
  bronze: string
  silver: string
  goldSchema: string
  contracts?: readonly Contract[]
  phoneRegion?: CountryCode
  pii?: Pii
  erasureKey?: KeyObject | undefined
  leaveOut?: readonly string[]
  thresholds?: readonly Threshold[]
  limits?: Limits
  onProgress?: Progress
  onStep?: (step: string) => void
  signal?: AbortSignal
}

/** Bronze to silver. */
export function runProcessor(mongodb: MongoClient, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'process', options, async (record, timed) => {
    record.silver = await processBronze(mongodb, { ...options, timed, run: record._id })
  })
}

/** Silver to gold. */
export function runAggregator(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'aggregate', options, async (record, timed) => {
    const known = await silverChecks(mongodb, options)
    keep(record, await aggregateSilver(mongodb, postgresUrl, { ...options, timed }, known))
  })
}

/**
 * Bronze to gold in one pass: each clean document goes to silver and into the models at once, which gives what the
 * processor and the aggregator give one after the other. Silver's last indexes are built beside the models, and both
 * layers are swapped in at the very end, one right after the other.
 */
export function runPipeline(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'run', options, async (record, timed) => {
    const gold = await openGold({ ...options, timed })
    try {
      const silver = await prepareSilver(mongodb, { ...options, timed, run: record._id, feeds: gold.feeds })
      const swapIn = async () => {
        await silver.swapIn()
        record.silver = silver.refined
      }
      try {
        const built = await gold.build(checkThresholds(options.thresholds ?? thresholds, silver.refined))
        if (built.sound) await gold.publish(postgresUrl, swapIn)
        else await swapIn()
        keep(record, built)
      } finally {
        await silver.drop()
      }
    } finally {
      gold.close()
    }
  })
}

/**
 * Takes a person out of silver, then out of gold, which is made anew from it, and last, where that is wanted, out of
 * bronze. Wherever it is interrupted it can be run again.
 */
export function runErasure(
  mongodb: MongoClient,
  postgresUrl: string,
  person: Person,
  options: RunOptions & { fromBronze: boolean },
): Promise<RunRecord> {
  return recorded(mongodb, 'erase', options, async (record, timed) => {
    const erased = await timed('erase from silver', () => eraseFromSilver(mongodb, person, options))
    record.erasure = erased
    const known = await silverChecks(mongodb, options)
    keep(record, await aggregateSilver(mongodb, postgresUrl, { ...options, timed }, known))
    if (options.fromBronze) {
      erased.bronze = await timed('erase from bronze', () => eraseFromBronze(mongodb, person, options))
    }
  })
}

/** Builds gold from silver and checks it without publishing. */
export async function runChecks(mongodb: MongoClient, options: RunOptions): Promise<Built> {
  return aggregateSilver(mongodb, undefined, options, await silverChecks(mongodb, options))
}

/** How the silver in place does against the thresholds. */
async function silverChecks(mongodb: MongoClient, options: RunOptions): Promise<CheckResult[]> {
  const [made] = await silverRuns(mongodb.db(options.silver), 1)
  return checkThresholds(options.thresholds ?? thresholds, made?.silver ?? {})
}

/** Notes what became of gold; a failed gate keeps the old one, and is thrown. */
function keep(record: RunRecord, { gold, reconciliation, checks }: Built): void {
  record.checks = checks
  const failure = gateFailure(checks)
  if (failure !== undefined) throw failure
  Object.assign(record, { gold, reconciliation })
}

/** Does the work and keeps its record, whether it succeeds or fails. */
async function recorded(
  mongodb: MongoClient,
  command: RunRecord['command'],
  { silver }: RunOptions,
  work: (record: RunRecord, timed: Timed) => Promise<void>,
): Promise<RunRecord> {
  const started = new Date()
  const { steps, timed } = stopwatch()
  const record: RunRecord = { _id: new ObjectId(), command, started, finished: started, outcome: 'succeeded', steps }
  try {
    await work(record, timed)
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
