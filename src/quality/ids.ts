import { EJSON, Long } from 'bson'
import { printable } from '../terminal.ts'

/** An `_id` of any BSON type, or a record that holds some, as plain JSON: relaxed Extended JSON, where no digit is lost. */
export function plainId(id: unknown): unknown {
  if (Array.isArray(id)) return id.map(plainId)
  const fields = fieldsOf(id)
  if (fields !== undefined) return Object.fromEntries(fields.map(([name, value]) => [name, plainId(value)]))
  const relaxed = !(id instanceof Long) || Number.isSafeInteger(id.toNumber())
  try {
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
  const text = printable(JSON.stringify(plain) ?? 'none')
  const hex = /^\{"\$oid":"([0-9a-f]{24})"\}$/.exec(text)?.[1]
  const shown = [...(text.length > most && hex !== undefined ? hex : text)]
  if (shown.length <= most) return shown.join('')
  const tail = Math.floor((most - 1) / 2)
  return `${shown.slice(0, most - 1 - tail).join('')}…${tail === 0 ? '' : shown.slice(-tail).join('')}`
}
