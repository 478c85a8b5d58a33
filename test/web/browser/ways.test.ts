import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect } from 'vitest'
import { type Shop, sharedShop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await sharedShop()
})

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
