import type { Document } from 'bson'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EVERY } from '../../src/commands/page.ts'
import { describeReport } from '../../src/commands/report.ts'
import { describeRun } from '../../src/commands/run_result.ts'
import { goldInPlace } from '../../src/gold/in_place.ts'
import { toldRun } from '../../src/library/told_run.ts'
import type { CheckResult, RunRecord } from '../../src/runs/record.ts'
import { lastRuns } from '../../src/runs/store.ts'
import { configOf } from '../../src/settings/config.ts'
import { describeFailure } from '../../src/system/errors.ts'
import { portions } from '../../src/system/portions.ts'
import { junitOf } from '../../src/trust/junit.ts'
import { modelsBut, onlyTables, readReport, runAggregator, runChecks, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

let place: Place
beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.leave())

const DAY = 86_400_000
const midnight = Math.floor(Date.now() / DAY) * DAY
const on = (ago: number) => new Date(midnight - ago * DAY)
const isoOf = (date: Date) => date.toISOString().slice(0, 10)

/** Sales of so many days up to now, four of 250 on each of them at eight in the evening. */
function sales(days: number, amount: (ago: number) => number = () => 250): Document[] {
  return Array.from({ length: days * 4 }, (_, i) => {
    const ago = Math.floor(i / 4)
    const timestamp = new Date(on(ago).getTime() + (ago === 0 ? 0 : 20 * 3_600_000) + i)
    return { transaction_id: `T${i}`, customer_id: `C${i % 50}`, amount: amount(ago), status: 'Completed', timestamp }
  })
}

/** A month that ended long ago. */
const month = isoOf(on(100)).slice(0, 7)
const inMonth = (date: Date) => isoOf(date).startsWith(month)
/** Its sales come to something else. */
const movedSales = (amount: number) =>
  sales(120).map((sale) => (inMonth(sale['timestamp']) ? { ...sale, amount } : sale))

const load = (transactions: Document[]) => place.load({ transactions })
/** The guards look at months, and at sales by their days. */
const project = onlyTables('monthly_revenue')
const run = (options: object = {}) =>
  runPipeline(place.client, place.postgresUrl, { ...place.names, project, ...options })
const shop = async (value: object) => {
  const {
    bronze: _,
    silver: __,
    goldSchema: ___,
    ...config
  } = await configOf({ file: 'lingot.config.json', value: { models: modelsBut('monthly_revenue'), ...value } }, {})
  return config
}
const told = ({ checks = [] }: Pick<RunRecord, 'checks'>, name: string): CheckResult[] =>
  checks.filter((check) => check.name === name)
const months = (record: Pick<RunRecord, 'checks'>) => told(record, 'settled months')
const days = (record: Pick<RunRecord, 'checks'>) => told(record, 'unusual days')
const money = (amount: number) => amount.toFixed(2)

test('the first run has no months to compare, and the next one finds them as they were', async () => {
  await load(sales(120))
  expect(months(await run())).toEqual([])
  const [result] = months(await run())
  expect(result).toMatchObject({ passed: true, severity: 'warn', detail: expect.stringMatching(/^\d as they were$/) })
})

test('a month that moved is named wherever checks are, and is the one that counts from then on', async () => {
  const before = 250 * sales(120).filter(({ timestamp }) => inMonth(timestamp)).length
  await load(movedSales(300))
  const record = await run()
  const [result] = months(record)
  expect(record.outcome).toBe('succeeded')
  expect(result).toMatchObject({ subject: 'monthly_revenue', passed: false, severity: 'warn' })
  expect(result?.rows).toEqual([
    { month, before: money(before), after: money(before * 1.2), difference: money(before * 0.2) },
  ])
  const line = `monthly_revenue: settled months: ${result?.detail}`
  expect(result?.detail).toMatch(new RegExp(`^1 of \\d moved: ${month} from [\\d,.]+ to [\\d,.]+ \\(\\+[\\d,.]+\\)$`))
  expect(describeRun(toldRun(record))).toContain(line)
  const silver = place.client.db(place.names.silver)
  expect(months((await lastRuns(silver, 1))[0] ?? {})).toEqual([result])
  const report = await readReport(silver)
  expect(report.checks?.results).toContainEqual(result)
  expect(describeReport(report, EVERY).replaceAll(/\n +/g, ' ')).toContain(line)
  expect(junitOf(record.checks ?? [])).toContain(`warning: ${result?.detail}`)
  expect(months(await run())).toMatchObject([{ passed: true }])
})

