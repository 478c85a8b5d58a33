import { createSecretKey } from 'node:crypto'
import { Decimal128, type Document, ObjectId } from 'bson'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { describeReport } from '../../src/commands/report.ts'
import { describeRun } from '../../src/commands/run_result.ts'
import { toldRun } from '../../src/library/told_run.ts'
import { readKnown } from '../../src/privacy/bronze.ts'
import { searchSilver } from '../../src/privacy/search.ts'
import type { RunRecord } from '../../src/runs/record.ts'
import { configOf } from '../../src/settings/config.ts'
import { portions } from '../../src/system/portions.ts'
import { dataDictionary } from '../../src/trust/dictionary.ts'
import {
  findPerson,
  readQuarantine,
  readReport,
  runAggregator,
  runChecks,
  runErasure,
  runPipeline,
  runProcessor,
} from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

/*
 * Shops with collections of their own, and shops that do without customers or campaigns.
 */

let place: Place

beforeAll(async () => {
  place = await openPlace()
})
afterEach(async () => {
  await place.client.db(place.names.silver).dropDatabase()
  await place.gold(`drop schema if exists ${place.names.goldSchema} cascade`)
  await place.client.db('lingot').collection('erasures').deleteMany({ '_id.bronze': place.names.bronze })
})
afterAll(() => place.leave())

const erasureKey = createSecretKey('the key of the erasures of these tests', 'utf8')

async function optionsOf(settings: object) {
  const config = await configOf({ file: 'lingot.config.json', value: settings }, {})
  return { ...config, ...place.names, erasureKey, acceptShrink: true, mongodbUri: inject('mongodbUri') }
}
type Options = Awaited<ReturnType<typeof optionsOf>>

async function run(bronze: Readonly<Record<string, readonly Document[]>>, settings: object, more: object = {}) {
  await place.load(bronze)
  const options = await optionsOf(settings)
  return { options, record: await runPipeline(place.client, place.postgresUrl, { ...options, ...more }) }
}

const silver = () => place.client.db(place.names.silver)
const stored = (collection: string) => silver().collection(collection).find().sort({ _id: 1 }).toArray()
const bronzeOf = (collection: string) =>
  place.client.db(place.names.bronze).collection(collection).find().sort({ _id: 1 }).toArray()
const tables = async () =>
  (await place.gold('select tablename from pg_tables where schemaname = current_schema() order by 1')).map(
    ({ tablename }) => tablename,
  )
const checkOf = ({ checks }: Pick<RunRecord, 'checks'>, subject: string) =>
  checks?.find((check) => check.subject === subject && check.name.startsWith('refers'))

async function erase(id: string, options: Options, fromBronze: boolean) {
  const all = { ...options, fromBronze }
  const person = await findPerson(place.client, id, all)
  return (await runErasure(place.client, place.postgresUrl, person, all)).erasure
}

/** The grocer's configuration, with the collection as it is written in its documentation. */
const GROCER = {
  collections: {
    customers: { from: 'demographics', fields: { customer_id: 'household_id' } },
    transactions: {
      fields: {
        transaction_id: null,
        order_id: 'basket_id',
        customer_id: 'household_id',
        product: 'product_id',
        amount: 'sales_value',
        timestamp: 'transaction_timestamp',
      },
    },
    campaigns: { from: 'campaign_descriptions' },
    coupon_redemptions: {
      key: null,
      fields: {
        household_id: { kind: 'id', personal: false, meaning: 'Who redeemed.', refers: 'customers' },
        coupon_upc: { kind: 'id', personal: false, meaning: 'The coupon.' },
        campaign_id: { kind: 'id', personal: false, meaning: 'Of which campaign.', refers: 'campaigns' },
        redemption_date: { kind: 'date', personal: false, meaning: 'When.' },
      },
    },
  },
}

