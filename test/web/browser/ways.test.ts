import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Page as PageTold, Trust, Trusted } from '../../../src/web/api.ts'
import { ask } from '../http.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

/** Opens it by its keys, and types. */
async function type(page: Page, text: string): Promise<void> {
  await page.keyboard.press('Control+k')
  await page.getByRole('combobox', { name: /^A page/ }).waitFor()
  await page.keyboard.type(text)
}

const options = (page: Page) => page.getByRole('dialog').getByRole('option')

describe.skipIf(!hasBrowser)('Ctrl-K', () => {
  test('leads to a page, with what is chosen', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=2025`))
    await type(page, 'prod')
    await expect.poll(() => options(page).first().textContent()).toBe('PageProducts')
    await page.keyboard.press('Enter')
    await page.waitForURL(`${shop.url}/products?period=2025`)
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  test('leads to a product, whatever its accents and cases', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    await type(page, 'LÄPT')
    await expect.poll(() => options(page).allTextContents()).toContain('ProductLaptop')
    await options(page).filter({ hasText: 'Laptop' }).first().click()
    await page.waitForURL((url) => url.pathname === '/products' && url.searchParams.get('product') === 'Laptop')
  })

  test('finds a customer on the server, and explains what they spent', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    await type(page, 'odd2')
    const found = options(page).filter({ hasText: 'ODD2' })
    await found.waitFor()
    for (let i = 0; (await found.getAttribute('aria-selected')) !== 'true' && i < 20; i++) {
      await page.keyboard.press('ArrowDown')
    }
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.searchParams.get('explain') === 'customer:ODD2')
    await page.getByRole('dialog').locator('[data-explained]').waitFor()
  })

  test('says what a column of gold means', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    await type(page, 'avg cpa')
    const found = options(page).filter({ hasText: 'campaign_performance.avg_cpa' })
    await found.waitFor()
    expect(await found.textContent()).toContain('spend / conversions')
    await found.click()
    await page.waitForURL((url) => url.pathname === '/glossary')
    const named = page.locator('.glossary .named')
    await named.waitFor()
    expect(await named.textContent()).toContain('avg_cpa')
    expect(await named.evaluate((term) => term === document.activeElement)).toBe(true)
  })

  test('does what it is told, and closes', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    await type(page, 'look dark')
    await expect.poll(() => options(page).count()).toBe(1)
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('html').getAttribute('data-theme')).toBe('dark')
    await type(page, 'nothing is called so')
    await page.getByText('Nothing is called so.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test.for(['light', 'dark'] as const)('shuts nobody out of a %s page', async (colorScheme, { visit }) => {
    const page = await settled(await visit(shop.url, { colorScheme, locale: 'fr-FR' }))
    await page.getByRole('button', { name: /^Chercher/ }).click()
    await options(page).first().waitFor()
    await page.evaluate(axe.source)
    const found = await page.evaluate(async () => {
      const { violations } = await (window as unknown as { axe: typeof axe }).axe.run('dialog')
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
    })
    expect(found).toEqual([])
  })
})

describe.skipIf(!hasBrowser)('the glossary', () => {
  const told = async <T>(path: string): Promise<T> => (await ask(Number(new URL(shop.url).port), path)).json()
  const terms = async (page: Page) =>
    (await page.locator('.glossary > div').allTextContents()).map((text) => text.trim())

  test('says what each column of gold and of silver means, and is searched', async ({ visit }) => {
    const { lineage } = await told<Trust>('/api/trust')
    const page = await settled(await visit(`${shop.url}/glossary`))
    const all = [
      ...lineage.gold.map(({ column, meaning }) => column + meaning),
      ...lineage.silver.map(
        ({ column, meaning, personal }) => `${column}${meaning}${personal ? ' (may identify a person)' : ''}`,
      ),
    ]
    expect(await terms(page)).toEqual(all)
    await page.getByRole('searchbox').fill('Spènd CONVERSIONS')
    await page.waitForURL((url) => url.searchParams.get('search') === 'Spènd CONVERSIONS')
    const found = all.filter((text) => /spend/i.test(text) && /conversions/i.test(text))
    expect(found.length).toBeGreaterThan(1)
    expect(await terms(page)).toEqual(found)
    await page.getByRole('searchbox').fill('nothing is called so')
    await page.getByText('No table and no column is called so').waitFor()
  })

  test('is led to by the meaning of a number, and leads to the rows', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?explain=month:2025-03&of=revenue`, { locale: 'fr-FR' }))
    await page.getByRole('dialog').getByRole('link', { name: 'Glossaire' }).click()
    await page.waitForURL((url) => url.searchParams.get('term') === 'monthly_revenue.total_revenue')
    expect(await page.locator('.glossary .named').textContent()).toMatch(/^total_revenueSum of/)
    await page.getByRole('link', { name: 'Lignes de monthly_revenue' }).click()
    await page.waitForURL((url) => url.pathname === '/sql' && /monthly_revenue/.test(url.searchParams.get('sql') ?? ''))
  })

  test('counts beside a figure the checks of the tables that it reads, and of no others', async ({ visit }) => {
    const { figures } = await told<PageTold>('/api/pages/customers')
    expect(figures['cohorts']?.reads).toEqual(['customer_cohorts', 'gold_run'])
    const trusted = await told<Trusted>('/api/trusted')
    const all = ['customer_cohorts', 'gold_run'].reduce((sum, table) => sum + (trusted[table]?.checks.all ?? 0), 0)
    const page = await settled(await visit(`${shop.url}/customers`))
    const card = page.locator('section', { has: page.locator('[data-figure="customer-cohorts"]') })
    expect(await card.locator('.trust-mark').getAttribute('aria-label')).toContain(`${all} of ${all} checks`)
  })
})

describe.skipIf(!hasBrowser)('a mark beside a figure', () => {
  test('says what is unknown, that it adds up and how the checks went, and leads to the reason', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const [row] = await shop.place.gold(
      `select round(100 * sum(revenue) filter (where gold_table = 'product_performance' and part = 'product unknown')
         / sum(revenue) filter (where gold_table = 'all sales'), 6) as share from reconciliation`,
    )
    const share = written(row?.['share'], 'percent')
    const card = page.locator('section', { has: page.locator('[data-figure="revenue-by-product"]') })
    const mark = card.locator('.trust-mark')
    expect(await mark.textContent()).toBe(`${share} unknown`)
    expect(await mark.getAttribute('aria-label')).toMatch(
      new RegExp(
        `^${share} unknown\\. It adds up to all revenue, to the cent\\. ${share} of .* (\\d+) of \\1 checks of its tables passed\\.$`,
      ),
    )
    await mark.click()
    await page.waitForURL(`${shop.url}/trust#revenue`)
  })
})
