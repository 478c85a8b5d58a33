import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { readMarks } from '../../src/web/marks.ts'

const folder = mkdtempSync(join(tmpdir(), 'lingot marks-'))
const file = join(folder, 'lingot.marks.yml')

beforeEach(() => rmSync(file, { force: true }))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const NONE = { goals: [], events: [], notes: [], views: [] }

test.each([
  ['no folder', undefined],
  ['no file', folder],
])('%s has no marks', (_, where) => {
  expect(readMarks(where)).toEqual(NONE)
})

test.each([
  ['', NONE],
  ['# Nothing yet.\n', NONE],
  [
    'goals: [{ name: Target, measure: revenue, value: 120000.5, from: 2026-01 }]',
    {
      ...NONE,
      goals: [{ name: 'Target', measure: 'revenue', by: 'month', value: 120000.5, from: '2026-01', to: null }],
    },
  ],
  [
    'events:\n  - { name: Sale, from: 2026-01-07, to: 2026-01-31 }\n  - { name: Moved, on: 2026-03-10 }',
    {
      ...NONE,
      events: [
        { name: 'Sale', from: '2026-01-07', to: '2026-01-31' },
        { name: 'Moved', from: '2026-03-10', to: '2026-03-10' },
      ],
    },
  ],
  [
    'notes: [{ month: 2026-03, text: Prices rose. }]\nviews: [{ name: Books, address: "/products?period=2025" }]',
    {
      ...NONE,
      notes: [{ month: '2026-03', text: 'Prices rose.' }],
      views: [{ name: 'Books', address: '/products?period=2025' }],
    },
  ],
])('%j is read', (text, marks) => {
  writeFileSync(file, text)
  expect(readMarks(folder)).toEqual(marks)
})

test.each([
  ['goals:\n  - { name: Target, measure: profit, value: 1 }', /line 2.*must be one of revenue, orders/],
  ['goals:\n  - { name: Target, measure: revenue, value: 0 }', /line 2.*value.*more than 0|line 2.*at least/],
  ['goals:\n  - { name: Orders, measure: orders, by: week, value: 1 }', /line 2.*known by month alone/],
  ['events:\n  - { name: Sale }', /line 2.*`on`, or `from` and `to`/],
  ['events:\n  - { name: Sale, from: 2026-02-01, to: 2026-01-01 }', /line 2.*ends before it begins/],
  ['events:\n  - { name: Sale, on: 2026-02-30 }', /line 2.*must be a day/],
  ['events:\n  - { name: Sale, on: 2026-03 }', /line 2.*must be a day/],
  ['notes:\n  - { month: 2026-13, text: No. }', /line 2.*must be a month/],
  ['views:\n  - { name: Away, address: "https://example.com" }', /line 2.*must be an address of a page/],
  ['aims: []', /line 1.*there is no such key/],
  ['goals: [', /line 1/],
])('%j is refused with its line', (text, message) => {
  writeFileSync(file, text)
  expect(() => readMarks(folder)).toThrow(message)
})

test('a link out of the folder is not read', () => {
  symlinkSync('/etc/hostname', file)
  expect(() => readMarks(folder)).toThrow(/leads out of/)
})
