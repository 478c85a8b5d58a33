import { hostname } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import type { Document, ObjectId } from 'bson'
import { type Collection, type Db, MongoServerError, type WriteConcernSettings } from 'mongodb'
import { DURABLE, ORDERED } from '../mongo/concerns.ts'
import { type Identity, identityOf, isRunning, machine } from '../system/alive.ts'
import { LingotError } from '../system/errors.ts'
import type { RunRecord } from './record.ts'
import { throttled } from './throttle.ts'

/** Who changes a silver database. */
export interface Holder extends Identity {
  run: ObjectId
  /** A command that makes a layer, or one that only completes what a dead one left. */
  command: RunRecord['command'] | 'recovery'
  /** The machine as people call it. */
  host: string
  /** Where the pid means this process: a machine since it started, or one of its containers. */
  machine: string
  /** Where it is a cluster that works, in many processes on many machines. */
  engine?: 'spark'
  since: Date
}

/** A process that the lock lives with. */
export type HolderProcess = Pick<Holder, keyof Identity | 'host' | 'machine'>

/** A swap that has begun: from here on the way is forward alone. */
export interface Swap {
  run: ObjectId
  /** The record of the run, should it not come to keep that itself. */
  record: RunRecord
}

/** What a holder does now, and how far that is. */
export interface HolderProgress {
  step: string
  done: number | null
  total: number | null
}

/** The one document of `lock`, beside silver. */
interface LockDocument {
  _id: 'silver'
  holder?: Holder
  renewed?: Date
  /** What the holder told last. */
  progress?: HolderProgress
  /** A holder that died, until the next one has cleared up behind it. */
  dead?: Holder
  swap?: Swap
}

/** What a dead run left. */
export interface Remains {
  dead: Holder | undefined
  swap: Swap | undefined
}

/** Whether there is a swap that has begun and not ended. */
export async function leftSwap(silver: Db): Promise<boolean> {
  return (await silver.collection<LockDocument>('lock').findOne({ ...ID, swap: { $exists: true } })) !== null
}

/** Who changes silver now, and what they told of it; a dead holder does not. */
export async function readHolder(
  silver: Db,
  { timeoutMS }: { timeoutMS: number },
): Promise<{ holder: Holder; progress: HolderProgress | undefined } | undefined> {
  const fresh = [{ $match: ID }, { $match: { $expr: IS_FRESH } }, { $project: { holder: 1, progress: 1 } }]
  const [document] = await silver.collection('lock').aggregate<LockDocument>(fresh, { timeoutMS }).toArray()
  if (document?.holder === undefined || isDead(document.holder)) return undefined
  return { holder: document.holder, progress: document.progress }
}

/** The right to change silver. */
export interface Lock {
  /** Aborts when another run took over, which it may when this process was stopped for longer than the lease. */
  lost: AbortSignal
  /** Throws where another run took over. */
  renew: () => Promise<void>
  /** Says what is done now, to whoever looks; it costs next to nothing, and may be lost. */
  tell: (progress: HolderProgress) => void
  /** As `tell`, for a process that may end right after it. */
  announce: (progress: HolderProgress) => Promise<void>
  remains: () => Promise<Remains>
  /** Forgets what a dead run left. */
  clearRemains: () => Promise<void>
  /** Notes that the swap begins; throws where another run took over. */
  beginSwap: (record: RunRecord) => Promise<void>
  endSwap: () => Promise<void>
  /** Lets others in; a swap that did not end is left for them to end. */
  release: () => Promise<void>
  /** Keeps it for the next process of the same cluster. */
  leave: () => void
}

/** A lock that this process took itself. */
export interface TakenLock extends Lock {
  /** When it did, by the server's clock: those of its clients may differ. */
  since: Date
}

export interface LockOptions {
  /** Leaves at once where another holds the lock. */
  noWait?: boolean
  /** Told of who holds the lock that is waited for. */
  onWait?: (holder: Holder) => void
  signal?: AbortSignal
}

/** Who has not been heard of for so long is dead. */
const LEASE_MS = 30_000
/** On a cluster nobody speaks while models are built there. */
const CLUSTER_LEASE_MS = 3_600_000
const RENEW_MS = 5_000
const POLL_MS = 500
const NEVER = new Date(0)
const LEASE = { $cond: [{ $eq: ['$holder.engine', 'spark'] }, CLUSTER_LEASE_MS, LEASE_MS] }
const IS_FRESH = { $gt: ['$renewed', { $subtract: ['$$NOW', LEASE] }] }
const ID = { _id: 'silver' } as const

/**
 * Waits for the right to change silver. A holder that died on this machine is not waited for; one elsewhere is until
 * its lease is over. Times are those of the server: clocks may differ.
 */
export async function lockSilver(
  silver: Db,
  { run, command, engine, by = thisProcess() }: Pick<Holder, 'run' | 'command' | 'engine'> & { by?: HolderProcess },
  { noWait = false, onWait, signal }: LockOptions = {},
): Promise<TakenLock> {
  const locks = silver.collection<LockDocument>('lock', { writeConcern: DURABLE })
  const me = { run, command, ...by, ...(engine && { engine }) }
  let waitedFor: ObjectId | undefined
  for (;;) {
    signal?.throwIfAborted()
    // On disk: a server that is killed and forgets the holder would end a run that could go on when it is back.
    const holder = await take(locks, me)
    if (holder?.run.equals(run)) return { ...held(locks, run), since: holder.since }
    // It was freed between the look and the answer.
    if (holder === undefined) continue
    if (isDead(holder)) {
      await locks.updateOne({ ...ID, 'holder.run': holder.run }, { $set: { renewed: NEVER } })
      continue
    }
    if (noWait) throw busy(silver, holder)
    if (!waitedFor?.equals(holder.run)) onWait?.(holder)
    waitedFor = holder.run
    await setTimeout(POLL_MS, undefined, { signal })
  }
}

