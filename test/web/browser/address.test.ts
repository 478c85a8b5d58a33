import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { ask } from '../http.ts'
import { serve } from '../place.ts'
import { AMPERSAND, built, openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

/** What a page is narrowed to, as its address, its filters and its first figure say it. */
async function stateOf(page: Page) {
  await settled(page)
  const { searchParams } = new URL(page.url())
  const chosen = (label: string) => page.getByRole('search').getByRole('combobox', { name: label, exact: true })
  return {
    address: Object.fromEntries(searchParams),
    country: await chosen('Country').inputValue(),
    product: await chosen('Product').inputValue(),
    period: await chosen('Period').inputValue(),
    revenue: await page.locator('[data-kpi="revenue"] .kpi-value').textContent(),
  }
}

const choose = (page: Page, label: string, value: string) =>
  page.getByRole('search').getByRole('combobox', { name: label, exact: true }).selectOption(value)

const becomes = (page: Page, name: string, value: string | null) =>
  page.waitForURL((url) => url.searchParams.get(name) === value)

describe.skipIf(!hasBrowser)('filters live in the address', () => {
  test('choosing sets it, opening restores it, and the way back is kept', async ({ visit }) => {
    const page = await visit(shop.url)
    const whole = await stateOf(page)
    expect(whole).toMatchObject({ address: {}, country: '', product: '', period: '12m' })

    await choose(page, 'Country', AMPERSAND)
    await becomes(page, 'country', AMPERSAND)
    const narrow = await stateOf(page)
    expect(narrow).toMatchObject({ address: { country: AMPERSAND }, country: AMPERSAND })
    expect(narrow.revenue).not.toBe(whole.revenue)

    await choose(page, 'Period', 'all')
    await becomes(page, 'period', 'all')
    const narrower = await stateOf(page)
    await page.reload()
    expect(await stateOf(page)).toEqual(narrower)

    await page.goBack()
    expect(await stateOf(page)).toEqual(narrow)
    await page.goBack()
    expect(await stateOf(page)).toEqual(whole)
    await page.goForward()
    expect(await stateOf(page)).toEqual(narrow)
  })

  test('another page keeps them, and Reset takes them away', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?country=France&product=Laptop&period=2025`))
    expect(await stateOf(page)).toMatchObject({ country: 'France', product: 'Laptop', period: '2025' })
    for (const name of ['Customers', 'Campaigns', 'Trust', 'SQL', 'Overview']) {
      await page.getByRole('navigation').getByRole('link', { name }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
      expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({
        ...{ country: 'France', product: 'Laptop', period: '2025' },
      })
    }
    await page.getByRole('button', { name: 'Reset' }).click()
    await becomes(page, 'country', null)
    expect(await stateOf(page)).toMatchObject({ address: {}, country: '', product: '', period: '12m' })
    expect(await page.getByRole('button', { name: 'Reset' }).count()).toBe(0)
  })

  test('days from and to are chosen one by one, and whole months are months', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const chooseDay = (label: string, value: string) =>
      page.getByRole('search').getByLabel(label, { exact: true }).fill(value)
    await choose(page, 'Period', 'own')
    await page.waitForURL(({ searchParams }) => /^2025-\d\d-01\.\.2026-/.test(searchParams.get('period') ?? ''))
    await chooseDay('From', '2025-01-01')
    await page.waitForURL(({ searchParams }) => searchParams.get('period')?.startsWith('2025-01-01..2026-') ?? false)
    await chooseDay('To', '2024-12-31')
    await chooseDay('To', '2025-03-31')
    await becomes(page, 'period', '2025-01-01..2025-03-31')
    await settled(page)
    const [row] = await shop.place.gold(
      "select sum(total_transactions) as orders from monthly_revenue where month between '2025-01-01' and '2025-03-01'",
    )
    expect(await page.locator('[data-kpi="orders"] .kpi-value').textContent()).toBe(row?.['orders'])
  })

  test('what stands in an address and cannot be is told, not shown', async ({ visit }) => {
    const page = await visit(`${shop.url}/?period=soon`, { troubles: /status of 400/ })
    expect(await page.getByRole('alert').innerText()).toMatch(/cannot be shown[\s\S]*2025-01\.\.2025-06/)
    await page.getByRole('button', { name: 'Reset' }).click()
    await settled(page)
    expect(await page.locator('[data-kpi="revenue"]').count()).toBe(1)
  })

  test('an address of no view is told of', async ({ visit }) => {
    const page = await visit(`${shop.url}/nowhere`, { troubles: /status of 404/ })
    // Within the frame: from there every page can be reached.
    expect(await page.locator('main').innerText()).toContain('There is no page /nowhere.')
    expect(await page.title()).toBe('Nothing there · Lingot')
    await page.getByRole('navigation').getByRole('link', { name: 'Products' }).click()
    await page.getByRole('heading', { level: 1, name: 'Products' }).waitFor()
  })

  test('the order of a table is kept, and opens it', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=all`))
    const card = page.locator('section', { has: page.locator('[data-figure="revenue-by-product"]') })
    await card.getByRole('button', { name: 'Table' }).click()
    const names = () => card.locator('tbody td:first-child').allTextContents()
    const before = await names()
    await card.getByRole('columnheader', { name: 'Product' }).getByRole('button').click()
    await becomes(page, 'order.revenue-by-product', 'product')
    const sorted = await names()
    expect(sorted).not.toEqual(before)
    await card.getByRole('columnheader', { name: 'Product' }).getByRole('button').click()
    await becomes(page, 'order.revenue-by-product', '-product')
    const turned = await names()
    expect(turned).toEqual(sorted.toReversed())
    await page.reload()
    await settled(page)
    expect(await names()).toEqual(turned)
    // It is of this page.
    await page.getByRole('navigation').getByRole('link', { name: 'Products' }).click()
    await becomes(page, 'order.revenue-by-product', null)
  })
})

