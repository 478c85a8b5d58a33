import { createSecretKey } from 'node:crypto'
import { type Document, EJSON, ObjectId } from 'bson'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readKnown } from '../../src/privacy/bronze.ts'
import { configOf } from '../../src/settings/config.ts'
import { explain, findPerson, readReport, runErasure, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

/*
 * Bronze in the shapes that shops have: fields within fields, lists of lines.
 */

let place: Place

beforeAll(async () => {
  place = await openPlace()
})
afterEach(async () => {
  await place.client.db(place.names.silver).dropDatabase()
  await place.client.db('lingot').collection('erasures').deleteMany({ '_id.bronze': place.names.bronze })
})
afterAll(() => place.leave())

type Bronze = Readonly<Record<string, readonly Document[]>>

const erasureKey = createSecretKey('the key of the erasures of these tests', 'utf8')

async function optionsOf(settings: object) {
  const config = await configOf({ file: 'lingot.config.json', value: settings }, {})
  return { ...config, ...place.names, erasureKey, acceptShrink: true }
}

/** Runs it by these settings, and says what became of the documents. */
async function run(bronze: Bronze, settings: object) {
  await place.load(bronze)
  const options = await optionsOf(settings)
  const record = await runPipeline(place.client, place.postgresUrl, options)
  return { options, record, ...(await outcome(options)) }
}

async function outcome(options: Awaited<ReturnType<typeof optionsOf>>) {
  const silver = place.client.db(place.names.silver)
  const report = await readReport(silver, options)
  const stored = (collection: string) => silver.collection(collection).find().sort({ _id: 1 }).toArray()
  return {
    report,
    stored,
    idsOf: async (collection: string) => (await stored(collection)).map(({ _id }) => EJSON.stringify(_id)),
    collection: (name: string) => report.silver?.collections.find(({ collection }) => collection === name),
    field: (name: string) => report.silver?.fields.find(({ collection, field }) => `${collection}.${field}` === name),
    revenue: report.gold?.revenue.total,
  }
}

async function erase(id: string, settings: object, fromBronze: boolean) {
  const options = { ...(await optionsOf(settings)), fromBronze }
  const person = await findPerson(place.client, id, options)
  const { erasure } = await runErasure(place.client, place.postgresUrl, person, options)
  return { erasure, ...(await outcome(options)) }
}

const bronzeOf = (collection: string) =>
  place.client.db(place.names.bronze).collection(collection).find().sort({ _id: 1 }).toArray()

describe('fields within fields', () => {
  const settings = {
    collections: {
      customers: {
        from: 'clients',
        fields: {
          customer_id: '_id',
          first_name: 'name.first',
          last_name: 'name.last',
          email: 'contact.emails.0',
          phone: 'contact.phone',
          country: 'address.country',
          city: 'address.city',
        },
      },
      transactions: {
        from: 'orders',
        fields: { transaction_id: 'number', customer_id: 'buyer.id', product: 'lines.0.name', amount: 'total.net' },
        keep: {
          note: { kind: 'label', from: 'buyer.note', personal: true, inClear: true, meaning: 'What they wrote.' },
        },
        leaveOut: ['flags.test'],
      },
    },
  }
  const [ada, bob] = [new ObjectId('65a000000000000000000001'), new ObjectId('65a000000000000000000002')]
  const bronze = {
    clients: [
      {
        _id: ada,
        name: { first: 'Ada', last: 'Byron' },
        contact: { emails: ['ada@shop.example', 'old@shop.example'], phone: '06 12 34 56 78' },
        address: { country: 'BE', city: 'Gand', street: 'X' },
      },
      { _id: bob, name: { first: 'Bob' }, contact: 'bob@shop.example', address: null },
    ],
    orders: [
      {
        _id: 1,
        number: 'O1',
        buyer: { id: ada, note: 'For Ada' },
        lines: [{ name: 'Mug' }],
        total: { net: 10, tax: 2 },
      },
      {
        _id: 2,
        number: 'O1',
        buyer: { id: ada, note: 'For Ada' },
        lines: [{ name: 'Mug' }],
        total: { net: 10, tax: 2 },
      },
      {
        _id: 3,
        number: 'O1',
        buyer: { id: ada, note: 'For Ada' },
        lines: [{ name: 'Mug' }],
        total: { net: 10, tax: 3 },
      },
      {
        _id: 4,
        number: 'O2',
        buyer: { id: bob },
        lines: [{ name: 'Cup' }, { name: 'Mug' }],
        total: { net: '20,50 €' },
      },
      { _id: 5, number: 'O3', buyer: { id: bob }, lines: [], total: 7, flags: { test: true } },
      { _id: 6, number: 'O4', buyer: { id: bob }, lines: [], total: 7, flags: {} },
    ],
  }

  test('are read, counted and told, and documents that differ in what no path leads to are two', async () => {
    const ran = await run(bronze, settings)
    expect(await ran.stored('customers')).toMatchObject([
      { customer_id: ada.toHexString(), full_name: 'Ada Byron', country: 'Belgique', city: 'Gand' },
      { customer_id: bob.toHexString(), full_name: 'Bob', email: null, country: 'Unknown' },
    ])
    expect(await ran.idsOf('transactions')).toEqual(['1', '3', '4', '6'])
    expect(ran.collection('transactions')).toMatchObject({
      bronze: 6,
      silver: 4,
      duplicates: 1,
      leftOut: 1,
      addsUp: true,
    })
    expect(ran.revenue).toBe('40.50')
    expect(ran.field('transactions.amount')).toMatchObject({ documents: 5, invalid: 1, missing: 0 })
    expect(ran.field('customers.email')).toMatchObject({ invalid: 1, missing: 0 })
    expect(ran.field('customers.city')).toMatchObject({ invalid: 0, missing: 1 })
    const names = ran.report.silver?.drift.map(({ collection, field }) => `${collection} ${field}`)
    expect(names?.sort()).toEqual([
      'customers address.street',
      'customers contact.emails.1',
      'transactions flags',
      'transactions lines.1',
      'transactions total.tax',
    ])
  })

  test('are known to the search for what is personal, and lead back from gold', async () => {
    const { options } = await run(bronze, settings)
    const { emails, phones } = await readKnown(place.client, options)
    expect({ emails, phones }).toEqual({ emails: 3, phones: 1 })
    const { silver } = await explain(place.client, place.postgresUrl, 'product', 'Mug', options)
    expect(silver[0]?.records.map(({ _id, bronze }) => [_id, bronze])).toEqual([
      [1, 'unchanged'],
      [3, 'unchanged'],
    ])
  })

  test('are taken out of bronze where they are personal, and nothing beside them is', async () => {
    await run(bronze, settings)
    const { erasure, stored } = await erase(ada.toHexString(), settings, true)
    expect(erasure).toEqual({
      customers: 1,
      transactions: 2,
      quarantined: 0,
      bronze: { customers: 1, transactions: 3 },
    })
    expect((await stored('transactions')).map(({ customer_id, note }) => [customer_id, note])).toEqual([
      [null, 'Unknown'],
      [null, 'Unknown'],
      [bob.toHexString(), 'Unknown'],
      [bob.toHexString(), 'Unknown'],
    ])
    expect((await bronzeOf('clients')).map(({ _id }) => _id)).toEqual([bob])
    expect((await bronzeOf('orders'))[0]).toEqual({ ...bronze.orders[0], buyer: {} })
    expect((await bronzeOf('orders'))[3]).toEqual(bronze.orders[3])
  })

  test('under a name that MongoDB cannot address are not taken out of bronze, and nobody is erased', async () => {
    const dotted = { collections: { transactions: { fields: { customer_id: ['buyer.id'] } } } }
    await run({ transactions: [{ _id: 1, 'buyer.id': 'C1', amount: 1 }] }, dotted)
    await expect(erase('C1', dotted, true)).rejects.toThrow('MongoDB cannot take the field buyer.id away')
    expect((await erase('C1', dotted, false)).erasure).toMatchObject({ transactions: 1 })
  })
})