/** The lock of a run that took it in another process of the same cluster; throws where it has lost it. */
export async function heldLock(silver: Db, run: ObjectId): Promise<Lock> {
  const lock = held(silver.collection<LockDocument>('lock', { writeConcern: DURABLE }), run)
  try {
    await lock.renew()
    return lock
  } catch (error) {
    lock.leave()
    throw error
  }
}

/**
 * Takes a run that works on a cluster for dead, so that the next one clears up behind it. It holds the lock no more: a task
 * of it that still runs would renew that.
 */
export async function declareDead(silver: Db, run: ObjectId): Promise<void> {
  const buried = [{ $set: { dead: '$holder' } }, { $unset: ['holder', 'renewed', 'progress'] }]
  await silver
    .collection<LockDocument>('lock', { writeConcern: DURABLE })
    .updateOne({ ...ID, 'holder.run': run }, buried)
}

function held(locks: Collection<LockDocument>, run: ObjectId): Lock {
  const lost = new AbortController()
  const mine = { ...ID, 'holder.run': run }
  const update = async (change: Document | Document[], writeConcern: WriteConcernSettings = DURABLE) => {
    const { matchedCount } = await locks.updateOne(mine, change, { writeConcern })
    if (matchedCount === 0) lost.abort(takenOver())
    lost.signal.throwIfAborted()
  }
  const renew = () => update([{ $set: { renewed: '$$NOW' } }])
  // A server that does not answer is met by the work itself.
  const heartbeat = setInterval(() => void renew().catch(() => undefined), RENEW_MS).unref()
  // Nobody waits for these, and nothing depends on them.
  const leave = () => {
    clearInterval(heartbeat)
    progress.end()
  }
  const announce = async (progress: HolderProgress) => {
    await locks
      .updateOne(mine, { $set: { progress } }, { writeConcern: { w: 1, journal: false } })
      .catch(() => undefined)
  }
  const progress = throttled((progress: HolderProgress) => void announce(progress))
  return {
    lost: lost.signal,
    renew,
    tell: progress.tell,
    announce,
    async remains() {
      const document = await locks.findOne(ID)
      return { dead: document?.dead, swap: document?.swap }
    },
    // Forgotten, what they left is completed or removed once more, which changes nothing.
    clearRemains: () => update({ $unset: { dead: '', swap: '' } }, ORDERED),
    // Forgotten, the collections that are in place by then would stay beside those of the run before.
    beginSwap: (record) => update({ $set: { swap: { run, record } } }),
    // Forgotten, the next command finds nothing left to swap in, and the record kept.
    endSwap: () => update({ $unset: { swap: '' } }, ORDERED),
    leave,
    async release() {
      leave()
      // Forgotten, this process is found to have ended, or its lease to be over.
      await locks.updateOne(mine, { $unset: { holder: '', renewed: '', progress: '' } }, { writeConcern: ORDERED })
    },
  }
}

/** Takes the lock if it is free, in one step; says who holds it now. */
async function take(locks: Collection<LockDocument>, me: Omit<Holder, 'since'>): Promise<Holder | undefined> {
  const isHeld = { $eq: [{ $type: '$holder' }, 'object'] }
  const keepIfHeld = (field: string, otherwise: unknown) => ({
    $cond: [{ $and: [isHeld, IS_FRESH] }, `$${field}`, otherwise],
  })
  const died = { $cond: [isHeld, '$holder', '$dead'] }
  try {
    const after = await locks.findOneAndUpdate(
      ID,
      [
        {
          $set: {
            holder: keepIfHeld('holder', { $mergeObjects: [{ $literal: me }, { since: '$$NOW' }] }),
            renewed: keepIfHeld('renewed', '$$NOW'),
            dead: keepIfHeld('dead', died),
            progress: keepIfHeld('progress', '$$REMOVE'),
          },
        },
      ],
      { upsert: true, returnDocument: 'after' },
    )
    return after?.holder
  } catch (error) {
    // Another process made the document at the same moment.
    if (error instanceof MongoServerError && error.code === 11000) return take(locks, me)
    throw error
  }
}

/** Whether a holder of this machine has ended; of those elsewhere only their lease tells. */
function isDead({ pid, machine: where, ...holder }: Holder): boolean {
  // Older versions did not say when it began.
  return where === machine() && !isRunning({ ...identityOf(pid), ...holder })
}

export function thisProcess(): HolderProcess {
  return { ...identityOf(process.pid), host: hostname(), machine: machine() }
}

/** `lingot run, process 4711 on shop-1, since 2026-03-01 02:00:00 UTC` */
export function describeHolder({ command, pid, host, since, engine }: Holder): string {
  const where = engine === 'spark' ? 'on Spark' : `process ${pid} on ${host}`
  return `\`lingot ${command}\`, ${where}, since ${since.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function busy(silver: Db, holder: Holder): LingotError {
  return new LingotError(
    'busy',
    `${silver.databaseName} is being changed by ${describeHolder(holder)}.`,
    'Wait for it, or run again without --no-wait.',
  )
}

function takenOver(): LingotError {
  return new LingotError(
    'busy',
    `Another run took over: this one was stopped for more than ${LEASE_MS / 1000} seconds.`,
    'Look at `lingot report`, and run it again if need be.',
  )
}
