import { z } from 'zod'
import { causes } from '../../history/entries.ts'
import { instant } from '../../runs/record.ts'

const run = z.object({ run: z.string(), started: instant })

const changedDocument = z.object({
  collection: z.string(),
  _id: z.unknown().describe('As plain JSON; null of somebody who was erased.'),
  amount: z
    .string()
    .nullable()
    .describe('What the record has more, or less, of what the column counts; null where that is nothing of its own.'),
})
export type ChangedDocument = z.output<typeof changedDocument>

const causedChange = z.object({
  cause: z
    .enum([...causes, 'model', 'unexplained'])
    .describe(
      '`model` where gold was made by other SQL or settings; `unexplained` where it was not what its silver makes.',
    ),
  amount: z.string(),
  count: z.number().describe('How many records changed the row so.'),
  documents: z
    .array(changedDocument)
    .describe('Those with the largest amounts; of a cause that is none of records, none.'),
  rules: z.array(z.string()).describe('Which rules are others than they were.'),
  fields: z.array(z.string()).describe('Which fields were corrected.'),
})
export type CausedChange = z.output<typeof causedChange>

/** Why a value of gold is another than it was. Amounts are exact decimal texts. */
export const why = z
  .object({
    subject: z.string(),
    table: z.string(),
    row: z.string().describe('The key of the row.'),
    column: z.string(),
    meaning: z.string(),
    since: run,
    run,
    before: z.string().nullable(),
    after: z.string().nullable(),
    difference: z.string(),
    causes: z.array(causedChange).describe('They add up to the difference; the largest first.'),
    others: z
      .array(z.object({ column: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
      .describe('What the other numbers of the row were and are, where they differ.'),
  })
  .meta({ id: 'Why' })
export type Why = z.output<typeof why>
