import { type Db, type MongoClient, MongoNetworkError, type ObjectId } from 'mongodb'
import type { Built } from '../gold/aggregator.ts'
import type { Entry } from '../history/entries.ts'
import { gateFailure, withoutRows } from '../runs/gate.ts'
import type { Lock, LockOptions } from '../runs/lock.ts'
import { type Claim, leftInSilver, refuseForeign, runsIn } from '../runs/ownership.ts'
import { type Refined, RULES, type RunRecord } from '../runs/record.ts'
import { type Shop, shopOf } from '../runs/shop.ts'
import { madeAll, saveRun } from '../runs/store.ts'
import { clearStaging } from '../silver/staging.ts'
import { kindOf, LingotError, reasonOf } from '../system/errors.ts'
import { isTransient, type RetryOptions, retried } from '../system/retry.ts'
import { stopwatch, type Timed } from '../system/steps.ts'
import type { Progress } from '../text/progress.ts'
import { lockedSilver } from './recovery.ts'

/** What work is done with, beside its options. */
export interface Hooks {
  /** Which run it is. */
  run: { id: string; started: Date }
  /** Whose layers it makes. */
  shop: Shop
  timed: Timed
  onProgress: Progress
  signal: AbortSignal
  /** Brings back a server that went away. */
  revive: () => Promise<void>
  /** Throws where what was written may be lost. */
  whenWritten: () => Promise<void>
  beforeSwap: (refined: Record<string, Refined>) => Promise<void>
  beforeCommit: () => Promise<void>
}

/**
 * Does the work while nobody else changes silver, anew where a server went away, and keeps its record, whether it
 * succeeds or fails.
 */
export async function recorded(
  mongodb: MongoClient,
  command: RunRecord['command'],
  options: { silver: string; onProgress?: Progress; onRun?: (run: ObjectId) => void } & Claim &
    LockOptions &
    RetryOptions,
  work: (hooks: Hooks, record: RunRecord) => Promise<void>,
): Promise<RunRecord> {
  const silver = mongodb.db(options.silver)
  await retried(() => refuseForeign(silver, options), options)
  return lockedSilver(silver, command, options, (lock, run) => {
    options.onRun?.(run)
    const begun = { _id: run, command, started: lock.since }
    return underLock(silver, lock, begun, { ...options, clear: () => clearStaging(silver) }, work)
  })
}

export interface UnderLockOptions extends RetryOptions, Claim {
  /** What bronze's server is called, where its address may change. */
  server?: string
  onProgress?: Progress
  /** Removes what an attempt left, before the next one. */
  clear?: () => Promise<void>
}

/** Does the work of a run that holds the lock and began then, and keeps its record. */
export async function underLock(
  silver: Db,
  lock: Lock,
  begun: Pick<RunRecord, '_id' | 'command' | 'engine' | 'started'>,
  options: UnderLockOptions,
  work: (hooks: Hooks, record: RunRecord) => Promise<void>,
): Promise<RunRecord> {
  const signal = AbortSignal.any([lock.lost, ...(options.signal ? [options.signal] : [])])
  const { started } = begun
  const record: RunRecord = { ...begun, rules: RULES, finished: started, outcome: 'succeeded', steps: [] }
  // Who waited for a server may have been taken for dead meanwhile.
  const revive = async () => {
    await options.revive?.()
    await lock.renew()
  }
  let now = () => new Date()
  const retrying = { revive, ...(options.onNote && { onNote: options.onNote }) }
  try {
    const attempt = async (number: number) => {
      // A swap whose beginning was noted, but not answered, begins anew as well.
      if (number > 1) {
        await lock.clearRemains()
        await options.clear?.()
      }
      const { now: current, ...guards } = await guarded(silver, lock, record, options)
      now = current
      const hooks = {
        run: { id: record._id.toHexString(), started },
        shop: await shopOf(silver, options.bronze, options.server),
        signal,
        revive,
        ...guards,
        ...telling(lock, guards.timed, options.onProgress),
      }
      await work(hooks, record).catch((error) => throwLost(lock, signal, error))
    }
    await retried(attempt, { ...retrying, signal })
    return record
  } catch (error) {
    record.outcome = 'failed'
    const kind = kindOf(error)
    const message = reasonOf(error)
    record.failure = { kind, message: kind === 'gate' ? withoutRows(message) : message }
    throw error
  } finally {
    record.finished = now()
    const save = () => saveRun(silver, record)
    await (record.outcome === 'succeeded' ? retried(save, retrying) : save())
      // A swap that did not become whole is left to be completed.
      .then(() => (record.silver === undefined ? undefined : lock.endSwap()))
      .catch((error: unknown) => {
        // When the server is gone the record cannot be kept; the failure that is on its way says so.
        if (record.outcome === 'succeeded') throw error
      })
  }
}