const day = (text: string) => new Date(`${text}T00:00:00Z`)
const redeemed = (
  _id: number,
  household_id: unknown,
  coupon_upc: unknown,
  campaign_id: unknown,
  more: object = {},
) => ({
  ...{ _id, household_id, coupon_upc, campaign_id, redemption_date: day('2017-03-05'), ...more },
})
const grocer = {
  demographics: [
    { _id: 1, household_id: '1' },
    { _id: 2, household_id: 2 },
  ],
  transactions: [1, 2, 3].map((i) => ({
    ...{ _id: i, household_id: i, basket_id: i, product_id: 7, sales_value: i, quantity: 1 },
    transaction_timestamp: day('2017-02-01'),
  })),
  campaign_descriptions: [{ _id: 1, campaign_id: 18 }],
  coupon_redemptions: [
    redeemed(1, 1, 10_000_085_364, 18),
    redeemed(2, 1, 10_000_085_364, '18'),
    redeemed(3, 1, 10_000_085_364, 18, { till: 4 }),
    redeemed(4, 1, 10_000_085_364, 18, { loaded_at: 1 }),
    redeemed(5, 2, 10_000_085_365, 18),
    redeemed(6, 3, 10_000_085_365, 19, { redemption_date: 'soon' }),
    redeemed(7, null, [1], 18),
  ],
}

/** Months that are over have something to be compared with from the second run on. */
function checksOf({ checks = [] }: Pick<RunRecord, 'checks'>) {
  return checks.filter(({ name }) => name !== 'settled months')
}

