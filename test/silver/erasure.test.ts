import { createHmac, createSecretKey } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { BSONSymbol, Double, EJSON, Int32, Long, ObjectId } from 'bson'
import { Collection, MongoClient, MongoNetworkError } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { confirm } from '../../src/commands/confirmation.ts'
import { describeReport } from '../../src/commands/report.ts'
import { describeRun } from '../../src/commands/run_result.ts'
import { readModels } from '../../src/gold/models.ts'
import { toldRun } from '../../src/library/told_run.ts'
import { lastRuns } from '../../src/runs/store.ts'
import { eraseFromSilver } from '../../src/silver/erasure.ts'
import { recordErasure } from '../../src/silver/erasures.ts'
import { reproducibleTables } from '../gold/reproducible.ts'
import { keepLayers } from '../kept.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { lingot } from '../process.ts'
import {
  explain,
  findPerson,
  type RunOptions,
  readReport,
  runErasure,
  runPipeline,
  runProcessor,
  standard,
} from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

const SECRET = 'the key of the erasures of these tests'
const erasureKey = createSecretKey(SECRET, 'utf8')
const otherKey = createSecretKey(`${SECRET} `, 'utf8')

/** C1 is spelled in every way that silver reads as C1, and 42 as a number. */
const byHand = {
  customers: [
    { _id: 1, customer_id: 'C1', first_name: 'Zoé', last_name: 'Quatrevingt', email: 'zoe@example.org' },
    { _id: '2', customer_id: ' C1\t', first_name: 'Zoé', country: 'Suisse' },
    { _id: { n: 3 }, customer_id: 'C\u00001', phone: '06 12 34 56 78' },
    { _id: 4, customer_id: 'C12', first_name: 'Ada', country: 'France' },
    { _id: 5, customer_id: new Int32(42), first_name: 'Bob', country: 'France' },
    { _id: 6, first_name: 'Nobody' },
    { _id: 7, customer_id: 'c1', first_name: 'Cy' },
  ],
  transactions: [
    { _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'Laptop', amount: 10, coupon: 'X' },
    { _id: 2, transaction_id: 'T2', customer_id: new BSONSymbol(' C1 '), product: 'Laptop', amount: 20 },
    { _id: 3, transaction_id: 'T3', customer_id: 'C12', product: 'Laptop', amount: 40 },
    { _id: 4, transaction_id: 'T4', customer_id: new Double(42), product: 'Mouse', amount: 80 },
    { _id: 5, transaction_id: 'T5', customer_id: '42', product: 'Mouse', amount: 160 },
    { _id: 6, transaction_id: 'T6', customer_id: Long.fromNumber(42), product: 'Mouse', amount: 320 },
    // Once C1 is gone these are equal in every field but _id, with an id: one sale, inserted twice.
    { _id: 7, transaction_id: 'T7', product: 'Tablet', amount: 640 },
    { _id: 8, transaction_id: 'T7', customer_id: 'C1', product: 'Tablet', amount: 640 },
  ],
  campaigns: [{ _id: 1, campaign_id: 'K1', campaign_name: 'C1 is the best' }],
}

let place: Place
let options: RunOptions & { fromBronze: boolean }
const silver = () => place.client.db(place.names.silver)
const bronze = () => place.client.db(place.names.bronze)

/** Puts back what a run makes of what is by hand. */
let restore: () => Promise<void>

beforeAll(async () => {
  place = await openPlace()
  options = { ...place.names, erasureKey, fromBronze: false }
  await place.load(byHand)
  await run()
  restore = await keepLayers(place.client, place.gold, place.names)
})
afterAll(() => place.leave())

/** Who is remembered as erased from this bronze. */
const erasures = () => place.client.db('lingot').collection('erasures')
const ours = () => ({ '_id.bronze': place.names.bronze })

async function start(documents?: Parameters<Place['load']>[0]): Promise<void> {
  await erasures().deleteMany(ours())
  await place.load(documents ?? byHand)
  if (documents === undefined) return restore()
  await silver().dropDatabase()
  await run()
}

function run(): ReturnType<typeof runPipeline> {
  return runPipeline(place.client, place.postgresUrl, options)
}

async function erase(id: string, given: Partial<typeof options> = {}): ReturnType<typeof runErasure> {
  const all = { ...options, ...given }
  return runErasure(place.client, place.postgresUrl, await findPerson(place.client, id, all), all)
}

