import { LingotError } from '../system/errors.ts'
import { type Filters, type Grain, grains, type Period } from './api.ts'

/** The first and the last month with sales, as `2025-03`. */
export type Months = NonNullable<Period['months']>

/** What there is of sales: their months, and the last day that is known whole, where that is told. */
export interface Known {
  sold: Months | null
  /** As `2025-03-31`. */
  completeUntil: string | null
}

/**
 * What a period names: `all`, the last whole months with sales as `12m`, a year, a month, a day, or months or days from
 * and to. A year that is not over in the data ends with its last whole month. What it is compared with is the same period
 * a year before from six months on and for years, else the one right before, unless `compare` says otherwise.
 *
 *     resolvePeriod({ period: '3m' }, { sold: { from: '2024-01', to: '2025-07' }, completeUntil: '2025-07-03' })
 *     // months 2025-04 to 2025-06, before them 2025-01 to 2025-03; incomplete 2025-07-01 to 2025-07-03
 */
export function resolvePeriod({ period: name, compare, grain }: Filters, { sold, completeUntil }: Known): Period {
  const whole = sold && lastWhole(sold, completeUntil)
  const span = spanOf(name, sold, whole)
  const unit = span?.unit ?? MONTHS
  const isIncomplete = span !== null && whole !== null && isBeyond(span, whole, completeUntil)
  const chosen = span === null || isIncomplete ? null : baseline(span, name, compare, sold)
  return {
    name,
    months: span?.unit === MONTHS ? named(span) : null,
    days: span?.unit === DAYS ? named(span) : null,
    before: chosen && named({ ...chosen.span, unit }),
    compare: chosen?.how ?? null,
    isWidened: false,
    isIncomplete,
    incomplete:
      sold === null || whole === null || completeUntil === null ? null : incompleteOf(span, sold, whole, completeUntil),
    ...grainOf(grain, span, sold),
  }
}

/** Whether a period is of days that are no whole months. */
export function isOfDays(name: string): boolean {
  return daysOf(name) !== null && spanOf(name, null, null)?.unit === DAYS
}

/** The whole months that days are of, for what is known by months alone. */
export function inMonths(name: string): string {
  const days = daysOf(name)
  return days === null ? name : `${days.from.slice(0, 7)}..${days.to.slice(0, 7)}`
}

/** Counts months from the year 0, or days from 1970, and writes them again. */
interface Unit {
  at: (text: string) => number
  write: (at: number) => string
}

