/** Where values stand in documents of bronze, as rules.md words it under "Shapes", read off whole documents. */
import type { Document } from 'bson'
import { label, unspelled } from './values.ts'

/** "One that meets a value where it needs an object or a list is invalid": stands for such a value, which no rule takes. */
const NO_VALUE = { 'no object': 'on the path' }

function isObject(value: unknown): value is Document {
  return typeof value === 'object' && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value))
}

/** The value at a path; undefined where "a path … leads nowhere". */
export function valueAt(document: Document, path: readonly string[]): unknown {
  let here: unknown = document
  for (const key of path) {
    if (Array.isArray(here)) {
      if (here.length > 0 && !/^\d+$/.test(key)) return NO_VALUE
      here = here[Number(key)]
    } else if (isObject(here) && (key.startsWith('$') || unspelled(here) === null))
      here = Object.hasOwn(here, key) ? here[key] : undefined
    else return here === undefined ? undefined : label(here).flaw === 'missing' ? null : NO_VALUE
  }
  return here
}

/** The document with every field at the top under its own name, as its path finds it. */
export function flattened(document: Document, paths: Readonly<Record<string, readonly string[]>>): Document {
  const flat: Document = { _id: document['_id'] }
  for (const [name, path] of Object.entries(paths)) {
    const found = valueAt(document, path)
    if (found !== undefined) flat[name] = found
  }
  return flat
}

/** A record of a document of which each element of a list is one; undefined in place of an element that is no object. */
export interface Unwound {
  place: number
  record: Document | undefined
}

/** "`each: 'items'` makes one record of each element of a list that is an object", the others of its fields beside it. */
export function unwound(document: Document, each: readonly string[]): Unwound[] {
  const found = valueAt(document, each)
  if (found === undefined || (!isObject(found) && !Array.isArray(found) && label(found).flaw === 'missing')) return []
  return (Array.isArray(found) ? found : [found]).map((item: unknown, place) => {
    if (found === NO_VALUE || !isObject(item)) return { place, record: undefined }
    return {
      place,
      record: { ...withInstead(document, each, item), _id: { document: document['_id'], element: place } },
    }
  })
}

function withInstead(holder: Document, [key = '', ...rest]: readonly string[], item: unknown): Document {
  const inner = rest.length === 0 ? item : withInstead(holder[key] as Document, rest, item)
  return Array.isArray(holder) ? holder.with(Number(key), inner) : { ...holder, [key]: inner }
}
