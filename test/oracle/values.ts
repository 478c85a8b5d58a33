/**
 * The rules "Values" of rules.md, one function each, written from the rules alone. Each gives the clean value and its
 * flaw: 'missing' (nothing there), 'invalid' (breaks its rule, so it is treated as missing), 'repaired' (used, but not
 * as it stood), undefined (used as it stood).
 */
import { createHash } from 'node:crypto'
import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js'
import { dateOf, numberText, stringOf } from './bson.ts'
import { type Decimal, parseDecimal, toCents, toWhole, truncate } from './exact.ts'

export type Flaw = 'missing' | 'invalid' | 'repaired' | undefined
export type Read<T> = { value: T; flaw: Flaw }

const MISSING: Read<null> = { value: null, flaw: 'missing' }
const INVALID: Read<null> = { value: null, flaw: 'invalid' }

function found<T>(value: T, asItStood: boolean): Read<T> {
  return { value, flaw: asItStood ? undefined : 'repaired' }
}

// -------------------------------------------------------------------------------------------------- missing and text

/** "and the texts n/a, na, null, none, nan, undefined, - in any case", "an empty or blank text" */
const MISSING_TEXTS = new Set(['', 'n/a', 'na', 'null', 'none', 'nan', 'undefined', '-'])

/** "Text: trimmed, inner white space collapsed, Unicode NFC"; before that, U+0000 and lone surrogates go. */
function cleaned(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed().replace(/\s+/gu, ' ').trim().normalize('NFC')
}

/** "Missing is: absent, null, NaN, an empty or blank text, and the texts …" */
export function isMissing(raw: unknown): boolean {
  if (raw === undefined || raw === null || numberText(raw) === 'NaN') return true
  const string = stringOf(raw)
  return string !== null && MISSING_TEXTS.has(cleaned(string).toLowerCase())
}

/** "A text is at most 500 characters long", counted as UTF-16 does. */
function isTooLong(string: string): boolean {
  return cleaned(string).length > 500
}

/** "Text: … A number becomes its text; a boolean, date, list or object does not (missing, reported)." */
export function text(raw: unknown): Read<string | null> {
  if (isMissing(raw)) return MISSING
  const string = stringOf(raw)
  if (string !== null) return isTooLong(string) ? INVALID : found(cleaned(string), cleaned(string) === string)
  const number = numberText(raw)
  return number === null || parseDecimal(number) === null ? INVALID : found(number, false) // Infinity is no number
}

function folded(label: string): string {
  return label.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/\s/gu, '')
}

/**
 * "Labels with a vocabulary … take the vocabulary's spelling when they differ from it only in case, accents or spacing;
 * other labels are kept." "A label that is missing is called `Unknown`."
 */
export function label(raw: unknown, vocabulary: readonly string[] = []): Read<string> {
  const { value, flaw } = text(raw)
  if (value === null) return { value: 'Unknown', flaw }
  for (const word of vocabulary) {
    if (folded(word) === folded(value)) return found(word, word === stringOf(raw))
  }
  return { value, flaw }
}

// ----------------------------------------------------------------------------------------------------------- numbers

const CURRENCY = '€|\\$|£|EUR|USD|CHF|CAD|GBP'
const AMOUNT = new RegExp(
  `^([+−-]?) ?(${CURRENCY})? ?([+−-]?) ?([0-9.,'’_ ]+?(?:e[+-]?[0-9]{1,3})?) ?(${CURRENCY})?$`,
  'iu',
)
const EXPONENT = /^([0-9]*\.?[0-9]*)(e[+-]?[0-9]+)$/i
const THOUSANDS = " '’_" // a no-break space has become a space by then

function occurrences(body: string, mark: string): number {
  return body.split(mark).length - 1
}

/** "a text with optional currency sign or code (…) and thousands separators (…)"; null if it does not read as one */
function numberInText(raw: string): Decimal | null {
  const match = AMOUNT.exec(cleaned(raw))
  if (match === null) return null
  const [, sign1 = '', currency1, sign2 = '', body = '', currency2] = match
  if ((sign1 && sign2) || (currency1 && currency2)) return null
  const sign = (sign1 + sign2).replace('−', '-')

  // "Exponents (`1e5`) are read", in a number that has no separators
  const [, mantissa, exponent] = EXPONENT.exec(body) ?? []
  if (exponent !== undefined) return parseDecimal(`${sign}${mantissa}${exponent}`)

  const commas = occurrences(body, ',')
  const dots = occurrences(body, '.')
  let decimalMark = ''
  if (commas > 0 && dots > 0) {
    // "With both `.` and `,` the last is the decimal mark"
    decimalMark = body.lastIndexOf(',') > body.lastIndexOf('.') ? ',' : '.'
  } else if (commas === 1) {
    // "one `,` is the decimal mark unless exactly three digits follow it (then it separates thousands)"
    decimalMark = /,[0-9]{3}$/.test(body) ? '' : ','
  } else if (dots === 1) {
    decimalMark = '.'
  } // several of one kind and none of the other can only separate thousands

  if (decimalMark !== '' && occurrences(body, decimalMark) > 1) return null
  const [whole = '', fraction = ''] = decimalMark === '' ? [body] : body.split(decimalMark)
  if (!/^[0-9]*$/.test(fraction)) return null

  // what separates thousands stands between digits, with three digits up to the next
  const separators = `${THOUSANDS},.`
  const groups: string[] = ['']
  for (const character of whole) {
    if (separators.includes(character)) groups.push('')
    else groups[groups.length - 1] += character
  }
  for (let i = 0; i < groups.length; i++) {
    const size = groups[i]?.length ?? 0
    if (i > 0 ? size !== 3 : size === 0 && groups.length > 1) return null
  }
  return parseDecimal(`${sign}${groups.join('')}.${fraction}`)
}

