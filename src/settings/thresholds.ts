import { z } from 'zod'

export const severity = z.enum(['warn', 'error'])
export type Severity = z.infer<typeof severity>

const share = z.number().min(0).max(100)

/** A limit on what the trust report says about a field, in percent of the documents of its collection. */
export const threshold = z
  .strictObject({
    /** `collection.field`, as in `transactions.amount`. */
    field: z.string().regex(/^[a-z_][a-z0-9_]*\.[a-zA-Z0-9_]+$/, 'must read collection.field'),
    /** Missing and invalid values together. */
    unknownAtMost: share.optional(),
    invalidAtMost: share.optional(),
    repairedAtMost: share.optional(),
    severity: severity.default('warn'),
  })
  .refine(
    ({ unknownAtMost, invalidAtMost, repairedAtMost }) =>
      (unknownAtMost ?? invalidAtMost ?? repairedAtMost) !== undefined,
    'needs unknownAtMost, invalidAtMost or repairedAtMost',
  )

export type Threshold = z.infer<typeof threshold>

/** What Lingot warns of unless the settings say otherwise. */
export const thresholds: readonly Threshold[] = [
  { field: 'transactions.amount', unknownAtMost: 20, severity: 'warn' },
  { field: 'transactions.timestamp', unknownAtMost: 20, severity: 'warn' },
  { field: 'transactions.product', unknownAtMost: 30, severity: 'warn' },
  { field: 'transactions.customer_id', unknownAtMost: 30, severity: 'warn' },
  { field: 'customers.customer_id', unknownAtMost: 5, severity: 'warn' },
  { field: 'campaigns.campaign_id', unknownAtMost: 5, severity: 'warn' },
]
