import type { KeyObject } from 'node:crypto'
import type { CountryCode } from 'libphonenumber-js/min'
import type { MongoClient } from 'mongodb'
import { eraseFromBronze, eraseFromSilver, type Person } from './erasure.ts'
import { aggregateSilver, type Built, openGold } from './gold/aggregator.ts'
import type { Limits } from './machine.ts'
import type { Progress } from './progress.ts'
import { type RunRecord, silverChecks } from './quality/runs.ts'
import { checkThresholds, type Threshold, thresholds } from './quality/thresholds.ts'
import { keepGold, recorded } from './recorded.ts'
import { type RetryOptions, retried } from './retry.ts'
import type { Contract } from './silver/contract.ts'
import { prepareSilver, processBronze } from './silver/processor.ts'
import type { Pii } from './silver/pseudonym.ts'

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
    const known = await silverChecks(mongodb.db(options.silver), options.thresholds)
    keepGold(record, await aggregateSilver(mongodb, postgresUrl, { ...options, ...hooks }, known))
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
        keepGold(record, built)
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
    await hooks.whenWritten()
    record.erasure = erased
    const known = await silverChecks(mongodb.db(options.silver), options.thresholds)
    keepGold(record, await aggregateSilver(mongodb, postgresUrl, { ...options, ...hooks }, known))
    if (options.fromBronze) {
      erased.bronze = await timed('erase from bronze', () => eraseFromBronze(mongodb, person, options))
      await hooks.whenWritten()
    }
  })
}

/** Builds gold from silver and checks it without publishing. */
export async function runChecks(mongodb: MongoClient, options: RunOptions): Promise<Built> {
  const check = async () =>
    aggregateSilver(mongodb, undefined, options, await silverChecks(mongodb.db(options.silver), options.thresholds))
  return retried(check, options)
}
