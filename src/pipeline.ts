import type { KeyObject } from 'node:crypto'
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
import { retried } from './retry.ts'
import type { Contract } from './silver/contract.ts'
import { prepareSilver, processBronze, type Refined } from './silver/processor.ts'
import type { Pii } from './silver/pseudonym.ts'
import { lockedSilver } from './silver/recovery.ts'
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
  /** Leaves at once where another run changes silver. */
  noWait?: boolean
  /** Brings back a server that went away, before the work is tried again. */
  revive?: () => Promise<unknown>
  onProgress?: Progress
  onStep?: (step: string) => void
  /** Told why the work waits. */
  onNote?: (note: string) => void
  signal?: AbortSignal
}

/** Bronze to silver. */
export function runProcessor(mongodb: MongoClient, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'process', options, async (hooks, record) => {
    record.silver = await processBronze(mongodb, { ...options, ...hooks, run: record._id })
  })
}

/** Silver to gold. */
export function runAggregator(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'aggregate', options, async (hooks, record) => {
    const known = await silverChecks(mongodb, options)
    keep(record, await aggregateSilver(mongodb, postgresUrl, { ...options, ...hooks }, known))
  })
}

/**
 * Bronze to gold in one pass: each clean document goes to silver and into the models at once, which gives what the
 * processor and the aggregator give one after the other. Both layers are swapped in at the very end, within
 * milliseconds.
 */
export function runPipeline(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'run', options, async (hooks, record) => {
    const gold = await openGold(postgresUrl, { ...options, ...hooks })
    try {
      const silver = await prepareSilver(mongodb, { ...options, ...hooks, run: record._id, feeds: gold.feeds })
      const swapIn = async () => {
        await silver.swapIn()
        record.silver = silver.refined
      }
      try {
        const built = await gold.build(checkThresholds(options.thresholds ?? thresholds, silver.refined))
        if (built.sound) await gold.publish(swapIn)
        else await swapIn()
        keep(record, built)
      } finally {
        await silver.drop()
      }
    } finally {
      await gold.close()
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
  return recorded(mongodb, 'erase', options, async (hooks, record) => {
    const { timed } = hooks
    const erased = await timed('erase from silver', () => eraseFromSilver(mongodb, person, options))
    record.erasure = erased
    const known = await silverChecks(mongodb, options)
    keep(record, await aggregateSilver(mongodb, postgresUrl, { ...options, ...hooks }, known))
    if (options.fromBronze) {
      erased.bronze = await timed('erase from bronze', () => eraseFromBronze(mongodb, person, options))
    }
  })
}

/** Builds gold from silver and checks it without publishing. */
export async function runChecks(mongodb: MongoClient, options: RunOptions): Promise<Built> {
  const check = async () => aggregateSilver(mongodb, undefined, options, await silverChecks(mongodb, options))
  return retried(check, options.signal)
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

/** What work is done with, beside its options. */
interface Hooks {
  timed: Timed
  signal: AbortSignal
  beforeSwap: (refined: Record<string, Refined>) => Promise<void>
  beforeCommit: () => Promise<void>
}

/**
 * Does the work while nobody else changes silver, anew where a server went away, and keeps its record, whether it
 * succeeds or fails.
 */
async function recorded(
  mongodb: MongoClient,
  command: RunRecord['command'],
  options: RunOptions,
  work: (hooks: Hooks, record: RunRecord) => Promise<void>,
): Promise<RunRecord> {
  const silver = mongodb.db(options.silver)
  return lockedSilver(silver, command, options, async (lock, run) => {
    const signal = AbortSignal.any([lock.lost, ...(options.signal ? [options.signal] : [])])
    const started = new Date()
    const record: RunRecord = { _id: run, command, started, finished: started, outcome: 'succeeded', steps: [] }
    let isSwapping = false
    const beforeSwap = async (refined: Record<string, Refined>) => {
      await lock.beginSwap({ ...record, finished: new Date(), outcome: 'interrupted', silver: refined })
      isSwapping = true
    }
    try {
      await retried(
        async (attempt) => {
          if (attempt > 1) {
            await options.revive?.()
            await lock.renew()
          }
          const { steps, timed } = stopwatch()
          record.steps = steps
          await work({ timed, signal, beforeSwap, beforeCommit: lock.renew }, record)
        },
        signal,
        (reason) => options.onNote?.(`${reason}. Trying again.`),
      )
      return record
    } catch (error) {
      record.outcome = 'failed'
      const kind = error instanceof LingotError ? error.kind : 'bug'
      record.failure = { kind, message: reasonOf(error) }
      throw error
    } finally {
      record.finished = new Date()
      await saveRun(silver, record)
        .then(() => (isSwapping && record.silver !== undefined ? lock.endSwap() : undefined))
        .catch((error: unknown) => {
          // When the server is gone the record cannot be kept; the failure that is on its way says so.
          if (record.outcome === 'succeeded') throw error
        })
    }
  })
}
