import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { declared } from '../gold/declaration.ts'
import { readSettingsFile } from '../settings/loader.ts'
import { refuseElsewhere } from '../settings/own_files.ts'
import type { Marks } from './api.ts'

/** What a shop aims at and what happened, beside its configuration file, where git keeps it. */
export const MARKS_FILE = 'lingot.marks.yml'

const name = z.string().min(1).max(200)
const day = z.iso.date('must be a day, as in 2026-03-10')
const month = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month, as in 2026-03')

const goal = z
  .strictObject({
    name,
    measure: z.enum(['revenue', 'orders']),
    by: z.enum(['day', 'week', 'month', 'quarter']).default('month'),
    value: z.number().positive('must be more than 0'),
    from: month.optional(),
    to: month.optional(),
  })
  .refine(({ measure, by }) => measure === 'revenue' || by === 'month', 'orders are known by month alone')

const event = z
  .strictObject({ name, on: day.optional(), from: day.optional(), to: day.optional() })
  .refine(
    ({ on, from, to }) => (on === undefined ? from !== undefined && to !== undefined : (from ?? to) === undefined),
    'must have `on`, or `from` and `to`',
  )
  .refine(({ from = '', to = from }) => from <= to, 'ends before it begins')

const view = z.strictObject({
  name,
  address: z.string().regex(/^\/[a-z]*(\?\S*)?$/, 'must be an address of a page, as in /products?period=2025'),
})

const marks = z.strictObject({
  goals: z.array(goal).max(100).default([]),
  events: z.array(event).max(500).default([]),
  notes: z
    .array(z.strictObject({ month, text: z.string().min(1).max(1000) }))
    .max(500)
    .default([]),
  views: z.array(view).max(200).default([]),
})

const NONE: Marks = { goals: [], events: [], notes: [], views: [] }

/** The marks of a shop as they are now; throws with the line of what is wrong with them. */
export function readMarks(folder: string | undefined): Marks {
  const file = folder === undefined ? undefined : join(folder, MARKS_FILE)
  if (folder === undefined || file === undefined || !existsSync(file)) return NONE
  refuseElsewhere(folder, file)
  const text = readSettingsFile(file)
  // A file of comments alone says nothing.
  if (text.replaceAll(/^\s*(#.*)?$/gm, '').trim() === '') return NONE
  const { goals, events, notes, views } = declared(text, file, marks)
  return {
    goals: goals.map(({ from = null, to = null, ...rest }) => ({ ...rest, from, to })),
    events: events.map(({ name, on = '', from = on, to = on }) => ({ name, from, to })),
    notes,
    views,
  }
}
