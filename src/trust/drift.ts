import { OTHERS } from '../contracts/names.ts'
import { cleanedOf, type Refined } from '../runs/record.ts'
import { total } from '../silver/clean/observations.ts'
import { type Drift, changes as kinds } from './report_schema.ts'

/** Percentage points by which a rate may move from one run to the next. */
const JUMP = 5
/** A rate that at least doubles is a jump from so many points on. */
const DOUBLED_JUMP = 1
/** Standard errors within which two samples of the same feed may differ; one comparison in 16,000 goes beyond. */
const CHANCE = 4
/** A field that was there before is not gone while all the documents may lack it by so small a chance. */
const ALL_LACK_IT = 0.001

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
  return drifts.sort((a, b) => kinds.options.indexOf(a.change) - kinds.options.indexOf(b.change))
}

function unnamed(collection: string, now: Refined, before: Refined | undefined): Drift[] {
  const known = before && new Set(before.unnamed.map(({ field }) => field))
  return now.unnamed.map(({ field, count }) => {
    // Where the run before met more names than it kept, nobody knows which are new.
    const isNew = known !== undefined && !known.has(field) && !known.has(OTHERS)
    const change = isNew ? 'new, not in the contract' : 'not in the contract'
    // A name in parentheses stands for several, which one document may hold at once.
    const detail = field.startsWith('(') ? `${count} times` : `in ${count} of ${cleanedOf(now)} documents`
    return { collection, field, change, detail, count }
  })
}

type Kind = 'missing' | 'invalid' | 'repaired'

function changes(collection: string, field: string, now: Refined, before: Refined | undefined): Drift[] {
  const [documents, documentsBefore] = [cleanedOf(now), before === undefined ? 0 : cleanedOf(before)]
  if (before?.fields[field] === undefined || documentsBefore === 0 || documents === 0) return []
  const share = (kind: Kind, of: Refined) => total(of.fields[field]?.[kind] ?? {}) / cleanedOf(of)
  const drift = (change: Drift['change'], kind: Kind): Drift => {
    const percent = (refined: Refined) => `${(share(kind, refined) * 100).toFixed(1)} %`
    return { collection, field, change, detail: `${percent(before)} → ${percent(now)}` }
  }
  const isGone = share('missing', now) === 1 && share('missing', before) ** documents < ALL_LACK_IT
  if (isGone) return [drift('gone', 'missing')]
  const isJump = (kind: Kind) => jumped([share(kind, before), documentsBefore], [share(kind, now), documents])
  const rises = (['missing', 'invalid', 'repaired'] as const).filter((kind) => share(kind, now) > share(kind, before))
  return [
    ...rises.filter(isJump).map((kind) => drift(`${kind} more`, kind)),
    ...(rises.includes('missing') || !isJump('missing') ? [] : [drift('missing less', 'missing')]),
  ]
}

/** Whether a share moved far, and further than two samples of one feed differ by chance (a two-proportion z-test). */
function jumped([before, documentsBefore]: [number, number], [now, documentsNow]: [number, number]): boolean {
  const points = Math.abs(now - before) * 100
  const hasDoubled = Math.max(now, before) >= 2 * Math.min(now, before)
  if (points <= (hasDoubled ? DOUBLED_JUMP : JUMP)) return false
  const pooled = (before * documentsBefore + now * documentsNow) / (documentsBefore + documentsNow)
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / documentsBefore + 1 / documentsNow))
  return Math.abs(now - before) > CHANCE * error
}
