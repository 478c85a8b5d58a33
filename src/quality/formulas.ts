import type { Document } from 'bson'
import { UNKNOWN } from '../silver/contract.ts'
import { moneyOf, quotient } from './money.ts'

/** Silver records by collection, in the order in which they are listed. */
export type Records = Readonly<Record<string, readonly Document[]>>

/** A gold value worked out from silver records in plain exact arithmetic, as the text PostgreSQL gives for it. */
export interface Formula {
  /** The silver columns it needs, as in `transactions.amount`. */
  reads: readonly string[]
  from: (records: Records) => string | null
}

/** The number of records. */
export function count(collection: string): Formula {
  return { reads: [], from: (records) => String(all(records, collection).length) }
}

/** The sum of the known amounts; 0.00 if none is known. */
export function sum(collection: string, column: string): Formula {
  return reading(collection, [column], (rows) => moneyOf(centsIn(rows, column)))
}

/** The mean of the known amounts; null if none is known. */
export function mean(collection: string, column: string): Formula {
  return reading(collection, [column], (rows) => {
    const known = rows.filter((row) => row[column] !== null)
    return quotient(centsIn(known, column), 100n * BigInt(known.length), 2)
  })
}

/** The sum of the known counts; null if none is known. */
export function total(collection: string, column: string): Formula {
  return reading(collection, [column], (rows) =>
    rows.every((row) => row[column] === null) ? null : String(countsIn(rows, column)),
  )
}

/** How many different values are known. */
export function distinct(collection: string, column: string): Formula {
  return reading(collection, [column], (rows) => {
    const values = new Set(rows.map((row) => row[column]))
    values.delete(null)
    return String(values.size)
  })
}

/** The day (UTC) of the first or the last known date. */
export function dayOf(which: 'first' | 'last', collection: string, column: string): Formula {
  return reading(collection, [column], (rows) => {
    const days = rows.flatMap((row) => (row[column] === null ? [] : [dayIn(row[column] as Date)])).sort()
    return days.at(which === 'first' ? 0 : -1) ?? null
  })
}

/** The day (UTC) of an instant, as gold writes it. */
export function dayIn(instant: Date): string {
  return instant.toISOString().slice(0, 10)
}

/** The label of the last record that has one. */
export function lastLabel(collection: string, column: string): Formula {
  return reading(collection, [column], (rows) => {
    const last = rows.findLast((row) => row[column] !== UNKNOWN)
    return last === undefined ? UNKNOWN : String(last[column])
  })
}

/** An amount by the number of records: to the cent. */
export function sumPer(collection: string, column: string, per: string): Formula {
  return {
    reads: [`${collection}.${column}`],
    from: (records) => quotient(centsIn(all(records, collection), column), 100n * BigInt(all(records, per).length), 2),
  }
}

/** The records of which a flag is true, in percent. */
export function percentTrue(collection: string, column: string): Formula {
  return reading(collection, [column], (rows) => {
    const yes = rows.filter((row) => row[column] === true).length
    return quotient(100n * BigInt(yes), BigInt(rows.length), 6)
  })
}

/** One count in percent of another: a ratio of sums over the records where both are known. */
export function percentOf(collection: string, part: string, whole: string): Formula {
  return rate(collection, [part, whole], (rows) => [100n * countsIn(rows, part), countsIn(rows, whole)])
}

/** Money by a count: a ratio of sums over the records where both are known. */
export function costPer(collection: string, cost: string, items: string): Formula {
  return rate(collection, [cost, items], (rows) => [centsIn(rows, cost), 100n * countsIn(rows, items)])
}

/** What was left of some money in percent of it: a ratio of sums over the records where both are known. */
export function percentLeft(collection: string, money: string, spent: string): Formula {
  return rate(collection, [money, spent], (rows) => {
    const whole = centsIn(rows, money)
    return [100n * (whole - centsIn(rows, spent)), whole]
  })
}

function rate(
  collection: string,
  columns: readonly string[],
  sums: (known: readonly Document[]) => [numerator: bigint, denominator: bigint],
): Formula {
  return reading(collection, columns, (rows) => {
    const known = rows.filter((row) => columns.every((column) => row[column] !== null))
    return quotient(...sums(known), 6)
  })
}

/** Whole cents: sums of them are exact, sums of euros are not. */
export function centsIn(rows: readonly Document[], column: string): bigint {
  return rows.reduce((sum, row) => sum + BigInt(Math.round(Number(row[column] ?? 0) * 100)), 0n)
}

export function countsIn(rows: readonly Document[], column: string): bigint {
  return rows.reduce((sum, row) => sum + BigInt(Number(row[column] ?? 0)), 0n)
}

function reading(
  collection: string,
  columns: readonly string[],
  from: (rows: readonly Document[]) => string | null,
): Formula {
  return {
    reads: columns.map((column) => `${collection}.${column}`),
    from: (records) => from(all(records, collection)),
  }
}

function all(records: Records, collection: string): readonly Document[] {
  return records[collection] ?? []
}
