import { z } from 'zod'
import { causes } from '../../history/entries.ts'
import { checkResult } from '../../runs/record.ts'

const step = z.enum([...causes, 'model', 'unpublished'])
/** A cause; `unpublished` is what changed in the silver in place since gold was made. */
export type Step = z.output<typeof step>

const move = z.object({
  row: z.string(),
  column: z.string(),
  before: z.string().nullable(),
  after: z.string().nullable(),
  causes: z.array(
    z.object({
      cause: step.describe('`unpublished` is what changed in the silver in place since gold was made.'),
      amount: z.string(),
    }),
  ),
})
export type Move = z.output<typeof move>

const rows = z.array(z.array(z.string().nullable()))

const plannedAnswer = z.object({
  number: z.number(),
  title: z.string(),
  columns: z.array(z.string()),
  before: rows,
  after: rows,
  isChanged: z.boolean(),
  failure: z.string().exactOptional().describe('Why it could not be answered here.'),
})
export type PlannedAnswer = z.output<typeof plannedAnswer>

const plannedTable = z.object({
  table: z.string(),
  rows: z.object({ new: z.number(), changed: z.number(), gone: z.number() }),
  moves: z.array(move).describe('Where most would move; what moves by the same is told in the order of the keys.'),
})
export type PlannedTable = z.output<typeof plannedTable>

/** What a run would change, and because of what; amounts are exact decimal texts. */
export const plan = z.object({
  changes: z
    .record(z.string(), z.partialRecord(z.enum(causes), z.number()))
    .describe('Records of silver that would change, by collection and cause.'),
  rules: z
    .record(z.string(), z.array(z.string()))
    .describe('Which rules, by collection, are others than those that silver was made by.'),
  models: z
    .array(z.string())
    .describe('Models, and settings of all of them, that are others than those that the gold in place was made by.'),
  answers: z.array(plannedAnswer),
  tables: z.array(plannedTable),
  checks: z.object({ all: z.number(), failed: z.array(checkResult) }),
  moved: z.number().describe('The share, in percent, by which the revenue of all sales would move.'),
})
export type Plan = z.output<typeof plan>
