/**
 * The rules "Values" of rules.md, one function each, written from the rules alone. Each gives the clean value and its
 * flaw: 'missing' (nothing there), 'invalid' (breaks its rule, so it is treated as missing), 'repaired' (used, but not
 * as it stood), undefined (used as it stood).
 */
import { createHash } from 'node:crypto'
import { types } from 'node:util'
import { type Binary, Decimal128, Double, ObjectId, UUID } from 'bson'
import codes from 'i18n-iso-countries/codes.json' with { type: 'json' }
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js'
import { bsonType, dateOf, numberText, stringOf } from './bson.ts'
import { type Decimal, parseDecimal, toCents, toWhole, truncate } from './exact.ts'

export type Flaw = 'missing' | 'invalid' | 'repaired' | undefined
export type Read<T> = { value: T; flaw: Flaw }

const MISSING: Read<null> = { value: null, flaw: 'missing' }
const INVALID: Read<null> = { value: null, flaw: 'invalid' }

function found<T>(value: T, asItStood: boolean): Read<T> {
  return { value, flaw: asItStood ? undefined : 'repaired' }
}

// ------------------------------------------------------------------------------------------- Extended JSON as it stands

/** "an object whose only key is one of `$oid`, … is the value that it spells (repaired)"; null where it spells none. */
export function unspelled(raw: unknown): { value: unknown } | null {
  if (typeof raw !== 'object' || raw === null || bsonType(raw) !== '' || Object.keys(raw).length !== 1) return null
  if (Array.isArray(raw) || types.isDate(raw) || types.isRegExp(raw)) return null
  const [[key, inner]] = Object.entries(raw) as [[string, unknown]]
  const digits = numberText(inner)
  const spelling = typeof inner === 'string' ? inner : digits
  const isWhole = spelling !== null && /^-?\d{1,19}$/.test(spelling)
  const isDecimal = spelling !== null && /^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|NaN|-?Infinity)$/i.test(spelling)
  switch (key) {
    case '$oid':
      return spelling !== null && /^[0-9a-f]{24}$/i.test(spelling) ? { value: new ObjectId(spelling) } : null
    case '$uuid':
      return spelling !== null && UUID.isValid(spelling) ? { value: new UUID(spelling) } : null
    case '$numberInt':
      return isWhole && Math.abs(Number(spelling) + 0.5) < 2 ** 31 ? { value: Number(spelling) } : null
    case '$numberLong':
      return isWhole && BigInt(spelling) >= -(2n ** 63n) && BigInt(spelling) < 2n ** 63n
        ? { value: BigInt(spelling) }
        : null
    case '$numberDouble':
      return isDecimal ? { value: new Double(Number(spelling)) } : null
    case '$numberDecimal':
      return isDecimal && Math.abs(exponentOf(spelling)) < 6000
        ? { value: Decimal128.fromStringWithRounding(spelling) }
        : null
    case '$date': {
      if (typeof inner === 'string') {
        const time = iso(inner, null)
        return time === null ? null : { value: new Date(time) }
      }
      const nested = digits ?? numberText(unspelled(inner)?.value)
      return nested !== null && /^-?\d{1,19}$/.test(nested) ? { value: new Date(Number(nested)) } : null
    }
    default:
      return null
  }
}

function exponentOf(decimal: string): number {
  return Number(/e([+-]?\d+)$/i.exec(decimal)?.[1] ?? 0)
}

/** A reading that knows Extended JSON. */
function reading<T, More extends unknown[]>(read: (raw: unknown, ...more: More) => Read<T>) {
  return (raw: unknown, ...more: More): Read<T> => {
    const spelled = unspelled(raw)
    if (spelled === null) return read(raw, ...more)
    const inner = read(spelled.value, ...more)
    return inner.flaw === undefined ? { ...inner, flaw: 'repaired' } : inner
  }
}

// -------------------------------------------------------------------------------------------------- missing and text

/** "the texts n/a, na, n.a., null, none, …, in any case", "an empty or blank text" */
const MISSING_TEXTS = new Set(
  ['', 'n/a', 'na', 'n.a.', 'null', 'none', 'nan', 'undefined', '-', '--', 'unknown'].concat([
    'inconnu',
    'inconnue',
    '#n/a',
    '(not set)',
    '(none)',
    '\\n',
  ]),
)

