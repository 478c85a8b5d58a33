import { type Document, ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { generate } from '../../../src/bronze/sample/generator.ts'
import { contracts } from '../../../src/contracts/contracts.ts'
import { readModels } from '../../../src/gold/models.ts'
import { portions as usual } from '../../../src/system/portions.ts'
import { reproducibleTables } from '../../gold/reproducible.ts'
import { differences, silverDifferences } from '../../oracle/compare.ts'
import type { Row } from '../../oracle/documents.ts'
import { expectedGold, KEYS } from '../../oracle/gold.ts'
import { hostileBronze } from '../../oracle/hostile.ts'
import { type Bronze, expectedSilver } from '../../oracle/silver.ts'
import { type RunOptions, runAggregator, runPipeline, runProcessor } from '../../run.ts'

const collections = ['customers', 'transactions', 'campaigns'] as const
const id = new ObjectId().toHexString()
const names = { bronze: `bronze_${id}`, silver: `silver_${id}`, goldSchema: `gold_${id}`, acceptShrink: true }
/** So small that whatever is done a portion at a time takes many, and whatever is remembered is forgotten. */
const tiny = { documents: 3, bytes: 700, part: 5, ids: 2, indexed: 10, rows: 2, labels: 2, words: 2, buckets: 7 }
const mongodbUri = inject('mongodbUri')
/** How the work is divided; `workers` are threads that clean. */
const ways: [string, Pick<RunOptions, 'portions' | 'workers' | 'mongodbUri'>][] = [
  ['portions as they are', { portions: usual }],
  ['tiny portions', { portions: tiny }],
  ['more labels than a dictionary remembers', { portions: { ...usual, words: 2 } }],
  ['one worker', { portions: { ...usual, part: 50 }, workers: 1, mongodbUri }],
  ['three workers', { portions: { ...usual, part: 50, buckets: 7 }, workers: 3, mongodbUri }],
  ['three workers and tiny portions', { portions: tiny, workers: 3, mongodbUri }],
]
const exactly = { promoteValues: false, bsonRegExp: true }

/** The spellings that the contracts settle on; which label is which is for the oracle to find. */
const vocabularies = Object.fromEntries(
  contracts.flatMap(({ collection, fields }) =>
    Object.entries(fields).map(([name, { vocabulary = [] }]) => [`${collection}.${name}`, vocabulary]),
  ),
)

let client: MongoClient
let postgres: pg.Pool

beforeAll(async () => {
  client = await MongoClient.connect(inject('mongodbUri'))
  postgres = new pg.Pool({
    connectionString: inject('postgresUrl'),
    types: { getTypeParser: () => (text: string) => text },
  })
})

afterAll(async () => {
  await client.db(names.bronze).dropDatabase()
  await client.db(names.silver).dropDatabase()
  await postgres.query(`drop schema if exists ${names.goldSchema} cascade`)
  await postgres.end()
  await client.close()
})

async function load(bronze: Bronze): Promise<void> {
  await client.db(names.bronze).dropDatabase()
  for (const name of collections) {
    if (bronze[name].length === 0) continue
    await client.db(names.bronze).collection(name).insertMany(bronze[name], { forceServerObjectId: true })
  }
}

async function read(database: string, name: string): Promise<Document[]> {
  return client.db(database).collection(name).find({}, exactly).toArray()
}

async function readGold(table: string): Promise<Row[]> {
  return (await postgres.query<Row>(`select * from ${names.goldSchema}.${table} as t order by t::text collate "C"`))
    .rows
}

/** One after the other, as the client asks. */
async function readAllGold(): Promise<[string, Row[]][]> {
  const all: [string, Row[]][] = []
  for (const table of reproducibleTables) all.push([table, await readGold(table)])
  return all
}

/** Runs the pipeline on what bronze holds, and compares every cell of silver and gold with the oracle's. */
async function expectOracleToAgree(way: (typeof ways)[number][1] = {}): Promise<void> {
  const entries = await Promise.all(collections.map(async (name) => [name, await read(names.bronze, name)]))
  const bronze = Object.fromEntries(entries) as Bronze
  const summary = await runPipeline(client, inject('postgresUrl'), { ...names, ...way })

  const expected = expectedSilver(bronze, new Date(), vocabularies)
  for (const name of collections) {
    expect(silverDifferences(expected[name], await read(names.silver, name)), `silver ${name}`).toEqual([])
    expect(summary.silver?.[name]?.duplicates, `duplicates in ${name}`).toBe(expected.duplicates[name])
  }
  const quarantine = await read(names.silver, 'quarantine')
  const kept = quarantine.map(({ collection, document_id, reason }) => ({ collection, _id: document_id, reason }))
  expect(kept.map(asText).sort()).toEqual(expected.quarantined.map(asText).sort())

  const gold = expectedGold(expected)
  for (const table of Object.keys(KEYS) as (keyof typeof KEYS)[]) {
    expect(differences(gold[table], await readGold(table), KEYS[table]), `gold ${table}`).toEqual([])
  }
}

function asText(document: Document): string {
  return JSON.stringify(document, (_, value) => (typeof value === 'bigint' ? String(value) : value))
}

/** Makes both layers anew, the one after the other, and compares them with those in place, which one run made. */
async function expectTheSameInTwo(way: (typeof ways)[number][1]): Promise<void> {
  const options = { ...names, ...way }
  const everything = async () => ({
    gold: await readAllGold(),
    silver: await Promise.all(
      collections.map(async (name) => [name, (await read(names.silver, name)).map(asText).sort()]),
    ),
  })
  const inOne = await everything()
  await postgres.query(`drop schema ${names.goldSchema} cascade`)
  await client.db(names.silver).dropDatabase()
  await runProcessor(client, options)
  await runAggregator(client, inject('postgresUrl'), options)
  expect(await everything()).toEqual(inOne)
}

test.each(ways)(
  'a hostile bronze gives the silver and gold of the rules, cell by cell, at once or one after the other: %s',
  async (_, way) => {
    await load(hostileBronze())
    await expectOracleToAgree(way)
    await expectTheSameInTwo(way)
  },
)

describe.each([1, 2, 3])('the sample bronze of seed %i', (seed) => {
  test('gives the silver and gold of the rules, cell by cell', async () => {
    await generate(client, { database: names.bronze, seed, scale: 0.15, force: true })
    await expectOracleToAgree()
  })
})

test('the parts of the reconciliation add up to all sales, to the cent', async () => {
  await load(hostileBronze())
  await runPipeline(client, inject('postgresUrl'), names)
  const { rows } = await postgres.query<Row>(
    `select gold_table, sum(transactions) as transactions, sum(revenue) as revenue, sum(amount_unknown) as amount_unknown
     from ${names.goldSchema}.reconciliation group by gold_table`,
  )
  const [{ gold_table, ...all } = {}] = rows.filter((row) => row['gold_table'] === 'all sales')
  expect(gold_table).toBe('all sales')
  expect(rows.length).toBeGreaterThan(4)
  for (const { gold_table: _, ...sums } of rows) expect(sums).toEqual(all)
})

test('every table and column of gold says what it means', async () => {
  const { rows } = await postgres.query<Row>(
    `select c.relname as table, a.attname as column, col_description(c.oid, a.attnum) as meaning, obj_description(c.oid) as description
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
     where c.relnamespace = $1::regnamespace and c.relkind = 'r' order by c.relname, a.attnum`,
    [names.goldSchema],
  )
  expect(new Set(rows.map((row) => row['table']))).toEqual(new Set(readModels().map(({ name }) => name)))
  expect(rows.filter(({ meaning, description }) => !meaning || !description)).toEqual([])
})

test('a second run gives the same gold, names itself in it, and leaves nothing else behind', async () => {
  const before = await readAllGold()
  const { _id, started } = await runPipeline(client, inject('postgresUrl'), names)
  expect(await readAllGold()).toEqual(before)
  const [row, ...others] = await readGold('gold_run')
  expect(row?.['run']).toBe(_id.toHexString())
  expect(new Date(`${row?.['started']}Z`)).toEqual(started)
  expect(others).toEqual([])
  const inSilver = (await client.db(names.silver).listCollections().toArray()).map(({ name }) => name)
  const remembered = ['history.changes', 'history.fingerprints', 'history.runs']
  expect(inSilver.filter((name) => !remembered.includes(name)).sort()).toEqual([
    'campaigns',
    'customers',
    'lock',
    'quarantine',
    'runs',
    'transactions',
  ])
})

/** Sales of many products, each of which is there several times: all but one of them are taken back. */
function salesInserted(times: number): Document[] {
  return Array.from({ length: 40 * times }, (_, i) => {
    const n = i % 40
    return { _id: i, transaction_id: `T${n}`, product: `Product ${n % 7}`, status: `Status ${n % 3}`, amount: n }
  })
}

test.each(ways)(
  'the processor and the aggregator, one after the other, give what one run of both gives, of a sample and sales inserted three times: %s',
  async (_, way) => {
    await generate(client, { database: names.bronze, seed: 4, scale: 0.01, force: true })
    await client.db(names.bronze).collection('transactions').insertMany(salesInserted(3), { forceServerObjectId: true })
    await runPipeline(client, inject('postgresUrl'), { ...names, ...way })
    await expectTheSameInTwo(way)
  },
)
