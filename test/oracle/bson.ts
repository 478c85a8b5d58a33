/**
 * What the oracle sees in a BSON value, and MongoDB's order of `_id`s.
 * Values may be js-bson objects (Int32, Double, Long, Decimal128, …) or plain JavaScript ones.
 */
import { types } from 'node:util'
import type { Binary, Code, DBRef, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson'

/** The js-bson class of a value ('Int32', 'ObjectId', …), '' for everything else. A field of that name is only data. */
export function bsonType(value: unknown): string {
  if (typeof value !== 'object' || value === null || Object.hasOwn(value, '_bsontype')) return ''
  const { _bsontype: type } = value as { _bsontype?: unknown }
  return typeof type === 'string' ? type : ''
}

/** The text of a BSON number as it is written ("12", "0.1", "1E+3", "NaN", "Infinity"); null if it is no BSON number. */
export function numberText(value: unknown): string | null {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  switch (bsonType(value)) {
    case 'Int32':
    case 'Double':
      return String((value as Int32 | Double).value)
    case 'Long':
      return (value as Long).toString()
    case 'Decimal128':
      return (value as Decimal128).toString()
    default:
      return null
  }
}

/** The text a value holds; null if it holds none. The deprecated BSON symbol is a text as well. */
export function stringOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  return bsonType(value) === 'BSONSymbol' ? String(value) : null
}

export function dateOf(value: unknown): Date | null {
  return types.isDate(value) ? value : null
}

// ---------------------------------------------------------------------------------------------- the order of `_id`s

type Field = [name: string, value: unknown]

function fieldsOf(value: unknown): Field[] {
  if (bsonType(value) !== 'DBRef') return Object.entries(value as object)
  const { collection, oid, db, fields } = value as DBRef
  return [['$ref', collection], ['$id', oid], ...(db ? [['$db', db] as Field] : []), ...Object.entries(fields ?? {})]
}

/** MinKey < null < numbers < strings < object < array < binData < ObjectId < boolean < date < timestamp < … < MaxKey */
function rank(value: unknown): number {
  if (value === undefined) return 0
  if (value === null) return 5
  if (numberText(value) !== null) return 10
  if (stringOf(value) !== null) return 15
  if (Array.isArray(value)) return 25
  if (value instanceof Uint8Array) return 30
  if (typeof value === 'boolean') return 40
  if (types.isDate(value)) return 45
  if (types.isRegExp(value)) return 50
  switch (bsonType(value)) {
    case 'MinKey':
      return -1
    case 'Binary':
      return 30
    case 'ObjectId':
      return 35
    case 'Timestamp':
      return 47
    case 'BSONRegExp':
      return 50
    case 'Code':
      return (value as Code).scope ? 65 : 60
    case 'MaxKey':
      return 127
    default:
      return 20
  }
}

function sign(left: bigint | number | string, right: bigint | number | string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function utf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'utf8'), Buffer.from(right, 'utf8'))
}

/** A finite number exactly: top / bottom. A double is the binary fraction it holds, not its short decimal text. */
function fractionOf(value: unknown): { top: bigint; bottom: bigint } {
  const text = numberText(value) ?? ''
  if (typeof value === 'number' || bsonType(value) === 'Double') {
    let top = Number(text)
    let bottom = 1n
    while (!Number.isInteger(top)) {
      top *= 2
      bottom *= 2n
    }
    return { top: BigInt(top), bottom }
  }
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:E([+-]?\d+))?$/.exec(text)
  if (match === null) throw new Error(`not a finite number: ${text}`)
  const [, minus = '', whole = '', fraction = '', exponent = '0'] = match
  const top = BigInt(`${minus}${whole}${fraction}`)
  const power = Number(exponent) - fraction.length
  return power >= 0 ? { top: top * 10n ** BigInt(power), bottom: 1n } : { top, bottom: 10n ** BigInt(-power) }
}

/** NaN < -Infinity < finite numbers of any type by value < Infinity. */
function compareNumbers(left: unknown, right: unknown): number {
  const step = (text: string | null): number => {
    if (text === 'NaN') return 0
    if (text === '-Infinity') return 1
    return text === 'Infinity' ? 3 : 2
  }
  const steps = sign(step(numberText(left)), step(numberText(right)))
  if (steps !== 0 || step(numberText(left)) !== 2) return steps
  const a = fractionOf(left)
  const b = fractionOf(right)
  return sign(a.top * b.bottom, b.top * a.bottom)
}

/** Field by field: type, then name, then value; the shorter is lower. */
function compareFields(left: Field[], right: Field[]): number {
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [leftName, leftValue] = left[i] as Field
    const [rightName, rightValue] = right[i] as Field
    const order =
      sign(rank(leftValue), rank(rightValue)) || utf8(leftName, rightName) || compareIds(leftValue, rightValue)
    if (order !== 0) return order
  }
  return sign(left.length, right.length)
}

function bytesOf(value: unknown): { subtype: number; bytes: Uint8Array } {
  if (value instanceof Uint8Array) return { subtype: 0, bytes: value }
  const binary = value as Binary
  return { subtype: binary.sub_type, bytes: binary.buffer.subarray(0, binary.position) }
}

/** Less than, equal to or greater than 0, as `left` sorts in MongoDB's ascending order. */
export function compareIds(left: unknown, right: unknown): number {
  const kind = rank(left)
  const ranks = sign(kind, rank(right))
  if (ranks !== 0) return ranks
  switch (kind) {
    case 10:
      return compareNumbers(left, right)
    case 15:
      return utf8(stringOf(left) ?? '', stringOf(right) ?? '')
    case 20:
    case 25:
      return compareFields(fieldsOf(left), fieldsOf(right))
    case 30: {
      const a = bytesOf(left)
      const b = bytesOf(right)
      return sign(a.bytes.length, b.bytes.length) || sign(a.subtype, b.subtype) || Buffer.compare(a.bytes, b.bytes)
    }
    case 35:
      return sign((left as ObjectId).toHexString(), (right as ObjectId).toHexString())
    case 40:
      return sign(Number(left), Number(right))
    case 45:
      return sign((left as Date).getTime(), (right as Date).getTime())
    case 47: {
      const [a, b] = [left as Timestamp, right as Timestamp]
      return sign(a.t, b.t) || sign(a.i, b.i)
    }
    case 50:
      return utf8(String(left), String(right))
    case 60:
    case 65: {
      const [a, b] = [left as Code, right as Code]
      return utf8(a.code, b.code) || compareFields(fieldsOf(a.scope ?? {}), fieldsOf(b.scope ?? {}))
    }
    default:
      return 0
  }
}
