import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { DuckDBInstance } from '@duckdb/node-api'
import { BSON, ObjectId } from 'bson'
import type { Db, Document } from 'mongodb'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { generate } from '../../../src/bronze/sample/generator.ts'
import { type Entry, entriesOf, readPieces } from '../../../src/history/entries.ts'
import { portions } from '../../../src/system/portions.ts'
import { workFolder } from '../../process.ts'
import { runProcessor } from '../../run.ts'
import { useCluster } from './cluster.ts'
import { DIVIDED, useLayers } from './layers.ts'
import { tasks, tryKill } from './tasks.ts'

const cluster = useCluster()
const layers = useLayers()
const collections = ['customers', 'transactions', 'campaigns'] as const

/** Silvers that the local engine alone makes, by how many workers it has. */
const locally = { 1: `silver_${new ObjectId().toHexString()}`, 3: `silver_${new ObjectId().toHexString()}` }

beforeAll(async () => {
  await generate(layers().client, { database: layers().bronze, seed: 22, scale: 1, force: true })
})

afterAll(async () => {
  for (const silver of Object.values(locally)) await layers().client.db(silver).dropDatabase()
})

test('one worker, three and Spark, one of whose tasks is killed in each step, remember the same and tell the same changes', async () => {
  const { client, bronze, spark } = layers()
  const database = client.db(bronze)
  const mixed = client.db(spark.silver)
  const states: State[] = []
  const remembered: Entry[] = []
  for (const [step, change] of [async () => undefined, insertAndCorrect, takeBack].entries()) {
    await change(database, states.at(-1)?.silver ?? {})
    const own = await Promise.all(
      ([1, 3] as const).map(async (workers) => {
        const few = { ...portions, documents: 100, part: 900 }
        const options = { bronze, silver: locally[workers], workers, portions: few, mongodbUri: inject('mongodbUri') }
        const { _id } = await runProcessor(client, options)
        return rememberedBy(client.db(locally[workers]), _id)
      }),
    )
    const { _id, changes } = step === 1 ? await onSpark() : await runProcessor(client, { bronze, silver: spark.silver })
    const here = await rememberedBy(mixed, _id)
    expect(here.told).toEqual(own[0]?.told)
    const others = [[], ['customers', 'transactions'], ['campaigns', 'customers', 'transactions']][step]
    expect(Object.keys(changes ?? {}).sort()).toEqual(others)
    expect(own[1]?.told).toEqual(own[0]?.told)

    const state = { bronze: await contents(database), silver: await contents(mixed), started: here.entry.started }
    const before = states.at(-1)
    for (const name of collections) {
      expect(here.entry.sets[name]?.met.rows).toBe(state.bronze[name]?.size)
      const changed = before === undefined ? [] : changesBetween(before, state, name)
      expect(here.told.changes[name].map(({ key, cause, had, has }) => ({ key, cause, had, has })).sort(byKey)).toEqual(
        changed.sort(byKey),
      )
    }
    states.push(state)
    remembered.push(here.entry)
  }
  // What stayed as it was lies beside silver once.
  expect(remembered.map(({ sets }) => remembered.findIndex(({ _id }) => _id.equals(sets['campaigns']?.run)))).toEqual([
    0, 0, 2,
  ])
  expect(remembered.map(({ since }) => remembered.findIndex(({ _id }) => _id.equals(since)))).toEqual([-1, 0, 1])
  expect(await mixed.collection('history.fingerprints').distinct('_id.run')).toEqual([remembered[2]?._id])
  const causes = remembered.map(({ changes }) => Object.values(changes).flatMap(({ counts }) => Object.keys(counts)))
  expect(causes.map((met) => [...new Set(met)].sort())).toEqual([
    [],
    ['corrected', 'deleted', 'duplicate found', 'late', 'new', 'superseded'],
    ['corrected', 'deleted', 'duplicate gone', 'new', 'superseded'],
  ])
  expect(await layers().leftOvers(spark)).toEqual([])
})