test('of severity error it keeps the old gold; aggregate and check tell it, too', async () => {
  await load(movedSales(200))
  const settledMonths = { afterDays: 35, percentAtMost: 1, amountAtMost: 100, severity: 'error' } as const
  const before = await place.gold('select * from monthly_revenue order by month')
  const failed = await run({ settledMonths }).then(
    () => expect.unreachable('the gate was to stop this run'),
    (error: unknown) => describeFailure(error),
  )
  expect(failed).toMatchObject({ exitCode: 9, text: expect.stringContaining(`    month ${month}, before `) })
  expect(await place.gold('select * from monthly_revenue order by month')).toEqual(before)

  const gold = await goldInPlace(place.postgresUrl, place.names.goldSchema)
  const checked = await runChecks(place.client, { ...place.names, project, settledMonths }, gold)
  expect(months(checked)).toMatchObject([{ passed: false, severity: 'error' }])
  expect(checked.sound).toBe(false)
  const aggregated = await runAggregator(place.client, place.postgresUrl, { ...place.names, project })
  expect(months(aggregated)).toMatchObject([{ passed: false, severity: 'warn' }])
})

test('where gold is made in another way it says so', async () => {
  const refunded = movedSales(200).map((sale, i) => (i % 5 === 0 ? { ...sale, status: 'Refunded' } : sale))
  await load(refunded)
  expect(months(await run())).toMatchObject([{ passed: true }])
  const left = await run({ leaveOut: ['Refunded'] })
  expect(months(left)).toMatchObject([
    {
      passed: false,
      detail: expect.stringMatching(
        /; the way in which gold is made changed, too: revenue.leaveOut, timeZone or collections.customers$/,
      ),
    },
  ])
  expect(months(await run({ leaveOut: ['Refunded'] }))).toMatchObject([{ passed: true }])
})

test('gold without months is not compared', async () => {
  const without = await shop({ models: modelsBut() })
  const record = await run({ ...without, prune: true })
  expect(months(record)).toEqual([])
  expect(days(record)).toMatchObject([{ passed: true }])
  // Nor is a table that holds something else under the name.
  await run()
  await place.gold('alter table monthly_revenue alter column month type text')
  await expect(goldInPlace(place.postgresUrl, place.names.goldSchema)).resolves.toMatchObject({ months: null })
  await run()
})

test.each<[what: string, options: () => object | Promise<object>, day: string]>([
  ['in UTC', () => ({}), isoOf(on(3))],
  ['in the zone of the shop', () => shop({ timeZone: 'Asia/Tokyo' }), isoOf(on(2))],
  ['of customers in seven buckets', () => ({ portions: { ...portions, buckets: 7 } }), isoOf(on(3))],
])('a day of ten times the money is told, %s', async (_, options, day) => {
  const own = await options()
  await load(sales(120))
  expect(days(await run(own))).toMatchObject([{ passed: true, severity: 'warn', detail: 'none of the last 7' }])
  await load(sales(120, (ago) => (ago === 3 ? 2500 : 250)))
  const record = await run(own)
  expect(days(record)).toMatchObject([
    {
      subject: 'transactions',
      passed: false,
      detail: expect.stringMatching(new RegExp(`^1 of the last 7: \\w+day ${day} 10,000.00 \\(\\w+days 1,000.00\\)$`)),
      rows: [{ day, revenue: '10000.00', usual_revenue: '1000.00', sales: 4, usual_sales: 4 }],
    },
  ])
  expect(describeRun(toldRun(record))).toContain(`transactions: unusual days: 1 of the last 7: `)
})

test.each<[what: string, transactions: Document[], expected: object[]]>([
  ['less than eight weeks before it', sales(60, (ago) => (ago === 3 ? 2500 : 250)), []],
  ['eight weeks before it', sales(66, (ago) => (ago === 3 ? 2500 : 250)), [{ passed: false }]],
  ['days of less than the floor', sales(120, (ago) => (ago === 3 ? 100 : 10)), [{ passed: true }]],
])('of %s', async (_, transactions, expected) => {
  await load(transactions)
  expect(days(await run({ acceptShrink: true }))).toMatchObject(expected)
})
