import { type Document, ObjectId } from 'bson'
import { type Db, type Filter, MongoServerError } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { DURABLE } from '../mongo/concerns.ts'
import { withoutRowsOf } from './gate.ts'
import { IS_RUN, layerOf, runsOf } from './ownership.ts'
import type { RunRecord } from './record.ts'

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
export async function silverInPlace(silver: Db, contracts: readonly Contract[]): Promise<RunRecord | null> {
  return madeAll(silver, (await runsOf(silver, layerOf(contracts))).values())
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

/** The run that made the silver of which a run made gold; null where it is not on record. */
export async function silverOf(silver: Db, gold: RunRecord): Promise<RunRecord | null> {
  if (gold.silver !== undefined) return gold
  if (gold.madeOf !== undefined) return runOf(silver, gold.madeOf)
  // Records that older versions left do not say.
  const [before = null] = await find(silver, { silver: { $exists: true }, started: { $lte: gold.started } }, 1)
  return before
}

/** The run that made the gold in place: the one that gold names, or the last on record where gold was not asked. */
export async function goldOnRecord(silver: Db, named?: string | null): Promise<RunRecord | null> {
  if (named === null || (named !== undefined && !ObjectId.isValid(named))) return null
  const [found = null] = await find(
    silver,
    named === undefined ? { gold: { $exists: true }, ...WHOLE } : byId(named),
    1,
  )
  return found
}

/** The gold that was in place before a later one: the last, that of a run, or the one at some moment; null where there is none. */
export async function goldBefore(silver: Db, { started }: RunRecord, at?: ObjectId | Date): Promise<RunRecord | null> {
  const which = at === undefined ? {} : at instanceof Date ? { finished: { $lte: at } } : { _id: at }
  const published = { gold: { $exists: true }, outcome: 'succeeded', ...WHOLE }
  const [found = null] = await find(
    silver,
    { ...published, $and: [{ started: { $lt: started } }, which] } as Filter<RunRecord>,
    1,
  )
  return found
}

/** Runs that were about all of gold. */
const WHOLE = { only: { $exists: false } }

/** What the gold of a run was made by, and the single tables that were made beside it since; undefined where it does not say. */
export async function makingOfGold(
  silver: Db,
  { started, making }: Pick<RunRecord, 'started' | 'making'>,
): Promise<RunRecord['making']> {
  if (making === undefined) return undefined
  const one = { only: { $exists: true }, gold: { $exists: true }, outcome: 'succeeded', started: { $gt: started } }
  const later = (await find(silver, one as Filter<RunRecord>, 0)).reverse()
  return { ...making, models: Object.assign({}, making.models, ...later.map((record) => record.making?.models)) }
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
  return find(silver, { checks: { $exists: true }, ...WHOLE }, count)
}

/** Takes a customer out of the rows at fault that earlier runs named, however their id is written there. */
export async function forgetInRuns(silver: Db, spelled: readonly string[]): Promise<void> {
  const runs = silver.collection<RunRecord>(RUNS)
  const naming = { $or: [{ 'checks.rows.0': { $exists: true } }, { 'failure.message': { $exists: true } }] }
  for await (const { _id, checks, failure } of runs.find(naming, { projection: { checks: 1, failure: 1 } })) {
    const change: Document = {}
    const remaining = checks?.map((check) => ({
      ...check,
      rows: check.rows?.filter(
        (row) => !Object.values(row).some((value) => typeof value === 'string' && spelled.includes(value)),
      ),
    }))
    if (checks?.some(({ rows }, i) => remaining?.[i]?.rows?.length !== rows?.length)) change['checks'] = remaining
    const message = failure && spelled.reduce(withoutRowsOf, failure.message)
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
