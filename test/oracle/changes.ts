/** What changed in silver between two states of a shop, and because of what, in plain loops. */
import type { Document } from 'bson'
import { type ExpectedGold, expectedGold } from './gold.ts'
import { type Bronze, type ExpectedSilver, expectedSilver } from './silver.ts'

export const collections = ['customers', 'transactions', 'campaigns'] as const
export type Collection = (typeof collections)[number]

/** In the order in which they come. */
export const causes = [
  'new',
  'late',
  'corrected',
  'deleted',
  'erased',
  'duplicate found',
  'duplicate gone',
  'superseded',
  'rule',
] as const
export type Cause = (typeof causes)[number]

/** What silver and gold are made by. */
export interface Rules {
  /** How products are spelled. */
  products: readonly string[]
  /** Products of which silver has no sale. */
  without: readonly string[]
  /** Statuses of sales that gold has not. */
  leaveOut: readonly string[]
  /** From which amount on a sale is a large one. */
  large: number
}

/** A shop at some time; `_id`s are numbers. */
export interface State {
  bronze: Bronze
  rules: Rules
  /** Who was erased. */
  erased: ReadonlySet<string>
}

const isErased = ({ erased }: State, id: unknown) => typeof id === 'string' && erased.has(id)
const isWithout = ({ rules }: State, sale: Document) => rules.without.includes(sale['product'])

export function silverOf(state: State): ExpectedSilver {
  const { customers, transactions, campaigns } = state.bronze
  const bronze = {
    campaigns,
    customers: customers.filter((one) => !isErased(state, one['customer_id'])),
    transactions: transactions.flatMap((sale) => {
      if (isWithout(state, sale)) return []
      return [isErased(state, sale['customer_id']) ? { ...sale, customer_id: null } : sale]
    }),
  }
  return expectedSilver(bronze, new Date(), { 'transactions.product': state.rules.products })
}

export type Tables = ExpectedGold & { large_sales: Record<string, string | null>[] }

export function goldOf(silver: ExpectedSilver, { leaveOut, large }: Rules): Tables {
  const transactions = silver.transactions.filter(({ status }) => !leaveOut.includes(status))
  const sales = transactions.filter(({ total_amount: amount }) => amount !== null && amount >= large)
  const products = [...new Set(sales.map(({ product }) => product))].sort()
  return {
    ...expectedGold({ ...silver, transactions }),
    large_sales: products.map((product) => {
      const own = sales.filter((sale) => sale.product === product)
      const cents = own.reduce((sum, { total_amount: amount }) => sum + Math.round((amount ?? 0) * 100), 0)
      return { product, sales: String(own.length), revenue: (cents / 100).toFixed(2) }
    }),
  }
}

/** A record that silver has otherwise; one of a person who was erased is of nobody. */
export interface Change {
  collection: Collection
  _id: number
  cause: Cause
  before: Document | undefined
  after: Document | undefined
}

/** Of records that named somebody who was erased since, by `collection _id`: what is not remembered of them. */
export type Forgotten = ReadonlyMap<string, 'bytes' | 'all'>

/** What the run changed that came between two states; an erasure changes nothing else. */
export function changesBetween(before: State, now: State, isErasure: boolean, forgotten: Forgotten): Change[] {
  const [silverBefore, silverNow] = [silverOf(before), silverOf(now)]
  return collections.flatMap((collection) => {
    const all = [...before.bronze[collection], ...now.bronze[collection]].map(({ _id }) => Number(_id))
    return [...new Set(all)].flatMap((_id): Change[] => {
      const found = (documents: readonly Document[]) => documents.find((one) => one['_id'] === _id)
      const [was, is] = [found(silverBefore[collection]), found(silverNow[collection])]
      if (JSON.stringify(was) === JSON.stringify(is)) return []
      const raw = [found(before.bronze[collection]), found(now.bronze[collection])] as const
      const gone = forgotten.get(`${collection} ${_id}`)
      const cause = isErasure ? 'erased' : causeOf(collection, [before, now], [was, is], raw, gone)
      return [{ collection, _id, before: was, after: is, cause }]
    })
  })
}

type Sides<T> = readonly [before: T, now: T]

