import { mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { DOMParser } from '@xmldom/xmldom'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Page as PageOfFigures } from '../../../src/web/api.ts'
import { ask } from '../http.ts'
import { wordsIn } from './pdf.ts'
import { FORMULA, LONG, openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop
const folder = mkdtempSync(join(tmpdir(), 'lingot files-'))

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await shop?.close()
})

async function saved(page: Page, button: string): Promise<{ name: string; file: string; text: string }> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ])
  const name = download.suggestedFilename()
  const file = join(folder, name)
  await download.saveAs(file)
  return { name, file, text: await readFile(file, 'utf8') }
}

const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

describe.skipIf(!hasBrowser)('files', () => {
  test('a table is saved with exact values, and no text that a spreadsheet would run', async ({ visit }) => {
    // Whatever the language, it is the same file.
    const page = await settled(await visit(shop.url, { locale: 'fr-FR' }))
    const { name, text } = await saved(page, 'CSV : Chiffre d’affaires par produit')
    const { figures } = (await ask(Number(new URL(shop.url).port), '/api/pages/overview')).json() as PageOfFigures
    const rows = figures['by_product']?.rows ?? []
    expect(rows.map(([product]) => product)).toEqual(expect.arrayContaining([FORMULA, LONG, 'Unknown']))
    const lines = rows.map(([product, ...numbers]) =>
      [quoted(product === FORMULA ? `'${FORMULA}` : (product ?? '')), ...numbers].join(','),
    )
    expect(name).toBe('revenue-by-product.csv')
    expect(text).toBe(`${['product,revenue,share_pct,previous_revenue', ...lines].join('\n')}\n`)
  })

  test.for(['light', 'dark'] as const)('a chart of a %s page is saved as a drawing', async (colorScheme, { visit }) => {
    const page = await settled(await visit(shop.url, { colorScheme }))
    const names = ['Revenue by month', 'Revenue by product', 'Revenue by country']
    const drawings = []
    for (const name of names) drawings.push(await saved(page, `SVG of ${name}`))
    expect(drawings.map(({ name }) => name)).toEqual(
      ['month', 'product', 'country'].map((one) => `revenue-by-${one}.svg`),
    )
    for (const { file, text } of drawings) {
      const faults: string[] = []
      const parser = new DOMParser({ onError: (level, message) => faults.push(`${level}: ${message}`) })
      const { documentElement } = parser.parseFromString(text, 'image/svg+xml')
      expect(faults).toEqual([])
      expect(documentElement?.namespaceURI).toBe('http://www.w3.org/2000/svg')
      expect(text).not.toMatch(/var\(|light-dark\(|aria-label="tip"/)

      // Alone it looks as it did on the page.
      await page.goto(pathToFileURL(file).href)
      const look = await page.evaluate(() => {
        const [svg, bar] = [document.documentElement, document.querySelector('g:not(.before) > rect')]
        if (bar === null) throw new Error('no bar')
        return {
          ground: getComputedStyle(svg).backgroundColor,
          bar: getComputedStyle(bar).fill,
          size: bar.getBoundingClientRect().width * bar.getBoundingClientRect().height,
          words: svg.textContent?.length ?? 0,
        }
      })
      expect(look).toEqual({
        ground: colorScheme === 'light' ? 'rgb(247, 247, 245)' : 'rgb(16, 17, 19)',
        bar: colorScheme === 'light' ? 'rgb(191, 134, 25)' : 'rgb(219, 166, 56)',
        size: expect.any(Number),
        words: expect.any(Number),
      })
      expect(Math.min(look.size, look.words)).toBeGreaterThan(20)
    }
  })

  test('a chart is saved and copied as a picture that says what it shows', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?country=France&period=2026-01..2026-06`, { locale: 'en-GB' }))
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    const { file, text } = await saved(page, 'SVG of Revenue by month')
    const words = [...text.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, word]) => word)
    expect([...words.slice(0, 3), words.at(-1)]).toEqual([
      'Revenue by month',
      expect.stringMatching(/^January\s–\sJune 2026, compared with .*2025\. · Country: France$/),
      'Revenue (the currency is not named), orders',
      expect.stringMatching(/^Source: Lingot, gold of \d+ \w+ 20\d\d, \d\d:\d\d$/),
    ])
    const [, width = '0', height = '0'] = /width="(\d+)" height="(\d+)"/.exec(text) ?? []
    const png = await saved(page, 'PNG of Revenue by month')
    expect(png.name).toBe('revenue-by-month.png')
    const bytes = await readFile(png.file)
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([Number(width) * 2, Number(height) * 2])
    // More than one colour: something is drawn on it.
    expect(bytes.length).toBeGreaterThan(15_000)
    expect(file).toMatch(/revenue-by-month\.svg$/)

    await page.getByRole('button', { name: 'Copy Revenue by month as a picture' }).click()
    await page.getByText('Copied').first().waitFor()
    const copied = await page.evaluate(async () => {
      const [item] = await navigator.clipboard.read()
      return (await item?.getType('image/png'))?.size
    })
    expect(copied).toBeGreaterThan(15_000)
  })

  test('a printed page has every row and every column of its tables', async ({ visit }) => {
    // More than a table shows at first, and more than fit on a sheet.
    await shop.place.gold(
      `insert into ${shop.place.names.goldSchema}.campaign_performance (campaign_id, campaign_name, campaign_type, status)
       select 'PRINT' || number, 'Printed', 'Search', 'Active' from generate_series(1000, 1249) as number;
       insert into ${shop.place.names.goldSchema}.campaign_spending (campaign_id, start_month, records)
       select 'PRINT' || number, '2025-03', 1 from generate_series(1000, 1249) as number`,
    )
    const page = await settled(await visit(`${shop.url}/campaigns?period=2025`, { colorScheme: 'dark' }))
    const words = wordsIn(await page.pdf({ format: 'A4' }))
    const ids = words.match(/PRINT1\d{3}/g) ?? []
    expect(new Set(ids).size).toBe(250)
    const heads = await page
      .locator('[data-figure="campaigns"] thead th')
      .evaluateAll((all) => all.map(({ textContent }) => textContent))
    expect(heads).toHaveLength(14)
    const flat = words.replaceAll(/\s/g, '')
    for (const head of heads) expect(flat).toContain(head.replaceAll(/\s/g, ''))
    expect(words).toContain('Source: Lingot, gold of')
    // What only works on a screen is not there.
    expect(words).not.toMatch(/\b(CSV|SVG|Start a run|Show more)\b/)
    // Afterwards the screen is as before.
    expect(await page.locator('[data-figure="campaigns"] tbody tr').count()).toBe(200)
  })
})
