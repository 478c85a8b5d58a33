import { createSecretKey } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Binary, type Document, ObjectId } from 'bson'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { beginForgetting } from '../../src/history/forgetting.ts'
import { openPosting } from '../../src/history/posting.ts'
import { type Config, configOf } from '../../src/settings/config.ts'
import { eraseFromSilver } from '../../src/silver/erasure.ts'
import { rowsIn } from '../../src/silver/fingerprints.ts'
import { describeFailure } from '../../src/system/errors.ts'
import { portions } from '../../src/system/portions.ts'
import { why } from '../../src/trust/why/why.ts'
import { lingot } from '../process.ts'
import { findPerson, runErasure, runPipeline, runProcessor, standard } from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

let place: Place
const silver = () => place.client.db(place.names.silver)
const erasureKey = createSecretKey('the key of the erasures of these tests', 'utf8')

beforeEach(async () => {
  place = await openPlace()
})

afterEach(() => place.leave())

const day = new Date('2025-02-03T10:00:00Z')
const shop = {
  customers: [
    { _id: 1, customer_id: 'C1', first_name: 'Ada', country: 'France', email: 'ada@example.org' },
    { _id: 2, customer_id: 'C2', first_name: 'Bo', country: 'France' },
  ],
  transactions: [
    { _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'Laptop', amount: 100, timestamp: day },
    { _id: 2, transaction_id: 'T2', customer_id: 'C2', product: 'Mouse', amount: 20, timestamp: day },
  ],
  campaigns: [{ _id: 1, campaign_id: 'K1', budget: 100, spend: 50 }],
}

const run = (own: Partial<Config> = {}) =>
  runPipeline(place.client, place.postgresUrl, { ...place.names, erasureKey, acceptShrink: true, ...own })

const ask = (
  subject: string,
  name: string,
  own: Partial<Config> & { column?: string; since?: string; within?: number } = {},
) => why(place.client, place.postgresUrl, subject, name, { ...standard, ...place.names, ...own })

async function entries(): Promise<Document[]> {
  return silver().collection('history.runs').find().sort({ started: 1 }).toArray()
}

interface Piece {
  _id: { run: ObjectId; collection: string; what: string; number: number }
  bytes: Binary
}

const piecesOf = (what: string) =>
  silver().collection<Piece>('history.fingerprints').find({ '_id.what': what }).toArray()

/** Every row of changes that is kept, of all runs. */
async function changes(): Promise<Record<string, unknown>[]> {
  const folder = mkdtempSync(join(tmpdir(), 'changes-'))
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const all: Record<string, unknown>[] = []
  for (const { _id, bytes } of await silver().collection<Piece>('history.changes').find().toArray()) {
    const file = join(folder, `${_id.run}.${_id.collection}.${_id.number}.parquet`)
    writeFileSync(file, bytes.buffer)
    const rows = await connection.runAndReadAll(`select * from '${file}'`)
    all.push(...rows.getRowObjectsJson())
  }
  connection.closeSync()
  instance.closeSync()
  rmSync(folder, { recursive: true })
  return all
}

describe('fingerprints', () => {
  test('of what did not change are those of the run before', async () => {
    await place.load(shop)
    const first = await run()
    await run()
    const [one, other] = await entries()
    expect(other?.['sets']).toEqual(one?.['sets'])
    expect(other?.['since']).toEqual(first._id)
    expect(await changes()).toEqual([])
    expect((await piecesOf('met')).map(({ _id }) => _id.collection).sort()).toEqual([
      'campaigns',
      'customers',
      'transactions',
    ])
  })

  test('are others under a key', async () => {
    await place.load(shop)
    await run()
    const key = createSecretKey('the key of the pseudonyms of these tests', 'utf8')
    await run({ pii: { method: 'hmac-sha256', key } })
    const [one, other] = await entries()
    for (const name of Object.keys(shop)) expect(other?.['sets'][name].met.sum).not.toBe(one?.['sets'][name].met.sum)
  })

  test('that a run left which died are gone after the next one', async () => {
    await place.load(shop)
    await run()
    const dead = new ObjectId()
    const _id = { run: dead, collection: 'customers', what: 'met', number: 0 }
    await silver()
      .collection<Piece>('history.fingerprints')
      .insertOne({ _id, bytes: new Binary(Buffer.from('x')) })
    await silver()
      .collection('history.runs')
      .insertOne({ _id: dead, since: null, started: new Date(), making: {}, sets: {} })
    await run()
    expect(await silver().collection<Piece>('history.fingerprints').countDocuments({ '_id.run': dead })).toBe(0)
    expect((await entries()).some((entry) => dead.equals(entry['_id']))).toBe(false)
  })
})

