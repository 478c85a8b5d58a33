import { z } from 'zod'
import { checkResult, commands, outcomes, reconciliationPart } from '../runs/record.ts'

// What the trust report says, and what its JSON looks like: here a time is a Date, there a text.

const instant = z.codec(z.iso.datetime(), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
})

/** A run in one line. */
const run = z
  .object({
    id: z.string(),
    command: commands,
    started: instant,
    seconds: z.number(),
    outcome: outcomes,
    failure: z.object({ kind: z.string(), message: z.string() }).nullable(),
    /** Documents read from bronze; null where the run made no silver. */
    documents: z.number().nullable(),
    /** All revenue, as exact decimal text; null where the run made no gold. */
    revenue: z.string().nullable(),
    /** Null where the run checked nothing. */
    checks: z.object({ passed: z.number(), all: z.number() }).nullable(),
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
  /** Where bronze counts elements of lists: the documents that hold them, and how many of these hold none. */
  documents: z.object({ all: z.number(), empty: z.number() }).optional(),
  bronze: z.number(),
  silver: z.number(),
  duplicates: z.number(),
  /** The total_amount of the duplicates, as exact decimal text; null where it has none, or is not known. */
  duplicateRevenue: z.string().nullable(),
  quarantined: z.number(),
  /** Documents of people who were erased. */
  erased: z.number(),
  /** Documents that a setting leaves out. */
  leftOut: z.number(),
  addsUp: z.boolean(),
  /** The quarantined ones by reason. */
  reasons: z.record(z.string(), z.number()),
  /** Ids that name several different documents. */
  sharedIds: z.number(),
  /** What may hide a wrong number; of a field, where one is named; in more words, where a count says nothing. */
  suspicious: z.array(finding.extend({ field: z.string().optional(), detail: z.string().optional() })),
})
export type CollectionReport = z.output<typeof collection>

const field = z.object({
  collection: z.string(),
  field: z.string(),
  documents: z.number(),
  /** Documents that have a value, good or not. */
  present: z.number(),
  missing: z.number(),
  invalid: z.number(),
  repaired: z.number(),
  /** Whether all of its values are numbers that silver keeps as texts, which is no repair. */
  isNumber: z.boolean(),
  /** Why, the most frequent first. */
  reasons: z.array(finding.extend({ kind: z.enum(['missing', 'invalid', 'repaired']) })),
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
  /** Empty where the whole collection is meant. */
  field: z.string(),
  change: changes,
  detail: z.string(),
  /** Of a field that no contract names: how often it was met. */
  count: z.number().optional(),
})
export type Drift = z.output<typeof drift>

const revenuePart = reconciliationPart.meta({ id: 'RevenuePart' })

/** Where all revenue is; amounts are exact decimal texts. */
const revenue = z.object({
  total: z.string(),
  transactions: z.number(),
  /** How many orders these are of; null where each is its own, or no record says. */
  orders: z.number().nullable(),
  amountUnknown: z.number(),
  /** Sales that were inserted twice, which are in no table, and what they would add; null where no record says. */
  duplicates: z.object({ documents: z.number(), revenue: z.string().nullable() }).nullable(),
  tables: z.array(
    z.object({
      table: z.string(),
      holds: z.string(),
      inside: z.array(revenuePart),
      outside: z.array(revenuePart),
      addsUp: z.boolean(),
    }),
  ),
  /** By status of the order; `in_table` tells whether it counts. */
  statuses: z.array(revenuePart),
})
export type Revenue = z.output<typeof revenue>

/** The trust report: what was done to the data on its way to silver and gold. */
export const report = z.object({
  /** The silver in place; null where no run is known to have made it. */
  silver: z
    .object({
      run,
      /** Which rules made it, and which the one before. */
      rules: z.number(),
      rulesBefore: z.number().nullable(),
      collections: z.array(collection),
      /** The worst first; those that no document has last. */
      fields: z.array(field),
      drift: z.array(drift),
      /** The run that drift was measured against. */
      since: run.nullable(),
    })
    .nullable(),
  /** The gold in place. */
  gold: z
    .object({
      run,
      tables: z.record(z.string(), z.number()),
      revenue,
      /** Tables that no model makes any more. */
      unmade: z.array(z.string()),
      /** Tables that are not made, by the collection that the shop does without. */
      without: z.record(z.string(), z.array(z.string())),
      isOlderThanSilver: z.boolean(),
    })
    .nullable(),
  /** The last checks; where one of severity error failed, gold is an older one. */
  checks: z.object({ run, results: z.array(checkResult) }).nullable(),
  /** The last runs, newest first. */
  runs: z.array(run),
})
export type Report = z.output<typeof report>