/** Makes silver on Spark, which loses a task of each step once that has written something. */
async function onSpark() {
  const silver = layers().client.db(layers().spark.silver)
  const known = await entriesOf(silver).distinct('_id')
  const written = (name: string, what: string) => {
    return silver.collection<Document>(name).countDocuments({ '_id.run': { $nin: known }, '_id.what': what })
  }
  const left = new Map([
    ['clean', () => written('history.fingerprints', 'met')],
    ['settle', () => written('history.fingerprints', 'removed')],
    ['complete', () => written('history.changes', 'changes')],
  ])
  let isOver = false
  const killing = async () => {
    for (; !isOver && left.size > 0; await setTimeout(20)) {
      for (const [step, pieces] of left) {
        const [task] = (await pieces()) > 0 ? tasks(cluster(), step) : []
        if (task === undefined) continue
        tryKill(task.pid)
        left.delete(step)
      }
    }
  }
  const run = layers()
    .runOn(cluster(), { command: 'process', postgresUrl: undefined, sizes: DIVIDED })
    .finally(() => {
      isOver = true
    })
  const [record] = await Promise.all([run, killing()])
  expect([...left.keys()]).not.toContain('clean')
  return record
}

/** The raw documents of collections, by the bytes of their `_id`s. */
type Contents = Record<string, Map<string, Buffer>>

interface State {
  bronze: Contents
  silver: Contents
  started: Date
}

async function contents(db: Db): Promise<Contents> {
  const read = collections.map(async (name): Promise<[string, Map<string, Buffer>]> => {
    const found = await db
      .collection<Buffer>(name)
      .find({}, { raw: true, sort: { _id: 1 } })
      .toArray()
    return [name, new Map(found.map((document) => [keyOf(document), document]))]
  })
  return Object.fromEntries(await Promise.all(read))
}

function keyOf(document: Buffer): string {
  const bytes = BSON.serialize({ _id: BSON.deserialize(document, { promoteValues: false })['_id'] })
  return Buffer.from([bytes[4] ?? 0, ...bytes.subarray(9, -1)])
    .toString('hex')
    .toUpperCase()
}

interface Told {
  key: string
  cause: string
  had: boolean
  has: boolean
}

function byKey(one: Told, other: Told): number {
  return one.key < other.key ? -1 : 1
}

/** What changed, told by looking at every document. */
function changesBetween(before: State, now: State, name: string): Told[] {
  const [had, has] = [before.silver[name], now.silver[name]]
  const [from, to] = [before.bronze[name], now.bronze[name]]
  const settled = new Date(now.started.getTime() - 35 * 86_400_000)
  settled.setUTCDate(1)
  settled.setUTCHours(0, 0, 0, 0)
  return [...new Set([...(had?.keys() ?? []), ...(has?.keys() ?? [])])].flatMap((key): Told[] => {
    const [old, next] = [had?.get(key), has?.get(key)]
    if (old !== undefined && next?.equals(old)) return []
    const [raw, current] = [from?.get(key), to?.get(key)]
    const isSame = raw !== undefined && current?.equals(raw) === true
    const isLate = () => name === 'transactions' && BSON.deserialize(next ?? Buffer.alloc(0))['timestamp'] < settled
    const cause = () => {
      if (old === undefined && raw === undefined) return isLate() ? 'late' : 'new'
      if (next === undefined && current === undefined) return 'deleted'
      if (old !== undefined && next !== undefined) return isSame ? 'rule' : 'corrected'
      if (name === 'customers') return 'superseded'
      if (!isSame) return 'corrected'
      return old === undefined ? 'duplicate gone' : 'duplicate found'
    }
    return [{ key, cause: cause(), had: old !== undefined, has: next !== undefined }]
  })
}

