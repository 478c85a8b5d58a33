/** Where values stand in documents of bronze, as rules.md words it under "Shapes", read off whole documents. */
import type { Document } from 'bson'
import { label } from './values.ts'

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
    } else if (isObject(here)) here = Object.hasOwn(here, key) ? here[key] : undefined
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
