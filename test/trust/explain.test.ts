import { type Document, Double, Long, ObjectId } from 'bson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { lastRuns } from '../../src/runs/store.ts'
import type { Explanation } from '../../src/trust/explain/explanation_schema.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { explain, runAggregator, runPipeline, runProcessor } from '../run.ts'
import { openPlace, type Place } from './place.ts'

const tables: [subject: string, table: string, key: string][] = [
  ['customer', 'customer_metrics', 'customer_id'],
  ['product', 'product_performance', 'product'],
  ['campaign', 'campaign_performance', 'campaign_id'],
  ['month', 'monthly_revenue', 'month'],
  ['country', 'country_statistics', 'country'],
]
const ALL = 1_000_000

type Explain = (subject: string, key: string | null | undefined) => Promise<Explanation>

/** Explains with every record listed; each row once. */
function explaining({ client, postgresUrl, names }: Place): Explain {
  const known = new Map<string, Promise<Explanation>>()
  return (subject, key) => {
    const name = subject === 'month' ? String(key).slice(0, 7) : String(key)
    const told =
      known.get(`${subject} ${name}`) ?? explain(client, postgresUrl, subject, name, { ...names, limit: ALL })
    known.set(`${subject} ${name}`, told)
    return told
  }
}

/** Sums the listed records of a collection in whole cents. */
function centsOf({ silver }: Explanation, collection: string, column: string): bigint {
  const records = silver.find((set) => set.collection === collection)?.records ?? []
  return records.reduce((sum, { values }) => sum + BigInt(String(values[column] ?? '0').replace('.', '')), 0n)
}

function listed({ silver }: Explanation, collection: string): number {
  return silver.find((set) => set.collection === collection)?.records.length ?? 0
}

const money = (text: string | null | undefined): bigint => BigInt(String(text).replace('.', ''))

describe.each(['a sample', 'a hostile bronze'])('of %s', (which) => {
  let place: Place
  let explained: Explain

  beforeAll(async () => {
    place = await openPlace()
    if (which === 'a sample') await generate(place.client, { database: place.names.bronze, scale: 0.05, seed: 11 })
    else await place.load({ ...hostileBronze() })
    await runPipeline(place.client, place.postgresUrl, place.names)
    explained = explaining(place)
  })
  afterAll(() => place.leave())

  test.each(tables)('every %s adds up from its silver records', async (subject, table, key) => {
    const rows = (await place.gold(`select * from ${table} order by ${key}`)).slice(0, 20)
    expect(rows.length).toBeGreaterThan(4)
    for (const row of rows) {
      const explanation = await explained(subject, row[key])
      // What is told is gold's, and what the records give by themselves is the same.
      expect(Object.fromEntries(explanation.row.map(({ column, value }) => [column, value]))).toEqual(row)
      expect(explanation.row.filter(({ agrees }) => !agrees)).toEqual([])
      const revenue = row['total_spent'] ?? row['total_revenue']
      if (revenue !== undefined) expect(centsOf(explanation, 'transactions', 'total_amount')).toBe(money(revenue))
      const sales = row['total_transactions'] ?? row['total_sales']
      if (sales !== undefined) expect(listed(explanation, 'transactions')).toBe(Number(sales))
      if (subject === 'country') expect(listed(explanation, 'customers')).toBe(Number(row['total_customers']))
      if (subject === 'campaign') {
        const sum = String(centsOf(explanation, 'campaigns', 'clicks'))
        expect(sum).toBe(row['total_clicks'] ?? '0')
      }
      // The sums and the listed records are those of each other.
      for (const { collection, totals } of explanation.silver) {
        for (const { column, sum } of totals.filter(({ column }) => column === 'total_amount')) {
          expect(money(sum ?? '0')).toBe(centsOf(explanation, collection, column))
        }
      }
    }
  })

  test('every record is found in bronze by its _id, whatever its type, and cleans to itself again', async () => {
    const ids = new Map<string, unknown>()
    for (const [subject, table, key] of tables.filter(([subject]) =>
      ['product', 'campaign', 'country'].includes(subject),
    )) {
      for (const row of await place.gold(`select ${key} from ${table}`)) {
        const { silver } = await explained(subject, row[key])
        for (const { collection, records } of silver) {
          expect(records.filter(({ bronze }) => bronze !== 'unchanged')).toEqual([])
          for (const { _id } of records) ids.set(`${collection} ${JSON.stringify(_id)}`, _id)
        }
      }
    }
    // Products, campaigns and countries hold each of silver's documents.
    const { silver } = place.names
    const counts = await Promise.all(
      ['transactions', 'campaigns', 'customers'].map((name) =>
        place.client.db(silver).collection(name).countDocuments(),
      ),
    )
    expect(ids.size).toBe(counts.reduce((sum, count) => sum + count, 0))
  })

  test('what was met in the sales is what the run observed', async () => {
    const met = new Map<string, number>()
    for (const { product } of await place.gold('select product from product_performance')) {
      const { silver } = await explained('product', product)
      for (const { field, kind, reason } of silver.flatMap(({ records }) =>
        records.flatMap(({ cleaning }) => cleaning),
      )) {
        if (kind === 'suspicious') continue
        const finding = `${field} ${kind} ${reason}`
        met.set(finding, (met.get(finding) ?? 0) + 1)
      }
    }
    const [run] = await lastRuns(place.client.db(place.names.silver), 1)
    const { fields = {}, duplicates = 0 } = run?.silver?.['transactions'] ?? {}
    const observed = Object.entries(fields).flatMap(([field, kinds]) =>
      (['missing', 'invalid', 'repaired'] as const).flatMap((kind) =>
        Object.entries(kinds[kind]).map(([reason, { count }]) => ({ finding: `${field} ${kind} ${reason}`, count })),
      ),
    )
    // The run looked at each document of bronze, those that were inserted twice as well.
    for (const { finding, count } of observed) {
      expect(met.get(finding) ?? 0, finding).toBeLessThanOrEqual(count)
      expect(met.get(finding) ?? 0, finding).toBeGreaterThanOrEqual(count - duplicates)
    }
    expect(met.size).toBeGreaterThan(5)
  })

  test('no raw email, phone or last name is told, and no hash', async () => {
    const bronze = await place.client.db(place.names.bronze).collection('customers').find().toArray()
    const hashed = await place.client.db(place.names.silver).collection('customers').find().toArray()
    const secrets = [
      ...bronze.flatMap(({ email, phone }) => [email, phone]),
      ...hashed.flatMap(({ email, phone }) => [email, phone]),
    ].filter((secret) => /[@\\d]/.test(String(secret)) && String(secret).length > 6)
    expect(secrets.length).toBeGreaterThan(20)
    let told = ''
    for (const { country } of await place.gold('select country from country_statistics')) {
      told += JSON.stringify(await explained('country', country))
    }
    for (const { customer_id } of (await place.gold('select customer_id from customer_metrics')).slice(0, 20)) {
      told += JSON.stringify(await explained('customer', customer_id))
    }
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([])
    expect(told).not.toContain('last_name":')
  })
})

