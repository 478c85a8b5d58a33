import { describe, expect, test } from 'vitest'
import { unusualDays } from '../../src/settings/guards.ts'
import { checkUnusualDays, type Day, unlike } from '../../src/trust/unusual_days.ts'

/** A Sunday. */
const LAST = '2026-06-28'
const on = (ago: number) => new Date(Date.parse(LAST) - ago * 86_400_000).toISOString().slice(0, 10)

/** A shop of some weeks up to LAST that sells so much on a day, in some weeks more and in some less, and little on the day after it. */
function shop(weeks: number, sales: (ago: number) => number): Day[] {
  const days = Array.from({ length: weeks * 7 }, (_, ago): Day => {
    const luck = ((Math.floor(ago / 7) * 3) % 5) - 2
    const count = Math.round(sales(ago) * (1 + 0.06 * luck))
    return { day: on(ago), revenue: (count * 20).toFixed(2), sales: count }
  })
  return [{ day: on(-1), revenue: '40.00', sales: 2 }, ...days.filter(({ sales }) => sales > 0)]
}

/** Weekends sell half. */
const usual = (ago: number) => (ago % 7 < 2 ? 25 : 50)
/** The same, but on a day so many days ago. */
const except = (ago: number, days: readonly Day[], revenue: string, sales: number) =>
  days.flatMap((day) => (day.day !== on(ago) ? day : sales === 0 ? [] : { day: day.day, revenue, sales }))

const limits = unusualDays.parse({})
const check = (days: readonly Day[], today = '2026-07-10', changed = {}) =>
  checkUnusualDays(days, today, { ...limits, ...changed })

describe('a day is told', () => {
  test.each<[what: string, days: readonly Day[], told: string[] | null]>([
    ['never, where all are as ever', shop(30, usual), []],
    [
      'that has ten times the money',
      except(2, shop(30, usual), '10000.00', 500),
      ['Friday 2026-06-26 10,000.00 (Fridays 1,000.00)'],
    ],
    [
      'that has ten times the money of as many sales',
      except(2, shop(30, usual), '10000.00', 50),
      ['Friday 2026-06-26 10,000.00 (Fridays 1,000.00)'],
    ],
    ['that has none', except(3, shop(30, usual), '', 0), ['Thursday 2026-06-25 0.00 (Thursdays 1,000.00)']],
    [
      'that has ten times the sales for the same money',
      except(2, shop(30, usual), '1000.00', 500),
      ['Friday 2026-06-26 500 sales (Fridays 50)'],
    ],
    ['not, that has half as much more', except(2, shop(30, usual), '1490.00', 75), []],
    ['not, that is like other weekdays of its own: a Sunday', except(7, shop(30, usual), '10000.00', 500), []],
    ['not, that was before the last week', except(8, shop(30, usual), '10000.00', 500), []],
    [
      'of a weekday on which nothing is ever sold',
      except(
        0,
        shop(30, (ago) => (ago % 7 === 0 ? 0 : 50)),
        '2000.00',
        100,
      ),
      [],
    ],
    ['never, in less than eight weeks before', except(2, shop(8, usual), '10000.00', 500), null],
    [
      'from eight weeks before on',
      except(2, shop(9, usual), '10000.00', 500),
      ['Friday 2026-06-26 10,000.00 (Fridays 1,030.00)'],
    ],
    [
      'never, where a date of long ago makes few weeks many',
      [...except(2, shop(6, usual), '10000.00', 500), { day: '1970-01-01', revenue: '5.00', sales: 1 }],
      null,
    ],
    [
      'never, where most days sell nothing',
      except(
        2,
        shop(30, (ago) => (ago % 7 === 4 ? 50 : 0)),
        '10000.00',
        500,
      ),
      null,
    ],
    [
      'never, in a shop whose days come to less than the floor',
      except(
        2,
        shop(30, (ago) => usual(ago) / 25),
        '500.00',
        25,
      ),
      [],
    ],
    ['of nothing at all', [], null],
  ])('%s', (_, days, told) => {
    const results = check(days)
    if (told === null) return expect(results).toEqual([])
    const detail = told.length === 0 ? 'none of the last 7' : `${told.length} of the last 7: ${told.join(', ')}`
    expect(results).toEqual([
      expect.objectContaining({
        subject: 'transactions',
        name: 'unusual days',
        severity: 'warn',
        passed: told.length === 0,
        detail,
      }),
    ])
  })
})

test('a day is named with what it has, and what its weekdays have', () => {
  expect(check(except(2, shop(30, usual), '10000.00', 500))[0]?.rows).toEqual([
    {
      day: '2026-06-26',
      weekday: 'Friday',
      revenue: '10000.00',
      usual_revenue: '1000.00',
      sales: 500,
      usual_sales: 50,
    },
  ])
})

test('a day is looked at when it is over, in the shop and in its sales', () => {
  const days = except(0, shop(30, usual), '9000.00', 450)
  expect(check(days)).toMatchObject([{ passed: false }])
  // It is not over yet: another one, dated into tomorrow by mistake, does not make it so.
  expect(check(days, LAST)).toMatchObject([{ passed: true }])
  expect(check(days.filter(({ day }) => day <= LAST))).toMatchObject([{ passed: true }])
})

test.each([
  [{ percentAtMost: 1000 }, true],
  [{ amountAtMost: 10_000 }, true],
  [{ percentAtMost: 800, amountAtMost: 8000 }, false],
])('the limits are settings: %j', (changed, passed) => {
  expect(check(except(2, shop(30, usual), '10000.00', 500), '2026-07-10', changed)).toMatchObject([{ passed }])
})

test('the severity is a setting', () => {
  expect(check(shop(30, usual), '2026-07-10', { severity: 'error' })).toMatchObject([{ severity: 'error' }])
})

describe('a value is unlike the others of its weekday', () => {
  const steady = [100, 101, 99, 100, 102, 98, 100, 101]
  const wild = [0, 400, 5, 900, 0, 60, 250, 20]
  test.each<[what: string, weekdays: number[][], value: number, floor: number, expected: boolean]>([
    ['beyond the floor, and beyond how they vary', [steady], 200, 50, true],
    ['not below the floor', [steady], 149, 50, false],
    ['also where it is far less', [steady], 0, 50, true],
    ['not where they vary as much', [wild], 900, 50, false],
    ['whatever a few of them are', [[...steady, 9000, 0]], 200, 50, true],
    ['not where others vary as much, and these do not by chance', [steady, wild, wild], 200, 50, false],
    ['of which each is nothing', [[0, 0, 0, 0, 0, 0, 0, 0], steady], 60, 50, true],
    ['not where it is what it gives back that is usual', [steady.map((one) => -one)], -101, 0, false],
    ['also where it gives back much', [steady], -100, 50, true],
  ])('%s', (_, weekdays, value, floor, expected) => {
    expect(unlike(weekdays, floor)(value, 0)).toBe(expected)
  })
})