const MONTHS: Unit = {
  at: (month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1,
  write: (at) => `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`,
}
const DAY = 86_400_000
const DAYS: Unit = {
  at: (day) => Date.parse(day) / DAY,
  write: (at) => new Date(at * DAY).toISOString().slice(0, 10),
}

interface Span {
  from: number
  to: number
  unit: Unit
}

function spanOf(name: string, sold: Months | null, whole: string | null): Span | null {
  if (name === 'all') return null
  const last = /^([1-9]\d{0,2})m$/.exec(name)
  if (last !== null) {
    if (sold === null || whole === null) return null
    const to = MONTHS.at(whole < sold.from ? sold.from : whole)
    // There is nothing to see before the first month with sales.
    return { from: Math.max(to - Number(last[1]) + 1, MONTHS.at(sold.from)), to, unit: MONTHS }
  }
  if (/^\d{4}$/.test(name)) return checked(name, MONTHS, `${name}-01`, lastOfYear(name, sold, whole))
  const days = daysOf(name)
  if (days === null) {
    const [from = '', to = from, ...others] = name.split('..')
    if (others.length > 0) throw invalid(name, 'It is no period')
    return checked(name, MONTHS, from, to)
  }
  const { from, to } = checked(name, DAYS, days.from, days.to)
  const areMonths = days.from.endsWith('-01') && DAYS.write(to + 1).endsWith('-01')
  return areMonths ? checked(name, MONTHS, days.from.slice(0, 7), days.to.slice(0, 7)) : { from, to, unit: DAYS }
}

/** The days that a period names; null where it names none. */
function daysOf(name: string): Months | null {
  const found = /^(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?$/.exec(name)
  return found && { from: found[1] ?? '', to: found[2] ?? found[1] ?? '' }
}

/** A year that is not over in the data ends with its last whole month, or the one that has begun. */
function lastOfYear(year: string, sold: Months | null, whole: string | null): string {
  const end = `${year}-12`
  if (sold === null || whole === null || sold.to > end) return end
  return [whole, sold.to].find((month) => month.startsWith(year) && month >= sold.from) ?? end
}

/** The last month that is over in the data; before the first with sales where none is. */
function lastWhole(sold: Months, completeUntil: string | null): string {
  if (completeUntil === null) return sold.to
  return monthsLater(DAYS.write(DAYS.at(completeUntil) + 1).slice(0, 7), -1)
}

/** Whether it reaches beyond what is whole. */
function isBeyond({ to, unit }: Span, whole: string, completeUntil: string | null): boolean {
  return unit === MONTHS ? to > MONTHS.at(whole) : completeUntil !== null && to > DAYS.at(completeUntil)
}

/** What is known of the month after the last whole one, where it is of the period or follows it. */
function incompleteOf(span: Span | null, sold: Months, whole: string, completeUntil: string): Period['incomplete'] {
  const month = monthsLater(whole, 1)
  const isNear = span === null || (span.from <= MONTHS.at(month) && span.to >= MONTHS.at(whole))
  if (month > sold.to || !isNear || span?.unit === DAYS) return null
  const first = `${month}-01`
  return { from: first, to: completeUntil < first ? first : completeUntil }
}

function monthsLater(month: string, count: number): string {
  return MONTHS.write(MONTHS.at(month) + count)
}

/** The last day of a month. */
export function lastDay(month: string): string {
  return DAYS.write(DAYS.at(`${monthsLater(month, 1)}-01`) - 1)
}

/** From so many months on a period is compared with the same one a year before. */
const HALF_A_YEAR = 6

function baseline(
  span: Span,
  name: string,
  compare: string | undefined,
  sold: Months | null,
): { how: NonNullable<Period['compare']>; span: Omit<Span, 'unit'> } | null {
  const { from, to, unit } = span
  const first = sold && unit.at(unit === MONTHS ? sold.from : `${sold.from}-01`)
  const reaches = ({ from }: { from: number }) => first !== null && from >= first
  const right = { from: from - (to - from + 1), to: from - 1 }
  const year = { from: yearBefore(from, unit), to: yearBefore(to, unit) }
  switch (compare) {
    case 'none':
      return null
    case 'before':
      return reaches(right) ? { how: 'before', span: right } : null
    case 'year':
      return reaches(year) ? { how: 'year', span: year } : null
    case undefined: {
      const isLong = /^\d{4}$/.test(name) || (unit === MONTHS ? to - from + 1 : (to - from + 1) / 30) >= HALF_A_YEAR
      if (isLong && reaches(year)) return { how: 'year', span: year }
      return reaches(right) ? { how: 'before', span: right } : null
    }
    default: {
      const other = spanOf(compare, sold, null)
      if (other === null) throw invalid(compare, 'It is nothing to compare with')
      // Months are compared with months, days with days.
      const [start, end] =
        other.unit === unit
          ? [other.from, other.to]
          : unit === DAYS
            ? [DAYS.at(`${MONTHS.write(other.from)}-01`), DAYS.at(lastDay(MONTHS.write(other.to)))]
            : [DAYS.write(other.from), DAYS.write(other.to)].map((day) => MONTHS.at(day.slice(0, 7)))
      return { how: 'range', span: { from: start ?? 0, to: end ?? 0 } }
    }
  }
}

function yearBefore(at: number, unit: Unit): number {
  if (unit === MONTHS) return at - 12
  const day = unit.write(at)
  const [year, rest] = [Number(day.slice(0, 4)) - 1, day.slice(4)]
  return unit.at(rest === '-02-29' ? `${year}-02-28` : `${year}${rest}`)
}

/** Beyond so many days a bar for each would be thinner than can be seen. */
const MOST_DAYS = 800
const A_QUARTER = 92

function grainOf(wanted: string | undefined, span: Span | null, sold: Months | null): Pick<Period, 'grain' | 'grains'> {
  const shown = span ?? (sold && { from: MONTHS.at(sold.from), to: MONTHS.at(sold.to), unit: MONTHS })
  const days = shown === null ? 0 : (shown.to - shown.from + 1) * (shown.unit === MONTHS ? 30.4 : 1)
  const offered = grains.filter((grain) => grain !== 'day' || days <= MOST_DAYS)
  const usual: Grain = span?.unit !== DAYS ? 'month' : days <= A_QUARTER ? 'day' : 'week'
  return { grain: offered.find((grain) => grain === wanted) ?? usual, grains: offered }
}

const MONTH = /^(19[7-9]\d|2\d{3})-(0[1-9]|1[0-2])$/

function checked(name: string, unit: Unit, from: string, to: string): Span {
  const isKnown = (text: string) => {
    if (unit === MONTHS) return MONTH.test(text)
    const at = unit.at(text)
    return MONTH.test(text.slice(0, 7)) && !Number.isNaN(at) && unit.write(at) === text
  }
  if (!isKnown(from) || !isKnown(to)) throw invalid(name, 'It is no period')
  if (from > to) throw invalid(name, 'It ends before it begins')
  return { from: unit.at(from), to: unit.at(to), unit }
}

function invalid(name: string, why: string): LingotError {
  return new LingotError(
    'usage',
    `The period ${name} cannot be shown. ${why}.`,
    'Choose all, the last months as 12m, a year as 2025, a month as 2025-03, months as 2025-01..2025-06, or days as 2025-03-10..2025-04-02; from 1970 on.',
  )
}

function named({ from, to, unit }: Span): Months {
  return { from: unit.write(from), to: unit.write(to) }
}
