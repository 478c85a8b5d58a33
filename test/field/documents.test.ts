import { Decimal128, type Document, ObjectId } from 'bson'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { describeChecks } from '../../src/commands/check.ts'
import { describeReport } from '../../src/commands/report.ts'
import { describeRun } from '../../src/commands/run_result.ts'
import { toldRun } from '../../src/library/told_run.ts'
import { configOf } from '../../src/settings/config.ts'
import { shownId } from '../../src/trust/ids.ts'
import { onlyTables, readReport, runAggregator, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

/*
 * Bronze as shops have it: lines of orders, versions, tombstones, envelopes; and what the rules make of its documents.
 */

let place: Place

beforeAll(async () => {
  place = await openPlace()
})
afterEach(() => place.client.db(place.names.silver).dropDatabase())
afterAll(() => place.leave())

type Bronze = Readonly<Record<string, readonly Document[]>>

/** Runs it by these settings, and says what became of the documents. */
async function run(bronze: Bronze, settings: object = {}) {
  await place.load(bronze)
  const config = await configOf({ file: 'lingot.config.json', value: settings }, {})
  const record = await runPipeline(place.client, place.postgresUrl, {
    ...config,
    project: onlyTables(),
    suspicious: { ...config.suspicious, 'no amount is known': 'warn' },
    ...place.names,
    acceptShrink: true,
  })
  const silver = place.client.db(place.names.silver)
  const report = await readReport(silver, config)
  const idsOf = async (collection: string) =>
    (await silver.collection(collection).find().sort({ _id: 1 }).toArray()).map(({ _id }) => String(_id))
  const collection = (name: string) => report.silver?.collections.find(({ collection }) => collection === name)
  return {
    record,
    report,
    silver,
    idsOf,
    collection,
    printed: describeRun(toldRun(record)),
    revenue: report.gold?.revenue.total,
    failed: (report.checks?.results ?? []).filter(({ passed }) => !passed),
    /** What is suspicious, as `field: what count: _ids`. */
    suspicious: (name: string) =>
      (collection(name)?.suspicious ?? []).map(
        ({ field, what, count, examples }) =>
          `${field === undefined ? '' : `${field}: `}${what} ${count}: ${examples.map((id) => shownId(id, 40)).join(' ')}`,
      ),
  }
}

const at = new Date('2024-03-05T10:00:00Z')
const sale = { customer_id: 'C1', product: 'Laptop', amount: 100, timestamp: at }
const mouse = { transaction_id: 'O1', customer_id: 'C1', product: 'Mouse', amount: 20, timestamp: at }
const ids = (n: number) => new ObjectId(n.toString(16).padStart(24, '0'))

describe('documents with one id', () => {
  test.each<[what: string, lines: Document[], stay: string[], revenue: string, duplicates: [number, string | null]]>([
    [
      'lines of an order differ in a field that no contract names',
      [
        { ...mouse, line_item_id: 11 },
        { ...mouse, line_item_id: 12 },
        { ...mouse, line_item_id: 13, product: 'Laptop', amount: 100 },
      ],
      ['1', '2', '3'],
      '140.00',
      [0, null],
    ],
    ['nothing tells two lines apart', [mouse, mouse], ['1'], '20.00', [1, '20.00']],
    [
      'only bookkeeping tells them apart',
      [
        { ...mouse, _ab_emitted_at: 1, updated_at: at, line: [1] },
        { line: [1], ...mouse, _ab_emitted_at: 2, loaded_at: 'x' },
      ],
      ['1'],
      '20.00',
      [1, '20.00'],
    ],
    ['a name that is not quite bookkeeping', [mouse, { ...mouse, updatedAt: at }], ['1', '2'], '40.00', [0, null]],
    ['absent is not null', [mouse, { ...mouse, note: null }], ['1', '2'], '40.00', [0, null]],
    [
      'a field within a field',
      [
        { ...mouse, a: { b: 1 } },
        { ...mouse, a: { b: 2 } },
      ],
      ['1', '2'],
      '40.00',
      [0, null],
    ],
    [
      'values that clean to one',
      [mouse, { ...mouse, amount: '20,00 €', quantity: null }],
      ['1'],
      '20.00',
      [1, '20.00'],
    ],
    [
      'no id',
      [
        { ...mouse, transaction_id: null },
        { ...mouse, transaction_id: ' ' },
      ],
      ['1', '2'],
      '40.00',
      [0, null],
    ],
    [
      'three of one, two of another',
      [mouse, { ...mouse, n: 1 }, mouse, { ...mouse, n: 1 }, mouse],
      ['1', '2'],
      '40.00',
      [3, '60.00'],
    ],
    ['a duplicate of unknown amount', [1, 2].map(() => ({ ...mouse, amount: 'x' })), ['1'], '0.00', [1, '0.00']],
  ])('are one, or not: %s', async (_, lines, stay, revenue, [duplicates, duplicateRevenue]) => {
    const ran = await run({ transactions: lines.map((line, i) => ({ _id: i + 1, ...line })) })
    expect(await ran.idsOf('transactions')).toEqual(stay)
    expect(ran.revenue).toBe(revenue)
    expect(ran.collection('transactions')).toMatchObject({ duplicates, duplicateRevenue, addsUp: true })
    const warnings = ran.failed.filter(({ name }) => name === 'inserted twice')
    expect(warnings.map(({ subject, severity }) => `${subject} ${severity}`)).toEqual(
      duplicates === 0 ? [] : ['transactions warn'],
    )
    expect(ran.report.gold?.revenue.duplicates).toEqual({ documents: duplicates, revenue: duplicateRevenue })
  })

  test('the fields that are bookkeeping are a setting, and one that the contract reads is none', async () => {
    const bronze = {
      transactions: [
        { _id: 1, ...mouse, imported: 1, _line: 1 },
        { _id: 2, ...mouse, imported: 2, _line: 2 },
      ],
    }
    const stay = async (transactions: object) =>
      (await run(bronze, { collections: { transactions } })).idsOf('transactions')
    expect(await stay({})).toEqual(['1', '2'])
    expect(await stay({ bookkeeping: { add: ['imported'] } })).toEqual(['1'])
    expect(await stay({ bookkeeping: ['imported'] })).toEqual(['1', '2'])
    const keep = { line: { kind: 'id', from: '_line', personal: false, meaning: 'Its line.' } }
    expect(await stay({ bookkeeping: { add: ['imported'] }, keep })).toEqual(['1', '2'])
  })

  test('documents and money are told from one in a hundred documents on', async () => {
    const others = Array.from({ length: 98 }, (_, i) => ({ _id: i + 10, ...sale, transaction_id: `T${i}` }))
    const few = await run({
      transactions: [
        ...others,
        ...others.map((one) => ({ ...one, _id: one._id + 100, amount: 1 })),
        { ...others[0], _id: 5 },
      ],
    })
    expect(few.printed).toContain('1 inserted twice (100.00)')
    expect(few.printed).not.toContain('! transactions: inserted twice')
    const told = 'inserted twice: 1 of 197 documents, with 100.00 of total_amount'
    expect(describeChecks(few.report.checks?.results ?? [])).toContain(`\n  ✔ ${told}`)
    expect(describeReport(few.report)).toMatch(
      / all amounts known\n {2}Not in it: 1 document inserted twice, with 100.00\n/,
    )
    const many = await run({ transactions: [...others, { ...others[0], _id: 5 }] })
    expect(many.printed).toContain('! transactions: inserted twice: 1 of 99 documents, with 100.00 of total_amount')
    const printed = describeReport(many.report)
    expect(printed).toContain('100.00 in duplicates')
    expect(printed).toContain('! transactions: inserted twice: 1 of 99 documents')
  })

  test('documents and money are told of gold that was made later, and of nothing where nothing was inserted twice', async () => {
    const ran = await run({ transactions: [mouse, mouse].map((line, i) => ({ _id: i + 1, ...line })) })
    const { names } = place
    await runAggregator(place.client, place.postgresUrl, { ...names, project: onlyTables() })
    const later = await readReport(ran.silver)
    expect(later.gold?.run.command).toBe('aggregate')
    expect(later.gold?.revenue.duplicates).toEqual({ documents: 1, revenue: '20.00' })
    expect(describeReport((await run({ transactions: [{ _id: 1, ...mouse }] })).report)).not.toContain('inserted twice')
  })
})

const history = ['Pending', 'Completed', 'Completed', 'Refunded'].map((status, i) => {
  return { _id: ids(i + 1), transaction_id: 'T1', ...sale, status }
})

describe('versions of a record', () => {
  test('all stay, and are suspicious, without the setting', async () => {
    const ran = await run({ transactions: history })
    expect(ran.revenue).toBe('300.00')
    expect(ran.suspicious('transactions')).toEqual([`one transaction id under several statuses 1: ${ids(2)}`])
    expect(ran.printed).toContain(`! transactions: one transaction id under several statuses: 1, such as ${ids(2)}`)
  })

  test.each<[what: string, transactions: Document[], own: object, stay: string[], suspicious: string[]]>([
    ['the highest _id', history, {}, [String(ids(4))], []],
    [
      'the latest of a field',
      [
        { _id: 1, ...sale, transaction_id: 'T', at: '2024-03-02' },
        { _id: 2, ...sale, transaction_id: 'T', at: new Date('2024-03-03T00:00:00Z') },
        { _id: 3, ...sale, transaction_id: 'T', at: '01/03/2024' },
        { _id: 4, ...sale, transaction_id: 'T' },
      ],
      { lastBy: 'at' },
      ['2'],
      [],
    ],
    [
      'the latest of a field of which another one says how it is written',
      [
        { _id: 1, ...sale, transaction_id: 'T', at: '12/31/2023' },
        { _id: 2, ...sale, transaction_id: 'T', at: '03/01/2024' },
        { _id: 3, ...sale, transaction_id: 'T', at: '01/14/2024 10:00' },
      ],
      {
        lastBy: 'at',
        keep: { changed: { kind: 'date', from: 'at', dates: 'month first', personal: false, meaning: 'Its version.' } },
      },
      ['2'],
      [],
    ],
    [
      'the higher _id of equal versions',
      [
        { _id: 1, ...sale, transaction_id: 'T', version: 9 },
        { _id: 2, ...sale, transaction_id: 'T', version: 10 },
        { _id: 3, ...sale, transaction_id: 'T', version: '10' },
      ],
      { lastBy: 'version' },
      ['3'],
      [],
    ],
    [
      '_ids that are no ObjectIds',
      [
        { _id: 1, ...sale, transaction_id: 'T' },
        { _id: 2, ...sale, transaction_id: 'T' },
        { _id: 3, ...sale, transaction_id: 'U' },
      ],
      {},
      ['2', '3'],
      ['last one wins over _ids that are no ObjectIds 1: 1'],
    ],
  ])('one wins by the setting: %s', async (_, transactions, own, stay, suspicious) => {
    const config = { collections: { transactions: { identity: 'last one wins', ...own } } }
    const ran = await run({ transactions }, config)
    expect(await ran.idsOf('transactions')).toEqual(stay)
    const superseded = transactions.length - stay.length
    expect(ran.collection('transactions')).toMatchObject({ reasons: { superseded }, duplicates: 0, addsUp: true })
    expect(ran.suspicious('transactions')).toEqual(suspicious)
    expect(await ran.silver.collection('quarantine').countDocuments({ reason: 'superseded' })).toBe(superseded)
  })

  test('campaigns too, and a customer by a field', async () => {
    const bronze = {
      customers: [
        {
          _id: ids(1),
          customer_id: 'C1',
          first_name: 'Jean',
          last_name: 'D',
          country: 'France',
          marketing_consent: true,
        },
        { _id: ids(2), customer_id: 'C1', phone: '0612345678' },
        { _id: 'zzz-manual', customer_id: 'C2', country: 'Suisse', updated_at: new Date('2024-01-01') },
        { _id: ids(3), customer_id: 'C2', country: 'France', updated_at: new Date('2020-01-01') },
      ],
      campaigns: [1, 2].map((n) => ({ _id: ids(n), campaign_id: 'K', spend: n })),
    }
    const plain = await run(bronze)
    // A text is lower than any ObjectId.
    expect(await plain.idsOf('customers')).toEqual([ids(2), ids(3)].map(String))
    expect(plain.suspicious('customers')[0]).toMatch(/^last one wins over _ids that are no ObjectIds 1: /)
    expect(await plain.idsOf('campaigns')).toHaveLength(2)
    const told = await run(bronze, {
      collections: { customers: { lastBy: 'updated_at' }, campaigns: { identity: 'last one wins' } },
    })
    expect(await told.idsOf('customers')).toEqual(['zzz-manual', String(ids(2))])
    expect(told.suspicious('customers')).toEqual([])
    expect(await told.idsOf('campaigns')).toEqual([String(ids(2))])
    const winner = await told.silver.collection('customers').findOne({ customer_id: 'C1' })
    expect(winner).toMatchObject({ first_name: 'Unknown', country: 'Unknown', phone: expect.any(String) })
  })
})

describe('documents that are no records', () => {
  const customers = [
    { _id: 1, customer_id: 'C1', first_name: 'A', country: 'France' },
    { _id: 2, customer_id: 'C1', _ab_cdc_deleted_at: '2024-04-01T00:00:00Z' },
  ]
  const transactions = [
    { _id: 1, ...sale, transaction_id: 'T1', _ab_cdc_deleted_at: null, is_deleted: false, test: 'no' },
    { _id: 2, transaction_id: 'T1', customer_id: null, amount: null, _ab_cdc_deleted_at: '2024-04-01T00:00:00Z' },
    { _id: 3, ...sale, transaction_id: 'T3', is_deleted: true },
    { _id: 4, ...sale, transaction_id: 'T4', test: ' YES' },
    { _id: 5, ...sale, transaction_id: 'T5', deletedAt: at },
    { _id: 6, ...sale, transaction_id: 'T6', deletedAt: '', is_deleted: 'false' },
    { _id: 7, ...sale, transaction_id: 'T7', kind: 3 },
    { _id: 8, ...sale, transaction_id: 'T8', kind: Decimal128.fromString('3.0') },
    { _id: 9, ...sale, transaction_id: 'T9', kind: Decimal128.fromString('3.5') },
  ]
  const leaveOut = {
    customers: { leaveOut: ['_ab_cdc_deleted_at'] },
    transactions: {
      leaveOut: [
        '_ab_cdc_deleted_at',
        'deletedAt',
        { field: 'is_deleted', is: true },
        { field: 'test', is: ['yes', true] },
        { field: 'kind', is: 3 },
      ],
    },
  }

  test('are left out by a field that is set or has a value, counted, and not looked at', async () => {
    const ran = await run({ customers, transactions }, { collections: leaveOut })
    expect(await ran.idsOf('customers')).toEqual(['1'])
    expect(await ran.idsOf('transactions')).toEqual(['1', '6', '9'])
    expect(ran.collection('transactions')).toMatchObject({ bronze: 9, silver: 3, leftOut: 6, addsUp: true })
    expect(ran.collection('customers')).toMatchObject({ bronze: 2, silver: 1, leftOut: 1, addsUp: true })
    expect(ran.revenue).toBe('300.00')
    expect(ran.printed).toMatch(/transactions +9 → 3: 6 left out/)
    expect(describeReport(ran.report)).toMatch(/quarantined +left out\n +transactions +9 += +3 .* 6 +✔/)
    const amount = ran.report.silver?.fields.find(({ field }) => field === 'amount')
    expect(amount).toMatchObject({ documents: 3, present: 3, missing: 0 })
  })

  test('stay where nothing says so, and one customer is the tombstone', async () => {
    const ran = await run({ customers, transactions })
    expect(await ran.idsOf('customers')).toEqual(['2'])
    expect(ran.collection('transactions')).toMatchObject({ bronze: 9, silver: 9, leftOut: 0 })
  })

  test.each<[object, string]>([
    [{ leaveOut: ['a.'] }, 'collections.transactions.leaveOut.0: a. has a dot beside nothing'],
    [{ lastBy: '.a', identity: 'last one wins' }, 'collections.transactions.lastBy: .a has a dot beside nothing'],
    [{ leaveOut: [{ field: 'a' }] }, 'collections.transactions.leaveOut.0.is: must be a text, a number, true or false'],
    [{ leaveOut: [{ field: 'a', is: [] }] }, 'collections.transactions.leaveOut.0.is: must name a value'],
    [{ lastBy: 'updated_at' }, "collections.transactions.lastBy: is for identity: 'last one wins'"],
    [
      { identity: 'first one wins' },
      'collections.transactions.identity: must be one of equal ones are one, last one wins',
    ],
    [{ bookkeeping: { ad: [] } }, 'collections.transactions.bookkeeping.ad: there is no such key; did you mean add?'],
  ])('%j is refused', async (transactions, problem) => {
    const refused = configOf({ file: 'lingot.config.json', value: { collections: { transactions } } }, {})
    await expect(refused).rejects.toThrow(problem)
  })
})

describe('envelopes', () => {
  test.each<[what: string, transactions: Document[]]>([
    ['airbyte', [{ _id: 1, _airbyte_ab_id: 'x', _airbyte_data: { transaction_id: 'T1', amount: 100 } }]],
    ['debezium', [{ _id: 1, before: null, after: { transaction_id: 'T1', amount: 100 }, op: 'c' }]],
  ])('of %s are sales of which nothing is known', async (_, transactions) => {
    const ran = await run({ transactions })
    expect(ran.collection('transactions')).toMatchObject({ bronze: 1, silver: 1 })
    expect(ran.revenue).toBe('0.00')
    expect(ran.printed).toContain('transactions.amount: at most 20 % unknown: 100.0 %')
  })
})

describe('what can hide a wrong number is kept and told', () => {
  const of = (field: string, values: readonly unknown[], rest: Document = {}) =>
    values.map((value, i) => ({ _id: i + 1, ...rest, [field]: value }))

  test.each<[what: string, collection: string, documents: Document[], told: string[]]>([
    [
      'currencies',
      'transactions',
      of('amount', ['5 €', 'USD 5', '5 EUR', '€ 7', 7, '$8']),
      ['amount: several currencies 2: 2 6'],
    ],
    ['one currency', 'transactions', of('amount', ['5 €', '5 EUR', 7]), []],
    [
      'a field of currencies',
      'transactions',
      of('currency', ['eur', 'JPY', 'EUR', null, 'n/a']),
      ['several currencies 1: 2'],
    ],
    [
      'fields of currencies under other names',
      'transactions',
      [
        { _id: 1, orderCurrencyCode: 'EUR', total: { currency_code: 'CHF' }, Devise: 'eur', currency_rate: 'USD' },
        {
          _id: 2,
          orderCurrencyCode: 'eur\u200b',
          total: { currency_code: 'CHF' },
          Devise: 'EUR',
          currency_rate: 'EUR',
        },
        { _id: 3, orderCurrencyCode: 'USD', total: { currency_code: ' chf' }, Devise: 'NaN' },
      ].map((one) => ({ ...one, amount: 5 })),
      ['several currencies 1: 3'],
    ],
    [
      'marks',
      'transactions',
      of('amount', ['12.000', '1,234 €', '0,125', '1234,567', '1 234,567', '1.234,50', '1.234.567', '12.50', 12.345]),
      ['amount: one mark before three digits 2: 1 2'],
    ],
    [
      'marks of counts',
      'campaigns',
      of('impressions', ['100.000', '1.000.000', '0.125'], { campaign_id: 'K' }),
      ['impressions: one mark before three digits 1: 1'],
    ],
    [
      'days and months',
      'transactions',
      of('timestamp', ['03/04/2024', '03/14/2024', '05/05/2024', '25/03/2024']),
      ['timestamp: day and month may be exchanged 1: 1'],
    ],
    [
      'days and months as texts of spreadsheets hold them',
      'transactions',
      of('timestamp', ["'03/04/2024", '\u200e04-05-2024 10:00', '03/14/2024']),
      ['timestamp: day and month may be exchanged 2: 1 2'],
    ],
    [
      'names of countries in other languages',
      'customers',
      of('country', ['Deutschland', 'DE', 'Germany', 'Allemagne', 'España', 'inconnu', 'FR']).map((one, i) => ({
        ...one,
        customer_id: i,
      })),
      ['country is none that is known 2: 1 5'],
    ],
    ['days alone', 'transactions', of('timestamp', ['03/04/2024', '14/03/2024']), []],
    [
      'spellings',
      'customers',
      of('city', ['Paris', 'PARIS', 'Orléans', 'paris', 'Orleans', 'Paris', 'Lyon', 'n/a']).map((one, i) => ({
        ...one,
        customer_id: i,
      })),
      ['city: several spellings 3: 2 3 4'],
    ],
    [
      'spellings beside a vocabulary',
      'transactions',
      of('product', ['T-Shirt', 'laptop', 'T-shirt', 'LAPTOP']),
      ['product: several spellings 1: 3'],
    ],
    [
      'spellings of a name',
      'customers',
      of('last_name', ['Martin', 'MARTIN']).map((one, i) => ({ ...one, customer_id: i })),
      [],
    ],
    [
      'clicks',
      'campaigns',
      [{ _id: 1, campaign_id: 'K', impressions: 1, clicks: 2 }],
      ['clicks exceed impressions 1: 1'],
    ],
    ['discounts', 'transactions', [{ _id: 1, amount: 1, discount_applied: 2 }], ['discount exceeds amount 1: 1']],
    ['negative amounts', 'transactions', of('amount', [-1, '-2', 3]), ['amount is negative 2: 1 2']],
    [
      'one customer',
      'transactions',
      of(
        'customer_id',
        Array.from({ length: 100 }, (_, i) => (i < 21 ? 'guest' : `C${i}`)),
      ),
      ['one customer has more than 20 % of the sales 21: 1 2 3'],
    ],
    [
      'one customer, not more',
      'transactions',
      of(
        'customer_id',
        Array.from({ length: 100 }, (_, i) => (i < 20 ? 'guest' : `C${i}`)),
      ),
      [],
    ],
    [
      'one customer of few',
      'transactions',
      of(
        'customer_id',
        Array.from({ length: 99 }, () => 'guest'),
      ),
      [],
    ],
    [
      'one customer of nobody',
      'transactions',
      of(
        'customer_id',
        Array.from({ length: 120 }, (_, i) => (i < 99 ? null : 'guest')),
      ),
      [],
    ],
  ])('%s', async (_, collection, documents, told) => {
    const ran = await run({ [collection]: documents })
    expect(ran.suspicious(collection)).toEqual(told)
    const lines = told.map((one) => {
      const [, field = '', what = '', count, examples = ''] = /^(?:(\w+): )?(.*) (\d+): (.*)$/.exec(one) ?? []
      return [
        [collection, field].filter(Boolean).join('.'),
        what,
        `${count}, such as ${examples.replaceAll(' ', ', ')}`,
      ]
    })
    const warned = ran.failed.filter(({ subject }) => subject.startsWith(collection))
    for (const [subject, name, detail] of lines) {
      // Told of silver, and not of gold once more.
      expect(ran.printed.split(`! ${subject}: ${name}: ${detail}`)).toHaveLength(2)
      expect(warned).toContainEqual({ subject, name, detail, severity: 'warn', passed: false, rows: [] })
    }
  })

  test('a path that leads nowhere where a key is called like it, as of a table that was flattened', async () => {
    const customers = [
      { _id: 1, customer_id: 'C1', 'address.city': 'Paris', 'address.country': 'France' },
      { _id: 2, customer_id: 'C2', 'address.city': 'Lyon', address: { country: 'FR' } },
    ]
    const by = (city: unknown, country: unknown) => ({ collections: { customers: { fields: { city, country } } } })
    const ran = await run({ customers }, by('address.city', 'address.country'))
    expect(ran.suspicious('customers')).toEqual(['city: no document has its field 2: '])
    expect(ran.printed).toContain("address.city; did you mean ['address.city'], the key that is called so?")
    const read = await run({ customers }, by(['address.city'], ['address.country']))
    expect(read.suspicious('customers')).toEqual([])
    const silver = await read.silver.collection('customers').find().sort({ _id: 1 }).toArray()
    expect(silver.map(({ city, country }) => [city, country])).toEqual([
      ['Paris', 'France'],
      ['Lyon', 'Unknown'],
    ])
  })

  test('a field of currencies that silver keeps, under whatever name', async () => {
    const transactions = ['EUR', 'eur', 'JPY', null, 'n/a'].map((devise, i) => ({ _id: i + 1, amount: 5, devise }))
    const keep = { paid_in: { kind: 'label', from: 'devise', personal: false, meaning: 'The currency.' } }
    const ran = await run({ transactions }, { collections: { transactions: { keep } } })
    expect(ran.suspicious('transactions')).toContain('paid_in: several currencies 1: 3')
    const set = await run({ transactions }, { currency: 'JPY', collections: { transactions: { keep } } })
    expect(set.suspicious('transactions')).toContain('paid_in: several currencies 2: 1 2')
  })

  test('amounts in another currency than that of the shop, dates of days under another zone, and none where a setting decides', async () => {
    const transactions = [
      { _id: 1, amount: '5 USD', timestamp: new Date('2024-03-05T00:00:00Z') },
      { _id: 2, amount: '12.000', timestamp: { $date: '2024-03-06T00:00:00Z' } },
    ]
    const amount = { decimal: '.' }
    const ran = await run(
      { transactions },
      { currency: 'EUR', timeZone: 'Europe/Paris', collections: { transactions: { fields: { amount } } } },
    )
    expect(ran.suspicious('transactions')).toEqual([
      'timestamp: all at midnight UTC 2: 1 2',
      'amount: several currencies 1: 1',
    ])
    const day = { timestamp: { holds: 'day' } }
    const days = await run(
      { transactions },
      { timeZone: 'Europe/Paris', collections: { transactions: { fields: day } } },
    )
    expect(days.suspicious('transactions')).toEqual(['amount: one mark before three digits 1: 2'])
  })

  test('a field that is read from what no document has, with the name that it may mean', async () => {
    const sold = { unit_price: 3, qty: 2, order_state: 'Completed', shop: { town: 'Lyon' }, note: null }
    const kept = { kind: 'label', personal: false, meaning: 'Of a shop.' }
    const settings = {
      fields: { status: 'ordr_state', payment_method: 'x', amount: { from: 'unit_price', times: 'qyt' } },
      keep: { note: kept, town: { ...kept, from: 'shop.twon' }, order_stat: kept },
    }
    const transactions = [1, 2].map((i) => ({ _id: i, ...sold }))
    const ran = await run({ transactions }, { collections: { transactions: settings } })
    const what = 'no document has its field'
    const told = [
      ['payment_method', 'x'],
      ['status', 'ordr_state; did you mean order_state?'],
      ['amount', 'qyt; did you mean qty?'],
      ['town', 'shop.twon; did you mean shop.town?'],
      ['order_stat', 'order_stat; did you mean order_state?'],
    ]
    for (const [field, detail] of told) {
      expect(ran.printed.split(`transactions.${field}: ${what}: ${detail}\n`)).toHaveLength(2)
      expect(describeReport(ran.report, 9)).toContain(`transactions.${field}: ${what}: ${detail}\n`)
      expect(ran.failed).toContainEqual(
        expect.objectContaining({ subject: `transactions.${field}`, name: what, detail }),
      )
    }
    expect(ran.suspicious('transactions')).toHaveLength(told.length)
    // One document is enough.
    const one = await run(
      { transactions: [...transactions, { ordr_state: 'Refunded' }] },
      { collections: { transactions: { fields: { status: 'ordr_state' } } } },
    )
    expect(one.suspicious('transactions')).toEqual([])
    await expect(
      run(
        { transactions },
        { collections: { transactions: { fields: { status: 'ordr_state' } } }, suspicious: { [what]: 'error' } },
      ),
    ).rejects.toThrow(`transactions.status: ${what}: ordr_state; did you mean order_state?`)
  })

  test.each<[unknown, RegExp]>([
    [
      { 'several currencies': 'error' },
      /1 of \d+ checks failed.*\n {2}transactions.amount: several currencies: 1, such as 2$/,
    ],
    ['error', /3 of \d+ checks failed/],
    [
      { 'negative amount': 'error' },
      /suspicious.negative amount: there is no such key; there are inserted twice, several currencies, /,
    ],
  ])('the setting %j keeps the old gold', async (suspicious, message) => {
    const bronze = { transactions: of('amount', ['5 €', '5 $', -1], { transaction_id: 'T', customer_id: 'C' }) }
    await expect(run(bronze, { suspicious })).rejects.toThrow(message)
  })

  test('an example is shown as ids are, and no value of a personal field', async () => {
    const ran = await run({
      customers: ['Rue Secrète', 'rue secrete'].map((city, i) => ({
        _id: `jean${i}@email.com`,
        customer_id: i,
        city,
        last_name: 'Durand',
        email: 'jean@email.com',
      })),
    })
    expect(ran.suspicious('customers')[0]).toMatch(/^city: several spellings 1: "[0-9a-f]{32}"$/)
    expect(ran.printed + JSON.stringify(ran.report) + JSON.stringify(ran.record)).not.toMatch(/jean\d@|Durand|Secr/i)
  })
})

describe('the report', () => {
  test('tells a number that became its text once, and what a shop never has in a line', async () => {
    const transactions = [1, 2, 3].map((n) => ({
      _id: n,
      transaction_id: n,
      ...sale,
      product: n,
      amount: n === 3 ? 'x' : n,
    }))
    const { report } = await run({ transactions: [...transactions, { ...transactions[0], _id: 4, product: 'x' }] })
    const fields = report.silver?.fields ?? []
    expect(fields.find(({ field }) => field === 'transaction_id')).toMatchObject({ repaired: 0, isNumber: true })
    // Texts among them would say otherwise.
    expect(fields.find(({ field }) => field === 'product')).toMatchObject({ repaired: 3, isNumber: false })
    const lines = describeReport(report).split('\n')
    const head = lines.findIndex((line) => line.includes('worst first'))
    expect(lines[head + 1]).toMatch(/^ {2}transactions.amount +100.0 +0.0 +25.0 /)
    const shown = lines.slice(head).join('\n')
    expect(shown).toMatch(/Numbers that silver keeps as texts: transactions.transaction_id\n/)
    expect(shown).toMatch(/In no document: transactions.quantity and 4 more; --all shows them\n/)
    expect(shown).not.toMatch(/^ +transactions.quantity +0.0/m)
    expect(shown).not.toContain('customers.')
    expect(describeReport(report, Number.POSITIVE_INFINITY)).toMatch(/ transactions.status\n/)
  })

  test('tells a quantity that cannot be as such, by its reason, where 1 stands for it', async () => {
    const quantities = [0, '0', 0.0, -2, '2,5', 3, null]
    const transactions = quantities.map((quantity, _id) => ({ _id, ...sale, quantity }))
    const { report, printed, silver } = await run({ transactions })
    const kept = await silver.collection('transactions').find().sort({ _id: 1 }).toArray()
    expect(kept.map(({ quantity }) => quantity)).toEqual([1, 1, 1, 1, 1, 3, 1])
    const told = report.silver?.fields.find(({ field }) => field === 'quantity')
    expect(told).toMatchObject({ present: 6, missing: 1, invalid: 5, repaired: 0 })
    expect(told?.reasons.map(({ kind, what, count }) => [kind, what, count])).toEqual([
      ['invalid', 'too small', 4],
      ['invalid', 'not a whole number', 1],
      ['missing', 'null', 1],
    ])
    expect(describeReport(report)).toMatch(/transactions\.quantity: too small 4: 0, 1, 2/)
    expect(printed).toMatch(/5 invalid/)
  })

  test('tells all statuses with their revenue', async () => {
    const statuses = [
      'Completed',
      'Completed',
      'succeeded',
      'failed',
      'Refunded',
      null,
      'on hold',
      'partially refunded',
    ]
    const transactions = statuses.map((status, i) => ({ _id: i, ...sale, amount: 10 - i, status }))
    const { report } = await run({ transactions }, { revenue: { leaveOut: ['Refunded'] } })
    expect(describeReport(report)).toContain(
      [
        '  By status: Completed 19.00, succeeded 8.00, failed 7.00,',
        '             Refunded 6.00 (left out by a setting), Unknown 5.00 and 2 more; --all shows them',
      ].join('\n'),
    )
    expect(describeReport(report, Number.POSITIVE_INFINITY)).toContain(
      'Unknown 5.00, on hold 4.00, partially refunded 3.00\n',
    )
  })

  test('tells names that hide a byte order mark as such', async () => {
    const bronze = {
      customers: [{ _id: 1, '\ufeffcustomer_id': 'C1', first_name: 'A', country: 'France' }],
      transactions: [
        {
          _id: 1,
          '\ufefftransaction_id': 'T1',
          customer_id: 'C1',
          amount: '5',
          'cou\u200bpon': 1,
          '\ufeffJean Dupont': 1,
        },
      ],
    }
    const { report } = await run(bronze)
    const drift = (report.silver?.drift ?? []).map(({ collection, field }) => `${collection}.${field}`)
    expect(drift.sort()).toEqual([
      'customers.customer_id (behind a byte order mark)',
      'transactions.(not a plain name)',
      'transactions.coupon (with invisible characters)',
      'transactions.transaction_id (behind a byte order mark)',
    ])
    const read = { collections: { customers: { fields: { customer_id: '\ufeffcustomer_id' } } } }
    expect((await run(bronze, read)).collection('customers')).toMatchObject({ silver: 1, quarantined: 0 })
  })

  test('names the rule set that made silver, and that of the silver before', async () => {
    const bronze = { transactions: [{ _id: 1, ...sale }] }
    const { report, silver } = await run(bronze)
    expect(describeReport(report)).toMatch(/^Silver made .*, rule set 2\n +bronze/)
    await silver.collection('runs').updateMany({}, { $unset: { rules: '' } })
    const after = describeReport((await run(bronze)).report)
    expect(after).toMatch(
      /, rule set 2\n {2}! rule set 1 made the silver before: CHANGELOG.md says which numbers differ/,
    )
    expect(describeReport((await run(bronze)).report)).not.toContain('rule set 1')
  })
})
