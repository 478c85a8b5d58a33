import { type Document, Double } from 'bson'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { draft } from '../../src/init/look.ts'
import { configOf } from '../../src/settings/config.ts'
import { readReport, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

/*
 * Exports of whole shops, as they come, and the rows of gold that the rules make of them.
 */

let place: Place

beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.leave())

/** Makes both layers anew, and gives what the report tells of a collection. */
async function run(bronze: Readonly<Record<string, readonly Document[]>>, value: object = {}) {
  await place.client.db(place.names.silver).dropDatabase()
  await place.load(bronze)
  const config = await configOf({ file: 'lingot.config.json', value }, {})
  await runPipeline(place.client, place.postgresUrl, { ...config, ...place.names, acceptShrink: true })
  const { silver } = await readReport(place.client.db(place.names.silver), config)
  return (name: string) => silver?.collections.find(({ collection }) => collection === name)
}

const rows = async (sql: string) => (await place.gold(sql)).map((row) => Object.values(row))

test('charges of Stripe: minor units, seconds, countries by code, currencies and statuses of its own', async () => {
  const charge = { customer_id: 'cus_1', product: 'T-Shirt', timestamp: 1709632800, status: 'succeeded' }
  const bronze = {
    customers: [{ _id: 1, customer_id: 'cus_1', email: 'jean@email.com', country: 'FR' }],
    transactions: [
      { _id: 1, transaction_id: 'ch_1', ...charge, amount: 2000, currency: 'eur', refunded: true },
      { _id: 2, transaction_id: 'ch_2', ...charge, amount: 500, currency: 'jpy' },
      { _id: 3, transaction_id: 'ch_3', ...charge, amount: 2000, currency: 'eur', status: 'failed', livemode: false },
    ],
  }
  const months = 'select month, total_revenue, total_transactions from monthly_revenue'
  const countries = 'select country, total_customers, total_revenue from country_statistics'
  const statuses = "select part, revenue from reconciliation where gold_table = 'by status' order by 1"

  const plain = await run(bronze)
  expect(plain('transactions')?.suspicious).toEqual([{ what: 'several currencies', count: 1, examples: [2] }])
  expect(await rows(months)).toEqual([['2024-03-01', '4500.00', '3']])
  expect(await rows(statuses)).toEqual([
    ['failed', '2000.00'],
    ['succeeded', '2500.00'],
  ])

  const told = await run(bronze, {
    collections: {
      transactions: {
        fields: { amount: { scale: 0.01 } },
        leaveOut: [
          { field: 'livemode', is: false },
          { field: 'refunded', is: true },
          { field: 'status', is: 'Failed' },
        ],
      },
    },
  })
  expect(told('transactions')).toMatchObject({ bronze: 3, silver: 1, leftOut: 2, addsUp: true, suspicious: [] })
  expect(await rows(months)).toEqual([['2024-03-01', '5.00', '1']])
  expect(await rows(countries)).toEqual([['France', '1', '5.00']])
})

test('insights of Meta: ids too long for a double, lists for counts, a zone without a colon', async () => {
  const of = await run({
    campaigns: [
      {
        _id: 1,
        campaign_id: '23850000000000123',
        campaign_name: 'Été – Promo 20%',
        campaign_type: 'OUTCOME_SALES',
        budget: 'Using ad set budget',
        spend: '1 234,56',
        impressions: '12345',
        clicks: 321,
        conversions: [{ action_type: 'purchase', value: '12' }],
        start_date: '2024-01-05T00:00:00-0800',
      },
      { _id: 2, campaign_id: new Double(23_850_000_000_000_124), budget: 5, spend: 1 },
      { _id: 3, campaign_id: '2.3850E+16', campaign_name: 'Excel', budget: 5, spend: 1 },
    ],
  })
  expect(of('campaigns')).toMatchObject({ bronze: 3, silver: 2, reasons: { 'no id': 1 }, addsUp: true })
  expect(await rows('select * from campaign_performance order by campaign_id')).toEqual([
    ['2.3850E+16', 'Excel', 'Unknown', null, null, null, null, null, null, null, '80.000000', 'Unknown'],
    [
      ...['23850000000000123', 'Été – Promo 20%', 'OUTCOME_SALES', '12345', '321', null],
      ...['2.600243', null, '3.845981', null, null, 'Unknown'],
    ],
  ])
  const silver = place.client.db(place.names.silver).collection('campaigns')
  expect((await silver.findOne({ _id: 1 as never }))?.['start_date']).toEqual(new Date('2024-01-05T08:00:00Z'))
})

test('customers without an id, and guests who share one', async () => {
  const customers = ['', ' ', null, [], {}, true, 0, '0', new Double(-0)].map((customer_id, i) => {
    return { _id: i + 1, customer_id, city: `${i + 1}` }
  })
  const silver = () => place.client.db(place.names.silver).collection('customers').find().toArray()
  const plain = await run({ customers })
  expect(plain('customers')).toMatchObject({ silver: 1, reasons: { 'no id': 6, superseded: 2 }, addsUp: true })
  expect(await silver()).toMatchObject([{ _id: 9, customer_id: '0', city: '9' }])
  const guests = { collections: { customers: { fields: { customer_id: { missing: [0] } } } } }
  expect((await run({ customers }, guests))('customers')).toMatchObject({ silver: 0, reasons: { 'no id': 9 } })
})

test('headings with blanks and of any case are found, and read as they are', async () => {
  const bronze = {
    customers: [{ _id: 1, Customer_ID: 'C1', ' first_name': 'A', 'country ': 'France', 'E-mail': 'a@b.fr' }],
    transactions: [{ _id: 1, 'Transaction ID': 'T1', 'Customer ID': 'C1', 'Amount ': '5' }],
  }
  await place.load(bronze)
  const { matches } = await draft(place.client, place.names.bronze)
  const collections = Object.fromEntries(
    matches.map(({ contract, fields }) => {
      const read = fields.filter(({ doubt }) => doubt === undefined).map(({ field, source }) => [field, source?.name])
      return [contract.collection, { fields: Object.fromEntries(read) }]
    }),
  )
  await run(bronze, { collections })
  expect(await rows('select customer_id, full_name, country, total_spent from customer_metrics')).toEqual([
    ['C1', 'A', 'France', '5.00'],
  ])
})
