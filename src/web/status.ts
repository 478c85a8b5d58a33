import { setTimeout } from 'node:timers/promises'
import type { Db } from 'mongodb'
import { readHolder } from '../runs/lock.ts'
import type { RunRecord } from '../runs/record.ts'
import { goldBefore, lastOutcome, runOf } from '../runs/store.ts'
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
  isOwn: (run: string) => boolean,
): StatusReader {
  const version = packageVersion()
  const outcome = outcomeReader(silver)
  const read = sharedFor(POLL_MS / 2, async (): Promise<Status> => {
    const [gold, holder, last] = await Promise.allSettled([
      readGold(),
      readHolder(silver, PATIENCE),
      lastOutcome(silver, PATIENCE).then(outcome),
    ])
    const isDown = (answer: PromiseSettledResult<unknown>) =>
      answer.status === 'rejected' && kindOf(answer.reason) === 'server'
    return {
      version,
      gold: answered(gold) ?? null,
      running: runningOf(answered(holder), isOwn),
      last: answered(last) ?? null,
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

function runningOf(found: Awaited<ReturnType<typeof readHolder>>, isOwn: (run: string) => boolean): Status['running'] {
  if (found === undefined) return null
  const { holder, progress } = found
  const run = holder.run.toHexString()
  return {
    run,
    command: holder.command,
    host: holder.host,
    since: holder.since.toISOString(),
    step: progress?.step ?? null,
    done: progress?.done ?? null,
    total: progress?.total ?? null,
    isOwn: isOwn(run),
  }
}

type Last = NonNullable<Status['last']>

/** Tells how a run ended; what it brought is looked up once. */
function outcomeReader(silver: Db): (record: Awaited<ReturnType<typeof lastOutcome>>) => Promise<Last | null> {
  let known: { of: string; brought: Pick<Last, 'moreOrders' | 'checks'> } | undefined
  return async (record) => {
    if (record === null) return null
    const { _id, command, started, finished, outcome, failure } = record
    const of = `${_id.toHexString()} ${finished.toISOString()}`
    if (known?.of !== of) known = { of, brought: await broughtBy(silver, await runOf(silver, _id)) }
    return {
      run: _id.toHexString(),
      command,
      started: started.toISOString(),
      seconds: (finished.getTime() - started.getTime()) / 1000,
      outcome,
      failure: failure === undefined ? null : mask(failure.message),
      wasStopped: failure?.kind === 'interrupted',
      ...known.brought,
    }
  }
}

async function broughtBy(silver: Db, record: RunRecord | null): Promise<Pick<Last, 'moreOrders' | 'checks'>> {
  const checks = record?.checks
  const isWhole = record?.gold !== undefined && record.only === undefined && record.outcome === 'succeeded'
  const before = isWhole ? await goldBefore(silver, record) : null
  const [now, then] = [ordersOf(record), ordersOf(before)]
  return {
    moreOrders: now !== null && then !== null && now.isOfSeveral === then.isOfSeveral ? now.count - then.count : null,
    checks: checks === undefined ? null : { passed: checks.filter(({ passed }) => passed).length, all: checks.length },
  }
}

/** The orders in the gold of a run: its sales, where each is one. */
function ordersOf(record: RunRecord | null): { count: number; isOfSeveral: boolean } | null {
  const all = record?.reconciliation?.find(({ gold_table }) => gold_table === 'all sales')
  if (all === undefined) return null
  return { count: record?.orders ?? all.transactions, isOfSeveral: record?.orders !== undefined }
}