/** Everything that people see of silver and gold, but for what tells about runs. */
async function everything(): Promise<unknown> {
  const gold = []
  for (const name of reproducibleTables) gold.push(await place.gold(`select t::text from ${name} t order by 1`))
  const documents = []
  for (const name of ['customers', 'transactions', 'campaigns', 'quarantine']) {
    const found = await silver().collection(name).find({}, { bsonRegExp: true }).toArray()
    const told = found.map(({ run, _id, ...rest }) => EJSON.stringify(name === 'quarantine' ? rest : { _id, ...rest }))
    documents.push([name, told.sort()])
  }
  return { gold, documents }
}

/** What the record of the silver in place tells of a collection. */
async function balance(collection: string): Promise<unknown> {
  const { silver: report } = await readReport(silver())
  const { suspicious, sharedIds, reasons, ...told } =
    report?.collections.find((of) => of.collection === collection) ?? {}
  return { ...told, superseded: reasons?.['superseded'] }
}

describe('an erased customer', () => {
  beforeEach(() => start())

  test('leaves silver, quarantine and gold, and their sales stay', async () => {
    const before = await place.gold('select sum(total_revenue) from product_performance')
    const { erasure } = await erase('C1')
    // T7 was sold once.
    expect(erasure).toEqual({ customers: 1, transactions: 3, quarantined: 2 })
    expect(await silver().collection('customers').distinct('customer_id')).toEqual(['42', 'C12', 'c1'])
    const sales = await silver()
      .collection('transactions')
      .find({ transaction_id: { $in: ['T1', 'T2', 'T7'] } })
      .toArray()
    expect(sales.map(({ _id, customer_id, amount }) => [_id, customer_id, amount])).toEqual([
      [1, null, 10],
      [2, null, 20],
      [7, null, 640],
    ])
    expect(await place.gold('select customer_id from customer_metrics order by 1')).toEqual([
      { customer_id: '42' },
      { customer_id: 'C12' },
    ])
    expect(before).toEqual([{ sum: '1910.00' }])
    expect(await place.gold('select sum(total_revenue) from product_performance')).toEqual([{ sum: '1270.00' }])
  })

  test.each(['C1', ' C12 ', '42'])('%j leaves what a new run leaves', async (id) => {
    await erase(id)
    const erased = await everything()
    await run()
    expect(await everything()).toEqual(erased)
    // And without silver, from nothing but the erasures.
    await Promise.all(['customers', 'transactions', 'quarantine', 'runs'].map((name) => silver().dropCollection(name)))
    await runProcessor(place.client, options)
    expect(await everything()).toEqual(erased)
  })

  test('is nowhere to be found by the id', async () => {
    await silver()
      .collection('runs')
      .insertMany([
        {
          checks: [
            {
              rows: [
                { customer_id: 'C1', times: 2 },
                { customer_id: 'C12', times: 2 },
              ],
            },
          ],
        },
        { failure: { kind: 'gate', message: 'It failed:\n    customer_id C1, times 2\n    customer_id C12, times 2' } },
      ])
    await erase('C1')
    for (const { name } of await silver().listCollections().toArray()) {
      const found = JSON.stringify(await silver().collection(name).find().toArray()).replaceAll('C1 is the best', '')
      expect(found, name).not.toMatch(/\bC1\b|Zo/)
    }
    for (const { name } of readModels()) {
      const rows = JSON.stringify(await place.gold(`select * from ${name}`)).replaceAll('C1 is the best', '')
      expect(rows, name).not.toMatch(/\bC1\b|Zo/)
    }
    // Others are.
    expect(JSON.stringify(await silver().collection('runs').find().toArray()).match(/C12/g)).toHaveLength(2)
  })

  test('is in the balance, from the erasure on and after every run', async () => {
    const common = { leftOut: 0, addsUp: true }
    const customers = { collection: 'customers', bronze: 7, duplicates: 0, duplicateRevenue: null, ...common }
    const sales = { collection: 'transactions', bronze: 8, quarantined: 0, superseded: 0, erased: 0, ...common }
    expect(await balance('customers')).toEqual({ ...customers, silver: 4, quarantined: 3, superseded: 2, erased: 0 })
    expect(await balance('transactions')).toEqual({ ...sales, silver: 8, duplicates: 0, duplicateRevenue: null })
    for (const work of [() => erase('C1'), () => erase('C1'), run]) {
      await work()
      expect(await balance('customers')).toEqual({ ...customers, silver: 3, quarantined: 1, superseded: 0, erased: 3 })
      expect(await balance('transactions')).toEqual({
        ...sales,
        silver: 7,
        duplicates: 1,
        duplicateRevenue: expect.stringMatching(/^\d+\.\d\d$/),
      })
    }
    expect(describeRun(toldRun(await run()))).toMatch(/customers +7 → 3: 1 without id, 3 erased/)
    const report = describeReport(await readReport(silver()))
    expect(report).toMatch(/bronze +silver +duplicates +quarantined +erased\n/)
    expect(report).toMatch(/customers +7 += +3 +\+ +0 +\+ +1 +\+ +3 +✔/)
  })

  test('is in the balance of the silver in place, whatever the clock of an earlier run said', async () => {
    const runs = silver().collection('runs')
    const tomorrow = new Date(Date.now() + 86_400_000)
    await runs.updateMany({}, { $set: { started: tomorrow, finished: tomorrow } })
    const [before] = await runs.find().sort({ _id: -1 }).limit(1).toArray()
    const { _id } = await run()
    await erase('C1')
    const erased = async (of: unknown) => (await runs.findOne({ _id: of as never }))?.['silver'].customers.erased
    expect([await erased(before?._id), await erased(_id)]).toEqual([0, 3])
  })

  test('is told as erased where a sale of theirs is explained', async () => {
    await erase('C1')
    const { silver: sets } = await explain(place.client, place.postgresUrl, 'product', 'Laptop', options)
    const [sale] = sets[0]?.records.filter(({ values }) => values['transaction_id'] === 'T1') ?? []
    expect(sale).toMatchObject({ bronze: 'unchanged' })
    expect(sale?.cleaning).toContainEqual({ field: 'customer_id', kind: 'missing', reason: 'erased' })
  })

  test('is remembered by a keyed hash and nothing else', async () => {
    await erase('C1')
    await erase('C1')
    const recorded = await erasures().find(ours()).toArray()
    expect(recorded).toEqual([
      {
        _id: { bronze: place.names.bronze, customer: expect.stringMatching(/^[0-9a-f]{64}$/) },
        key: expect.stringMatching(/^[0-9a-f]{64}$/),
        erased: expect.any(Date),
      },
    ])
    // Another key gives another hash, so the hash is no mere one of the id.
    await erasures().deleteMany(ours())
    await erase('C1', { erasureKey: otherKey })
    expect((await erasures().findOne(ours()))?._id).not.toEqual(recorded[0]?._id)
  })

  test('stays erased when the key of the hashes changes', async () => {
    await erase('C1')
    const pii = (key: string) => ({ method: 'hmac-sha256' as const, key: createSecretKey(key, 'utf8') })
    for (const key of [SECRET, `${SECRET} again`]) {
      await runPipeline(place.client, place.postgresUrl, { ...options, pii: pii(key) })
      expect(await silver().collection('customers').countDocuments({ customer_id: 'C1' })).toBe(0)
    }
  })

  test.each([
    ['no key', undefined],
    ['another key', otherKey],
  ])('cannot come back: a run with %s writes nothing', async (_, key) => {
    await erase('C1')
    const before = await everything()
    await bronze().collection('customers').insertOne({ customer_id: 'C99' })
    for (const work of [
      () => runProcessor(place.client, { ...options, erasureKey: key }),
      () => runPipeline(place.client, place.postgresUrl, { ...options, erasureKey: key }),
      () => erase('C12', { erasureKey: key }),
    ]) {
      await expect(work()).rejects.toMatchObject({
        kind: 'config',
        message: expect.stringContaining('LINGOT_ERASURE_KEY'),
      })
    }
    expect(await everything()).toEqual(before)
    expect(await erasures().countDocuments(ours())).toBe(1)
    expect((await silver().listCollections().toArray()).filter(({ name }) => name.startsWith('next.'))).toEqual([])
  })

  test('whom nobody knows is not recorded, and not named', async () => {
    const before = await lastRuns(silver(), 9)
    const failure = await erase('C404').catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'data', message: expect.not.stringContaining('C404') })
    expect(await erasures().countDocuments(ours())).toBe(0)
    expect(await lastRuns(silver(), 9)).toEqual(before)
    await expect(erase(' n/a ')).rejects.toMatchObject({ kind: 'usage' })
  })
})

