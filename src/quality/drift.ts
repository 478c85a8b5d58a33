import type { Refined } from '../silver/processor.ts'
import { total } from './observations.ts'

/** A change in bronze that nobody announced. */
export interface Drift {
  collection: string
  field: string
  change: 'not in the contract' | 'gone' | 'missing more' | 'missing less' | 'invalid more'
  detail: string
}

/** Percentage points by which a rate may move from one run to the next. */
const JUMP = 10

/** What is new about bronze: fields no contract names, and fields that changed since the run before. */
export function driftOf(now: Record<string, Refined>, before: Record<string, Refined> | undefined): Drift[] {
  return Object.entries(now).flatMap(([collection, refined]) => [
    ...refined.unnamed.map(({ field, count }): Drift => {
      return { collection, field, change: 'not in the contract', detail: `in ${count} of ${refined.bronze} documents` }
    }),
    ...Object.keys(refined.fields).flatMap((field) => changes(collection, field, refined, before?.[collection])),
  ])
}

function changes(collection: string, field: string, now: Refined, before: Refined | undefined): Drift[] {
  const rates = rate(field, now)
  const were = before && rate(field, before)
  if (rates === undefined || were === undefined) return []
  const from = (what: keyof typeof rates) => `${were[what].toFixed(1)} % → ${rates[what].toFixed(1)} %`
  if (rates.missing === 100 && were.missing < 100)
    return [{ collection, field, change: 'gone', detail: from('missing') }]
  const drifts: Drift[] = []
  if (Math.abs(rates.missing - were.missing) > JUMP) {
    const change = rates.missing > were.missing ? 'missing more' : 'missing less'
    drifts.push({ collection, field, change, detail: from('missing') })
  }
  if (rates.invalid - were.invalid > JUMP) {
    drifts.push({ collection, field, change: 'invalid more', detail: from('invalid') })
  }
  return drifts
}

/** In percent of the documents; undefined where there are none. */
function rate(field: string, { bronze, fields }: Refined): { missing: number; invalid: number } | undefined {
  const observed = fields[field]
  if (observed === undefined || bronze === 0) return undefined
  return { missing: (total(observed.missing) / bronze) * 100, invalid: (total(observed.invalid) / bronze) * 100 }
}
