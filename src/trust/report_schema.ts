import { z } from 'zod'
import { checkResult, commands, instant, outcomes, reconciliationPart } from '../runs/record.ts'

// What the trust report says, and what its JSON looks like: here a time is a Date, there a text.

/** A run in one line. */
export const run = z
  .object({
    id: z.string(),
    command: commands,
    started: instant,
    seconds: z.number(),
    outcome: outcomes,
    failure: z.object({ kind: z.string(), message: z.string() }).nullable(),
    documents: z.number().nullable().describe('Documents read from bronze; null where the run made no silver.'),
    revenue: z.string().nullable().describe('All revenue, as exact decimal text; null where the run made no gold.'),
    checks: z
      .object({ passed: z.number(), all: z.number() })
      .nullable()
      .describe('Null where the run checked nothing.'),
  })
  .meta({ id: 'ReportRun' })
export type Run = z.output<typeof run>

/** Something that was met, how often, and the `_id`s of the first few documents in relaxed Extended JSON. */
const finding = z
  .object({ what: z.string(), count: z.number(), examples: z.array(z.unknown()) })
  .meta({ id: 'Finding' })
export type Finding = z.output<typeof finding>

/** What became of a collection: bronze = silver + duplicates + quarantined + erased + left out. */
const collection = z.object({
  collection: z.string(),
  documents: z
    .object({ all: z.number(), empty: z.number() })
    .optional()
    .describe('Where bronze counts elements of lists: the documents that hold them, and how many of these hold none.'),
  bronze: z.number(),
  silver: z.number(),
  duplicates: z.number(),
  duplicateRevenue: z
    .string()
    .nullable()
    .describe('The total_amount of the duplicates, as exact decimal text; null where it has none, or is not known.'),
  quarantined: z.number(),
  erased: z.number().describe('Documents of people who were erased.'),
  leftOut: z.number().describe('Documents that a setting leaves out.'),
  addsUp: z.boolean(),
  reasons: z.record(z.string(), z.number()).describe('The quarantined ones by reason.'),
  sharedIds: z.number().describe('Ids that name several different documents.'),
  suspicious: z
    .array(finding.extend({ field: z.string().optional(), detail: z.string().optional() }))
    .describe(
      'What may hide a wrong number; of a field, where one is named; in more words, where a count says nothing.',
    ),
})
export type CollectionReport = z.output<typeof collection>

const field = z.object({
  collection: z.string(),
  field: z.string(),
  documents: z.number(),
  present: z.number().describe('Documents that have a value, good or not.'),
  missing: z.number(),
  invalid: z.number(),
  repaired: z.number(),
  isNumber: z
    .boolean()
    .describe('Whether all of its values are numbers that silver keeps as texts, which is no repair.'),
  reasons: z
    .array(finding.extend({ kind: z.enum(['missing', 'invalid', 'repaired']) }))
    .describe('Why, the most frequent first.'),
})
export type FieldReport = z.output<typeof field>

/** In the order in which they are told. */
export const changes = z.enum([
  'gone',
  'missing more',
  'invalid more',
  'repaired more',
  'new, not in the contract',
  'missing less',
  'not in the contract',
])

/** A change in bronze that nobody announced. */
const drift = z.object({
  collection: z.string(),
  field: z.string().describe('Empty where the whole collection is meant.'),
  change: changes,
  detail: z.string(),
  count: z.number().optional().describe('Of a field that no contract names: how often it was met.'),
})
export type Drift = z.output<typeof drift>

const revenuePart = reconciliationPart.meta({ id: 'RevenuePart' })

/** Where all revenue is; amounts are exact decimal texts. */
const revenue = z.object({
  total: z.string(),
  transactions: z.number(),
  orders: z
    .number()
    .nullable()
    .describe('How many orders these are of; null where each is its own, or no record says.'),
  amountUnknown: z.number(),
  duplicates: z
    .object({ documents: z.number(), revenue: z.string().nullable() })
    .nullable()
    .describe(
      'Sales that were inserted twice, which are in no table, and what they would add; null where no record says.',
    ),
  tables: z.array(
    z.object({
      table: z.string(),
      holds: z.string(),
      inside: z.array(revenuePart),
      outside: z.array(revenuePart),
      addsUp: z.boolean(),
    }),
  ),
  statuses: z.array(revenuePart).describe('By status of the order; `in_table` tells whether it counts.'),
})
export type Revenue = z.output<typeof revenue>

/** The trust report: what was done to the data on its way to silver and gold. */
export const report = z.object({
  silver: z
    .object({
      run,
      rules: z.number().describe('Which rules made it, and which the one before.'),
      rulesBefore: z.number().nullable(),
      collections: z.array(collection),
      fields: z.array(field).describe('The worst first; those that no document has last.'),
      drift: z.array(drift),
      since: run.nullable().describe('The run that drift was measured against.'),
    })
    .nullable()
    .describe('The silver in place; null where no run is known to have made it.'),
  gold: z
    .object({
      run,
      tables: z.record(z.string(), z.number()),
      revenue,
      unmade: z.array(z.string()).describe('Tables that no model makes any more.'),
      without: z
        .record(z.string(), z.array(z.string()))
        .describe('Tables that are not made, by the collection that the shop does without.'),
      isOlderThanSilver: z.boolean(),
      history: z
        .object({ since: instant, runs: z.number(), bytes: z.number() })
        .nullable()
        .describe(
          'What is kept of the gold before: since when, of how many runs, and its size; null where nothing is, or nobody says.',
        ),
    })
    .nullable()
    .describe('The gold in place.'),
  checks: z
    .object({ run, results: z.array(checkResult) })
    .nullable()
    .describe('The last checks; where one of severity error failed, gold is an older one.'),
  runs: z.array(run).describe('The last runs, newest first.'),
})
export type Report = z.output<typeof report>
export type History = NonNullable<NonNullable<Report['gold']>['history']>