describe('a run that is tried again', () => {
  const again = async (_id: ObjectId, own: Document = {}) => {
    const [entry] = await silver().collection('history.runs').find({ _id }).toArray()
    const options = { ...standard, ...place.names, portions }
    const nothing = { into: silver(), rows: () => [], keep: async () => undefined, drop: async () => undefined }
    const posting = await openPosting(silver(), { _id, started: new Date() }, options, nothing)
    for (const contract of standard.contracts) {
      const { met, removed } = { ...entry?.['sets'][contract.collection], ...own }
      await posting.complete(contract, silver().collection(contract.collection), { met, removed })
    }
    return { entry, posting }
  }

  test('after its silver was put in place came of what the first attempt came of', async () => {
    await place.load(shop)
    const first = await run()
    await place.load({ ...shop, transactions: [...shop.transactions, { ...shop.transactions[1], _id: 3, amount: 30 }] })
    const second = await run()
    const { entry, posting } = await again(second._id)
    expect(posting.entry.since).toEqual(first._id)
    expect(posting.entry.changes).toEqual(entry?.['changes'])
    expect(posting.entry.sets).toEqual(entry?.['sets'])
    // Where bronze is another one meanwhile nothing tells what was there before.
    const other = await again(second._id, { met: { rows: 0, bytes: 0, sum: '' } })
    expect(other.posting.entry.since).toBe(null)
  })

  test('ends, though its entry is said to have come of itself', async () => {
    await place.load(shop)
    const { _id } = await run()
    await silver()
      .collection('history.runs')
      .updateOne({ _id }, { $set: { since: _id } })
    await run()
    expect(await entries()).toHaveLength(2)
    expect(await ask('month', '2025-02')).toMatchObject({ difference: '0.00', causes: [] })
  })
})