/** Works as a user with these rights, and those on silver. */
async function asUser(
  privileges: readonly { db: string; collection: string; actions: readonly string[] }[],
  work: (client: MongoClient) => Promise<unknown>,
): Promise<void> {
  const admin = place.client.db('admin')
  const user = `user_${new ObjectId().toHexString()}`
  await admin.command({
    createRole: user,
    privileges: privileges.map(({ actions, ...resource }) => ({ resource, actions })),
    roles: [],
  })
  const ofSilver = ['readWrite', 'dbAdmin'].map((role) => ({ role, db: place.names.silver }))
  await admin.command({ createUser: user, pwd: 'secret-of-a-user', roles: [user, ...ofSilver] })
  const { host } = new URL(inject('mongodbUri'))
  const client = await MongoClient.connect(`mongodb://${user}:secret-of-a-user@${host}`)
  try {
    await work(client)
  } finally {
    await client.close()
    await admin.command({ dropUser: user })
    await admin.command({ dropRole: user })
  }
}

const onErasures = (...actions: string[]) => ({ db: 'lingot', collection: 'erasures', actions })
const onBronze = (collection: string, ...actions: string[]) => ({ db: place.names.bronze, collection, actions })
/** What a run needs of bronze. */
const reading = () => onBronze('', 'find', 'listCollections')

