import { ObjectId } from 'bson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lastRuns } from '../../src/runs/store.ts'
import { quarantineOrder } from '../../src/silver/quarantine.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { readQuarantine, readReport, runPipeline } from '../run.ts'
import { openPlace, type Place } from './place.ts'

const byHand = {
  customers: [
    { _id: 1, customer_id: 'C1', email: 'ada@example.org', first_name: 'Ada' },
    { _id: 2, customer_id: 'C1', email: 'ada@example.org', first_name: 'Ada' },
    { _id: 'x', email: 'bob@example.org' },
    { _id: 'y', customer_id: ' ', email: 'cy@example.org' },
  ],
  transactions: [
    { _id: 1, transaction_id: 'T1', customer_id: 'C1', amount: 10 },
    { _id: 2, transaction_id: 'T1', customer_id: 'C1', amount: 10 },
    { _id: 3, amount: 5 },
  ],
  campaigns: [{ _id: 1, campaign_name: 'Nameless' }],
}

let place: Place
const silver = () => place.client.db(place.names.silver)

beforeAll(async () => {
  place = await openPlace()
  await place.load(byHand)
  await runPipeline(place.client, place.postgresUrl, place.names)
})
afterAll(() => place.leave())

const all = [
  ['customers', 'no id', 2],
  ['campaigns', 'no id', 1],
  ['customers', 'superseded', 1],
]

describe('the quarantine', () => {
  test.each([
    [{}, all, 4],
    [{ limit: 2 }, all, 2],
    [{ limit: 0 }, all, 0],
    [{ collection: 'campaigns' }, [['campaigns', 'no id', 1]], 1],
    [{ reason: 'superseded' }, [['customers', 'superseded', 1]], 1],
    [{ collection: 'customers', reason: 'no id', limit: 1 }, [['customers', 'no id', 2]], 1],
    // nothing of these, which is no mistake
    [{ collection: 'transactions' }, [], 0],
    [{ collection: 'campaigns', reason: 'superseded' }, [], 0],
  ])('of %j', async (selection, counts, listed) => {
    const quarantined = await readQuarantine(silver(), selection)
    expect(quarantined.counts.map(({ collection, reason, documents }) => [collection, reason, documents])).toEqual(
      counts,
    )
    expect(quarantined.documents).toHaveLength(listed)
  })

  test.each([{ collection: 'custommers' }, { reason: 'no ids' }, { collection: '$ne' }])(
    'does not know %j',
    async (selection) => {
      await expect(readQuarantine(silver(), selection)).rejects.toMatchObject({ kind: 'usage' })
    },
  )

  test('names documents by _id, reason and run, and tells nothing of their values', async () => {
    const [run] = await lastRuns(silver(), 1)
    const { documents } = await readQuarantine(silver())
    expect(documents.map(({ collection, document_id, reason }) => [collection, document_id, reason])).toEqual([
      ['campaigns', 1, 'no id'],
      ['customers', 'x', 'no id'],
      ['customers', 'y', 'no id'],
      ['customers', 1, 'superseded'],
    ])
    expect(new Set(documents.map(({ run }) => run))).toEqual(new Set([run?._id.toHexString()]))
    const stored = await silver().collection('quarantine').find().toArray()
    for (const document of stored) {
      expect(Object.keys(document).sort()).toEqual(['_id', 'collection', 'document_id', 'reason', 'run'])
    }
  })

  test('is listed by _id, of any type and as MongoDB orders them, without a sort', async () => {
    const ids = [3, new ObjectId('6b0be9c7d4228e31aa39c7b0'), 'b', 1, 'a', { document: 1, element: 0 }, 2.5]
    await place.load({ ...byHand, campaigns: ids.map((_id) => ({ _id })) })
    await runPipeline(place.client, place.postgresUrl, place.names)
    const { documents } = await readQuarantine(silver(), { collection: 'campaigns' })
    expect(documents.map(({ document_id }) => document_id)).toEqual([
      ...[1, 2.5, 3, 'a', 'b', { document: 1, element: 0 }],
      { $oid: '6b0be9c7d4228e31aa39c7b0' },
    ])
    const plan = await silver().collection('quarantine').find().sort(quarantineOrder).explain('queryPlanner')
    expect(JSON.stringify(plan['queryPlanner'].winningPlan)).not.toContain('"SORT"')
  })

  test('is not called empty where there is none', async () => {
    await expect(readQuarantine(place.client.db(`${place.names.silver}x`))).rejects.toMatchObject({ kind: 'data' })
  })
})

test.each([
  ['a bronze made by hand', byHand],
  ['a hostile bronze', hostileBronze()],
])('of %s each document is in silver, a duplicate, or quarantined', async (_, bronze) => {
  await place.load({ ...bronze })
  await runPipeline(place.client, place.postgresUrl, place.names)
  const [report, { counts }] = await Promise.all([readReport(silver()), readQuarantine(silver())])
  for (const { collection, ...told } of report.silver?.collections ?? []) {
    const counted = (name: string, of = silver()) =>
      of.collection(name).countDocuments(name === 'quarantine' ? { collection } : {})
    expect(told.bronze).toBe(await counted(collection, place.client.db(place.names.bronze)))
    expect(told.silver).toBe(await counted(collection))
    expect(told.quarantined).toBe(await counted('quarantine'))
    expect(told.bronze).toBe(told.silver + told.duplicates + told.quarantined)
    expect(told.addsUp).toBe(true)
    const reasons = Object.entries(told.reasons).filter(([, count]) => count > 0)
    const stored = counts.filter((count) => count.collection === collection)
    expect(Object.fromEntries(stored.map(({ reason, documents }) => [reason, documents]))).toEqual(
      Object.fromEntries(reasons),
    )
  }
  expect(report.silver?.collections).toHaveLength(3)
})
