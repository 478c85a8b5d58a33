import type { Document } from 'bson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planRun } from '../../src/engines/local/planning.ts'
import { type Config, loadConfig } from '../../src/settings/config.ts'
import type { Plan } from '../../src/trust/why/plan_schema.ts'
import { why } from '../../src/trust/why/why.ts'
import { runPipeline, standard } from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

let place: Place
let config: Config

const settled = new Date('2025-02-03T10:00:00Z')
const sales = [
  { _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'Laptop', amount: 100, timestamp: settled },
  { _id: 2, transaction_id: 'T2', customer_id: 'C1', product: 'Mouse', amount: 20, timestamp: settled },
  {
    _id: 3,
    transaction_id: 'T3',
    customer_id: 'C2',
    product: 'Mouse',
    amount: 30,
    timestamp: settled,
    status: 'Refunded',
  },
]
const customers = [
  { _id: 1, customer_id: 'C1', first_name: 'Ada', country: 'France' },
  { _id: 2, customer_id: 'C2', first_name: 'Bo', country: 'Suisse' },
]
const campaigns = [{ _id: 1, campaign_id: 'K1', budget: 100, spend: 50 }]

beforeAll(async () => {
  place = await openPlace()
  config = { ...(await loadConfig(undefined, settingsOf(place.names))), ...standard, ...place.names }
  await place.load({ customers, transactions: sales, campaigns })
  await run()
})

afterAll(() => place.leave())

const run = (own: Partial<Config> = {}) => runPipeline(place.client, place.postgresUrl, { ...place.names, ...own })

function plan(own: Partial<Config> = {}): Promise<Plan> {
  const nothing = () => undefined
  const hooks = { signal: new AbortController().signal, onProgress: nothing, onStep: nothing }
  return planRun(place.client, place.postgresUrl, { ...config, ...hooks, ...own })
}

/** All that the servers hold of this shop. */
async function everything(): Promise<unknown> {
  const databases = await place.client.db('admin').admin().listDatabases({ nameOnly: true })
  const id = place.names.bronze.replace('bronze_', '')
  const held: Record<string, Document[]> = {}
  for (const database of [place.names.bronze, place.names.silver]) {
    for (const { name } of await place.client.db(database).listCollections({}, { nameOnly: true }).toArray()) {
      held[`${database}.${name}`] = await place.client.db(database).collection(name).find().sort({ _id: 1 }).toArray()
    }
  }
  return {
    databases: databases.databases.flatMap(({ name }) => (name.endsWith(id) ? [name] : [])).sort(),
    // Other tests have erasures there.
    erasures: await place.client
      .db('lingot')
      .collection<{ _id: { bronze: string } }>('erasures')
      .countDocuments({ '_id.bronze': place.names.bronze }),
    held,
    gold: await goldOf(),
  }
}

/** Each table of gold as texts, without what is personal or of the run. */
async function goldOf(): Promise<Record<string, string[]>> {
  const tables = await place.gold(
    `select table_name as name from information_schema.tables where table_schema = '${place.names.goldSchema}' order by 1`,
  )
  const found: Record<string, string[]> = {}
  for (const { name } of tables) {
    if (name === null || name === undefined || name === 'gold_run') continue
    const rows = await place.gold(`select to_jsonb(t) - 'full_name' as row from ${name} as t`)
    found[name] = rows.map(({ row }) => String(row)).sort()
  }
  return found
}

const moveOf = ({ tables }: Plan, name: string, row: string) =>
  tables.find(({ table }) => table === name)?.moves.find((move) => move.row === row)

describe('a plan', () => {
  test('of a bronze that did not change has nothing to tell, and leaves the servers as they were', async () => {
    const before = await everything()
    const planned = await plan()
    expect(await everything()).toEqual(before)
    expect(planned.changes).toEqual({ customers: {}, transactions: {}, campaigns: {} })
    expect(planned.tables.filter(({ rows }) => rows.new + rows.changed + rows.gone > 0)).toEqual([])
    expect(planned.answers.map(({ isChanged, failure }) => [isChanged, failure])).toEqual(
      planned.answers.map(() => [false, undefined]),
    )
    expect(planned.moved).toBe(0)
  })

  test('tells what the run after it publishes', async () => {
    await place.load({
      customers,
      transactions: [
        { ...sales[0], amount: 150 },
        ...sales.slice(2),
        { _id: 4, transaction_id: 'T4', customer_id: 'C2', product: 'Screen', amount: 70, timestamp: settled },
      ],
      campaigns,
    })
    const planned = await plan()
    expect(planned.changes['transactions']).toEqual({ corrected: 1, deleted: 1, late: 1 })
    const before = await goldOf()
    await run()
    const after = await goldOf()
    for (const { table, rows } of planned.tables) {
      const gone = (before[table] ?? []).filter((row) => !after[table]?.includes(row)).length
      const come = (after[table] ?? []).filter((row) => !before[table]?.includes(row)).length
      expect([table, rows.gone + rows.changed, rows.new + rows.changed]).toEqual([table, gone, come])
    }
    expect(moveOf(planned, 'monthly_revenue', '2025-02-01')).toEqual({
      row: '2025-02-01',
      column: 'total_revenue',
      before: '150.00',
      after: '250.00',
      causes: [
        { cause: 'late', amount: '70.00' },
        { cause: 'corrected', amount: '50.00' },
        { cause: 'deleted', amount: '-20.00' },
      ],
    })
    const told = await why(place.client, place.postgresUrl, 'month', '2025-02', { ...config, column: 'total_revenue' })
    expect(told.causes.map(({ cause, amount }) => ({ cause, amount }))).toEqual(
      moveOf(planned, 'monthly_revenue', '2025-02-01')?.causes,
    )
    expect(planned.moved).toBeCloseTo((100 / 150) * 100)
  })

  test('tells what a setting moves from what the data moves', async () => {
    const planned = await plan({ leaveOut: ['Refunded'] })
    expect(planned.changes['transactions']).toEqual({})
    expect(planned.models).toEqual(['revenue.leaveOut, timeZone or collections.customers'])
    expect(moveOf(planned, 'monthly_revenue', '2025-02-01')).toMatchObject({
      before: '250.00',
      after: '220.00',
      causes: [{ cause: 'model', amount: '-30.00' }],
    })
  })

  test('tells which rule of a contract moves what', async () => {
    const contracts = config.contracts.map((contract) =>
      contract.collection === 'transactions'
        ? { ...contract, leaveOut: [{ field: ['product'], is: ['Screen'] }] }
        : contract,
    )
    const planned = await plan({ contracts })
    expect(planned.changes['transactions']).toEqual({ rule: 1 })
    expect(planned.rules).toEqual({ transactions: ['contract of transactions'] })
    expect(moveOf(planned, 'monthly_revenue', '2025-02-01')?.causes).toEqual([{ cause: 'rule', amount: '-70.00' }])
  })
})
