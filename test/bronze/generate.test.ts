import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { bronzeCounts, completeGeneration, generate } from '../../src/bronze/sample/generator.ts'
import { shop, sizeOf } from '../../src/bronze/sample/shop.ts'

const database = `generate_${new ObjectId().toHexString()}`
const collections = ['customers', 'transactions', 'campaigns'] as const
const scale = 0.02
const size = sizeOf(scale)
const nothing = { customers: 0, transactions: 0, campaigns: 0 }
const refused = expect.objectContaining({ kind: 'bronze' })

let client: MongoClient
const db = () => client.db(database)

beforeAll(async () => {
  client = await MongoClient.connect(inject('mongodbUri'))
})

beforeEach(async () => {
  await db().dropDatabase()
})

afterAll(async () => {
  await db().dropDatabase()
  await client.close()
})

async function present(): Promise<string[]> {
  const found = await db().listCollections({}, { nameOnly: true }).toArray()
  return found.map(({ name }) => name).sort()
}

/** A run of a process that is gone: no process has this id. */
async function deadRun(): Promise<string> {
  const [own = ''] = await stagedDuring()
  return own.replace(/-\d+-/, '-2147483646-')
}

/** The run that a generate's own collections name while it is at work. */
async function stagedDuring(): Promise<string[]> {
  let seen: Promise<string[]> | undefined
  const onProgress = () => {
    seen ??= present()
  }
  await generate(client, { database, scale, onProgress })
  const runs = (await seen)?.map((name) => name.split('.')[2] ?? '').filter((run) => run !== '')
  await db().dropDatabase()
  return runs ?? []
}

test('fills an empty bronze with what the shop gives, and leaves nothing else', async () => {
  const progress: [number, number][] = []
  const made = await generate(client, { database, scale, seed: 5, onProgress: (...at) => progress.push(at) })
  expect(made).toEqual(size)
  expect(await present()).toEqual([...collections].sort())
  const expected = shop({ scale, seed: 5 })
  for (const name of collections) {
    const stored = db()
      .collection(name)
      .find({}, { promoteValues: false, sort: { _id: 1 } })
    const asText = (documents: object[]) => documents.map((document) => JSON.stringify(document))
    expect(asText(await stored.toArray())).toEqual(asText([...expected[name]()]))
  }
  const total = size.customers + size.transactions + size.campaigns
  expect(progress.at(-1)).toEqual([total, total])
})

test('keeps the types of the brief', async () => {
  await generate(client, { database, scale: 0.2 })
  const types = { amount: 'double', discount_applied: 'double', quantity: 'int', timestamp: 'date', _id: 'objectId' }
  for (const [field, type] of Object.entries(types)) {
    const otherwise = { [field]: { $exists: true, $not: { $type: [type, 'null'] } } }
    expect(await db().collection('transactions').countDocuments(otherwise), field).toBe(0)
  }
})

describe('a bronze that holds documents', () => {
  test.each(collections)('is refused when they are %s', async (name) => {
    await db().collection(name).insertOne({ mine: true })
    await expect(generate(client, { database, scale })).rejects.toEqual(refused)
    expect(await present()).toEqual([name])
    expect(await db().collection(name).countDocuments({ mine: true })).toBe(1)
  })

  test('is replaced by force, only once the new one is complete', async () => {
    await db().collection<{ mine: boolean }>('customers').insertOne({ mine: true })
    let during: Promise<number> | undefined
    const onProgress = () => {
      during ??= db().collection('customers').countDocuments({ mine: true })
    }
    await generate(client, { database, scale, force: true, onProgress })
    expect(await during).toBe(1)
    expect(await bronzeCounts(client, database)).toEqual(size)
    expect(await present()).toEqual([...collections].sort())
  })

  test('stays when documents come in while the sample is made', async () => {
    let inserted: Promise<unknown> | undefined
    const onProgress = () => {
      inserted ??= db().collection('transactions').insertOne({ mine: true })
    }
    await expect(generate(client, { database, scale: 0.5, onProgress })).rejects.toEqual(refused)
    await inserted
    expect(await present()).toEqual(['transactions'])
    expect(await db().collection('transactions').countDocuments()).toBe(1)
  })
})

