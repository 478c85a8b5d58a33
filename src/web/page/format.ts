import { useMemo } from 'preact/hooks'
import { carriedCurrency } from './data.ts'
import { language, localeOf } from './language.ts'
import { useStatus } from './status.ts'

/** Writes values of gold, which are exact texts, as the reader's country does; what is unknown is a dash. */
export interface Format {
  locale: string
  /** What amounts are in, where the shop says so. */
  currency: string | undefined
  money: (value: Value) => string
  /** From a million on as `1.235M`, where the exact amount is told on a second look. */
  compact: (value: Value) => string
  /** `1.2M`, for axes and where there is little room. */
  short: (value: Value) => string
  integer: (value: Value) => string
  /** A whole number with its sign. */
  signed: (value: Value) => string
  /** With as many decimals as there are. */
  number: (value: Value) => string
  /** Of a value in percent: `12.5` is 12.5 %. */
  percent: (value: Value, digits?: number) => string
  /** With its sign. */
  change: (value: Value) => string
  decimal: (value: Value, digits?: number) => string
  /** `2025-03` as March 2025, `Unknown` as it is. */
  month: (value: string | null, length?: 'long' | 'short') => string
  date: (value: string | null) => string
  /** `3 Jun`, where the year is known. */
  day: (value: string) => string
  /** From one day to another, where the year is known: 1–3 July. */
  days: (from: string, to: string) => string
  /** From one month or day to another: January – June 2025, 1–3 July 2025. */
  span: (from: string, to: string) => string
  /** How long ago a day was, as in 3 days ago. */
  ago: (day: string) => string
  /** A time in UTC, told in the reader's time zone. */
  time: (value: string) => string
  seconds: (value: number) => string
}

type Value = string | number | null | undefined

export const UNKNOWN = '–'

export function useFormat(): Format {
  const chosen = language.use()
  const { status } = useStatus()
  const currency = carriedCurrency ?? status?.currency ?? undefined
  return useMemo(() => formatOf(localeOf(chosen), currency), [chosen, currency])
}

export function formatOf(locale: string, currency?: string): Format {
  const writer = (options: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(locale, options)
    // A text keeps every digit; a number would lose those beyond the fifteenth.
    return (value: Value) => (value == null ? UNKNOWN : format.format(value as Intl.StringNumericLiteral | number))
  }
  const byDigits = (options: Intl.NumberFormatOptions) => {
    const writers = new Map<number, (value: Value) => string>()
    return (value: Value, digits = 1) => {
      const known =
        writers.get(digits) ?? writer({ ...options, minimumFractionDigits: digits, maximumFractionDigits: digits })
      writers.set(digits, known)
      return known(value)
    }
  }
  const percent = byDigits({ style: 'percent' })
  const tinyPercent = writer({ style: 'percent', maximumSignificantDigits: 1 })
  const dates = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options)
  const months = {
    long: dates({ month: 'long', year: 'numeric', timeZone: 'UTC' }),
    short: dates({ month: 'short', year: '2-digit', timeZone: 'UTC' }),
  }
  const day = dates({ dateStyle: 'medium', timeZone: 'UTC' })
  const shortDay = dates({ day: 'numeric', month: 'short', timeZone: 'UTC' })
  const yearlessDay = dates({ day: 'numeric', month: 'long', timeZone: 'UTC' })
  const longDay = dates({ day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  const time = dates({ dateStyle: 'medium', timeStyle: 'short' })
  const hundredth = (value: Value) => (value == null ? null : Number(value) / 100)
  const inCurrency: Intl.NumberFormatOptions = currency === undefined ? {} : { style: 'currency', currency }
  const money = writer({ ...inCurrency, minimumFractionDigits: 2, maximumFractionDigits: 2 })
  const large = writer({ ...inCurrency, notation: 'compact', maximumSignificantDigits: 4 })
  return {
    locale,
    currency,
    money,
    compact: (value) => (Math.abs(Number(value ?? 0)) < 1_000_000 ? money(value) : large(value)),
    short: writer({ notation: 'compact', maximumSignificantDigits: 3 }),
    integer: writer({ maximumFractionDigits: 0 }),
    signed: writer({ maximumFractionDigits: 0, signDisplay: 'exceptZero' }),
    number: writer({ maximumFractionDigits: 6 }),
    percent: (value, digits = 1) => {
      const share = hundredth(value)
      // What is there does not read as nothing.
      const isTiny = share !== null && share !== 0 && Math.abs(share) * 100 < 0.5 / 10 ** digits
      return isTiny ? tinyPercent(share) : percent(share, digits)
    },
    change: (value) =>
      writer({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' })(
        hundredth(value),
      ),
    decimal: byDigits({}),
    month: (value, length = 'long') => {
      if (value === null) return UNKNOWN
      return /^\d{4}-\d\d/.test(value) ? months[length].format(new Date(`${value.slice(0, 7)}-01`)) : value
    },
    date: (value) => (value === null ? UNKNOWN : day.format(new Date(value))),
    day: (value) => shortDay.format(new Date(value)),
    days: (from, to) => yearlessDay.formatRange(new Date(from), new Date(to)),
    span: (from, to) => {
      const isMonth = from.length === '2025-03'.length
      return (isMonth ? months.long : longDay).formatRange(new Date(from), new Date(to))
    },
    ago: (day) => {
      const days = Math.round((Date.parse(day) - Date.now()) / 86_400_000)
      const [count, unit] = Math.abs(days) < 61 ? [days, 'day' as const] : [Math.round(days / 30.4), 'month' as const]
      return relative.format(count, unit)
    },
    time: (value) => time.format(new Date(value)),
    seconds: (value) => {
      // What is shown is rounded first: 59.96 s are a minute, 119.7 s two.
      if (Math.round(value * 10) < 600) return `${formatDigits(locale, value)} s`
      const whole = Math.round(value)
      return `${Math.floor(whole / 60)} min ${whole % 60} s`
    },
  }
}

function formatDigits(locale: string, value: number): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 1 }).format(value)
}
