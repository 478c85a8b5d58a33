import { BSON } from 'bson'
import { idOf } from '../../mongo/bson_reader.ts'
import { discreetId, type Hide } from '../../rules/contacts.ts'
import type { Tally } from '../../runs/record.ts'

/** Documents of a kind that are named. */
export const EXAMPLES = 3
/** Bytes of an `_id` that is kept as an example: a record of a run has to fit a document. */
const LONGEST_EXAMPLE = 256

/** Counts documents, and keeps the first few as examples. */
export function noting(hide: Hide): (tally: Tally, document: Buffer) => Tally {
  return (tally, document) => {
    tally.count++
    if (tally.examples.length < EXAMPLES) tally.examples.push(example(discreetId(idOf(document), hide)))
    return tally
  }
}

/** What two parts met, by what it is. */
export function together(one: Record<string, Tally>, other: Record<string, Tally>): Record<string, Tally> {
  const sum = { ...one }
  for (const [what, tally] of Object.entries(other)) sum[what] = added(sum[what], tally)
  return sum
}

/** The sum of two. */
export function added(sum: Tally | undefined, { count, examples }: Tally): Tally {
  if (sum === undefined) return { count, examples }
  return { count: sum.count + count, examples: [...sum.examples, ...examples].slice(0, EXAMPLES) }
}

/** An `_id` as a record can keep it: js-bson reads some that it refuses to write. */
function example(id: unknown): unknown {
  try {
    return BSON.serialize({ id }).length > LONGEST_EXAMPLE ? '(an _id too long to show)' : id
  } catch {
    return '(an _id that cannot be shown)'
  }
}
