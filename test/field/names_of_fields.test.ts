import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lingot, type Settings, workFolder } from '../process.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

/** As a spreadsheet, an import and a map of people leave them: names with marks, and names that are values. */
const odd = {
  '0': 1,
  _id: 1,
  customer_id: 'C1',
  'a.b': 1,
  $price: 2,
  '': 3,
  __proto__x: 1,
  constructor: 'x',
  toString: 'y',
  hasOwnProperty: 1,
  'jean@email.com': { n: 1 },
  '+33612345678': 1,
  'tel 06 12 34 56 11': 1,
  '2024-01-01': 5,
  'Jean Dupont': 1,
  é: 1,
  [`${'k'.repeat(100)}`]: 1,
}
const VALUES = /Dupont|jean@|612345678|56 11|kkkk/

let place: Place
let settings: Settings
const folder = workFolder()

beforeAll(async () => {
  place = await openPlace()
  settings = settingsOf(place.names)
  await place.load({ customers: [odd] })
})
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
  return place.leave()
})

test('odd names are drift, counted each, but those that are values are not shown', async () => {
  const ran = await lingot(['run'], settings)
  expect(ran.status).toBe(0)
  const { stdout } = await lingot(['report', '--json'], settings)
  const drift: { field: string; count: number }[] = JSON.parse(stdout).silver.drift
  expect(drift.map(({ field, count }) => `${field} ${count}`).sort()).toEqual(
    [
      ...['$price 1', '__proto__x 1', 'a.b 1', 'constructor 1', 'hasOwnProperty 1', 'toString 1', 'é 1'],
      '(not a plain name) 8',
    ].sort(),
  )
  const printed = await lingot(['report'], settings)
  const records = await place.client.db(place.names.silver).collection('runs').find().toArray()
  for (const text of [ran.stdout + ran.stderr, stdout, printed.stdout, JSON.stringify(records)]) {
    expect(text).not.toMatch(VALUES)
  }
})

test('lingot init shows none of them either', async () => {
  const { status, stdout } = await lingot(['init', '--print'], settings, folder)
  expect(status).toBe(0)
  expect(stdout).toContain('hasOwnProperty')
  expect(stdout).toMatch(/and \d+ fields more/)
  expect(stdout).not.toMatch(VALUES)
})