describe('erasures are remembered apart from silver', () => {
  /** As versions before kept one beside silver. */
  const old = (id: string, key = SECRET) => {
    const hash = (text: string) => createHmac('sha256', key).update(text).digest('hex')
    return { _id: hash(id) as never, key: hash('\0'), erased: new Date(0) }
  }
  const beside = () => silver().collection('erasures')
  const namesIn = (name: string) => place.client.db(name).collection('customers').distinct('customer_id')
  beforeEach(() => start())

  test('whatever silver is called, nobody comes back', async () => {
    await erase('C1')
    const renamed = `${place.names.silver}_2`
    try {
      await runPipeline(place.client, place.postgresUrl, { ...options, silver: renamed })
      expect(await namesIn(renamed)).toEqual(['42', 'C12', 'c1'])
      await expect(
        runProcessor(place.client, { ...options, silver: renamed, erasureKey: undefined }),
      ).rejects.toMatchObject({ kind: 'config' })
    } finally {
      await place.client.db(renamed).dropDatabase()
    }
    await silver().dropDatabase()
    await run()
    expect(await namesIn(place.names.silver)).toEqual(['42', 'C12', 'c1'])
  })

  test('those that versions before kept beside silver count, and are carried over', async () => {
    await beside().insertMany([old('C1'), old('42')])
    const told = await explain(place.client, place.postgresUrl, 'product', 'Laptop', options)
    const sale = told.silver[0]?.records.find(({ values }) => values['transaction_id'] === 'T1')
    expect(sale?.cleaning).toContainEqual({ field: 'customer_id', kind: 'missing', reason: 'erased' })
    expect(await beside().countDocuments()).toBe(2)

    await expect(runProcessor(place.client, { ...options, erasureKey: otherKey })).rejects.toMatchObject({
      kind: 'config',
    })
    await run()
    expect(await namesIn(place.names.silver)).toEqual(['C12', 'c1'])
    // Whose bronze they are of nobody knows for certain, so they stay for another.
    expect(await beside().countDocuments()).toBe(2)
    const carried = await erasures().find(ours()).sort({ _id: 1 }).toArray()
    const expected = [old('C1'), old('42')].map(({ _id, ...rest }) => ({
      _id: { bronze: place.names.bronze, customer: _id },
      ...rest,
    }))
    expect(carried).toEqual(expected.sort((a, b) => (a._id.customer < b._id.customer ? -1 : 1)))
    await silver().dropDatabase()
    await run()
    expect(await namesIn(place.names.silver)).toEqual(['C12', 'c1'])
  })

  test('what others keep under that name stays, and is not read as an erasure', async () => {
    const theirs = [{ _id: 'C1' as never, key: 'house', erased: true }, { _id: old('C1')._id }]
    await beside().insertMany(theirs)
    await run()
    expect(await namesIn(place.names.silver)).toContain('C1')
    await erase('C12')
    expect(await beside().find().toArray()).toEqual(theirs)
  })

  test('of another bronze they say nothing', async () => {
    const { _id, ...rest } = old('C1', 'the key of somebody else, with 32 characters')
    const other = { _id: { bronze: `${place.names.bronze}_2`, customer: _id } as never, ...rest }
    await erasures().insertOne(other)
    await run().finally(() => erasures().deleteOne({ _id: other._id }))
    expect(await namesIn(place.names.silver)).toContain('C1')
  })

  test('one that cannot be read ends the run', async () => {
    await erasures().insertOne({ _id: { bronze: place.names.bronze, customer: 'C1' } as never })
    await expect(run()).rejects.toMatchObject({ kind: 'data', message: expect.stringContaining('lingot.erasures') })
  })

  const refused = { kind: 'permission', message: expect.stringContaining('lingot.erasures') }

  test('a user who may not look does not run: somebody might come back', async () => {
    const before = await everything()
    await asUser([reading()], async (client) => {
      await expect(runProcessor(client, options)).rejects.toMatchObject(refused)
      await expect(runProcessor(client, { ...options, erasureKey: undefined })).rejects.toMatchObject(refused)
    })
    expect(await everything()).toEqual(before)
  })

  test('a user who may look runs', async () => {
    await asUser([reading(), onErasures('find')], async (client) => {
      await runProcessor(client, { ...options, erasureKey: undefined })
      await erase('C1')
      await runProcessor(client, options)
      expect(await namesIn(place.names.silver)).not.toContain('C1')
    })
  })

  test('a user who may only look cannot carry any over, nor erase', async () => {
    await beside().insertOne(old('C1'))
    const before = await everything()
    await asUser([reading(), onErasures('find')], async (client) => {
      await expect(runProcessor(client, options)).rejects.toMatchObject(refused)
      const person = await findPerson(client, 'C12', options)
      await expect(runErasure(client, place.postgresUrl, person, options)).rejects.toMatchObject(refused)
    })
    expect(await everything()).toEqual(before)
    expect(await beside().countDocuments()).toBe(1)
    await asUser([reading(), onErasures('find', 'insert')], (client) => runProcessor(client, options))
    expect(await erasures().countDocuments(ours())).toBe(1)
  })
})

