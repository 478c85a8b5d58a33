import type { ObjectId } from 'bson'
import type { Db, MongoClient } from 'mongodb'
import {
  aggregateSilver,
  type Built,
  checkModels,
  type GoldFeed,
  lookAtGold,
  NO_GATES,
  openGold,
  type Prepared,
  prepareGold,
} from '../../gold/aggregator.ts'
import { goldInPlace, type Published } from '../../gold/in_place.ts'
import { disagreement, type Made } from '../../gold/making.ts'
import { type OpenLedger, openLedger } from '../../history/ledger.ts'
import { leftInSilver } from '../../runs/ownership.ts'
import type { Erased, Refined, RunRecord } from '../../runs/record.ts'
import { goldOnRecord, isOfOtherSilver, makingOfGold, silverInPlace } from '../../runs/store.ts'
import type { Config, DataRules } from '../../settings/config.ts'
import { countInSilver, eraseFromBronze, eraseFromSilver, type Person } from '../../silver/erasure.ts'
import { prepareSilver, processBronze } from '../../silver/processor.ts'
import { LingotError } from '../../system/errors.ts'
import { type RetryOptions, retried } from '../../system/retry.ts'
import { untimed } from '../../system/steps.ts'
import type { Progress } from '../../text/progress.ts'
import { gatesOf } from '../../trust/limits.ts'
import type { Consents, Engine } from '../engine.ts'
import { type Hooks, noteChanges, putInPlace, recorded, recordGold } from '../recorded.ts'
import { openWorkers, type Workers } from './workers.ts'

type Data = DataRules &
  Pick<Config, 'bronze' | 'silver' | 'goldSchema' | 'limits' | 'portions' | 'publishWait' | 'history' | 'project'> &
  Pick<Config, 'mongodbUri' | 'settings' | 'workers'>

export interface RunOptions extends Data, Consents, RetryOptions {
  /** What bronze's server is called, where its address may change. */
  server?: string
  onProgress?: Progress
  onStep?: (step: string) => void
  /** Told which run it is, once it has begun. */
  onRun?: (run: ObjectId) => void
}

/** Makes layers in this process. */
export function localEngine(
  mongodb: MongoClient,
  postgresUrl: () => string,
  options: Omit<RunOptions, keyof Consents>,
): Engine {
  return {
    make(layer, consents) {
      const all = { ...options, ...consents }
      if (layer === 'process') return runProcessor(mongodb, all)
      return layer === 'aggregate'
        ? runAggregator(mongodb, postgresUrl(), all)
        : runPipeline(mongodb, postgresUrl(), all)
    },
  }
}

/** Bronze to silver. */
export function runProcessor(mongodb: MongoClient, options: RunOptions): Promise<RunRecord> {
  return recorded(mongodb, 'process', options, async (hooks, record) => {
    const workers = workersOf(mongodb, options, record)
    try {
      const { share } = workers
      await withLedger(mongodb, record, options, async (ledger, onSwapped) => {
        onSwapped(await processBronze(mongodb, { ...options, ...hooks, ...of(record), ledger, share }))
      })
    } finally {
      await workers.close()
    }
  })
}

