import type { ObjectId } from 'bson'
import { z } from 'zod'
import { severity } from '../settings/thresholds.ts'
import type { Failure } from '../system/errors.ts'
import type { Step } from '../system/steps.ts'

/** What happened to one collection on its way to silver; bronze = silver + duplicates + quarantined + erased + left out. */
export interface Refined extends Observations {
  /** What bronze calls the collection; records that older versions left do not say. */
  source?: string
  /** Bronze has no such collection. */
  absent?: true
  /** Where records are elements of lists: the documents that hold them, and how many of these hold none. */
  documents?: { all: number; empty: number }
  /** The records of bronze: its documents, or the elements of their lists. */
  bronze: number
  silver: number
  duplicates: number
  /** The `total_amount` of the duplicates, as exact decimal text; records that older versions left do not say. */
  duplicateRevenue?: string
  quarantined: { noId: number; superseded: number; noObject?: number }
  /** Documents of people who were erased. */
  erased: number
  /** Documents that a setting leaves out, where there is one. */
  leftOut?: number
  /** Ids that name several different documents, all kept or, for customers, the last one kept. */
  sharedIds: number
}

/** The records whose values were looked at. */
export function cleanedOf({
  bronze,
  leftOut = 0,
  quarantined: { noObject = 0 } = { noId: 0, superseded: 0 },
}: Pick<Refined, 'bronze' | 'leftOut'> & Partial<Pick<Refined, 'quarantined'>>): number {
  return bronze - leftOut - noObject
}

/** What was taken away; counts alone, since nothing is to tell who it was. */
export interface Erased {
  /** Documents removed from silver. */
  customers: number
  /** Sales that lost their customer in silver. */
  transactions: number
  /** Documents of other collections that were removed, or lost their customer. */
  others?: Record<string, number>
  /** Documents removed from the quarantine. */
  quarantined: number
  /** Documents removed from bronze, and those that lost their customer there, where that was asked for. */
  bronze?: { customers: number; transactions: number; others?: Record<string, number> }
}

/** How often something was met, and the `_id`s of the first few documents where it was. */
export interface Tally {
  count: number
  examples: unknown[]
}

/** What was found out about the values of a field, by reason. */
export interface FieldObservations {
  /** Documents that have a value, good or not. */
  present: number
  missing: Record<string, Tally>
  invalid: Record<string, Tally>
  repaired: Record<string, Tally>
  /** What may be wrong with good ones, where there is anything. */
  suspicious?: Record<string, Tally>
  /** What the configuration reads it from, where no document has that, and the name that it may mean. */
  nowhere?: string
}

/** What was found out about a collection while it was cleaned. */
export interface Observations {
  fields: Record<string, FieldObservations>
  /** Fields that the contract does not name, and in how many documents each stands. */
  unnamed: { field: string; count: number }[]
  suspicious: Record<string, Tally>
}

/** A part of the revenue as one gold table sees it; see the model `reconciliation`. */
export const reconciliationPart = z.object({
  gold_table: z.string(),
  part: z.string(),
  in_table: z.boolean(),
  transactions: z.number(),
  /** Exact decimal text. */
  revenue: z.string(),
  amount_unknown: z.number(),
})
export type ReconciliationPart = z.infer<typeof reconciliationPart>

export const commands = z.enum(['process', 'aggregate', 'run', 'erase'])
/** An interrupted run died; the next one found it so. */
export const outcomes = z.enum(['succeeded', 'failed', 'interrupted'])

/** Which rules make silver: docs/numbers.md tells them. What versions made that knew no other is of the first. */
export const RULES = 2

/** What a run did, kept in `runs` beside silver: the trust report is made from it. */
export interface RunRecord {
  _id: ObjectId
  command: z.infer<typeof commands>
  /** Where it was not this machine that did it. */
  engine?: 'spark'
  started: Date
  finished: Date
  outcome: z.infer<typeof outcomes>
  failure?: { kind: Failure; message: string }
  /** How long each step took. */
  steps: Step[]
  /** Which rules the version had that ran; those of the first where it does not say. */
  rules?: number
  /** By collection, where the run made silver. */
  silver?: Record<string, Refined>
  /** How many records of silver changed, by collection and cause, where it is known what was there before. */
  changes?: Record<string, Record<string, number>>
  /** The run whose silver this one's replaced. */
  replaced?: ObjectId
  /** Collections of silver that went, since the shop no longer has them. */
  removed?: string[]
  /** What was taken away, where a person was erased. */
  erasure?: Erased
  /** The one table that was made beside the gold in place. */
  only?: string
  /** Rows by table, where the run made gold. */
  gold?: Record<string, number>
  /** What gold was made by, as hashes; records that older versions left do not say. */
  making?: { settings: string; models: Record<string, string> }
  /** The run whose silver that gold was made of. */
  madeOf?: ObjectId
  reconciliation?: ReconciliationPart[]
  /** How many orders the sales of gold are of, where an order may have several. */
  orders?: number
  /** Tables of the gold in place that no model makes any more. */
  unmade?: string[]
  /** Tables that are not made, by the collection that the shop does without. */
  without?: Record<string, string[]>
  checks?: CheckResult[]
}

/** How a check went. */
export const checkResult = z.object({
  /** What was checked: a model, or a field of silver. */
  subject: z.string(),
  /** The check in words. */
  name: z.string(),
  severity,
  passed: z.boolean(),
  /** How many rows are at fault, or by how much a threshold was missed. */
  detail: z.string(),
  /** The keys of the first rows at fault. */
  rows: z.array(z.record(z.string(), z.unknown())),
})
export type CheckResult = z.infer<typeof checkResult>
