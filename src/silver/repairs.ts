import type { Report } from './cleaner.ts'
import type { Flaw, Repaired } from './values.ts'

/** How often something was found out about the values of a field, by reason. */
export interface FieldRepairs {
  missing: Record<string, number>
  invalid: Record<string, number>
  repaired: Record<string, number>
}

/** Counts, field by field, what the cleaner met. */
export function repairCounter(): { report: Report; repairs: () => Record<string, FieldRepairs> } {
  const fields = new Map<string, Map<string, number>>()
  const report: Report = (field, outcome) => {
    const reasons = fields.get(field) ?? new Map<string, number>()
    fields.set(field, reasons)
    const reason = `${kindOf(outcome)}:${outcome.reason}`
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const repairs = () =>
    Object.fromEntries(
      [...fields].map(([field, reasons]) => {
        const counts: FieldRepairs = { missing: {}, invalid: {}, repaired: {} }
        for (const [reason, times] of [...reasons].sort()) {
          const [kind = '', why = ''] = reason.split(':')
          counts[kind as keyof FieldRepairs][why] = times
        }
        return [field, counts]
      }),
    )
  return { report, repairs }
}

function kindOf(outcome: Flaw | Repaired<unknown>): keyof FieldRepairs {
  return 'kind' in outcome ? outcome.kind : 'repaired'
}

/** The sum of the counts. */
export function total(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, times) => sum + times, 0)
}
