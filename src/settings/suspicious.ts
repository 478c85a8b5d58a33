import { z } from 'zod'
import { type Severity, severity } from './thresholds.ts'

/** What can hide a wrong number, as the report calls it. */
export const suspicions = z.enum([
  'inserted twice',
  'several currencies',
  'one mark before three digits',
  'all at midnight UTC',
  'day and month may be exchanged',
  'several spellings',
  'country is none that is known',
  'one customer has more than 20 % of the sales',
  'one transaction id under several statuses',
  'last one wins over _ids that are no ObjectIds',
  'clicks exceed impressions',
  'conversions exceed clicks',
  'discount exceeds amount',
  'amount is negative',
  'no document has its field',
  'no amount is known',
])
export type Suspicion = z.output<typeof suspicions>
export type Severities = Readonly<Record<Suspicion, Severity>>

/** A revenue of zero is surely wrong where nothing was added up. */
const usual = (name: Suspicion): Severity => (name === 'no amount is known' ? 'error' : 'warn')

/** Which of them keep the old gold; the others are warned of. */
export const suspicious = z
  .union([severity, z.partialRecord(suspicions, severity)], {
    error: "must be 'warn' or 'error', or one of them for what the report calls suspicious",
  })
  .transform((given): Severities => {
    const of = (name: Suspicion) => (typeof given === 'string' ? given : (given[name] ?? usual(name)))
    return Object.fromEntries(suspicions.options.map((name) => [name, of(name)])) as Severities
  })
