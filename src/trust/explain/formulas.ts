import { UNKNOWN } from '../../contracts/contract.ts'
import { shownAt } from '../../rules/dates.ts'
import type { CleanValues } from '../../silver/clean/cleaner.ts'
import { fingerprints } from '../../system/fingerprints.ts'
import { countOf, moneyOf, quotient } from '../../text/money.ts'

/**
 * A gold value worked out from silver records in plain exact arithmetic, as the text PostgreSQL gives for it. It sees
 * one record after the other, in the order of their `_id`s, and keeps none.
 */
export interface Formula {
  /** The silver columns it needs, as in `transactions.amount`. */
  reads: readonly string[]
  /** Days are those of a zone; of UTC if it is undefined. */
  begin: (timeZone?: string) => Working
}

interface Working {
  add: (collection: string, record: CleanValues) => void
  value: () => string | null
}

/** The number of records. */
export function count(collection: string): Formula {
  return reading(collection, [], () => {
    let records = 0
    return { add: () => records++, value: () => String(records) }
  })
}

/** The sum of the known amounts; 0.00 if none is known. */
export function sum(collection: string, column: string): Formula {
  return reading(collection, [column], () => {
    const sum = summing('money')
    return { add: sum.add, value: () => moneyOf(sum.units) }
  })
}

/** The mean of the known amounts; null if none is known. */
export function mean(collection: string, column: string): Formula {
  return reading(collection, [column], () => {
    const sum = summing('money')
    return {
      add: sum.add,
      value: () => quotient(sum.units, 100n * BigInt(sum.known), 2),
    }
  })
}

/** The sum of the known counts; null if none is known. */
export function total(collection: string, column: string): Formula {
  return reading(collection, [column], () => {
    const sum = summing('count')
    return {
      add: sum.add,
      value: () => (sum.known === 0 ? null : countOf(sum.units)),
    }
  })
}

/** How many different texts are known. */
export function distinct(collection: string, column: string): Formula {
  return reading(collection, [column], () => {
    const known = fingerprints()
    let different = 0
    return {
      add: (value) => {
        if (typeof value === 'string' && known.add(value)) different++
      },
      value: () => String(different),
    }
  })
}

/** How many different orders there are; a record that names none is one of its own. */
export function orders(collection: string): Formula {
  return reading(collection, ['order_id'], () => {
    const isOther = differentOrders()
    let orders = 0
    return {
      add: (order) => {
        if (isOther(order)) orders++
      },
      value: () => String(orders),
    }
  })
}

/** The sum of the known amounts by the orders that have one; null if none has. */
export function meanOrder(collection: string, column: string): Formula {
  return reading(collection, [column, 'order_id'], () => {
    const sum = summing('money')
    const isOther = differentOrders()
    let orders = 0
    return {
      add: (amount, order) => {
        sum.add(amount)
        if (amount !== null && isOther(order)) orders++
      },
      value: () => quotient(sum.units, 100n * BigInt(orders), 2),
    }
  })
}

/** Tells of the order of each record whether it was none before. */
function differentOrders(): (order: unknown) => boolean {
  const known = fingerprints()
  return (order) => typeof order !== 'string' || known.add(order)
}

/** The day of the first or the last known date. */
export function dayOf(which: 'first' | 'last', collection: string, column: string): Formula {
  return reading(collection, [column], (timeZone) => {
    let found: Date | undefined
    return {
      add: (date) => {
        if (!(date instanceof Date)) return
        if (found === undefined || (which === 'first' ? date < found : date > found)) found = date
      },
      value: () => (found === undefined ? null : shownAt(found, timeZone).toISOString().slice(0, 10)),
    }
  })
}

/** The label of the last record that has one: the last by a date, where one is named. */
export function lastLabel(collection: string, column: string, by?: string): Formula {
  return reading(collection, by === undefined ? [column] : [column, by], () => {
    let last: { label: string; at: number } | undefined
    return {
      add: (label, date) => {
        // A record without a date is the oldest.
        const at = date instanceof Date ? date.getTime() : Number.NEGATIVE_INFINITY
        if (label !== UNKNOWN && (last === undefined || at >= last.at)) last = { label: String(label), at }
      },
      value: () => last?.label ?? UNKNOWN,
    }
  })
}

/** An amount by the number of records: to the cent. */
export function sumPer(collection: string, column: string, per: string): Formula {
  return {
    reads: [`${collection}.${column}`],
    begin: () => {
      const sum = summing('money')
      let records = 0
      return {
        add: (from, record) => {
          if (from === collection) sum.add(record[column])
          if (from === per) records++
        },
        value: () => quotient(sum.units, 100n * BigInt(records), 2),
      }
    },
  }
}

/** The records of which a flag is true, in percent. */
export function percentTrue(collection: string, column: string): Formula {
  return reading(collection, [column], () => {
    let records = 0
    let yes = 0
    return {
      add: (flag) => {
        records++
        if (flag === true) yes++
      },
      value: () => quotient(100n * BigInt(yes), BigInt(records), 6),
    }
  })
}

/** One count in percent of another: a ratio of sums over the records where both are known. */
export function percentOf(collection: string, part: string, whole: string): Formula {
  return rate(collection, ['count', part], ['count', whole], (part, whole) => [100n * part, whole])
}

/** Money by a count: a ratio of sums over the records where both are known. */
export function costPer(collection: string, cost: string, items: string): Formula {
  return rate(collection, ['money', cost], ['count', items], (cost, items) => [1_000_000n * cost, 100n * items])
}

/** What was left of some money in percent of it: a ratio of sums over the records where both are known. */
export function percentLeft(collection: string, money: string, spent: string): Formula {
  return rate(collection, ['money', money], ['money', spent], (money, spent) => [100n * (money - spent), money])
}

function rate(
  collection: string,
  [kind, column]: [Unit, string],
  [otherKind, other]: [Unit, string],
  ratio: (sum: bigint, other: bigint) => [numerator: bigint, denominator: bigint],
): Formula {
  return reading(collection, [column, other], () => {
    const [sum, otherSum] = [summing(kind), summing(otherKind)]
    return {
      add: (value, otherValue) => {
        if (value === null || otherValue === null) return
        sum.add(value)
        otherSum.add(otherValue)
      },
      value: () => quotient(...ratio(sum.units, otherSum.units), 6),
    }
  })
}

type Unit = 'money' | 'count'

/** Whole cents, or millionths of counts: sums of them are exact, sums of euros are not. */
export interface Summing {
  /** How many values were known. */
  readonly known: number
  readonly units: bigint
  add: (value: unknown) => void
}

export function summing(unit: Unit): Summing {
  const each = unit === 'money' ? 100 : 1_000_000
  const sum = {
    known: 0,
    units: 0n,
    add(value: unknown) {
      if (value === null) return
      sum.known++
      const whole = Math.trunc(Number(value))
      sum.units += BigInt(whole) * BigInt(each) + BigInt(Math.round((Number(value) - whole) * each))
    },
  }
  return sum
}

/** Reads some columns of a collection: of each record `add` is given their values and nothing else. */
function reading(
  collection: string,
  columns: readonly [] | readonly [string] | readonly [string, string],
  begin: (timeZone?: string) => { add: (value: unknown, other: unknown) => void; value: () => string | null },
): Formula {
  const [column = '', other = ''] = columns
  return {
    reads: columns.map((column) => `${collection}.${column}`),
    begin: (timeZone) => {
      const { add, value } = begin(timeZone)
      return {
        add: (from, record) => {
          if (from === collection) add(record[column], record[other])
        },
        value,
      }
    },
  }
}
