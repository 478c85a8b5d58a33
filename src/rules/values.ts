import { BSONSymbol, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'bson'

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

export const missing = {
  absent: new Flaw('missing', 'absent'),
  null: new Flaw('missing', 'null'),
  nan: new Flaw('missing', 'NaN'),
  blank: new Flaw('missing', 'blank'),
  placeholder: new Flaw('missing', 'placeholder'),
}

export const invalid = {
  notText: new Flaw('invalid', 'not a text'),
  notObject: new Flaw('invalid', 'no object on its path'),
  notId: new Flaw('invalid', 'not an id'),
  tooLong: new Flaw('invalid', 'too long'),
  notNumber: new Flaw('invalid', 'not a number'),
  notWhole: new Flaw('invalid', 'not a whole number'),
  notExact: new Flaw('invalid', 'a double beyond 2^53'),
  tooFine: new Flaw('invalid', 'more than six decimals'),
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

// ---------------------------------------------------------------------------------------------------------- text

const PLACEHOLDERS: ReadonlySet<string> = new Set([
  ...['n/a', 'na', 'n.a.', '#n/a', 'null', 'none', '(none)', '\\n', 'nan', 'undefined', '-', '--'],
  ...['unknown', 'inconnu', 'inconnue', '(not set)'],
])
const LONGEST_PLACEHOLDER = 9
/** Whether a placeholder begins with it, in either case, by the code of a character. */
const BEGINS_PLACEHOLDER = Uint8Array.from({ length: 128 }, (_, code) =>
  [...PLACEHOLDERS].some((word) => word.startsWith(String.fromCharCode(code).toLowerCase())) ? 1 : 0,
)

/** Names of people that are written as what is missing is, but for their letters. */
const NAMES: ReadonlySet<string> = new Set(['Null', 'Na'])

/** The longest text, in UTF-16 units: a key of gold must fit PostgreSQL's index, which holds 2,704 bytes. */
export const LONGEST = 500

/** What a text is to its rule beside a text. */
interface Kind {
  /** Most texts are tidy, and need no closer look. */
  tidy: RegExp
  /** An apostrophe before it is a spreadsheet's mark of what is no number to it. */
  isMarked?: true
  isName?: true
}
const ANY: Kind = { tidy: /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/ }
const NAME: Kind = { ...ANY, isName: true }
const MARKED: Kind = { tidy: /^(?!')[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, isMarked: true }

/** Trimmed, inner white space collapsed, Unicode NFC, without what nobody sees. A number becomes its text. */
export function text(value: unknown): Outcome<string> {
  return readText(value, ANY)
}

/** The text of a first or last name: some people are called Null, and some Na. */
export function name(value: unknown): Outcome<string> {
  return readText(value, NAME)
}

/** A text of digits, in the main, as a spreadsheet may mark it: `'01000`. */
export function markedText(value: unknown): Outcome<string> {
  return readText(value, MARKED)
}

function readText(value: unknown, kind: Kind): Outcome<string> {
  const plain = spelledOut(value)
  if (plain === undefined) {
    const number = numberText(value)
    return number instanceof Flaw
      ? number === invalid.notNumber
        ? invalid.notText
        : number
      : new Repaired(number, 'number to text')
  }
  // A pattern that remembers where each word began would overflow on megabytes of them.
  const isTidy = plain.length <= LONGEST && kind.tidy.test(plain)
  const tidy = isTidy ? plain : tidied(plain, kind.isMarked)
  if (tidy === '') return missing.blank
  if (isPlaceholder(tidy)) {
    if (kind.isName === undefined || !NAMES.has(tidy)) return missing.placeholder
  }
  if (tidy.length > LONGEST) return invalid.tooLong
  return isTidy || (tidy === plain && !plain.includes(NO_CHARACTER)) ? plain : new Repaired(tidy, 'spacing or encoding')
}

function isPlaceholder(tidy: string): boolean {
  // A look at the first letter saves most of them the rest.
  if (tidy.length > LONGEST_PLACEHOLDER || BEGINS_PLACEHOLDER[tidy.charCodeAt(0)] === 0) return false
  return PLACEHOLDERS.has(tidy.toLowerCase())
}

/** What bytes became that are no UTF-8. */
const NO_CHARACTER = '\ufffd'
/** PostgreSQL cannot hold U+0000, UTF-8 cannot hold half a surrogate pair, and people cannot see formats (Cf). */
const ODD = /[\0\p{Cs}\p{Cf}]/u
/** All formats but joiners (ZWJ, ZWNJ) between two characters that are seen: they make one emoji of several. */
const UNSEEN = /[^\P{Cf}\u200c\u200d]|(?<![^\s\p{Cc}\p{Cf}])[\u200c\u200d]|[\u200c\u200d](?![^\s\p{Cc}\p{Cf}])/gu
const MARK = /^['’](?=[\d+])/

function tidied(plain: string, isMarked = false): string {
  const whole = ODD.test(plain) ? plain.replaceAll('\0', '').toWellFormed().replace(UNSEEN, '') : plain
  const tidy = whole.normalize('NFC').replace(/\s+/gu, ' ').trim()
  return isMarked ? tidy.replace(MARK, '') : tidy
}

/** The text that the rule makes of a value, if it makes one. */
export function textOf(value: unknown): string | undefined {
  return cleanOf(text(value))
}

/** What there is of an outcome. */
export function cleanOf<T>(outcome: Outcome<T>): T | undefined {
  if (outcome instanceof Flaw) return undefined
  return outcome instanceof Repaired ? outcome.value : outcome
}

/** The characters of a text; a symbol, which BSON no longer writes, is one too. */
export function spelledOut(value: unknown): string | undefined {
  return typeof value === 'string' ? value : value instanceof BSONSymbol ? value.value : undefined
}

/** Case, accents, apostrophes and spacing removed: two spellings of one label fold to the same text. */
export function fold(label: string): string {
  return label
    .normalize('NFD')
    .replace(/[\p{M}\s'`\u00b4\u02bc\u2018\u2019\u2032\uff07]+/gu, '')
    .toLowerCase()
}

/** Words of a vocabulary, and by what other names they are known. */
export type OtherNames = Readonly<Record<string, readonly string[]>>

/** A text that takes the vocabulary's spelling where it differs only in that, or is another name for a word of it. */
export function label(
  vocabulary: readonly string[],
  others: OtherNames = {},
  read: (value: unknown) => Outcome<string> = text,
): (value: unknown) => Outcome<string> {
  const spellings = new Map(
    vocabulary.flatMap((word) =>
      [word, ...(Object.hasOwn(others, word) ? (others[word] ?? []) : [])].map((name): [string, string] => [
        fold(name),
        word,
      ]),
    ),
  )
  return (value) => {
    const outcome = read(value)
    const plain = outcome instanceof Repaired ? outcome.value : outcome
    if (plain instanceof Flaw) return plain
    if (spellings.size === 0) return outcome
    const spelling = spellings.get(fold(plain))
    return spelling === undefined || spelling === plain ? outcome : new Repaired(spelling, 'spelling')
  }
}

/** A text that stands for something missing in one field alone: `guest`, and the number 0 as well as the text. */
export function wordsFor(words: readonly (string | number)[]): (value: unknown) => boolean {
  const known = new Set(words.map(wordOf))
  return (value) => {
    const word = wordOf(value)
    return word !== undefined && known.has(word)
  }
}

function wordOf(value: unknown): string | undefined {
  const plain = spelledOut(value)
  if (plain !== undefined) return plain.length > 2 * LONGEST ? undefined : tidied(plain, true).toLowerCase()
  const number = numberText(value)
  return number instanceof Flaw ? undefined : (wholeDigits(number) ?? number)
}

// ------------------------------------------------------------------------------------------------------------ ids

/** What names somebody or something: a text, or a whole number, an ObjectId or a UUID as its text. */
export function id(value: unknown): Outcome<string> {
  if (spelledOut(value) !== undefined) return markedText(value)
  if (value instanceof ObjectId) return new Repaired(value.toHexString(), 'ObjectId to text')
  if (value instanceof UUID) return new Repaired(value.toHexString(true), 'UUID to text')
  const number = numberText(value)
  if (number instanceof Flaw) return number === invalid.notNumber ? invalid.notId : number
  const digits = wholeDigits(number)
  if (digits === undefined) return invalid.notWhole
  if (digits.length > LONGEST) return invalid.tooLong
  const double = value instanceof Double ? value.value : value
  if (typeof double === 'number' && Math.abs(double) > 2 ** 53) return invalid.notExact
  return new Repaired(digits, 'number to text')
}

// --------------------------------------------------------------------------------------------- numbers as their text

/** The plain decimal text of a number of any BSON type. */
export function numberText(value: unknown): string | Flaw {
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

/** A decimal text with its point moved to the right, cut at the point: `-10.005` by 2 is minus 1000 and a rest of 5. */
export function shifted(digits: string, places: number): { sign: 1 | -1; whole: bigint; rest: string } {
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

const PLAIN_WHOLE = /^(?:0|-?[1-9]\d*)$/

/** The digits of the whole number that a decimal text is to its last digit, if it is one: `777.0` is 777. */
export function wholeDigits(digits: string): string | undefined {
  if (PLAIN_WHOLE.test(digits)) return digits
  const { sign, whole, rest } = shifted(digits, 0)
  if (/[1-9]/.test(rest)) return undefined
  return String(sign === -1 ? -whole : whole)
}
