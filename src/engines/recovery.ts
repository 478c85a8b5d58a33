import { ObjectId } from 'bson'
import type { Db } from 'mongodb'
import {
  describeHolder,
  type Holder,
  type Lock,
  type LockOptions,
  leftSwap,
  lockSilver,
  type TakenLock,
} from '../runs/lock.ts'
import { saveRun } from '../runs/store.ts'
import { clearStaging, swapIn } from '../silver/staging.ts'
import { LingotError } from '../system/errors.ts'
import { type RetryOptions, retried } from '../system/retry.ts'

/** Does some work while nobody else changes silver, after what a dead run left is completed or removed. */
export async function lockedSilver<T>(
  silver: Db,
  command: Holder['command'],
  options: LockOptions & RetryOptions,
  work: (lock: TakenLock, run: ObjectId) => Promise<T>,
): Promise<T> {
  const run = new ObjectId()
  const onWait = (holder: Holder) => options.onNote?.(`Waiting for ${describeHolder(holder)}.`)
  const lock = await retried(() => lockSilver(silver, { run, command }, { ...options, onWait }), options)
  try {
    await retried(() => recover(silver, lock), options)
    return await work(lock, run)
  } finally {
    // Where the server is gone, the lock is free as soon as this process has ended.
    await lock.release().catch(() => undefined)
  }
}

/** Completes a swap in which a run died, so that a reader of silver does not see two runs. */
export async function completeSwap(silver: Db): Promise<void> {
  if (await leftSwap(silver)) await clearUp(silver)
}

/** Completes or removes what a dead run left; where another run works, it has done so itself. */
export async function clearUp(silver: Db): Promise<void> {
  try {
    await lockedSilver(silver, 'recovery', { noWait: true }, async () => undefined)
  } catch (error) {
    if (!(error instanceof LingotError && error.kind === 'busy')) throw error
  }
}

/** Completes or removes what a dead run left. */
export async function recover(silver: Db, lock: Lock): Promise<void> {
  const { dead, swap } = await lock.remains()
  if (swap !== undefined) {
    await swapIn(silver, swap.run)
    await saveRun(silver, swap.record)
  } else if (dead !== undefined && dead.command !== 'recovery') {
    const { run, command, since } = dead
    const finished = new Date()
    await saveRun(silver, { _id: run, command, started: since, finished, outcome: 'interrupted', steps: [] })
  }
  await clearStaging(silver)
  if (swap !== undefined || dead !== undefined) await lock.clearRemains()
}
