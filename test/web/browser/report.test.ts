import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test as plain } from 'vitest'
import { lingot } from '../../commands/lingot.ts'
import { exactly } from './pages.ts'
import { wordsIn } from './pdf.ts'
import { openShop, SCRIPT, type Shop } from './shop.ts'
import { hasBrowser, test } from './visit.ts'

let shop: Shop
let folder: string
let file: string

const report = (...options: string[]) => lingot(shop.place.names, ['report', ...options])

beforeAll(async () => {
  shop = await openShop()
  folder = await mkdtemp(join(tmpdir(), 'lingot report-'))
  file = join(folder, 'report.html')
  expect(await report('--html', file)).toMatchObject({ status: 0 })
})

afterAll(async () => {
  await shop?.close()
  await rm(folder, { recursive: true, force: true })
})

const sections = ['overview', 'customers', 'products', 'campaigns', 'countries', 'trust']

describe.skipIf(!hasBrowser)('a report file in a browser', () => {
  test('shows every page with what gold holds, and asks nobody', async ({ visit }) => {
    const asked: string[] = []
    const page = await visit(pathToFileURL(file).href)
    page.on('request', (request) => asked.push(request.url()))
    for (const name of sections) {
      const section = page.locator(`section#${name}`)
      await section.locator('h1').waitFor()
      expect(await section.locator('.card').count(), name).toBeGreaterThan(0)
      expect(await section.locator('.loading, [role="alert"]').count(), name).toBe(0)
    }
    const [gold] = await shop.place.gold(
      `select sum(revenue) as revenue from ${shop.place.names.goldSchema}.monthly_sales
       where month > (select to_char(to_date(max(month), 'YYYY-MM') - interval '12 months', 'YYYY-MM')
                      from ${shop.place.names.goldSchema}.monthly_sales where month <> 'Unknown') and month <> 'Unknown'`,
    )
    const written = new Intl.NumberFormat('en-GB', { minimumFractionDigits: 2 }).format(
      gold?.['revenue'] as Intl.StringNumericLiteral,
    )
    expect(await exactly(page.locator('#overview [data-kpi="revenue"] .kpi-value'))).toBe(written)
    expect(await page.locator('#customers').textContent()).toContain(SCRIPT)

    await page.locator('.sidebar a[href="#trust"]').click()
    await expect.poll(() => page.evaluate(() => scrollY)).toBeGreaterThan(1000)
    expect(await page.locator('a[href^="/"]').count()).toBe(0)
    expect(asked.filter((address) => !address.startsWith('data:'))).toEqual([])
  })

  test('prints every row and every column', async ({ visit }) => {
    const page = await visit(pathToFileURL(file).href)
    await page.locator('#trust h1').waitFor()
    const words = wordsIn(await page.pdf({ format: 'A4' })).replaceAll(/\s/g, '')
    const cells = await page.locator('tbody td').evaluateAll((all) =>
      all.flatMap((cell) => {
        const texts: string[] = []
        const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT)
        while (walker.nextNode()) texts.push((walker.currentNode.textContent ?? '').replaceAll(/\s/g, ''))
        return cell.checkVisibility() ? texts : []
      }),
    )
    expect(cells.length).toBeGreaterThan(500)
    expect([...new Set(cells)].filter((text) => /^[\x20-\x7e–]+$/.test(text) && !words.includes(text))).toEqual([])
  })

  test('speaks the language of its reader', async ({ visit }) => {
    const page = await visit(pathToFileURL(file).href, { locale: 'fr-FR' })
    await expect.poll(() => page.title()).toMatch(/^Rapport Lingot/)
    expect(await page.locator('html').getAttribute('lang')).toBe('fr')
  })
})

plain('a report file names no other host, and no text of the data ends an element', async () => {
  const text = await readFile(file, 'utf8')
  expect(text).toContain(`default-src 'none'; script-src 'sha256-`)
  expect(text.match(/(?:src|href)="http[^"]*"|url\(["']?http[^)]*\)/g)).toBeNull()
  expect(text.split(/<\/script/i)).toHaveLength(3)
  expect(text).not.toContain(SCRIPT)
  expect(Buffer.byteLength(text)).toBeLessThan(1_500_000)
})

plain('a report file carries no lists to choose from, which it does not show', async () => {
  const [, packed = ''] = /id="lingot-report">([^<]*)</.exec(await readFile(file, 'utf8')) ?? []
  const { answers } = JSON.parse(gunzipSync(Buffer.from(packed, 'base64')).toString())
  expect(answers['/api/choices']).toMatchObject({ months: null, countries: [], products: [], filters: [], empty: [] })
})

plain.each([
  [['--html', '/nowhere/at/all.html'], 2, 'cannot be written'],
  [['--period', 'all'], 2, 'Only an HTML report has a period'],
  [['--html', 'wrong.html', '--period', '2025-06..2025-01'], 2, '2025-06'],
])('report %j ends with code %i', async (options, status, message) => {
  const outcome = await report(...options)
  expect(outcome).toMatchObject({ status, stdout: '' })
  expect(outcome.stderr).toContain(message)
  expect(await readdir(folder)).toEqual(['report.html'])
})
