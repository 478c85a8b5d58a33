import { Decimal128, Long, ObjectId, UUID } from 'bson'
import { fromIso } from './dates.ts'
import { cleanOf, Flaw, id, numberText, type Outcome, Repaired } from './values.ts'

/**
 * Reads a value once more that broke its rule and is an object of Extended JSON, stored as it stood in a file:
 * `{ $numberDecimal: '12.50' }`.
 */
export function readSpelled<T>(value: unknown, outcome: Flaw, read: (value: unknown) => Outcome<T>): Outcome<T> {
  const spelled = spelledBy(value)
  if (spelled === undefined) return outcome
  const again = read(spelled)
  return again instanceof Flaw ? again : new Repaired(again instanceof Repaired ? again.value : again, 'Extended JSON')
}

/** The id that a value is, if it is one. */
export function idTextOf(value: unknown): string | undefined {
  const outcome = id(value)
  return cleanOf(outcome instanceof Flaw ? readSpelled(value, outcome, id) : outcome)
}

/** The value that an object of Extended JSON spells, if it is one. */
export function spelledBy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return undefined
  const [[type, spelled] = [], another] = Object.entries(value)
  if (type === undefined || another !== undefined) return undefined
  if (type === '$date') return dateBy(spelled)
  const text = typeof spelled === 'string' ? spelled : numberText(spelled)
  return text instanceof Flaw ? undefined : scalars.get(type)?.(text)
}

function dateBy(spelled: unknown): Date | undefined {
  if (typeof spelled === 'string') {
    const instant = fromIso(spelled)
    return instant instanceof Flaw ? undefined : new Date(instant)
  }
  const milliseconds = numberText(spelledBy(spelled) ?? spelled)
  return milliseconds instanceof Flaw || !WHOLE.test(milliseconds) ? undefined : new Date(Number(milliseconds))
}

const WHOLE = /^-?\d{1,19}$/
const NUMBER = /^(?:NaN|-?Infinity|[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i

const scalars: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['$oid', (text) => (/^[0-9a-f]{24}$/i.test(text) ? ObjectId.createFromHexString(text) : undefined)],
  ['$uuid', (text) => (UUID.isValid(text) ? new UUID(text) : undefined)],
  ['$numberInt', (text) => (WHOLE.test(text) && Number(text) === (Number(text) | 0) ? Number(text) : undefined)],
  ['$numberLong', (text) => (isLong(text) ? Long.fromString(text) : undefined)],
  ['$numberDouble', (text) => (NUMBER.test(text) ? Number(text) : undefined)],
  ['$numberDecimal', (text) => (NUMBER.test(text) ? decimal(text) : undefined)],
])

function isLong(text: string): boolean {
  return WHOLE.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text)
}

/** Undefined beyond what a decimal of 128 bits holds. */
function decimal(text: string): Decimal128 | undefined {
  try {
    return Decimal128.fromStringWithRounding(text)
  } catch {
    return undefined
  }
}
