import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Document, ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import type { Layer } from '../../src/engines/engine.ts'
import { checkShrinkage } from '../../src/trust/shrinkage.ts'
import { keepLayers } from '../kept.ts'
import { made } from '../made.ts'
import { lingot, type Settings, workFolder } from '../process.ts'
import { runPipeline, runProcessor } from '../run.ts'
import { settingsOf } from '../trust/place.ts'

const id = new ObjectId().toHexString()
const names = { bronze: `shop_${id}`, silver: `silver_${id}`, gold: `gold_${id}` }
const folder = workFolder()
let client: MongoClient
let postgres: pg.Client
let settings: Settings

let restore: () => Promise<void>

beforeAll(async () => {
  client = await MongoClient.connect(inject('mongodbUri'))
  postgres = new pg.Client({ connectionString: inject('postgresUrl') })
  await postgres.connect()
  settings = settingsOf({ ...names, goldSchema: names.gold })
  await fillBronze()
  await runPipeline(client, inject('postgresUrl'), { ...names, goldSchema: names.gold })
  restore = await keepLayers(client, (sql) => postgres.query(sql), { ...names, goldSchema: names.gold })
})

afterAll(async () => {
  await client.db(names.bronze).dropDatabase()
  await client.db(names.silver).dropDatabase()
  await postgres.query(`drop schema if exists ${names.gold} cascade`)
  await postgres.end()
  await client.close()
})

const bronze = () => client.db(names.bronze)

function sales(count: number): Document[] {
  return Array.from({ length: count }, (_, i) => ({ transaction_id: `T${i}`, customer_id: 'C1', amount: 10 }))
}

/** Sales of ten each, of one customer. */
async function load(count: number, collection = 'transactions'): Promise<void> {
  await bronze().collection(collection).deleteMany({})
  if (count > 0) await bronze().collection(collection).insertMany(sales(count))
}

async function revenue(): Promise<string> {
  const { rows } = await postgres.query(`select sum(total_spent)::text as revenue from ${names.gold}.customer_metrics`)
  return rows[0].revenue
}

const configure = (config: object) => writeFile(join(folder, 'lingot.config.json'), JSON.stringify(config))
const run = (...args: string[]) => lingot(args, settings, folder)
const make = (layer: Layer, acceptShrink = false) => made(layer, settings, { acceptShrink }, folder)

async function fillBronze(): Promise<void> {
  await bronze().dropDatabase()
  await bronze().collection('customers').insertOne({ customer_id: 'C1' })
  await load(200)
}

beforeEach(async () => {
  await configure({})
  await fillBronze()
  await restore()
})

const toGold: [what: string, before: () => Promise<unknown>, layer: Layer][] = [
  ['run', async () => undefined, 'run'],
  ['process, then aggregate', () => runProcessor(client, { ...names, goldSchema: names.gold }), 'aggregate'],
]

describe.each(toGold)('%s of a source', (_, before, layer) => {
  /** How the command ends that makes gold. */
  async function makeGold(acceptShrink = false) {
    await before()
    return make(layer, acceptShrink)
  }

  test.each([
    ['that is gone', () => bronze().dropCollection('transactions'), 'bronze has no such collection any more'],
    ['that is empty', () => load(0), '0 documents, and 200 when the gold in place was made'],
    ['that holds less than half', () => load(99), '99 documents, and 200 when the gold in place was made'],
  ])('%s keeps the old gold, time and again, until it is accepted', async (_, shrink, told) => {
    await shrink()
    for (const _ of [1, 2]) {
      const { status, stderr } = await makeGold()
      expect(stderr).toContain(told)
      expect(stderr).toContain('--accept-shrink')
      expect(status).toBe(9)
      expect(await revenue()).toBe('2000.00')
    }
    expect(await run('check')).toMatchObject({ status: 9 })
    const { status, stdout } = await makeGold(true)
    expect(stdout).toContain('accepted this time')
    expect(status).toBe(0)
    // From now on that is what it held.
    expect(await makeGold()).toMatchObject({ status: 0 })
  })

  test.each([
    [100, 0, undefined],
    [159, 0, '159 documents, and 200 when'],
    [160, 0, undefined],
    [300, 0, undefined],
  ])('that holds %i of 200', async (left, status, told) => {
    await load(left)
    const ended = await makeGold()
    if (told === undefined && left >= 160) expect(ended.stdout).not.toContain('holds most of what it held')
    else expect(ended.stdout).toContain('holds most of what it held')
    expect(ended.status).toBe(status)
    expect(await revenue()).toBe(`${left * 10}.00`)
  })
})

test('of fewer than 100 documents the half only warns, and nothing at all does not pass', async () => {
  await load(90)
  expect(await run('run', '--accept-shrink')).toMatchObject({ status: 0 })
  await load(10)
  expect(await make('run')).toMatchObject({ status: 0, stdout: expect.stringContaining('10 documents, and 90 when') })
  await load(0)
  expect(await make('run')).toMatchObject({ status: 9 })
})