describe('what changed', () => {
  test('of elements of lists is told whatever their places', async () => {
    const { contracts } = await configOf(
      {
        file: 'lingot.config.json',
        value: {
          collections: {
            transactions: {
              each: 'items',
              fields: { transaction_id: 'items.id', product: 'items.product', amount: 'items.amount', timestamp: 'at' },
            },
          },
        },
      },
      {},
    )
    const order = (...items: Document[]) => ({ ...shop, transactions: [{ _id: 1, at: day, items }] })
    const [laptop, mouse] = [
      { id: 'A', product: 'Laptop', amount: 100 },
      { id: 'B', product: 'Mouse', amount: 20 },
    ]
    await place.load(order(laptop, mouse))
    await run({ contracts })
    await place.load(order({ id: 'C', product: 'Screen', amount: 7 }, laptop, mouse))
    await run({ contracts })
    expect(await changes()).toMatchObject([{ cause: 'late' }, { cause: 'late' }, { cause: 'late' }])
    const month = () => ask('month', '2025-02', { contracts, column: 'total_revenue' })
    expect(await month()).toMatchObject({
      before: '120.00',
      after: '127.00',
      causes: [{ cause: 'late', amount: '7.00' }],
    })
    await place.load(order(mouse, { ...laptop, amount: 90 }))
    await run({ contracts })
    expect(
      (await changes())
        .slice(3)
        .map(({ cause }) => cause)
        .sort(),
    ).toEqual(['corrected', 'corrected', 'corrected'])
    expect(await month()).toMatchObject({ after: '110.00', causes: [{ cause: 'corrected', amount: '-17.00' }] })
    await place.load(order({ ...laptop, amount: 90 }))
    await run({ contracts })
    expect(await month()).toMatchObject({ after: '90.00', causes: [{ cause: 'deleted', amount: '-20.00' }] })
  })

  test('of elements that came is new or late by the dates of those, whatever stands in their places', async () => {
    const fields = {
      transaction_id: 'items.id',
      product: 'items.product',
      amount: 'items.amount',
      timestamp: 'items.at',
    }
    const value = { collections: { transactions: { each: 'items', fields } } }
    const { contracts } = await configOf({ file: 'lingot.config.json', value }, {})
    const load = (...items: Document[]) => place.load({ ...shop, transactions: [{ _id: 1, items }] })
    const item = (id: string, amount: number, at = day) => ({ id, product: 'Laptop', amount, at })
    const now = new Date()
    const [one, two] = [item('A', 100), item('B', 20, now)]
    await load(one, two)
    await run({ contracts })
    await load(item('C', 7, now), one, two)
    const { changes: fresh } = await run({ contracts })
    expect(fresh?.['transactions']).toEqual({ new: 3 })
    await load(item('D', 3), item('C', 7, now), one, two)
    const { changes: late } = await run({ contracts })
    expect(late?.['transactions']).toEqual({ late: 4 })
  })

  test('of which a part in the middle is gone is not told', async () => {
    await place.load(shop)
    await run()
    await place.load({ ...shop, transactions: [...shop.transactions, { ...shop.transactions[1], _id: 3, amount: 30 }] })
    await run()
    const kept = silver().collection<Piece>('history.changes')
    const [piece] = await kept.find().toArray()
    const bytes = Buffer.from(piece?.bytes.buffer ?? [])
    const parts = [bytes.subarray(0, 9), bytes.subarray(20)]
    await kept.deleteMany({})
    for (const [number, part] of parts.entries()) {
      const { run, collection, what } = piece?._id ?? { run: new ObjectId(), collection: '', what: '' }
      await kept.insertOne({ _id: { run, collection, what, number }, bytes: new Binary(part) })
    }
    await expect(ask('month', '2025-02')).rejects.toThrow('only totals were kept: 1 late')
  })

  test('in a column that is new, or of another type, is told though silver had no such value', async () => {
    const contractsOf = async (fields: object) => {
      const value = { collections: { coupons: { key: 'code', fields } } }
      return (await configOf({ file: 'lingot.config.json', value }, {})).contracts
    }
    const it = { personal: false, meaning: 'It.' }
    const code = { ...it, kind: 'id' }
    await place.load({ ...shop, coupons: [{ _id: 1, code: 'A', worth: '5.50', shade: 'red', till: day }] })
    await run({
      contracts: await contractsOf({ code, worth: { ...it, kind: 'label' }, till: { ...it, kind: 'date' } }),
    })
    const [worth, shade, till] = ['money', 'label', 'label'].map((kind) => ({ ...it, kind }))
    await run({ contracts: await contractsOf({ code, worth, shade, till }) })
    expect(await changes()).toEqual([
      expect.objectContaining({
        ...{ cause: 'rule', fields: ['worth', 'shade', 'till'] },
        ...{
          'before.worth': null,
          'after.worth': '5.50',
          'before.shade': null,
          'after.shade': 'red',
          'before.till': null,
        },
      }),
    ])
  })

  test('is told of columns that are called as those of changes are', async () => {
    const names = ['key', 'cause', 'fields', 'rules', 'had', 'has', 'before_at', 'after_at']
    const kept = { kind: 'label', personal: false, meaning: 'It.' }
    const fields = { ...Object.fromEntries(names.map((name) => [name, kept])), key: { ...kept, kind: 'id' } }
    const value = { collections: { coupons: { key: 'key', fields } } }
    const { contracts } = await configOf({ file: 'lingot.config.json', value }, {})
    const coupon = { _id: 1, ...Object.fromEntries(names.map((name) => [name, name])) }
    await place.load({ ...shop, coupons: [coupon] })
    await run({ contracts })
    await place.load({ ...shop, coupons: [{ ...coupon, cause: 'other' }] })
    await run({ contracts })
    expect(await changes()).toMatchObject([
      { cause: 'corrected', fields: ['cause'], 'before.key': 'key', 'before.cause': 'cause', 'after.cause': 'other' },
    ])
  })

  test('is kept of so many runs, and told of no others', async () => {
    await place.load(shop)
    const first = await run()
    for (const amount of [30, 40]) {
      await place.load({ ...shop, transactions: [...shop.transactions, { ...shop.transactions[1], _id: 3, amount }] })
      await run({ history: { gold: true, keep: 1, size: 256 } })
    }
    expect(await entries()).toHaveLength(1)
    const since = first._id.toHexString()
    const { text, exitCode } = describeFailure(
      await ask('month', '2025-02', { since }).catch((error: unknown) => error),
    )
    expect(text).toContain('was not kept')
    expect(exitCode).toBe(7)
    await expect(ask('month', '2025-02')).rejects.toThrow('was not kept')
  })

  test('beyond its size is told in totals alone', async () => {
    await place.load(shop)
    await run()
    await place.load({ ...shop, transactions: [...shop.transactions, { ...shop.transactions[1], _id: 3, amount: 30 }] })
    await run({ history: { gold: true, keep: 9, size: 0 } })
    expect(await changes()).toEqual([])
    await expect(ask('month', '2025-02')).rejects.toThrow('only totals were kept: 1 late')
  })

  test('over several runs is told as one', async () => {
    await place.load(shop)
    const first = await run()
    const third = { ...shop.transactions[1], _id: 3, transaction_id: 'T3' }
    for (const amount of [30, 40, 50]) {
      await place.load({ ...shop, transactions: [...shop.transactions, { ...third, amount }] })
      await run()
    }
    const told = await ask('month', '2025-02', { since: first._id.toHexString(), column: 'total_revenue' })
    expect(told).toMatchObject({
      ...{ before: '120.00', after: '170.00', difference: '50.00' },
      causes: [{ cause: 'late', amount: '50.00', count: 1, documents: [{ _id: 3, amount: '50.00' }] }],
    })
  })

  test('is not known where silver was made by the processor after gold was', async () => {
    await place.load(shop)
    await run()
    await run()
    await runProcessor(place.client, { ...place.names, erasureKey })
    await expect(ask('month', '2025-02')).rejects.toThrow('Silver was made anew since gold was.')
  })

  test('of personal fields says no value', async () => {
    await place.load(shop)
    await run()
    await place.load({
      ...shop,
      customers: [{ ...shop.customers[0], email: 'other@example.org' }, shop.customers[1] ?? {}],
    })
    await run()
    const [change] = await changes()
    expect(change).toMatchObject({ cause: 'corrected', fields: ['email'] })
    expect(Object.keys(change ?? {}).filter((name) => /email|name|phone/.test(name))).toEqual([])
  })
})

