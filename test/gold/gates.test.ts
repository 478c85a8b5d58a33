import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { describeReport } from '../../src/commands/report.ts'
import { readModels } from '../../src/gold/models.ts'
import { lastRuns } from '../../src/runs/store.ts'
import type { Threshold } from '../../src/settings/thresholds.ts'
import { describeFailure } from '../../src/system/errors.ts'
import { readReport, runAggregator, runChecks, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

let place: Place
const strict: Threshold[] = [
  { field: 'transactions.amount', unknownAtMost: 20, severity: 'error' },
  { field: 'customers.email', unknownAtMost: 1, severity: 'warn' },
]

beforeAll(async () => {
  place = await openPlace()
  await generate(place.client, { database: place.names.bronze, scale: 0.05, seed: 3 })
})
afterAll(() => place.leave())

const bronze = () => place.client.db(place.names.bronze)
const silver = () => place.client.db(place.names.silver)
const newestRun = async () => (await lastRuns(silver(), 1))[0]

/** Every row of every gold table. */
async function gold(): Promise<unknown> {
  const tables = []
  for (const { name, key } of readModels())
    tables.push(await place.gold(`select * from ${name} order by ${key.join(', ')}`))
  return tables
}

async function failureOf(work: Promise<unknown>): Promise<{ text: string; exitCode: number }> {
  return work.then(
    () => expect.unreachable('the gate was to stop this run'),
    (error: unknown) => describeFailure(error),
  )
}

test('a gate that holds lets gold through, and its warnings are kept', async () => {
  const record = await runPipeline(place.client, place.postgresUrl, { ...place.names, thresholds: strict })
  expect(record).toMatchObject({ outcome: 'succeeded', gold: { customer_metrics: expect.any(Number) } })
  const email = record.checks?.find(({ subject }) => subject === 'customers.email')
  expect(email).toMatchObject({ passed: false, severity: 'warn' })
})

test('a threshold of severity error keeps the old gold, says why, ends with 9, and is on record', async () => {
  const before = await gold()
  await bronze()
    .collection('transactions')
    .updateMany({ $expr: { $lt: [{ $rand: {} }, 0.5] } }, { $unset: { amount: 1 } })
  const unknown = await bronze().collection('transactions').countDocuments({ amount: null })
  expect(unknown).toBeGreaterThan(300)

  const { text, exitCode } = await failureOf(
    runPipeline(place.client, place.postgresUrl, { ...place.names, thresholds: strict }),
  )
  expect(exitCode).toBe(9)
  expect(text).toContain('Gold was not published, 1 of ')
  expect(text).toContain('transactions.amount: at most 20 % unknown: ')
  expect(text).toContain('the old gold stays')
  expect(await gold()).toEqual(before)

  const run = await newestRun()
  expect(run).toMatchObject({ command: 'run', outcome: 'failed', failure: { kind: 'gate' } })
  expect(run?.gold).toBeUndefined()
  expect(run?.reconciliation).toBeUndefined()
  expect(run?.checks?.filter(({ passed }) => !passed)).toEqual(
    expect.arrayContaining([expect.objectContaining({ subject: 'transactions.amount', severity: 'error' })]),
  )
  // Silver is the new one: the documents are there to be looked at.
  expect(await silver().collection('transactions').countDocuments({ amount: null })).toBeGreaterThan(300)
  const report = await readReport(silver())
  expect(report.gold?.isOlderThanSilver).toBe(true)
  expect(describeReport(report)).toContain('older than silver; failed checks kept it')
  expect(report.runs.map(({ outcome }) => outcome)).toEqual(['failed', 'succeeded'])
  expect(report.silver?.drift.map(({ collection, field, change }) => [collection, field, change])).toEqual([
    ['transactions', 'amount', 'missing more'],
  ])

  // `lingot aggregate` meets the same gate, and `lingot check` the same checks.
  const again = runAggregator(place.client, place.postgresUrl, { ...place.names, thresholds: strict })
  expect((await failureOf(again)).exitCode).toBe(9)
  const { checks, sound } = await runChecks(place.client, { ...place.names, thresholds: strict })
  expect(sound).toBe(false)
  expect(checks.filter(({ passed, severity }) => !passed && severity === 'error')).toHaveLength(1)
  expect(await gold()).toEqual(before)

  // The same limit as a warning lets it through.
  const warning = strict.map((threshold): Threshold => ({ ...threshold, severity: 'warn' }))
  await runAggregator(place.client, place.postgresUrl, { ...place.names, thresholds: warning })
  expect(await gold()).not.toEqual(before)
})

test("a model's test names the rows at fault", async () => {
  const before = await gold()
  const [buyer] = await place.gold('select customer_id from customer_metrics order by customer_id limit 1')
  const customers = silver().collection('customers')
  const twin = await customers.findOne(
    { customer_id: buyer?.['customer_id'] },
    { projection: { _id: 0 }, promoteValues: false },
  )
  await customers.insertOne({ ...twin })

  const { text, exitCode } = await failureOf(runAggregator(place.client, place.postgresUrl, place.names))
  expect(exitCode).toBe(9)
  expect(text).toContain(
    `customer_metrics: unique: customer_id: 1 row at fault\n    customer_id ${buyer?.['customer_id']}, times 2\n`,
  )
  expect(await gold()).toEqual(before)
  const run = await newestRun()
  expect(run).toMatchObject({ command: 'aggregate', outcome: 'failed', failure: { kind: 'gate' } })
  const unique = run?.checks?.find(({ subject, name }) => subject === 'customer_metrics' && name.startsWith('unique'))
  expect(unique).toMatchObject({ passed: false, rows: [{ ...buyer, times: 2 }] })
  // They stand in the record by column alone, where an erasure finds them.
  expect(run?.failure?.message).toContain('customer_metrics: unique: customer_id: 1 row at fault')
  expect(run?.failure?.message).not.toContain(String(buyer?.['customer_id']))
})

test('where there is no gold yet, a failed gate makes none', async () => {
  const fresh = await openPlace()
  await generate(fresh.client, { database: fresh.names.bronze, scale: 0.02 })
  const thresholds: Threshold[] = [{ field: 'customers.gender', unknownAtMost: 0, severity: 'error' }]
  const run = runPipeline(fresh.client, fresh.postgresUrl, { ...fresh.names, thresholds })
  expect((await failureOf(run)).exitCode).toBe(9)
  const tables = await fresh.gold(`select * from pg_tables where schemaname = '${fresh.names.goldSchema}'`)
  expect(tables).toEqual([])
  expect((await readReport(fresh.client.db(fresh.names.silver))).gold).toBeNull()
  await fresh.leave()
})