test('a source that lost the lists of its documents is not believed', () => {
  const observed = { silver: 0, duplicates: 0, sharedIds: 0, fields: {}, unnamed: [], suspicious: {} }
  const orders = (bronze: number) => ({
    orders: { ...observed, source: 'orders', bronze, documents: { all: 5000, empty: 0 } },
  })
  const limits = { errorBelow: 50, warnBelow: 90, smallBelow: 100 }
  const found = checkShrinkage(orders(0) as never, orders(9994) as never, limits)
  expect(found).toMatchObject([
    { severity: 'error', passed: false, detail: expect.stringMatching(/^0 records, and 9994/) },
  ])
  expect(checkShrinkage(orders(9990) as never, orders(9994) as never, limits)).toEqual([])
})

test('the limits are settings', async () => {
  await load(150)
  await configure({ shrinkage: { errorBelow: 90, warnBelow: 95 } })
  expect(await make('run')).toMatchObject({ status: 9 })
  await configure({ shrinkage: { errorBelow: 10, warnBelow: 20 } })
  await load(50)
  expect(await make('run')).toMatchObject({ status: 0, stdout: expect.not.stringContaining('most of what it held') })
})

test('a run that failed at the gate is not what the next one is compared with, whatever the clocks say', async () => {
  await load(50)
  expect(await make('run')).toMatchObject({ status: 9 })
  const runs = client.db(names.silver).collection('runs')
  // The clock of the machine that made gold was a day behind.
  await runs.updateOne({ gold: { $exists: true } }, { $set: { started: new Date(Date.now() - 86_400_000) } })
  expect(await make('run')).toMatchObject({ status: 9 })
  expect(await make('process')).toMatchObject({ status: 0 })
  expect(await make('aggregate')).toMatchObject({ status: 9 })
  await load(200)
  expect(await make('run')).toMatchObject({ status: 0 })
})

test('a collection that the configuration names must be there', async () => {
  await configure({ collections: { transactions: { from: 'transaction' } } })
  const { status, stderr } = await make('run')
  expect(stderr).toContain(`${names.bronze} has no collection transaction; did you mean transactions?`)
  expect(status).toBe(3)
  expect(await revenue()).toBe('2000.00')
})

test('another source is not compared with the one before', async () => {
  await load(20, 'orders')
  await configure({ collections: { transactions: { from: 'orders' } } })
  expect(await make('run')).toMatchObject({ status: 0 })
  expect(await revenue()).toBe('200.00')
})

test('another source that is empty is not believed either', async () => {
  await bronze().createCollection('orders')
  await configure({ collections: { transactions: { from: 'orders' } } })
  expect(await make('run')).toMatchObject({ status: 9 })
  expect(await revenue()).toBe('2000.00')
})

test('nor is one that is gone, where silver got another name and knows of no run', async () => {
  await bronze().dropCollection('transactions')
  const renamed = { ...settings, LINGOT_SILVER_DB: `${names.silver}_2` }
  const { status, stderr } = await lingot(['run'], renamed, folder)
  expect(stderr).toContain('bronze has no such collection any more')
  expect(status).toBe(9)
  expect(await revenue()).toBe('2000.00')
  await load(200)
  expect(await lingot(['run'], renamed, folder)).toMatchObject({ status: 0 })
  await client.db(`${names.silver}_2`).dropDatabase()
})

test('an erasure says that the person is still in gold, and goes on where the source is accepted', async () => {
  await load(50)
  expect(await make('run')).toMatchObject({ status: 9 })
  const erasing = { ...settings, LINGOT_ERASURE_KEY: 'a key of thirty-two characters, and more' }
  const { status, stderr } = await lingot(['erase', 'C1', '--yes'], erasing, folder)
  expect(stderr).toContain('The person is out of silver, and still in gold.')
  expect(status).toBe(9)
  expect(await lingot(['erase', 'C1', '--yes', '--accept-shrink'], erasing, folder)).toMatchObject({ status: 0 })
  await client.db('lingot').collection('erasures').deleteMany({ '_id.bronze': names.bronze })
})

test('a gold_run that names no run of Lingot stops nothing', async () => {
  await postgres.query(`update ${names.gold}.gold_run set run = 'mine'`)
  expect(await run('report')).toMatchObject({ status: 0 })
  expect(await make('run')).toMatchObject({ status: 0 })
})

test('who holds gold is not waited for in silence', async () => {
  await postgres.query(`begin; lock table ${names.gold}.gold_run`)
  const held = { ...settings, LINGOT_PUBLISH_WAIT: '3' }
  const { status, stderr } = await lingot(['run', '--no-wait'], held, folder)
  const report = await lingot(['report'], held, folder)
  await postgres.query('rollback')
  expect(stderr).toContain('holds')
  expect(status).toBe(8)
  expect(report).toMatchObject({ status: 0 })
})

test('what is absent or empty is said so', async () => {
  await bronze().createCollection('campaigns')
  const { stdout } = await make('run')
  expect(stdout).toContain('campaigns     none: the collection is empty')
  await bronze().dropCollection('campaigns')
  expect((await make('run')).stdout).toContain('campaigns     none: bronze has no such collection')
})

test('a limit on a field of an empty collection fails', async () => {
  await configure({ thresholds: [{ field: 'campaigns.spend', unknownAtMost: 20, severity: 'error' }] })
  const { status, stderr } = await make('run')
  expect(stderr).toContain('campaigns.spend: holds documents: there are none')
  expect(status).toBe(9)
})
