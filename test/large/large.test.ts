import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { table } from '../../src/text/terminal.ts'
import { node } from '../command.ts'
import { lingot } from '../commands/lingot.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { HOME, LARGE, long, makeShop, scale, shopOf } from './shop.ts'

const shop = shopOf(scale)

let place: Place

beforeAll(async () => {
  place = await openPlace()
  await makeShop(place.client, place.names.bronze, shop)
  expect(await lingot(place.names, ['run'])).toMatchObject({ status: 0 })
}, 600_000)
afterAll(() => place.leave())

/** What a command prints that ends well. */
async function printed(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await lingot(place.names, args)
  expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' })
  return stdout
}

const rows = async (sql: string) => Number((await place.gold(`select count(*) as n from (${sql}) as it`))[0]?.['n'])

describe('a terminal shows the first 20 rows of a list, and all of them where that is asked', () => {
  test.each([
    [2, "product_performance where product <> 'Unknown'"],
    [5, "country_statistics where country <> 'Unknown'"],
  ])('question %i', async (question, table) => {
    const all = await rows(`select * from ${table}`)
    expect(all).toBeGreaterThan(400)
    const text = await printed('ask', String(question))
    expect(text.match(/^ +[\d,]+ {2}/gm)).toHaveLength(20)
    expect(text).toMatch(/^ +Unknown /m)
    expect(text).toContain(`and ${(all - 20).toLocaleString('en')} more: --all prints them`)
    const whole = await printed('ask', String(question), '--all')
    expect(whole.match(/^ +[\d,]+ {2}/gm)).toHaveLength(all)
    expect(whole).not.toContain(' more: ')
    const given = JSON.parse(await printed('ask', String(question), '--json'))[0].rows as { rank: number | null }[]
    expect(given.filter(({ rank }) => rank !== null)).toHaveLength(all)
    expect((await printed('ask', String(question), '--csv')).trim().split('\n')).toHaveLength(1 + given.length)
  })
})

describe('a row that stands for nearly everything is explained, and adds up', () => {
  test.each([
    ['country', HOME],
    ['country', 'Unknown'],
    ['country', 'Country 007'],
    ['product', 'Unknown'],
    ['product', long('product', 0)],
    ['customer', long('customer', 0)],
    ['campaign', long('campaign', 1)],
    ['month', '2023-05'],
  ])('%s %s', async (subject, key) => {
    const { row, silver } = JSON.parse(await printed('explain', subject, key, '--json'))
    for (const { column, value, workedOut } of row)
      if (workedOut !== undefined) expect([column, workedOut]).toEqual([column, value])
    for (const { documents, records } of silver) expect(records).toHaveLength(Math.min(documents, 10))
  })

  test.each([
    ['product', long('product', 0).toUpperCase(), 'Did you mean product-'],
    ['product', 'Laptpo', 'It has '],
    ['country', 'country  007', 'Did you mean Country 007?'],
    ['country', 'ountry 0', 'Did you mean Country 000, Country 001, Country 002, Country 003, Country 004?'],
    ['customer', 'C1', 'It has '],
  ])('a typo in %s %s is met with what there is', async (subject, key, next) => {
    const { status, stderr } = await lingot(place.names, ['explain', subject, key])
    expect(status).toBe(2)
    expect(stderr).toContain(`→ ${next}`)
  })
})

// A small shop would fit whichever way it is read.
test.runIf(scale >= 0.5)('the memory of explain does not grow with the records behind a row', async () => {
  const folder = mkdtempSync(`${tmpdir()}/lingot large-`)
  const told = 'process.on("exit", () => process.stderr.write(String(process.resourceUsage().maxRSS)))'
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
  const { bronze, silver, goldSchema } = place.names
  const { stderr } = await node(['--import', `data:text/javascript,${told}`, cli, 'explain', 'country', HOME], folder, {
    MONGODB_URI: inject('mongodbUri'),
    POSTGRES_URL: place.postgresUrl,
    LINGOT_BRONZE_DB: bronze,
    LINGOT_SILVER_DB: silver,
    LINGOT_GOLD_SCHEMA: goldSchema,
  })
  rmSync(folder, { recursive: true })
  expect(stderr).toMatch(/^\d+$/)
  expect(Number(stderr) / 1024).toBeLessThan(250)
})

test('a table is laid out in time that grows with its rows alone', () => {
  const columns = ['name', 'other', 'sum'].map((title) => ({ title, isNumber: title === 'sum' }))
  const cells = Array.from({ length: LARGE.products }, (_, n) => [long('product', n), `Été ${n}`, `${n}.50`])
  const start = performance.now()
  expect(table(columns, cells).split('\n')).toHaveLength(LARGE.products + 1)
  // Where time grew with the square of the rows this took hours.
  expect(performance.now() - start).toBeLessThan(30_000)
})
