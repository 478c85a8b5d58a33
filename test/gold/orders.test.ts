import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnsOf } from '../../src/contracts/contract.ts'
import { inOrder, neededModels } from '../../src/gold/models.ts'
import { openWarehouse } from '../../src/gold/warehouse.ts'
import { type Config, configOf } from '../../src/settings/config.ts'
import { portions } from '../../src/system/portions.ts'
import { runs } from '../garbage/seed.ts'
import { differences } from '../oracle/compare.ts'
import type { Row } from '../oracle/documents.ts'
import { expectedGold, KEYS } from '../oracle/gold.ts'

const withOrders = await configOf(
  { file: 'lingot.config.json', value: { collections: { transactions: { fields: { order_id: 'order' } } } } },
  {},
)
const without = await configOf(undefined, {})

/** What counts orders, and what of the brief's counts transactions beside it. */
const tables = [
  ...(['monthly_sales', 'country_sales', 'spanning_orders', 'customer_activity', 'product_activity'] as const),
  ...(['customer_cohorts', 'customer_segments', 'customer_distribution'] as const),
  ...(['customer_metrics', 'product_performance', 'monthly_revenue', 'country_statistics'] as const),
]

interface Sale {
  order: string | null
  customer: string | null
  /** Of 2025, from 1; null is no date. */
  month: number | null
  product: string
  total: number | null
}

/** Few of each, so that orders are of several lines, months, customers, countries and products. */
const sale = fc.record<Sale>({
  order: fc.constantFrom(null, 'O1', 'O2', 'O3', 'O4', 'O5'),
  customer: fc.constantFrom(null, 'C0', 'C1', 'C2', 'C3', 'nobody known'),
  month: fc.constantFrom(null, 1, 2, 3, 4),
  product: fc.constantFrom('P', 'Q', 'Unknown'),
  total: fc.option(fc.integer({ min: -500, max: 5000 }).map((cents) => cents / 100)),
})

/** Silver as its documents are. */
function silverOf(sales: readonly Sale[], hasOrders: boolean) {
  return {
    customers: ['France', 'France', 'Suisse', 'Unknown'].map((country, i) => ({
      ...{ customer_id: `C${i}`, full_name: `Customer ${i}`, country, city: 'Unknown', marketing_consent: false },
    })),
    transactions: sales.map(({ order, customer, month, product, total }) => ({
      customer_id: customer,
      product,
      status: 'Completed',
      timestamp: month === null ? null : new Date(Date.UTC(2025, month - 1, 15)),
      amount: total,
      total_amount: total,
      ...(hasOrders && { order_id: order }),
    })),
    campaigns: [],
  }
}

/** Gold's tables, each value as a text. */
async function madeOf(
  silver: ReturnType<typeof silverOf>,
  { contracts, project }: Config,
  buckets: number,
): Promise<Record<string, Row[]>> {
  const warehouse = await openWarehouse({
    ...{ contracts, models: neededModels({ project }), leaveOut: [], limits: { threads: 1, memoryMb: 96 } },
    portions: { ...portions, buckets },
  })
  try {
    for (const contract of contracts) {
      const empty = Object.fromEntries(columnsOf(contract).map(([name]) => [name, null]))
      const documents: readonly object[] = silver[contract.collection as keyof typeof silver]
      for (const document of documents) warehouse.feeds[contract.collection]?.add({ ...empty, ...document })
      await warehouse.end(contract.collection)
    }
    const made: Record<string, Row[]> = {}
    for (const model of inOrder(warehouse.models)) {
      const { columns } = await warehouse.build(model)
      const texts = columns.map(({ name }) => `cast("${name}" as varchar) as "${name}"`)
      made[model.name] = (await warehouse.query(`select ${texts.join(', ')} from "${model.name}"`)) as Row[]
    }
    return made
  } finally {
    warehouse.close()
  }
}

function differencesOf(sales: readonly Sale[], made: Readonly<Record<string, Row[]>>, hasOrders: boolean): string[] {
  const expected = expectedGold(silverOf(sales, hasOrders))
  return tables.flatMap((table) =>
    differences(expected[table], made[table] ?? [], KEYS[table]).map((line) => `${table}: ${line}`),
  )
}

const at = (order: string | null, customer: string | null, month: number | null, product = 'P', total = 1): Sale => ({
  ...{ order, customer, month, product, total },
})

test.each<[string, Sale[]]>([
  ['several lines', [at('O1', 'C0', 1), at('O1', 'C0', 1), at('O1', 'C0', 1, 'Q'), at('O2', 'C0', 1)]],
  ['several months', [at('O1', 'C0', 1), at('O1', 'C0', 2), at('O1', 'C0', 4), at('O2', 'C0', 4), at(null, 'C0', 4)]],
  ['several customers of one country', [at('O1', 'C0', 1), at('O1', 'C1', 1), at('O1', 'C1', 2)]],
  ['several countries', [at('O1', 'C0', 1), at('O1', 'C2', 1), at('O1', 'C3', 3), at('O1', 'nobody known', 3)]],
  [
    'nobody, who are in any bucket',
    Array.from({ length: 20 }, (_, i) => at(`O${i % 3}`, null, i % 2 === 0 ? null : 1)),
  ],
  ['none of them with an id', [at(null, 'C0', 1), at(null, 'C0', 1), at(null, null, 1)]],
])('an order of %s counts once, in one bucket and in many', async (_, sales) => {
  for (const buckets of [1, 3, 50]) {
    expect(differencesOf(sales, await madeOf(silverOf(sales, true), withOrders, buckets), true)).toEqual([])
  }
})

test('any orders count as in plain loops over silver', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sale, { maxLength: 60 }), fc.constantFrom(1, 4), async (sales, buckets) => {
      expect(differencesOf(sales, await madeOf(silverOf(sales, true), withOrders, buckets), true)).toEqual([])
    }),
    runs(12),
  )
})

test('where settings name none, every transaction is an order, and the rest is the same', async () => {
  const sales = fc.sample(sale, { numRuns: 200, seed: 7 })
  const made = await madeOf(silverOf(sales, false), without, 1)
  expect(differencesOf(sales, made, false)).toEqual([])
  expect(made['spanning_orders']).toEqual([])
  for (const { orders, transactions, orders_with_amount, amounts_known } of made['monthly_sales'] ?? []) {
    expect([orders, orders_with_amount]).toEqual([transactions, amounts_known])
  }
  const alone = sales.map((one) => ({ ...one, order: null }))
  expect(differencesOf(sales, await madeOf(silverOf(alone, true), withOrders, 4), false)).toEqual([])
})
