import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filters } from '../../src/web/api.ts'
import { resolvePeriod } from '../../src/web/period.ts'
import { runs } from '../garbage/seed.ts'
import { monthsFrom } from './expected.ts'

const known = { sold: { from: '2023-11', to: '2025-06' }, completeUntil: '2025-06-30' }
/** Three days of July are known. */
const begun = { sold: { from: '2023-11', to: '2025-07' }, completeUntil: '2025-07-03' }
const pair = (from: string, to = from) => ({ from, to })

test.each([
  ['all', null, null, null],
  ['1m', pair('2025-06'), 'before', pair('2025-05')],
  ['3m', pair('2025-04', '2025-06'), 'before', pair('2025-01', '2025-03')],
  ['5m', pair('2025-02', '2025-06'), 'before', pair('2024-09', '2025-01')],
  ['6m', pair('2025-01', '2025-06'), 'year', pair('2024-01', '2024-06')],
  ['8m', pair('2024-11', '2025-06'), 'year', pair('2023-11', '2024-06')],
  ['10m', pair('2024-09', '2025-06'), 'before', pair('2023-11', '2024-08')],
  ['11m', pair('2024-08', '2025-06'), null, null],
  ['999m', pair('2023-11', '2025-06'), null, null],
  ['2025', pair('2025-01', '2025-06'), 'year', pair('2024-01', '2024-06')],
  ['2024', pair('2024-01', '2024-12'), null, null],
  ['2023', pair('2023-01', '2023-12'), null, null],
  ['2025-01', pair('2025-01'), 'before', pair('2024-12')],
  ['2023-11', pair('2023-11'), null, null],
  ['2025-01..2025-06', pair('2025-01', '2025-06'), 'year', pair('2024-01', '2024-06')],
  ['2024-12..2025-01', pair('2024-12', '2025-01'), 'before', pair('2024-10', '2024-11')],
  ['2025-04-01..2025-05-31', pair('2025-04', '2025-05'), 'before', pair('2025-02', '2025-03')],
  ['2025-07', pair('2025-07'), null, null],
  ['2030', pair('2030-01', '2030-12'), null, null],
] as const)('%s', (period, months, compare, before) => {
  expect(resolvePeriod({ period }, known)).toMatchObject({ name: period, months, days: null, compare, before })
})

test.each([
  ['12m', pair('2024-07', '2025-06'), false, true],
  ['1m', pair('2025-06'), false, true],
  ['all', null, false, true],
  ['2025', pair('2025-01', '2025-06'), false, true],
  ['2024', pair('2024-01', '2024-12'), false, false],
  ['2025-05', pair('2025-05'), false, false],
  ['2025-07', pair('2025-07'), true, true],
  ['2025-05..2025-07', pair('2025-05', '2025-07'), true, true],
  ['2026', pair('2026-01', '2026-12'), true, false],
])('%s of data that ends with three days of July', (period, months, isIncomplete, isNear) => {
  expect(resolvePeriod({ period }, begun)).toMatchObject({
    months,
    isIncomplete,
    incomplete: isNear ? pair('2025-07-01', '2025-07-03') : null,
    ...(isIncomplete && { before: null, compare: null }),
  })
})

test.each([
  ['2025-06-30', '2025-06', null],
  ['2025-06-29', '2025-05', pair('2025-06-01', '2025-06-29')],
  ['2025-06-01', '2025-05', pair('2025-06-01')],
  // A day that had not ended when the run began.
  ['2025-05-31', '2025-05', pair('2025-06-01')],
  [null, '2025-06', null],
])('whole until %s, the last month ends with %s', (completeUntil, to, incomplete) => {
  expect(resolvePeriod({ period: '1m' }, { ...known, completeUntil })).toMatchObject({ months: pair(to), incomplete })
})

test('of data of one month that is not over there is no whole one', () => {
  const young = { sold: pair('2025-07'), completeUntil: '2025-07-03' }
  for (const [period, from] of [
    ['12m', '2025-07'],
    ['2025', '2025-01'],
  ] as const)
    expect(resolvePeriod({ period }, young)).toMatchObject({
      months: pair(from, '2025-07'),
      isIncomplete: true,
      before: null,
      incomplete: pair('2025-07-01', '2025-07-03'),
    })
})

test.each([
  ['3m', 'none', null, null],
  ['3m', 'year', 'year', pair('2024-04', '2024-06')],
  ['6m', 'before', 'before', pair('2024-07', '2024-12')],
  ['11m', 'year', null, null],
  ['3m', '2024-01..2024-02', 'range', pair('2024-01', '2024-02')],
  ['3m', '2024-01-15..2024-03-02', 'range', pair('2024-01', '2024-03')],
  ['2025-03-10..2025-03-20', 'before', 'before', pair('2025-02-27', '2025-03-09')],
  ['2025-03-10..2025-03-20', 'year', 'year', pair('2024-03-10', '2024-03-20')],
  ['2025-03-10..2025-03-20', '2025-02', 'range', pair('2025-02-01', '2025-02-28')],
  ['2024-02-29', 'year', null, null],
] as const)('%s compared with %s', (period, compare, how, before) => {
  expect(resolvePeriod({ period, compare }, known)).toMatchObject({ compare: how, before })
})

