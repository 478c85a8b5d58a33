import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { TOKEN } from '../place.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})
afterAll(() => shop?.close())

const explore = (query = '') => `${shop.url}/explore${query}`
const control = (page: Page, label: string) =>
  page.locator(`.explore-controls label:has(> span:text-is("${label}")) > select`)
const sqlOf = (page: Page) => page.getByRole('region', { name: 'The SQL that gave this' }).last().innerText()

function rowsOf(page: Page): Promise<string[][]> {
  return page
    .locator('[data-figure="explored"] tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent.trim())))
}

async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document))
  return violations.flatMap(({ id, impact, nodes }) =>
    impact === 'serious' || impact === 'critical' ? nodes.map(({ target }) => `${id}: ${target.join(' ')}`) : [],
  )
}

describe.skipIf(!hasBrowser)('the page that explores', () => {
  test('is asked by keyboard, and keeps what is asked in its address', async ({ visit }) => {
    const page = await settled(await visit(explore()))
    await page.locator('[data-figure="explored"] .chart svg').first().waitFor()
    const choose = async (label: string, keys: string) => {
      await control(page, label).focus()
      await page.keyboard.type(keys)
      await settled(page)
    }
    await choose('Measure', 'Transactions')
    await choose('Rows', 'Product')
    await choose('Columns', 'Country')
    await choose('Drawn as', 'Table')
    await page.waitForURL((url) => url.searchParams.get('chart') === 'table')
    const { searchParams } = new URL(page.url())
    expect(Object.fromEntries(searchParams)).toEqual({
      measures: 'transactions',
      by: 'product',
      across: 'country',
      chart: 'table',
    })
    const rows = await rowsOf(page)
    expect(rows.length).toBeGreaterThan(3)
    await page.reload()
    await settled(page)
    await expect.poll(() => rowsOf(page)).toEqual(rows)
    expect(await control(page, 'Columns').inputValue()).toBe('country')
  })

  test('shows the numbers of gold, and the SQL that gives them', async ({ visit }) => {
    const page = await settled(await visit(explore('?measures=revenue,customers&by=country&period=all&chart=table')))
    const sql = await sqlOf(page)
    const gold = await shop.place.gold(sql)
    expect(await rowsOf(page)).toEqual(
      gold.map(({ country, revenue, customers }) => [
        country === 'no customer'
          ? 'No customer'
          : country === 'customer not in customers'
            ? 'Customer not on file'
            : country,
        written(revenue, 'money'),
        written(customers, 'integer'),
      ]),
    )
    const [own] = await shop.place.gold(
      "select sum(revenue) as revenue from country_sales where country = 'France' and buyer = 'customer known'",
    )
    expect((await rowsOf(page)).find(([country]) => country === 'France')?.[1]).toBe(written(own?.['revenue'], 'money'))
  })

  test('copies its SQL, and opens it in the SQL page, where it gives the same', async ({ visit }) => {
    const page = await settled(
      await visit(`${explore('?by=year&period=all&chart=table')}#token=${TOKEN}`, {
        permissions: ['clipboard-read', 'clipboard-write'],
      }),
    )
    const rows = await rowsOf(page)
    await page.getByRole('button', { name: 'Copy the SQL' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    expect(copied.trim()).toBe((await sqlOf(page)).trim())
    await page.getByRole('link', { name: 'Open in the SQL page' }).click()
    await settled(page)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    const result = page.getByRole('region', { name: 'Result' }).first()
    await result.locator('tbody tr').first().waitFor()
    expect(await result.locator('tbody tr').count()).toBe(rows.length)
  })

  test('offers what goes together, and says why the rest does not', async ({ visit }) => {
    const page = await settled(await visit(explore('?measures=orders')))
    const day = control(page, 'Rows').locator('option', { hasText: 'Day' })
    expect(await day.isDisabled()).toBe(true)
    expect(await control(page, 'Rows').locator('option', { hasText: 'Country' }).isDisabled()).toBe(false)
    await page.locator('.unfit summary').click()
    const reasons = await page.locator('.unfit li').allTextContents()
    expect(reasons).toContain(
      'Day: not with Orders. Different ones do not add up over parts, and no table counts them so.',
    )
    await control(page, 'Measure').selectOption('revenue')
    await expect
      .poll(() => page.locator('.unfit').innerText())
      .toContain('Status: known over all time and of all sales alone.')
    await page.locator('.filters label', { hasText: 'Period' }).first().locator('select').selectOption('all')
    await settled(page)
    expect(await control(page, 'Rows').locator('option', { hasText: 'Status' }).isDisabled()).toBe(false)
    await control(page, 'Rows').selectOption('status')
    await settled(page)
    expect(await page.getByRole('alert').count()).toBe(0)
    await page.locator('[data-figure="explored"] .chart svg').waitFor()
  })

  test('explains a cell, where it is the number of a month, a country or a product', async ({ visit }) => {
    const page = await settled(await visit(explore('?by=month&across=product&chart=heat&period=2025')))
    const cell = page.locator('[data-figure="explored"] tbody tr').first().locator('button.explains').first()
    const told = await cell.textContent()
    await cell.click()
    await page.waitForURL((url) => /^month:2025-\d\d,product:/.test(url.searchParams.get('explain') ?? ''))
    const panel = page.getByRole('dialog')
    await panel.locator('[data-explained]').waitFor()
    expect(await panel.innerText()).toContain(told ?? '?')
  })

  test.for(['light', 'dark'] as const)('shuts nobody out in %s, whatever it draws', async (colorScheme, { visit }) => {
    const page = await visit(explore(), { colorScheme })
    for (const query of [
      '?by=month&measures=revenue,orders',
      '?by=product&period=all',
      '?by=month&across=product&chart=stacked',
      '?by=month&across=country&chart=lines',
      '?by=product&across=country&chart=heat',
      '?subject=customers&by=recency&across=frequency',
    ]) {
      await page.goto(explore(query))
      await settled(page)
      expect(await page.getByRole('alert').count(), query).toBe(0)
      await page.locator('[data-figure="explored"]').first().locator('svg, table').first().waitFor()
      expect(await barriers(page), query).toEqual([])
    }
  })

  test('has room on a phone', async ({ visit }) => {
    const page = await visit(explore(), { viewport: { width: 390, height: 844 }, locale: 'fr-FR' })
    for (const query of ['?by=month&across=product&chart=stacked', '?by=product&across=country&chart=heat']) {
      await page.goto(explore(query))
      await settled(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), query).toBe(390)
    }
  })
})