// ------------------------------------------------------------------------------------------------- a bronze made by hand

const utc = (text: string): Date => new Date(text)
const long = 'x'.repeat(300)
const strange = [
  'O\'Brien "x"',
  "'; drop table product_performance; --",
  '$ne',
  '{"$gt":""}',
  '%',
  '$where: 1',
  long,
  '-- x',
  'ＡＢＣ 日本',
]

const byHand = {
  customers: [
    { _id: 1, customer_id: 'C1', first_name: 'Ada', last_name: 'L', country: 'belgique', email: 'ada@example.org' },
    { _id: 2, customer_id: 'C2', country: 'France' },
    { _id: 3, customer_id: 'C1', first_name: 'Ada', last_name: 'Lovelace', country: 'Belgique', city: 7 },
  ],
  transactions: [
    {
      _id: new ObjectId('65a000000000000000000001'),
      transaction_id: 'T1',
      customer_id: 'C1',
      product: 'Laptop',
      amount: '1 000,50 €',
      discount_applied: 0.5,
      shipping_cost: 10,
      timestamp: utc('2025-03-31T23:59:59.999Z'),
      status: 'Completed',
    },
    {
      _id: 'T2',
      transaction_id: 'T2',
      customer_id: 'C1',
      product: 'laptop',
      amount: 10.1,
      timestamp: utc('2025-04-01T00:00:00Z'),
      status: 'Cancelled',
    },
    {
      _id: Long.fromString('9007199254740993'),
      transaction_id: 'T3',
      customer_id: 'C1',
      product: 'Laptop',
      amount: 'free',
      discount_applied: -1,
      timestamp: utc('2025-03-01T00:00:00Z'),
    },
    {
      _id: new Double(4.5),
      transaction_id: 'T4',
      customer_id: 'C9',
      product: 'Laptop',
      amount: -0.2,
      discount_applied: 0.1,
      timestamp: 'soon',
      extra: 'x',
    },
    ...strange.map((product, i) => ({
      _id: { product: i, '1': 'a', '0': 'b' },
      product,
      amount: 1,
      timestamp: utc('2024-02-29'),
    })),
  ],
  campaigns: [
    {
      _id: 'c',
      campaign_id: 'CAMP1',
      campaign_name: 'Later',
      clicks: 3,
      impressions: 2,
      start_date: utc('2025-02-01'),
    },
    { _id: 'b', campaign_id: 'CAMP1', campaign_name: 'Sooner', clicks: 5, start_date: utc('2025-01-01') },
    { _id: 'a', campaign_id: 'CAMP1', budget: 10, spend: 4 },
  ],
}

