import type { Document } from 'bson'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { why } from '../../src/trust/why/why.ts'
import { expectedGold, KEYS } from '../oracle/gold.ts'
import { type Bronze, type ExpectedSilver, expectedSilver } from '../oracle/silver.ts'
import { runPipeline, standard } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

/*
 * What changed between two states of bronze, worked out by plain loops over both: silver of each, the cause of each record,
 * and gold of the mixtures between them.
 */

let place: Place

beforeAll(async () => {
  place = await openPlace()
})

afterAll(() => place.leave())

const collections = ['customers', 'transactions', 'campaigns'] as const
type Collection = (typeof collections)[number]
const causes = [
  'new',
  'late',
  'corrected',
  'deleted',
  'duplicate found',
  'duplicate gone',
  'superseded',
  'rule',
] as const
type Cause = (typeof causes)[number]

// ------------------------------------------------------------------------------------------------------------- shops

const countries = ['France', 'Suisse', null]
const products = ['Laptop', 'Mouse', null]
/** Of the last and of a settled month, and one that is none. */
const dates = [
  new Date(Date.now() - 86_400_000),
  new Date('2025-02-03T10:00:00Z'),
  new Date('2025-03-04T10:00:00Z'),
  'never',
]

const customer = fc.record({
  customer_id: fc.constantFrom('C1', 'C2', 'C3', null),
  first_name: fc.constantFrom('Ada', 'Bo'),
  country: fc.constantFrom(...countries),
  marketing_consent: fc.boolean(),
})
const sale = fc.record({
  transaction_id: fc.constantFrom('T1', 'T2', 'T3', 'T4'),
  customer_id: fc.constantFrom('C1', 'C2', 'C4', null),
  product: fc.constantFrom(...products),
  amount: fc.constantFrom(10, 20.5, 33.33, 'n/a'),
  timestamp: fc.constantFrom(...dates),
})
const campaign = fc.record({
  campaign_id: fc.constantFrom('K1', 'K2'),
  campaign_name: fc.constantFrom('Spring', 'Autumn'),
  start_date: fc.constantFrom(new Date('2025-01-01T00:00:00Z'), new Date('2025-05-01T00:00:00Z')),
  budget: fc.constantFrom(100, 200),
  spend: fc.constantFrom(50, 75.5),
})
const document = (collection: Collection): fc.Arbitrary<Document> =>
  ({ customers: customer, transactions: sale, campaigns: campaign })[collection] as fc.Arbitrary<Document>

type Edit = { what: 'insert' | 'replace' | 'delete' | 'repeat'; at: number; document: Document }
const edit = (collection: Collection): fc.Arbitrary<Edit> =>
  fc.record({
    what: fc.constantFrom('insert', 'replace', 'delete', 'repeat'),
    at: fc.nat(30),
    document: document(collection),
  })
const shop = fc.record({
  customers: fc.array(customer, { minLength: 2, maxLength: 6 }),
  transactions: fc.array(sale, { minLength: 4, maxLength: 14 }),
  campaigns: fc.array(campaign, { minLength: 1, maxLength: 4 }),
})
const edits = fc.record({
  customers: fc.array(edit('customers'), { maxLength: 3 }),
  transactions: fc.array(edit('transactions'), { minLength: 1, maxLength: 5 }),
  campaigns: fc.array(edit('campaigns'), { maxLength: 2 }),
})

/** Ids rise, and are never used twice. */
let ids = 0
const withIds = (documents: readonly Document[]) => documents.map((document) => ({ _id: ++ids, ...document }))

function edited(documents: readonly Document[], changes: readonly Edit[]): Document[] {
  const next = [...documents]
  for (const { what, at, document } of changes) {
    const place = next.length === 0 ? 0 : at % next.length
    const there = next[place]
    if (what === 'insert' || there === undefined) next.push({ _id: ++ids, ...document })
    else if (what === 'replace') next[place] = { _id: there['_id'], ...document }
    else if (what === 'repeat') next.push({ ...there, _id: ++ids })
    else if (next.length > 1) next.splice(place, 1)
  }
  return next
}

// ------------------------------------------------------------------------------------------------------------ oracle

interface Change {
  collection: Collection
  _id: number
  cause: Cause
  before: Document | undefined
  after: Document | undefined
}

function changesBetween(before: Bronze, now: Bronze): Change[] {
  const [silverBefore, silverNow] = [expectedSilver(before), expectedSilver(now)]
  return collections.flatMap((collection) => {
    const found = (documents: readonly Document[], _id: number) => documents.find((one) => one['_id'] === _id)
    const all = [...before[collection], ...now[collection]].map(({ _id }) => Number(_id))
    return [...new Set(all)].flatMap((_id): Change[] => {
      const [was, is] = [found(silverBefore[collection], _id), found(silverNow[collection], _id)]
      if (JSON.stringify(was) === JSON.stringify(is)) return []
      const [raw, rawNow] = [found(before[collection], _id), found(now[collection], _id)]
      return [{ collection, _id, before: was, after: is, cause: causeOf(collection, was, is, raw, rawNow) }]
    })
  })
}

