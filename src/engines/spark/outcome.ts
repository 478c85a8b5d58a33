import type { Db, ObjectId } from 'mongodb'
import { gateFailure } from '../../runs/gate.ts'
import { declareDead } from '../../runs/lock.ts'
import { type Claim, refuseForeign } from '../../runs/ownership.ts'
import type { RunRecord } from '../../runs/record.ts'
import { runOf, saveRun } from '../../runs/store.ts'
import { type Failure, failures, kindOf, LingotError, reasonOf } from '../../system/errors.ts'
import { clearUp } from '../recovery.ts'
import { forgetJob, type Noted, notesOf } from './notes.ts'
import { claimOf, type Task } from './task.ts'

/** The record of a run that has come to its end; undefined where it has not. Throws what it failed with. */
export async function recordedOutcome(silver: Db, run: ObjectId): Promise<RunRecord | undefined> {
  const record = await runOf(silver, run)
  if (record?.outcome === 'succeeded') return record
  // Where another run took over, it was noted as interrupted.
  if (record?.failure === undefined) return undefined
  const { kind, message } = record.failure
  throw (kind === 'gate' ? gateFailure(record.checks ?? []) : undefined) ?? new LingotError(kind, message)
}

/** A job that Spark does no longer work on. */
export interface EndedJob {
  run: ObjectId
  command: RunRecord['command']
  started: Date
  /** Whose silver it was to change. */
  claim: Claim
}

/**
 * The record of a job that Spark does no longer work on; throws what it failed with. Where Spark gave it up, clears up
 * behind it and completes a swap that has begun; `told` is why, where no task noted it.
 */
export async function outcomeOf(
  silver: Db,
  { run, command, started, claim }: EndedJob,
  reason: () => LingotError,
): Promise<RunRecord> {
  const record = await recordedOutcome(silver, run)
  if (record !== undefined) return record
  // Where it was not let in, nothing there is Lingot's.
  await refuseForeign(silver, claim)
  const failure = (await notedFailure(silver, run)) ?? reason()
  const { kind, message } = failure
  const hasBegun = (await notesOf(silver, run).read('begun')).length > 0
  // One that would not wait for another run is none.
  if (hasBegun || kind !== 'busy') {
    const begun = { _id: run, command, engine: 'spark', started } as const
    await saveRun(silver, { ...begun, finished: new Date(), outcome: 'failed', failure: { kind, message }, steps: [] })
  }
  await declareDead(silver, run)
  await clearUp(silver)
  // What stays here is removed by the next job.
  await forgetJob(silver, run.toHexString()).catch(() => undefined)
  throw failure
}

/** Tells whoever submitted the job why a task failed. */
export async function noteFailure(
  { silver, run, notes, job, config }: Omit<Task, 'lock'>,
  error: unknown,
): Promise<void> {
  // Where it was not let in, nothing there is Lingot's.
  await refuseForeign(silver, claimOf({ job, config }))
  // A run that is over has its record.
  if ((await runOf(silver, run)) !== null) return
  const next = error instanceof LingotError ? error.next : undefined
  // MongoDB would keep null for what is not there.
  await notes.note('failed', [], { kind: kindOf(error), message: reasonOf(error), ...(next !== undefined && { next }) })
}

/** What one of its tasks failed with. */
async function notedFailure(silver: Db, run: ObjectId): Promise<LingotError | undefined> {
  const [noted] = await notesOf(silver, run)
    .read('failed')
    .catch((): Noted['failed'][] => [])
  if (noted === undefined) return undefined
  const kind = noted.kind in failures ? (noted.kind as Failure) : 'bug'
  return new LingotError(kind, noted.message, noted.next)
}
