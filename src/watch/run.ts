import { type Lingot, withLingot } from '../library/lingot.ts'
import { withoutRows } from '../runs/gate.ts'
import type { RunRecord } from '../runs/record.ts'
import { lastRuns } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { failures, reasonOf } from '../system/errors.ts'
import { type Ending, failureOf, launch } from '../system/launch.ts'
import type { Finished } from './alerts.ts'
import { summaryOf } from './summary.ts'

export interface RunHooks {
  /** What starts Lingot: a program and its arguments. */
  command: readonly string[]
  /** Passes on what the run says. */
  onSaid: (text: string) => void
  onNote: (note: string) => void
}

/**
 * Makes runs, each in a process of its own: it reads the settings as they are then, leaves this one free to answer, and
 * takes nothing down with it. At the signal it is told to stop, and waited for: then nothing is given.
 */
export function runner(
  config: Readonly<Config>,
  { command, onSaid, onNote }: RunHooks,
): (signal: AbortSignal) => Promise<Finished | undefined> {
  let known: string | undefined
  /** The record of a run that ended so, and what changed with it; nothing where it ended before it began. */
  const lookAt = async ({ exitCode }: Ending, lingot: Lingot) => {
    const [last] = await lastRuns(lingot.mongodb.db(config.silver), 1)
    const id = last?._id.toHexString()
    if (last === undefined || id === known || !endedSo(last, exitCode)) return undefined
    known = id
    return { record: last, lines: await summaryOf(lingot, last) }
  }
  return async (signal) => {
    // Told before there was anybody to be told.
    if (signal.aborted) return undefined
    const child = launch([...command, 'run', '--json'], onSaid)
    signal.addEventListener('abort', child.stop)
    const end = await child.ended
    signal.removeEventListener('abort', child.stop)
    const failure = end.exitCode === 0 ? undefined : failureOf(end)
    if (signal.aborted && failure !== undefined) return undefined
    const opening = {
      gold: 'read' as const,
      signal,
      onProgress: () => undefined,
      onStep: () => undefined,
      onNote: () => undefined,
    }
    const found = await withLingot(config, opening, (lingot) => lookAt(end, lingot)).catch((error: unknown) => {
      // A run that failed says itself that a server is gone.
      if (failure === undefined) onNote(`What the run did cannot be read: ${reasonOf(error)}`)
      return undefined
    })
    const message = found?.record.failure?.message ?? withoutRows(failure?.message ?? '')
    return { failure: failure && { kind: failure.kind, message }, record: found?.record, lines: found?.lines ?? [] }
  }
}

/** Whether a record is of a run that ended with such a code. */
function endedSo({ command, outcome, failure }: RunRecord, exitCode: number | null): boolean {
  if (command !== 'run') return false
  return failure === undefined ? outcome === 'succeeded' && exitCode === 0 : failures[failure.kind].exit === exitCode
}
