import { z } from 'zod'
import { type CheckResult, severity } from './checks.ts'
import { type Observations, total } from './observations.ts'

const share = z.number().min(0).max(100)

/** A limit on what the trust report says about a field, in percent of the documents of its collection. */
export const threshold = z.strictObject({
  /** `collection.field`, as in `transactions.amount`. */
  field: z.string().regex(/^[a-z_]+\.[a-zA-Z0-9_]+$/, 'must read collection.field'),
  /** Missing and invalid values together. */
  unknownAtMost: share.optional(),
  invalidAtMost: share.optional(),
  severity: severity.default('warn'),
})
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

/** Compares the observations of a run, by collection, with the limits. */
export function checkThresholds(
  limits: readonly Threshold[],
  silver: Readonly<Record<string, Observations & { bronze: number }>>,
): CheckResult[] {
  return limits.flatMap(({ field, unknownAtMost, invalidAtMost, severity }) => {
    const [collection = '', name = ''] = field.split('.')
    const documents = silver[collection]?.bronze ?? 0
    const observed = silver[collection]?.fields[name]
    if (observed === undefined || documents === 0) return []
    const invalid = (total(observed.invalid) / documents) * 100
    const unknown = (total(observed.missing) / documents) * 100 + invalid
    const compare = (what: string, actual: number, limit: number | undefined): CheckResult[] =>
      limit === undefined
        ? []
        : [
            {
              subject: field,
              name: `at most ${limit} % ${what}`,
              severity,
              passed: actual <= limit,
              detail: `${actual.toFixed(1)} % ${what}`,
              rows: [],
            },
          ]
    return [...compare('unknown', unknown, unknownAtMost), ...compare('invalid', invalid, invalidAtMost)]
  })
}