describe('a collection of its own', () => {
  test('is cleaned, counted, checked, guarded and told of', async () => {
    const { options, record } = await run(grocer, GROCER)
    // 2 and 4 are 1 inserted twice, in other types or with other bookkeeping; 3 says more.
    expect((await stored('coupon_redemptions')).map((document) => Object.values(document))).toEqual([
      [1, '1', '10000085364', '18', day('2017-03-05')],
      [3, '1', '10000085364', '18', day('2017-03-05')],
      [5, '2', '10000085365', '18', day('2017-03-05')],
      [6, '3', '10000085365', '19', null],
      [7, null, null, '18', day('2017-03-05')],
    ])
    expect(record.silver?.['coupon_redemptions']).toMatchObject({
      ...{ source: 'coupon_redemptions', bronze: 7, silver: 5, duplicates: 2, sharedIds: 0 },
      fields: { coupon_upc: { invalid: { 'not an id': { count: 1, examples: [7] } } } },
      unnamed: [
        { field: 'loaded_at', count: 1 },
        { field: 'till', count: 1 },
      ],
    })
    expect(checkOf(record, 'coupon_redemptions.household_id')).toEqual({
      ...{ subject: 'coupon_redemptions.household_id', name: 'refers to customers', severity: 'warn', passed: false },
      ...{ detail: '1 of 4 find none there (25.0 %)', rows: [{ household_id: '3', times: 1 }] },
    })
    expect(checkOf(record, 'coupon_redemptions.campaign_id')).toMatchObject({
      detail: '1 of 5 find none there (20.0 %)',
    })
    await expect(silver().collection('coupon_redemptions').insertOne({ household_id: 5 })).rejects.toThrow(/validation/)

    const report = await readReport(silver(), options)
    const of = report.silver?.collections.find(({ collection }) => collection === 'coupon_redemptions')
    expect(of).toMatchObject({ bronze: 7, silver: 5, duplicates: 2, addsUp: true })
    expect(describeReport(report)).toMatch(/coupon_redemptions +7 += +5 +\+ +2/)
    expect(describeRun(toldRun(record))).toContain('coupon_redemptions  7 → 5: 2 inserted twice')
    const dictionary = await dataDictionary(options, { preface: '', sql: () => undefined })
    expect(dictionary).toContain('### coupon_redemptions')
    expect(dictionary).toContain('`household_id` refers to `customers`')
  })

  test.each([
    ['tiny portions', { portions: { ...portions, ids: 1, documents: 2, part: 3 }, workers: 0 }],
    ['three threads', { portions: { ...portions, documents: 1, part: 3 }, workers: 3 }],
  ])('has the same silver and gold with %s', async (_, more) => {
    const { record } = await run(grocer, GROCER)
    const expected = [await stored('coupon_redemptions'), record.silver, checksOf(record)]
    const again = await run(grocer, GROCER, more)
    expect([await stored('coupon_redemptions'), again.record.silver, checksOf(again.record)]).toEqual(expected)
  })

  test('comes to the same by process and then aggregate', async () => {
    const { options, record } = await run(grocer, GROCER)
    const documents = await stored('coupon_redemptions')
    const processed = await runProcessor(place.client, options)
    const aggregated = await runAggregator(place.client, place.postgresUrl, options)
    expect(await stored('coupon_redemptions')).toEqual(documents)
    expect(processed.silver).toEqual(record.silver)
    expect(checksOf(aggregated)).toEqual(checksOf(record))
    expect(
      (await runChecks(place.client, options)).checks.filter(({ name }) => name.startsWith('refers')),
    ).toHaveLength(2)
  })

  test('a reference that must find what it names keeps the old gold', async () => {
    const { coupon_redemptions: own } = GROCER.collections
    const refers = { to: 'customers', atMost: 24.9, severity: 'error' }
    const fields = { ...own.fields, household_id: { ...own.fields.household_id, refers } }
    const strict = { collections: { ...GROCER.collections, coupon_redemptions: { ...own, fields } } }
    await expect(run(grocer, strict)).rejects.toMatchObject({
      kind: 'gate',
      message: expect.stringMatching(
        /coupon_redemptions.household_id: refers to customers: 1 of 4 .*\n +household_id 3/,
      ),
    })
    const lenient = { ...own.fields.household_id, refers: { ...refers, atMost: 25 } }
    const passing = { ...own, fields: { ...own.fields, household_id: lenient } }
    const { record } = await run(grocer, { collections: { ...GROCER.collections, coupon_redemptions: passing } })
    expect(checkOf(record, 'coupon_redemptions.household_id')).toMatchObject({ passed: true })
  })

  test('of which a record lacks its key is quarantined, and the last of a key wins where that is said', async () => {
    const settings = {
      collections: {
        products: {
          ...{ key: 'sku', identity: 'last one wins', lastBy: 'changed' },
          fields: {
            sku: { kind: 'id', personal: false, meaning: 'The product.' },
            name: { kind: 'label', personal: false, meaning: 'What it is called.' },
          },
        },
      },
    }
    const products = [
      { _id: 1, sku: 'A', name: 'old', changed: 2 },
      { _id: 2, sku: 'A', name: 'older', changed: 1 },
      { _id: 3, sku: ' A ', name: 'new', changed: 3 },
      { _id: 4, name: 'none' },
    ]
    const { record } = await run({ products }, settings)
    expect(await stored('products')).toEqual([{ _id: 3, sku: 'A', name: 'new' }])
    expect(record.silver?.['products']).toMatchObject({ bronze: 4, silver: 1, quarantined: { noId: 1, superseded: 2 } })
    const { counts } = await readQuarantine(silver(), { collection: 'products' })
    expect(counts).toEqual([
      { collection: 'products', reason: 'superseded', documents: 2 },
      { collection: 'products', reason: 'no id', documents: 1 },
    ])
  })

  test('whose records are elements has one of documents that are equal as a whole', async () => {
    const settings = {
      collections: {
        parcels: {
          ...{ key: null, from: 'orders', each: 'parcels' },
          fields: {
            number: { kind: 'id', personal: false, meaning: 'The order.' },
            weight: { kind: 'count', from: 'parcels.weight', personal: false, meaning: 'In grams.' },
          },
        },
      },
    }
    const order = (_id: number, number: string, ...weights: number[]) => ({
      ...{ _id, number, parcels: weights.map((weight) => ({ weight })) },
    })
    const orders = [
      order(1, 'O1', 5, 5),
      order(2, 'O1', 5, 5),
      order(3, 'O1', 5),
      order(4, 'O2', 7),
      order(5, 'O2', 7),
      order(6, 'O3'),
    ]
    const { record } = await run({ orders }, settings)
    const ids = (await stored('parcels')).map(({ _id }) => Object.values(_id as unknown as object))
    expect(ids).toEqual([
      [1, 0],
      [1, 1],
      [3, 0],
      [4, 0],
    ])
    expect(record.silver?.['parcels']).toMatchObject({
      documents: { all: 6, empty: 1 },
      bronze: 7,
      silver: 4,
      duplicates: 3,
    })
  })

  test('that bronze lacks is refused, and may be called otherwise there', async () => {
    const { coupon_redemptions, ...rest } = grocer
    await expect(run(rest, GROCER)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('has no collection coupon_redemptions'),
    })
    const own = { ...GROCER.collections.coupon_redemptions, from: 'redemptions' }
    const collections = { ...GROCER.collections, coupon_redemptions: own }
    const { record } = await run({ ...rest, redemptions: coupon_redemptions }, { collections })
    expect(record.silver?.['coupon_redemptions']).toMatchObject({ source: 'redemptions', silver: 5 })
  })

  test('that lost most of its documents keeps the old gold', async () => {
    const many = Array.from({ length: 200 }, (_, i) => redeemed(i, 1, i, 18))
    await run({ ...grocer, coupon_redemptions: many }, GROCER)
    await expect(
      run({ ...grocer, coupon_redemptions: many.slice(0, 90) }, GROCER, { acceptShrink: false }),
    ).rejects.toMatchObject({ kind: 'gate', message: expect.stringContaining('coupon_redemptions: holds most') })
  })

  test('has no email or phone number of bronze, and its own are known', async () => {
    const settings = {
      collections: {
        letters: {
          key: null,
          fields: {
            to: { kind: 'email', personal: true, meaning: 'To whom.' },
            called: { kind: 'phone', personal: true, meaning: 'Whom else.' },
            note: { kind: 'label', personal: true, inClear: true, meaning: 'What was said.' },
          },
        },
      },
    }
    // `to` is a word of SQL.
    const { to, ...fields } = settings.collections.letters.fields
    const own = { collections: { letters: { key: null, fields: { ...fields, receiver: { ...to, from: 'to' } } } } }
    const letters = [
      { _id: 1, to: 'Ada@shop.example', called: '06 12 34 56 78', note: 'Hello' },
      { _id: 2, to: 'bob@shop.example', note: 'ask ada@shop.example' },
    ]
    const { options } = await run({ letters }, own)
    expect((await stored('letters'))[0]).toMatchObject({
      receiver: expect.stringMatching(/^[0-9a-f]{32}$/),
      note: 'Hello',
    })
    const known = await readKnown(place.client, options)
    expect(known).toMatchObject({ emails: 2, phones: 1 })
    const places = await searchSilver(place.client, silver(), known, options.contracts)
    expect(places.find(({ name }) => name === 'letters')?.findings).toEqual([{ field: 'note', emails: 1, phones: 0 }])
  })
})

