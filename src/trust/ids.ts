import { EJSON } from 'bson'
import { printable } from '../text/terminal.ts'

const LONGS = /"\$numberLong":"(-?\d+)"/g

/** An `_id` of any BSON type as plain JSON: relaxed Extended JSON, where no digit is lost. */
export function plainId(id: unknown): unknown {
  // What most of a record is, and JSON has as it is.
  if (typeof id === 'string' || typeof id === 'boolean' || id === null) return id
  if (Array.isArray(id)) return id.map(plainId)
  const fields = fieldsOf(id)
  if (fields !== undefined) return Object.fromEntries(fields.map(([name, value]) => [name, plainId(value)]))
  try {
    const canonical = EJSON.stringify({ id }, { relaxed: false })
    const relaxed = [...canonical.matchAll(LONGS)].every(([, digits]) => Number.isSafeInteger(Number(digits)))
    return EJSON.serialize({ id }, { relaxed })['id']
  } catch {
    return UNREADABLE
  }
}

/** What stands for an `_id` that MongoDB stores and js-bson refuses. */
const UNREADABLE = '(an _id that cannot be shown)'

/** The fields of a document. EJSON would take one that has a field `_bsontype` for a value of that type. */
function fieldsOf(value: unknown): [name: string, value: unknown][] | undefined {
  if (value instanceof Map) return [...value]
  if (typeof value !== 'object' || value === null) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? Object.entries(value) : undefined
}

/** An `_id` from {@link plainId} as people read it, in at most so many characters; its end tells more than its middle. */
export function shownId(plain: unknown, most: number): string {
  const json = JSON.stringify(plain) ?? 'none'
  const characters = [...printable(shell(json))]
  if (characters.length <= most) return characters.join('')
  const tail = Math.floor((most - 1) / 2)
  return `${characters.slice(0, most - 1 - tail).join('')}…${tail === 0 ? '' : characters.slice(-tail).join('')}`
}

/** Extended JSON of one value as mongosh spells it; an ObjectId as its digits alone, as most `_id`s are one. */
function shell(json: string): string {
  const [, type, value = ''] = /^\{"\$(oid|date|numberLong|numberDecimal|numberDouble)":"([^"]*)"\}$/.exec(json) ?? []
  switch (type) {
    case 'oid':
    case 'numberDouble':
      return value
    case 'date':
      return `ISODate("${value}")`
    case 'numberLong':
      return `Long("${value}")`
    case 'numberDecimal':
      return `Decimal128("${value}")`
  }
  const [, base64] = /^\{"\$binary":\{"base64":"([^"]*)","subType":"04"\}\}$/.exec(json) ?? []
  if (base64 === undefined) return json
  const hex = Buffer.from(base64, 'base64').toString('hex')
  return `UUID("${hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')}")`
}
