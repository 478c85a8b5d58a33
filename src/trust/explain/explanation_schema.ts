import { z } from 'zod'
import { instant } from '../../runs/record.ts'
import { run } from '../report_schema.ts'

export const explainedValue = z.object({
  column: z.string(),
  value: z.string().nullable().describe('As exact text.'),
  isNumber: z.boolean(),
  workedOut: z
    .string()
    .nullable()
    .exactOptional()
    .describe('The same worked out from the silver records, without the SQL; left out where it is not.'),
  agrees: z.boolean(),
  meaning: z.string(),
})
export type ExplainedValue = z.output<typeof explainedValue>

const finding = z.object({
  field: z.string(),
  kind: z.enum(['missing', 'invalid', 'repaired', 'suspicious']),
  reason: z.string(),
  given: z
    .string()
    .exactOptional()
    .describe('What bronze has there, where that is wanted: never of a personal field, and no email or phone number.'),
})
export type Finding = z.output<typeof finding>

const silverRecord = z.object({
  _id: z.unknown().describe("Silver's `_id` and bronze's, in relaxed Extended JSON."),
  values: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), instant]).nullable())
    .describe('Of every column that is not personal; money as exact text.'),
  cleaning: z.array(finding).describe('What cleaning the bronze document again meets.'),
  bronze: z
    .enum(['unchanged', 'changed since', 'gone'])
    .describe('Whether cleaning the bronze document again gives this record.'),
})
export type SilverRecord = z.output<typeof silverRecord>

const total = z.object({
  column: z.string(),
  known: z.number(),
  sum: z.string().nullable().describe('Exact text; null where no value is known.'),
  mean: z.string().nullable(),
  rest: z.string().nullable().describe('What the records add to the sum that are not listed.'),
})
export type Total = z.output<typeof total>

/** The silver records of one collection behind a row of gold. */
export const recordSet = z.object({
  collection: z.string(),
  where: z.string().describe('Which records they are, in words.'),
  apart: z
    .array(z.string())
    .describe('Columns of the key that lead to other records alone: not all of these are behind the row.'),
  order: z.string(),
  documents: z.number(),
  summed: z.number().describe('Those that enter the sums.'),
  totals: z.array(total),
  listed: z.array(z.string()).describe('The columns that people are shown.'),
  records: z.array(silverRecord).describe('The first of them.'),
})
export type RecordSet = z.output<typeof recordSet>

/** A row of gold, back to its bronze documents; nothing personal but the row's own values. */
export const explanation = z.object({
  subject: z.string(),
  table: z.string().describe('The gold table.'),
  description: z.string(),
  key: z.object({ column: z.string(), value: z.string() }),
  row: z.array(explainedValue),
  sql: z.object({ file: z.string(), text: z.string() }).describe('The model that made the row.'),
  leftOut: z.array(z.string()).describe('Statuses of sales that a setting leaves out of gold.'),
  silver: z.array(recordSet).describe('The silver records behind the row.'),
  made: z.object({
    gold: run.nullable(),
    silver: run.nullable(),
    silverIsNewer: z
      .boolean()
      .describe('The silver in place is not the one that gold was made from, so that the two may differ.'),
  }),
})
export type Explanation = z.output<typeof explanation>
