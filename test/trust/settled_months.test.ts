import { describe, expect, test } from 'vitest'
import { settledMonths } from '../../src/settings/guards.ts'
import { checkSettledMonths, type Months } from '../../src/trust/settled_months.ts'

const limits = settledMonths.parse({})
const TODAY = '2026-08-10'
const check = (before: Months, now: Months, changed = {}, today = TODAY, why?: string) =>
  checkSettledMonths(before, now, today, { ...limits, ...changed }, async () => why)

describe('a month is told that moved', () => {
  test.each<[what: string, before: string, now: string, changed: object, told: boolean]>([
    ['by nothing', '20000.00', '20000.00', {}, false],
    ['by a percent and more', '20000.00', '19799.99', {}, true],
    ['by no more than a percent, as by what was refunded late', '20000.00', '19800.00', {}, false],
    ['by much of little', '200.00', '100.00', {}, false],
    ['by much of little, and a cent', '200.00', '99.99', {}, true],
    ['up', '20000.00', '20300.00', {}, true],
    ['from below zero', '-20000.00', '-20300.00', {}, true],
    ['by value alone', '20000000.00', '20001000.01', { percentAtMost: 0, amountAtMost: 1000 }, true],
    ['by value alone, not by less', '200.00', '1200.00', { percentAtMost: 0, amountAtMost: 1000 }, false],
    ['by percent alone', '1.00', '1.06', { percentAtMost: 5, amountAtMost: 0 }, true],
    ['by percent alone, not by less', '1.00', '1.05', { percentAtMost: 5, amountAtMost: 0 }, false],
    ['by a cent', '20000.00', '20000.01', { percentAtMost: 0, amountAtMost: 0 }, true],
    [
      'beyond what a double holds',
      '90071992547409930.01',
      '90071992547409930.02',
      { percentAtMost: 0, amountAtMost: 0 },
      true,
    ],
  ])('%s', async (_, before, now, changed, told) => {
    const [result] = await check({ '2025-12': before }, { '2025-12': now }, changed)
    expect(result).toMatchObject({
      subject: 'monthly_revenue',
      name: 'settled months',
      severity: 'warn',
      passed: !told,
    })
  })
})

test.each([
  ['2026-06', '2026-08-05', {}, true],
  ['2026-06', '2026-08-04', {}, false],
  ['2025-12', '2026-02-05', {}, true],
  ['2025-12', '2026-02-04', {}, false],
  ['2026-07', '2026-08-01', { afterDays: 0 }, true],
  ['2026-07', '2026-07-31', { afterDays: 0 }, false],
])('%s is over for long on %s with %j: %s', async (month, today, changed, expected) => {
  const results = await check({ [month]: '1000.00' }, { [month]: '9000.00' }, changed, today)
  expect(results.map(({ passed }) => passed)).toEqual(expected ? [false] : [])
})

test('each is named with before, after and the difference, the largest first', async () => {
  const before = { '2026-01': '1000.00', '2026-02': '2000.00', '2026-03': '12345.60', '2026-07': '5.00' }
  const now = { '2026-02': '1500.50', '2026-03': '12345.60', '2025-12': '100000.00', '2026-07': '5000.00' }
  expect(await check(before, now)).toEqual([
    {
      ...{ subject: 'monthly_revenue', name: 'settled months', severity: 'warn', passed: false },
      detail:
        '3 of 4 moved: 2025-12 from 0.00 to 100,000.00 (+100,000.00), 2026-01 from 1,000.00 to 0.00 (-1,000.00), 2026-02 from 2,000.00 to 1,500.50 (-499.50)',
      rows: [
        { month: '2025-12', before: '0.00', after: '100000.00', difference: '100000.00' },
        { month: '2026-01', before: '1000.00', after: '0.00', difference: '-1000.00' },
        { month: '2026-02', before: '2000.00', after: '1500.50', difference: '-499.50' },
      ],
    },
  ])
})

test('of many months a line names the first three, and no more than two years are listed', async () => {
  const months = Array.from(
    { length: 30 },
    (_, i) => `${2020 + Math.floor(i / 12)}-${String((i % 12) + 1).padStart(2, '0')}`,
  )
  const of = (amount: string) => Object.fromEntries(months.map((month) => [month, amount]))
  const [result] = await check(of('1000.00'), of('2000.00'))
  expect(result?.detail).toMatch(
    /^30 of 30 moved: 2022-06 from .*, 2022-05 from .*, 2022-04 from [^,]+,000.00 to 2,000.00 \(\+1,000.00\), and 27 more$/,
  )
  expect(result?.rows).toHaveLength(24)
})

test('what is made in another way now is said so', async () => {
  const moved = await check(
    { '2026-01': '1000.00' },
    { '2026-01': '2000.00' },
    {},
    TODAY,
    'revenue.leaveOut, timeZone or collections.customers',
  )
  expect(moved[0]?.detail).toMatch(
    /; the way in which gold is made changed, too: revenue.leaveOut, timeZone or collections.customers$/,
  )
  const same = await check(
    { '2026-01': '1000.00' },
    { '2026-01': '1000.00' },
    {},
    TODAY,
    'revenue.leaveOut, timeZone or collections.customers',
  )
  expect(same).toMatchObject([{ passed: true, detail: '1 as they were' }])
})

test.each<[what: string, before: Months, now: Months]>([
  ['there is no month', {}, {}],
  ['gold held none before', {}, { '2026-01': '1000.00' }],
  ['none is over for long', { '2026-07': '1.00' }, { '2026-07': '2000.00', '2026-08': '1.00' }],
])('nothing is said where %s', async (_, before, now) => {
  expect(await check(before, now)).toEqual([])
})