describe('an erasure that was tried again', () => {
  beforeEach(() => start())

  test.each(['customers', 'quarantine'])('after the answer on %s was lost tells of all', async (collection) => {
    const { deleteMany } = Collection.prototype
    let losses = 0
    const spy = vi.spyOn(Collection.prototype, 'deleteMany').mockImplementation(async function (
      this: Collection,
      ...given
    ) {
      const result = await deleteMany.apply(this, given)
      if (this.namespace === `${place.names.silver}.${collection}` && losses++ === 0)
        throw new MongoNetworkError('lost')
      return result
    })
    const { erasure } = await erase('C1', { fromBronze: true }).finally(() => spy.mockRestore())
    expect(losses).toBe(2)
    const expected = { customers: 1, transactions: 3, quarantined: 2, bronze: { customers: 3, transactions: 3 } }
    expect(erasure).toEqual(expected)
    expect((await lastRuns(silver(), 1))[0]?.erasure).toEqual(expected)
  })
})

test.each(['D, times 2', 'Dupont, Jean', 'x, customer_id C12', '2'])(
  'rows at fault of %j leave every record, old and new',
  async (id) => {
    const { gateFailure } = await import('../../src/runs/gate.ts')
    await start({ ...byHand, customers: [...byHand.customers, { _id: 9, customer_id: id }] })
    const rows = [
      { customer_id: id, times: 2 },
      { customer_id: 'C12', times: 2 },
      { client: id },
      { total: '5.00', client: id, other: 'x' },
    ]
    const check = {
      subject: 'a',
      name: 'b',
      severity: 'error' as const,
      passed: false,
      detail: '4 rows at fault',
      rows,
    }
    const { kind, message } = gateFailure([check]) ?? {}
    const runs = silver().collection('runs')
    const { insertedId } = await runs.insertOne({ checks: [check], failure: { kind, message } })
    await erase(id)
    expect(await runs.findOne({ _id: insertedId })).toMatchObject({
      checks: [{ rows: [{ customer_id: 'C12', times: 2 }] }],
      failure: {
        message:
          'Gold was not published, 1 of 1 check failed; the old gold stays.\n  a: b: 4 rows at fault\n    customer_id C12, times 2',
      },
    })
  },
)