/** "Number: any BSON number; or a text … Infinity, booleans, lists and objects are not numbers." */
export function number(raw: unknown): Read<Decimal | null> {
  if (isMissing(raw)) return MISSING
  const string = stringOf(raw)
  if (string !== null && isTooLong(string)) return INVALID
  const value = string === null ? parseDecimal(numberText(raw) ?? '') : numberInText(string)
  return value === null ? INVALID : found(value, string === null)
}

const MONEY_LIMIT = 10n ** 14n // 1e12, in cents

/** "Money: a number rounded to cents, half away from zero as its decimal text reads, at most 1e12 in size." In cents. */
export function money(raw: unknown, rule: { mayBeNegative: boolean }): Read<bigint | null> {
  const read = number(raw)
  if (read.value === null) return { value: null, flaw: read.flaw }
  const cents = toCents(read.value)
  if (cents > MONEY_LIMIT || cents < -MONEY_LIMIT) return INVALID
  if (cents < 0n && !rule.mayBeNegative) return INVALID
  const rounded = cents * 10n ** BigInt(read.value.scale) !== read.value.digits * 100n
  return found(cents, read.flaw === undefined && !rounded)
}

/** "Count: a whole number (4.0 is one, 2.5 is not)", within its range; no count is greater than 1e12. */
export function count(raw: unknown, least: number, most = 1e12): Read<number | null> {
  const read = number(raw)
  if (read.value === null) return { value: null, flaw: read.flaw }
  const whole = toWhole(read.value)
  if (whole === null || whole < BigInt(least) || whole > BigInt(most)) return INVALID
  return { value: Number(whole), flaw: read.flaw }
}

// ------------------------------------------------------------------------------------------------------------- dates

const DAY = 86_400_000
const CALENDAR_DAY = /^(\d{4})-?(\d{2})-?(\d{2})$/
const DAY_OF_YEAR = /^(\d{4})-?(\d{3})$/
const DAY_OF_WEEK = /^(\d{4})-?W(\d{2})-?([1-7])$/i
const TIME = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?$/i
const ISODATE_CALL = /^ISODate\(\s*(?:"(.*)"|'(.*)')\s*\)$/
const FRENCH_DAY = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/
const EPOCH = /^\d+(?:\.\d+)?$/

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** Milliseconds since 1970 of a day in the calendar, null if it is not in it. */
function day(year: number, month: number, dayOfMonth: number): number | null {
  if (month < 1 || month > 12 || dayOfMonth < 1 || dayOfMonth > daysIn(year, month)) return null
  return Date.UTC(year, month - 1, dayOfMonth)
}

/** The first day of week 1 of a year: the Monday of the week that holds 4 January. */
function firstMonday(year: number): number {
  const fourth = Date.UTC(year, 0, 4)
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY
}

/** "ISO 8601 text": a day of a month, of a year or of a week, with hyphens or without. */
function isoDay(source: string): number | null {
  const ofMonth = CALENDAR_DAY.exec(source)
  if (ofMonth !== null) return day(Number(ofMonth[1]), Number(ofMonth[2]), Number(ofMonth[3]))
  const ofYear = DAY_OF_YEAR.exec(source)
  if (ofYear !== null) {
    const [year, number] = [Number(ofYear[1]), Number(ofYear[2])]
    const time = Date.UTC(year, 0, 1) + (number - 1) * DAY
    return number > 0 && new Date(time).getUTCFullYear() === year ? time : null
  }
  const ofWeek = DAY_OF_WEEK.exec(source)
  if (ofWeek === null) return null
  const [year, week, weekday] = [Number(ofWeek[1]), Number(ofWeek[2]), Number(ofWeek[3])]
  const monday = firstMonday(year) + (week - 1) * 7 * DAY
  return week > 0 && monday < firstMonday(year + 1) ? monday + (weekday - 1) * DAY : null
}

