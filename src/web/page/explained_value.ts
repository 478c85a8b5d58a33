import type { Format } from './format.ts'

const MONEY =
  /revenue|spent|amount|price|value|spend|budget|average$|average_order|per_customer|^cp[ac]$|^at_least$|^below$/

/** A value of gold as its column is written; what is unknown is a dash. */
export function written(column: string, value: string | null, format: Format): string {
  if (value === null) return format.money(null)
  if (/^-?\d{4}-\d\d-\d\d$/.test(value)) return /month/.test(column) ? format.month(value) : format.date(value)
  if (/month|cohort/.test(column) && /^\d{4}-\d\d$/.test(value)) return format.month(value)
  if (!/^-?\d+(\.\d+)?$/.test(value) || /(^|_)id$|^(product|campaign_name|full_name)$/.test(column)) return value
  if (/(_pct|_rate|_ctr)$|^roi$/.test(column)) return format.percent(value, 2)
  if (MONEY.test(column) && /\.\d\d$/.test(value)) return format.money(value)
  return format.number(value)
}