/** Swaps both layers in at once where gold is sound, and silver alone where a failed gate keeps the old gold. */
export async function putInPlace(
  record: RunRecord,
  built: Built,
  publish: (beforeCommit: () => Promise<void>) => Promise<void>,
  swapIn: () => Promise<void>,
): Promise<void> {
  if (built.sound) await publish(swapIn)
  else await swapIn()
  recordGold(record, built)
}

/** Notes what changed in silver, of collections where anything did, if it is known what was there before. */
export function noteChanges(record: RunRecord, { since, changes }: Entry): void {
  if (since === null) return
  const counted = Object.entries(changes).filter(([, { counts }]) => Object.keys(counts).length > 0)
  record.changes = Object.fromEntries(counted.map(([collection, { counts }]) => [collection, counts]))
}

/** Notes what became of gold; a failed gate keeps the old one, and is thrown. */
export function recordGold(
  record: RunRecord,
  { gold, reconciliation, orders, unmade, without, making, checks }: Built,
): void {
  record.checks = checks
  const failure = gateFailure(checks)
  if (failure !== undefined) throw failure
  Object.assign(record, {
    gold,
    reconciliation,
    making,
    ...(orders !== undefined && { orders }),
    ...(unmade.length > 0 && { unmade }),
    ...(Object.keys(without).length > 0 && { without }),
  })
}

/** What an attempt tells on its way, and what stops it where it may do harm. */
async function guarded(
  silver: Db,
  lock: Lock,
  record: RunRecord,
  claim: Claim,
): Promise<Pick<Hooks, 'timed' | 'whenWritten' | 'beforeSwap' | 'beforeCommit'> & { now: () => Date }> {
  const { process: server, ahead } = await serverOf(silver)
  // Two runs are told apart by when they began, and two machines may not agree on what time it is.
  const now = () => new Date(Date.now() + ahead)
  const { steps, timed } = stopwatch()
  record.steps = steps
  return {
    now,
    timed,
    async whenWritten() {
      // What was written is on disk when this returns; what a server wrote that was killed before may be lost.
      await lock.renew()
      if ((await serverOf(silver)).process !== server) throw restarted()
    },
    async beforeSwap(refined) {
      // From here on the way is forward alone, so nothing may stand in it.
      const layer = await refuseForeign(silver, claim)
      const replaced = await madeAll(silver, runsIn(layer).values())
      if (replaced !== null) record.replaced = replaced._id
      const removed = await leftInSilver(silver, claim)
      if (removed.length > 0) record.removed = removed
      await lock.beginSwap({ ...record, finished: now(), outcome: 'interrupted', silver: refined })
    },
    beforeCommit: lock.renew,
  }
}

/** Has those who look at the lock told what is done now. */
function telling(lock: Lock, timed: Timed, onProgress: Progress | undefined): Pick<Hooks, 'timed' | 'onProgress'> {
  // Steps overlap: an earlier one may go on when a later one has ended.
  const open: string[] = []
  return {
    async timed(step, work) {
      open.push(step)
      lock.tell({ step, done: null, total: null })
      try {
        return await timed(step, work)
      } finally {
        open.splice(open.indexOf(step), 1)
      }
    },
    onProgress(what, done, total) {
      const step = open.find((name) => name.endsWith(` ${what}`)) ?? what
      lock.tell({ step, done, total })
      onProgress?.(what, done, total)
    },
  }
}

/** What fails because another run took over says so. */
async function throwLost(lock: Lock, signal: AbortSignal, error: unknown): Promise<never> {
  if (!signal.aborted && !isTransient(error)) await lock.renew().catch(() => undefined)
  throw lock.lost.aborted ? lock.lost.reason : error
}

/** Which start of which server answers, undefined where a service does not say, and how far ahead its clock is. */
async function serverOf(silver: Db): Promise<{ process: string | undefined; ahead: number }> {
  const asked = Date.now()
  const { topologyVersion, localTime } = await silver.command({ hello: 1 })
  const ahead = localTime instanceof Date ? localTime.getTime() - (asked + Date.now()) / 2 : 0
  return { process: topologyVersion?.processId?.toString(), ahead }
}

function restarted(): LingotError {
  const cause = new MongoNetworkError('another start of the server answers')
  return new LingotError('server', 'MongoDB was started anew while silver was written.', 'Run it again.', { cause })
}
