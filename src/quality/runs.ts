import type { ObjectId } from 'bson'
import { type Db, type Filter, MongoServerError, type PullOperator } from 'mongodb'
import type { Erased } from '../erasure.ts'
import type { Failure } from '../errors.ts'
import { DURABLE } from '../silver/lock.ts'
import type { Refined } from '../silver/processor.ts'
import type { Step } from '../steps.ts'
import { type CheckResult, describeRow } from './checks.ts'
import { checkThresholds, type Threshold, thresholds } from './thresholds.ts'

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
  /** What was taken away, where a person was erased. */
  erasure?: Erased
  /** Rows by table, where the run made gold. */
  gold?: Record<string, number>
  reconciliation?: ReconciliationPart[]
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
  return silver.collection<RunRecord>(RUNS).findOne({}, { projection, sort: { started: -1, _id: -1 }, ...options })
}

/**
 * The last runs that made silver, newest first: the one in place, and the one before.
 * Silver stays in place when its run fails later, at the gate of gold.
 */
export function silverRuns(silver: Db, count: number): Promise<RunRecord[]> {
  return find(silver, { silver: { $exists: true } }, count)
}

/** How the silver in place does against the limits. */
export async function silverChecks(silver: Db, limits: readonly Threshold[] = thresholds): Promise<CheckResult[]> {
  const [made] = await silverRuns(silver, 1)
  return checkThresholds(limits, made?.silver ?? {})
}

/** The last runs that made gold, newest first. */
export function goldRuns(silver: Db, count: number): Promise<RunRecord[]> {
  return find(silver, { gold: { $exists: true } }, count)
}

/** The last runs that checked gold, whether it was published or not, newest first. */
export function checkedRuns(silver: Db, count: number): Promise<RunRecord[]> {
  return find(silver, { checks: { $exists: true } }, count)
}

/** Takes a customer out of the rows at fault that earlier runs named. */
export async function forgetInRuns(silver: Db, customerId: string): Promise<void> {
  const runs = silver.collection<RunRecord>(RUNS)
  const isTheirs = { customer_id: customerId }
  await runs.updateMany(
    { 'checks.rows.customer_id': customerId },
    { $pull: { 'checks.$[].rows': isTheirs } as unknown as PullOperator<RunRecord> },
  )
  const told = describeRow(isTheirs)
  const failed = { 'failure.message': { $exists: true } }
  for await (const { _id, failure } of runs.find(failed, { projection: { failure: 1 } })) {
    const lines = failure?.message.split('\n') ?? []
    const kept = lines.filter((line) => !line.split(', ').some((part) => part.trim() === told))
    if (kept.length < lines.length) {
      await runs.updateOne({ _id }, { $set: { 'failure.message': kept.join('\n') } })
    }
  }
}

function find(silver: Db, filter: Filter<RunRecord>, count: number): Promise<RunRecord[]> {
  return silver
    .collection<RunRecord>(RUNS)
    .find(filter, { sort: { started: -1, _id: -1 }, limit: count, ...lenient })
    .toArray()
}