describe.skipIf(!hasBrowser)('below a path of a proxy', () => {
  test('every address is, whether the proxy sends the path or takes it away', async ({ visit, closing }) => {
    const { port } = await closing(serve(shop.place, { folder: built, basePath: '/shop/eu' }))
    const page = await visit(`http://127.0.0.1:${port}/shop/eu?country=France`)
    const others: string[] = []
    page.on('request', (request) => {
      const { pathname } = new URL(request.url())
      if (!`${pathname}/`.startsWith('/shop/eu/')) others.push(pathname)
    })
    await page.reload()
    await settled(page)
    await page.getByRole('navigation').getByRole('link', { name: 'Customers' }).click()
    await page.waitForURL(`http://127.0.0.1:${port}/shop/eu/customers?country=France`)
    await settled(page)
    expect(await page.locator('nav [aria-current="page"]').textContent()).toContain('Customers')
    const csv = await page.locator('a[download]').first().getAttribute('href')
    expect(csv).toMatch(/^\/shop\/eu\/api\/csv\//)
    expect(await page.evaluate(() => document.fonts.size > 0 && document.fonts.ready.then(() => true))).toBe(true)
    await page.getByRole('link', { name: 'Lingot' }).click()
    await page.waitForURL(`http://127.0.0.1:${port}/shop/eu/?country=France`)
    await settled(page)
    expect(await page.locator('nav [aria-current="page"]').textContent()).toContain('Overview')
    expect(others).toEqual([])
    const statuses = await Promise.all(
      ['/shop/eu/api/status', '/api/status', '/shop/eu', '/', '/shop/europe/api/status', '/shop/eu/healthz'].map(
        async (path) => (await ask(port, path)).status,
      ),
    )
    expect(statuses).toEqual([200, 200, 200, 200, 404, 200])
    expect((await ask(port, '/shop/eu/api/openapi.json')).json().servers).toEqual([{ url: '/shop/eu' }])
  })
})
