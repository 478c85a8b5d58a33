import { createSecretKey } from 'node:crypto'
import type { Document } from 'bson'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { planRun } from '../../src/engines/local/planning.ts'
import { goBack } from '../../src/gold/as_of.ts'
import { questionsOf } from '../../src/gold/questions.ts'
import { readGold } from '../../src/postgres/reader.ts'
import type { RunRecord } from '../../src/runs/record.ts'
import { type Config, configOf, loadConfig } from '../../src/settings/config.ts'
import type { Plan } from '../../src/trust/why/plan_schema.ts'
import { why } from '../../src/trust/why/why.ts'
import { runs } from '../garbage/seed.ts'
import {
  type Change,
  type Collection,
  causes,
  changesBetween,
  collections,
  goldOf,
  momentsOf,
  netOf,
  type Rules,
  type State,
  silverOf,
  type Tables,
} from '../oracle/changes.ts'
import { KEYS } from '../oracle/gold.ts'
import { findPerson, runErasure, runPipeline, standard } from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

/*
 * Random series of what happens to a shop, each state of which is kept: what `why` says, what gold's history has and what a
 * plan promised agree with plain loops over these states.
 */

let place: Place
let config: Config
const erasureKey = createSecretKey('the key of the erasures of these tests', 'utf8')

beforeAll(async () => {
  place = await openPlace()
  config = { ...(await loadConfig(undefined, settingsOf(place.names))), ...standard, ...place.names, erasureKey }
})

afterAll(() => place.leave())

// ------------------------------------------------------------------------------------------------------------- shops

/** Of the last and of a settled month, and one that is none. */
const dates = [
  new Date(Date.now() - 86_400_000),
  new Date('2025-02-03T10:00:00Z'),
  new Date('2025-03-04T10:00:00Z'),
  'never',
]
const documents: Record<Collection, fc.Arbitrary<Document>> = {
  customers: fc.record({
    customer_id: fc.constantFrom('C1', 'C2', 'C3', null),
    first_name: fc.constantFrom('Ada', 'Bo'),
    country: fc.constantFrom('France', 'Suisse', null),
    marketing_consent: fc.boolean(),
  }),
  transactions: fc.record({
    transaction_id: fc.constantFrom('T1', 'T2', 'T3', 'T4'),
    customer_id: fc.constantFrom('C1', 'C2', 'C4', null),
    product: fc.constantFrom('Laptop', 'laptop', 'Mouse', null),
    amount: fc.constantFrom(10, 20.5, 33.33, 'n/a'),
    status: fc.constantFrom('Completed', 'Completed', 'Refunded'),
    timestamp: fc.constantFrom(...dates),
  }),
  campaigns: fc.record({
    campaign_id: fc.constantFrom('K1', 'K2'),
    campaign_name: fc.constantFrom('Spring', 'Autumn'),
    start_date: fc.constantFrom(new Date('2025-01-01T00:00:00Z'), new Date('2025-05-01T00:00:00Z')),
    budget: fc.constantFrom(100, 200),
    spend: fc.constantFrom(50, 75.5),
  }),
}

type Edit = { what: 'insert' | 'replace' | 'delete' | 'repeat'; at: number; document: Document }
const edits = (collection: Collection, maxLength: number): fc.Arbitrary<Edit[]> =>
  fc.array(
    fc.record({
      what: fc.constantFrom('insert', 'replace', 'delete', 'repeat'),
      at: fc.nat(30),
      document: documents[collection],
    }),
    { maxLength },
  )