const isJoiner = (character: string) => character === '\u200c' || character === '\u200d'
const isSeen = (character: string | undefined) => character !== undefined && !/^[\s\p{Cf}\p{Cc}]$/u.test(character)

/** "Invisible characters (Unicode category Cf …) are dropped, but not a joiner between two characters that are visible." */
function withoutInvisible(text: string): string {
  const all = [...text]
  return all
    .filter((character, i) => {
      if (!/^\p{Cf}$/u.test(character)) return true
      return isJoiner(character) && isSeen(all[i - 1]) && isSeen(all[i + 1])
    })
    .join('')
}

/** "Text: trimmed, inner white space collapsed, Unicode NFC"; before that, U+0000 and lone surrogates go. */
function cleaned(text: string): string {
  const seen = withoutInvisible(text.replaceAll('\u0000', '').toWellFormed())
  return seen.normalize('NFC').replace(/\s+/gu, ' ').trim()
}

/** "In ids, numbers, dates, phones and postal codes an apostrophe before a digit or `+` at the start is … dropped." */
function unmarked(text: string): string {
  const tidy = cleaned(text)
  return /^['’]$/.test(tidy.charAt(0)) && /^[0-9+]$/.test(tidy.charAt(1)) ? tidy.slice(1) : tidy
}

/** "Missing is: absent, null, NaN, an empty or blank text, and the texts …" */
export function isMissing(raw: unknown): boolean {
  if (raw === undefined || raw === null || numberText(raw) === 'NaN') return true
  const string = stringOf(raw)
  return string !== null && MISSING_TEXTS.has(cleaned(string).toLowerCase())
}

/** "At most 500 characters; a longer text is invalid", counted as UTF-16 does. */
function isTooLong(string: string): boolean {
  return cleaned(string).length > 500
}

/** "Bytes that are no UTF-8 become U+FFFD. Each of these is a repair, and reported." */
function stoodSo(value: string, raw: unknown): boolean {
  return value === raw && !value.includes('\ufffd')
}

/** "Text: … A number becomes its text; a boolean, date, list or object does not (missing, reported)." */
export const text = reading(plainText)

function plainText(raw: unknown, tidy: (text: string) => string = cleaned): Read<string | null> {
  if (isMissing(raw)) return MISSING
  const string = stringOf(raw)
  if (string !== null) {
    if (isTooLong(string)) return INVALID
    return found(tidy(string), stoodSo(tidy(string), string))
  }
  const number = numberText(raw)
  return number === null || parseDecimal(number) === null ? INVALID : found(number, false) // Infinity is no number
}

/** "In a first or last name `Null` and `Na`, written just so, are names." */
const PEOPLE = ['Null', 'Na']

/** "differ from it only in case, accents, apostrophes or spacing" */
function folded(label: string): string {
  const bare = label.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return bare.replace(/[\s'’‘ʼ`´′＇]/gu, '')
}

/** "Status of a sale: canceled, wc-cancelled, annulé, annulée → Cancelled; …" */
const STATUSES = new Map(
  Object.entries({
    canceled: 'Cancelled',
    'wc-cancelled': 'Cancelled',
    annule: 'Cancelled',
    annulee: 'Cancelled',
    refund: 'Refunded',
    'wc-refunded': 'Refunded',
    rembourse: 'Refunded',
    remboursee: 'Refunded',
    complete: 'Completed',
    'wc-completed': 'Completed',
    termine: 'Completed',
    terminee: 'Completed',
    'wc-pending': 'Pending',
    enattente: 'Pending',
  }),
)

type LabelOf = 'label' | 'name' | 'code' | 'sale status'

/**
 * "Labels with a vocabulary … take the vocabulary's spelling when they differ from it only in …, or stand in its list of
 * other names (below); other labels are kept." "A label that is missing is called `Unknown`."
 */
export const label = reading(
  (raw: unknown, vocabulary: readonly string[] = [], of: LabelOf = 'label'): Read<string> => {
    const string = stringOf(raw)
    if (of === 'name' && string !== null && PEOPLE.includes(cleaned(string))) {
      return found(cleaned(string), stoodSo(cleaned(string), string))
    }
    const { value, flaw } = plainText(raw, of === 'code' ? unmarked : cleaned)
    if (value === null) return { value: 'Unknown', flaw }
    for (const word of vocabulary) {
      if (folded(word) === folded(value)) return found(word, word === string)
    }
    const status = of === 'sale status' ? STATUSES.get(folded(value)) : undefined
    return status === undefined ? { value, flaw } : found(status, false)
  },
)

/** "Id: a text; a whole number as its digits, …; an ObjectId as its 24 digits; a UUID (Binary subtype 4 …) as its text" */
export const id = reading((raw: unknown): Read<string | null> => {
  if (stringOf(raw) !== null) return plainText(raw, unmarked)
  if (isMissing(raw)) return MISSING
  if (bsonType(raw) === 'ObjectId') return found((raw as ObjectId).toHexString(), false)
  if (bsonType(raw) === 'Binary' || raw instanceof UUID) {
    const binary = raw as Binary
    const hex = Buffer.from(binary.buffer.subarray(0, binary.position)).toString('hex')
    if (binary.sub_type !== 4 || hex.length !== 32) return INVALID
    return found(hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'), false)
  }
  const decimal = parseDecimal(numberText(raw) ?? '')
  const whole = decimal && toWhole(decimal)
  const isDouble = typeof raw === 'number' || bsonType(raw) === 'Double'
  if (whole === null || (isDouble && Math.abs(Number(whole)) > 2 ** 53)) return INVALID
  return String(whole).length > 500 ? INVALID : found(String(whole), false)
})

// ----------------------------------------------------------------------------------------------------------- numbers

const SIGN = /^[-+\u2212]$/
const CURRENCIES = ['€', '$', '£', 'EUR', 'USD', 'CHF', 'CAD', 'GBP']
const EXPONENT = /^([0-9]*\.?[0-9]*)(e[+-]?[0-9]{1,3})$/i
const THOUSANDS = " '’_" // a no-break space has become a space by then

function occurrences(body: string, mark: string): number {
  return body.split(mark).length - 1
}

/** What of a number is around its digits: one currency and one sign at most, before or behind, in any order. */
function withoutAround(given: string): { body: string; isNegative: boolean } | null {
  let body = given.trim()
  let signs = 0
  let currencies = 0
  let isNegative = false
  for (;;) {
    const first = body.charAt(0)
    const last = body.charAt(body.length - 1)
    const code = CURRENCIES.find((code) => body.toUpperCase().startsWith(code))
    const codeBehind = CURRENCIES.find((code) => body.toUpperCase().endsWith(code))
    if (code !== undefined) {
      currencies++
      body = body.slice(code.length).trim()
    } else if (codeBehind !== undefined) {
      currencies++
      body = body.slice(0, -codeBehind.length).trim()
    } else if (SIGN.test(first)) {
      signs++
      isNegative = first !== '+'
      body = body.slice(1).trim()
    } else if (body.length > 1 && SIGN.test(last) && last !== '+' && !/[.,] ?.$/.test(body)) {
      // (a dash behind a decimal mark stands for no cents: docs/numbers.md)
      // "A minus (…) in front, behind, or round brackets about it make it negative"
      signs++
      isNegative = true
      body = body.slice(0, -1).trim()
    } else if (first === '(' && last === ')') {
      signs++
      isNegative = true
      body = body.slice(1, -1).trim()
    } else return signs > 1 || currencies > 1 ? null : { body, isNegative }
  }
}

/** What a field says of its numbers; `points: 'thousands'` is that of impressions and clicks. */
export type Written = { decimal?: '.' | ','; points?: 'thousands'; scale?: string }

/** Which mark stands before decimals; '' for none. */
function decimalMarkOf(body: string, written: Written): string {
  const commas = occurrences(body, ',')
  const dots = occurrences(body, '.')
  // "With both `.` and `,` the last is the decimal mark"
  if (commas > 0 && dots > 0) return body.lastIndexOf(',') > body.lastIndexOf('.') ? ',' : '.'
  // "several of one mark, each before exactly three digits, separate thousands"
  if (commas > 1 || dots > 1 || commas + dots === 0) return ''
  const mark = commas === 1 ? ',' : '.'
  const [before = '', behind = ''] = body.split(mark)
  // "exactly three digits follow it and one to three digits, of which the first is no 0, stand before it, and no other
  //  sign separates groups"
  const isOpen = /^[1-9][0-9]?[0-9]?$/.test(before) && /^[0-9]{3}$/.test(behind)
  if (!isOpen) return mark
  // "A setting `decimal` … decides what is open otherwise"
  if (written.decimal !== undefined) return written.decimal === mark ? mark : ''
  return mark === '.' && written.points !== 'thousands' ? '.' : ''
}

/** "a text with an optional currency sign or code (…) and thousands separators (…)"; null if it does not read as one */
function numberInText(raw: string, written: Written): Decimal | null {
  const around = withoutAround(unmarked(raw))
  if (around === null) return null
  const { body, isNegative } = around
  const sign = isNegative ? '-' : ''

  // "Exponents (`1e5`) are read", in a number that has no separators
  const [, mantissa, exponent] = EXPONENT.exec(body) ?? []
  if (exponent !== undefined) return parseDecimal(`${sign}${mantissa}${exponent}`)

  const decimalMark = decimalMarkOf(body, written)
  if (decimalMark !== '' && occurrences(body, decimalMark) > 1) return null
  const [whole = '', fraction = ''] = decimalMark === '' ? [body] : body.split(decimalMark)
  if (!/^[0-9]*$/.test(fraction)) return null

  // what separates thousands stands between digits, with three digits up to the next
  const separators = `${THOUSANDS},.`
  const groups: string[] = ['']
  for (const character of whole) {
    if (separators.includes(character)) groups.push('')
    else if (/[0-9]/.test(character)) groups[groups.length - 1] += character
    else return null
  }
  for (let i = 0; i < groups.length; i++) {
    const size = groups[i]?.length ?? 0
    if (i > 0 ? size !== 3 : size === 0 && groups.length > 1) return null
  }
  return parseDecimal(`${sign}${groups.join('')}.${fraction}`)
}

/** "Number: any BSON number; or a text … Infinity, booleans, lists and objects are not numbers." */
export const number = reading((raw: unknown, written: Written = {}): Read<Decimal | null> => {
  if (isMissing(raw)) return MISSING
  const string = stringOf(raw)
  if (string !== null && isTooLong(string)) return INVALID
  const value = string === null ? parseDecimal(numberText(raw) ?? '') : numberInText(string, written)
  if (value === null) return INVALID
  // "A setting `scale` multiplies"
  const by = parseDecimal(written.scale ?? '1') as Decimal
  return found({ digits: value.digits * by.digits, scale: value.scale + by.scale }, string === null)
})

const MONEY_LIMIT = 10n ** 14n // 1e12, in cents

/** "Money: a number of which the sign is looked at after it was rounded to cents, half away from zero …" In cents. */
export function money(raw: unknown, rule: { mayBeNegative: boolean } & Written): Read<bigint | null> {
  return inCents(number(raw, rule), rule)
}

/** "`times` multiplies two sources exactly and rounds once, at the end: both are read as numbers with sign and decimals". */
export function moneyTimes(raw: unknown, times: unknown, rule: { mayBeNegative: boolean }): Read<bigint | null> {
  const [one, other] = [number(raw), number(times)]
  if (one.value === null) return { value: null, flaw: one.flaw }
  if (other.value === null) return { value: null, flaw: other.flaw }
  const value = { digits: one.value.digits * other.value.digits, scale: one.value.scale + other.value.scale }
  return inCents({ value, flaw: one.flaw ?? other.flaw }, rule)
}

function inCents(read: Read<Decimal | null>, rule: { mayBeNegative: boolean }): Read<bigint | null> {
  if (read.value === null) return { value: null, flaw: read.flaw }
  const cents = toCents(read.value)
  if (cents > MONEY_LIMIT || cents < -MONEY_LIMIT) return INVALID
  if (cents < 0n && !rule.mayBeNegative) return INVALID
  const rounded = cents * 10n ** BigInt(read.value.scale) !== read.value.digits * 100n
  return found(cents, read.flaw === undefined && !rounded)
}

/** "Count: a whole number (4.0 is one, 2.5 is not)", within its range; no count is greater than 1e12. */
export function count(raw: unknown, least: number, most = 1e12, written: Written = {}): Read<number | null> {
  const read = number(raw, written)
  if (read.value === null) return { value: null, flaw: read.flaw }
  const whole = toWhole(read.value)
  if (whole === null || whole < BigInt(least) || whole > BigInt(most)) return INVALID
  return { value: Number(whole), flaw: read.flaw }
}

/** "conversions: a number ≥ 0 with up to six decimals (more: invalid, not rounded)". In millionths. */
export function shares(raw: unknown, written: Written = {}): Read<bigint | null> {
  const read = number(raw, written)
  if (read.value === null) return { value: null, flaw: read.flaw }
  const millionths = toWhole({ digits: read.value.digits * 1_000_000n, scale: read.value.scale })
  if (millionths === null || millionths < 0n || millionths > 10n ** 18n) return INVALID
  return { value: millionths, flaw: read.flaw }
}

// ------------------------------------------------------------------------------------------------------------- dates

const DAY = 86_400_000
const CALENDAR_DAY = /^(\d{4})-?(\d{2})-?(\d{2})$/
const DAY_OF_YEAR = /^(\d{4})-?(\d{3})$/
const DAY_OF_WEEK = /^(\d{4})-?W(\d{2})-?([1-7])$/i
const TIME = /^(\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?)?(?: ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?$/i
const ISODATE_CALL = /^ISODate\(\s*(?:"(.*)"|'(.*)')\s*\)$/
const SHORT_DAY = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?: (\d{2}):(\d{2})(?::(\d{2}))?)?$/
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

/** How the dates of a field are meant: a zone of which the clocks are, and which comes first in 02/01/2024. */
export type Calendar = { zone?: string; monthFirst?: boolean }

/** Milliseconds by which the clocks of a zone are ahead of UTC at an instant. */
function ahead(zone: string, instant: number): number {
  const style = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const
  const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', second: 'numeric', ...style })
  const parts = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
  const { year = 0, month = 1, day: dayOfMonth = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, dayOfMonth, hour, minute, second) - Math.floor(instant / 1000) * 1000
}

/** When the clocks of a zone first show a time; as long after a gap as it stands in it, where they never do. */
function firstShown(zone: string, wall: number): number {
  const offsets = [ahead(zone, wall - DAY), ahead(zone, wall + DAY)]
  const shown = offsets.map((offset) => wall - offset).filter((instant) => ahead(zone, instant) === wall - instant)
  return shown.length > 0 ? Math.min(...shown) : wall - (offsets[0] ?? 0)
}

/** "texts without a zone" are of the shop's; "a text of a day alone, never moves": it is that day in UTC and in the zone */
function inZone(wall: number, hasTime: boolean, calendar: Calendar | null): number {
  if (calendar?.zone === undefined) return wall
  const instant = firstShown(calendar.zone, wall)
  return hasTime ? instant : Math.max(wall, instant)
}

/** Milliseconds of a time of day, null if no clock shows it. */
function timeOfDay(hour: string, minute: string, second = '0', fraction = ''): number | null {
  // 24:00 is the end of a day
  const isMidnight = hour === '24' && Number(minute) === 0 && Number(second) === 0 && Number(fraction) === 0
  if ((Number(hour) > 23 && !isMidnight) || Number(minute) > 59 || Number(second) > 59) return null
  const milliseconds = Number(fraction.padEnd(3, '0').slice(0, 3))
  return Number(hour) * 3_600_000 + Number(minute) * 60_000 + Number(second) * 1000 + milliseconds
}

/** "ISO 8601 text (UTC where it names no zone), also with a space before time and before the zone, and `UTC` or `GMT`" */
function iso(source: string, calendar: Calendar | null): number | null {
  const [, days = '', time] = /^([^T ]+)(?:[T ](.+))?$/i.exec(source) ?? []
  const start = isoDay(days)
  if (start === null) return null
  if (time === undefined) return inZone(start, false, calendar)
  const match = TIME.exec(time)
  if (match === null) return null
  const [, hour = '', minute = '0', second = '0', fraction = '', zone] = match
  const ofDay = timeOfDay(hour, minute, second, fraction)
  if (ofDay === null) return null
  if (zone === undefined) return inZone(start + ofDay, true, calendar)
  if (/^(z|utc|gmt)$/i.test(zone)) return start + ofDay
  const zoneHours = Number(zone.slice(1, 3))
  const zoneMinutes = Number(zone.slice(3).replace(':', ''))
  if (zoneHours > 23 || zoneMinutes > 59) return null
  const offset = zoneHours * 3_600_000 + zoneMinutes * 60_000
  return zone.startsWith('-') ? start + ofDay + offset : start + ofDay - offset
}

/** "a number ≥ 1e11 as epoch milliseconds, from 1e9 as seconds" */
function epoch(value: Decimal): number | null {
  const unit = 10n ** BigInt(value.scale)
  if (value.digits >= 10n ** 11n * unit) return Number(truncate(value))
  if (value.digits >= 10n ** 9n * unit) return Number(truncate(value, 1000n))
  return null
}

/** "a text or number of 8, 12 or 14 digits that reads as yyyymmdd[hhmm[ss]] from 1990 on" */
function compact(digits: string, calendar: Calendar): number | null {
  if (!/^\d+$/.test(digits) || ![8, 12, 14].includes(digits.length)) return null
  const part = (from: number, to: number) => digits.slice(from, to)
  const start = day(Number(part(0, 4)), Number(part(4, 6)), Number(part(6, 8)))
  if (start === null || Number(part(0, 4)) < 1990) return null
  if (digits.length === 8) return inZone(start, false, calendar)
  const ofDay = timeOfDay(part(8, 10), part(10, 12), part(12, 14) || '0')
  return ofDay === null ? null : inZone(start + ofDay, true, calendar)
}

/** "d/m/yyyy, d.m.yyyy and d-m-yyyy, with an optional time `HH:mm` or `HH:mm:ss`"; undefined if it is none of them */
function shortDate(source: string, calendar: Calendar): number | null | undefined {
  const match = SHORT_DAY.exec(source)
  if (match === null) return undefined
  const [, first, , second, year, hour, minute = '', seconds] = match
  // "A setting reads month before day."
  const [month, dayOfMonth] = calendar.monthFirst ? [first, second] : [second, first]
  const start = day(Number(year), Number(month), Number(dayOfMonth))
  if (start === null || hour === undefined) return start === null ? null : inZone(start, false, calendar)
  const ofDay = timeOfDay(hour, minute, seconds)
  return ofDay === null ? null : inZone(start + ofDay, true, calendar)
}

function milliseconds(raw: unknown, calendar: Calendar): number | null {
  const date = dateOf(raw)
  if (date !== null) return Number.isNaN(date.getTime()) ? null : date.getTime()
  const string = stringOf(raw)
  if (string !== null) {
    if (isTooLong(string)) return null
    const source = unmarked(string)
    const call = ISODATE_CALL.exec(source)
    if (call !== null) return iso((call[1] ?? call[2] ?? '').trim(), calendar)
    const short = shortDate(source, calendar)
    if (short !== undefined) return short
    const slashed = /^(\d{4})\/(\d\d)\/(\d\d)$/.exec(source)
    const time = compact(source, calendar) ?? iso(slashed ? slashed.slice(1).join('-') : source, calendar)
    if (time !== null || !EPOCH.test(source)) return time
    const written = parseDecimal(source)
    return written && epoch(written)
  }
  const { value } = number(raw)
  if (value === null) return null
  const whole = toWhole(value)
  return (whole === null ? null : compact(String(whole), calendar)) ?? epoch(value)
}

/** "Date: … Before 1970, later than a day from now, or not in the calendar: not a date." */
export const date = reading((raw: unknown, now: Date, calendar: Calendar = {}): Read<Date | null> => {
  if (isMissing(raw)) return MISSING
  const time = milliseconds(raw, calendar)
  if (time === null || time < 0 || time > now.getTime() + DAY) return INVALID
  return found(new Date(time), dateOf(raw) !== null)
})

// --------------------------------------------------------------------------------------- consent, e-mail, and phone

const YES = ['true', 'yes', 'oui', 'y', 'o', 't', 'v', 'vrai', '1', '1.0', 'on']
const NO = ['false', 'no', 'non', 'n', 'f', 'faux', '0', '0.0', 'off']
const NEITHER: Read<boolean> = { value: false, flaw: 'invalid' }

/** "Consent: true, 1, and the texts true, yes, oui, y, o, t, v, vrai, 1, 1.0, on are yes; everything else is no." */
export const consent = reading((raw: unknown): Read<boolean> => {
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
})

function md5(value: string): string {
  return createHash('md5').update(value, 'utf8').digest('hex')
}

/** Quotes of any language, whichever opens and closes: „a“, “a”, «a», »a«, ’a’. */
const QUOTES = '"\'`´“”„‟‘’‚‛«»‹›'

/** "`mailto:`, `<>`, quotes around it and `;` `,` `.` behind it are dropped, as often as they come (repaired)" */
function bareAddress(address: string): string {
  const trimmed = address.trim()
  if (trimmed.startsWith('mailto:')) return bareAddress(trimmed.slice('mailto:'.length))
  if (trimmed !== '' && ';,.'.includes(trimmed.slice(-1))) return bareAddress(trimmed.slice(0, -1))
  const [first, last] = [trimmed.charAt(0), trimmed.slice(-1)]
  const isQuoted = trimmed.length > 1 && QUOTES.includes(first) && QUOTES.includes(last)
  const isWithin = isQuoted || (first === '<' && last === '>')
  return isWithin ? bareAddress(trimmed.slice(1, -1)) : trimmed
}

/** "Email: trimmed, lower case; … must look like `x@y.z`; then MD5 in lower-case hex." */
export const email = reading((raw: unknown): Read<string | null> => {
  const read = plainText(raw)
  if (read.value === null) return read
  const address = bareAddress(read.value.toLowerCase())
  const [user, domain = '', ...rest] = address.split('@')
  const labels = domain.split('.')
  if (!user || rest.length > 0 || labels.length < 2 || labels.includes('') || /\s/u.test(address)) return INVALID
  return found(md5(address), read.flaw === undefined && address === read.value)
})

const inFrench = new Intl.DisplayNames('fr', { type: 'region' })
const inEnglish = new Intl.DisplayNames('en', { type: 'region' })

/** Names that people use beside those of CLDR, and the two codes that are none of ISO 3166. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  GB: ['UK', 'Great Britain', 'Grande-Bretagne'],
  US: ['USA', 'United States of America'],
  CI: ['Ivory Coast'],
  RE: ['Réunion'],
  BA: ['Bosnia', 'Bosnie'],
  BS: ['The Bahamas'],
  CD: ['DRC', 'RDC'],
  CV: ['Cabo Verde'],
  GF: ['Guyane'],
  IE: ['Republic of Ireland'],
  MK: ['Macedonia', 'Macédoine'],
  MM: ['Burma', 'Birmanie'],
  MO: ['Macau'],
  NL: ['Holland', 'Hollande'],
  SZ: ['Swaziland'],
  VA: ['Vatican', 'Holy See', 'Saint-Siège'],
}

/**
 * "Country: a country's French or English name, or its ISO 3166 code of two or three letters, in any case, with any
 * apostrophe, becomes its French name as CLDR spells it (`Intl.DisplayNames('fr')`, …)"
 */
const COUNTRIES = codes.map(([code = '', three = '']) => {
  const french = inFrench.of(code) ?? code
  return { french, code, names: [code, three, french, inEnglish.of(code) ?? '', ...(ALSO[code] ?? [])].map(plainName) }
})

function plainName(name: string): string {
  return folded(name).replace(/[\p{Pd}.]/gu, '')
}

function countryNamed(name: string) {
  return COUNTRIES.find(({ names }) => names.includes(plainName(name)))
}

/** "Other labels are kept, reported." */
export const country = reading((raw: unknown): Read<string> => {
  const { value, flaw } = plainText(raw)
  if (value === null) return { value: 'Unknown', flaw }
  const french = countryNamed(value)?.french
  return french === undefined || french === value ? { value, flaw } : found(french, false)
})

function regionOf(country: string): CountryCode {
  const code = countryNamed(country)?.code ?? 'FR'
  return isSupportedCountry(code) ? code : 'FR'
}

/** "Phone: `tel:` dropped, normalised to E.164 (…), then MD5; a possible number is enough" */
export const phone = reading((raw: unknown, country: string): Read<string | null> => {
  const read = plainText(raw, unmarked)
  if (read.value === null) return read
  const dialled = /^tel:/i.test(read.value) ? read.value.slice(4).trim() : read.value
  const parsed = parsePhoneNumberFromString(dialled, {
    defaultCountry: regionOf(country), // "France where unknown"
    extract: false, // the value is a phone number; it does not contain one somewhere
  })
  if (parsed === undefined || !parsed.isPossible()) return INVALID
  return found(md5(parsed.number), read.flaw === undefined && parsed.number === read.value)
})
