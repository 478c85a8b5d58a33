import { filtersOf, KEPT, knownOn, listOf, type Place } from '../addresses.ts'
import type { Filters, PageName } from '../api.ts'
import { cellName, rowKey } from '../cells.ts'
import { useAddress } from './address.ts'
import { isReport } from './data.ts'
import type { Row } from './figure.ts'

/** What a number is a number of, as the address keeps it: `month:2026-06`, or `month:2026-06,product:Laptop`. */
export interface Target {
  /** What `GET /api/explain` calls it. */
  subject: string
  key: string
  /** What narrows it beside the page. */
  own: { country?: string; product?: string }
}

export function targetOf(text: string): Target | undefined {
  const [, subject, key] = /^(\w+):(.+)$/s.exec(text) ?? []
  if (subject === undefined || key === undefined) return undefined
  const [, month, dimension, name] = /^(\d{4}-\d\d),(country|product):(.+)$/s.exec(key) ?? []
  if (subject !== 'month' || month === undefined || name === undefined) return { subject, key, own: {} }
  return { subject, key: month, own: dimension === 'country' ? { country: name } : { product: name } }
}

/** What of a page's filters narrows a number: all but what it is a number of. A whole row is narrowed by none. */
function narrowing(page: Place, { subject, own }: Target, filters: Filters): URLSearchParams {
  const wanted = new URLSearchParams()
  if (!['month', 'sales', 'product', 'country', 'figure', 'cell'].includes(subject)) return wanted
  const takes = filtersOf[page]
  const isTaken = (name: 'period' | 'country' | 'product') => takes.includes(name) && name !== subject
  const isOfTime = subject === 'month' || subject === 'sales'
  if (isTaken('period') && !isOfTime && filters.period !== 'all') wanted.set('period', filters.period)
  // A row of a figure tells what it is compared with, too.
  if (subject === 'cell' && takes.includes('compare') && filters.compare) wanted.set('compare', filters.compare)
  for (const name of ['country', 'product'] as const) {
    const values = own[name] ?? (isTaken(name) ? filters[name] : undefined)
    for (const value of listOf(values)) wanted.append(name, value)
  }
  if (takes.includes('revenue') && filters.revenue !== undefined) wanted.set('revenue', filters.revenue)
  if (takes.includes('kept'))
    for (const [name, values] of Object.entries(filters.kept ?? {}))
      for (const value of listOf(values)) wanted.append(`${KEPT}${name}`, value)
  for (const name of knownOn(page, filters)) {
    if (name !== subject && !Object.hasOwn(own, name)) wanted.append('known', name)
  }
  return wanted
}

/** The address of the explanation of a number on a page, with as many records as are wanted. */
export function explanationAddress(page: Place, target: Target, filters: Filters, records?: number): string {
  const wanted = narrowing(page, target, filters)
  if (records !== undefined) wanted.set('records', String(records))
  const query = wanted.toString()
  return `/api/explain/${target.subject}/${encodeURIComponent(target.key)}${query === '' ? '' : `?${query}`}`
}

/** The table of which a subject's whole rows are. */
export const wholeTables: Readonly<Record<string, string>> = {
  month: 'monthly_revenue',
  sales: 'monthly_revenue',
  product: 'product_performance',
  country: 'country_statistics',
}

export interface Opening {
  /** What is explained now, as the address says; undefined where nothing is. */
  target: string | undefined
  /** Which of its numbers was pointed at. */
  column: string | undefined
  /** Of which number it is told why it changed. */
  why: string | undefined
  open: (target: string, column?: string) => void
  askWhy: (column: string) => void
  close: () => void
}

/** What the address has explained, and how to change that. */
export function useOpening(): Opening {
  const { query, change } = useAddress()
  return {
    target: isReport ? undefined : query['explain'] || undefined,
    column: query['of'] || undefined,
    why: query['why'] || undefined,
    open: (target, column) => change({ explain: target, of: column, why: undefined }),
    askWhy: (column) => change({ why: column }, { replace: true }),
    close: () => change({ explain: undefined, of: undefined, why: undefined }, { replace: true }),
  }
}

/** What explains the numbers of a column of a figure that are no rows of gold. */
export function cellOf(page: PageName, figure: string, column: string): (row: Row) => string | undefined {
  return (row) => {
    const key = rowKey(page, figure, row)
    return key === undefined ? undefined : `cell:${cellName({ page, figure, column, key })}`
  }
}

/** What a figure's column is called in the row that explains it, the likeliest first. */
const explained: Readonly<Record<string, readonly string[]>> = {
  revenue: ['revenue', 'total_revenue', 'total_spent'],
  sales: ['sales', 'total_sales', 'transactions'],
  transactions: ['transactions', 'total_transactions', 'total_sales'],
  customers: ['customers', 'total_customers', 'unique_customers'],
  active_customers: ['active_customers', 'unique_customers'],
  value_per_customer: ['avg_customer_value'],
  marketing_consent_pct: ['marketing_consent_rate'],
  impressions: ['total_impressions'],
  clicks: ['total_clicks'],
  conversions: ['conversions', 'total_conversions'],
  ctr_pct: ['avg_ctr'],
  conversion_rate_pct: ['avg_conversion_rate'],
  cpc: ['avg_cpc'],
  cpa: ['avg_cpa'],
  roi_pct: ['roi'],
  value: ['total_value'],
  return_pct: ['return_rate'],
}

/** The names that a number may have where it is explained. */
export function namesOf(column: string): readonly string[] {
  const now = column.replace(/^previous_/, '')
  return [...new Set([column, now, ...(explained[now] ?? [])])]
}
