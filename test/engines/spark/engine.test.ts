import { ObjectId } from 'bson'
import { describe, expect, test } from 'vitest'
import { generate } from '../../../src/bronze/sample/generator.ts'
import { lockSilver } from '../../../src/runs/lock.ts'
import type { RunRecord } from '../../../src/runs/record.ts'
import { hostileBronze } from '../../oracle/hostile.ts'
import { useCluster } from './cluster.ts'
import { DIVIDED, SMALL, useLayers } from './layers.ts'

const cluster = useCluster()
const layers = useLayers()

/** What a record says of the data, whichever run it is of and however long it took. */
function told({ silver, gold, reconciliation, checks }: RunRecord): object {
  // Which documents are met first is for the engine; how many there are is not.
  const counts = JSON.parse(JSON.stringify(silver, (name, value) => (name === 'examples' ? value.length : value)))
  const details = checks?.map((check) => ({ ...check, detail: check.detail.replace(/, such as .*/, '') }))
  return { silver: counts, gold, reconciliation, checks: details }
}

async function expectEqualLayers(): Promise<void> {
  const { contents, local, spark, leftOvers } = layers()
  const [expected, actual] = [await contents(local), await contents(spark)]
  for (const [name, rows] of Object.entries(expected)) {
    expect(actual[name]?.length, name).toBe(rows.length)
    expect(actual[name], name).toEqual(rows)
  }
  expect(await leftOvers(spark)).toEqual([])
}

describe('silver, quarantine, gold and the record are those of the local engine, cell by cell', () => {
  test('of process and then aggregate on a hostile bronze, in parts of 50 documents and seven buckets', async () => {
    const { client, spark } = layers()
    await loadHostile()
    const locally = await layers().runLocally()
    const other = await lockSilver(client.db(spark.silver), { run: new ObjectId(), command: 'erase' })
    const notes: string[] = []
    const processed = await layers().runOn(cluster(), {
      ...SMALL,
      ...{ command: 'process', postgresUrl: undefined, noWait: false },
      onNote(note) {
        notes.push(note)
        void other.release()
      },
    })
    expect(notes).toEqual([expect.stringContaining('Waiting for `lingot erase`')])
    await layers().leaveBehind(layers().spark)
    const aggregated = await layers().runOn(cluster(), { ...SMALL, command: 'aggregate' })
    await expectEqualLayers()
    const { silver } = processed
    expect(told({ ...aggregated, ...(silver && { silver }) })).toEqual(told(locally))
    expect(processed.gold).toBeUndefined()
    expect(aggregated.silver).toBeUndefined()
  })

  // The larger one later: a bronze that shrinks would not be believed.
  test('of a run on the sample', async () => {
    await generate(layers().client, { database: layers().bronze, scale: 1, force: true })
    const locally = await layers().runLocally()
    const record = await layers().runOn(cluster())
    await expectEqualLayers()
    expect(told(record)).toEqual(told(locally))
    expect(record).toMatchObject({ command: 'run', engine: 'spark', outcome: 'succeeded' })
    expect(record.checks).toContainEqual(expect.objectContaining({ name: 'unusual days', passed: true }))
  })
})

test('records that are elements of lists are those of the local engine, too', async () => {
  const { client, bronze } = layers()
  await client.db(bronze).dropDatabase()
  const orders = Array.from({ length: 9000 }, (_, i) => ({
    number: `O${i % 8700}`,
    buyer: { id: `C${(i % 8700) % 90}` },
    items: Array.from({ length: (i % 8700) % 4 }, (_, n) =>
      n === 2 ? 'gift' : { name: `P${n}`, price: n + 0.335, qty: 3, sku: n },
    ),
  }))
  await client.db(bronze).collection('orders').insertMany(orders)
  const fields = {
    ...{ order_id: 'number', transaction_id: null, customer_id: 'buyer.id', product: 'items.name' },
    amount: { from: 'items.price', times: 'items.qty' },
  }
  const value = { collections: { transactions: { from: 'orders', each: 'items', fields } } }
  const settings = { file: 'lingot.config.json', value }
  const locally = await layers().runLocally(settings)
  const record = await layers().runOn(cluster(), { sizes: DIVIDED, acceptShrink: true }, settings)
  await expectEqualLayers()
  expect(told(record)).toEqual(told(locally))
  const { duplicates, quarantined } = record.silver?.['transactions'] ?? {}
  expect({ duplicates, ...quarantined }).toMatchObject({ duplicates: 375, noObject: 2250 })
})

test('collections of a shop’s own, and their references, are those of the local engine, too', async () => {
  const { client, bronze } = layers()
  await client.db(bronze).dropDatabase()
  const of = (name: string) => client.db(bronze).collection(name)
  await of('customers').insertMany(Array.from({ length: 80 }, (_, i) => ({ customer_id: `C${i}` })))
  await of('transactions').insertMany([{ transaction_id: 'T1', customer_id: 'C1', amount: 5 }])
  // The last 300 are the first ones once more; what no field names tells two of those apart.
  const redemptions = Array.from({ length: 9000 }, (_, i) => ({
    ...{ household: `C${(i % 8700) % 90}`, coupon: (i % 8700) % 50, at: new Date(1.5e12 + (i % 8700) * 1000) },
    ...(i > 8997 && { till: i }),
  }))
  await of('redemptions').insertMany(redemptions)
  await of('coupons').insertMany(Array.from({ length: 60 }, (_, i) => ({ coupon: i % 45, worth: i })))
  const id = { kind: 'id', personal: false, meaning: 'It.' }
  const value = {
    collections: {
      campaigns: false,
      redemptions: {
        key: null,
        fields: {
          household: { ...id, refers: 'customers' },
          coupon: { ...id, refers: 'coupons' },
          redeemed: { ...id, kind: 'date', from: 'at' },
        },
      },
      coupons: {
        ...{ key: 'coupon', identity: 'last one wins' },
        fields: { coupon: id, worth: { ...id, kind: 'money', most: 50 } },
      },
    },
  }
  const settings = { file: 'lingot.config.json', value }
  const locally = await layers().runLocally(settings)
  const record = await layers().runOn(cluster(), { sizes: DIVIDED, acceptShrink: true }, settings)
  await expectEqualLayers()
  expect(told(record)).toEqual(told(locally))
  expect(record.silver).toMatchObject({
    redemptions: { duplicates: 298 },
    coupons: { quarantined: { superseded: 15 } },
  })
  expect(record.checks?.filter(({ name }) => name.startsWith('refers')).map(({ detail }) => detail)).toEqual([
    expect.stringMatching(/^9\d\d of 8,702 find none there/),
    expect.stringMatching(/^8\d\d of 8,702 find none there/),
  ])
  expect(record).toMatchObject({ without: { campaigns: ['campaign_performance', 'campaign_spending'] } })
})

async function loadHostile(): Promise<void> {
  const { client, bronze } = layers()
  await generate(client, { database: bronze, scale: 0.02, force: true })
  for (const [name, documents] of Object.entries(hostileBronze())) {
    await client.db(bronze).collection(name).insertMany(documents, { forceServerObjectId: true })
  }
}