/** Silver to gold. */
export function runAggregator(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunRecord> {
  return prepared(options, (options) =>
    recorded(mongodb, 'aggregate', options, async (hooks, record) => {
      await goldFromSilver(mongodb, postgresUrl, options, hooks, record)
    }),
  )
}

/** Does the work with what gold is made in, which opens while MongoDB is asked whether silver may be changed. */
async function prepared(
  options: RunOptions,
  work: (options: RunOptions & { prepared: Prepared }) => Promise<RunRecord>,
): Promise<RunRecord> {
  const prepared = prepareGold(options)
  try {
    // What somebody wrote is told to be wrong before there is a run.
    if (options.project.models.length > 0) await prepared.check()
    return await work({ ...options, prepared })
  } finally {
    await prepared.drop()
  }
}

/** Threads that clean large collections, and give their rows to what makes gold. */
function workersOf(
  mongodb: MongoClient,
  options: RunOptions,
  { _id, started }: RunRecord,
  feeds?: Readonly<Record<string, GoldFeed>>,
): Workers {
  const { mongodbUri: uri = '', settings, bronze, silver, portions, pii, erasureKey, workers } = options
  const data = { uri, settings, bronze, silver, portions, pii, erasureKey, run: _id.toHexString(), started }
  return openWorkers(mongodb, uri === '' ? 0 : workers, data, feeds)
}

/** Lends an attempt its ledger, which is kept where the silver of that attempt came into place. */
async function withLedger(
  mongodb: MongoClient,
  record: RunRecord,
  options: RunOptions,
  work: (ledger: OpenLedger, onSwapped: (refined: Record<string, Refined>) => void) => Promise<void>,
): Promise<void> {
  const ledger = openLedger(mongodb, record, options)
  let isInPlace = false
  try {
    await work(ledger, (refined) => {
      isInPlace = true
      record.silver = refined
    })
  } finally {
    if (isInPlace) noteChanges(record, await ledger.entry())
    await ledger.close(isInPlace)
  }
}

/** What silver is told of the run that makes it. */
function of({ _id, started }: RunRecord): { run: ObjectId; started: Date } {
  return { run: _id, started }
}

/** Makes gold of the silver in place. */
async function goldFromSilver(
  mongodb: MongoClient,
  postgresUrl: string,
  options: RunOptions & { prepared?: Prepared; erased?: string },
  hooks: Hooks,
  record: RunRecord,
): Promise<void> {
  const silver = mongodb.db(options.silver)
  const made = await silverInPlace(silver, options.contracts)
  if (made !== null) record.madeOf = made._id
  if (options.only !== undefined) {
    record.only = options.only
    const published = await goldInPlace(postgresUrl, options.goldSchema, options)
    await refuseOtherGold(silver, made, published, { ...options, only: options.only })
  }
  // The gold that one table stands beside has silver's checks behind it.
  const check = async (published: Published | null) =>
    options.only === undefined ? gatesOf(silver, made?.silver ?? {}, published, { ...options, ...hooks }) : NO_GATES
  recordGold(record, await aggregateSilver(mongodb, postgresUrl, { ...options, ...hooks }, check))
}

/** Throws where one table would stand beside others that were made of another silver, or in another way. */
async function refuseOtherGold(
  silver: Db,
  made: RunRecord | null,
  published: Published | null,
  options: Made & { only: string },
): Promise<void> {
  const { only } = options
  const refuse = (what: string) => new LingotError('data', what, 'Make all of gold: `lingot aggregate`.')
  const gold = published && (await goldOnRecord(silver, published.run))
  if (gold === null) throw refuse(`There is no gold of this silver yet that ${only} could stand beside.`)
  if (made === null || isOfOtherSilver(gold, made)) {
    throw refuse(`Silver was made anew since gold was: ${only} would not agree with the tables beside it.`)
  }
  const why = disagreement(only, options, await makingOfGold(silver, gold))
  if (why !== undefined) throw refuse(`${only} would not agree with the tables beside it: ${why}.`)
}

/**
 * Bronze to gold in one pass: each clean document goes to silver and into the models at once, which gives what the
 * processor and the aggregator give one after the other. Both layers are swapped in at the very end, within
 * milliseconds.
 */
export function runPipeline(mongodb: MongoClient, postgresUrl: string, options: RunOptions): Promise<RunRecord> {
  return prepared(options, (options) =>
    recorded(mongodb, 'run', options, async (hooks, record) => {
      const gold = await openGold(postgresUrl, { ...options, ...hooks })
      const workers = workersOf(mongodb, options, record, gold.feeds)
      try {
        hooks.signal.throwIfAborted()
        await withLedger(mongodb, record, options, async (ledger, onSwapped) => {
          const { share } = workers
          const parts = { ledger, feeds: gold.feeds, share }
          const silver = await prepareSilver(mongodb, { ...options, ...hooks, ...of(record), ...parts })
          const swapIn = async () => {
            await silver.swapIn()
            onSwapped(silver.refined)
          }
          try {
            const db = mongodb.db(options.silver)
            const gates = await gatesOf(db, silver.refined, gold.published, { ...options, ...hooks })
            await putInPlace(record, await gold.build(gates), gold.publish, swapIn)
          } finally {
            await silver.drop()
          }
        })
      } finally {
        await workers.close()
        await gold.close()
      }
    }),
  )
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
  let found: Erased | undefined
  return recorded(mongodb, 'erase', options, async (hooks, record) => {
    const { timed } = hooks
    refuseLeftInSilver(await leftInSilver(mongodb.db(options.silver), options))
    refuseLeft(await lookAtGold(postgresUrl, { ...options, ...hooks }))
    if (options.project.models.length > 0) await checkModels(options)
    // Counted before the first attempt: what one removed whose answer was lost is there for no other.
    found ??= await countInSilver(mongodb, person, options)
    await timed('erase from silver', async () => {
      const { beginForgetting } = await import('../../history/forgetting.ts')
      const forgetting = await beginForgetting(mongodb.db(options.silver), person, record, options)
      await eraseFromSilver(mongodb, person, options, forgetting?.onRemoved)
      await forgetting?.end()
    })
    await hooks.whenWritten()
    record.erasure = found
    await goldFromSilver(mongodb, postgresUrl, { ...options, erased: person.id }, hooks, record)
    if (options.fromBronze) {
      const bronze = await timed('erase from bronze', () => eraseFromBronze(mongodb, person, options))
      record.erasure = { ...found, bronze }
      await hooks.whenWritten()
    }
  })
}

/** Throws where a person would stay in silver of collections that the shop no longer has. */
function refuseLeftInSilver(left: readonly string[]): void {
  if (left.length === 0) return
  throw new LingotError(
    'config',
    `The configuration has no ${left.join(', ')} any more, and silver has: what it holds there of a person would stay.`,
    'Nothing was changed. `lingot run` removes it; then erase.',
  )
}

/** Throws where a person would stay in a table of gold that is not made anew. */
function refuseLeft(unmade: readonly string[]): void {
  if (unmade.length === 0) return
  throw new LingotError(
    'publish',
    `No model makes ${unmade.join(', ')} any more: what gold holds there of a person would stay.`,
    'Nothing was changed. Drop it with `lingot aggregate --prune`, then erase.',
  )
}

/** Builds gold from silver and checks it without publishing, beside the gold in place where that is known. */
export async function runChecks(
  mongodb: MongoClient,
  options: Data & Pick<RunOptions, 'onProgress' | 'onStep'> & RetryOptions & { named?: number },
  gold?: Published | null | undefined,
): Promise<Built> {
  const silver = mongodb.db(options.silver)
  const check = async () => {
    const refined = (await silverInPlace(silver, options.contracts))?.silver ?? {}
    return aggregateSilver(mongodb, undefined, { ...options, timed: untimed }, () =>
      gatesOf(silver, refined, gold, options),
    )
  }
  return retried(check, options)
}
