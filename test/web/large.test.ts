import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readGold } from '../../src/postgres/reader.ts'
import type { Filters } from '../../src/web/api.ts'
import { readPage } from '../../src/web/figures.ts'
import { addresses } from '../large/addresses.ts'
import { fillGold } from '../large/gold.ts'
import { scale, shopOf } from '../large/shop.ts'
import { lingot } from '../process.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'
import { ask } from './http.ts'
import { type Served, serve } from './place.ts'

const shop = shopOf(scale)

let place: Place
let served: Served

/** A second where nothing else goes on, which `npm run bench` measures; a busy machine takes many times as long. */
const LIMIT_MS = 10_000
const LIMIT_BYTES = 1_000_000

beforeAll(async () => {
  place = await openPlace()
  await place.load({
    customers: [{ customer_id: 'C', country: 'France' }],
    transactions: [{ customer_id: 'C', product: 'Laptop', amount: 1, timestamp: '2025-01-01' }],
    campaigns: [{ campaign_id: 'A' }],
  })
  await runPipeline(place.client, place.postgresUrl, place.names)
  await fillGold(place, shop)
  served = await serve(place)
}, 400_000)

afterAll(async () => {
  await served.close()
  await place.leave()
})

describe('a shop of many products, customers, campaigns and countries', () => {
  test.each(addresses)('%s ends, below a megabyte', async (path) => {
    const asked = performance.now()
    const { status, text } = await ask(served.port, path)
    const took = performance.now() - asked
    expect(status).toBe(200)
    expect(Buffer.byteLength(text)).toBeLessThan(LIMIT_BYTES)
    expect(took).toBeLessThan(LIMIT_MS)
  })

  test.each<Filters>([
    { period: 'all' },
    { period: '12m' },
    { period: '12m', country: 'France' },
    { period: 'all', country: 'France' },
  ])('the sales are read once to rank the products, for their months and for what each sold: %j', async (filters) => {
    const scans = await readGold(place.postgresUrl, place.names.goldSchema, async (query) => {
      await readPage(query, 'products', filters)
      return query("select seq_scan from pg_stat_xact_user_tables where relid = 'monthly_sales'::regclass")
    })
    expect(scans.rows).toEqual([['3']])
  })

  test.each([
    ['campaigns', 'campaigns', shop.campaigns],
    ['campaigns', 'spending', shop.campaigns],
    ['products', 'products', shop.products],
  ])('the page %s shows the first rows of %s, and the CSV file has all', async (page, name, rows) => {
    const { figures } = (await ask(served.port, `/api/pages/${page}?period=all`)).json()
    const { columns, rows: first, csv } = figures[name]
    expect(first).toHaveLength(600)
    const { status, headers, text } = await ask(served.port, csv)
    expect({ status, type: headers['content-type'], file: headers['content-disposition'] }).toEqual({
      status: 200,
      type: 'text/csv; charset=utf-8',
      file: `attachment; filename="${name}.csv"`,
    })
    const lines = text.trimEnd().split('\n')
    expect(lines).toHaveLength(rows + 1)
    expect(lines[0]).toBe(columns.map(({ name }: { name: string }) => name).join(','))
    expect(lines.slice(1, 601)).toEqual(
      first.map((row: (string | null)[]) => row.map((value) => value ?? '').join(',')),
    )
  })

  test('the CSV file of the customers has all that are looked for, in their order', async () => {
    const query = 'search=7&sort=total_spent&order=desc'
    const { total, csv, rows } = (await ask(served.port, `/api/customers?${query}`)).json()
    const lines = (await ask(served.port, csv)).text.trimEnd().split('\n')
    expect(lines).toHaveLength(total + 1)
    expect(lines.slice(1, 51).map((line) => line.split(',')[0])).toEqual(rows.map(([id]: string[]) => id))
  })

  test('the answers are cut, and say so', async () => {
    const { answers } = (await ask(served.port, '/api/answers')).json()
    for (const { rows, isCut } of answers) expect(rows.length <= 600 && isCut === (rows.length === 600)).toBe(true)
  })

  test.each([[], ['--period', 'all']])('a report %j is a file below a megabyte', async (...args) => {
    const folder = mkdtempSync(join(tmpdir(), 'lingot report-'))
    const file = join(folder, 'report.html')
    const { status, stderr } = await lingot(['report', '--html', file, ...args], settingsOf(place.names))
    expect({ status, stderr, isThere: existsSync(file) }).toMatchObject({ status: 0, isThere: true })
    expect(readFileSync(file).length).toBeLessThan(LIMIT_BYTES)
    rmSync(folder, { recursive: true })
  })
})