test('who is erased is nobody in what is remembered, and their money is told', async () => {
  await place.load(shop)
  await run()
  await place.load({
    ...shop,
    transactions: [...shop.transactions, { ...shop.transactions[0], _id: 3, transaction_id: 'T3', amount: 30 }],
  })
  await run()
  const options = { ...place.names, erasureKey, fromBronze: false }
  const person = await findPerson(place.client, 'C1', options)
  await runErasure(place.client, place.postgresUrl, person, options)
  expect(JSON.stringify(await changes())).not.toContain('C1')
  const rows = (await changes()).filter(({ cause }) => cause === 'erased')
  expect(rows).toHaveLength(3)
  expect(new Set(rows.map((row) => row['before.customer_id'])).size).toBe(1)
  const told = await ask('country', 'France', { column: 'total_revenue' })
  expect(told).toMatchObject({ before: '150.00', after: '20.00', causes: [{ cause: 'erased', amount: '-130.00' }] })
  const met = await piecesOf('met')
  const before = met.length
  await run()
  expect(await changes()).toHaveLength(4)
  expect(before).toBeGreaterThan(0)
  const last = (await entries()).at(-1)
  expect(last?.['changes']).toMatchObject({ customers: { counts: {} }, transactions: { counts: {} } })
})

describe('an erasure', () => {
  const options = () => ({ ...place.names, erasureKey, fromBronze: false })
  const erase = async (id: string, own: Partial<Config> = {}) => {
    const all = { ...options(), ...own }
    return runErasure(place.client, place.postgresUrl, await findPerson(place.client, id, all), all)
  }
  const contractsOf = async (value: object) =>
    (await configOf({ file: 'lingot.config.json', value }, {})).contracts as Config['contracts']
  const it = { kind: 'id', personal: false, meaning: 'It.' }

  test('keeps of the person what sums are made of, and of others who refer to them which record it was', async () => {
    const keep = { referred_by: { ...it, refers: 'customers' } }
    const contracts = await contractsOf({ collections: { customers: { keep } } })
    const [ada = {}, bo = {}] = shop.customers
    await place.load({
      ...shop,
      customers: [
        { ...ada, age: 41, city: 'Lyon', marketing_consent: true, referred_by: 'C2' },
        { ...bo, age: 52, referred_by: 'C1' },
      ],
    })
    await run({ contracts })
    await erase('C1', { contracts })
    const rows = (await changes()).filter((row) => 'before.country' in row)
    const [gone, stays] = ['null', '52'].map((age) => rows.find((row) => String(row['before.age']) === age))
    expect(gone).toMatchObject({
      ...{ key: null, 'before.country': 'France', 'before.marketing_consent': true, 'before.city': null },
      ...{ 'before.referred_by': null, 'before.customer_id': expect.stringMatching(/^erased /) },
    })
    expect(stays).toMatchObject({
      ...{ key: expect.any(String), 'before.customer_id': 'C2', 'after.referred_by': null },
      'before.referred_by': gone?.['before.customer_id'],
    })
    expect(await ask('country', 'France', { contracts, column: 'total_customers' })).toMatchObject({
      ...{ before: '2', after: '1' },
      causes: [{ cause: 'erased', amount: '-1' }],
    })
  })

  test('reaches collections and columns that the configuration no longer has', async () => {
    const coupons = (name: string, from = 'who') => ({
      coupons: { key: 'code', fields: { code: it, [name]: { ...it, from, refers: 'customers' } } },
    })
    const points = { points: { key: 'code', fields: { code: it, owner: { ...it, refers: 'customers' } } } }
    const load = (more: Document[]) =>
      place.load({
        ...shop,
        coupons: [{ _id: 1, code: 'A', who: 'C2' }, ...more],
        points: [{ _id: 1, code: 'A', owner: 'C2' }, ...more],
      })
    const contracts = await contractsOf({ collections: { ...coupons('bearer'), ...points } })
    await load([])
    await run({ contracts })
    await load([
      { _id: 2, code: 'B', who: 'C1', owner: 'C1' },
      { _id: 3, code: 'C1', who: 'C2', owner: 'C2' },
    ])
    await run({ contracts })
    expect(JSON.stringify(await changes())).toContain('"after.bearer":"C1"')
    const later = await contractsOf({ collections: coupons('client') })
    await run({ contracts: later })
    await erase('C1', { contracts: later })
    const left = JSON.stringify(await changes())
    // What a code is was always a code.
    expect(left.replaceAll('code":"C1"', '')).not.toContain('C1')
    expect(left).toContain('code":"C1"')
    expect(left).not.toContain('owner')
  })

  test('takes out the fingerprints of versions and duplicates too, and what runs left that died', async () => {
    const [ada = {}] = shop.customers
    const [sale = {}] = shop.transactions
    await place.load({
      ...shop,
      customers: [{ ...ada, _id: 71 }, ...shop.customers.map((one, i) => ({ ...one, _id: 80 + i }))],
      transactions: [...shop.transactions, { ...sale, _id: 72 }],
    })
    await run()
    const dead = { run: new ObjectId(), collection: 'customers', what: 'changes', number: 0 }
    const all = silver().collection<Piece>('history.changes')
    await all.insertOne({ _id: dead, bytes: new Binary(Buffer.from('C1')) })
    const idsIn = async (what: string) => {
      const ids = (await piecesOf(what)).flatMap(({ bytes }) => [...rowsIn(Buffer.from(bytes.buffer))])
      return ids.map(({ id }) => id.readInt32LE(1))
    }
    expect(await idsIn('met')).toEqual(expect.arrayContaining([71, 72, 80]))
    await erase('C1')
    for (const what of ['met', 'removed']) {
      for (const id of [71, 72, 80]) expect(await idsIn(what)).not.toContain(id)
    }
    expect(await idsIn('met')).toContain(81)
    expect(await all.countDocuments({ '_id.run': dead.run })).toBe(0)
  })

  test('leaves it known that silver has a sale of theirs, and the one in whose place another stands', async () => {
    const [sale = {}, other = {}] = shop.transactions
    const twin = { ...sale, _id: 3, customer_id: null }
    const left = { ...other, _id: 4, transaction_id: 'T4', customer_id: 'C1' }
    await place.load({ ...shop, transactions: [sale, other, twin, left] })
    await run()
    await erase('C1')
    const leaveOut = { leaveOut: [{ field: 'transaction_id', is: ['T4'] }] }
    const contracts = await contractsOf({ collections: { transactions: leaveOut } })
    await place.load({ ...shop, transactions: [other, twin, left] })
    const { changes } = await run({ contracts })
    expect(changes?.['transactions']).toEqual({ corrected: 1, deleted: 1, 'duplicate gone': 1 })
    expect(await ask('month', '2025-02', { contracts, column: 'total_revenue' })).toMatchObject({
      ...{ before: '140.00', after: '120.00' },
      causes: [
        { cause: 'deleted', amount: '-100.00' },
        { cause: 'duplicate gone', amount: '100.00' },
        { cause: 'corrected', amount: '-20.00' },
      ],
    })
  })

  test('finds whom only the changes name, and so does the search for personal data', async () => {
    const [ada = {}, bo = {}] = shop.customers
    const history = { gold: false, keep: 9, size: 256 }
    const [, two = {}] = shop.transactions
    const city = 'bo@example.org'
    await place.load({
      ...shop,
      customers: [
        { ...ada, city },
        { ...bo, email: city },
      ],
    })
    await run({ history })
    await place.load({ ...shop, customers: [{ ...bo, email: city }], transactions: [two] })
    await run({ history })
    const settings = { ...settingsOf(place.names), LINGOT_ERASURE_KEY: 'the key of the erasures of these tests' }
    const { stdout } = await lingot(['privacy'], settings)
    expect(stdout).toMatch(/history +changes\.customers +1 row +1 +0/)
    expect(await lingot(['erase', 'C1', '--yes'], settings)).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.stringify(await changes())).not.toMatch(/C1|example/)
    expect(await lingot(['erase', 'C9', '--yes'], settings)).toMatchObject({ status: 7 })
  })

  test('that is tried again keeps what the first one changed', async () => {
    await place.load(shop)
    await run()
    const all = { ...standard, ...options() }
    const person = await findPerson(place.client, 'C1', all)
    const forgetting = await beginForgetting(silver(), person, { _id: new ObjectId(), started: new Date() }, all)
    await eraseFromSilver(place.client, person, all, forgetting?.onRemoved)
    await forgetting?.end()
    const before = await changes()
    expect(before).toHaveLength(2)
    // The same run again, as after a lost connection, and another one.
    const [entry] = (await entries()).slice(-1)
    const begun = { _id: entry?.['_id'] as ObjectId, started: new Date() }
    await (await beginForgetting(silver(), await findPerson(place.client, 'C1', all), begun, all))?.end()
    expect(await changes()).toEqual(before)
    await erase('C1')
    expect(await changes()).toEqual(before)
    expect(await ask('country', 'France', { column: 'total_revenue' })).toMatchObject({
      ...{ before: '120.00', after: '20.00' },
      causes: [{ cause: 'erased', amount: '-100.00' }],
    })
  })
})

