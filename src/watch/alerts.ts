import type { CheckResult, RunRecord } from '../runs/record.ts'
import type { Failure } from '../system/errors.ts'
import type { Told } from './health.ts'

/** What is told of: a change from one run to the next, and no state. */
export type Event = 'failed' | 'recovered' | 'gate fell' | 'gate healed' | 'settled month moved'

/** What somebody is to know; no value of a person is in it. */
export interface Alert {
  event: Event
  title: string
  /** The run after which it is told, where there is a record of it. */
  run: string | null
  kind: Failure | null
  /** The checks that it is about, as `subject: name`. */
  checks: string[]
  /** What the run failed with, or what changed with it, in at most five lines. */
  lines: string[]
}

/** How a run ended. */
export interface Finished {
  failure?: { kind: Failure; message: string } | undefined
  /** What is on record of it; nothing where it failed before it began. */
  record?: RunRecord | undefined
  /** What changed with it, in at most five lines. */
  lines: readonly string[]
}

/** The check that says whether months moved that were thought to be settled. */
export const SETTLED = 'settled months'

/** What changed with a run against what was told before, and what is told then. */
export function transitions(before: Told, finished: Finished): { alerts: Alert[]; told: Told } {
  const { failure, record, lines } = finished
  const failed = record?.checks?.filter(({ passed }) => !passed) ?? []
  const gates = failed.filter(({ severity }) => severity === 'error').map(nameOf)
  // A run that came to no checks says nothing of gates.
  const fell = gates.filter((gate) => !before.gates.includes(gate))
  const healed = record?.checks === undefined ? [] : before.gates.filter((gate) => !gates.includes(gate))
  const moved = failed.find(isOfSettled)
  const settled = record?.checks === undefined ? before.settled : (moved?.detail ?? null)
  // One that keeps the old gold says the same again until it is mended; one that warns tells of another move each time.
  const isNews =
    moved !== undefined && (moved.severity === 'error' ? before.settled === null : settled !== before.settled)
  const about = { run: record?._id.toHexString() ?? null, kind: failure?.kind ?? null }
  const alert = (event: Event, title: string, checks: string[] = [], said = [...lines]): Alert => ({
    ...about,
    event,
    title,
    checks,
    lines: said,
  })

  const alerts: Alert[] = []
  const isTold = before.failed !== null
  if (failure === undefined && isTold) alerts.push(alert('recovered', 'Runs succeed again.'))
  // Of a gate that failed the gate is told.
  if (failure !== undefined && failure.kind !== 'gate' && !isTold) {
    alerts.push(
      alert('failed', `The run failed (${failure.kind}).`, [], failure.message.split('\n').slice(0, MOST_LINES)),
    )
  }
  const others = fell.filter((gate) => moved === undefined || gate !== nameOf(moved))
  if (others.length > 0) alerts.push(alert('gate fell', `The old gold stays: ${listed(others)}.`, others))
  if (healed.length > 0) alerts.push(alert('gate healed', `In order again: ${listed(healed)}.`, healed))
  if (moved !== undefined && isNews) {
    alerts.push(alert('settled month moved', `A settled month moved: ${detailOf(moved)}.`, [nameOf(moved)]))
  }
  return {
    alerts,
    told: {
      failed: failure === undefined ? null : failure.kind === 'gate' ? before.failed : (before.failed ?? failure.kind),
      gates: record?.checks === undefined ? before.gates : gates,
      settled,
    },
  }
}

/** Lines that an alert has at most, beside its title. */
export const MOST_LINES = 5

/** The detail of a check without the documents that it names. */
export function detailOf({ detail }: Pick<CheckResult, 'detail'>): string {
  return detail.replace(/, such as .*/s, '')
}

export function nameOf({ subject, name }: Pick<CheckResult, 'subject' | 'name'>): string {
  return `${subject}: ${name}`
}

function isOfSettled({ subject, name }: CheckResult): boolean {
  return subject === SETTLED || name === SETTLED
}

const MOST_NAMED = 3

function listed(gates: readonly string[]): string {
  const more = gates.length - MOST_NAMED
  return `${gates.slice(0, MOST_NAMED).join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}