/** Documents of bronze whose sales and customers are sound, by the silver of the run before. */
async function sound(bronze: Db, silver: Contents, name: 'customers' | 'transactions'): Promise<Document[]> {
  const clean = [...(silver[name]?.values() ?? [])].map((document) => BSON.deserialize(document))
  const ids = clean.filter(({ total_amount, transaction_id, timestamp }) => {
    return name === 'customers' || (total_amount > 0 && transaction_id !== null && timestamp !== null)
  })
  return bronze
    .collection(name)
    .find({ _id: { $in: ids.slice(0, 40).map(({ _id }) => _id) } }, { sort: { _id: 1 } })
    .toArray()
}

const EARLIER = ObjectId.createFromHexString('000000000000000000000001')
const LATER = ObjectId.createFromHexString('ffffffffffffffffffffff01')

async function insertAndCorrect(bronze: Db, silver: Contents): Promise<void> {
  const customers = await sound(bronze, silver, 'customers')
  const people = bronze.collection('customers')
  await people.updateOne({ _id: customers[0]?.['_id'] }, { $set: { country: 'Canada', city: 'Elsewhere' } })
  await people.deleteOne({ _id: customers[1]?.['_id'] })
  await people.insertMany([
    { ...customers[2], _id: LATER, city: 'Elsewhere' },
    { customer_id: 'C-new', country: 'France' },
  ])
  const sales = await sound(bronze, silver, 'transactions')
  const bought = bronze.collection('transactions')
  await bought.updateOne({ _id: sales[0]?.['_id'] }, { $set: { amount: 12.34 } })
  await bought.deleteOne({ _id: sales[1]?.['_id'] })
  await bought.insertMany([
    { ...sales[2], _id: EARLIER },
    { ...sales[3], _id: LATER },
    { ...sales[4], _id: new ObjectId(), transaction_id: 'T-new', timestamp: new Date() },
    { ...sales[4], _id: new ObjectId(), transaction_id: 'T-late', timestamp: new Date('2023-02-01') },
  ])
}

async function takeBack(bronze: Db, silver: Contents): Promise<void> {
  await bronze.collection('customers').deleteOne({ _id: LATER })
  const bought = bronze.collection('transactions')
  await bought.deleteOne({ _id: EARLIER })
  const sales = await sound(bronze, silver, 'transactions')
  await bought.updateMany({ _id: { $in: [sales[5]?.['_id'], sales[6]?.['_id']] } }, { $set: { quantity: 7 } })
  await bought.deleteOne({ _id: sales[7]?.['_id'] })
  await bronze.collection('campaigns').insertOne({ campaign_id: 'CMP-new', campaign_name: 'New' })
}

/** What silver remembers of a run: its entry, and what is the same whichever run it is of. */
async function rememberedBy(silver: Db, run: ObjectId) {
  const entry = await entriesOf(silver).findOne({ _id: run })
  if (entry === null) throw new Error('the run left no entry')
  const sets = Object.entries(entry.sets).map(([name, { met, removed }]) => [name, { met, removed }])
  const counts = Object.entries(entry.changes).map(([name, { counts }]) => [name, counts])
  const changes = Object.fromEntries(
    await Promise.all(collections.map(async (name) => [name, await changesOf(silver, run, name)])),
  ) as Record<(typeof collections)[number], (Told & Record<string, unknown>)[]>
  const told = {
    making: entry.making,
    sets: Object.fromEntries(sets),
    counts: Object.fromEntries(counts),
    changes,
  }
  return { entry, told }
}

async function changesOf(silver: Db, run: ObjectId, collection: string): Promise<Record<string, unknown>[]> {
  const pieces: Buffer[] = []
  for await (const piece of readPieces(silver, { run, collection, what: 'changes' })) pieces.push(piece)
  if (pieces.length === 0) return []
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  try {
    const file = join(workFolder(), 'changes.parquet')
    writeFileSync(file, Buffer.concat(pieces))
    const found = await connection.runAndReadAll(
      `select hex(key) as key, * exclude (key) from read_parquet('${file}') order by all`,
    )
    return found.getRowObjectsJson()
  } finally {
    connection.closeSync()
  }
}
