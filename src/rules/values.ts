import { BSONSymbol, Decimal128, Double, Int32, Long, Timestamp } from 'bson'
import { type CountryCode, getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { DateTime } from 'luxon'
import { md5, type Pseudonym } from './pseudonym.ts'

/**
 * The value rules: each takes a value as it came from bronze and gives a clean one.
 *
 * A good value comes back bare, one that had to be put right as {@link Repaired}, anything else as a {@link Flaw}.
 * A reason never holds the value itself: it may be personal.
 */
export type Outcome<T> = T | Repaired<T> | Flaw

/** A value that could be put right, and how. */
export class Repaired<T> {
  readonly value: T
  readonly reason: string
  constructor(value: T, reason: string) {
    this.value = value
    this.reason = reason
  }
}

/** Why there is no value: nothing was there, or what was there breaks its rule. */
export class Flaw {
  readonly kind: 'missing' | 'invalid'
  readonly reason: string
  constructor(kind: 'missing' | 'invalid', reason: string) {
    this.kind = kind
    this.reason = reason
  }
}

/** An amount in euros with at most two decimals. */
export type Money = number
/** What stands for an email or a phone number, in lower-case hexadecimal: its MD5 unless the settings say otherwise. */
export type Hash = string

const missing = {
  absent: new Flaw('missing', 'absent'),
  null: new Flaw('missing', 'null'),
  nan: new Flaw('missing', 'NaN'),
  blank: new Flaw('missing', 'blank'),
  placeholder: new Flaw('missing', 'placeholder'),
}

const invalid = {
  notText: new Flaw('invalid', 'not a text'),
  tooLong: new Flaw('invalid', 'too long'),
  notNumber: new Flaw('invalid', 'not a number'),
  notWhole: new Flaw('invalid', 'not a whole number'),
  tooSmall: new Flaw('invalid', 'too small'),
  tooLarge: new Flaw('invalid', 'too large'),
  notDate: new Flaw('invalid', 'not a date'),
  notInCalendar: new Flaw('invalid', 'not in the calendar'),
  tooEarly: new Flaw('invalid', 'before 1970'),
  inFuture: new Flaw('invalid', 'in the future'),
  notConsent: new Flaw('invalid', 'neither yes nor no'),
  notEmail: new Flaw('invalid', 'not an email'),
  notPhone: new Flaw('invalid', 'not a phone number'),
}

/** The largest size of money and counts: sums of billions of them still fit gold's columns. */
export const LARGEST = 1e12

// ---------------------------------------------------------------------------------------------------------- text

const PLACEHOLDERS = new Set(['n/a', 'na', 'null', 'none', 'nan', 'undefined', '-'])
const LONGEST_PLACEHOLDER = 9
const TIDY = /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/

/** The longest text, in UTF-16 units: a key of gold must fit PostgreSQL's index, which holds 2,704 bytes. */
export const LONGEST = 500

/** Trimmed, inner white space collapsed, Unicode NFC. A number becomes its text. */
export function text(value: unknown): Outcome<string> {
  const plain = spelledOut(value)
  if (plain === undefined) {
    const number = numberText(value)
    return number instanceof Flaw
      ? number === invalid.notNumber
        ? invalid.notText
        : number
      : new Repaired(number, 'number to text')
  }
  // PostgreSQL cannot hold U+0000, UTF-8 cannot hold half a surrogate pair.
  const tidy = isTidy(plain)
    ? plain
    : plain.replaceAll('\0', '').toWellFormed().normalize('NFC').replace(/\s+/gu, ' ').trim()
  if (tidy === '') return missing.blank
  if (tidy.length <= LONGEST_PLACEHOLDER && PLACEHOLDERS.has(tidy.toLowerCase())) return missing.placeholder
  if (tidy.length > LONGEST) return invalid.tooLong
  return tidy === plain ? plain : new Repaired(tidy, 'spacing or encoding')
}

/** The text that the rule makes of a value, if it makes one. */
export function textOf(value: unknown): string | undefined {
  const read = text(value)
  if (read instanceof Flaw) return undefined
  return read instanceof Repaired ? read.value : read
}

/** Most texts are; a pattern that remembers where each word began would overflow on megabytes of them. */
function isTidy(plain: string): boolean {
  return plain.length <= LONGEST && TIDY.test(plain)
}

/** The characters of a text; a symbol, which BSON no longer writes, is one too. */
function spelledOut(value: unknown): string | undefined {
  return typeof value === 'string' ? value : value instanceof BSONSymbol ? value.value : undefined
}

/** Case, accents and spacing removed: two spellings of one label fold to the same text. */
export function fold(label: string): string {
  return label
    .normalize('NFD')
    .replace(/[\p{M}\s]+/gu, '')
    .toLowerCase()
}

/** A text that takes the vocabulary's spelling where it differs only in case, accents or spacing. */
export function label(vocabulary: readonly string[]): (value: unknown) => Outcome<string> {
  const spellings = new Map(vocabulary.map((word) => [fold(word), word]))
  const exact = new Set(vocabulary)
  return (value) => {
    if (typeof value === 'string' && exact.has(value)) return value
    const read = text(value)
    const plain = read instanceof Repaired ? read.value : read
    if (plain instanceof Flaw) return plain
    if (spellings.size === 0) return read
    const spelling = spellings.get(fold(plain))
    return spelling === undefined || spelling === plain ? read : new Repaired(spelling, 'spelling')
  }
}

// -------------------------------------------------------------------------------------------------------- numbers

const CURRENCY = '[€$£]|EUR|USD|CHF|CAD|GBP'
const SPELLED = new RegExp(`^([+\\-\u2212]?) ?(${CURRENCY})? ?([+\\-\u2212]?) ?(.*?) ?(${CURRENCY})?$`, 'iu')
const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i
const GROUPS_OF_THREE = /^(?:\d+(?:[ '\u2019_.,]\d{3})*)?$/

/** The plain decimal text of a number, whichever BSON type or spelling it has. */
function numberText(value: unknown): string | Flaw {
  if (value === undefined) return missing.absent
  if (value === null) return missing.null
  const number = value instanceof Double || value instanceof Int32 ? value.value : value
  if (typeof number === 'number') {
    return Number.isNaN(number) ? missing.nan : Number.isFinite(number) ? String(number) : invalid.notNumber
  }
  // A BSON timestamp is a Long to JavaScript alone.
  if (typeof number === 'bigint' || (number instanceof Long && !(number instanceof Timestamp))) return number.toString()
  if (number instanceof Decimal128) {
    const digits = number.toString()
    return digits === 'NaN' ? missing.nan : digits.endsWith('Infinity') ? invalid.notNumber : digits
  }
  return invalid.notNumber
}

/** Reads one currency, one sign and separators out of a tidy text: `1 234,50 €` is `1234.50`. */
function spelledNumber(spelled: string): string | Flaw {
  const [, outer = '', before, inner = '', amount = '', after] = SPELLED.exec(spelled) ?? []
  if ((outer !== '' && inner !== '') || (before !== undefined && after !== undefined)) return invalid.notNumber
  const digits = DECIMAL.test(amount) ? amount : ungrouped(amount)
  if (!DECIMAL.test(digits)) return invalid.notNumber
  return outer + inner === '' || outer + inner === '+' ? digits : `-${digits}`
}

/** Drops what stands between groups of three digits, and makes the decimal mark a point; empty where that cannot be. */
function ungrouped(amount: string): string {
  const mark = decimalMark(amount)
  const at = mark === undefined ? amount.length : amount.lastIndexOf(mark)
  const whole = amount.slice(0, at)
  const fraction = amount.slice(at + 1)
  if (!GROUPS_OF_THREE.test(whole) || (mark !== undefined && whole.includes(mark)) || /\D/.test(fraction)) return ''
  return `${whole.replace(/\D/g, '')}.${fraction}`
}

/** With both marks the last is the decimal one; a comma before exactly three digits separates thousands. */
function decimalMark(amount: string): ',' | '.' | undefined {
  const commas = amount.split(',').length - 1
  const points = amount.split('.').length - 1
  if (commas > 0 && points > 0) return amount.lastIndexOf(',') > amount.lastIndexOf('.') ? ',' : '.'
  if (commas === 1) return /,\d{3}$/.test(amount) ? undefined : ','
  return points === 1 ? '.' : undefined
}

/** The plain decimal text of anything that can be read as a number. */
function readNumber(value: unknown): string | Flaw | Repaired<string> {
  if (spelledOut(value) === undefined) return numberText(value)
  const spelled = text(value)
  if (spelled instanceof Flaw) return spelled
  const digits = spelledNumber(spelled instanceof Repaired ? spelled.value : spelled)
  return digits instanceof Flaw ? digits : new Repaired(digits, 'text to number')
}

/** A number rounded to cents, half away from zero as its decimal text reads. */
export function money(least: number = -LARGEST): (value: unknown) => Outcome<Money> {
  return (value) => {
    if (typeof value === 'number' && Math.round(value * 100) / 100 === value && value >= least && value <= LARGEST) {
      return value === 0 ? 0 : value
    }
    const read = readNumber(value)
    if (read instanceof Flaw) return read
    const { rounded, isExact } = roundToCents(read instanceof Repaired ? read.value : read)
    if (rounded < least) return invalid.tooSmall
    if (rounded > LARGEST) return invalid.tooLarge
    if (read instanceof Repaired) return new Repaired(rounded, read.reason)
    return isExact ? rounded : new Repaired(rounded, 'rounded to cents')
  }
}

/** Sums and differences of cents are exact, those of euros are not: 0.1 + 0.2. */
export function cents(money: Money): number {
  return Math.round(money * 100)
}

/** Half away from zero on the digits themselves, since 10.005 is not a double: `10.005` is 10.01. */
function roundToCents(digits: string): { rounded: Money; isExact: boolean } {
  const { sign, whole, rest } = shifted(digits, 2)
  const size = rest.charAt(0) >= '5' ? whole + 1n : whole
  return { rounded: size === 0n ? 0 : sign * (Number(size) / 100), isExact: !/[1-9]/.test(rest) }
}

/** A decimal text with its point moved to the right, cut at the point: `-10.005` by 2 is minus 1000 and a rest of 5. */
function shifted(digits: string, places: number): { sign: 1 | -1; whole: bigint; rest: string } {
  const [mantissa = '', exponent = '0'] = digits.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const all = whole + fraction
  const point = whole.length + Number(exponent) + places
  return {
    sign: mantissa.startsWith('-') ? -1 : 1,
    whole: point > 0 ? BigInt(all.slice(0, point).padEnd(point, '0')) : 0n,
    rest: point < 0 ? `0${all}` : all.slice(point),
  }
}

/** The whole number that a decimal text is to its last digit, if it is one. */
function wholeNumber(digits: string): number | undefined {
  const { sign, whole, rest } = shifted(digits, 0)
  if (/[1-9]/.test(rest)) return undefined
  return whole === 0n ? 0 : sign * Number(whole)
}

/** A whole number from `least` to `most`; 4.0 is one, 2.5 is not. */
export function count(least: number, most: number = LARGEST): (value: unknown) => Outcome<number> {
  return (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
      return value === 0 ? 0 : value
    }
    const read = readNumber(value)
    if (read instanceof Flaw) return read
    const whole = wholeNumber(read instanceof Repaired ? read.value : read)
    if (whole === undefined) return invalid.notWhole
    if (whole < least) return invalid.tooSmall
    if (whole > most) return invalid.tooLarge
    return read instanceof Repaired ? new Repaired(whole, read.reason) : whole
  }
}

// ---------------------------------------------------------------------------------------------------------- dates

const ISO_DATE =
  /^\d{4}(?:-?\d{2}-?\d{2}|-?\d{3}|-?W\d{2}-?\d)(?:[T ][\d:.,]+(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?)?$/i
const SHELL_DATE = /^ISODate\(\s*(["'])(.*)\1\s*\)$/
const FRENCH_DATE = /^\d{1,2}\/\d{1,2}\/\d{4}$/
const EPOCH = /^\d{10,}(?:\.\d+)?$/

/** Epoch milliseconds beyond which an instant lies in the future, to a run that began then: a day, as clocks differ. */
export function latestOf(started: Date): number {
  return started.getTime() + 86_400_000
}

/** An instant from 1970 to `latest` (epoch milliseconds); a text without a zone is UTC. */
export function date(value: unknown, latest: number): Outcome<Date> {
  if (value instanceof Date) return inRange(value.getTime(), latest) ?? value
  const isText = spelledOut(value) !== undefined
  const read = isText ? text(value) : numberText(value)
  if (read instanceof Flaw) return read === invalid.notNumber ? invalid.notDate : read
  const spelled = read instanceof Repaired ? read.value : read
  const isEpoch = !isText || EPOCH.test(spelled)
  const instant = isEpoch ? fromEpoch(spelled) : fromText(spelled)
  if (instant instanceof Flaw) return instant
  return inRange(instant, latest) ?? new Repaired(new Date(instant), isEpoch ? 'number to date' : 'text to date')
}

function inRange(instant: number, latest: number): Flaw | undefined {
  if (Number.isNaN(instant)) return invalid.notDate
  if (instant < 0) return invalid.tooEarly
  return instant > latest ? invalid.inFuture : undefined
}

/** Seconds from 1e9 (2001) up, milliseconds from 1e11 up; what is less than a millisecond is cut off, as in a text. */
function fromEpoch(digits: string): number | Flaw {
  const { sign, whole } = shifted(digits, 0)
  if (sign === -1 || whole < 1e9) return invalid.notDate
  return Number(whole < 1e11 ? shifted(digits, 3).whole : whole)
}

function fromText(spelled: string): number | Flaw {
  const inner = SHELL_DATE.exec(spelled)?.[2]?.trim() ?? spelled
  const utc = { zone: 'utc' }
  const parsed = FRENCH_DATE.test(spelled)
    ? DateTime.fromFormat(spelled, 'd/M/yyyy', utc)
    : ISO_DATE.test(inner)
      ? DateTime.fromISO(inner.replace(' ', 'T').toUpperCase(), utc)
      : undefined
  if (parsed === undefined) return invalid.notDate
  return parsed.isValid ? parsed.toMillis() : invalid.notInCalendar
}

// -------------------------------------------------------------------------------------------------------- consent

const ANSWERS = new Map([
  ...['true', 'yes', 'oui', 'y', 'o', '1', 'on'].map((yes): [string, boolean] => [yes, true]),
  ...['false', 'no', 'non', 'n', '0', 'off'].map((no): [string, boolean] => [no, false]),
])

/** Silence is not consent: only a clear yes is one. */
export function consent(value: unknown): Outcome<boolean> {
  if (typeof value === 'boolean') return value
  const isText = spelledOut(value) !== undefined
  const read = isText ? text(value) : numberText(value)
  if (read instanceof Flaw) return read === invalid.notNumber ? invalid.notConsent : read
  const word = read instanceof Repaired ? read.value : read
  const answer = isText ? ANSWERS.get(word.toLowerCase()) : [false, true][wholeNumber(word) ?? -1]
  return answer === undefined ? invalid.notConsent : new Repaired(answer, 'word to yes or no')
}

// ------------------------------------------------------------------------------------------------- email and phone

const EMAIL = /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/u

/** The hash of the address, trimmed and in lower case. */
export function email(value: unknown, hash: Pseudonym = md5): Outcome<Hash> {
  const read = text(value)
  if (read instanceof Flaw) return read === invalid.notText ? invalid.notEmail : read
  const spelled = read instanceof Repaired ? read.value : read
  const address = spelled.toLowerCase()
  if (!EMAIL.test(address)) return invalid.notEmail
  return address === read ? hash(address) : new Repaired(hash(address), 'case or spacing')
}

/** Mobile numbers of the five countries that are E.164 already, and most fixed ones: no need to ask the library. */
const PLAIN_E164 = /^\+(?:33[1-9]\d{8}|324\d{8}|417\d{8}|3526\d{8}|1[2-9]\d{2}[2-9]\d{6})$/

/** The hash of the number in E.164; one without a country code belongs to the region. */
export function phone(value: unknown, region: CountryCode, hash: Pseudonym = md5): Outcome<Hash> {
  if (typeof value === 'string' && PLAIN_E164.test(value)) return hash(value)
  const read = text(value)
  if (read instanceof Flaw) return read === invalid.notText ? invalid.notPhone : read
  const spelled = read instanceof Repaired ? read.value : read
  const number = parsePhoneNumberFromString(spelled, { defaultCountry: region, extract: false })
  if (number === undefined || !number.isPossible()) return invalid.notPhone
  return number.number === read ? hash(number.number) : new Repaired(hash(number.number), 'to E.164')
}

/** The region of a country by its French or English name, as phone numbers need it. */
export function regionOf(country: string, otherwise: CountryCode): CountryCode {
  const known = recent.get(country)
  if (known !== undefined) return known ?? otherwise
  regions ??= new Map(
    ['en', 'fr'].flatMap((language) => {
      const names = new Intl.DisplayNames([language], { type: 'region' })
      return getCountries().map((region): [string, CountryCode] => [fold(names.of(region) ?? region), region])
    }),
  )
  const region = regions.get(fold(country)) ?? null
  if (recent.size === MOST_RECENT) recent.clear()
  recent.set(country, region)
  return region ?? otherwise
}
/** A handful of countries comes again and again; null where a name is none. */
const recent = new Map<string, CountryCode | null>()
const MOST_RECENT = 1000
let regions: Map<string, CountryCode> | undefined
