import fc from 'fast-check'
import { expect, test } from 'vitest'
import { filters } from '../../src/web/api.ts'
import { resolvePeriod } from '../../src/web/period.ts'
import { monthsFrom } from './expected.ts'

const sold = { from: '2023-11', to: '2025-06' }

test.each([
  ['all', null, null],
  ['1m', ['2025-06', '2025-06'], ['2025-05', '2025-05']],
  ['3m', ['2025-04', '2025-06'], ['2025-01', '2025-03']],
  ['10m', ['2024-09', '2025-06'], ['2023-11', '2024-08']],
  ['11m', ['2024-08', '2025-06'], null],
  ['999m', ['2023-11', '2025-06'], null],
  ['2025', ['2025-01', '2025-12'], ['2024-01', '2024-12']],
  ['2024', ['2024-01', '2024-12'], null],
  ['2025-01', ['2025-01', '2025-01'], ['2024-12', '2024-12']],
  ['2023-11', ['2023-11', '2023-11'], null],
  ['2025-01..2025-06', ['2025-01', '2025-06'], ['2024-07', '2024-12']],
  ['2024-12..2025-01', ['2024-12', '2025-01'], ['2024-10', '2024-11']],
  ['2030', ['2030-01', '2030-12'], ['2029-01', '2029-12']],
] as const)('%s', (name, months, before) => {
  const named = (pair: readonly [string, string] | null) => pair && { from: pair[0], to: pair[1] }
  expect(resolvePeriod(name, sold)).toEqual({ name, months: named(months), before: named(before) })
})

test.each([
  ['all', null],
  ['12m', null],
  ['2025', { from: '2025-01', to: '2025-12' }],
])('%s where nothing is sold', (name, months) => {
  expect(resolvePeriod(name, null)).toEqual({ name, months, before: null })
})

test.each([
  ['2025-00', 'It is no period'],
  ['2025-13', 'It is no period'],
  ['0m', 'It is no period'],
  ['0000', 'It is no period'],
  ['1969-12', 'It is no period'],
  ['2025..2025-06', 'It is no period'],
  ['2025-01..2025-02..2025-03', 'It is no period'],
  ['', 'It is no period'],
  ['2025-06..2025-01', 'It ends before it begins'],
])('%s is refused', (name, why) => {
  const message = `The period ${name} cannot be shown. ${why}.`
  const next = expect.stringContaining('2025-01..2025-06')
  expect(() => resolvePeriod(name, sold)).toThrow(expect.objectContaining({ kind: 'usage', message, next }))
})

const month = fc
  .record({ year: fc.integer({ min: 1970, max: 2999 }), month: fc.integer({ min: 1, max: 12 }) })
  .map(({ year, month }) => `${year}-${String(month).padStart(2, '0')}`)
const pair = fc.tuple(month, month).map(([a, b]) => (a < b ? { from: a, to: b } : { from: b, to: a }))
const name = fc.oneof(
  fc.constant('all'),
  fc.integer({ min: 1, max: 999 }).map((count) => `${count}m`),
  fc.integer({ min: 1970, max: 2999 }).map(String),
  month,
  pair.map(({ from, to }) => `${from}..${to}`),
)

test('months of any period, and as many right before them within those with sales', () => {
  fc.assert(
    fc.property(name, pair, (name, sold) => {
      expect(filters.safeParse({ period: name }).success).toBe(true)
      const { months, before } = resolvePeriod(name, sold)
      if (months === null) {
        expect({ name, before }).toEqual({ name: 'all', before: null })
        return
      }
      const named = monthsFrom(months)
      expect([named.at(0), named.at(-1)]).toEqual([months.from, months.to])
      if (name.endsWith('m')) {
        expect(months.to).toBe(sold.to)
        expect(named.length).toBe(Math.min(Number(name.slice(0, -1)), monthsFrom(sold).length))
      }
      // Where there is no period before, one as long would begin before the first month with sales.
      const room = months.from > sold.from ? monthsFrom({ from: sold.from, to: months.from }).length - 1 : 0
      if (before === null) {
        expect(named.length).toBeGreaterThan(room)
        return
      }
      expect(monthsFrom({ from: before.from, to: months.to })).toHaveLength(2 * named.length)
      expect(monthsFrom(before)).toHaveLength(named.length)
      expect(before.from >= sold.from).toBe(true)
    }),
  )
})

test('any text that the API lets through is a period, or refused with what is right', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^(\d{1,3}m|\d{4}(-\d\d)?(\.\.\d{4}-\d\d)?)$/), (name) => {
      try {
        const { months } = resolvePeriod(name, sold)
        expect(months && months.from <= months.to).toBe(true)
      } catch (error) {
        expect(error).toMatchObject({ kind: 'usage', next: expect.stringContaining('2025-01..2025-06') })
      }
    }),
  )
})
