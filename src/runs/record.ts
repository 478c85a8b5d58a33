import type { ObjectId } from 'bson'
import { z } from 'zod'
import { severity } from '../settings/thresholds.ts'
import { type Failure, failures } from '../system/errors.ts'

/*
 * What a run did: kept in `runs` beside silver, and told by commands, the library and pages. The schemas say what of it
 * is told, and the types come from them.
 */

/** A time: a Date in JavaScript, and in JSON a text in ISO 8601. */
export const instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

const runId = z.string().regex(/^[0-9a-f]{24}$/)
const count = z.number().int().min(0)

const tally = z.strictObject({
  count,
  examples: z.array(z.unknown()).describe('The _ids of the first few documents, in relaxed Extended JSON.'),
})
/** How often something was met, and the `_id`s of the first few documents where it was. */
export type Tally = z.output<typeof tally>
const tallies = z.record(z.string(), tally)

const field = z.strictObject({
  present: count.describe('Documents that have a value, good or not.'),
  missing: tallies,
  invalid: tallies,
  repaired: tallies,
  suspicious: tallies.exactOptional().describe('What may be wrong with good ones, where there is anything.'),
  nowhere: z
    .string()
    .exactOptional()
    .describe('What the configuration reads it from, where no document has that, and the name that it may mean.'),
})
/** What was found out about the values of a field, by reason. */
export type FieldObservations = z.output<typeof field>

const observations = z.strictObject({
  fields: z.record(z.string(), field),
  unnamed: z
    .array(z.strictObject({ field: z.string(), count }))
    .describe('Fields that the contract does not name, and in how many documents each stands.'),
  suspicious: tallies,
})
/** What was found out about a collection while it was cleaned. */
export type Observations = z.output<typeof observations>

const refined = observations.extend({
  source: z.string().exactOptional().describe('What bronze calls the collection, where a record says.'),
  absent: z.literal(true).exactOptional().describe('Bronze has no such collection.'),
  documents: z
    .strictObject({ all: count, empty: count })
    .exactOptional()
    .describe('Where records are elements of lists: the documents that hold them, and how many of these hold none.'),
  bronze: count.describe('The records of bronze: its documents, or the elements of their lists.'),
  silver: count,
  duplicates: count,
  duplicateRevenue: z
    .string()
    .exactOptional()
    .describe('The total_amount of the duplicates, as exact decimal text, where a record says.'),
  quarantined: z.strictObject({ noId: count, superseded: count, noObject: count.exactOptional() }),
  erased: count.describe('Documents of people who were erased.'),
  leftOut: count.exactOptional().describe('Documents that a setting leaves out, where there is one.'),
  sharedIds: count.describe(
    'Ids that name several different documents, all kept or, for customers, the last one kept.',
  ),
})
/** What happened to one collection on its way to silver; bronze = silver + duplicates + quarantined + erased + left out. */
export type Refined = z.output<typeof refined>

/** The records whose values were looked at. */
export function cleanedOf({
  bronze,
  leftOut = 0,
  quarantined: { noObject = 0 } = { noId: 0, superseded: 0 },
}: Pick<Refined, 'bronze' | 'leftOut'> & Partial<Pick<Refined, 'quarantined'>>): number {
  return bronze - leftOut - noObject
}

const erasedFrom = { customers: count, transactions: count, others: z.record(z.string(), count).exactOptional() }
const erased = z.strictObject({
  customers: count.describe('Documents removed from silver.'),
  transactions: count.describe('Sales that lost their customer in silver.'),
  others: erasedFrom.others.describe('Documents of other collections that were removed, or lost their customer.'),
  quarantined: count.describe('Documents removed from the quarantine.'),
  bronze: z
    .strictObject(erasedFrom)
    .exactOptional()
    .describe('Documents removed from bronze, and those that lost their customer there, where that was asked for.'),
})
/** What was taken away; counts alone, since nothing is to tell who it was. */
export type Erased = z.output<typeof erased>

