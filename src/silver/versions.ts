import { hash } from 'node:crypto'
import { Decimal128, Double, Int32, Long } from 'bson'
import { type Contract, keyOf, type Path, pathsOf, sourceOf, zoneOf } from '../contracts/contract.ts'
import { countedBeside } from '../contracts/documents.ts'
import { besides, fieldReader } from '../mongo/field_reader.ts'
import { type Calendar, date } from '../rules/dates.ts'
import { spelledBy } from '../rules/extended_json.ts'
import { Flaw, Repaired, text } from '../rules/values.ts'

/** What tells which of two documents is the later one: instants as milliseconds, numbers, or texts. */
export type Order = number | bigint | string | null

/** What silver does not keep of a document, and what tells it from others with its key all the same. */
export interface Beside {
  /** Equal where two documents are equal in all that silver leaves out, but bookkeeping. */
  rest: string
  order: Order
}

/** Looks at a document of bronze beside what silver keeps of it. */
export function besideSilver(contract: Contract): (original: Buffer) => Beside {
  const { identity, lastBy } = contract
  if (identity === 'last one wins') {
    const { read } = fieldReader(lastBy === undefined ? [] : [lastBy])
    const calendar = calendarOf(contract)
    return (original) => ({ rest: '', order: lastBy === undefined ? null : orderOf(read(original)[0], calendar) })
  }
  const restOf = restsOf(contract)
  return (original) => {
    const rest = restOf(original)
    return { rest: rest.length === 0 ? '' : hash('md5', rest, 'base64'), order: null }
  }
}

/** Whether silver may not tell documents apart that bronze has, given the fields that no contract names. */
export function isBesideNeeded(contract: Contract, unnamed: readonly string[]): boolean {
  if (contract.identity === 'last one wins') return contract.lastBy !== undefined
  return contract.each !== undefined || multiplied(contract).length > 0 || unnamed.some(countedBeside(contract))
}

/** The bytes of all that silver does not keep of a document, but bookkeeping. */
export function restsOf(contract: Contract): (original: Buffer) => Buffer {
  const counts = countedBeside(contract)
  const factors = multiplied(contract)
  const isFactor = new Set(factors.map((path) => path.join('.')))
  const isRead = new Set(factors.map(keyOf))
  const kept = pathsOf(contract).filter((path) => !isRead.has(keyOf(path)))
  return besides(kept, (name) => isFactor.has(name) || counts(name))
}

/** What silver has as a product alone: 2 of 6 are not 3 of 4. */
function multiplied({ fields }: Contract): Path[] {
  const all = Object.entries(fields)
  const plain = new Set(
    all.flatMap(([name, field]) => {
      const source = field.times === undefined ? sourceOf(name, field) : null
      return source === null ? [] : [keyOf(source)]
    }),
  )
  const products = all.filter(([, { times }]) => times !== undefined)
  const factors = pathsOf({ fields: Object.fromEntries(products) })
  return factors.filter((path) => !plain.has(keyOf(path)))
}

/** The latest of some orders. */
export function latest(orders: readonly Order[]): Order {
  return orders.reduce((last, order) => (isEarlier(order, last) ? last : order), null)
}

/** How the dates that tell the last version are meant: as those of a field that reads them, in the zone of the shop. */
function calendarOf({ fields, lastBy = [] }: Contract): Calendar {
  const dates = Object.entries(fields).filter(([, { kind }]) => kind === 'date')
  const [, same] = dates.find(([name, field]) => keyOf(sourceOf(name, field) ?? []) === keyOf(lastBy)) ?? []
  return {
    isMonthFirst: same?.how.dates === 'month first',
    timeZone: same === undefined ? dates[0]?.[1].how.timeZone : zoneOf(same),
  }
}

function orderOf(raw: unknown, calendar: Calendar): Order {
  const value = spelledBy(raw) ?? raw
  if (value instanceof Date) return value.getTime()
  const number = value instanceof Double || value instanceof Int32 ? value.value : value
  if (typeof number === 'number') return Number.isNaN(number) ? null : number
  if (typeof number === 'bigint') return number
  if (number instanceof Long) return number.toBigInt()
  const read = number instanceof Decimal128 ? number.toString() : text(number)
  if (read instanceof Flaw) return null
  const spelled = read instanceof Repaired ? read.value : read
  if (/^-?\d+$/.test(spelled)) return BigInt(spelled)
  const instant = date(spelled, Number.POSITIVE_INFINITY, calendar)
  if (instant instanceof Repaired) return instant.value.getTime()
  const plain = Number(spelled)
  return Number.isNaN(plain) ? spelled : plain
}

/** Whether a document is earlier than one that stands before it in the order of `_id`s. */
export function isEarlier(one: Order, other: Order): boolean {
  const rank = (order: Order) => (order === null ? 0 : typeof order === 'string' ? 1 : 2)
  if (rank(one) !== rank(other) || one === null || other === null) return rank(one) < rank(other)
  return one < other
}
