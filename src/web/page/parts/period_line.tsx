import { filtersOf, type Place } from '../../addresses.ts'
import type { Filters, Page, PageName, Period } from '../../api.ts'
import { useAddress } from '../address.ts'
import { isReport } from '../data.ts'
import { onlyRow } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'

/** What a period is compared with, in words; undefined where it is with nothing. */
export function useBaseline({ before }: Period): string | undefined {
  const format = useFormat()
  return before === null ? undefined : format.span(before.from, before.to)
}

/** The month that is not over in the data, where it is of the period or follows it, and what is known of it. */
export function useUnfinished({ incomplete }: Period): { month: string; known: string } | undefined {
  const format = useFormat()
  if (incomplete === null) return undefined
  return { month: incomplete.from.slice(0, 7), known: format.days(incomplete.from, incomplete.to) }
}

/** Whether a page leaves out what was taken back. */
export function isNet(page: Place, { revenue }: Filters): boolean {
  return revenue === 'net' && filtersOf[page].includes('revenue')
}

/** What is said of the revenue that was taken back, beside the revenue. */
export function useReversed(page: PageName, { figures }: Page): { label: string; note: string | undefined } {
  const messages = useMessages()
  const format = useFormat()
  const { filters } = useAddress()
  const net = isNet(page, filters)
  const share = onlyRow(figures['reversed'])['reversed_pct'] ?? null
  const text = share === null || Number(share) === 0 ? null : format.percent(share)
  return { label: net ? messages.netRevenue : messages.revenue, note: messages.reversed(text, net) }
}

/** Which time is shown, and what it is compared with, in a sentence. */
export function usePeriodWords(page: Place, period: Period): string {
  const messages = useMessages()
  const format = useFormat()
  const { filters } = useAddress()
  const baseline = useBaseline(period)
  const isCompared = filtersOf[page].includes('compare')
  const span = period.months ?? period.days
  const isYearToDate = /^\d{4}$/.test(period.name) && period.months?.to !== `${period.name}-12`
  const without =
    span === null || !isCompared
      ? 'all'
      : filters.compare === 'none'
        ? 'chosen'
        : period.isIncomplete
          ? 'incomplete'
          : 'unreached'
  return messages.shows({
    span: span === null ? messages.periods.all : format.span(span.from, span.to),
    isYearToDate,
    before: isCompared ? (baseline ?? null) : null,
    without,
  })
}

/** Which time is shown, what it is compared with, and how old the data is. */
export function PeriodLine({ page, data: { period, gold } }: { page: Place; data: Pick<Page, 'period' | 'gold'> }) {
  const messages = useMessages()
  const format = useFormat()
  const { filters } = useAddress()
  const words = usePeriodWords(page, period)
  const unfinished = useUnfinished(period)
  // Campaigns are drawn over no months.
  const hasMonths = filtersOf[page].includes('compare') && page !== 'campaigns'
  const span = period.months ?? period.days
  const until = gold.completeUntil
  const isDrawn =
    unfinished !== undefined && hasMonths && (page === 'overview' || span === null || span.to >= unfinished.month)
  return (
    <p class="quiet period-line">
      {words}
      {until !== null && ` ${messages.dataUntil(format.span(until, until), isReport ? null : format.ago(until))}`}
      {isDrawn && ` ${messages.notOver(format.month(unfinished.month), unfinished.known)}`}
      {period.isWidened && ` ${messages.widened}`}
      {isNet(page, filters) && ` ${messages.isNet}`}
    </p>
  )
}