describe('a person is taken out of collections of its own', () => {
  const settings = {
    collections: {
      cards: {
        key: 'holder',
        fields: {
          holder: { kind: 'id', personal: false, meaning: 'Whose.', refers: 'customers' },
          colour: { kind: 'label', personal: false, meaning: 'Its colour.' },
        },
      },
      calls: {
        key: null,
        fields: {
          note: { kind: 'label', personal: true, inClear: true, meaning: 'What they said.' },
          customer_id: { kind: 'id', from: 'who.id', personal: false, meaning: 'Who came.' },
          guest: { kind: 'id', personal: false, meaning: 'With whom.', refers: 'customers' },
          store: { kind: 'id', personal: false, meaning: 'Where.' },
        },
      },
    },
  }
  const call = (_id: number, id: string | null, guest: string | null, store: string, note = '') => ({
    ...{ _id, who: { id }, guest, store, note },
  })
  const bronze = {
    customers: [
      { _id: 1, customer_id: 'C1' },
      { _id: 2, customer_id: 'C2' },
    ],
    transactions: [{ _id: 1, transaction_id: 'T1', customer_id: 'C1', amount: 5 }],
    cards: [
      { _id: 1, holder: ' C1', colour: 'red' },
      { _id: 2, holder: 'C2', colour: 'blue' },
    ],
    calls: [
      call(1, 'C1', null, 'Paris', 'It is me'),
      call(2, 'C2', 'C1', 'Lyon', 'We are two'),
      call(3, 'C2', null, 'Lyon', 'Alone'),
      // What is left of 1 and 4 without C1 is equal.
      call(4, null, null, 'Paris'),
    ],
  }
  const after = [
    [1, 'Unknown', null, null, 'Paris'],
    [2, 'Unknown', 'C2', null, 'Lyon'],
    [3, 'Alone', 'C2', null, 'Lyon'],
  ]

  test('but not where its documents are those of others, too', async () => {
    const { options } = await run(bronze, {
      collections: {
        buyers: {
          ...settings.collections.cards,
          from: 'transactions',
          key: 'customer_id',
          fields: { customer_id: { kind: 'id', personal: false, meaning: 'Who.' } },
        },
      },
    })
    await expect(erase('C1', options, true)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(
        /^The documents of transactions in bronze are those of customers as buyers, and of others/,
      ),
    })
    expect(await bronzeOf('transactions')).toHaveLength(1)
  })

  test.each([false, true])('from bronze: %s', async (fromBronze) => {
    const { options } = await run(bronze, settings)
    const counts = { customers: 1, transactions: 1, others: { cards: 1, calls: 2 } }
    expect(await erase('C1', options, fromBronze)).toEqual({
      ...{ ...counts, quarantined: 0 },
      ...(fromBronze && { bronze: counts }),
    })
    const silverNow = async () => ({
      cards: (await stored('cards')).map((document) => Object.values(document)),
      calls: (await stored('calls')).map((document) => Object.values(document)),
    })
    expect(await silverNow()).toEqual({ cards: [[2, 'C2', 'blue']], calls: after })
    const told = await readReport(silver(), options)
    expect(told.silver?.collections.filter(({ collection }) => ['cards', 'calls'].includes(collection))).toMatchObject([
      { collection: 'cards', bronze: 2, silver: 1, erased: 1, addsUp: true },
      { collection: 'calls', bronze: 4, silver: 3, duplicates: 1, addsUp: true },
    ])
    if (fromBronze) {
      expect((await bronzeOf('cards')).map(({ _id }) => _id)).toEqual([2])
      expect((await bronzeOf('calls')).slice(0, 2)).toEqual([
        { _id: 1, who: {}, guest: null, store: 'Paris' },
        { _id: 2, who: { id: 'C2' }, store: 'Lyon' },
      ])
    }
    // The next run brings nobody back.
    await runPipeline(place.client, place.postgresUrl, options)
    expect(await silverNow()).toEqual({ cards: [[2, 'C2', 'blue']], calls: after })
  })

  test('the customer is not where nothing names them', async () => {
    const { options } = await run(bronze, settings)
    await expect(erase('C9', options, false)).rejects.toMatchObject({ kind: 'data' })
  })
})