const usual: Rules = { products: ['Laptop', 'Mouse'], without: [], leaveOut: [], large: 15 }
const rules: fc.Arbitrary<Rules> = fc.record({
  products: fc.constantFrom(usual.products, usual.products, ['LAPTOP', 'Mouse']),
  without: fc.constantFrom([], [], ['Mouse']),
  leaveOut: fc.constantFrom([], [], ['Refunded']),
  large: fc.constantFrom(15, 25),
})
const shop = fc.record({
  customers: fc.array(documents.customers, { minLength: 2, maxLength: 6 }),
  transactions: fc.array(documents.transactions, { minLength: 4, maxLength: 14 }),
  campaigns: fc.array(documents.campaigns, { minLength: 1, maxLength: 4 }),
})
const step = fc.record({
  /** Who is erased before the next run, if anybody is. */
  erased: fc.option(fc.record({ at: fc.nat(30), fromBronze: fc.boolean() }), { freq: 2 }),
  edits: fc.record({
    customers: edits('customers', 3),
    transactions: edits('transactions', 5),
    campaigns: edits('campaigns', 2),
  }),
  rules: fc.option(rules, { freq: 2 }),
  isPlanned: fc.boolean(),
  /** Which rows and columns are asked about, and since when. */
  asked: fc.nat(),
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

/** What of the configuration these rules are. */
async function settingsFor({ products, without, leaveOut, large }: Rules): Promise<Partial<Config>> {
  const transactions = {
    fields: { product: { vocabulary: products } },
    ...(without.length > 0 && { leaveOut: [{ field: 'product', is: without }] }),
  }
  const value = { collections: { transactions } }
  const { contracts } = await configOf({ file: 'lingot.config.json', value }, {})
  const sql = `select product, count(*) as sales, cast(sum(total_amount) as decimal(38, 2)) as revenue
    from transactions where total_amount >= ${large} group by product`
  const declaration = `description: Large sales.\nkey: [product]\nreads: { transactions: [product, total_amount] }
columns: { product: It., sales: How many., revenue: Their amount. }\n`
  const own = { name: 'large_sales', file: 'models/large_sales.sql', sql, declaration }
  return { contracts, leaveOut, project: { ...config.project, models: [own] } }
}

// ------------------------------------------------------------------------------------------------------------ series

const asked = [
  ['month', 'monthly_revenue', ['total_revenue', 'total_transactions', 'unique_customers', 'avg_transaction_value']],
  ['product', 'product_performance', ['total_revenue', 'total_sales', 'avg_price']],
  ['customer', 'customer_metrics', ['total_spent', 'total_transactions']],
  ['country', 'country_statistics', ['total_revenue', 'total_customers', 'avg_customer_value']],
  ['campaign', 'campaign_performance', ['roi']],
  ['large_sales', 'large_sales', ['revenue', 'sales']],
] as const
const tables = asked.map(([, table]) => table)
type Table = (typeof tables)[number]
const keyOf = (table: Table) => (table === 'large_sales' ? 'product' : (KEYS[table][0] ?? ''))

/** A run that published, or an erasure. */
interface Published {
  run: string
  state: State
  gold: Tables
  /** What it changed. */
  changes: Change[]
}

const isPersonal = (column: string) => column === 'full_name'
const less = (one: string | null | undefined, other: string | null | undefined) =>
  (Number(one ?? 0) - Number(other ?? 0)).toFixed(6)
const rowIn = (gold: Tables | undefined, table: Table, key: string) =>
  gold?.[table].find((row) => row[keyOf(table)] === key)

/** What each cause moved, of those that moved anything. */
function causesOf(moments: readonly Tables[], published: Tables, table: Table, row: string, column: string): string[] {
  const at = (gold: Tables | undefined) => rowIn(gold, table, row)?.[column]
  const model = less(at(moments[0]), at(published))
  const others = causes.map((cause, i) => [cause, less(at(moments[i + 1]), at(moments[i]))] as const)
  return [['model', model] as const, ...others]
    .flatMap(([cause, amount]) => (Number(amount) === 0 ? [] : [`${cause} ${amount}`]))
    .sort()
}

const told = (found: readonly { cause: string; amount: string }[]) =>
  found.flatMap(({ cause, amount }) => (Number(amount) === 0 ? [] : [`${cause} ${less(amount, '0')}`])).sort()

test('each number that changed is told with its causes, before and after it does, and stays known as it was', async () => {
  await fc.assert(
    fc.asyncProperty(shop, fc.array(step, { minLength: 1, maxLength: 3 }), async (start, steps) => {
      let state: State = {
        bronze: {
          customers: withIds(start.customers),
          transactions: withIds(start.transactions),
          campaigns: withIds(start.campaigns),
        },
        rules: usual,
        erased: new Set(),
      }
      let forgotten = new Map<string, 'bytes' | 'all'>()
      const series: Published[] = []
      const publish = (run: RunRecord, next: State, isErasure: boolean) => {
        const changes = series.length === 0 ? [] : changesBetween(state, next, isErasure, forgotten)
        series.push({ run: run._id.toHexString(), state: next, gold: goldOf(silverOf(next), next.rules), changes })
        state = next
      }
      await place.client.db(place.names.silver).dropDatabase()
      await place.client.db('lingot').collection('erasures').deleteMany({ '_id.bronze': place.names.bronze })
      await place.load({ ...state.bronze })
      publish(await run(state.rules), state, false)
      for (const { erased, edits, rules, isPlanned, asked } of steps) {
        const { customers, transactions } = state.bronze
        const people = [...customers, ...transactions].flatMap(({ customer_id: id }) =>
          typeof id === 'string' && !state.erased.has(id) ? [id] : [],
        )
        const person = people[(erased?.at ?? 0) % Math.max(people.length, 1)]
        if (erased !== null && person !== undefined) {
          const record = await erase(person, erased.fromBronze, state.rules)
          const isTheirs = (one: Document) => one['customer_id'] === person
          const sales = silverOf(state).transactions
          for (const { _id } of customers.filter(isTheirs)) forgotten.set(`customers ${_id}`, 'all')
          for (const { _id } of transactions.filter(isTheirs)) {
            forgotten.set(`transactions ${_id}`, sales.some((sale) => sale._id === _id) ? 'bytes' : 'all')
          }
          publish(record, { ...state, erased: new Set([...state.erased, person]) }, true)
          await agree(series, asked)
          if (erased.fromBronze) state = { ...state, bronze: without(state.bronze, person) }
        }
        const bronze = {
          customers: edited(state.bronze.customers, edits.customers),
          transactions: edited(state.bronze.transactions, edits.transactions),
          campaigns: edited(state.bronze.campaigns, edits.campaigns),
        }
        await place.load({ ...bronze })
        const next = { ...state, bronze, rules: rules ?? state.rules }
        const planned = isPlanned ? await plan(next.rules) : undefined
        publish(await run(next.rules), next, false)
        forgotten = new Map()
        await agree(series, asked)
        if (planned !== undefined) await agreeWithPlan(planned, series)
      }
      await agreeWithHistory(series)
    }),
    { ...runs(2), endOnFailure: true },
  )
}, 3_000_000)

const consents = { acceptShrink: true, takeOver: true }

async function run(rules: Rules): Promise<RunRecord> {
  const options = { ...place.names, ...consents, erasureKey, ...(await settingsFor(rules)) }
  return runPipeline(place.client, place.postgresUrl, options)
}

async function plan(rules: Rules): Promise<Plan> {
  const nothing = () => undefined
  const hooks = { signal: new AbortController().signal, onProgress: nothing, onStep: nothing }
  return planRun(place.client, place.postgresUrl, { ...config, ...hooks, ...(await settingsFor(rules)) })
}

async function erase(person: string, fromBronze: boolean, rules: Rules): Promise<RunRecord> {
  const options = { ...place.names, ...consents, erasureKey, ...(await settingsFor(rules)), fromBronze }
  return runErasure(place.client, place.postgresUrl, await findPerson(place.client, person, options), options)
}

/** Bronze of which a person was taken out. */
function without(bronze: State['bronze'], person: string): State['bronze'] {
  return {
    ...bronze,
    customers: bronze.customers.filter(({ customer_id }) => customer_id !== person),
    transactions: bronze.transactions.map((sale) => {
      const { customer_id, ...rest } = sale
      return customer_id === person ? rest : sale
    }),
  }
}

/** Asks why some rows are others than they were, after the run before and after an earlier one. */
async function agree(series: readonly Published[], seed: number): Promise<void> {
  const now = series.at(-1)
  const earlier = [series.length - 2, seed % (series.length - 1)]
  const options = { ...config, ...(await settingsFor(now?.state.rules ?? usual)) }
  for (const [i, from] of [...new Set(earlier)].entries()) {
    const then = series[from]
    if (then === undefined || now === undefined) continue
    const changes = netOf(
      series.slice(from + 1).map(({ changes }) => changes),
      now.state.erased,
    )
    const moments = momentsOf(silverOf(then.state), changes, now.state.rules)
    for (const [j, [subject, table, columns]] of asked.entries()) {
      // Each takes as long as a few runs.
      if ((seed + i + j) % 2 === 0) continue
      const keys = new Set([then.gold, now.gold].flatMap((gold) => gold[table].map((row) => row[keyOf(table)] ?? '')))
      const rows = [...keys].filter((key) => !now.state.erased.has(key))
      const row = rows[(seed + j) % Math.max(rows.length, 1)]
      if (row === undefined) continue
      const column = columns[seed % columns.length] ?? columns[0]
      const name = subject === 'month' ? row.slice(0, 7) : row
      const found = await why(place.client, place.postgresUrl, subject, name, { ...options, column, since: then.run })
      const value = (gold: Tables) => rowIn(gold, table, row)?.[column] ?? null
      expect({ row, column, before: found.before, after: found.after, causes: told(found.causes) }).toEqual({
        ...{ row, column, before: value(then.gold), after: value(now.gold) },
        causes: causesOf(moments, then.gold, table, row, column),
      })
      for (const { cause, documents } of found.causes) {
        for (const { collection, _id } of documents) {
          const known = expect.objectContaining({ collection, cause, ...(_id !== null && { _id }) })
          expect(changes).toContainEqual(known)
        }
      }
    }
  }
}

/** Compares what a plan said with what the last run did. */
async function agreeWithPlan(planned: Plan, series: readonly Published[]): Promise<void> {
  const [then, now] = series.slice(-2)
  if (then === undefined || now === undefined) return
  const counts = collections.map((collection) => {
    const own = now.changes.filter((change) => change.collection === collection)
    const met = causes.map((cause) => [cause, own.filter((change) => change.cause === cause).length])
    return [collection, Object.fromEntries(met.filter(([, count]) => count !== 0))]
  })
  expect(planned.changes).toEqual(Object.fromEntries(counts))
  const moments = momentsOf(silverOf(then.state), now.changes, now.state.rules)
  for (const { table: name, rows, moves } of planned.tables) {
    const table = tables.find((table) => table === name)
    if (table === undefined) continue
    const key = keyOf(table)
    const [before, after] = [then.gold[table], now.gold[table]]
    const [old, next] = [before, after].map((rows) => new Set(rows.map((row) => row[key])))
    const texts = new Set(before.map(impersonal))
    const counted = {
      new: after.filter((row) => !old?.has(row[key])).length,
      gone: before.filter((row) => !next?.has(row[key])).length,
      changed: after.filter((row) => old?.has(row[key]) && !texts.has(impersonal(row))).length,
    }
    expect({ table, rows }).toEqual({ table, rows: counted })
    for (const { row, column, before, after, causes } of moves) {
      const value = (gold: Tables) => rowIn(gold, table, row)?.[column] ?? null
      expect({ row, column, before, after, causes: told(causes) }).toEqual({
        ...{ row, column, before: value(then.gold), after: value(now.gold) },
        causes: causesOf(moments, then.gold, table, row, column),
      })
    }
    const sizes = [...new Set([...(old ?? []), ...(next ?? [])])].map((row) => {
      const value = (gold: Tables) => rowIn(gold, table, row ?? '')?.[moves[0]?.column ?? '']
      return Math.abs(Number(less(value(now.gold), value(then.gold))))
    })
    const largest = sizes.sort((one, other) => other - one).slice(0, moves.length)
    expect(moves.map(({ before, after }) => Math.abs(Number(less(after, before))))).toEqual(largest)
  }
  for (const { title, columns, after } of planned.answers) {
    const question = questionsOf({ ...config, ...(await settingsFor(now.state.rules)) }).find(
      (one) => one.title === title,
    )
    const answered = (await place.gold(question?.sql ?? '')).map((row) => columns.map((name) => row[name] ?? null))
    const plain = (rows: (string | null)[][]) =>
      rows.map((row) => row.map((value, i) => (isPersonal(columns[i] ?? '') ? '' : numeric(value))))
    expect({ title, rows: plain(after) }).toEqual({ title, rows: plain(answered) })
  }
}

const numeric = (value: string | null) =>
  value === null || Number.isNaN(Number(value)) ? value : String(Number(value))
const impersonal = (row: Readonly<Record<string, string | null>>) =>
  JSON.stringify(Object.entries(row).filter(([name]) => !isPersonal(name)))

/** Reads gold as each run left it; who was erased since is nowhere in it. */
async function agreeWithHistory(series: readonly Published[]): Promise<void> {
  const erased = series.at(-1)?.state.erased
  for (const { run, gold } of series) {
    await readGold(place.postgresUrl, place.names.goldSchema, async (query) => {
      await goBack(query, place.names.goldSchema, { run })
      for (const table of tables) {
        const { columns, rows } = await query(`select * from ${table}`)
        const found = rows.map((row) => {
          return Object.fromEntries(
            columns.flatMap(({ name }, i) => (isPersonal(name) ? [] : [[name, numeric(row[i] ?? null)]])),
          )
        })
        const wanted = gold[table].flatMap((row) => {
          if (table === 'customer_metrics' && erased?.has(row['customer_id'] ?? '')) return []
          return [
            Object.fromEntries(
              Object.entries(row).flatMap(([name, value]) => (isPersonal(name) ? [] : [[name, numeric(value)]])),
            ),
          ]
        })
        expect({ run, table, rows: sorted(found) }).toEqual({ run, table, rows: sorted(wanted) })
      }
    })
  }
}

const sorted = (rows: readonly object[]) => rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort()
