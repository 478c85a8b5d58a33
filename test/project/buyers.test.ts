import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { configOf, loadConfig } from '../../src/settings/config.ts'
import type { Explanation } from '../../src/trust/explain/explanation_schema.ts'
import { runPipeline } from '../run.ts'
import { settingsOf } from '../trust/place.ts'
import { ask } from '../web/http.ts'
import { serve } from '../web/place.ts'
import { openShop, type Row, type Shop } from './shop.ts'

/*
 * A shop of which no collection has the customers: whoever bought is one.
 */

const CONFIG = {
  collections: {
    customers: 'buyers',
    campaigns: false,
    transactions: { fields: { order_id: 'order' } },
    redemptions: {
      key: null,
      fields: {
        household: { kind: 'id', personal: false, meaning: 'Who redeemed.', refers: 'customers' },
        coupon: { kind: 'label', personal: false, meaning: 'The coupon.' },
      },
    },
  },
}
const MODEL = {
  'models/coupon_months.sql': `-- One row per coupon and month: sales of those who redeemed it.
select
    redemptions.coupon,
    cast(date_trunc('month', transactions.timestamp) as date) as month,
    count(*) as sales,
    min(customers.country) as country
from redemptions
inner join customers on customers.customer_id = redemptions.household
inner join transactions on transactions.customer_id = redemptions.household
group by all
`,
  'models/coupon_months.yml': `description: Sales by coupon and month.
key: [coupon, month]
from: { month: transactions.timestamp }
reads:
  redemptions: [household, coupon]
  customers: [customer_id, country]
  transactions: [customer_id, timestamp]
columns:
  coupon: The coupon.
  month: Month of the sales.
  sales: Number of sales.
  country: Country of the customers.
`,
}
const at = (day: string) => new Date(`${day}T12:00:00Z`)
const transactions = [
  {
    _id: 1,
    transaction_id: 'T1',
    order: 'O1',
    customer_id: 'C1',
    product: 'Lamp',
    amount: 10,
    timestamp: at('2025-01-03'),
  },
  {
    _id: 2,
    transaction_id: 'T2',
    order: 'O1',
    customer_id: 'C1',
    product: 'Desk',
    amount: 20.5,
    timestamp: at('2025-01-03'),
  },
  {
    _id: 3,
    transaction_id: 'T3',
    order: 'O2',
    customer_id: 'C2',
    product: 'Lamp',
    amount: 5,
    timestamp: at('2025-02-01'),
  },
  { _id: 4, transaction_id: 'T4', order: 'O3', product: 'Lamp', amount: 7, timestamp: at('2025-02-02') },
]
const redemptions = [
  { _id: 1, household: 'C1', coupon: 'TEN' },
  { _id: 2, household: 'C9', coupon: 'TEN' },
]

let shop: Shop
let said: string

beforeAll(async () => {
  shop = await openShop({ ...MODEL, 'lingot.config.json': JSON.stringify(CONFIG) })
  await shop.place.client.db(shop.place.names.bronze).dropDatabase()
  await shop.place.load({ transactions, redemptions })
  said = await shop.output('run')
})
afterAll(() => shop.place.leave())

const best = () =>
  shop.place.gold('select customer_id, full_name, country, total_spent from customer_metrics order by 1')
const everybody = [
  { customer_id: 'C1', full_name: 'Unknown', country: 'Unknown', total_spent: '30.50' },
  { customer_id: 'C2', full_name: 'Unknown', country: 'Unknown', total_spent: '5.00' },
]

test('is answered for all who bought, and says what is not known of them', async () => {
  expect(await best()).toEqual(everybody)
  expect(said).toContain('Without fields of customers there is no country_statistics')
  expect(said).toContain('The sales are of 3 orders')
  const [first] = (await shop.json('ask', '1')) as { rows: Row[] }[]
  expect(first?.rows.map((row) => row['customer_id'])).toEqual(['C1', 'C2', null, null, null])
  const strangers = await shop.place.gold(
    "select transactions from reconciliation where part = 'customer not in customers' and gold_table = 'customer_metrics'",
  )
  expect(strangers).toEqual([{ transactions: '0' }])
  expect(await shop.output('report')).toContain('The sales are of 3 orders')
  expect(await shop.output('ask', '1')).toContain('An order may be several transactions.')
})

