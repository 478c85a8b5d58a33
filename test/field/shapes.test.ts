import { createSecretKey } from 'node:crypto'
import { type Document, EJSON, ObjectId } from 'bson'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { describeReport } from '../../src/commands/report.ts'
import { describeRun } from '../../src/commands/run_result.ts'
import { toldRun } from '../../src/library/told_run.ts'
import { readKnown } from '../../src/privacy/bronze.ts'
import { configOf } from '../../src/settings/config.ts'
import { documentOf, Fields, insertBytes } from '../garbage/bson.ts'
import { explain, findPerson, onlyTables, readQuarantine, readReport, runErasure, runPipeline } from '../run.ts'
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
  const suspicious = { ...config.suspicious, 'no amount is known': 'warn' as const }
  return {
    ...config,
    project: onlyTables('product_performance'),
    suspicious,
    ...place.names,
    erasureKey,
    acceptShrink: true,
  }
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

type Stay = [document: number, element: number][]

/**
 * Makes what comes of the orders of cases in one run for all that share their settings, each under numbers and `_id`s of
 * its own; gives which elements of a case stay, as if it were alone.
 */
function ranTogether(
  cases: readonly { orders: readonly object[]; stay: Stay; settings: object; more?: Bronze }[],
): (place: number) => Promise<Stay> {
  const ran = new Map<string, Promise<Stay>>()
  const apart = (order: Document, i: number) => {
    const { number } = order
    return typeof number !== 'string' || number === '' ? order : { ...order, number: `${number}-${i}` }
  }
  const runAll = async (settings: object): Promise<Stay> => {
    const same = cases.map((one) => JSON.stringify(one.settings) === JSON.stringify(settings))
    const orders = cases.flatMap(({ orders }, i) =>
      same[i] ? orders.map((order, n) => ({ _id: 100 * i + n + 1, ...apart(order, i) })) : [],
    )
    const more = cases.find((_, i) => same[i])?.more
    const { stored, collection } = await run({ ...more, orders }, settings)
    const silver = cases.reduce((sum, { stay }, i) => sum + (same[i] ? stay.length : 0), 0)
    expect(collection('transactions')).toMatchObject({ silver, addsUp: true })
    // Gold is what silver holds.
    const [sold] = await place.gold('select sum(total_sales) as n from product_performance')
    expect(sold).toEqual({ n: String(silver) })
    return (await stored('transactions')).map(({ _id }) => {
      const { document, element } = Object(_id)
      return [Number(document), Number(element)]
    })
  }
  return async (place) => {
    const { settings = {} } = cases[place] ?? {}
    const key = JSON.stringify(settings)
    const all = ran.get(key) ?? runAll(settings)
    ran.set(key, all)
    return (await all).flatMap(([document, element]) =>
      Math.floor((document - 1) / 100) === place ? [[document - 100 * place, element]] : [],
    )
  }
}

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

  test('that are multiplied keep apart what is equal as a product alone, and their marks are told', async () => {
    const times = {
      collections: { transactions: { fields: { amount: { from: 'unit.price', times: 'unit.n' } } } },
    }
    const sale = (price: unknown, n: unknown) => ({ transaction_id: 'T1', unit: { price, n } })
    const transactions = [sale(2, 6), sale(3, 4), sale(2, 6), sale(1, '1.234'), sale('1.500', '1.234')]
    const ran = await run({ transactions: transactions.map((sale, i) => ({ _id: i + 1, ...sale })) }, times)
    expect(await ran.idsOf('transactions')).toEqual(['1', '2', '4', '5'])
    expect(ran.collection('transactions')).toMatchObject({ duplicates: 1, addsUp: true })
    expect(ran.collection('transactions')?.suspicious).toMatchObject([
      { field: 'amount', what: 'one mark before three digits', count: 2 },
    ])
  })

  test('below what Extended JSON spells are invalid, and not absent', async () => {
    const below = { collections: { transactions: { fields: { customer_id: 'buyer.id', product: 'what.$oid' } } } }
    const oid = { $oid: '65a000000000000000000001' }
    const transactions = [
      { _id: 1, buyer: oid, what: oid },
      { _id: 2, buyer: { id: oid } },
      { _id: 3, buyer: { $other: 'x' } },
    ]
    const ran = await run({ transactions }, below)
    expect(ran.field('transactions.customer_id')).toMatchObject({ invalid: 1, missing: 1, repaired: 1 })
    expect(await ran.stored('transactions')).toMatchObject([
      { customer_id: null, product: oid.$oid },
      { customer_id: oid.$oid },
      { customer_id: null },
    ])
  })

  describe('of somebody who is erased', () => {
    const contact = (name: string, from: string) => ({
      [name]: { kind: 'label', from, personal: true, inClear: true, meaning: 'Of the buyer.' },
    })
    const settings = (fields: object, keep: object) => ({ collections: { transactions: { fields, keep } } })

    test.each<[what: string, fields: object, keep: object, before: Fields['list'], after: Document]>([
      [
        'of which one stands in another',
        {},
        { ...contact('contact', 'contact'), ...contact('mail', 'contact.mail') },
        [
          ['customer_id', 'C1'],
          ['contact', new Fields([['mail', 'ada@shop.example']])],
        ],
        {},
      ],
      [
        'where a value stands in their way',
        {},
        contact('mail', 'contact.mail'),
        [
          ['customer_id', 'C1'],
          ['contact', 'ada@shop.example'],
        ],
        {},
      ],
      [
        'where a list stands in their way',
        {},
        contact('mail', 'contact.mail'),
        [
          ['customer_id', 'C1'],
          ['contact', ['ada@shop.example']],
          ['amount', 5],
        ],
        { amount: 5 },
      ],
      [
        'that come more than once',
        { customer_id: 'buyer.id' },
        contact('mail', 'buyer.mail'),
        [
          ['buyer', 'ada@shop.example'],
          ['buyer', new Fields([['name', 'x']])],
          [
            'buyer',
            new Fields([
              ['mail', 'ada@shop.example'],
              ['mail', 'Ada'],
              ['mail', 'A.'],
              ['mail', 'Byron'],
              ['id', 'C1'],
              ['id', 'C1'],
              ['vip', true],
            ]),
          ],
        ],
        { buyer: { vip: true } },
      ],
      [
        'as Extended JSON spells them',
        { customer_id: 'buyer.$oid' },
        {},
        [
          ['buyer', new Fields([['$oid', 'C1']])],
          ['amount', 5],
        ],
        { amount: 5 },
      ],
    ])('go from bronze: %s', async (_, fields, keep, before, after) => {
      await place.load({ customers: [{ _id: 1, customer_id: 'C1' }] })
      const into = { database: place.names.bronze, collection: 'transactions' }
      await insertBytes(place.client, into, [documentOf([['_id', 1], ...before])])
      const all = settings(fields, keep)
      await runPipeline(place.client, place.postgresUrl, await optionsOf(all))
      const { erasure } = await erase('C1', all, true)
      expect(erasure).toMatchObject({ bronze: { customers: 1, transactions: 1 } })
      expect(await bronzeOf('transactions')).toEqual([{ _id: 1, ...after }])
    })
  })

  test('under a name that MongoDB cannot address are not taken out of bronze, and nobody is erased', async () => {
    const dotted = { collections: { transactions: { fields: { customer_id: ['buyer.id'] } } } }
    await run({ transactions: [{ _id: 1, 'buyer.id': 'C1', amount: 1 }] }, dotted)
    await expect(erase('C1', dotted, true)).rejects.toThrow('MongoDB cannot take the field buyer.id away')
    expect((await erase('C1', dotted, false)).erasure).toMatchObject({ transactions: 1 })
  })
})

