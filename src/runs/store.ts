import { type Document, ObjectId } from 'bson'
import { type Db, type Filter, MongoServerError } from 'mongodb'
import { type CheckResult, withoutRowsOf } from '../gold/checks.ts'
import type { Erased } from '../silver/erasure.ts'
import type { Refined } from '../silver/processor.ts'
import type { Failure } from '../system/errors.ts'
import type { Step } from '../system/steps.ts'
import { checkEmptied, checkShrinkage, type Shrinkage } from '../trust/shrinkage.ts'
import { checkThresholds, type Threshold, thresholds } from '../trust/thresholds.ts'
import { DURABLE } from './lock.ts'
import { IS_RUN, layerOf, runsOf } from './ownership.ts'

/** A part of the revenue as one gold table sees it; see the model `reconciliation`. */
export interface ReconciliationPart {
  gold_table: string
  part: string
  in_table: boolean
  transactions: number
  /** Exact decimal text. */
  revenue: string
  amount_unknown: number
}

/** What a run did, kept in `runs` beside silver: the trust report is made from it. */
export interface RunRecord {
  _id: ObjectId
  command: 'process' | 'aggregate' | 'run' | 'erase'
  /** Where it was not this machine that did it. */
  engine?: 'spark'
  started: Date
  finished: Date
  /** An interrupted run died; the next one found it so. */
  outcome: 'succeeded' | 'failed' | 'interrupted'
  failure?: { kind: Failure; message: string }
  /** How long each step took. */
  steps: Step[]
  /** By collection, where the run made silver. */
  silver?: Record<string, Refined>
  /** The run whose silver this one's replaced. */
  replaced?: ObjectId
  /** What was taken away, where a person was erased. */
  erasure?: Erased
  /** Rows by table, where the run made gold. */
  gold?: Record<string, number>
  /** The run whose silver that gold was made of. */
  madeOf?: ObjectId
  reconciliation?: ReconciliationPart[]
  /** Tables of the gold in place that no model makes any more. */
  unmade?: string[]
  checks?: CheckResult[]
}

const RUNS = 'runs'

/** An `_id` among the examples may hold a pattern that JavaScript has not, or bytes that are no UTF-8. */
const lenient = { bsonRegExp: true, enableUtf8Validation: false } as const

/** Keeps a record; of one that is kept already, what silver became where that is not told yet. */
export async function saveRun(silver: Db, record: RunRecord): Promise<void> {
  const runs = silver.collection<RunRecord>(RUNS, { writeConcern: DURABLE })
  await runs.insertOne(record).catch(async (error: unknown) => {
    if (!(error instanceof MongoServerError && error.code === 11000)) throw error
    if (record.silver === undefined) return
    await runs.updateOne({ _id: record._id, silver: { $exists: false } }, { $set: { silver: record.silver } })
  })
}

/** The record of a run; null while it is under way. */
export async function runOf(silver: Db, _id: ObjectId): Promise<RunRecord | null> {
  const [record = null] = await find(silver, { _id }, 1)
  return record
}

/** The last runs, newest first. */
export function lastRuns(silver: Db, count: number): Promise<RunRecord[]> {
  return find(silver, {}, count)
}

/** What the last run was and how it ended, without what it did. */
export async function lastOutcome(
  silver: Db,
  options: { timeoutMS?: number } = {},
): Promise<Pick<RunRecord, '_id' | 'command' | 'started' | 'finished' | 'outcome' | 'failure'> | null> {
  const projection = { command: 1, started: 1, finished: 1, outcome: 1, failure: 1 }
  const sort = { started: -1, _id: -1 } as const
  return silver.collection<RunRecord>(RUNS).findOne(IS_RUN as Filter<RunRecord>, { projection, sort, ...options })
}

/** The run that made the silver in place, as its collections say; null where they do not, or it is not on record. */
export async function silverInPlace(silver: Db): Promise<RunRecord | null> {
  return madeAll(silver, (await runsOf(silver, layerOf())).values())
}

/** The run that made every collection of silver; null where it is not one, or it is not on record. */
export async function madeAll(silver: Db, runs: Iterable<string | null>): Promise<RunRecord | null> {
  const made = new Set(runs)
  const [run] = made
  return typeof run === 'string' && made.size === 1 ? runOf(silver, new ObjectId(run)) : null
}