test('an erasure that ended before silver was changed is kept once', async () => {
  await place.load(shop)
  await run()
  const all = { ...standard, ...place.names, erasureKey, fromBronze: false }
  const person = await findPerson(place.client, 'C1', all)
  await beginForgetting(silver(), person, { _id: new ObjectId(), started: new Date() }, all)
  const [one] = await changes()
  await runErasure(place.client, place.postgresUrl, person, all)
  const rows = await changes()
  expect(rows).toHaveLength(2)
  expect(new Set(rows.map((row) => row['before.customer_id']))).toEqual(new Set([one?.['before.customer_id']]))
})

test('another key is told as the rule that changed', async () => {
  await place.load(shop)
  const pii = (key: string) => ({ method: 'hmac-sha256' as const, key: createSecretKey(key, 'utf8') })
  await run({ pii: pii('the key of the pseudonyms of these tests') })
  await run({ pii: pii('another key of the pseudonyms of these tests') })
  expect(await changes()).toMatchObject([{ rules: ['configuration: pii key'], fields: ['email'] }])
})

test('another setting is told apart from what the data moved', async () => {
  await place.load(shop)
  await run()
  const returned = { ...shop.transactions[1], _id: 3, transaction_id: 'T3', amount: 30, status: 'Refunded' }
  await place.load({
    ...shop,
    transactions: [{ ...shop.transactions[0], status: 'Refunded' }, shop.transactions[1] ?? {}, returned],
  })
  await run({ leaveOut: ['Refunded'] })
  const told = await ask('month', '2025-02', { leaveOut: ['Refunded'], column: 'total_revenue' })
  expect(told).toMatchObject({
    ...{ before: '120.00', after: '20.00', difference: '-100.00' },
    causes: [{ cause: 'corrected', amount: '-100.00', count: 1, documents: [{ _id: 1, amount: '-100.00' }] }],
  })
  await run()
  expect(await ask('month', '2025-02', { column: 'total_revenue' })).toMatchObject({
    ...{ before: '20.00', after: '150.00' },
    causes: [{ cause: 'model', amount: '130.00' }],
  })
})

