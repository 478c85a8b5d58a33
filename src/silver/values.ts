import { hash } from 'node:crypto'
import { Decimal128, Double, Int32, Long, Timestamp } from 'bson'
import { type CountryCode, getCountries, parsePhoneNumberFromString } from 'libphonenumber-js/min'
import { DateTime } from 'luxon'

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
/** Lower-case hexadecimal MD5, 32 digits. */
export type Md5 = string

const missing = {
  absent: new Flaw('missing', 'absent'),
  null: new Flaw('missing', 'null'),
  nan: new Flaw('missing', 'NaN'),
  blank: new Flaw('missing', 'blank'),
  placeholder: new Flaw('missing', 'placeholder'),
}

const invalid = {
  notText: new Flaw('invalid', 'not a text'),
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

/** Trimmed, inner white space collapsed, Unicode NFC. A number becomes its text. */
export function text(value: unknown): Outcome<string> {
  if (typeof value !== 'string') {
    const number = numberText(value)
    return number instanceof Flaw
      ? number === invalid.notNumber
        ? invalid.notText
        : number
      : new Repaired(number, 'number to text')
  }
  // PostgreSQL cannot hold U+0000, UTF-8 cannot hold half a surrogate pair.
  const tidy = TIDY.test(value)
    ? value
    : value.replaceAll('\0', '').toWellFormed().normalize('NFC').replace(/\s+/gu, ' ').trim()
  if (tidy === '') return missing.blank
  if (tidy.length <= LONGEST_PLACEHOLDER && PLACEHOLDERS.has(tidy.toLowerCase())) return missing.placeholder
  return tidy === value ? value : new Repaired(tidy, 'spacing or encoding')
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

const CURRENCY =
  /^([+\-\u2212]?)\s*(?:[€$£]|EUR|USD|CHF|CAD|GBP)?\s*([+\-\u2212]?)\s*(.*?)\s*(?:[€$£]|EUR|USD|CHF|CAD|GBP)?$/iu
const GROUPED_BY_SPACE = /(?<=\d)[\s'\u2019_](?=\d{3}(?!\d))/gu
const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i

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

/** Reads currency and separators out of a text: `1 234,50 €` is `1234.50`. */
function spelledNumber(spelled: string): string | Flaw {
  const [, outer = '', inner = '', amount = ''] = CURRENCY.exec(spelled) ?? []
  if (outer !== '' && inner !== '') return invalid.notNumber
  const digits = decimalPoint(amount.replace(GROUPED_BY_SPACE, ''))
  if (!DECIMAL.test(digits)) return invalid.notNumber
  return outer + inner === '' || outer + inner === '+' ? digits : `-${digits}`
}

/** With both marks the last is the decimal one; a comma before exactly three digits separates thousands. */
function decimalPoint(amount: string): string {
  const comma = amount.lastIndexOf(',')
  const point = amount.lastIndexOf('.')
  if (comma === -1 && amount.indexOf('.') === point) return amount
  if (comma > point) {
    const thousands = point === -1 && /,\d{3}$/.test(amount)
    return thousands ? ungroup(amount, ',') : `${ungroup(amount.slice(0, comma), '.')}.${amount.slice(comma + 1)}`
  }
  return comma === -1 ? ungroup(amount, '.') : ungroup(amount.slice(0, point), ',') + amount.slice(point)
}

/** Drops a separator that stands before groups of three digits; leaves it in, so not a number, anywhere else. */
function ungroup(amount: string, separator: '.' | ','): string {
  const [first = '', ...groups] = amount.split(separator)
  return groups.every((group) => /^\d{3}$/.test(group)) ? first + groups.join('') : amount
}

/** The plain decimal text of anything that can be read as a number. */
function readNumber(value: unknown): string | Flaw | Repaired<string> {
  if (typeof value !== 'string') return numberText(value)
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
    const digits = read instanceof Repaired ? read.value : read
    const rounded = roundToCents(digits)
    if (rounded < least) return invalid.tooSmall
    if (rounded > LARGEST) return invalid.tooLarge
    if (read instanceof Repaired) return new Repaired(rounded, read.reason)
    return rounded === Number(digits) ? rounded : new Repaired(rounded, 'rounded to cents')
  }
}

/** Half away from zero on the digits themselves, since 10.005 is not a double: `10.005` is 10.01. */
function roundToCents(digits: string): Money {
  const [mantissa = '', exponent = '0'] = digits.toLowerCase().split('e')
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const shift = whole.length + Number(exponent) + 2
  // Beyond these the amount is out of range or nought; no need to write out a thousand zeros.
  if (shift > 400 && /[1-9]/.test(mantissa)) return mantissa.startsWith('-') ? -Infinity : Infinity
  if (shift < 0) return 0
  const all = (whole + fraction).padEnd(shift + 1, '0')
  const cents = BigInt(all.slice(0, shift) || '0') + (all.charAt(shift) >= '5' ? 1n : 0n)
  if (cents === 0n) return 0
  return (mantissa.startsWith('-') ? -1 : 1) * (Number(cents) / 100)
}

/** A whole number from `least` to `most`; 4.0 is one, 2.5 is not. */
export function count(least: number, most: number = LARGEST): (value: unknown) => Outcome<number> {
  return (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
      return value === 0 ? 0 : value
    }
    const read = readNumber(value)
    if (read instanceof Flaw) return read
    const number = Number(read instanceof Repaired ? read.value : read)
    if (Number.isFinite(number) && !Number.isInteger(number)) return invalid.notWhole
    if (number < least) return invalid.tooSmall
    if (number > most) return invalid.tooLarge
    const whole = number === 0 ? 0 : number
    return read instanceof Repaired ? new Repaired(whole, read.reason) : whole
  }
}

// ---------------------------------------------------------------------------------------------------------- dates

const ISO_DATE = /^\d{4}(?:-?\d{2}-?\d{2}|-?\d{3}|-?W\d{2}-?\d)(?:[T ].*)?$/i
const SHELL_DATE = /^ISODate\(\s*(["'])(.*)\1\s*\)$/
const FRENCH_DATE = /^\d{1,2}\/\d{1,2}\/\d{4}$/
const EPOCH = /^\d{10,}(?:\.\d+)?$/

/** An instant from 1970 to `latest` (epoch milliseconds); a text without a zone is UTC. */
export function date(value: unknown, latest: number): Outcome<Date> {
  if (value instanceof Date) return inRange(value.getTime(), latest) ?? value
  const read = typeof value === 'string' ? text(value) : numberText(value)
  if (read instanceof Flaw) return read === invalid.notNumber ? invalid.notDate : read
  const spelled = read instanceof Repaired ? read.value : read
  const isEpoch = typeof value !== 'string' || EPOCH.test(spelled)
  const instant = isEpoch ? fromEpoch(Number(spelled)) : fromText(spelled)
  if (instant instanceof Flaw) return instant
  return inRange(instant, latest) ?? new Repaired(new Date(instant), isEpoch ? 'number to date' : 'text to date')
}

function inRange(instant: number, latest: number): Flaw | undefined {
  if (Number.isNaN(instant)) return invalid.notDate
  if (instant < 0) return invalid.tooEarly
  return instant > latest ? invalid.inFuture : undefined
}

/** Seconds from 1e9 (2001) up, milliseconds from 1e11 up. */
function fromEpoch(number: number): number | Flaw {
  if (number < 1e9) return invalid.notDate
  return Math.round(number < 1e11 ? number * 1000 : number)
}

function fromText(spelled: string): number | Flaw {
  const inner = SHELL_DATE.exec(spelled)?.[2]?.trim() ?? spelled
  const utc = { zone: 'utc' }
  const parsed = FRENCH_DATE.test(inner)
    ? DateTime.fromFormat(inner, 'd/M/yyyy', utc)
    : ISO_DATE.test(inner)
      ? DateTime.fromISO(inner.replace(' ', 'T').toUpperCase(), utc)
      : undefined
  if (parsed === undefined) return invalid.notDate
  return parsed.isValid ? parsed.toMillis() : invalid.notInCalendar
}

// -------------------------------------------------------------------------------------------------------- consent

const YES = new Set(['true', 'yes', 'oui', 'y', 'o', '1', 'on'])
const NO = new Set(['false', 'no', 'non', 'n', '0', 'off'])

/** Silence is not consent: only a clear yes is one. */
export function consent(value: unknown): Outcome<boolean> {
  if (typeof value === 'boolean') return value
  const read = text(value)
  if (read instanceof Flaw) return read === invalid.notText ? invalid.notConsent : read
  const word = (read instanceof Repaired ? read.value : read).toLowerCase()
  if (YES.has(word)) return new Repaired(true, 'word to yes or no')
  return NO.has(word) ? new Repaired(false, 'word to yes or no') : invalid.notConsent
}

// ------------------------------------------------------------------------------------------------- email and phone

const EMAIL = /^[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+$/u

/** The MD5 of the address, trimmed and in lower case. */
export function email(value: unknown): Outcome<Md5> {
  const read = text(value)
  if (read instanceof Flaw) return read === invalid.notText ? invalid.notEmail : read
  const spelled = read instanceof Repaired ? read.value : read
  const address = spelled.toLowerCase()
  if (!EMAIL.test(address)) return invalid.notEmail
  return address === value ? md5(address) : new Repaired(md5(address), 'case or spacing')
}

/** Mobile numbers of the five countries that are E.164 already, and most fixed ones: no need to ask the library. */
const PLAIN_E164 = /^\+(?:33[1-9]\d{8}|324\d{8}|417\d{8}|3526\d{8}|1[2-9]\d{2}[2-9]\d{6})$/

/** The MD5 of the number in E.164; one without a country code belongs to the region. */
export function phone(value: unknown, region: CountryCode): Outcome<Md5> {
  if (typeof value === 'string' && PLAIN_E164.test(value)) return md5(value)
  const read = text(value)
  if (read instanceof Flaw) return read === invalid.notText ? invalid.notPhone : read
  const spelled = read instanceof Repaired ? read.value : read
  const number = parsePhoneNumberFromString(spelled, { defaultCountry: region, extract: false })
  if (number === undefined || !number.isPossible()) return invalid.notPhone
  return number.number === value ? md5(number.number) : new Repaired(md5(number.number), 'to E.164')
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

function md5(plain: string): Md5 {
  return hash('md5', plain, 'hex')
}
