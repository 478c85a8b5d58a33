import { createHash } from 'node:crypto'
import { DuckDBInstance } from '@duckdb/node-api'
import { BSON, Decimal128, type Document, Double, Int32, Long, ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { columnsOf } from '../../src/contracts/contract.ts'
import { readModels } from '../../src/gold/models.ts'
import { readSettings, type Settings } from '../../src/settings/config.ts'
import { cleaner } from '../../src/silver/clean/cleaner.ts'
import { reproducibleModels } from '../gold/reproducible.ts'
import { readReport, runPipeline, runProcessor } from '../run.ts'

const id = new ObjectId().toHexString()
const names = { bronze: `bronze_${id}`, silver: `silver_${id}`, goldSchema: `gold_${id}` }

type Numbered = Document & { _id: number }

const md5 = (plain: string) => createHash('md5').update(plain).digest('hex')

/** What the settings make of the rest of a run's options. */
async function optionsOf(settings: Settings) {
  return { ...(await readSettings(settings, 'lingot.config.ts')), ...names }
}

/** What the settings make of one bronze document, and the fields that they do not name. */
async function clean(
  settings: Settings,
  collection: string,
  raw: Document,
): Promise<{ silver: Document; unnamed: string[] }> {
  const { contracts, phoneRegion } = await optionsOf(settings)
  const contract = contracts.find((contract) => contract.collection === collection)
  if (contract === undefined) throw new Error(`no contract ${collection}`)
  const unnamed: string[] = []
  const observer = {
    value: () => undefined,
    suspicious: () => undefined,
    unnamed: (field: string) => unnamed.push(field),
  }
  const document = Buffer.from(BSON.serialize({ _id: 1, ...raw }))
  const silver = cleaner(contract, { latest: Date.now(), region: phoneRegion }).clean(document, observer)
  return { silver, unnamed }
}

/** What is told of the values of a document, by field. */
async function toldOf(settings: Settings, collection: string, raw: Document): Promise<Record<string, string>> {
  const { contracts } = await optionsOf(settings)
  const contract = contracts.find((contract) => contract.collection === collection)
  if (contract === undefined) throw new Error(`no contract ${collection}`)
  const told: Record<string, string> = {}
  const observer = {
    value: (field: string, outcome: { reason: string; kind?: string }) => {
      told[field] = `${outcome.kind}: ${outcome.reason}`
    },
    unnamed: () => undefined,
    suspicious: () => undefined,
  }
  const document = Buffer.from(BSON.serialize({ _id: 1, ...raw }))
  cleaner(contract, { latest: Date.now(), region: 'FR' }).clean(document, observer)
  return told
}

type Case = [what: string, settings: Settings, raw: Document, expected: Document, unnamed?: string[]]

function table(collection: 'customers' | 'transactions' | 'campaigns', cases: Case[]): void {
  test.each(cases)('%s', async (_, settings, raw, expected, unnamed = []) => {
    const cleaned = await clean(settings, collection, raw)
    expect(cleaned.silver).toMatchObject(expected)
    expect(cleaned.unnamed).toEqual(unnamed)
  })
}

const customers = (settings: NonNullable<Settings['collections']>['customers']): Settings => ({
  collections: { customers: settings },
})
const transactions = (settings: NonNullable<Settings['collections']>['transactions']): Settings => ({
  collections: { transactions: settings },
})

describe('a field is read', () => {
  table('customers', [
    ['under its own name', {}, { city: 'Lyon', ville: 'Paris' }, { city: 'Lyon' }, ['ville']],
    ['under another', customers({ fields: { city: 'ville' } }), { ville: 'Paris' }, { city: 'Paris' }],
    [
      'under the other alone',
      customers({ fields: { city: 'ville' } }),
      { city: 'Lyon' },
      { city: 'Unknown' },
      ['city'],
    ],
    [
      'under a name of any letters',
      customers({ fields: { city: 'Ville (clé)' } }),
      { 'Ville (clé)': 'Paris' },
      { city: 'Paris' },
    ],
    [
      'as another was',
      customers({ fields: { first_name: 'last_name', last_name: 'first_name' } }),
      { first_name: 'Dupont', last_name: 'Jean' },
      { first_name: 'Jean', last_name: 'Dupont', full_name: 'Jean Dupont' },
    ],
    ['from _id', customers({ fields: { customer_id: '_id' } }), { _id: 'C1' }, { customer_id: 'C1' }],
    [
      'from _id, and what is not named still shows',
      customers({ fields: { customer_id: '_id' } }),
      { _id: 'C1', x: 1 },
      { customer_id: 'C1' },
      ['x'],
    ],
    [
      'by two, where that is said',
      customers({ fields: { city: 'place', postal_code: { from: 'place', shared: true } } }),
      { place: 'Paris', x: 1 },
      { city: 'Paris', postal_code: 'Paris' },
      ['x'],
    ],
  ])
})

describe('a path leads', () => {
  const city = (from: string | string[]) => customers({ fields: { city: from } })
  const keep = (from: string) => ({ kind: 'count' as const, personal: false, meaning: 'It.', from })
  table('customers', [
    ['below a key', city('address.city'), { address: { city: 'Paris' } }, { city: 'Paris' }],
    ['further down', city('a.b.c.d'), { a: { b: { c: { d: 'Paris' } } } }, { city: 'Paris' }],
    [
      'to several below one key',
      customers({ fields: { first_name: 'name.first', last_name: 'name.last' } }),
      { name: { last: 'B', first: 'A' } },
      { full_name: 'A B' },
    ],
    [
      'to a key with a dot in it',
      city(['address.city']),
      { 'address.city': 'Paris', address: { city: 'Lyon' } },
      { city: 'Paris' },
      ['address'],
    ],
    ['below one', city(['a.b', 'c']), { 'a.b': { c: 'Paris' } }, { city: 'Paris' }],
    ['to a place in a list', city('cities.1'), { cities: ['Lyon', 'Paris'] }, { city: 'Paris' }, ['cities.0']],
    ['through one', city('homes.0.city'), { homes: [{ city: 'Paris' }] }, { city: 'Paris' }],
    ['through lists of lists', city('a.1.0'), { a: [[], ['Paris']] }, { city: 'Paris' }, ['a.0']],
    ['to a key that is a number', city('a.0'), { a: { 0: 'Paris' } }, { city: 'Paris' }],
    [
      'within _id',
      customers({ fields: { customer_id: '_id.customer' } }),
      { _id: { shop: 1, customer: 'C1' } },
      { customer_id: 'C1' },
      ['_id.shop'],
    ],
    [
      'to a value and below it',
      customers({ fields: { city: 'a', postal_code: 'a.b' } }),
      { a: { b: '1' } },
      { city: 'Unknown', postal_code: '1' },
    ],
    ['to Extended JSON', customers({ fields: { age: 'a.b' } }), { a: { b: { $numberInt: '7' } } }, { age: 7 }],
    [
      'past what nobody names, which is told',
      city('a.b.c'),
      { a: { b: { c: 'Paris', d: 1 }, e: 2 }, f: 3 },
      { city: 'Paris' },
      ['a.b.d', 'a.e', 'f'],
    ],
    ['of what is kept', customers({ keep: { n: keep('a.b') } }), { a: { b: 7 } }, { n: 7 }],
  ])

  test.each<[met: string, raw: Document, outcome: string | undefined]>([
    ['a document without the key', { a: {} }, 'missing: absent'],
    ['no document', {}, 'missing: absent'],
    ['null', { a: null }, 'missing: null'],
    ['an empty list', { a: [] }, 'missing: absent'],
    ['a blank text', { a: ' ' }, 'missing: blank'],
    ['a word for nothing', { a: 'n/a' }, 'missing: placeholder'],
    ['null at the end', { a: { b: null } }, 'missing: null'],
    ['a text', { a: 'Paris' }, 'invalid: no object on its path'],
    ['a number', { a: 1 }, 'invalid: no object on its path'],
    ['a date', { a: new Date(0) }, 'invalid: no object on its path'],
    ['a list, and no place in it', { a: [{ b: 'Paris' }] }, 'invalid: no object on its path'],
    ['a document at the end', { a: { b: { c: 1 } } }, 'invalid: not a text'],
    ['a list at the end', { a: { b: ['Paris'] } }, 'invalid: not a text'],
    ['a value', { a: { b: 'Paris' } }, undefined],
  ])('that meets %s', async (_, raw, expected) => {
    expect((await toldOf(city('a.b'), 'customers', raw))['city']).toBe(expected)
  })
})

describe('an amount is the product of two fields', () => {
  const times = (more = {}) => transactions({ fields: { amount: { from: 'price', times: 'n', ...more } } })
  table('transactions', [
    ['that are numbers', times(), { price: 12.5, n: 4 }, { amount: 50, total_amount: 50 }],
    ['exactly, and rounded once', times(), { price: 0.335, n: 3 }, { amount: 1.01 }],
    ['of which neither is a count', times(), { price: 1.1, n: 1.1 }, { amount: 1.21 }],
    ['that doubles do not hold', times(), { price: 1.005, n: 1000 }, { amount: 1005 }],
    ['of a return', times(), { price: 12.5, n: -2 }, { amount: -25, quantity: 1 }],
    ['of none', times(), { price: 12.5, n: 0 }, { amount: 0 }],
    ['that are texts', times(), { price: '1 234,50 €', n: "'2" }, { amount: 2469 }],
    ['of any type', times(), { price: Decimal128.fromString('1.25'), n: Long.fromNumber(3) }, { amount: 3.75 }],
    ['in Extended JSON', times(), { price: { $numberDecimal: '1.5' }, n: { $numberInt: '3' } }, { amount: 4.5 }],
    ['of cents', times({ scale: 0.01 }), { price: 1250, n: 3 }, { amount: 37.5 }],
    ['in texts that leave it open', times({ decimal: '.' }), { price: '1.234', n: '1.000' }, { amount: 1.23 }],
    ['and unknown without one', times(), { n: 3 }, { amount: null }],
    ['and unknown without the other', times(), { price: 3 }, { amount: null }],
    ['and unknown where one says nothing', times({ missing: [0] }), { price: 0, n: 3 }, { amount: null }],
    ['and unknown where the other is none', times(), { price: 3, n: 'many' }, { amount: null }],
    [
      'beside one that is read by itself',
      transactions({ fields: { amount: { from: 'price', times: 'quantity' } } }),
      { price: 3, quantity: 2 },
      { amount: 6, quantity: 2 },
    ],
    [
      'at paths',
      transactions({ fields: { amount: { from: 'line.price', times: 'line.n' } } }),
      { line: { price: 3, n: 2 } },
      { amount: 6 },
    ],
    [
      'below nothing',
      transactions({ fields: { amount: { from: 'price', times: 'line.n' } } }),
      { price: 3, line: null },
      { amount: null },
    ],
    [
      'of what is kept',
      transactions({ keep: { cost: { kind: 'money', personal: false, meaning: 'It.', from: 'unit', times: 'n' } } }),
      { unit: 2, n: 2 },
      { cost: 4 },
    ],
  ])

  test.each<[raw: Document, outcome: string | undefined]>([
    [{ n: 3 }, 'missing: absent'],
    [{ price: 3 }, 'missing: times: absent'],
    [{ price: 3, n: ' ' }, 'missing: times: blank'],
    [{ price: 3, n: 'many' }, 'invalid: times: not a number'],
    [{ price: 'x', n: 'many' }, 'invalid: not a number'],
    [{ price: 1e9, n: 1e9 }, 'invalid: too large'],
    [{ price: '3', n: 2 }, 'undefined: text to number'],
    [{ price: 0.001, n: 2 }, 'undefined: rounded to cents'],
    [{ price: 3, n: 2 }, undefined],
  ])('of which is told what is wrong: %j', async (raw, expected) => {
    expect((await toldOf(times(), 'transactions', raw))['amount']).toBe(expected)
  })
})

describe('a missing value is', () => {
  table('customers', [
    ['what the contract says', {}, {}, { city: 'Unknown', age: null, marketing_consent: false }],
    ['another label', customers({ fields: { city: { default: 'Inconnue' } } }), { city: 'n/a' }, { city: 'Inconnue' }],
    ['another number', customers({ fields: { age: { default: 40 } } }), { age: 'old' }, { age: 40 }],
    [
      'another date, as text',
      customers({ fields: { created_at: { default: '2020-01-31' } } }),
      {},
      { created_at: new Date('2020-01-31') },
    ],
    [
      'another date',
      customers({ fields: { created_at: { default: new Date('2020-01-31') } } }),
      {},
      { created_at: new Date('2020-01-31') },
    ],
    [
      'another consent',
      customers({ fields: { marketing_consent: { default: true } } }),
      {},
      { marketing_consent: true },
    ],
    ['null, where it was', customers({ fields: { age: { default: null } } }), {}, { age: null }],
    ['Unknown, said again', customers({ fields: { country: { default: 'Unknown' } } }), {}, { country: 'Unknown' }],
  ])
  const inconnu = customers({ fields: { first_name: { default: 'Inconnu' }, last_name: { default: 'Inconnu' } } })
  table('customers', [
    ['left out of the full name: first', inconnu, { last_name: 'Dupont' }, { full_name: 'Dupont' }],
    ['left out of the full name: last', inconnu, { first_name: 'Jean' }, { full_name: 'Jean' }],
    ['the full name where both are', inconnu, {}, { full_name: 'Inconnu' }],
  ])
  table('campaigns', [
    [
      'a spend of 0',
      { collections: { campaigns: { fields: { spend: { default: 0 } } } } },
      { budget: 10 },
      { spend: 0, roi: 100 },
    ],
  ])
})

describe('a label takes the spelling of', () => {
  const spelt = (vocabulary: string[] | { add: string[] }) => transactions({ fields: { status: { vocabulary } } })
  table('transactions', [
    ['the contract', {}, { status: 'REFUNDED' }, { status: 'Refunded' }],
    ['a vocabulary instead', spelt(['Remboursée']), { status: 'remboursee' }, { status: 'Remboursée' }],
    ['and of no other', spelt(['Remboursée']), { status: 'REFUNDED' }, { status: 'REFUNDED' }],
    ['a vocabulary beside', spelt({ add: ['Remboursée'] }), { status: 'remboursee' }, { status: 'Remboursée' }],
    ['and the contract', spelt({ add: ['Remboursée'] }), { status: 'REFUNDED' }, { status: 'Refunded' }],
  ])
})

describe('a phone number without a country is of', () => {
  const phone = '0470 12 34 56'
  table('customers', [
    ['the region that is set', { phoneRegion: 'BE' }, { phone }, { phone: md5('+32470123456') }],
    [
      "its customer's country all the same",
      { phoneRegion: 'BE' },
      { phone: '06 12 34 56 78', country: 'France' },
      { phone: md5('+33612345678') },
    ],
    ['France', {}, { phone: '06 12 34 56 78' }, { phone: md5('+33612345678') }],
  ])
})

describe('on real servers', () => {
  let client: MongoClient
  let postgres: pg.Client
  const bronze = () => client.db(names.bronze)
  const silver = () => client.db(names.silver)

  beforeAll(async () => {
    client = await MongoClient.connect(inject('mongodbUri'))
    postgres = new pg.Client({ connectionString: inject('postgresUrl') })
    await postgres.connect()
  })

  beforeEach(async () => {
    await bronze().dropDatabase()
    await silver().dropDatabase()
  })

  afterAll(async () => {
    await bronze().dropDatabase()
    await silver().dropDatabase()
    await postgres.query(`drop schema if exists ${names.goldSchema} cascade`)
    await postgres.end()
    await client.close()
  })

  async function readGold(): Promise<Record<string, unknown[]>> {
    const gold: Record<string, unknown[]> = {}
    for (const { name, key } of reproducibleModels) {
      const { rows } = await postgres.query(`select * from ${names.goldSchema}.${name} order by ${key.join(', ')}`)
      gold[name] = rows
    }
    return gold
  }

  const run = async (settings: Settings, acceptShrink = false) =>
    runPipeline(client, inject('postgresUrl'), { ...(await optionsOf(settings)), acceptShrink })

  const keep = {
    tier: { kind: 'label', from: 'loyaltyTier', meaning: 'Tier.', personal: false },
    sponsor_id: { kind: 'id', meaning: 'Who brought the customer.', personal: false },
    balance: { kind: 'money', meaning: 'What is left on the account.', personal: false },
    points: { kind: 'count', default: 0, meaning: 'Points.', personal: false },
    birthday: { kind: 'date', meaning: 'Birthday.', personal: true, inClear: true },
    newsletter: { kind: 'consent', meaning: 'Wants the newsletter.', personal: false },
  } as const

  test('kept fields are in silver, of one type each, and in its validator, the report and the contract', async () => {
    await bronze()
      .collection<Numbered>('customers')
      .insertMany([
        {
          _id: 1,
          customer_id: 'A',
          loyaltyTier: ' gold ',
          sponsor_id: 'B',
          balance: '1 234,50 €',
          points: 7,
          birthday: '1990-05-01',
          newsletter: 'oui',
        },
        {
          _id: 2,
          customer_id: 'B',
          loyaltyTier: 'Silver',
          sponsor_id: 12,
          balance: 10,
          points: -1,
          birthday: new Date('1990-05-01'),
          newsletter: false,
          other: 1,
        },
        { _id: 3, customer_id: 'C' },
      ])
    const options = await optionsOf(customers({ keep }))
    await runProcessor(client, options)

    const read = await silver()
      .collection<Numbered>('customers')
      .find({}, { promoteValues: false, sort: { _id: 1 } })
      .toArray()
    const values = read.map((document) => Object.keys(keep).map((name) => document[name]))
    expect(values).toEqual([
      ['gold', 'B', new Double(1234.5), Long.fromNumber(7), new Date('1990-05-01'), true],
      ['Silver', '12', new Double(10), Long.fromNumber(0), new Date('1990-05-01'), false],
      ['Unknown', null, null, Long.fromNumber(0), null, false],
    ])

    const [first = {}] = read
    const insert = (change: Document) =>
      silver()
        .collection<Numbered>('customers')
        .insertOne({ ...first, _id: 9, ...change })
    for (const wrong of [
      { points: new Int32(1) },
      { points: Long.fromNumber(-1) },
      { balance: 'much' },
      { tier: null },
      { newsletter: 1 },
      { birthday: '1990' },
      { other: 1 },
    ]) {
      await expect(insert(wrong), JSON.stringify(wrong)).rejects.toMatchObject({ code: 121 })
    }
    await insert({})

    const report = await readReport(silver())
    const reported = report.silver?.fields.map(({ collection, field }) => `${collection}.${field}`)
    expect(reported).toEqual(expect.arrayContaining(Object.keys(keep).map((name) => `customers.${name}`)))
    expect(report.silver?.fields.find(({ field }) => field === 'points')).toMatchObject({ missing: 1, invalid: 1 })
    expect(report.silver?.drift.map(({ field }) => field)).toEqual(['other'])

    const contract = options.contracts.find(({ collection }) => collection === 'customers')
    const columns = Object.fromEntries(contract === undefined ? [] : columnsOf(contract))
    for (const [name, { meaning, personal }] of Object.entries(keep))
      expect(columns[name]).toMatchObject({ meaning, personal })
  })

  test('kept fields leave gold as it is, whatever word of its models they are called by', async () => {
    await generate(client, { database: names.bronze, scale: 0.02 })
    // Of two records of a campaign the later one names it.
    await bronze()
      .collection<Numbered>('campaigns')
      .insertMany(
        ['Old', 'New'].map((campaign_name, i) => ({
          _id: i,
          campaign_id: 'A',
          campaign_name,
          start_date: `202${i}-01-01`,
        })),
      )
    await run({})
    const expected = await readGold()

    const words = new Set(
      readModels().flatMap(({ sql }) => sql.replace(/--.*$/gm, '').match(/\b[a-z_][a-z0-9_]*\b/g) ?? []),
    )
    const kept: Record<string, object> = {}
    for (const word of words) {
      const field = { kind: 'label', from: 'product', shared: true, meaning: 'A word.', personal: false } as const
      const isRefused = await readSettings(transactions({ keep: { [word]: field } }), '').then(
        () => false,
        () => true,
      )
      if (!isRefused) kept[word] = { ...field, from: `bronze ${word}` }
    }
    expect(Object.keys(kept).length).toBeGreaterThan(50)
    for (const collection of ['customers', 'transactions', 'campaigns'] as const) {
      const { contracts } = await optionsOf({})
      const columns = contracts.filter((contract) => contract.collection === collection).flatMap(columnsOf)
      const free = Object.entries(kept).filter(([word]) => !columns.some(([name]) => name === word))
      await run({ collections: { [collection]: { keep: Object.fromEntries(free) } } } as Settings)
      expect(await readGold(), collection).toEqual(expected)
    }
  })

  test('no kept field is called by a word that is reserved in SQL', async () => {
    const instance = await DuckDBInstance.create(':memory:')
    const duckdb = await (await instance.connect()).runAndReadAll(
      "select keyword_name from duckdb_keywords() where keyword_category in ('reserved', 'type_function')",
    )
    const { rows } = await postgres.query("select word from pg_get_keywords() where catcode in ('R', 'T')")
    const words = [...duckdb.getRows().map(([word]) => String(word)), ...rows.map(({ word }) => String(word))]
    expect(words.length).toBeGreaterThan(100)
    for (const word of words) {
      const settings = customers({ keep: { [word]: { kind: 'label', meaning: 'A word.', personal: false } } })
      await expect(readSettings(settings, ''), word).rejects.toThrow('is a word of SQL')
    }
  })

  test('revenue is left out by status as if its sales were not there, but for reconciliation', async () => {
    await generate(client, { database: names.bronze, scale: 0.1 })
    await run({ revenue: { leaveOut: ['Cancelled', 'Refunded'] } })
    const { reconciliation: named = [], ...left } = await readGold()
    const { deletedCount } = await bronze()
      .collection('transactions')
      .deleteMany({ status: { $in: [/^\s*cancelled\s*$/i, /^\s*refunded\s*$/i] } })
    expect(deletedCount).toBeGreaterThan(50)
    await run({})
    const { reconciliation: _, ...expected } = await readGold()
    expect(left).toEqual(expected)
    expect(named).toContainEqual(
      expect.objectContaining({ gold_table: 'by status', part: 'Refunded', in_table: false }),
    )
  })

  test('a limit that is exceeded keeps the old gold, on a kept field as on any other', async () => {
    await bronze()
      .collection<Numbered>('customers')
      .insertMany([{ _id: 1, customer_id: 'A' }])
    const settings = customers({ keep: { tier: { kind: 'label', meaning: 'Tier.', personal: false } } })
    const limit = (severity: 'warn' | 'error') => ({
      ...settings,
      thresholds: [{ field: 'customers.tier', unknownAtMost: 99, severity }],
    })
    await run(limit('warn'), true)
    await expect(run(limit('error'))).rejects.toMatchObject({
      kind: 'gate',
      message: expect.stringContaining('customers.tier'),
    })
  })

  test('a view can lift what is nested', async () => {
    await bronze()
      .collection<Numbered>('people')
      .insertMany([
        { _id: 1, code: 'A', contact: { email: 'a@b.fr' } },
        { _id: 2, code: 'B' },
      ])
    await bronze().createCollection('flat', { viewOn: 'people', pipeline: [{ $set: { email: '$contact.email' } }] })
    await runProcessor(client, await optionsOf(customers({ from: 'flat', fields: { customer_id: 'code' } })))
    const read = await silver()
      .collection('customers')
      .find({}, { projection: { _id: 0, customer_id: 1, email: 1 } })
      .toArray()
    expect(read).toEqual([
      { customer_id: 'A', email: md5('a@b.fr') },
      { customer_id: 'B', email: null },
    ])
  })

  test('an empty bronze is told by the names that were looked for', async () => {
    const empty = runProcessor(client, await optionsOf(customers({ from: 'clients' })))
    await expect(empty).rejects.toMatchObject({ kind: 'bronze', message: expect.stringContaining('clients') })
  })
})