/** "ISO 8601 text (UTC where it names no zone)" */
function iso(source: string): number | null {
  const [days = '', time, ...rest] = source.split(/[T ]/i)
  const start = isoDay(days)
  if (start === null || time === undefined || rest.length > 0) return time === undefined ? start : null
  const match = TIME.exec(time)
  if (match === null) return null
  const [, hour, minute = '0', second = '0', fraction = '', zone = 'Z'] = match
  // 24:00 is the end of a day
  const isMidnight = hour === '24' && Number(minute) === 0 && Number(second) === 0 && Number(fraction) === 0
  if ((Number(hour) > 23 && !isMidnight) || Number(minute) > 59 || Number(second) > 59) return null
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
  const local = start + Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000 + milliseconds
  if (/^z$/i.test(zone)) return local
  const zoneHours = Number(zone.slice(1, 3))
  const zoneMinutes = Number(zone.slice(3).replace(':', ''))
  if (zoneHours > 23 || zoneMinutes > 59) return null
  const offset = zoneHours * 3_600_000 + zoneMinutes * 60_000
  return zone.startsWith('-') ? local + offset : local - offset
}

/** "a number ≥ 1e11 as epoch milliseconds, from 1e9 as seconds" */
function epoch(value: Decimal): number | null {
  const unit = 10n ** BigInt(value.scale)
  if (value.digits >= 10n ** 11n * unit) return Number(truncate(value))
  if (value.digits >= 10n ** 9n * unit) return Number(truncate(value, 1000n))
  return null
}

function milliseconds(raw: unknown): number | null {
  const date = dateOf(raw)
  if (date !== null) return Number.isNaN(date.getTime()) ? null : date.getTime()
  const string = stringOf(raw)
  if (string !== null) {
    if (isTooLong(string)) return null
    const source = cleaned(string)
    const call = ISODATE_CALL.exec(source)
    if (call !== null) return iso((call[1] ?? call[2] ?? '').trim())
    const french = FRENCH_DAY.exec(source)
    if (french !== null) return day(Number(french[3]), Number(french[2]), Number(french[1]))
    const time = iso(source)
    if (time !== null || !EPOCH.test(source)) return time
  }
  const { value } = number(raw)
  return value === null ? null : epoch(value)
}

/** "Date: … Before 1970, later than a day from now, or not in the calendar: not a date." */
export function date(raw: unknown, now: Date): Read<Date | null> {
  if (isMissing(raw)) return MISSING
  const time = milliseconds(raw)
  if (time === null || time < 0 || time > now.getTime() + DAY) return INVALID
  return found(new Date(time), dateOf(raw) !== null)
}

// --------------------------------------------------------------------------------------- consent, e-mail, and phone

const YES = ['true', 'yes', 'oui', 'y', 'o', '1', 'on']
const NO = ['false', 'no', 'non', 'n', '0', 'off']
const NEITHER: Read<boolean> = { value: false, flaw: 'invalid' }

/** "Consent: true, 1, and the texts true, yes, oui, y, o, 1, on are yes; everything else is no." */
export function consent(raw: unknown): Read<boolean> {
  if (isMissing(raw)) return { value: false, flaw: 'missing' } // "silence is not consent"
  if (typeof raw === 'boolean') return found(raw, true)
  const string = stringOf(raw)
  if (string !== null) {
    const word = cleaned(string).toLowerCase()
    if (YES.includes(word)) return found(true, false)
    return NO.includes(word) ? found(false, false) : NEITHER
  }
  const whole = toWhole(parseDecimal(numberText(raw) ?? '') ?? { digits: 2n, scale: 0 })
  if (whole === 1n) return found(true, false)
  return whole === 0n ? found(false, false) : NEITHER
}

function md5(value: string): string {
  return createHash('md5').update(value, 'utf8').digest('hex')
}

/** "Email: trimmed, lower case, must look like `x@y.z`; then MD5 in lower-case hex." */
export function email(raw: unknown): Read<string | null> {
  const read = text(raw)
  if (read.value === null) return read
  const address = read.value.toLowerCase()
  const [user, domain = '', ...rest] = address.split('@')
  const labels = domain.split('.')
  if (!user || rest.length > 0 || labels.length < 2 || labels.includes('') || /\s/u.test(address)) return INVALID
  return found(md5(address), read.flaw === undefined && address === read.value)
}

/** "the customer's country gives the region, France where unknown" */
const REGIONS: readonly [country: string, region: CountryCode][] = [
  ['France', 'FR'],
  ['Belgique', 'BE'],
  ['Suisse', 'CH'],
  ['Canada', 'CA'],
  ['Luxembourg', 'LU'],
  ['Allemagne', 'DE'],
  ['Germany', 'DE'],
  ['Espagne', 'ES'],
  ['Royaume-Uni', 'GB'],
  ['Côte d’Ivoire', 'CI'],
]

/** "Phone: normalised to E.164 (…), then MD5; a possible number is enough" */
export function phone(raw: unknown, country: string): Read<string | null> {
  const read = text(raw)
  if (read.value === null) return read
  const parsed = parsePhoneNumberFromString(read.value, {
    defaultCountry: REGIONS.find(([name]) => folded(name) === folded(country))?.[1] ?? 'FR',
    extract: false, // the value is a phone number; it does not contain one somewhere
  })
  if (parsed === undefined || !parsed.isPossible()) return INVALID
  return found(md5(parsed.number), read.flaw === undefined && parsed.number === read.value)
}
