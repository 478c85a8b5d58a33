import { setTimeout } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { readHolder } from '../runs/lock.ts'
import { lastOutcome } from '../runs/store.ts'
import { kindOf } from '../system/errors.ts'
import { packageVersion } from '../system/package.ts'
import { mask } from '../system/secrets.ts'
import type { GoldRun, Status } from './api.ts'
import { sharedFor } from './shared.ts'

/** What is there and what goes on. */
export interface StatusReader {
  read: () => Promise<Status>
  /** Tells the status at once and whenever it changes, until the returned function is called. */
  listen: (tell: (status: Status) => void) => () => void
}

/** Who asks for the status waits no longer than that for a MongoDB that does not answer. */
const PATIENCE = { timeoutMS: 2000 }
const POLL_MS = 1000

/** Reads the status from where the runs leave it: beside silver, and in gold. */
export function statusReader(
  silver: Db,
  readGold: () => Promise<GoldRun | null>,
  rights: Pick<Status, 'canRun' | 'canAsk' | 'currency'>,
): StatusReader {
  const version = packageVersion()
  const read = sharedFor(POLL_MS / 2, async (): Promise<Status> => {
    const [gold, holder, last] = await Promise.allSettled([
      readGold(),
      readHolder(silver, PATIENCE),
      lastOutcome(silver, PATIENCE),
    ])
    const isDown = (answer: PromiseSettledResult<unknown>) =>
      answer.status === 'rejected' && kindOf(answer.reason) === 'server'
    return {
      version,
      gold: answered(gold) ?? null,
      running: runningOf(answered(holder)),
      last: lastOf(answered(last)),
      down: [
        ...([holder, last].some(isDown) ? (['mongodb'] as const) : []),
        ...(isDown(gold) ? (['postgresql'] as const) : []),
      ],
      ...rights,
    }
  })

  const listeners = new Set<(status: Status) => void>()
  let isPolling = false
  const poll = async () => {
    if (isPolling) return
    isPolling = true
    while (listeners.size > 0) {
      const status = await read()
      for (const tell of listeners) tell(status)
      await setTimeout(POLL_MS, undefined, { ref: false })
    }
    isPolling = false
  }
  return {
    read,
    listen(tell) {
      let known = ''
      const tellChange = (status: Status) => {
        const text = JSON.stringify(status)
        if (text === known || !listeners.has(tellChange)) return
        known = text
        try {
          tell(status)
        } catch {
          // Who cannot be told, as over a connection that broke, must not keep it from the others.
          listeners.delete(tellChange)
        }
      }
      listeners.add(tellChange)
      void read().then(tellChange)
      void poll()
      return () => listeners.delete(tellChange)
    },
  }
}

function answered<T>(answer: PromiseSettledResult<T>): T | undefined {
  return answer.status === 'fulfilled' ? answer.value : undefined
}

function runningOf(found: Awaited<ReturnType<typeof readHolder>>): Status['running'] {
  if (found === undefined) return null
  const { holder, progress } = found
  return {
    run: holder.run.toHexString(),
    command: holder.command,
    host: holder.host,
    since: holder.since.toISOString(),
    step: progress?.step ?? null,
    done: progress?.done ?? null,
    total: progress?.total ?? null,
  }
}

function lastOf(record: Awaited<ReturnType<typeof lastOutcome>> | undefined): Status['last'] {
  if (record == null) return null
  const { _id, command, started, finished, outcome, failure } = record
  return {
    run: _id.toHexString(),
    command,
    started: started.toISOString(),
    seconds: (finished.getTime() - started.getTime()) / 1000,
    outcome,
    failure: failure === undefined ? null : mask(failure.message),
  }
}
