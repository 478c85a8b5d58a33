import { hash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lingot } from '../commands/lingot.ts'
import { openPlace, type Place } from '../trust/place.ts'

let place: Place

/** A text as long as it may be, in UTF-16, of characters that no index makes smaller. */
function longLabel(seed: string, first: number): string {
  const codes = Array.from({ length: first < 0x10000 ? 500 : 250 }, (_, i) =>
    Number.parseInt(hash('md5', `${seed} ${i}`).slice(0, 4), 16),
  )
  return codes.map((code) => String.fromCodePoint(first + (code % 5000))).join('')
}

/** Three bytes a character, and four. */
const wide = {
  product: longLabel('product', 0x4e00),
  country: longLabel('country', 0x4e00),
  city: longLabel('x', 0x4e00),
}
const widest = { product: longLabel('product', 0x20000), country: longLabel('country', 0x20000) }

const SALES = 10_001

beforeAll(async () => {
  place = await openPlace()
  const timestamp = new Date('2024-03-05T00:00:00Z')
  const sales = (from: number, count: number, sale: object) =>
    Array.from({ length: count }, (_, i) => ({ _id: from + i, transaction_id: `T${from + i}`, timestamp, ...sale }))
  await place.load({
    customers: [
      { _id: 1, customer_id: 'C1', country: 'France' },
      { _id: 2, customer_id: 'C2', country: 'France' },
      { _id: 3, customer_id: 'C3', country: wide.country, city: wide.city },
      { _id: 4, customer_id: 'C4', country: widest.country },
      { _id: 5, customer_id: longLabel('id', 0x4e00), country: 'France' },
    ],
    transactions: [
      ...sales(0, SALES, { customer_id: 'C1', product: 'Palace', amount: 1e12, shipping_cost: 1e12 }),
      ...sales(20_000, SALES, { customer_id: 'C2', product: 'Refund', amount: -1e12 }),
      ...sales(40_000, 1, { customer_id: 'C3', product: wide.product, amount: 0.01 }),
      ...sales(40_001, 1, { customer_id: 'C4', product: widest.product, amount: 0.01 }),
      ...sales(40_002, 1, { customer_id: longLabel('id', 0x4e00), product: 'Palace', amount: 0.01 }),
    ],
    campaigns: Array.from({ length: 20_001 }, (_, i) => ({
      _id: i,
      campaign_id: 'K',
      target_audience: `Group ${i}`,
      campaign_name: widest.product,
      budget: 1e12,
      spend: 1e12,
      impressions: 1e12,
      clicks: 1e12,
      conversions: 1e12,
    })),
  })
})

afterAll(() => place.leave())

test('values as large and labels as long as they may be make gold, to the cent', async () => {
  expect(await lingot(place.names, ['run', '--json'])).toMatchObject({ status: 0 })
  expect(await place.gold('select total_revenue, avg_price, total_sales from product_performance order by 1')).toEqual([
    { total_revenue: '-10001000000000000.00', avg_price: '-1000000000000.00', total_sales: '10001' },
    { total_revenue: '0.01', avg_price: '0.01', total_sales: '1' },
    { total_revenue: '0.01', avg_price: '0.01', total_sales: '1' },
    { total_revenue: '20002000000000000.01', avg_price: '999900019996.00', total_sales: '10002' },
  ])
  expect(await place.gold('select total_spent, avg_transaction_amount from customer_metrics order by 1')).toEqual([
    { total_spent: '-10001000000000000.00', avg_transaction_amount: '-1000000000000.00' },
    { total_spent: '0.01', avg_transaction_amount: '0.01' },
    { total_spent: '0.01', avg_transaction_amount: '0.01' },
    { total_spent: '0.01', avg_transaction_amount: '0.01' },
    { total_spent: '20002000000000000.00', avg_transaction_amount: '2000000000000.00' },
  ])
  expect(
    await place.gold('select sum(customers) as customers, sum(revenue) as revenue from customer_distribution'),
  ).toEqual([{ customers: '5', revenue: '10001000000000000.03' }])
  expect(await place.gold('select total_budget, total_spend from campaign_spending')).toEqual([
    { total_budget: '20001000000000000.00', total_spend: '20001000000000000.00' },
  ])
  const rates = 'avg_ctr, avg_conversion_rate, avg_cpc, avg_cpa, roi'
  expect(await place.gold(`select total_clicks, total_conversions, ${rates} from campaign_performance`)).toEqual([
    {
      total_clicks: '20001000000000000',
      total_conversions: '20001000000000000',
      avg_ctr: '100.000000',
      avg_conversion_rate: '100.000000',
      avg_cpc: '1.000000',
      avg_cpa: '1.000000',
      roi: '0.000000',
    },
  ])
})

test('money is NUMERIC(38, 2) in every table, conversions have a scale of their own, and every row has a key of its own', async () => {
  const columns = await place.gold(
    `select distinct format_type(atttypid, atttypmod) as type
     from pg_attribute join pg_class c on c.oid = attrelid
     where relnamespace = current_schema::regnamespace and relkind = 'r' and atttypid = 'numeric'::regtype
     order by 1`,
  )
  expect(columns).toEqual(['numeric', 'numeric(38,2)', 'numeric(38,6)'].map((type) => ({ type })))
  const keyed = await place.gold(
    `select relname as table, contype as kind from pg_class c left join pg_constraint on conrelid = c.oid and contype in ('p', 'x')
     where relnamespace = current_schema::regnamespace and relkind = 'r' order by 1`,
  )
  const of = (kind: string | null) => keyed.filter((row) => row['kind'] === kind).map((row) => row['table'])
  expect(of(null)).toEqual([])
  expect(of('x')).toEqual([
    'country_sales',
    'customer_activity',
    'customer_cohorts',
    'daily_sales',
    'monthly_sales',
    'product_activity',
    'reconciliation',
    'spanning_orders',
  ])
  for (const table of ['monthly_sales', 'product_activity', 'reconciliation']) {
    const again = place.gold(`insert into ${table} select * from ${table} limit 1`)
    await expect(again).rejects.toMatchObject({ code: '23P01' })
  }
})

test('a second run gives the same', async () => {
  const rows = () =>
    place.gold('select md5(string_agg(m::text, $$ $$ order by m::text)) as rows from monthly_sales as m')
  const before = await rows()
  expect(await lingot(place.names, ['aggregate'])).toMatchObject({ status: 0 })
  expect(await rows()).toEqual(before)
})

test.each([
  [['ask', '2', '--json'], '20002000000000000.01'],
  [['ask', '2'], '20,002,000,000,000,000.01'],
  [['ask', '2', '--csv'], '20002000000000000.01'],
  [['report', '--json'], '"10001000000000000.03"'],
  [['explain', 'product', 'Palace'], '20,002,000,000,000,000.01'],
  [['explain', 'customer', 'C1', '--json'], '20002000000000000.00'],
  [['check', '--json'], ''],
])('`lingot %j` rounds nothing: %s', async (args, shown) => {
  const { status, stdout, stderr } = await lingot(place.names, args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) })
  expect(stdout).toContain(shown)
})