/** The web shop's configuration as it is written in its documentation. */
const SUPERSTORE = {
  bronze: 'superstore',
  silver: 'superstore_silver',
  goldSchema: 'superstore',
  currency: 'USD',
  collections: {
    customers: {
      from: 'clients',
      fields: {
        customer_id: '_id',
        first_name: 'name.first',
        last_name: 'name.last',
        country: 'address.country',
        city: 'address.city',
        postal_code: 'address.zip',
      },
      keep: { segment: { kind: 'label', personal: false, meaning: 'Segment of the customer.' } },
    },
    transactions: {
      from: 'orders',
      each: 'items',
      fields: {
        transaction_id: null,
        order_id: 'number',
        customer_id: 'client',
        product: 'items.name',
        amount: 'items.sales',
        quantity: 'items.qty',
        timestamp: { from: 'ordered_on', dates: 'month first' },
      },
      keep: {
        category: { kind: 'label', from: 'items.category', personal: false, meaning: 'Category of the product.' },
        profit: { kind: 'money', from: 'items.profit', personal: false, meaning: 'Profit of the line.' },
      },
    },
    campaigns: false,
  },
}
const ada = new ObjectId('65a000000000000000000001')
const superstore = {
  clients: [
    {
      ...{ _id: ada, code: 'AB-1', name: { first: 'Ada', last: 'Byron' }, segment: 'Consumer' },
      address: { country: 'United States', city: 'Henderson', state: 'Kentucky', zip: 42_420 },
    },
  ],
  orders: [
    {
      ...{ number: 'CA-1', client: ada, ordered_on: '11/08/2016', shipped_on: '11/11/2016', currency: 'USD' },
      items: [
        { name: 'Bookcase', category: 'Furniture', sales: Decimal128.fromString('261.96'), qty: 2, profit: 41.91 },
        { name: 'Chair', category: 'Furniture', sales: Decimal128.fromString('731.94'), qty: 3, profit: 219.58 },
      ],
    },
  ],
}
const campaignTables = ['campaign_performance', 'campaign_spending']
const customerTables = ['country_statistics', 'customer_distribution', 'customer_metrics', 'customer_segments']