describe('lists of records', () => {
  const fields = {
    transaction_id: 'number',
    customer_id: 'client',
    product: 'items.name',
    amount: { from: 'items.price', times: 'items.qty' },
    quantity: 'items.qty',
    timestamp: 'ordered_on',
  }
  const shop = (more: object = {}) => ({
    collections: { transactions: { from: 'orders', each: 'items', fields, ...more } },
  })
  const at = new Date('2024-03-05T10:00:00Z')
  const mug = { name: 'Mug', price: 12.5, qty: 2 }
  const cup = { name: 'Cup', price: 0.335, qty: 3 }
  const order = (number: string, items: unknown, more: object = {}) => ({
    number,
    client: 'C1',
    ordered_on: at,
    items,
    ...more,
  })
  const customers = [
    { _id: 1, customer_id: 'C1', first_name: 'Ada', country: 'France' },
    { _id: 2, customer_id: 'C2', country: 'Suisse' },
  ]
  const id = (document: unknown, element: number) => EJSON.stringify({ document, element })

  test('are read element by element, beside the fields of their document', async () => {
    const orders = [
      { _id: 1, ...order('O1', [mug, cup, mug]) },
      { _id: 'two', ...order('O2', [cup], { client: 'C2' }) },
    ]
    const ran = await run({ customers, orders }, shop())
    expect(await ran.stored('transactions')).toMatchObject([
      {
        _id: { document: 1, element: 0 },
        transaction_id: 'O1',
        customer_id: 'C1',
        product: 'Mug',
        amount: 25,
        quantity: 2,
        timestamp: at,
      },
      {
        _id: { document: 1, element: 1 },
        transaction_id: 'O1',
        customer_id: 'C1',
        product: 'Cup',
        amount: 1.01,
        quantity: 3,
      },
      {
        _id: { document: 1, element: 2 },
        transaction_id: 'O1',
        customer_id: 'C1',
        product: 'Mug',
        amount: 25,
        quantity: 2,
      },
      { _id: { document: 'two', element: 0 }, transaction_id: 'O2', customer_id: 'C2', product: 'Cup', amount: 1.01 },
    ])
    expect(ran.revenue).toBe('52.02')
    expect(ran.collection('transactions')).toMatchObject({
      documents: { all: 2, empty: 0 },
      bronze: 4,
      silver: 4,
      duplicates: 0,
      quarantined: 0,
      addsUp: true,
    })
    expect(describeRun(toldRun(ran.record))).toMatch(/transactions +2 documents, 4 elements → 4: /)
    expect(describeReport(ran.report)).toMatch(/transactions +4 += +4 .*in 2 documents/)
    expect(ran.field('transactions.amount')).toMatchObject({ documents: 4, present: 4 })
  })

  test.each<[what: string, items: unknown, amounts: (number | null)[], empty: number, quarantined: string[]]>([
    ['no list', undefined, [], 1, []],
    ['null', null, [], 1, []],
    ['an empty list', [], [], 1, []],
    ['a word for nothing', 'n/a', [], 1, []],
    ['an object alone', mug, [25], 0, []],
    ['an object without fields', [{}], [null], 0, []],
    ['a text', 'Mug', [], 0, [id(1, 0)]],
    ['elements of all kinds', [mug, null, 'Mug', [mug], 7, cup], [25, 1.01], 0, [1, 2, 3, 4].map((n) => id(1, n))],
  ])('that are %s', async (_, items, amounts, empty, quarantined) => {
    const orders = [
      { _id: 1, ...order('O1', items) },
      { _id: 2, ...order('O2', [{ ...mug, qty: 1 }]) },
    ]
    const ran = await run({ customers, orders }, shop())
    const silver = await ran.stored('transactions')
    expect(silver.flatMap(({ _id, amount }) => (Object(_id).document === 1 ? [amount] : []))).toEqual(amounts)
    const told = await readQuarantine(place.client.db(place.names.silver))
    expect(told.documents.map(({ document_id, reason }) => [EJSON.stringify(document_id), reason]).sort()).toEqual(
      quarantined.map((id) => [id, 'no object']),
    )
    expect(ran.collection('transactions')).toMatchObject({
      documents: { all: 2, empty },
      bronze: amounts.length + quarantined.length + 1,
      silver: amounts.length + 1,
      quarantined: quarantined.length,
      addsUp: true,
    })
    // What is no object has no values to be missed.
    expect(ran.field('transactions.product')).toMatchObject({ documents: amounts.length + 1 })
  })

  const identities: [what: string, orders: object[], stay: Stay, more?: object][] = [
    [
      'inserted twice, as a whole',
      [order('O1', [mug, mug, cup]), order('O1', [mug, mug, cup])],
      [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
    ],
    [
      'that differ in bookkeeping',
      [order('O1', [mug], { updated_at: 1 }), order('O1', [mug], { updated_at: 2 })],
      [[1, 0]],
    ],
    ['that clean to one', [order('O1', [mug]), order(' O1', [{ ...mug, name: ' Mug' }])], [[1, 0]]],
    [
      'that differ in one element',
      [order('O1', [mug, cup]), order('O1', [mug, mug])],
      [
        [1, 0],
        [1, 1],
        [2, 0],
        [2, 1],
      ],
    ],
    [
      'of which one goes on',
      [order('O1', [mug]), order('O1', [mug, cup])],
      [
        [1, 0],
        [2, 0],
        [2, 1],
      ],
    ],
    [
      'in another order',
      [order('O1', [mug, cup]), order('O1', [cup, mug])],
      [
        [1, 0],
        [1, 1],
        [2, 0],
        [2, 1],
      ],
    ],
    [
      'that differ in what nobody reads',
      [order('O1', [{ ...mug, sku: 1 }]), order('O1', [{ ...mug, sku: 2 }])],
      [
        [1, 0],
        [2, 0],
      ],
    ],
    [
      'that differ beside the list',
      [order('O1', [mug], { shop: 1 }), order('O1', [mug], { shop: 2 })],
      [
        [1, 0],
        [2, 0],
      ],
    ],
    [
      'without an id',
      [order('', [mug]), order('', [mug])],
      [
        [1, 0],
        [2, 0],
      ],
    ],
    [
      'of different ids',
      [order('O1', [mug]), order('O2', [mug])],
      [
        [1, 0],
        [2, 0],
      ],
    ],
    [
      'with an element that is no object',
      [order('O1', [mug, 5, mug]), order('O1', [mug, 5, mug])],
      [
        [1, 0],
        [1, 2],
      ],
    ],
    [
      'of which the last one wins',
      [order('O1', [mug, mug]), order('O2', [mug]), order('O1', [cup, cup, cup])],
      [
        [2, 0],
        [3, 0],
        [3, 1],
        [3, 2],
      ],
      { identity: 'last one wins' },
    ],
    [
      'of which the last one is told by a field',
      [order('O1', [mug, mug], { v: { n: 2 } }), order('O1', [cup], { v: { n: 1 } })],
      [
        [1, 0],
        [1, 1],
      ],
      { identity: 'last one wins', lastBy: 'v.n' },
    ],
    [
      'that are left out by a field of theirs',
      [order('O1', [mug, cup], { test: true }), order('O2', [mug])],
      [[2, 0]],
      { leaveOut: ['test'] },
    ],
    [
      'of which elements are left out',
      [order('O1', [mug, { ...cup, void: true }, 5])],
      [[1, 0]],
      { leaveOut: ['items.void'] },
    ],
  ]
  const stayed = ranTogether(
    identities.map(([, orders, stay, more = {}]) => ({ orders, stay, settings: shop(more), more: { customers } })),
  )
  test.each(identities.map(([what, , stay], i) => [what, i, stay] as const))('in documents %s', async (_, i, stay) => {
    expect(await stayed(i)).toEqual(stay)
  })

  test('lead back from gold to the document and the element', async () => {
    const orders = [
      { _id: new ObjectId('65a000000000000000000001'), ...order('O1', [cup, { ...mug, price: '12,50 €' }]) },
    ]
    const { options } = await run({ customers, orders }, shop())
    const told = async () =>
      (await explain(place.client, place.postgresUrl, 'product', 'Mug', options)).silver[0]?.records
    expect(await told()).toMatchObject([
      {
        _id: { document: { $oid: '65a000000000000000000001' }, element: 1 },
        bronze: 'unchanged',
        values: { amount: '25.00' },
      },
    ])
    expect((await told())?.[0]?.cleaning).toContainEqual({
      field: 'amount',
      kind: 'repaired',
      reason: 'text to number',
    })
    const inBronze = place.client.db(place.names.bronze).collection('orders')
    await inBronze.updateOne({}, { $set: { 'items.1.qty': 3 } })
    expect(await told()).toMatchObject([{ bronze: 'changed since' }])
    await inBronze.updateOne({}, { $pop: { items: 1 } })
    expect(await told()).toMatchObject([{ bronze: 'gone' }])
  })

  describe('of which some are of somebody who is erased', () => {
    const settings = shop({
      fields: { ...fields, customer_id: 'items.for' },
      keep: { note: { kind: 'label', from: 'items.note', personal: true, inClear: true, meaning: 'What they wrote.' } },
    })
    const orders = [
      {
        _id: 1,
        ...order('O1', [
          { ...mug, for: 'C1', note: 'Hi' },
          { ...mug, for: 'C2', note: 'Ho' },
          5,
          { ...cup, for: ' C1' },
        ]),
      },
      { _id: 2, ...order('O2', { ...mug, for: 'C1', note: 'He' }) },
      { _id: 3, ...order('O3', [{ ...mug, for: 'C2' }]) },
    ]

    test('these lose their customer in silver and bronze, and the others nothing', async () => {
      await run({ customers, orders }, settings)
      const { erasure, ...ran } = await erase('C1', settings, true)
      expect(erasure).toEqual({
        customers: 1,
        transactions: 3,
        quarantined: 0,
        bronze: { customers: 1, transactions: 3 },
      })
      expect((await ran.stored('transactions')).map(({ customer_id, note }) => [customer_id, note])).toEqual([
        [null, 'Unknown'],
        ['C2', 'Ho'],
        [null, 'Unknown'],
        [null, 'Unknown'],
        ['C2', 'Unknown'],
      ])
      expect(ran.collection('transactions')).toMatchObject({ bronze: 6, silver: 5, quarantined: 1, addsUp: true })
      expect((await bronzeOf('orders')).map(({ items }) => items)).toEqual([
        [mug, { ...mug, for: 'C2', note: 'Ho' }, 5, cup],
        mug,
        orders[2]?.items,
      ])
      // A run that follows makes the same.
      const again = await runPipeline(place.client, place.postgresUrl, await optionsOf(settings))
      expect(again.silver?.['transactions']).toMatchObject({ silver: 5 })
    })

    test('documents whose list holds no record lose their customer, too', async () => {
      const buyers = shop({ fields: { ...fields, customer_id: 'client' } })
      const bought = [
        { _id: 1, ...order('O1', [mug]), client: 'C1' },
        { _id: 2, ...order('O2', []), client: 'C1' },
        { _id: 3, client: ' C1', number: 'O3' },
        { _id: 4, ...order('O4', [5]), client: 'C2' },
      ]
      await run({ customers, orders: bought }, buyers)
      const { erasure } = await erase('C1', buyers, true)
      expect(erasure).toMatchObject({ transactions: 1, bronze: { transactions: 3 } })
      expect((await bronzeOf('orders')).map(({ client }) => client)).toEqual([undefined, undefined, undefined, 'C2'])
    })

    test('a run leaves them without their customer', async () => {
      await run({ customers, orders }, settings)
      await erase('C1', settings, false)
      await runPipeline(place.client, place.postgresUrl, await optionsOf(settings))
      const silver = await (await outcome(await optionsOf(settings))).stored('transactions')
      expect(silver.map(({ customer_id }) => customer_id)).toEqual([null, 'C2', null, null, 'C2'])
    })

    test('customers who are elements are erased from silver, and not from bronze', async () => {
      const people = {
        collections: {
          customers: { from: 'homes', each: 'people', fields: { customer_id: 'people.id', country: 'country' } },
        },
      }
      const homes = [{ _id: 1, country: 'Suisse', people: [{ id: 'C1' }, { id: 'C2' }, {}] }]
      await run({ homes, transactions: [{ _id: 1, customer_id: 'C1', amount: 5 }] }, people)
      await expect(erase('C1', people, true)).rejects.toThrow('Customers are elements of lists in bronze')
      const { erasure, ...ran } = await erase('C1', people, false)
      expect(erasure).toMatchObject({ customers: 1, transactions: 1 })
      expect(await ran.stored('customers')).toMatchObject([
        { _id: { document: 1, element: 1 }, customer_id: 'C2', country: 'Suisse' },
      ])
      expect(ran.collection('customers')).toMatchObject({
        bronze: 3,
        silver: 1,
        erased: 1,
        quarantined: 1,
        addsUp: true,
      })
    })
  })

  test('of customers leave one of each, also where a list has one twice', async () => {
    const people = {
      collections: {
        customers: { from: 'homes', each: 'people', fields: { customer_id: 'people.id', city: 'people.city' } },
      },
    }
    const twice = [
      { id: 'C1', city: 'Lyon' },
      { id: 'C2', city: 'Nice' },
      { id: 'C1', city: 'Paris' },
    ]
    const ran = await run({ homes: [{ _id: 1, people: twice }], transactions: [{ _id: 1, amount: 1 }] }, people)
    expect(await ran.stored('customers')).toMatchObject([
      { _id: { document: 1, element: 1 }, customer_id: 'C2' },
      { _id: { document: 1, element: 2 }, customer_id: 'C1', city: 'Paris' },
    ])
    expect(ran.collection('customers')).toMatchObject({ bronze: 3, silver: 2, quarantined: 1, addsUp: true })
  })

  test('are searched for what is personal, each by the country of its own', async () => {
    const people = {
      collections: {
        customers: {
          from: 'homes',
          each: 'people',
          fields: { customer_id: 'people.id', email: 'people.mail', phone: 'people.tel', country: 'people.land' },
        },
      },
    }
    const homes = [
      {
        _id: 1,
        people: [
          { id: 'C1', mail: 'a@shop.example', tel: '0612345678', land: 'FR' },
          { id: 'C2', tel: '0475 12 34 56', land: 'BE' },
          'b@shop.example',
        ],
      },
      { _id: 2, people: [], owner: 'c@shop.example' },
    ]
    const { options } = await run({ homes, transactions: [{ _id: 1, amount: 1 }] }, people)
    const known = await readKnown(place.client, options)
    expect(known.emails).toBe(3)
    expect(known.heldBy('+33 6 12 34 56 78', 'text').phone).toBe(true)
    expect(known.heldBy('+32 475 12 34 56', 'text').phone).toBe(true)
  })

  test.each<[settings: object, problem: string]>([
    [{ each: '' }, 'collections.transactions.each: must be the name of a field in bronze'],
    [{ each: 'a.' }, 'collections.transactions.each: a. has a dot beside nothing'],
    [{ each: 3 }, 'collections.transactions.each: must be the name of a field in bronze, a path such as'],
    [{ each: '_id.list' }, 'collections.transactions.each: must be a list beside _id'],
    [
      { each: 'items', fields: { product: 'items' } },
      'collections.transactions.fields.product.from: items is the list whose elements are records; items.NAME is a field of one',
    ],
    [
      { each: 'items', fields: { product: 'items.0.name' } },
      'collections.transactions.fields.product.from: items.0.name names a place in items, of which each element is a record',
    ],
    [
      { each: 'items', fields: { amount: { times: 'items.0.n' } } },
      'collections.transactions.fields.amount.times: items.0.n names a place in items',
    ],
    [{ each: 'items', leaveOut: ['items'] }, 'collections.transactions.leaveOut.0: items is the list whose elements'],
    [
      { each: 'items', leaveOut: ['test', { field: 'items.2.void', is: true }] },
      'collections.transactions.leaveOut.1: items.2.void names a place in items',
    ],
    [
      { each: 'items', identity: 'last one wins', lastBy: 'items.0.at' },
      'collections.transactions.lastBy: items.0.at names a place in items',
    ],
  ])('%j is refused', async (transactions, problem) => {
    await expect(optionsOf({ collections: { transactions } })).rejects.toThrow(problem)
  })
})

describe('lines of orders', () => {
  const at = new Date('2024-03-05T10:00:00Z')
  const lines = [
    { _id: 1, order: 7, product: 'Mug', amount: 5, timestamp: at },
    { _id: 2, order: 7, product: 'Mug', amount: 5, timestamp: at },
    { _id: 3, order: ' 8', product: 'Cup', amount: 5, timestamp: at },
    { _id: 4, product: 'Cup', amount: 5, timestamp: at },
  ]
  const flat = (fields: object) => ({ collections: { transactions: { from: 'lines', fields } } })

  test('keep the order that they belong to, each as a sale of its own', async () => {
    const ran = await run({ lines }, flat({ order_id: 'order' }))
    expect((await ran.stored('transactions')).map(({ _id, order_id }) => [_id, order_id])).toEqual([
      [1, '7'],
      [2, '7'],
      [3, '8'],
      [4, null],
    ])
    expect(ran.revenue).toBe('20.00')
    expect(ran.field('transactions.order_id')).toMatchObject({ present: 3, missing: 1 })
  })

  test.each([[{}], [{ order_id: null }]])('without a setting are not asked for one: %j', async (fields) => {
    const ran = await run({ lines: lines.map(({ order, ...line }) => ({ ...line, order_id: order })) }, flat(fields))
    expect(Object.keys((await ran.stored('transactions'))[0] ?? {})).not.toContain('order_id')
    expect(ran.report.silver?.drift.map(({ field }) => field)).toContain('order_id')
  })

  const mug = { sku: 'M', name: 'Mug', price: 10 }
  const cup = { sku: 'C', name: 'Cup', price: 5 }
  const bag = { name: 'Bag', price: 2 }
  const shop = (fields: object, more: object = {}) => ({
    collections: {
      transactions: {
        from: 'orders',
        each: 'items',
        fields: { product: 'items.name', amount: 'items.price', ...fields },
        ...more,
      },
    },
  })
  const order = (number: string, ...items: unknown[]) => ({ number, items })

  const orders: [what: string, fields: object, orders: object[], stay: Stay, more?: object][] = [
    [
      'are one by the id of the order',
      { transaction_id: null, order_id: 'number' },
      [order('A', mug, cup), order('A', mug, cup), order('A', mug)],
      [
        [1, 0],
        [1, 1],
        [3, 0],
      ],
    ],
    [
      'by the _id of the order, which is the number of none of the others',
      { transaction_id: null, order_id: '_id' },
      [order('A', mug), order('A', mug)],
      [
        [1, 0],
        [2, 0],
      ],
    ],
    [
      'whatever ids their lines were given',
      { transaction_id: null, order_id: 'number' },
      [order('A', { ...mug, _id: 'x' }), order('A', { ...mug, _id: 'y' })],
      [[1, 0]],
    ],
    [
      'also where each line has one of its own',
      { transaction_id: 'items.sku', order_id: 'number' },
      [order('A', mug, cup, {}), order('A', mug, cup, {})],
      [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
    ],
    [
      'by that of the lines where orders have none',
      { transaction_id: 'items.sku' },
      [order('A', mug, cup), order('A', mug, cup)],
      [
        [1, 0],
        [1, 1],
      ],
    ],
    [
      'by that of the lines, of which one order has another one',
      { transaction_id: 'items.sku' },
      [order('A', mug), order('A', mug, cup)],
      [
        [1, 0],
        [2, 0],
        [2, 1],
      ],
    ],
    [
      'by that of the lines, with those that have none',
      { transaction_id: 'items.sku' },
      [order('A', mug, bag, cup), order('A', mug, bag, cup)],
      [
        [1, 0],
        [1, 1],
        [1, 2],
      ],
    ],
    [
      'unless they differ in a line that has none',
      { transaction_id: 'items.sku' },
      [order('A', mug, bag), order('A', mug, { ...bag, price: 3 })],
      [
        [1, 0],
        [1, 1],
        [2, 0],
        [2, 1],
      ],
    ],
    [
      'unless they differ in what is no line',
      { transaction_id: 'items.sku' },
      [order('A', mug, 5), order('A', mug, 6)],
      [
        [1, 0],
        [2, 0],
      ],
    ],
    [
      'unless they differ in a line that is left out',
      { transaction_id: 'items.sku' },
      [order('A', mug, { ...cup, void: 1 }), order('A', mug, { ...bag, void: 1 })],
      [
        [1, 0],
        [2, 0],
      ],
      { leaveOut: ['items.void'] },
    ],
    [
      'unless they differ in what they were multiplied of',
      { transaction_id: 'items.sku', amount: { from: 'items.price', times: 'items.n' } },
      [order('A', { ...mug, price: 2, n: 6 }), order('A', { ...mug, price: 3, n: 4 })],
      [
        [1, 0],
        [2, 0],
      ],
    ],
    [
      'of which the one wins that has the latest line',
      { transaction_id: null, order_id: 'number' },
      [order('A', { ...mug, at: 1 }, { ...cup, at: 9 }), order('A', { ...mug, at: 5 })],
      [
        [1, 0],
        [1, 1],
      ],
      { identity: 'last one wins', lastBy: 'items.at' },
    ],
    [
      'which is not that of another order',
      { transaction_id: 'items.sku' },
      [order('A', mug, cup), order('B', mug, cup)],
      [
        [1, 0],
        [1, 1],
        [2, 0],
        [2, 1],
      ],
    ],
    [
      'nor that of another line',
      { transaction_id: 'items.sku' },
      [order('A', mug, mug)],
      [
        [1, 0],
        [1, 1],
      ],
    ],
    [
      'of which the last one wins by order',
      { transaction_id: 'items.sku', order_id: 'number' },
      [order('A', mug, cup, cup), order('B', mug), order('A', cup)],
      [
        [2, 0],
        [3, 0],
      ],
      { identity: 'last one wins' },
    ],
  ]
  const stayed = ranTogether(
    orders.map(([, fields, orders, stay, more]) => ({ orders, stay, settings: shop(fields, more) })),
  )
  test.each(orders.map(([what, , , stay], i) => [what, i, stay] as const))('in documents %s', async (_, i, stay) => {
    expect(await stayed(i)).toEqual(stay)
  })
})