test('collections that are there but empty are filled', async () => {
  for (const name of collections) await db().createCollection(name)
  expect(await bronzeCounts(client, database)).toEqual(nothing)
  await generate(client, { database, scale })
  expect(await bronzeCounts(client, database)).toEqual(size)
  expect(await present()).toEqual([...collections].sort())
})

test.each([false, true])(
  'of two at once one fills bronze, the other fails; empty collections there: %s',
  async (there) => {
    for (let round = 0; round < 5; round++) {
      await db().dropDatabase()
      if (there) for (const name of collections) await db().createCollection(name)
      const outcomes = await Promise.allSettled([1, 2].map((seed) => generate(client, { database, scale, seed })))
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const seed = outcomes.findIndex(({ status }) => status === 'fulfilled') + 1
      expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toEqual(refused)
      expect(await present()).toEqual([...collections].sort())
      const expected = shop({ scale, seed })
      for (const name of collections) {
        const ids = (
          await db()
            .collection(name)
            .find({}, { sort: { _id: 1 } })
            .toArray()
        ).map(({ _id }) => String(_id))
        expect(ids).toEqual([...expected[name]()].map(({ _id }) => String(_id)))
      }
    }
  },
)

test('a signal stops it and leaves nothing behind', async () => {
  const stopped = new AbortController()
  const reason = new Error('Stopped.')
  const onProgress = () => stopped.abort(reason)
  await expect(generate(client, { database, scale: 2, signal: stopped.signal, onProgress })).rejects.toBe(reason)
  expect(await present()).toEqual([])
})

describe('what a killed generate left', () => {
  test('before its swap is cleared away, and the old bronze is put back', async () => {
    const run = await deadRun()
    for (const name of collections) await db().collection(`${name}.next.${run}`).insertOne({ made: true })
    await db().collection(`customers.old.${run}`).insertOne({ mine: true })
    await db().collection('transactions').insertOne({ mine: true })
    await completeGeneration(client, database)
    expect(await present()).toEqual(['customers', 'transactions'])
    expect(await bronzeCounts(client, database)).toEqual({ customers: 1, transactions: 1, campaigns: 0 })
  })

  test('within its swap is finished', async () => {
    const run = await deadRun()
    for (const name of ['customers', `transactions.next.${run}`, `campaigns.next.${run}`, `campaigns.old.${run}`]) {
      await db().collection(name).insertOne({ name })
    }
    expect(await bronzeCounts(client, database)).toEqual({ customers: 1, transactions: 1, campaigns: 1 })
    expect(await present()).toEqual([...collections].sort())
    expect(await db().collection('campaigns').findOne({})).toMatchObject({ name: `campaigns.next.${run}` })
  })

  test('is kept where somebody else has filled the place since', async () => {
    const run = await deadRun()
    for (const name of ['customers', `customers.next.${run}`, `customers.old.${run}`]) {
      await db().collection(name).insertOne({ name })
    }
    for (let times = 0; times < 2; times++) await completeGeneration(client, database)
    expect(await present()).toEqual(['customers', `customers.kept.${run}`])
    expect(await db().collection('customers').findOne({})).toMatchObject({ name: 'customers' })
  })

  test('on another machine is left alone for a day', async () => {
    const run = await deadRun()
    const recent = run.replace(/^\w+/, '00000000')
    const ancient = recent.replace(/\w+$/, ObjectId.createFromTime(1_700_000_000).toHexString())
    for (const name of [`customers.next.${recent}`, `customers.next.${ancient}`]) await db().createCollection(name)
    await completeGeneration(client, database)
    expect(await present()).toEqual([`customers.next.${recent}`])
  })
})
