import { Binary, BSON } from 'bson'
import { elementOf, valueIn } from '../../mongo/bson_reader.ts'

/** Packs what was met for another process or thread: an `_id` among the examples is the bytes that it is, or it could change its type. */
export function packed(told: unknown): unknown {
  return withExamples(told, (id) => new Binary(BSON.serialize({ id })))
}

export function unpacked(told: unknown): unknown {
  return withExamples(told, (bytes) => valueIn(elementOf(Buffer.from((bytes as Binary).buffer), 'id')))
}

function withExamples(value: unknown, change: (example: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => withExamples(item, change))
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === 'examples' && Array.isArray(inner) ? inner.map(change) : withExamples(inner, change),
    ]),
  )
}
