import { textOf } from './values.ts'

/*
 * What is odd about a value although its rule can read it: each can hide a wrong number.
 */

/** The currencies that a text of a number may name. */
export const currencies = ['EUR', 'USD', 'CHF', 'CAD', 'GBP'] as const

const NAMED: Readonly<Record<string, string>> = { '€': 'EUR', $: 'USD', '£': 'GBP' }

const MARK = new RegExp(`[€$£]|${currencies.join('|')}`, 'i')

/** The currency that a text of a number names, if it names one. */
export function currencyIn(text: string): string | undefined {
  const [named] = MARK.exec(text) ?? []
  return named && (NAMED[named] ?? named.toUpperCase())
}

/** Whether a field is called as one that names the currency of a document: `currency`, `orderCurrencyCode`, `devise`. */
export function isCurrencyName(name: string): boolean {
  return /(?:currency|devise|w(?:ä|ae|a)hrung|moneda|divisa|valuta)[_ -]?(?:code|iso)?$/i.test(name)
}

/** The code of a currency that stands in a field of its own. */
export function currencyCode(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const code = textOf(value)?.toUpperCase() ?? ''
  return NAMED[code] ?? (/^[A-Z]{3}$/.test(code) ? code : undefined)
}

/** Whether the only mark of a number separates thousands as well as it may be the decimal one: `12.000`, `1,234`. */
export function isOpenSeparator(text: string): boolean {
  return /^[^\d.,]*[1-9]\d{0,2}[.,]\d{3}[^\d.,]*$/.test(text)
}

/** What the first two numbers of a date tell of which is the month. */
export type MonthPlace = 'either' | 'first' | 'second'

/** Which of the two is the month, where a date is written with both in front of the year and not twice the same. */
export function monthPlace(text: string): MonthPlace | undefined {
  const [, one, , other] = /^[\s\p{Cf}]*['’]?(\d{1,2})([/.-])(\d{1,2})\2\d{4}(?!\d)/u.exec(text) ?? []
  if (one === undefined || Number(one) === Number(other)) return undefined
  if (Number(one) > 12) return Number(other) > 12 ? undefined : 'second'
  return Number(other) > 12 ? 'first' : 'either'
}
