import { z } from 'zod'
import { checkResult, commands, outcomes, reconciliationPart } from '../runs/record.ts'
import { failures } from '../system/errors.ts'

const run = z.string().regex(/^[0-9a-f]{24}$/)
const count = z.number().int().min(0)
const tallies = z.record(z.string(), z.strictObject({ count, examples: z.array(z.unknown()) }))
const field = z.strictObject({
  present: count,
  missing: tallies,
  invalid: tallies,
  repaired: tallies,
  suspicious: tallies.optional(),
  nowhere: z.string().optional(),
})
const refined = z.strictObject({
  source: z.string().optional(),
  absent: z.literal(true).optional(),
  documents: z.strictObject({ all: count, empty: count }).optional(),
  bronze: count,
  silver: count,
  duplicates: count,
  duplicateRevenue: z.string().optional(),
  quarantined: z.strictObject({ noId: count, superseded: count, noObject: count.optional() }),
  erased: count,
  leftOut: count.optional(),
  sharedIds: count,
  fields: z.record(z.string(), field),
  unnamed: z.array(z.strictObject({ field: z.string(), count })),
  suspicious: tallies,
})
const erased = { customers: count, transactions: count, others: z.record(z.string(), count).optional() }

/** What `run`, `process`, `aggregate` and `erase` print with `--json`: the record of the run. */
export const runSchema = z.strictObject({
  run: run.describe('Its id, as gold_run has it.'),
  command: commands,
  engine: z.literal('spark').optional().describe('Where it was not this machine that did it.'),
  started: z.iso.datetime(),
  finished: z.iso.datetime(),
  outcome: outcomes,
  failure: z
    .strictObject({ kind: z.enum(Object.keys(failures)), message: z.string() })
    .optional()
    .describe('Why it failed; kinds are those of the exit codes.'),
  steps: z
    .array(z.strictObject({ step: z.string(), from: z.number(), seconds: z.number() }))
    .describe('How long each step took, and how many seconds after the start it began; they may overlap.'),
  rules: count.optional().describe('The set of rules that values were read by.'),
  silver: z
    .record(z.string(), refined)
    .optional()
    .describe('By collection what became of the records of bronze; examples are _ids in relaxed Extended JSON.'),
  changes: z
    .record(z.string(), z.record(z.string(), count))
    .optional()
    .describe('By collection and cause, how many records of silver changed.'),
  replaced: run.optional().describe('The run whose silver it replaced.'),
  removed: z.array(z.string()).optional().describe('Collections of silver that went.'),
  erasure: z
    .strictObject({ ...erased, quarantined: count, bronze: z.strictObject(erased).optional() })
    .optional()
    .describe('What was taken away, where a person was erased.'),
  only: z.string().optional().describe('The one table that was made.'),
  gold: z.record(z.string(), count).optional().describe('Rows by table.'),
  making: z
    .strictObject({ settings: z.string(), models: z.record(z.string(), z.string()) })
    .optional()
    .describe('Hashes of what gold was made by.'),
  madeOf: run.optional().describe('The run whose silver gold was made of, where it was another one.'),
  reconciliation: z.array(reconciliationPart).optional(),
  orders: count.optional().describe('How many orders the sales are of, where an order may have several.'),
  unmade: z.array(z.string()).optional().describe('Tables that no model makes any more.'),
  without: z.record(z.string(), z.array(z.string())).optional().describe('Tables that are not made, by collection.'),
  checks: z.array(checkResult).optional(),
})

/** The JSON schema of it. */
export function runJsonSchema(): object {
  return {
    title: 'What `lingot run --json` prints',
    ...z.toJSONSchema(runSchema, { unrepresentable: 'any', io: 'output' }),
  }
}
