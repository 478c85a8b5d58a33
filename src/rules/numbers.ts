import {
  Flaw,
  invalid,
  markedText,
  numberText,
  type Outcome,
  Repaired,
  shifted,
  spelledOut,
  text,
  wholeDigits,
} from './values.ts'

/** An amount in the shop's currency with at most two decimals. */
export type Money = number

/** The largest size of money and counts: sums of billions of them still fit gold's columns. */
export const LARGEST = 1e12

/** How the numbers of a field are written, where that is known. */
export interface Writing {
  /** What stands before decimals, where a text leaves it open. */
  decimal?: '.' | ',' | undefined
  /** What each is multiplied by: 0.01 for cents. */
  scale?: number | undefined
  /** Whether a point before exactly three digits separates thousands, as in counts that have thousands. */
  hasThousands?: boolean
}

const CURRENCY = /^(?:[€$£]|EUR|USD|CHF|CAD|GBP)|(?:[€$£]|EUR|USD|CHF|CAD|GBP)$/i
/** Behind a mark a dash stands for no cents: `12.-`. */
const MINUS = /^[-\u2212]|(?<![.,] ?)[-\u2212]$/
const DECIMAL = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i
const GROUPS_OF_THREE = /^(?:\d+(?:[ '\u2019_.,]\d{3})*)?$/
/** One mark that may separate thousands as well as decimals. */
const OPEN = /^[1-9]\d{0,2}[.,]\d{3}$/

/** Two values that make one number: a price and how often it was paid. */
export class Product {
  readonly value: unknown
  readonly times: unknown
  constructor(value: unknown, times: unknown) {
    this.value = value
    this.times = times
  }
}

/** Reads one currency, one sign and separators out of a tidy text: `1 234,50 €` is `1234.50`, `(12)` is `-12`. */
function spelledNumber(spelled: string, writing: Writing): string | Flaw {
  let amount = spelled
  let currencies = 0
  let signs = 0
  let sign = ''
  for (let before = ''; before !== amount; ) {
    before = amount
    if (CURRENCY.test(amount)) {
      currencies++
      amount = amount.replace(CURRENCY, '').trim()
    } else if (MINUS.test(amount)) {
      signs++
      sign = '-'
      amount = amount.replace(MINUS, '').trim()
    } else if (amount.startsWith('+')) {
      signs++
      amount = amount.slice(1).trim()
    } else if (amount.startsWith('(') && amount.endsWith(')')) {
      signs++
      sign = '-'
      amount = amount.slice(1, -1).trim()
    }
    if (currencies > 1 || signs > 1) return invalid.notNumber
  }
  const isPlain = DECIMAL.test(amount) && !(OPEN.test(amount) && decimalMark(amount, writing) === undefined)
  const digits = isPlain ? amount : ungrouped(amount, decimalMark(amount, writing))
  return DECIMAL.test(digits) ? sign + digits : invalid.notNumber
}

/** Drops what stands between groups of three digits, and makes the decimal mark a point; empty where that cannot be. */
function ungrouped(amount: string, mark: ',' | '.' | undefined): string {
  const at = mark === undefined ? amount.length : amount.lastIndexOf(mark)
  const whole = amount.slice(0, at)
  const fraction = amount.slice(at + 1)
  if (!GROUPS_OF_THREE.test(whole) || (mark !== undefined && whole.includes(mark)) || /\D/.test(fraction)) return ''
  return `${whole.replace(/\D/g, '')}.${fraction}`
}

/** With both marks the last is the decimal one; of one kind several separate thousands, and one may do either. */
function decimalMark(amount: string, { decimal, hasThousands = false }: Writing): ',' | '.' | undefined {
  const commas = amount.split(',').length - 1
  const points = amount.split('.').length - 1
  if (commas > 0 && points > 0) return amount.lastIndexOf(',') > amount.lastIndexOf('.') ? ',' : '.'
  if (commas + points !== 1) return undefined
  const mark = commas === 1 ? ',' : '.'
  if (!OPEN.test(amount)) return mark
  const usual = hasThousands || mark === ',' ? undefined : mark
  return decimal === undefined ? usual : decimal === mark ? mark : undefined
}

/** The plain decimal text of anything that can be read as a number. */
function readNumber(value: unknown, writing: Writing = {}): string | Flaw | Repaired<string> {
  if (value instanceof Product) return multiplied(value, writing)
  const { scale = 1 } = writing
  const of = (digits: string) => (scale === 1 ? digits : product(digits, String(scale)))
  if (spelledOut(value) === undefined) {
    const digits = numberText(value)
    return digits instanceof Flaw ? digits : of(digits)
  }
  const spelled = markedText(value)
  if (spelled instanceof Flaw) return spelled
  const digits = spelledNumber(spelled instanceof Repaired ? spelled.value : spelled, writing)
  return digits instanceof Flaw ? digits : new Repaired(of(digits), 'text to number')
}

/** Each is read by itself, and nothing is rounded yet. */
function multiplied({ value, times }: Product, writing: Writing): string | Flaw | Repaired<string> {
  const one = readNumber(value, writing)
  if (one instanceof Flaw) return one
  const other = readNumber(times, { decimal: writing.decimal })
  if (other instanceof Flaw) return flawOfFactor(other)
  const digits = product(plain(one), plain(other))
  return one instanceof Repaired || other instanceof Repaired ? new Repaired(digits, 'text to number') : digits
}

function plain(number: string | Repaired<string>): string {
  return number instanceof Repaired ? number.value : number
}

const flawsOfFactor = new Map<Flaw, Flaw>()

function flawOfFactor(flaw: Flaw): Flaw {
  const known = flawsOfFactor.get(flaw) ?? new Flaw(flaw.kind, `times: ${flaw.reason}`)
  flawsOfFactor.set(flaw, known)
  return known
}

/** The exact product of two decimals, as a decimal text. */
function product(digits: string, times: string): string {
  const one = mantissa(digits)
  const other = mantissa(times)
  return `${one.whole * other.whole}e${one.exponent + other.exponent}`
}

function mantissa(digits: string): { whole: bigint; exponent: number } {
  const [number = '', exponent = '0'] = digits.toLowerCase().split('e')
  const [whole = '', fraction = ''] = number.split('.')
  return {
    whole: BigInt(whole.replace('-', '') + fraction) * (number.startsWith('-') ? -1n : 1n),
    exponent: Number(exponent) - fraction.length,
  }
}

/** A number rounded to cents, half away from zero as its decimal text reads. */
export function money(least: number = -LARGEST, writing: Writing = {}): (value: unknown) => Outcome<Money> {
  const read = (value: unknown) => {
    const number = readNumber(value, writing)
    if (number instanceof Flaw) return number
    const { rounded, isExact } = roundToCents(number instanceof Repaired ? number.value : number)
    if (rounded < least) return invalid.tooSmall
    if (rounded > LARGEST) return invalid.tooLarge
    if (number instanceof Repaired) return new Repaired(rounded, number.reason)
    return isExact ? rounded : new Repaired(rounded, 'rounded to cents')
  }
  if (writing.scale !== undefined) return read
  return (value) => {
    if (typeof value === 'number' && Math.round(value * 100) / 100 === value && value >= least && value <= LARGEST) {
      return value === 0 ? 0 : value
    }
    return read(value)
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

/** A whole number from `least` to `most`; 4.0 is one, 2.5 is not. */
export function count(
  least: number,
  most: number = LARGEST,
  writing: Writing = {},
): (value: unknown) => Outcome<number> {
  return counting(least, most, writing, (digits) => {
    const whole = wholeDigits(digits)
    return whole === undefined ? invalid.notWhole : Number(whole)
  })
}

/** Decimals of a count of which shares are given out. */
export const DECIMALS = 6

/** A number of at least 0 with up to six decimals. */
export function fractional(writing: Writing = {}): (value: unknown) => Outcome<number> {
  return counting(0, LARGEST, writing, (digits) => {
    const { sign, whole, rest } = shifted(digits, DECIMALS)
    if (/[1-9]/.test(rest)) return invalid.tooFine
    return sign * Number(`${whole}e-${DECIMALS}`)
  })
}

function counting(
  least: number,
  most: number,
  writing: Writing,
  exactly: (digits: string) => number | Flaw,
): (value: unknown) => Outcome<number> {
  const read = (value: unknown) => {
    const number = readNumber(value, writing)
    if (number instanceof Flaw) return number
    const exact = exactly(number instanceof Repaired ? number.value : number)
    if (exact instanceof Flaw) return exact
    if (exact < least) return invalid.tooSmall
    if (exact > most) return invalid.tooLarge
    const counted = exact === 0 ? 0 : exact
    return number instanceof Repaired ? new Repaired(counted, number.reason) : counted
  }
  if (writing.scale !== undefined) return read
  return (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) {
      return value === 0 ? 0 : value
    }
    return read(value)
  }
}

// -------------------------------------------------------------------------------------------------------- consent

const ANSWERS = new Map([
  ...['true', 'yes', 'oui', 'y', 'o', 't', 'v', 'vrai', '1', '1.0', 'on'].map((yes): [string, boolean] => [yes, true]),
  ...['false', 'no', 'non', 'n', 'f', 'faux', '0', '0.0', 'off'].map((no): [string, boolean] => [no, false]),
])

/** Silence is not consent: only a clear yes is one. */
export function consent(value: unknown): Outcome<boolean> {
  if (typeof value === 'boolean') return value
  const isText = spelledOut(value) !== undefined
  const read = isText ? text(value) : numberText(value)
  if (read instanceof Flaw) return read === invalid.notNumber ? invalid.notConsent : read
  const word = read instanceof Repaired ? read.value : read
  const answer = ANSWERS.get(isText ? word.toLowerCase() : (wholeDigits(word) ?? ''))
  return answer === undefined ? invalid.notConsent : new Repaired(answer, 'word to yes or no')
}