test.each([
  ['2025-03-10..2025-03-20', pair('2025-03-10', '2025-03-20'), 'before', pair('2025-02-27', '2025-03-09'), 'day'],
  ['2025-03-10', pair('2025-03-10'), 'before', pair('2025-03-09'), 'day'],
  ['2025-01-02..2025-06-29', pair('2025-01-02', '2025-06-29'), 'before', pair('2024-07-07', '2025-01-01'), 'week'],
  ['2024-12-02..2025-06-29', pair('2024-12-02', '2025-06-29'), 'year', pair('2023-12-02', '2024-06-29'), 'week'],
  ['2025-06-20..2025-07-01', pair('2025-06-20', '2025-07-01'), null, null, 'day'],
] as const)('%s is of days', (period, days, compare, before, grain) => {
  expect(resolvePeriod({ period }, known)).toMatchObject({ months: null, days, compare, before, grain })
})

test('the twenty-ninth of February is compared with the twenty-eighth', () => {
  const long = { sold: pair('2020-01', '2025-06'), completeUntil: '2025-06-30' }
  expect(resolvePeriod({ period: '2024-02-29', compare: 'year' }, long).before).toEqual(pair('2023-02-28'))
})

test.each([
  ['12m', undefined, 'month'],
  ['12m', 'week', 'week'],
  ['12m', 'day', 'day'],
  ['all', 'quarter', 'quarter'],
])('%s by %s', (period, grain, expected) => {
  expect(resolvePeriod(filters.parse({ period, grain }), known).grain).toBe(expected)
})

test('a bar for each day is not drawn of many years', () => {
  const long = { sold: pair('2015-01', '2025-06'), completeUntil: '2025-06-30' }
  expect(resolvePeriod({ period: 'all', grain: 'day' }, long)).toMatchObject({
    grain: 'month',
    grains: ['week', 'month', 'quarter'],
  })
})

test.each([
  ['all', null],
  ['12m', null],
  ['2025', pair('2025-01', '2025-12')],
])('%s where nothing is sold', (period, months) => {
  expect(resolvePeriod({ period }, { sold: null, completeUntil: null })).toMatchObject({ months, before: null })
})

test.each([
  ['2025-00', 'It is no period'],
  ['2025-13', 'It is no period'],
  ['0m', 'It is no period'],
  ['0000', 'It is no period'],
  ['1969-12', 'It is no period'],
  ['2025..2025-06', 'It is no period'],
  ['2025-01..2025-02..2025-03', 'It is no period'],
  ['2025-02-30', 'It is no period'],
  ['2025-01-01..2025-02', 'It is no period'],
  ['', 'It is no period'],
  ['2025-06..2025-01', 'It ends before it begins'],
  ['2025-01-02..2025-01-01', 'It ends before it begins'],
])('%s is refused', (period, why) => {
  const message = `The period ${period} cannot be shown. ${why}.`
  const next = expect.stringContaining('2025-01..2025-06')
  expect(() => resolvePeriod({ period }, known)).toThrow(expect.objectContaining({ kind: 'usage', message, next }))
})

const month = fc
  .record({ year: fc.integer({ min: 1970, max: 2999 }), month: fc.integer({ min: 1, max: 12 }) })
  .map(({ year, month }) => `${year}-${String(month).padStart(2, '0')}`)
const monthPair = fc.tuple(month, month).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }))
const name = fc.oneof(
  fc.constant('all'),
  fc.integer({ min: 1, max: 999 }).map((count) => `${count}m`),
  fc.integer({ min: 1970, max: 2999 }).map(String),
  month,
  monthPair.map(({ from, to }) => `${from}..${to}`),
)

test('months of any period, and as many before them within those with sales', () => {
  fc.assert(
    fc.property(name, monthPair, (period, sold) => {
      expect(filters.safeParse({ period }).success).toBe(true)
      const { months, before, compare } = resolvePeriod({ period }, { sold, completeUntil: null })
      if (months === null) {
        expect({ period, before }).toEqual({ period: 'all', before: null })
        return
      }
      const named = monthsFrom(months)
      expect([named.at(0), named.at(-1)]).toEqual([months.from, months.to])
      if (period.endsWith('m')) {
        expect(months.to).toBe(sold.to)
        expect(named.length).toBe(Math.min(Number(period.slice(0, -1)), monthsFrom(sold).length))
      }
      if (before === null) return
      expect(monthsFrom(before)).toHaveLength(named.length)
      expect(before.from >= sold.from).toBe(true)
      const distance = monthsFrom({ from: before.from, to: months.from }).length - 1
      expect(distance).toBe(compare === 'year' ? 12 : named.length)
    }),
    runs(100),
  )
})

test('any text that the API lets through is a period, or refused with what is right', () => {
  const text = fc.stringMatching(/^(\d{1,3}m|\d{4}(-\d\d(-\d\d)?)?(\.\.\d{4}-\d\d(-\d\d)?)?)$/)
  fc.assert(
    fc.property(text, (period) => {
      fc.pre(filters.safeParse({ period }).success)
      try {
        const { months, days } = resolvePeriod({ period }, known)
        const span = months ?? days
        expect(span && span.from <= span.to).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'usage', next: expect.stringContaining('2025-01..2025-06') })
      }
    }),
    runs(100),
  )
})
