import type { KeyObject } from 'node:crypto'
import type { CountryCode } from 'libphonenumber-js/min'
import { type Db, type MongoClient, MongoNetworkError } from 'mongodb'
import { eraseFromBronze, eraseFromSilver, type Person } from './erasure.ts'
import { kindOf, LingotError, reasonOf } from './errors.ts'
import { aggregateSilver, type Built, openGold } from './gold/aggregator.ts'
import type { Limits } from './machine.ts'
import type { Progress } from './progress.ts'
import { type CheckResult, gateFailure } from './quality/checks.ts'
import { type RunRecord, saveRun, silverRuns } from './quality/runs.ts'
import { checkThresholds, type Threshold, thresholds } from './quality/thresholds.ts'
import { isTransient, type RetryOptions, retried } from './retry.ts'
import type { Contract } from './silver/contract.ts'
import type { Lock } from './silver/lock.ts'
import { prepareSilver, processBronze, type Refined } from './silver/processor.ts'
import type { Pii } from './silver/pseudonym.ts'
import { lockedSilver } from './silver/recovery.ts'
import { stopwatch, type Timed } from './steps.ts'

export interface RunOptions extends RetryOptions {
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
  onProgress?: Progress
  onStep?: (step: string) => void
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
  return retried(check, options)
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
  revive: () => Promise<void>
  whenWritten: () => Promise<void>
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
    // Who waited for a server may have been taken for dead meanwhile.
    const revive = async () => {
      await options.revive?.()
      await lock.renew()
    }
    const retrying = { revive, ...(options.onNote && { onNote: options.onNote }) }
    let isSwapping = false
    const attempted = async (attempt: number) => {
      // A swap whose beginning was noted, but not answered, begins anew as well.
      if (attempt > 1) await lock.clearRemains()
      const server = await serverProcess(silver)
      const whenWritten = async () => {
        // What was written is on disk when this returns; what a server wrote that was killed before may be lost.
        await lock.renew()
        if ((await serverProcess(silver)) !== server) throw restarted()
      }
      const beforeSwap = async (refined: Record<string, Refined>) => {
        await lock.beginSwap({ ...record, finished: new Date(), outcome: 'interrupted', silver: refined })
        isSwapping = true
      }
      const { steps, timed } = stopwatch()
      record.steps = steps
      await work({ timed, signal, revive, whenWritten, beforeSwap, beforeCommit: lock.renew }, record)
    }
    try {
      const attempt = (number: number) => attempted(number).catch((error) => throwLost(lock, signal, error))
      await retried(attempt, { ...retrying, signal })
      return record
    } catch (error) {
      record.outcome = 'failed'
      record.failure = { kind: kindOf(error), message: reasonOf(error) }
      throw error
    } finally {
      record.finished = new Date()
      const save = () => saveRun(silver, record)
      await (record.outcome === 'succeeded' ? retried(save, retrying) : save())
        .then(() => (isSwapping && record.silver !== undefined ? lock.endSwap() : undefined))
        .catch((error: unknown) => {
          // When the server is gone the record cannot be kept; the failure that is on its way says so.
          if (record.outcome === 'succeeded') throw error
        })
    }
  })
}

/** What fails because another run took over says so. */
async function throwLost(lock: Lock, signal: AbortSignal, error: unknown): Promise<never> {
  if (!signal.aborted && !isTransient(error)) await lock.renew().catch(() => undefined)
  throw lock.lost.aborted ? lock.lost.reason : error
}

/** Which start of which server answers; undefined where a service does not say. */
async function serverProcess(silver: Db): Promise<string | undefined> {
  const { topologyVersion } = await silver.command({ hello: 1 })
  return topologyVersion?.processId?.toString()
}

function restarted(): LingotError {
  const cause = new MongoNetworkError('another start of the server answers')
  return new LingotError('server', 'MongoDB was started anew while silver was written.', 'Run it again.', { cause })
}