function causeOf(
  collection: Collection,
  [before, now]: Sides<State>,
  [was, is]: Sides<Document | undefined>,
  [raw, rawNow]: Sides<Document | undefined>,
  gone: 'bytes' | 'all' | undefined,
): Cause {
  const isSame = gone === undefined && JSON.stringify(raw) === JSON.stringify(rawNow)
  const isVersion = (record: Document) => collection === 'customers' && typeof record['customer_id'] === 'string'
  const isLeftOut = (state: State, record: Document) => collection === 'transactions' && isWithout(state, record)
  if (was === undefined) {
    if (raw === undefined || gone === 'all') {
      return collection === 'transactions' && isSettled(is?.['timestamp']) ? 'late' : 'new'
    }
    if (isVersion(raw)) return 'superseded'
    if (!isSame) return 'corrected'
    return isLeftOut(before, raw) ? 'rule' : 'duplicate gone'
  }
  if (is === undefined) {
    if (rawNow === undefined) return 'deleted'
    if (isVersion(rawNow)) return 'superseded'
    if (!isSame) return 'corrected'
    return isLeftOut(now, rawNow) ? 'rule' : 'duplicate found'
  }
  return isSame ? 'rule' : 'corrected'
}

function isSettled(date: unknown): boolean {
  if (!(date instanceof Date)) return false
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
  return end + 35 * 86_400_000 <= Date.now()
}

/**
 * What all of these changes, one run's after the other's, come to. The own records of who was erased since are one, which
 * nobody can tell apart any more.
 */
export function netOf(runs: readonly (readonly Change[])[], erased: ReadonlySet<string>): Change[] {
  const records = new Map<string, Change[]>()
  for (const changes of runs) {
    // What was there comes before what is there now.
    const inOrder = [...changes].sort(
      (one, other) => Number(one.before === undefined) - Number(other.before === undefined),
    )
    for (const change of inOrder) {
      const { collection, _id, before, after } = change
      const [one, ...others] = [...new Set([before, after].flatMap((side) => side?.['customer_id'] ?? []))]
      const isTheirs = collection === 'customers' && others.length === 0 && erased.has(one)
      const key = `${collection} ${isTheirs ? one : _id}`
      records.set(key, [...(records.get(key) ?? []), change])
    }
  }
  return [...records.values()].flatMap((changes): Change[] => {
    const [first] = changes
    const last = changes.at(-1)
    if (first === undefined || last === undefined) return []
    const { before, after } = { before: first.before, after: last.after }
    if (before === undefined && after === undefined) return []
    const met = new Set(changes.map(({ cause }) => cause))
    const several = met.has('erased') ? 'erased' : met.size === 1 ? first.cause : 'corrected'
    const cause = before === undefined ? first.cause : after === undefined ? last.cause : several
    return [{ ...first, before, after, cause }]
  })
}

/** Silver when these causes have come. */
function mixed(before: ExpectedSilver, changes: readonly Change[], come: readonly Cause[]): ExpectedSilver {
  const next = { ...before }
  for (const collection of collections) {
    const own = changes.filter((change) => change.collection === collection && come.includes(change.cause))
    const arrived = own.flatMap(({ after }) => after ?? [])
    const gone = new Set(own.flatMap(({ before }) => (before === undefined ? [] : JSON.stringify(before))))
    // Of two versions of one customer there is one at a time.
    const isReplaced = (record: Document) =>
      collection === 'customers' && arrived.some((one) => one['customer_id'] === record['customer_id'])
    const stay = before[collection].filter((record) => !gone.has(JSON.stringify(record)) && !isReplaced(record))
    const all: Document[] = [...stay, ...arrived]
    Object.assign(next, { [collection]: all.sort((a, b) => Number(a['_id']) - Number(b['_id'])) })
  }
  return next
}

/** Gold at each moment between two silvers, under the rules of now: first none of the causes has come, at last all have. */
export function momentsOf(before: ExpectedSilver, changes: readonly Change[], rules: Rules): Tables[] {
  return [0, ...causes].map((_, i) => goldOf(mixed(before, changes, causes.slice(0, i)), rules))
}