test('personal fields that are kept of sales go with their customer', async () => {
  const { readSettings } = await import('../../src/settings/config.ts')
  const personal = { kind: 'label', personal: true, inClear: true, meaning: 'Where it went.' } as const
  const keep = {
    ship_to: { ...personal, from: 'address' },
    gift: { kind: 'label', personal: false, meaning: 'A gift.' },
  }
  const { contracts } = await readSettings({ collections: { transactions: { keep } } } as never, 'lingot.config.ts')
  const given = { ...options, contracts }
  const [before, others] = [options, { product: 'Laptop', gift: 'yes' }]
  options = given
  try {
    await start({
      ...byHand,
      transactions: [
        { _id: 1, transaction_id: 'T1', customer_id: 'C1', address: '1 rue de Zoé', ...others },
        { _id: 2, transaction_id: 'T2', customer_id: 'C12', address: '2 rue de Ada', ...others },
        // Once C1 and the address are gone, these are one.
        { _id: 3, transaction_id: 'T3', customer_id: 'C1', address: '3 rue de Zoé', ...others },
        { _id: 4, transaction_id: 'T3', customer_id: 'C1', address: '4 rue de Zoé', ...others },
      ],
    })
    const sales = async () => {
      const found = await silver().collection('transactions').find().sort({ _id: 1 }).toArray()
      return found.map(({ _id, customer_id, ship_to, gift }) => [_id, customer_id, ship_to, gift])
    }
    const expected = [
      [1, null, 'Unknown', 'yes'],
      [2, 'C12', '2 rue de Ada', 'yes'],
      [3, null, 'Unknown', 'yes'],
    ]
    await erase('C1')
    expect(await sales()).toEqual(expected)
    await run()
    expect(await sales()).toEqual(expected)
    await erase('C1', { fromBronze: true })
    expect(await bronze().collection('transactions').find({ customer_id: null }).sort({ _id: 1 }).toArray()).toEqual([
      { _id: 1, transaction_id: 'T1', ...others },
      { _id: 3, transaction_id: 'T3', ...others },
      { _id: 4, transaction_id: 'T3', ...others },
    ])
    await erasures().deleteMany(ours())
    await run()
    expect(await sales()).toEqual(expected)
  } finally {
    options = before
  }
})

describe('an erasure that was interrupted', () => {
  const unreachable = Object.assign(new URL(inject('postgresUrl')), { pathname: '/not_there' }).href
  beforeEach(() => start())

  test.each<[string, () => Promise<unknown>]>([
    ['after it was remembered', () => recordErasure(silver(), place.names.bronze, erasureKey, 'C1')],
    [
      'after the sales of silver',
      async () => {
        await recordErasure(silver(), place.names.bronze, erasureKey, 'C1')
        await silver()
          .collection('transactions')
          .updateMany({ customer_id: 'C1' }, { $set: { customer_id: null } })
      },
    ],
    [
      'after silver',
      async () => {
        const person = await findPerson(place.client, 'C1', options)
        return eraseFromSilver(place.client, person, { ...standard, ...options })
      },
    ],
    [
      'by a PostgreSQL that has no such database',
      async () => {
        const person = await findPerson(place.client, 'C1', options)
        const erasing = runErasure(place.client, unreachable, person, { ...options, fromBronze: true })
        await expect(erasing).rejects.toMatchObject({ kind: 'server' })
        // It was looked for before anything was taken away.
        expect(await silver().collection('customers').countDocuments({ customer_id: 'C1' })).toBe(1)
      },
    ],
    [
      'after a part of bronze',
      async () => {
        await erase('C1')
        await bronze()
          .collection('customers')
          .deleteOne({ _id: 1 as never })
      },
    ],
  ])('%s is made good by the next', async (_, interrupted) => {
    await interrupted()
    await erase('C1')
    const erased = await everything()
    expect(await silver().collection('customers').countDocuments({ customer_id: 'C1' })).toBe(0)
    await run()
    expect(await everything()).toEqual(erased)
  })

  test('has removed nothing before it was remembered', async () => {
    const _id = 'not of Lingot' as never
    await erasures().insertOne({ _id, bronze: place.names.bronze })
    const before = await everything()
    const erasing = erase('C1', { fromBronze: true })
    await expect(erasing.finally(() => erasures().deleteOne({ _id }))).rejects.toMatchObject({ kind: 'config' })
    expect(await everything()).toEqual(before)
    expect(await bronze().collection('customers').countDocuments()).toBe(7)
  })

  test('has left bronze as it was, until silver and gold are done', async () => {
    const person = await findPerson(place.client, 'C1', options)
    await runErasure(place.client, unreachable, person, { ...options, fromBronze: true }).catch(() => undefined)
    expect(await bronze().collection('customers').countDocuments()).toBe(7)
  })
})

