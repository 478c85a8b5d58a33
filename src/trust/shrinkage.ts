import type { CheckResult, Refined } from '../runs/record.ts'
import type { Shrinkage } from '../settings/shrinkage.ts'

/** A source of the gold in place that lost most of its documents is more likely broken than a shop that shrank. */
export function checkShrinkage(
  now: Readonly<Record<string, Refined>>,
  published: Readonly<Record<string, Refined>> | undefined,
  { errorBelow, warnBelow, smallBelow }: Shrinkage,
  accepted = false,
): CheckResult[] {
  return Object.entries(published ?? {}).flatMap(([collection, before]) => {
    const refined = now[collection]
    if (refined === undefined || heldIn(before) === 0) return []
    const [held, heldBefore, what] = leastHeld(refined, before)
    // Another source need not hold as much as this one did, but something.
    const isSame = before.source === undefined || before.source === refined.source
    if (!isSame && held > 0) return []
    const percent = (held / heldBefore) * 100
    if (percent >= warnBelow && percent >= errorBelow && held > 0) return []
    const isGrave = held === 0 || (percent < errorBelow && heldBefore >= smallBelow)
    const told = `${held} ${what}, and ${heldBefore} when the gold in place was made`
    return [shrunk(collection, refined.absent ? GONE : told, isGrave, accepted)]
  })
}

/** Of documents, and of the records in their lists, those of which least is left. */
function leastHeld(now: Refined, before: Refined): readonly [now: number, before: number, what: string] {
  const documents = [heldIn(now), heldIn(before), 'documents'] as const
  if (now.documents === undefined || before.documents === undefined || before.bronze === 0) return documents
  const records = [now.bronze, before.bronze, 'records'] as const
  return records[0] / records[1] < documents[0] / documents[1] ? records : documents
}

/** The documents of a source, whichever parts of them are records. */
function heldIn({ documents, bronze }: Refined): number {
  return documents?.all ?? bronze
}

/** As {@link checkShrinkage}, of a gold whose run is not on record: only its tables tell of what it was made. */
export function checkEmptied(
  now: Readonly<Record<string, Refined>>,
  holds: readonly string[],
  accepted = false,
): CheckResult[] {
  return Object.entries(now).flatMap(([collection, { bronze, absent }]) => {
    if (bronze > 0 || !holds.includes(collection)) return []
    return [
      shrunk(collection, absent ? GONE : 'no documents, and some when the gold in place was made', true, accepted),
    ]
  })
}

const GONE = 'bronze has no such collection any more'

function shrunk(collection: string, detail: string, isGrave: boolean, accepted: boolean): CheckResult {
  const advice = accepted ? 'accepted this time' : 'if that is right, add --accept-shrink once'
  return {
    subject: collection,
    name: 'holds most of what it held',
    severity: isGrave && !accepted ? 'error' : 'warn',
    passed: false,
    detail: isGrave ? `${detail}; ${advice}` : detail,
    rows: [],
  }
}
