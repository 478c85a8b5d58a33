/** The documents of silver, read with their types: a value of a wrong one throws. */
import type { Document } from 'bson'
import { dateOf, numberText } from './bson.ts'
import { parseDecimal, toWhole } from './exact.ts'

export type Silver = {
  customers: readonly Document[]
  transactions: readonly Document[]
  campaigns: readonly Document[]
}

function wrong(document: Document, name: string, wanted: string): never {
  throw new TypeError(`silver ${name} is not ${wanted}: ${String(document[name])}`)
}

export function textOrNull(document: Document, name: string): string | null {
  const value: unknown = document[name]
  return value === null || typeof value === 'string' ? value : wrong(document, name, 'a text or null')
}

export function textOf(document: Document, name: string): string {
  return textOrNull(document, name) ?? wrong(document, name, 'a text')
}

export function flagOf(document: Document, name: string): boolean {
  const value: unknown = document[name]
  return typeof value === 'boolean' ? value : wrong(document, name, 'a boolean')
}

export function dayOf(document: Document, name: string): Date | null {
  const value: unknown = document[name]
  return value === null ? null : (dateOf(value) ?? wrong(document, name, 'a date or null'))
}

/** A silver number times `unit`, which must be whole: cents of money, or a count as it is. */
function wholeOf(document: Document, name: string, unit: bigint): bigint | null {
  const value: unknown = document[name]
  if (value === null) return null
  const decimal = parseDecimal(numberText(value) ?? '')
  const whole = decimal && toWhole({ digits: decimal.digits * unit, scale: decimal.scale })
  return (
    whole ??
    wrong(
      document,
      name,
      unit === 100n ? 'money in whole cents' : unit === 1n ? 'a count' : 'a number of up to six decimals',
    )
  )
}

export const centsOf = (document: Document, name: string): bigint | null => wholeOf(document, name, 100n)
export const countOf = (document: Document, name: string): bigint | null => wholeOf(document, name, 1n)
export const millionthsOf = (document: Document, name: string): bigint | null => wholeOf(document, name, 1_000_000n)

/** The group of a key, made where there is none yet. */
export function grouped<T>(groups: Map<string, T>, key: string, fresh: () => T): T {
  let group = groups.get(key)
  if (group === undefined) {
    group = fresh()
    groups.set(key, group)
  }
  return group
}

/** A gold row, each value as PostgreSQL's text; columns in the brief's order. */
export type Row = Record<string, string | null>