test('is made in buckets as well', async () => {
  const config = await loadConfig(shop.folder, settingsOf(shop.place.names))
  const portions = { ...config.portions, buckets: 3 }
  await runPipeline(shop.place.client, shop.place.postgresUrl, { ...config, ...shop.place.names, portions })
  expect(await best()).toEqual(everybody)
  expect(await shop.place.gold('select coupon, sales, country from coupon_months')).toEqual([
    { coupon: 'TEN', sales: '2', country: 'Unknown' },
  ])
})

test('references to customers are held against the buyers', async () => {
  const checks = await shop.json('check')
  expect(checks.find(({ name }) => name === 'refers to customers')).toMatchObject({
    subject: 'redemptions.household',
    passed: false,
    detail: '1 of 2 find none there (50.0 %)',
  })
})

test('a buyer is explained by their sales', async () => {
  const { row, silver } = await shop.json<Explanation>('explain', 'customer', 'C1')
  expect(row.every(({ agrees }) => agrees)).toBe(true)
  expect(row.find(({ column }) => column === 'customer_id')).toMatchObject({ workedOut: 'C1' })
  expect(silver.map(({ collection, documents }) => [collection, documents])).toEqual([['transactions', 2]])
})

test('records that a key leads to by a part of it alone are not said to be behind the row', async () => {
  const { silver } = await shop.json<Explanation>('explain', 'coupon_months', 'TEN', '2025-01')
  expect(silver.map(({ collection, apart }) => [collection, apart])).toEqual([
    ['transactions', ['coupon']],
    ['redemptions', ['month']],
  ])
  const text = await shop.output('explain', 'coupon_months', 'TEN', '2025-01')
  expect(text).not.toContain('✔')
  expect(text.replace(/\s+/g, ' ')).toContain('The records of redemptions below are found without month')
})

test('a model that no run made yet is told as that', async () => {
  const named = (text: string) => text.replaceAll('coupon_months', 'coupon_days')
  shop.write(Object.fromEntries(Object.entries(MODEL).map(([name, text]) => [named(name), named(text)])))
  expect(await shop.lingot(['explain', 'coupon_days', 'TEN', '2025-01'])).toMatchObject({
    code: 7,
    stderr:
      'No gold of coupon_days was published yet.\n→ Make it with `lingot aggregate --only coupon_days`, or all of gold with `lingot run`.\n',
  })
})

test('the dashboard leaves out what is of countries, and counts tables of its own that are there', async () => {
  const config = await loadConfig(shop.folder, settingsOf(shop.place.names))
  const { port, close } = await serve(shop.place, { config })
  try {
    expect((await ask(port, '/api/choices')).json()).toMatchObject({ empty: ['campaigns', 'countries'] })
    for (const page of ['overview', 'customers', 'products']) {
      expect((await ask(port, `/api/pages/${page}`)).status).toBe(200)
    }
    const { figures } = (await ask(port, '/api/pages/trust')).json() as { figures: { tables: { rows: string[][] } } }
    const names = figures.tables.rows.map(([name]) => name)
    expect(names).toContain('coupon_months')
    expect(names).not.toContain('coupon_days')
    expect((await ask(port, '/api/trust')).status).toBe(200)
  } finally {
    await close()
  }
})

test('the data dictionary says who the customers are', async () => {
  await shop.output('docs')
  const dictionary = readFileSync(join(shop.folder, 'data-dictionary.md'), 'utf8')
  expect(dictionary).toContain('No collection of silver: whoever bought is a customer.')
})

test('who is erased is a customer no more, and nothing personal is left', async () => {
  const env = { LINGOT_ERASURE_KEY: 'a key of some length that nobody knows but this test' }
  const said = async (...args: string[]) => {
    const { code, stdout, stderr } = await shop.lingot(args, env)
    expect({ code, stderr }).toMatchObject({ code: 0 })
    return stdout
  }
  expect(await said('erase', 'C1', '--yes', '--bronze')).toContain('0 customers removed, 2 sales kept without')
  expect(await best()).toEqual(everybody.slice(1))
  await said('run')
  expect(await best()).toEqual(everybody.slice(1))
  await said('privacy')
})

test('is refused where nobody is known', async () => {
  const collections = { customers: 'buyers', transactions: { fields: { customer_id: null } } }
  const read = (value: object) => configOf({ file: 'lingot.config.json', value }, {})
  await expect(read({ collections })).rejects.toThrow(
    'collections.customers: cannot be the buyers: transactions.fields.customer_id is null, so nobody is known',
  )
  await expect(read({ collections: { customers: 'buyer' } })).rejects.toThrow(
    "collections.customers: must be an object, or 'buyers' or false where the shop has none",
  )
})
