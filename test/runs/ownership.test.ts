import { ObjectId } from 'bson'
import { type Document, MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { made } from '../made.ts'
import { lingot, type Settings } from '../process.ts'

/** Two bronzes that exist, and a silver of this test's alone. */
const id = new ObjectId().toHexString()
const databases = { bronze: `shop_${id}`, other: `other_${id}`, silver: `silver_${id}` }
let client: MongoClient
let settings: Settings

beforeAll(async () => {
  client = await MongoClient.connect(inject('mongodbUri'))
  await generate(client, { database: databases.bronze, scale: 0.01, seed: 1 })
  await generate(client, { database: databases.other, scale: 0.01, seed: 2 })
  settings = {
    MONGODB_URI: inject('mongodbUri'),
    POSTGRES_URL: inject('postgresUrl'),
    LINGOT_BRONZE_DB: databases.bronze,
    LINGOT_SILVER_DB: databases.silver,
    LINGOT_GOLD_SCHEMA: `gold_${id}`,
  }
})

beforeEach(() => client.db(databases.silver).dropDatabase())

afterAll(async () => {
  for (const name of Object.values(databases)) await client.db(name).dropDatabase()
  await client.close()
})

const silver = () => client.db(databases.silver)

/** All that a database holds, views told by what they are made of. */
async function contentsOf(name: string): Promise<Document> {
  const db = client.db(name)
  const everything = await db.listCollections({}, { nameOnly: false }).toArray()
  const found = everything.filter(({ name }) => !name.startsWith('system.'))
  const entries = found.map(async ({ name, type, options }) => [
    name,
    { type, options, documents: await db.collection(name).find().sort({ _id: 1 }).toArray() },
  ])
  return Object.fromEntries(await Promise.all(entries))
}

const layers = ['run', 'process', 'aggregate'] as const
const MINE = { _id: 1 as never, note: 'ten years of own data' }

describe("what is not Lingot's in silver's places ends a run before it writes", () => {
  const foreign: [what: string, make: () => Promise<unknown>][] = [
    ['customers', () => silver().collection('customers').insertOne(MINE)],
    ['quarantine', () => silver().collection('quarantine').insertOne(MINE)],
    ['runs', () => silver().collection('runs').insertOne(MINE)],
    ['lock', () => silver().collection('lock').insertOne(MINE)],
    ['transactions', () => silver().createCollection('transactions', { capped: true, size: 4096 })],
    ['campaigns', () => silver().createCollection('campaigns', { validator: { $jsonSchema: { title: 'Lingot' } } })],
    ['customers (a view)', () => silver().createCollection('customers', { viewOn: 'mine', pipeline: [] })],
    ['runs (a view)', () => silver().createCollection('runs', { viewOn: 'mine', pipeline: [] })],
    [
      'transactions (a time series)',
      () => silver().createCollection('transactions', { timeseries: { timeField: 'timestamp' } }),
    ],
  ]
  test.each(foreign)('%s', async (what, make) => {
    await make()
    const before = await contentsOf(databases.silver)
    for (const layer of layers) {
      const { status, stderr } = await made(layer, settings, { takeOver: true })
      expect(stderr).toContain(`and did not make: ${what}.`)
      expect(stderr).toContain('LINGOT_SILVER_DB')
      expect(status).toBe(8)
    }
    expect(await contentsOf(databases.silver)).toEqual(before)
  })

  test('bronze and silver that were taken for each other', async () => {
    expect(await made('process', settings)).toMatchObject({ status: 0 })
    const before = [await contentsOf(databases.bronze), await contentsOf(databases.silver)]
    const swapped = { ...settings, LINGOT_BRONZE_DB: databases.silver, LINGOT_SILVER_DB: databases.bronze }
    const { status, stderr } = await made('run', swapped)
    expect(stderr).toContain('and did not make: ')
    expect(status).toBe(8)
    const asBronze = { ...settings, LINGOT_BRONZE_DB: databases.silver, LINGOT_SILVER_DB: `${databases.silver}_2` }
    expect(await made('run', asBronze)).toMatchObject({
      status: 3,
      stderr: expect.stringContaining('is a silver that Lingot made'),
    })
    expect([await contentsOf(databases.bronze), await contentsOf(databases.silver)]).toEqual(before)
    await client.db(`${databases.silver}_2`).dropDatabase()
  })

  test('the silver of another bronze, unless it is to be taken over', async () => {
    expect(await made('process', settings)).toMatchObject({ status: 0 })
    const before = await contentsOf(databases.silver)
    const other = { ...settings, LINGOT_BRONZE_DB: databases.other }
    for (const layer of layers) {
      const { status, stderr } = await made(layer, other)
      expect(stderr).toContain(`${databases.silver} is the silver of ${databases.bronze}`)
      expect(stderr).toContain('--take-over')
      expect(status).toBe(8)
    }
    expect(await contentsOf(databases.silver)).toEqual(before)
    expect(await lingot(['process', '--take-over'], other)).toMatchObject({ status: 0 })
    expect(await made('process', other)).toMatchObject({ status: 0 })
  })

  test('a collection of a staging name that Lingot did not make is not cleared away', async () => {
    const name = `next.${new ObjectId().toHexString()}.customers`
    await silver().collection(name).insertOne(MINE)
    expect(await made('process', settings)).toMatchObject({ status: 0 })
    expect(await silver().collection(name).find().toArray()).toEqual([MINE])
  })
})

test('a sample takes the place of no silver and no view, whatever is forced', async () => {
  expect(await made('process', settings)).toMatchObject({ status: 0 })
  const before = await contentsOf(databases.silver)
  const generate = ['generate', '--force', '--scale', '0.01']
  const asBronze = { ...settings, LINGOT_BRONZE_DB: databases.silver, LINGOT_SILVER_DB: `${databases.silver}_2` }
  expect(await lingot(generate, asBronze)).toMatchObject({ status: 3 })
  expect(await contentsOf(databases.silver)).toEqual(before)

  await silver().dropDatabase()
  await silver().createCollection('customers', { viewOn: 'mine', pipeline: [] })
  const { status, stderr } = await lingot(generate, asBronze)
  expect(stderr).toContain('customers (a view)')
  expect(status).toBe(5)
  expect(Object.keys(await contentsOf(databases.silver))).toEqual(['customers'])
})

test('the silver of a version that noted no bronze is taken for the own one', async () => {
  expect(await made('process', settings)).toMatchObject({ status: 0 })
  for (const collMod of ['customers', 'transactions', 'campaigns', 'quarantine']) {
    const [info] = await silver().listCollections({ name: collMod }, { nameOnly: false }).toArray()
    const { title } = info?.options?.['validator'].$jsonSchema ?? {}
    await silver().command({ collMod, validator: { $jsonSchema: { title } } })
  }
  expect(await made('process', settings)).toMatchObject({ status: 0 })
})

test('a silver that Lingot did not make is not read as its own', async () => {
  for (const name of ['customers', 'transactions', 'campaigns']) await silver().collection(name).insertOne(MINE)
  expect(await lingot(['check'], settings)).toMatchObject({
    status: 7,
    stderr: expect.stringContaining('was not made by Lingot'),
  })
})

test('documents among the runs that are no records are not read as such', async () => {
  expect(await made('process', settings)).toMatchObject({ status: 0 })
  await silver()
    .collection('runs')
    .insertMany([MINE, { started: new Date(), outcome: 'succeeded' }])
  const { status, stdout } = await lingot(['report', '--json'], settings)
  expect(status).toBe(0)
  expect(JSON.parse(stdout).runs).toHaveLength(1)
})

describe('a swap', () => {
  test('that a view stands in the way of says so until it is gone, and is completed then', async () => {
    expect(await made('process', settings)).toMatchObject({ status: 0 })
    // A run that died between two renames.
    const run = new ObjectId()
    const name = `next.${run.toHexString()}.customers`
    const [info] = await silver().listCollections({ name: 'customers' }, { nameOnly: false }).toArray()
    const { description } = info?.options?.['validator'].$jsonSchema ?? {}
    const validator = { $jsonSchema: { title: `Lingot run ${run.toHexString()}`, description } }
    await silver().createCollection(name, { validator, validationLevel: 'off' })
    await silver().collection(name).insertOne(MINE)
    const record = { _id: run, command: 'process', started: new Date(), finished: new Date(), outcome: 'interrupted' }
    await silver()
      .collection<{ _id: string }>('lock')
      .updateOne({ _id: 'silver' }, { $set: { swap: { run, record: { ...record, steps: [], silver: {} } } } })
    await silver().dropCollection('customers')
    await silver().createCollection('customers', { viewOn: 'mine', pipeline: [] })

    for (const command of ['run', 'report', 'check']) {
      const { status, stderr } = await lingot([command], settings)
      expect(stderr).toContain('Lingot did not make customers (a view), which stands in its place')
      expect(status).toBe(8)
    }
    await silver().dropCollection('customers')
    await lingot(['report'], settings)
    expect(await silver().collection('customers').find().toArray()).toEqual([MINE])
  })

  test('that the user may not make ends the run before anything is read', async () => {
    const user = `u${id}`
    const admin = client.db('admin')
    const actions = [
      'find',
      'insert',
      'update',
      'remove',
      'listCollections',
      'createIndex',
      'createCollection',
      'collMod',
    ]
    await admin.command({
      createRole: user,
      privileges: [
        { resource: { db: databases.bronze, collection: '' }, actions: ['find', 'listCollections'] },
        { resource: { db: databases.silver, collection: '' }, actions },
      ],
      roles: [],
    })
    await admin.command({ createUser: user, pwd: 'secret', roles: [user] })
    const uri = new URL(inject('mongodbUri'))
    uri.username = user
    uri.password = 'secret'
    const { status, stderr } = await made('process', { ...settings, MONGODB_URI: uri.href })
    await admin.command({ dropUser: user })
    await admin.command({ dropRole: user })
    expect(stderr).toContain('lingot grants')
    expect(status).toBe(6)
  })
})

test('clocks that differ change nothing: layers say which run made them', async () => {
  expect(await made('process', settings)).toMatchObject({ status: 0 })
  const runs = silver().collection('runs')
  const [first] = await runs.find().toArray()
  // As a client a day ahead would have left it.
  const tomorrow = new Date(Date.now() + 86_400_000)
  await runs.updateOne({ _id: first?._id as ObjectId }, { $set: { started: tomorrow, finished: tomorrow } })
  await client.db(databases.bronze).collection('campaigns').insertOne({ campaign_id: 'NEW' })
  expect(await made('run', settings)).toMatchObject({ status: 0 })
  const { stdout } = await lingot(['report', '--json'], settings)
  const { silver: inPlace, gold } = JSON.parse(stdout)
  const { collections, since, run } = inPlace
  expect(since.id).toBe(first?._id.toHexString())
  expect(run.id).not.toBe(first?._id.toHexString())
  expect(gold).toMatchObject({ run: { id: run.id }, isOlderThanSilver: false })
  const count = await client.db(databases.bronze).collection('campaigns').countDocuments()
  expect(collections.find(({ collection }: Document) => collection === 'campaigns').bronze).toBe(count)
})
