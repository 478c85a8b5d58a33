import { setTimeout } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { describeHolder, readHolder } from '../runs/lock.ts'
import { machine } from '../system/alive.ts'
import { LingotError } from '../system/errors.ts'
import { failureOf, type Launched, launch } from '../system/launch.ts'
import type { Started } from './api.ts'
import { Refusal } from './problem.ts'

/** Starts runs, one at a time, each in a process of its own: this one stays free to answer. */
export interface Runs {
  start: () => Promise<Started>
  /** Whether a run was started here and is under way. */
  isOwn: (run: string) => boolean
  /** Has a run that was started here stop, as Ctrl-C does; throws where there is none. */
  cancel: () => void
  /** Has a run that is under way stop, and waits for it. */
  stop: () => Promise<void>
}

const POLL_MS = 50
const PATIENCE = { timeoutMS: 2000 }

/** `command` is what starts Lingot: a program and its arguments. */
export function runner(silver: Db, command: readonly string[]): Runs {
  let isStarting = false
  let child: Launched | undefined
  let own: string | undefined
  return {
    async start() {
      if (isStarting || child !== undefined) {
        throw new LingotError('busy', 'A run that was started here is under way.', 'Wait for it.')
      }
      isStarting = true
      try {
        await refuseBusy(silver)
        child = launch([...command, 'run', '--no-wait', '--json'])
      } finally {
        isStarting = false
      }
      void child.ended.then(() => {
        child = undefined
        own = undefined
      })
      const started = await seen(silver, child)
      if (child !== undefined) own = started.run
      return started
    },
    isOwn: (run) => run === own,
    cancel() {
      if (child !== undefined) return child.stop()
      throw new Refusal(409, 'usage', 'No run that was started here is under way.', 'Stop it where it was started.')
    },
    async stop() {
      child?.stop()
      await child?.ended
    },
  }
}

/** Waits until a run holds the lock; throws what it ended with before. */
async function seen(silver: Db, child: Launched): Promise<Started> {
  for (;;) {
    const end = await Promise.race([child.ended, setTimeout(POLL_MS)])
    if (end?.exitCode === 0) return {}
    if (end !== undefined) throw failureOf(end)
    const holder = (await readHolder(silver, PATIENCE))?.holder
    if (holder?.pid === child.pid && holder?.machine === machine()) return { run: holder.run.toHexString() }
  }
}

async function refuseBusy(silver: Db): Promise<void> {
  const found = await readHolder(silver, PATIENCE)
  if (found === undefined) return
  const message = `${silver.databaseName} is being changed by ${describeHolder(found.holder)}.`
  throw new LingotError('busy', message, 'Wait for it.')
}
