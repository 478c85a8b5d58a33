import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { thisRun } from '../../src/gold/warehouse.ts'
import { readSettings } from '../../src/settings/config.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

let place: Place

beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.leave())

const HOUR = 3_600_000
const DAY = 24 * HOUR
const zoned = (timeZone?: string) => readSettings(timeZone === undefined ? {} : { timeZone }, 'test')

test.each([
  [undefined, '2026-06-30'],
  ['Europe/Paris', '2026-07-01'],
  ['America/New_York', '2026-06-30'],
])('a run begins on the day of the shop’s clocks: %s', async (timeZone, day) => {
  const duckdb = await DuckDBInstance.create(':memory:')
  const connection = await duckdb.connect()
  const { contracts } = await zoned(timeZone)
  await connection.run(thisRun({ id: 'a', started: new Date('2026-06-30T22:30:00Z') }, contracts))
  const read = await connection.runAndReadAll('select cast(day as varchar) from this_run')
  expect(read.getRows()).toEqual([[day]])
  connection.closeSync()
  duckdb.closeSync()
})

test.each([undefined, 'Pacific/Kiritimati'])('a day that is not over is not whole: %s', async (timeZone) => {
  const now = Date.now()
  const shown = (instant: number) =>
    new Date(instant + (timeZone === undefined ? 0 : 14 * HOUR)).toISOString().slice(0, 10)
  const sale = (instant: number, i: number) => ({ transaction_id: `T${i}`, amount: 1, timestamp: new Date(instant) })
  await place.load({ transactions: [now - 40 * DAY, now - DAY, now, now + 2 * HOUR].map(sale) })
  const { contracts } = await zoned(timeZone)
  await runPipeline(place.client, place.postgresUrl, { ...place.names, contracts, acceptShrink: true })
  const [run] = await place.gold('select complete_until, extract(epoch from started) as started from gold_run')
  expect(run?.['complete_until']).toBe(shown(Number(run?.['started']) * 1000 - DAY))
  const days = await place.gold('select day, transactions, amounts_known, revenue from daily_sales order by day')
  expect(days.slice(0, 2)).toEqual(
    [now - 40 * DAY, now - DAY].map((instant) => ({
      ...{ day: shown(instant), transactions: '1', amounts_known: '1', revenue: '1.00' },
    })),
  )
})

test('where no sale has a date no day is whole', async () => {
  await place.load({ transactions: [{ transaction_id: 'T', amount: 1 }] })
  await runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true })
  expect(await place.gold('select complete_until from gold_run')).toEqual([{ complete_until: null }])
  expect(await place.gold('select count(*) from daily_sales')).toEqual([{ count: '0' }])
})