test('a row that is there no more is told, where another setting alone took it', async () => {
  await place.load({ ...shop, transactions: shop.transactions.map((sale) => ({ ...sale, status: 'Refunded' })) })
  await run()
  const leaveOut = ['Refunded']
  await run({ leaveOut })
  expect(await ask('product', 'Mouse', { leaveOut })).toMatchObject({
    ...{ column: 'total_revenue', before: '20.00', after: null, difference: '-20.00' },
    causes: [{ cause: 'model', amount: '-20.00' }],
    others: expect.arrayContaining([{ column: 'total_sales', before: '1', after: null }]),
  })
})

test('where somebody waits it is looked for no longer than they do', async () => {
  await place.load(shop)
  await run()
  await place.client
    .db(place.names.bronze)
    .collection<{ _id: number }>('transactions')
    .updateOne({ _id: 1 }, { $set: { amount: 90 } })
  await run()
  await expect(ask('month', '2025-02', { within: 1 })).rejects.toMatchObject({
    kind: 'usage',
    message: 'Why it changed was not found within 0.001 seconds.',
  })
  expect(await ask('month', '2025-02', { within: 60_000 })).toMatchObject({ difference: '-10.00' })
})

test('what somebody changed by hand is told as that', async () => {
  await place.load(shop)
  await run()
  await place.gold("update monthly_revenue set total_revenue = 125 where month = '2025-02-01'")
  await run()
  expect(await ask('month', '2025-02', { column: 'total_revenue' })).toMatchObject({
    before: '125.00',
    causes: [{ cause: 'unexplained', amount: '-5.00' }],
  })
})