/** A part of the revenue as one gold table sees it; see the model `reconciliation`. */
export const reconciliationPart = z.object({
  gold_table: z.string(),
  part: z.string(),
  in_table: z.boolean(),
  transactions: z.number(),
  revenue: z.string().describe('Exact decimal text.'),
  amount_unknown: z.number(),
})
export type ReconciliationPart = z.infer<typeof reconciliationPart>

export const commands = z.enum(['process', 'aggregate', 'run', 'erase'])
/** An interrupted run died; the next one found it so. */
export const outcomes = z.enum(['succeeded', 'failed', 'interrupted'])

/** Which rules make silver: docs/numbers.md tells them. What versions made that knew no other is of the first. */
export const RULES = 2

/** How a check went. */
export const checkResult = z.object({
  subject: z.string().describe('What was checked: a model, or a field of silver.'),
  name: z.string().describe('The check in words.'),
  severity,
  passed: z.boolean(),
  detail: z.string().describe('How many rows are at fault, or by how much a threshold was missed.'),
  rows: z.array(z.record(z.string(), z.unknown())).describe('The keys of the first rows at fault.'),
})
export type CheckResult = z.infer<typeof checkResult>

export const failureKinds = z.enum(Object.keys(failures) as Failure[])

export const run = z.strictObject({
  run: runId.describe('Its id, as gold_run has it.'),
  command: commands,
  engine: z.literal('spark').exactOptional().describe('Where it was not this machine that did it.'),
  started: instant,
  finished: instant,
  outcome: outcomes,
  failure: z
    .strictObject({ kind: failureKinds, message: z.string() })
    .exactOptional()
    .describe('Why it failed; kinds are those of the exit codes.'),
  steps: z
    .array(z.strictObject({ step: z.string(), from: z.number(), seconds: z.number() }))
    .describe('How long each step took, and how many seconds after the start it began; they may overlap.'),
  rules: count
    .exactOptional()
    .describe('The set of rules that values were read by; the first one where it is not said.'),
  silver: z
    .record(z.string(), refined)
    .exactOptional()
    .describe(
      'By collection what became of the records of bronze, where the run made silver; examples are _ids in relaxed Extended JSON.',
    ),
  changes: z
    .record(z.string(), z.record(z.string(), count))
    .exactOptional()
    .describe('By collection and cause, how many records of silver changed, where it is known what was there before.'),
  replaced: runId.exactOptional().describe('The run whose silver it replaced.'),
  removed: z
    .array(z.string())
    .exactOptional()
    .describe('Collections of silver that went, since the shop no longer has them.'),
  erasure: erased.exactOptional().describe('What was taken away, where a person was erased.'),
  only: z.string().exactOptional().describe('The one table that was made beside the gold in place.'),
  gold: z.record(z.string(), count).exactOptional().describe('Rows by table, where the run made gold.'),
  making: z
    .strictObject({ settings: z.string(), models: z.record(z.string(), z.string()) })
    .exactOptional()
    .describe('Hashes of what gold was made by.'),
  madeOf: runId.exactOptional().describe('The run whose silver gold was made of, where it was another one.'),
  reconciliation: z.array(reconciliationPart).exactOptional(),
  orders: count.exactOptional().describe('How many orders the sales of gold are of, where an order may have several.'),
  unmade: z.array(z.string()).exactOptional().describe('Tables of the gold in place that no model makes any more.'),
  without: z
    .record(z.string(), z.array(z.string()))
    .exactOptional()
    .describe('Tables that are not made, by the collection that the shop does without.'),
  checks: z.array(checkResult).exactOptional(),
})
/** What a run did, as commands and the library tell it. */
export type Run = z.output<typeof run>

/** What a run did, kept in `runs` beside silver: the trust report is made from it. */
export interface RunRecord extends Omit<Run, 'run' | 'replaced' | 'madeOf'> {
  _id: ObjectId
  replaced?: ObjectId
  madeOf?: ObjectId
}