describe('with --bronze', () => {
  beforeEach(() => start())

  test.each<[string, () => Parameters<typeof asUser>[0], string]>([
    ['may only read it', () => [reading()], 'remove on BRONZE.customers and update on BRONZE.transactions'],
    [
      'may remove customers',
      () => [reading(), onBronze('customers', 'remove', 'update')],
      'update on BRONZE.transactions',
    ],
    ['may update all of it', () => [reading(), onBronze('', 'update')], 'remove on BRONZE.customers'],
  ])('a user who %s is told what is missing, before anything is done', async (_, privileges, missing) => {
    const before = [await everything(), await bronze().collection('customers').countDocuments()]
    await asUser([...privileges(), onErasures('find', 'insert')], async (client) => {
      const all = { ...options, fromBronze: true }
      await expect(findPerson(client, 'C1', all)).rejects.toMatchObject({
        kind: 'permission',
        message: expect.stringContaining(`lacks ${missing.replaceAll('BRONZE', place.names.bronze)}.`),
        next: expect.stringContaining('grantPrivilegesToRole'),
      })
    })
    expect([await everything(), await bronze().collection('customers').countDocuments()]).toEqual(before)
    expect(await erasures().countDocuments(ours())).toBe(0)
  })

  test('a user who may remove and update just there erases', async () => {
    const rights = [reading(), onErasures('find', 'insert'), onBronze('customers', 'remove')]
    await asUser([...rights, onBronze('transactions', 'update')], async (client) => {
      const all = { ...options, fromBronze: true }
      await runErasure(client, place.postgresUrl, await findPerson(client, 'C1', all), all)
    })
    expect(
      await bronze()
        .collection('customers')
        .countDocuments({ _id: 1 as never }),
    ).toBe(0)
  })

  test('a view is no place to take somebody out of, and that is told first', async () => {
    const before = await everything()
    await bronze().collection('customers').rename('people')
    await bronze().createCollection('customers', { viewOn: 'people', pipeline: [] })
    await expect(erase('C1', { fromBronze: true })).rejects.toMatchObject({
      kind: 'permission',
      message: expect.stringContaining('view'),
    })
    expect(await everything()).toEqual(before)
    expect(await erasures().countDocuments(ours())).toBe(0)
  })

  test.each([
    ['C1', [4, 5, 6, 7], [1, 2, 8]],
    ['42', [1, '2', { n: 3 }, 4, 6, 7], [4, 5, 6]],
  ])("%s's documents go, their sales lose customer_id, and nothing else changes", async (id, customers, sales) => {
    const read = async (name: string) => {
      const found = bronze().collection(name).find({}, { promoteValues: false }).sort({ _id: 1 })
      return (await found.toArray()).map((document) => EJSON.stringify(document, { relaxed: false }))
    }
    const [people, before, campaigns] = [await read('customers'), await read('transactions'), await read('campaigns')]
    const { erasure } = await erase(id, { fromBronze: true })
    expect(erasure?.bronze).toEqual({ customers: 7 - customers.length, transactions: sales.length })
    const isKept = (document: string) =>
      customers.some((_id) => document.startsWith(EJSON.stringify({ _id }, { relaxed: false }).slice(0, -1)))
    expect(await read('customers')).toEqual(people.filter(isKept))
    expect(await read('customers')).toHaveLength(customers.length)
    const theirId = /"customer_id":("[^"]*"|\{[^}]*\}),/
    expect(await read('transactions')).toEqual(
      before.map((sale, i) => (sales.includes(i + 1) ? sale.replace(theirId, '') : sale)),
    )
    expect(await read('campaigns')).toEqual(campaigns)
    const erased = await everything()
    await run()
    expect(await everything()).toEqual(erased)
  })
})

test.each([
  ['the sample', () => generate(place.client, { database: place.names.bronze, seed: 5, scale: 0.05, force: true })],
  ['a hostile bronze', async () => place.load({ ...hostileBronze() })],
])('of %s, several people are erased as a new run would leave them', async (_, fill) => {
  await silver().dropDatabase()
  await fill()
  await run()
  const ids = await silver()
    .collection('transactions')
    .aggregate([{ $match: { customer_id: { $ne: null } } }, { $sortByCount: '$customer_id' }, { $limit: 4 }])
    .toArray()
  const [known] = await silver().collection('quarantine').find({ reason: 'superseded' }).toArray()
  const twice = await bronze().collection('customers').findOne({ _id: known?.['document_id'] })
  for (const id of [...ids.map(({ _id }) => _id), twice?.['customer_id']]) await erase(String(id))
  expect(await erasures().countDocuments(ours())).toBeGreaterThan(3)
  const erased = await everything()
  const record = await run()
  expect(await everything()).toEqual(erased)
  expect(record.silver?.['customers']?.erased).toBeGreaterThan(0)
})

