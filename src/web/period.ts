import { LingotError } from '../system/errors.ts'
import type { Period } from './api.ts'

/** The first and the last month with sales, as `2025-03`. */
export type Months = NonNullable<Period['months']>

/**
 * The months that a period names: `all`, the last months with sales as `12m`, a year, a month, or months from and to.
 *
 *     resolvePeriod('3m', { from: '2024-01', to: '2025-06' })
 *     // months 2025-04 to 2025-06, before them 2025-01 to 2025-03
 */
export function resolvePeriod(name: string, sold: Months | null): Period {
  const span = spanOf(name, sold)
  if (span === null) return { name, months: null, before: null }
  const before = { from: span.from - (span.to - span.from + 1), to: span.from - 1 }
  const reachesBack = sold !== null && before.from >= position(sold.from)
  return { name, months: named(span), before: reachesBack ? named(before) : null }
}

interface Span {
  from: number
  to: number
}

/** The months counted from the year 0; null for all time. */
function spanOf(name: string, sold: Months | null): Span | null {
  if (name === 'all') return null
  const last = /^([1-9]\d{0,2})m$/.exec(name)
  if (last !== null) {
    if (sold === null) return null
    const to = position(sold.to)
    // There is nothing to see before the first month with sales.
    return { from: Math.max(to - Number(last[1]) + 1, position(sold.from)), to }
  }
  if (/^\d{4}$/.test(name)) return checked(name, `${name}-01`, `${name}-12`)
  const [from = '', to = from, ...others] = name.split('..')
  if (others.length > 0) throw invalid(name, 'It is no period')
  return checked(name, from, to)
}

const MONTH = /^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$/

function checked(name: string, from: string, to: string): Span {
  if (!MONTH.test(from) || !MONTH.test(to)) throw invalid(name, 'It is no period')
  if (from > to) throw invalid(name, 'It ends before it begins')
  return { from: position(from), to: position(to) }
}

function invalid(name: string, why: string): LingotError {
  return new LingotError(
    'usage',
    `The period ${name} cannot be shown. ${why}.`,
    'Choose all, the last months as 12m, a year as 2025, a month as 2025-03, or months as 2025-01..2025-06; from 1970 on.',
  )
}

function position(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1
}

function named({ from, to }: Span): Months {
  const month = (at: number) => `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`
  return { from: month(from), to: month(to) }
}