function causeOf(
  collection: Collection,
  was: Document | undefined,
  is: Document | undefined,
  raw: Document | undefined,
  rawNow: Document | undefined,
): Cause {
  const isSame = JSON.stringify(raw) === JSON.stringify(rawNow)
  if (was === undefined) {
    if (raw === undefined) return collection === 'transactions' && isSettled(is?.['timestamp']) ? 'late' : 'new'
    if (collection === 'customers' && typeof raw['customer_id'] === 'string') return 'superseded'
    return !isSame ? 'corrected' : 'duplicate gone'
  }
  if (is === undefined) {
    if (rawNow === undefined) return 'deleted'
    if (collection === 'customers' && typeof rawNow['customer_id'] === 'string') return 'superseded'
    return !isSame ? 'corrected' : 'duplicate found'
  }
  return isSame ? 'rule' : 'corrected'
}

function isSettled(date: unknown): boolean {
  if (!(date instanceof Date)) return false
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1)
  return end + 35 * 86_400_000 <= Date.now()
}

/** Silver when these causes have come. */
function mixed(before: ExpectedSilver, changes: readonly Change[], come: readonly Cause[]): ExpectedSilver {
  const next = { ...before }
  for (const collection of collections) {
    const rows = new Map((before[collection] as Document[]).map((one) => [one['_id'], one]))
    for (const { collection: of, _id, cause, after } of changes) {
      if (of !== collection || !come.includes(cause)) continue
      if (after === undefined) rows.delete(_id)
      else rows.set(_id, after)
    }
    const isCome = ({ collection: of, cause }: Change) => of === collection && come.includes(cause)
    const arrived = changes.flatMap((change) => (isCome(change) && change.after !== undefined ? [change.after] : []))
    for (const one of collection === 'customers' ? arrived : []) {
      for (const [_id, other] of rows) {
        if (other['customer_id'] === one['customer_id'] && _id !== one['_id']) rows.delete(_id)
      }
    }
    Object.assign(next, { [collection]: [...rows.values()].sort((a, b) => Number(a['_id']) - Number(b['_id'])) })
  }
  return next
}

const asked = [
  ['month', 'monthly_revenue', ['total_revenue', 'total_transactions', 'unique_customers', 'avg_transaction_value']],
  ['product', 'product_performance', ['total_revenue', 'total_sales', 'avg_price']],
  ['customer', 'customer_metrics', ['total_spent', 'total_transactions']],
  ['country', 'country_statistics', ['total_revenue', 'total_customers', 'avg_customer_value']],
  ['campaign', 'campaign_performance', ['roi']],
] as const

const less = (one: string | null | undefined, other: string | null | undefined) => {
  return (Number(one ?? 0) - Number(other ?? 0)).toFixed(6)
}

test('each number that changed is told with its causes, which add up', async () => {
  await fc.assert(
    fc.asyncProperty(shop, fc.array(edits, { minLength: 1, maxLength: 2 }), fc.nat(), async (start, steps, seed) => {
      let bronze: Bronze = {
        customers: withIds(start.customers),
        transactions: withIds(start.transactions),
        campaigns: withIds(start.campaigns),
      }
      await place.load({ ...bronze })
      await run()
      for (const step of steps) {
        const before = bronze
        bronze = {
          customers: edited(before.customers, step.customers),
          transactions: edited(before.transactions, step.transactions),
          campaigns: edited(before.campaigns, step.campaigns),
        }
        await place.load({ ...bronze })
        await run()
        await compare(before, bronze, seed)
      }
    }),
    { numRuns: 4, endOnFailure: true },
  )
}, 300_000)

const run = () => runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true, takeOver: true })

async function compare(before: Bronze, now: Bronze, seed: number): Promise<void> {
  const changes = changesBetween(before, now)
  const silver = expectedSilver(before)
  const moments = causes.map((_, i) => expectedGold(mixed(silver, changes, causes.slice(0, i))))
  moments.push(expectedGold(expectedSilver(now)))
  for (const [i, [subject, table, columns]] of asked.entries()) {
    const [key = ''] = KEYS[table]
    const rows = [
      ...new Set([moments[0], moments.at(-1)].flatMap((gold) => gold?.[table].map((row) => row[key] ?? '') ?? [])),
    ]
    const row = rows[(seed + i) % Math.max(rows.length, 1)]
    if (row === undefined) continue
    const column = columns[seed % columns.length] ?? columns[0]
    const name = subject === 'month' ? row.slice(0, 7) : row
    const told = await why(place.client, place.postgresUrl, subject, name, { ...standard, ...place.names, column })
    const values = moments.map((gold) => gold[table].find((one) => one[key] === row)?.[column] ?? null)
    const expected = causes.flatMap((cause, i) => {
      const amount = less(values[i + 1], values[i])
      return Number(amount) === 0 ? [] : [[cause, amount]]
    })
    const found = told.causes.flatMap(({ cause, amount }) => (Number(amount) === 0 ? [] : [[cause, less(amount, '0')]]))
    expect({ row, column, before: told.before, after: told.after, causes: found.sort() }).toEqual({
      ...{ row, column, before: values[0] ?? null, after: values.at(-1) ?? null },
      causes: expected.sort(),
    })
    for (const { cause, documents } of told.causes) {
      for (const { collection, _id } of documents) {
        expect(changes).toContainEqual(expect.objectContaining({ collection, _id, cause }))
      }
    }
  }
}