test('a customer under another name in bronze, and a copy of it in silver, are erased too', async () => {
  const { readSettings } = await import('../../src/settings/config.ts')
  const { contracts } = await readSettings(
    {
      collections: {
        customers: { from: 'clients', fields: { customer_id: 'code' } },
        transactions: {
          from: 'ventes',
          fields: { customer_id: { from: 'client', shared: true } },
          keep: { buyer_code: { kind: 'label', from: 'client', personal: false, meaning: 'Again.', shared: true } },
        },
      },
    },
    'lingot.config.ts',
  )
  options = { ...options, contracts }
  try {
    await start({
      clients: [{ _id: 1, code: 'C1' }],
      ventes: [{ _id: 1, transaction_id: 'T1', client: ' C1', amount: 1 }],
      campaigns: byHand.campaigns,
    })
    expect(await silver().collection('transactions').findOne()).toMatchObject({ customer_id: 'C1', buyer_code: 'C1' })
    await erase('C1', { fromBronze: true })
    expect(await silver().collection('transactions').findOne()).toMatchObject({
      customer_id: null,
      buyer_code: 'Unknown',
    })
    expect(await bronze().collection('ventes').findOne()).toEqual({ _id: 1, transaction_id: 'T1', amount: 1 })
    expect(await bronze().collection('clients').countDocuments()).toBe(0)
    await place.load({ clients: [{ code: 'C1' }], ventes: [{ client: 'C1' }], campaigns: byHand.campaigns })
    await run()
    expect(await silver().collection('transactions').findOne()).toMatchObject({
      customer_id: null,
      buyer_code: 'Unknown',
    })
    expect(await silver().collection('customers').countDocuments()).toBe(0)
  } finally {
    const { contracts: _, ...standard } = options
    options = standard
  }
})

describe('the command', () => {
  const settings = () => ({
    ...settingsOf(place.names),
    LINGOT_ERASURE_KEY: SECRET,
  })
  beforeEach(() => start())

  test('says what it did, and keeps the key to itself', async () => {
    const { status, stdout, stderr } = await lingot(['erase', 'C1', '--yes'], settings())
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(
      /^bronze_\S+ → silver_.*\nErased\n {2}silver {2}1 customer removed, 3 sales kept without, 2 documents out of quarantine\n/,
    )
    expect(stdout).toMatch(/\n {2}bronze {2}still holds 3 documents of the customer, and their id in 3 sales; /)
    const { stdout: json } = await lingot(['erase', 'C12', '--yes', '--bronze', '--json'], settings())
    expect(JSON.parse(json)).toMatchObject({
      command: 'erase',
      outcome: 'succeeded',
      erasure: { customers: 1, transactions: 1, quarantined: 0, bronze: { customers: 1, transactions: 1 } },
    })
    const records = JSON.stringify(await silver().collection('runs').find().toArray())
    expect(stdout + json + records).not.toContain(SECRET)
    expect(stdout + json + records).not.toMatch(/C12|Zo/)
  })

  test.each<[string, string[], object, number, RegExp]>([
    ['without a terminal and without --yes', ['C1'], {}, 2, /^Nobody is there to be asked\.\n→ Say --yes/],
    ['without a key', ['C1', '--yes'], { LINGOT_ERASURE_KEY: '' }, 3, /^LINGOT_ERASURE_KEY is not set/],
    [
      'with a short key',
      ['C1', '--yes'],
      { LINGOT_ERASURE_KEY: 'short' },
      3,
      /^LINGOT_ERASURE_KEY: must be at least 32/,
    ],
    [
      'of somebody unknown',
      ['C404', '--yes'],
      {},
      7,
      /^Nothing in bronze, silver or the history of gold names this customer/,
    ],
    ['of nobody', [' ', '--yes'], {}, 2, /^This is no id of a customer/],
  ])('%s erases nothing', async (_, args, others, code, message) => {
    const before = await everything()
    const { status, stdout, stderr } = await lingot(['erase', ...args], { ...settings(), ...others })
    expect({ status, stdout, stderr }).toEqual({ status: code, stdout: '', stderr: expect.stringMatching(message) })
    expect(await everything()).toEqual(before)
    expect(await erasures().countDocuments(ours())).toBe(0)
  })
})

test.each([
  ['yes\n', true],
  [' YES \n', true],
  ['y\n', false],
  ['\n', false],
  ['no\nyes\n', false],
  // The terminal is gone.
  ['', false],
])('the answer %j is taken for %s', async (answer, expected) => {
  const [input, output] = [new PassThrough(), new PassThrough()]
  input.end(answer)
  expect(await confirm('Sure?', new AbortController().signal, { input, output })).toBe(expected)
  expect(String(output.read())).toContain('Sure?\nType yes to go on: ')
})
