import { DOMParser, onErrorStopParsing } from '@xmldom/xmldom'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CheckResult } from '../../src/runs/record.ts'
import { junitOf } from '../../src/trust/junit.ts'
import { runs } from '../garbage/seed.ts'

const passed: CheckResult = {
  subject: 'sales',
  name: 'unique: id',
  severity: 'error',
  passed: true,
  detail: '',
  rows: [],
}
const failed: CheckResult = { ...passed, passed: false, detail: '1 row at fault', rows: [{ id: 'b', times: 2 }] }

/** What a reader of JUnit XML finds, after a parser that stops at the first thing that is no XML. */
function read(checks: readonly CheckResult[]) {
  const xml = new DOMParser({ onError: onErrorStopParsing }).parseFromString(junitOf(checks), 'text/xml')
  const all = (name: string, within = xml.documentElement) => [...(within?.getElementsByTagName(name) ?? [])]
  const text = (element: ReturnType<typeof all>[number] | undefined) => element?.textContent ?? undefined
  return {
    root: ['tests', 'failures', 'errors'].map((name) => Number(xml.documentElement?.getAttribute(name))),
    suites: all('testsuite').map((suite) => suite.getAttribute('name')),
    cases: all('testcase').map((testcase) => ({
      suite: testcase.getAttribute('classname'),
      name: testcase.getAttribute('name'),
      failure: text(all('failure', testcase)[0]),
      out: text(all('system-out', testcase)[0]),
    })),
  }
}

test('has a suite for each subject and a case for each check', () => {
  expect(read([passed, { ...passed, name: 'not null: id' }, { ...passed, subject: 'months' }])).toEqual({
    root: [3, 0, 0],
    suites: ['sales', 'months'],
    cases: [
      { suite: 'sales', name: 'unique: id' },
      { suite: 'sales', name: 'not null: id' },
      { suite: 'months', name: 'unique: id' },
    ],
  })
})

test.each([
  ['a failure', 'error', 1, { failure: '1 row at fault\n{"id":"b","times":2}' }],
  ['a passed case that tells what was found', 'warn', 0, { out: 'warning: 1 row at fault\n{"id":"b","times":2}' }],
] as const)('makes %s of a failed check of severity %s', (_, severity, failures, expected) => {
  const { root, cases } = read([passed, { ...failed, severity }])
  expect(root).toEqual([2, failures, 0])
  expect(cases[0]).toEqual({ suite: 'sales', name: 'unique: id' })
  expect(cases[1]).toMatchObject(expected)
})

describe.each(['error', 'warn'] as const)('a check of severity %s', (severity) => {
  test.each([
    ['"<&>\'', '"<&>\''],
    [']]>', ']]>'],
    ['\u001b[2J\0', '\ufffd[2J\ufffd'],
    ['\ud800', '\ufffd'],
    ['\uffff', '\ufffd'],
    ['Liège 🧾', 'Liège 🧾'],
  ])('may hold %j', (text, told) => {
    const { suites, cases } = read([
      { ...failed, severity, subject: text, name: text, detail: text, rows: [{ [text]: text }] },
    ])
    expect(suites).toEqual([told])
    const [{ suite, name, failure, out } = {}] = cases
    expect([suite, name]).toEqual([told, told])
    expect(failure ?? out).toContain(told)
  })
})

test('is XML whatever is told', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const rows = [{ [text]: text }]
      const { root } = read([{ ...failed, subject: text || 'x', name: text, detail: text, rows }])
      expect(root).toEqual([1, 1, 0])
    }),
    runs(100),
  )
})

test('is a report even where nothing was checked', () => {
  expect(read([])).toEqual({ root: [0, 0, 0], suites: [], cases: [] })
})
