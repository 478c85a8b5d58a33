import type { Report } from '../trust/report_schema.ts'

/** What stands beside each answer: which run made it, and how far it can be trusted. Times are ISO 8601, UTC. */
export interface Standing {
  /** The gold in place; null where there is none. */
  run: { id: string; started: string } | null
  /** The silver in place is newer than that gold. */
  isOlderThanSilver: boolean
  /** Sales whose amount is not known, which no sum has. */
  amountUnknown: { sales: number; of: number; percent: number } | null
  /** How the last checks went; where one of severity error failed, gold is an older one. */
  checks: { all: number; failed: { subject: string; name: string; severity: string; detail: string }[] } | null
}

export function standingOf({ gold, checks }: Report): Standing {
  return {
    run: gold && { id: gold.run.id, started: gold.run.started.toISOString() },
    isOlderThanSilver: gold?.isOlderThanSilver ?? false,
    amountUnknown: gold && {
      sales: gold.revenue.amountUnknown,
      of: gold.revenue.transactions,
      percent: gold.revenue.transactions === 0 ? 0 : (100 * gold.revenue.amountUnknown) / gold.revenue.transactions,
    },
    checks: checks && {
      all: checks.results.length,
      failed: checks.results
        .filter(({ passed }) => !passed)
        .map(({ subject, name, severity, detail }) => ({ subject, name, severity, detail })),
    },
  }
}
