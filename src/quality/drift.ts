import type { Refined } from '../silver/processor.ts'
import { type FieldObservations, total } from './observations.ts'

/** A change in bronze that nobody announced. */
export interface Drift {
  collection: string
  /** Empty where the whole collection is meant. */
  field: string
  change:
    | 'gone'
    | 'missing more'
    | 'missing less'
    | 'invalid more'
    | 'repaired more'
    | 'new, not in the contract'
    | 'not in the contract'
  detail: string
  /** Of a field that no contract names: how often it was met. */
  count?: number
}

/** Percentage points by which a rate may move from one run to the next. */
const JUMP = 10

/** What is new about bronze: what changed since the run before, then the fields that no contract names. */
export function driftOf(now: Record<string, Refined>, before: Record<string, Refined> | undefined): Drift[] {
  const drifts = Object.entries(now).flatMap(([collection, refined]) => {
    const were = before?.[collection]
    if (refined.bronze === 0 && were !== undefined && were.bronze > 0) {
      return [{ collection, field: '', change: 'gone', detail: `${were.bronze} documents → none` } satisfies Drift]
    }
    return [
      ...Object.keys(refined.fields).flatMap((field) => changes(collection, field, refined, were)),
      ...unnamed(collection, refined, were),
    ]
  })
  return drifts.sort((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change))
}

const ORDER: Drift['change'][] = [
  'gone',
  'missing more',
  'invalid more',
  'repaired more',
  'new, not in the contract',
  'missing less',
  'not in the contract',
]

function unnamed(collection: string, now: Refined, before: Refined | undefined): Drift[] {
  const known = before && new Set(before.unnamed.map(({ field }) => field))
  return now.unnamed.map(({ field, count }) => {
    const isNew = known !== undefined && !known.has(field)
    const change = isNew ? 'new, not in the contract' : 'not in the contract'
    // A name in parentheses stands for several, which one document may hold at once.
    const detail = field.startsWith('(') ? `${count} times` : `in ${count} of ${now.bronze} documents`
    return { collection, field, change, detail, count }
  })
}

function changes(collection: string, field: string, now: Refined, before: Refined | undefined): Drift[] {
  const rates = rate(field, now)
  const were = before && rate(field, before)
  if (rates === undefined || were === undefined) return []
  const drift = (change: Drift['change'], what: keyof typeof rates): Drift => {
    return { collection, field, change, detail: `${were[what].toFixed(1)} % → ${rates[what].toFixed(1)} %` }
  }
  if (rates.missing === 100 && were.missing < 100) return [drift('gone', 'missing')]
  const rise = (what: keyof typeof rates) => rates[what] - were[what]
  return [
    ...(rise('missing') > JUMP ? [drift('missing more', 'missing')] : []),
    ...(rise('missing') < -JUMP ? [drift('missing less', 'missing')] : []),
    ...(rise('invalid') > JUMP ? [drift('invalid more', 'invalid')] : []),
    ...(rise('repaired') > JUMP ? [drift('repaired more', 'repaired')] : []),
  ]
}

/** In percent of the documents; undefined where there are none. */
function rate(
  field: string,
  { bronze, fields }: Refined,
): Record<Exclude<keyof FieldObservations, 'present'>, number> | undefined {
  const observed = fields[field]
  if (observed === undefined || bronze === 0) return undefined
  const percent = (kind: 'missing' | 'invalid' | 'repaired') => (total(observed[kind]) / bronze) * 100
  return { missing: percent('missing'), invalid: percent('invalid'), repaired: percent('repaired') }
}
