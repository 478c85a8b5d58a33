import { z } from '@hono/zod-openapi'
import { checkResult, reconciliationPart } from '../runs/record.ts'
import { explainedValue, recordSet } from '../trust/explain/explanation_schema.ts'
import type { why } from '../trust/why/why_schema.ts'
import { filters, goldRun } from './api.ts'

/*
 * What the page is told of where a number comes from, and why it is another one than it was. Amounts are exact texts;
 * times are UTC, as ISO 8601.
 */

/** What the page is narrowed to where the number stands; without any of it a whole row of gold is explained. */
export const narrowing = filters.extend({ period: filters.shape.period.unwrap().optional() })
/** How many records of each collection are listed. */
export const listing = narrowing.extend({ records: z.coerce.number().int().min(1).max(200).default(10) })

export type Narrowed = z.infer<typeof narrowing>

const run = z.object({ run: z.string(), started: z.string() })

/** As they travel: what is a Date in what `lingot explain` tells is a text here. */
export type ExplainedValue = z.input<typeof explainedValue>
export type RecordSet = z.input<typeof recordSet>
export type Parts = NonNullable<z.input<typeof explanation>['parts']>
export type SilverRecord = RecordSet['records'][number]

/** A number, back to its bronze documents. */
export const explanation = z
  .object({
    gold: goldRun,
    /** A row of gold; `sales`, of which the page shows some; `figure`, one of the page's own; or `cell`, a number of a figure. */
    subject: z.string(),
    table: z.string(),
    description: z.string(),
    key: z.object({ column: z.string(), value: z.string() }),
    row: z.array(explainedValue),
    sql: z.object({ file: z.string(), text: z.string() }),
    /** Statuses of sales that a setting leaves out of gold. */
    leftOut: z.array(z.string()),
    /** The silver records behind it; of a figure none, whose months lead on to theirs. */
    silver: z.array(recordSet),
    /** The silver in place is not the one that gold was made from. */
    silverIsNewer: z.boolean(),
    /** What a figure is month by month. */
    months: z.array(z.object({ month: z.string(), value: z.string().nullable() })),
    /** The rows of gold that a number of a figure is the sum of, the most customers first; null where none are told. */
    parts: z
      .object({
        table: z.string(),
        /** The columns of the key. */
        columns: z.array(z.string()),
        rows: z.array(z.object({ key: z.string(), values: z.record(z.string(), z.string().nullable()) })),
        /** How many there are. */
        all: z.number(),
      })
      .nullable(),
    /** What the tables that it is read from leave out of all sales. */
    outside: z.array(reconciliationPart),
    /** How the checks of these tables went; null where no record says. */
    checks: z
      .object({ all: z.number(), failed: z.array(checkResult.pick({ name: true, severity: true, detail: true })) })
      .nullable(),
    /** The row as the run before left it, where gold's history tells. */
    before: run.extend({ row: z.record(z.string(), z.string().nullable()) }).nullable(),
    /** Whether `GET /api/why` can be asked about it. */
    canAskWhy: z.boolean(),
  })
  .openapi('Explanation')
export type Explanation = z.input<typeof explanation>

export const whyQuery = z.object({
  /** The column; the first number that differs, if not given. */
  column: z.string().max(200).optional().openapi({ example: 'total_revenue' }),
  /** A run, or a day as 2026-06-30; the gold before the one in place, if not given. */
  since: z.string().max(40).optional(),
})
export type WhyQuery = z.infer<typeof whyQuery>

/** Why a row of gold is another than it was: `lingot why --json`. */
export type Why = z.input<typeof why>