/** The run whose silver that of another one replaced; null where there is none on record. */
export async function silverBefore(silver: Db, made: RunRecord): Promise<RunRecord | null> {
  if (made.replaced !== undefined) return runOf(silver, made.replaced)
  // Records that older versions left do not say.
  const older = { silver: { $exists: true }, started: { $lte: made.started }, _id: { $ne: made._id } }
  const [before = null] = await find(silver, older, 1)
  return before
}

/** The limits on what goes into gold. */
export interface SilverLimits {
  thresholds?: readonly Threshold[]
  shrinkage?: Shrinkage
  /** Lets sources through that lost most of what they held. */
  acceptShrink?: boolean
}

/** How a silver does against the limits, and beside the one that the gold in place was made of. */
export async function checkSilver(
  silver: Db,
  refined: Readonly<Record<string, Refined>>,
  gold: { run: string; holds: readonly string[] } | null | undefined,
  { thresholds: limits = thresholds, shrinkage, acceptShrink }: SilverLimits,
): Promise<CheckResult[]> {
  const published = gold == null ? null : await goldOnRecord(silver, gold.run)
  const before = published === null ? null : await silverOf(silver, published)
  const shrunk =
    before === null
      ? checkEmptied(refined, gold?.holds ?? [], acceptShrink)
      : checkShrinkage(refined, before.silver, shrinkage, acceptShrink)
  return [...shrunk, ...checkThresholds(limits, refined)]
}

/** The run that made the silver of which a run made gold; null where it is not on record. */
async function silverOf(silver: Db, gold: RunRecord): Promise<RunRecord | null> {
  if (gold.silver !== undefined) return gold
  if (gold.madeOf !== undefined) return runOf(silver, gold.madeOf)
  // Records that older versions left do not say.
  const [before = null] = await find(silver, { silver: { $exists: true }, started: { $lte: gold.started } }, 1)
  return before
}

/** The run that made the gold in place: the one that gold names, or the last on record where gold was not asked. */
export async function goldOnRecord(silver: Db, named?: string | null): Promise<RunRecord | null> {
  if (named === null || (named !== undefined && !ObjectId.isValid(named))) return null
  const [found = null] = await find(silver, named === undefined ? { gold: { $exists: true } } : byId(named), 1)
  return found
}

/** Whether gold was made of another silver than the one in place. */
export function isOfOtherSilver(gold: RunRecord, made: RunRecord): boolean {
  const own = gold.silver === undefined ? gold.madeOf : gold._id
  // Records that older versions left do not say.
  return own === undefined ? made.started > gold.started : !own.equals(made._id)
}

function byId(id: string): Filter<RunRecord> {
  return { _id: new ObjectId(id) }
}

/** The last runs that checked gold, whether it was published or not, newest first. */
export function checkedRuns(silver: Db, count: number): Promise<RunRecord[]> {
  return find(silver, { checks: { $exists: true } }, count)
}

/** Takes a customer out of the rows at fault that earlier runs named. */
export async function forgetInRuns(silver: Db, customerId: string): Promise<void> {
  const runs = silver.collection<RunRecord>(RUNS)
  const told = { $or: [{ 'checks.rows.0': { $exists: true } }, { 'failure.message': { $exists: true } }] }
  for await (const { _id, checks, failure } of runs.find(told, { projection: { checks: 1, failure: 1 } })) {
    const change: Document = {}
    const kept = checks?.map((check) => ({
      ...check,
      rows: check.rows?.filter((row) => !Object.values(row).includes(customerId)),
    }))
    if (checks?.some(({ rows }, i) => kept?.[i]?.rows?.length !== rows?.length)) change['checks'] = kept
    const message = failure && withoutRowsOf(failure.message, customerId)
    if (message !== failure?.message) change['failure.message'] = message
    if (Object.keys(change).length > 0) await runs.updateOne({ _id }, { $set: change })
  }
}

function find(silver: Db, filter: Filter<RunRecord>, count: number): Promise<RunRecord[]> {
  return silver
    .collection<RunRecord>(RUNS)
    .find({ $and: [IS_RUN as Filter<RunRecord>, filter] }, { sort: { started: -1, _id: -1 }, limit: count, ...lenient })
    .toArray()
}
