import { setTimeout } from 'node:timers/promises'
import { reasonOf } from '../system/errors.ts'
import { counted } from '../text/terminal.ts'
import { type Event, type Finished, transitions } from './alerts.ts'
import type { Tell } from './channels/channels.ts'
import { type Health, readHealth, writeHealth } from './health.ts'
import type { Schedule } from './schedule.ts'

/** What time it is, and how it passes. */
export interface Clock {
  now: () => number
  /** Returns at the signal, too. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>
}

const clock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
}

export interface WatchOptions {
  schedule: Schedule
  /** Where the health file is. */
  file: string
  /** Makes one run, to its end or until the signal: then it gives nothing. */
  run: (signal: AbortSignal) => Promise<Finished | undefined>
  tell: Tell
  /** Follows bronze, where a change is met with a run. */
  follow?: ((onChange: () => void) => Promise<void>) | undefined
  print: (line: string) => void
  onNote: (note: string) => void
  signal: AbortSignal
  clock?: Clock
}

/** A watch that goes on. */
export interface Watch {
  /** When it has ended, at the signal: whether a run was stopped that was under way. */
  ended: Promise<boolean>
  /** Gold that began before then is older than expected. */
  oldestGold: () => Date
  /** How many alerts it told, by what they are about. */
  told: ReadonlyMap<Event, number>
}

/** A change is seldom alone. */
const SETTLE_MS = 10_000
const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 3_600_000
/** So many shops that share a server do not come back to it at the same moment. */
const JITTER = 0.1
/** Timers count no time that a machine sleeps, and who looks at the health file wants to know that it lives. */
const LONGEST_SLEEP_MS = 30_000

/** How long it is waited after so many failures in a row: twice as long each time, an hour at most. */
export function waitAfter(failures: number, random = Math.random()): number {
  const wait = Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS)
  return Math.round(wait * (1 + JITTER * random))
}

/** Makes runs, one at a time, whenever they are due, and tells what changed from one to the next, until the signal. */
export async function watch({
  schedule,
  file,
  run,
  tell,
  follow,
  print,
  onNote,
  signal,
  clock: { now, sleep } = clock,
}: WatchOptions): Promise<Watch> {
  let health = readHealth(file, schedule.described)
  let writing = Promise.resolve()
  // One at a time, so that the last one is the last.
  const save = (change: Partial<Health>) => {
    health = { ...health, ...change }
    writing = writing.then(() => {
      health.updated = new Date(now()).toISOString()
      return writeHealth(file, health)
    })
    return writing
  }
  const saved = (change: Partial<Health> = {}) =>
    save(change).catch((error: unknown) => {
      writing = Promise.resolve()
      onNote(reasonOf(error))
    })

  const counts = new Map<Event, number>()
  let due = schedule.first(now())
  /** When the first change came that no run has taken up. */
  let changed: number | undefined
  let wake = new AbortController()
  let ended = Number.NEGATIVE_INFINITY
  let took = 0
  const onChange = () => {
    if (changed !== undefined) return
    changed = now()
    wake.abort()
  }
  // A server that is down is no sooner up for a change of bronze; what is wrong with the data may be.
  const mayMend = () => health.failures === 0 || ['gate', 'data', 'bronze'].includes(health.lastFailure?.kind ?? '')
  const dueNow = () => {
    if (changed === undefined || !mayMend()) return due
    // Where changes never end, half of the time is left to others.
    return Math.min(due, Math.max(changed + SETTLE_MS, ended + took))
  }

  async function untilDue(): Promise<void> {
    for (let next = dueNow(); next > now() && !signal.aborted; next = dueNow()) {
      wake = new AbortController()
      await saved({ state: 'waiting', next: timeOf(next) })
      await sleep(Math.min(next - now(), LONGEST_SLEEP_MS), wake.signal)
    }
  }

  async function oneRun(): Promise<boolean> {
    changed = undefined
    const begun = now()
    await saved({ state: 'running', next: null })
    const finished = await run(signal)
    if (finished === undefined) return false
    ended = now()
    took = ended - begun
    const { failure } = finished
    const failures = failure === undefined ? 0 : health.failures + 1
    due = failures === 0 ? schedule.next(begun, ended) : ended + waitAfter(failures)
    const at = new Date(ended).toISOString()
    await saved({
      failures,
      ...(failure === undefined ? { lastSuccess: at } : { lastFailure: { at, kind: failure.kind } }),
    })
    print(lineOf(finished, { at: ended, took, failures, next: dueNow() }))
    const { alerts, told } = transitions(health.told, finished)
    for (const { event, title } of alerts) print(`  ${event}: ${title}`)
    // What reached nobody is told after the next run, if it is still so.
    if (await tell(alerts, signal)) {
      for (const { event } of alerts) counts.set(event, (counts.get(event) ?? 0) + 1)
      await saved({ told })
    }
    return true
  }

  async function goOn(): Promise<boolean> {
    const stop = () => wake.abort()
    signal.addEventListener('abort', stop)
    try {
      await follow?.(onChange)
      for (;;) {
        await untilDue()
        if (signal.aborted) return false
        const heartbeat = setInterval(() => void saved(), LONGEST_SLEEP_MS)
        const isOver = await oneRun().finally(() => clearInterval(heartbeat))
        if (!isOver) return true
      }
    } finally {
      signal.removeEventListener('abort', stop)
      await saved({ state: 'stopped', next: null })
    }
  }

  // A file that cannot be written is told before anything is done.
  await save({ next: timeOf(due) })
  return {
    ended: goOn(),
    oldestGold: () => new Date(Math.max(schedule.lastButOne(now()) - 2 * took, 0)),
    told: counts,
  }
}

function timeOf(time: number): string | null {
  return Number.isFinite(time) ? new Date(time).toISOString() : null
}

/** `2026-11-29 03:00:12 UTC  The run succeeded in 12 seconds; the next one at 2026-11-30 03:00:00 UTC.` */
function lineOf(
  { failure }: Finished,
  { at, took, failures, next }: { at: number; took: number; failures: number; next: number },
): string {
  const seconds = counted(Math.round(took / 1000), 'second')
  const how = failure === undefined ? `succeeded in ${seconds}` : `failed (${failure.kind}) after ${seconds}`
  const row = failures > 1 ? `, the ${counted(failures, 'failure')} in a row` : ''
  const then = Number.isFinite(next) ? `the next one at ${shownTime(next)}` : 'no other is wanted'
  return `${shownTime(at)}  The run ${how}${row}; ${then}.`
}

function shownTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
