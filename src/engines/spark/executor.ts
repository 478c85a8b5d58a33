import { setTimeout } from 'node:timers/promises'
import { commandOf } from '../../system/alive.ts'
import { LingotError } from '../../system/errors.ts'

// A task is over with the executor that began it: Spark has another one do it again.

const EXECUTOR = process.ppid
const WATCH_MS = 250
/** How long a process may take from closing its pipes to having ended. */
const DYING_MS = 250

/** Ends this process once its executor has ended: the same task may be done elsewhere by then. */
export function endWithExecutor(): void {
  setInterval(() => {
    if (process.ppid !== EXECUTOR) process.exit(1)
  }, WATCH_MS).unref()
}

/** Throws where rows may have ended since the executor that gave them was killed, and not all of them came. */
export async function refuseOrphan(): Promise<void> {
  await setTimeout(DYING_MS)
  if (process.ppid === EXECUTOR && EXECUTORS.has(commandOf(process.ppid) ?? '')) return
  throw new LingotError('server', 'The executor of a task has ended.', 'Run it again.')
}

/** An executor is a Java; some shells stay between it and its tasks. Nobody else gives a task rows. */
const EXECUTORS: ReadonlySet<string> = new Set(['java', 'bash', 'sh', 'dash', ''])