describe('a shop that does without', () => {
  test('campaigns has no table of them, says so once, and everything else', async () => {
    const { options, record } = await run(superstore, SUPERSTORE)
    expect(await place.gold('select month, total_revenue, total_transactions from monthly_revenue')).toEqual([
      { month: '2016-11-01', total_revenue: '993.90', total_transactions: '2' },
    ])
    expect(await tables()).not.toEqual(expect.arrayContaining([expect.stringContaining('campaign')]))
    expect(await tables()).toEqual(expect.arrayContaining(customerTables))
    expect((await silver().listCollections().toArray()).map(({ name }) => name)).not.toContain('campaigns')
    expect(Object.keys(record.silver ?? {})).toEqual(['transactions', 'customers'])
    expect(record.without).toEqual({ campaigns: campaignTables })
    const told = describeRun(toldRun(record))
    expect(told.match(/campaign/g)).toHaveLength(3)
    expect(told).toContain('Without campaigns there is no campaign_performance, campaign_spending')
    expect(record.checks?.filter(({ passed }) => !passed)).toEqual([])
    const report = await readReport(silver(), options)
    expect(report.gold?.without).toEqual({ campaigns: campaignTables })
    expect(describeReport(report)).toContain('Without campaigns there is no')
  })

  test('customers keeps its sales, products and months', async () => {
    const settings = { collections: { customers: false, campaigns: false } }
    const transactions = [
      { _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'Mug', amount: 5, timestamp: day('2025-01-02') },
      { _id: 2, transaction_id: 'T2', product: 'Mug', amount: 7, timestamp: day('2025-01-02') },
    ]
    const { record } = await run({ transactions }, settings)
    expect(record.without).toEqual({ customers: expect.arrayContaining(customerTables), campaigns: campaignTables })
    expect(await place.gold('select total_revenue, unique_customers from monthly_revenue')).toEqual([
      { total_revenue: '12.00', unique_customers: '1' },
    ])
    const parts = await place.gold(
      "select part, transactions from reconciliation where gold_table = 'customer_metrics' order by 1",
    )
    expect(parts).toEqual([
      { part: 'customer known', transactions: '0' },
      { part: 'customer not in customers', transactions: '1' },
      { part: 'no customer', transactions: '1' },
    ])
    const cohorts = await place.gold('select buyer, customers from customer_cohorts')
    expect(cohorts).toEqual([{ buyer: 'customer not in customers', customers: '1' }])
    const options = await optionsOf(settings)
    expect(await erase('C1', options, true)).toMatchObject({
      customers: 0,
      transactions: 1,
      bronze: { transactions: 1 },
    })
  })

  test('what it had before: its silver goes, its tables are told of, and what is of others stays', async () => {
    await run(grocer, GROCER)
    await silver().collection('mine').insertOne({ a: 1 })
    // A copy has the mark of what it was copied of.
    const [copied] = await silver().listCollections({ name: 'campaigns' }).toArray()
    await silver().createCollection('campaigns_backup', copied && 'options' in copied ? { ...copied.options } : {})
    const { coupon_redemptions, ...collections } = GROCER.collections
    const without = { collections: { ...collections, campaigns: false } }
    await expect(erase('1', await optionsOf(without), false)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/no .*coupon_redemptions.* any more/),
    })
    const { options, record } = await run(grocer, without)
    expect(record.removed?.toSorted()).toEqual(['campaigns', 'coupon_redemptions'])
    expect(describeRun(toldRun(record))).toMatch(
      /The configuration has no .*coupon_redemptions.* any more: removed from silver/,
    )
    const left = (await silver().listCollections().toArray())
      .flatMap(({ name }) => {
        return name.startsWith('history.') ? [] : [name]
      })
      .sort()
    expect(left).toEqual(['campaigns_backup', 'customers', 'lock', 'mine', 'quarantine', 'runs', 'transactions'])
    expect(record.unmade).toEqual(campaignTables)
    const report = await readReport(silver(), options)
    expect(report.silver?.collections.map(({ collection }) => collection)).toEqual(['transactions', 'customers'])
    expect((await runPipeline(place.client, place.postgresUrl, options)).removed).toBeUndefined()
  })

  test('a silver of before lacks a collection that is new: what reads it says what to do', async () => {
    const { coupon_redemptions, ...collections } = GROCER.collections
    await run(grocer, { collections })
    const options = await optionsOf(GROCER)
    await expect(runAggregator(place.client, place.postgresUrl, options)).rejects.toMatchObject({
      kind: 'data',
      message: expect.stringContaining('has no collection coupon_redemptions'),
      next: expect.stringContaining('lingot process'),
    })
    expect((await readReport(silver(), options)).silver?.collections).toHaveLength(3)
    expect((await runPipeline(place.client, place.postgresUrl, options)).silver?.['coupon_redemptions']).toBeDefined()
  })
})