describe('a bronze made by hand', () => {
  let place: Place
  const told = (subject: string, key: string, limit = ALL) =>
    explain(place.client, place.postgresUrl, subject, key, { ...place.names, limit })

  beforeAll(async () => {
    place = await openPlace()
    await place.load(byHand)
    await runPipeline(place.client, place.postgresUrl, place.names)
  })
  afterAll(() => place.leave())

  test('tells what was met in each record, and which bronze document it is', async () => {
    const { silver } = await told('customer', 'C1')
    const records = silver.flatMap(({ records }) => records)
    const cleaning = records.map(({ _id, cleaning }) => [
      _id,
      ...cleaning.map(({ field, kind, reason }) => [field, kind, reason].join(' ').trim()),
    ])
    expect(cleaning).toEqual([
      [
        { $oid: '65a000000000000000000001' },
        'amount repaired text to number',
        'quantity missing absent',
        'payment_method missing absent',
      ],
      [
        'T2',
        'product repaired spelling',
        'quantity missing absent',
        'payment_method missing absent',
        'discount_applied missing absent',
        'shipping_cost missing absent',
      ],
      [
        { $numberLong: '9007199254740993' },
        'amount invalid not a number',
        'quantity missing absent',
        'payment_method missing absent',
        'discount_applied invalid too small',
        'shipping_cost missing absent',
        'status missing absent',
      ],
      [
        3,
        'email missing absent',
        'age missing absent',
        'phone missing absent',
        'city repaired number to text',
        'postal_code missing absent',
        'gender missing absent',
        'marketing_consent missing absent',
        'created_at missing absent',
      ],
    ])
    const [suspect] = (await told('campaign', 'CAMP1')).silver.flatMap(({ records }) => records.slice(-1))
    expect(suspect?.cleaning.at(-1)).toEqual({ field: '', kind: 'suspicious', reason: 'clicks exceed impressions' })
  })

  test('the sums leave out what is unknown, so that they add up across', async () => {
    const { row, silver } = await told('customer', 'C1', 1)
    expect(row.find(({ column }) => column === 'total_spent')?.value).toBe('1020.10')
    const [sales] = silver
    expect(sales).toMatchObject({ documents: 3, summed: 2 })
    expect(sales?.totals.map(({ column, known, sum, mean, rest }) => [column, known, sum, mean, rest])).toEqual([
      ['amount', 2, '1010.60', '505.30', '10.10'],
      ['discount_applied', 2, '0.50', '0.25', '0.00'],
      ['shipping_cost', 2, '10.00', '5.00', '0.00'],
      ['total_amount', 2, '1020.10', '510.05', '10.10'],
    ])
    expect(sales?.records.map(({ values }) => values)).toEqual([
      {
        transaction_id: 'T1',
        customer_id: 'C1',
        product: 'Laptop',
        amount: '1000.50',
        quantity: 1,
        payment_method: 'Unknown',
        discount_applied: '0.50',
        shipping_cost: '10.00',
        timestamp: utc('2025-03-31T23:59:59.999Z'),
        status: 'Completed',
        total_amount: '1010.00',
      },
    ])
  })

  test('a month ends where the next begins', async () => {
    const ids = async (month: string) =>
      (await told('month', month)).silver.flatMap(({ records }) =>
        records.map(({ values }) => values['transaction_id']),
      )
    expect(await ids('2025-03')).toEqual(['T1', 'T3'])
    expect(await ids('2025-04')).toEqual(['T2'])
  })

  test.each(strange)('the product %j is explained, and nothing is run', async (product) => {
    const { key, row, silver } = await told('product', product)
    expect(key).toEqual({ column: 'product', value: product.normalize('NFC') })
    expect(row.find(({ column }) => column === 'total_revenue')?.value).toBe('1.00')
    expect(silver.map(({ documents }) => documents)).toEqual([1])
    expect(silver[0]?.records[0]?.bronze).toBe('unchanged')
  })

  test.each([
    // what is asked for, what the message says, what to do
    ['country', 'belgique', 'no row for the country belgique', 'Did you mean Belgique?'],
    ['country', 'FRANCE ', 'no row for the country FRANCE', 'Did you mean France?'],
    ['product', 'LAPTOP', 'no row for the product LAPTOP', 'Did you mean Laptop?'],
    ['product', 'lap', 'no row for the product lap', 'Did you mean Laptop?'],
    ['customer', 'C9', 'no row for the customer C9; silver has 1 transaction and 0 customers', 'The table holds'],
    ['customer', 'C2', 'no row for the customer C2; silver has 0 transactions and 1 customer', 'The table holds'],
    ['customer', 'C777', 'silver has 0 transactions and 0 customers', 'It has 1 row, from C1 to C1.'],
    ['customer', '{"$ne":null}', 'no row for the customer {"$ne":null}', 'It has 1 row'],
    ['customer', "' or 1=1 --", "no row for the customer ' or 1=1 --", 'It has 1 row'],
    ['campaign', 'CAMP2', 'silver has 0 campaigns', 'It has 1 row, from CAMP1 to CAMP1.'],
    ['month', '2023-12', 'no row for the month 2023-12', 'It has 3 rows, from 2024-02-01 to 2025-04-01.'],
    ['month', '2025-13', '2025-13 is no month', 'Write it as in 2025-03.'],
    ['month', 'March', 'March is no month', 'Write it as in 2025-03.'],
    ['product', ' ', 'names no product', 'Name one'],
    ['product', 'n/a', 'names no product', 'Name one'],
    ['product', '\u001b[2J', 'no row for the product \ufffd[2J', 'It has'],
    ['product', 'y'.repeat(500), `no row for the product ${'y'.repeat(59)}…;`, 'It has'],
    ['sale', 'T1', 'sale cannot be explained', 'Name a customer, a product, a campaign, a month, a country.'],
  ])('%s %j is refused: %s', async (subject, key, message, next) => {
    await expect(told(subject, key)).rejects.toMatchObject({
      kind: 'usage',
      message: expect.stringContaining(message),
      next: expect.stringContaining(next),
    })
  })

  test('statuses that a setting leaves out are left out here too, as gold was made', async () => {
    await runAggregator(place.client, place.postgresUrl, { ...place.names, leaveOut: ['Cancelled'] })
    const { leftOut, row, silver } = await told('customer', 'C1')
    expect(leftOut).toEqual(['Cancelled'])
    expect(row.filter(({ agrees }) => !agrees)).toEqual([])
    expect(row.find(({ column }) => column === 'total_spent')?.value).toBe('1010.00')
    expect(silver[0]?.documents).toBe(2)
  })

  test('what changed since gold was made is told', async () => {
    const { client, names } = place
    const bronze = client.db(names.bronze).collection<Document>('transactions')
    await bronze.updateOne({ transaction_id: 'T1' }, { $set: { amount: 7 } })
    await bronze.deleteOne({ transaction_id: 'T3' })
    const stale = await told('customer', 'C1')
    expect(stale.silver[0]?.records.map(({ bronze }) => bronze)).toEqual(['changed since', 'gone'])
    expect(stale.row.filter(({ agrees }) => !agrees)).toEqual([])
    expect(stale.made.silverIsNewer).toBe(false)

    await runProcessor(client, names)
    const newer = await told('customer', 'C1')
    expect(newer.made.silverIsNewer).toBe(true)
    const differing = newer.row.filter(({ agrees }) => !agrees)
    expect(differing.map(({ column, value, workedOut }) => [column, value, workedOut])).toEqual([
      ['total_transactions', '2', '1'],
      ['total_spent', '1010.00', '16.50'],
      ['avg_transaction_amount', '1010.00', '16.50'],
      ['first_purchase_date', '2025-03-01', '2025-03-31'],
    ])
  })

  test('reads alone: gold, silver and bronze are as they were', async () => {
    const { client, names } = place
    const state = async () => [
      await place.gold('select * from product_performance order by product'),
      await client.db(names.silver).listCollections({}, { nameOnly: true }).toArray(),
      await client.db(names.silver).collection('runs').countDocuments(),
      await client.db(names.bronze).collection('transactions').find().toArray(),
    ]
    const before = await state()
    for (const product of strange) await told('product', product)
    expect(await state()).toEqual(before)
  })
})

test('where nothing was made yet, that is what is told', async () => {
  const place = await openPlace()
  const { client, postgresUrl, names } = place
  await expect(explain(client, postgresUrl, 'product', 'Laptop', names)).rejects.toMatchObject({ kind: 'data' })
  await place.leave()
})
