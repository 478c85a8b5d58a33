import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { generate } from '../../../src/bronze/sample/generator.ts'
import { configOf } from '../../../src/settings/config.ts'
import { LingotError } from '../../../src/system/errors.ts'
import { portions } from '../../../src/system/portions.ts'
import { openProxy } from '../../chaos/proxy.ts'
import { reproducibleTables } from '../../gold/reproducible.ts'
import { type RunOptions, runPipeline } from '../../run.ts'

const id = new ObjectId().toHexString()
const names = { bronze: `bronze_${id}`, silver: `silver_${id}`, goldSchema: `gold_${id}`, acceptShrink: true }
const small = { ...portions, documents: 50, part: 50, buckets: 7 }
const shared = { workers: 3, portions: small, mongodbUri: inject('mongodbUri') }
const collections = ['customers', 'transactions', 'campaigns']

let client: MongoClient
let postgres: pg.Pool

beforeAll(async () => {
  client = await MongoClient.connect(inject('mongodbUri'))
  postgres = new pg.Pool({ connectionString: inject('postgresUrl') })
  await generate(client, { database: names.bronze, seed: 7, scale: 0.2, force: true })
  await run({ workers: 0 })
})

afterAll(async () => {
  await client.db(names.bronze).dropDatabase()
  await client.db(names.silver).dropDatabase()
  await postgres.query(`drop schema if exists ${names.goldSchema} cascade`)
  await postgres.end()
  await client.close()
})

const run = (options: Partial<RunOptions>) => runPipeline(client, inject('postgresUrl'), { ...names, ...options })

/** The bytes of silver and the cells of gold. */
async function layers(): Promise<Record<string, readonly unknown[]>> {
  const silver = client.db(names.silver)
  const read = async (name: string): Promise<[string, readonly unknown[]]> => {
    const documents = await silver.collection<Buffer>(name).find({}, { raw: true }).toArray()
    return [name, documents.map((document) => document.toString('hex')).sort()]
  }
  const gold: [string, readonly unknown[]][] = []
  for (const name of reproducibleTables) {
    const { rows } = await postgres.query(`select * from ${names.goldSchema}.${name} as t order by t::text collate "C"`)
    gold.push([name, rows])
  }
  return Object.fromEntries([...(await Promise.all(collections.map(read))), ...gold])
}

async function staged(): Promise<string[]> {
  const found = await client.db(names.silver).listCollections({}, { nameOnly: true }).toArray()
  return found.map(({ name }) => name).filter((name) => name.startsWith('next.'))
}

test('no, one and three workers, in small portions too, give the same bytes of silver, cells of gold and counts', async () => {
  const made = []
  for (const way of [{ workers: 0 }, ...[0, 1, 3].map((workers) => ({ ...shared, workers }))]) {
    const { silver } = await run(way)
    // Which documents are named as examples depends on which come first.
    const counts = JSON.stringify(silver, (key, value) => (key === 'examples' ? undefined : value))
    made.push({ counts, ...(await layers()) })
  }
  for (const other of made.slice(1)) expect(other).toEqual(made[0])
})

test('a connection that workers lose costs time, not documents', async () => {
  const expected = await layers()
  const { hostname, port } = new URL(inject('mongodbUri'))
  const passage = await openProxy(Number(port))
  const notes: string[] = []
  const mongodbUri = inject('mongodbUri').replace(`${hostname}:${port}`, `127.0.0.1:${passage.port}`)
  let cuts = 0
  await run({
    ...shared,
    mongodbUri,
    onNote: (note) => notes.push(note),
    onProgress(what, done) {
      if (what === 'transactions' && done > 1000 && cuts++ === 0) passage.cut(200)
    },
  })
  passage.close()
  expect(notes.join()).toMatch(/Trying again/)
  expect(await layers()).toEqual(expected)
  expect(await staged()).toEqual([])
})

test('a run that is stopped while workers clean leaves the layers as they were, and nothing beside them', async () => {
  const before = await layers()
  const stopping = new AbortController()
  const stopped = run({
    ...shared,
    signal: stopping.signal,
    onProgress(what, done) {
      if (what === 'transactions' && done > 1000) stopping.abort(new Error('enough'))
    },
  })
  await expect(stopped).rejects.toThrow('enough')
  expect(await layers()).toEqual(before)
  expect(await staged()).toEqual([])
})

test('what the main thread meets while workers clean is told as it is', async () => {
  const broken = run({
    ...shared,
    onProgress(what, done) {
      if (what === 'transactions' && done > 1000) throw new LingotError('server', 'No room for more.', 'Make some.')
    },
  })
  await expect(broken).rejects.toMatchObject({ kind: 'server', message: 'No room for more.', next: 'Make some.' })
  expect(await staged()).toEqual([])
})

test('a view that gives one _id to several documents is told of as without workers', async () => {
  await client.db(names.bronze).createCollection('lines', {
    viewOn: 'transactions',
    pipeline: [{ $set: { _id: { $strLenCP: { $toString: '$_id' } } } }],
  })
  const config = await configOf(
    { file: 'lingot.config.ts', value: { collections: { transactions: { from: 'lines' } } } },
    {},
  )
  const { contracts, settings } = config
  const failed = (options: Partial<RunOptions>) =>
    run({ ...options, contracts, settings }).catch((error) => error.message)
  const alone = await failed({ workers: 0 })
  expect(alone).toMatch(/several documents with one _id/)
  expect(await failed(shared)).toBe(alone)
  expect(await staged()).toEqual([])
})

test('lists of records are divided by their documents', async () => {
  const orders = Array.from({ length: 3000 }, (_, i) => ({
    // Each twentieth comes again, far behind the first.
    number: `O${i % 2850}`,
    buyer: { id: `C${(i % 2850) % 90}` },
    items: Array.from({ length: (i % 2850) % 4 }, (_, n) =>
      n === 2 ? 'gift' : { name: `P${n}`, price: n + 0.335, qty: 3 },
    ),
  }))
  await client.db(names.bronze).collection('orders').insertMany(orders)
  const value = {
    collections: {
      transactions: {
        from: 'orders',
        each: 'items',
        fields: {
          order_id: 'number',
          transaction_id: null,
          customer_id: 'buyer.id',
          product: 'items.name',
          amount: { from: 'items.price', times: 'items.qty' },
        },
      },
    },
  }
  const config = await configOf({ file: 'lingot.config.json', value }, {})
  const made = []
  for (const workers of [0, 3]) {
    const { silver } = await run({ ...config, ...names, ...shared, workers })
    const counts = JSON.stringify(silver, (key, value) => (key === 'examples' ? undefined : value))
    made.push({ counts, ...(await layers()) })
    const several = orders.filter((_, i) => i >= 2850)
    expect(silver?.['transactions']).toMatchObject({
      documents: { all: 3000, empty: orders.filter(({ items }) => items.length === 0).length },
      bronze: orders.flatMap(({ items }) => items).length,
      duplicates: several.flatMap(({ items }) => items.filter((item) => typeof item === 'object')).length,
      quarantined: {
        noId: 0,
        superseded: 0,
        noObject: orders.flatMap(({ items }) => items.filter((item) => item === 'gift')).length,
      },
    })
  }
  expect(made[1]).toEqual(made[0])
})
