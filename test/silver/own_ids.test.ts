import type { Document } from 'bson'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

let place: Place

beforeAll(async () => {
  place = await openPlace()
})

afterAll(() => place.leave())

const customers = [
  { _id: 1, customer_id: 'C1', country: 'France' },
  { _id: 2, customer_id: 'C2', country: 'Suisse' },
]
const orders = [
  {
    _id: 1,
    order_id: 'O1',
    customer: { id: 'C1' },
    items: [
      { sku: 'Laptop', price: 1000 },
      { sku: 'Mouse', price: 20 },
      { sku: 'Mouse', price: 20 },
    ],
  },
  { _id: 2, order_id: 'O2', customer: { id: 'C2' }, items: [{ sku: 'Tablet', price: 300 }] },
]
const sale = {
  transaction_id: '$order_id',
  customer_id: '$customer.id',
  product: '$items.sku',
  amount: '$items.price',
}
const unwind = { $unwind: { path: '$items', includeArrayIndex: 'n' } }

const view = (name: string, on: string, pipeline: Document[]) => () =>
  place.client.db(place.names.bronze).createCollection(name, { viewOn: on, pipeline })

async function timeSeries(): Promise<void> {
  const timeseries = { timeField: 'timestamp', metaField: 'customer_id' }
  const sales = await place.client.db(place.names.bronze).createCollection('transactions', { timeseries })
  for (const month of ['03', '04']) {
    const timestamp = new Date(`2024-${month}-05T10:00:00Z`)
    await sales.insertOne({ _id: 1 as never, transaction_id: `T${month}`, customer_id: 'C1', amount: 100, timestamp })
  }
}

/** A shop whose gold is in place, and then the same with another source. */
beforeEach(async () => {
  await place.load({ customers, transactions: [{ _id: 1, transaction_id: 'T', customer_id: 'C1', amount: 5 }] })
  await runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true })
  await place.load({ customers, orders, people: [{ first_name: 'A' }, { first_name: 'B', tags: [1, 2] }] })
})

const sales = (gives: string) =>
  new RegExp(`^bronze_\\w+\\.transactions \\(${gives}, and silver needs one for each; nothing was changed\\.$`)
const people = (gives: string) =>
  new RegExp(`^bronze_\\w+\\.customers \\(${gives}, and silver needs one for each; nothing was changed\\.$`)

test.each([
  {
    source: 'a view that repeats the _id for each element of a list',
    make: view('transactions', 'orders', [unwind, { $project: sale }]),
    message: sales('a view\\) gives several documents with one _id'),
    next: /\{ \$set: \{ _id: \{ document: "\$_id", element: "\$n" \} \} \}/,
  },
  {
    source: 'a view that leaves _id out',
    make: view('transactions', 'orders', [unwind, { $project: { ...sale, _id: 0 } }]),
    message: sales('a view\\) gives documents without an _id'),
    next: /keep _id in its \$project/,
  },
  {
    source: 'a time series that holds an _id twice',
    make: timeSeries,
    message: sales('a time series\\) gives several documents with one _id'),
    next: /createView\("transactions_view", "transactions", \[\{ \$set: \{ _id: \{ id: "\$_id", at: "\$timestamp" \} \} \}\]\)/,
  },
  {
    source: 'a view of customers without ids, that leaves _id out',
    make: async () => {
      await place.client.db(place.names.bronze).dropCollection('customers')
      await view('customers', 'people', [{ $project: { _id: 0 } }])()
    },
    message: people('a view\\) gives documents without an _id'),
    next: /keep _id in its \$project/,
  },
  {
    source: 'a view of customers without ids, that repeats the _id',
    make: async () => {
      await place.client.db(place.names.bronze).dropCollection('customers')
      await view('customers', 'people', [{ $unwind: '$tags' }])()
    },
    message: people('a view\\) gives several documents with one _id'),
    next: /\$unwind/,
  },
])('$source ends the run before anything in place changes', async ({ make, message, next }) => {
  await make()
  const before = await place.gold('select run from gold_run')
  const silver = await place.client.db(place.names.silver).collection('transactions').find().toArray()
  await expect(runPipeline(place.client, place.postgresUrl, place.names)).rejects.toMatchObject({
    kind: 'bronze',
    message: expect.stringMatching(message),
    next: expect.stringMatching(next),
  })
  expect(await place.gold('select run from gold_run')).toEqual(before)
  expect(await place.client.db(place.names.silver).collection('transactions').find().toArray()).toEqual(silver)
})

test.each([
  {
    source: 'a view that makes an _id of document and element: equal lines are one sale',
    pipeline: [unwind, { $project: { _id: { o: '$_id', n: '$n' }, ...sale } }],
    gold: [
      { product: 'Laptop', total_sales: '1', total_revenue: '1000.00' },
      { product: 'Mouse', total_sales: '1', total_revenue: '20.00' },
      { product: 'Tablet', total_sales: '1', total_revenue: '300.00' },
    ],
  },
  {
    source: 'a view that keeps one document for each order',
    pipeline: [{ $set: { ...sale, product: { $first: '$items.sku' }, amount: { $sum: '$items.price' } } }],
    gold: [
      { product: 'Laptop', total_sales: '1', total_revenue: '1040.00' },
      { product: 'Tablet', total_sales: '1', total_revenue: '300.00' },
    ],
  },
])('$source', async ({ pipeline, gold }) => {
  await view('transactions', 'orders', pipeline)()
  await runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true })
  expect(
    await place.gold('select product, total_sales, total_revenue from product_performance order by product'),
  ).toEqual(gold)
})
