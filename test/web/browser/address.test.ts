import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { ask } from '../http.ts'
import { serve } from '../place.ts'
import { exactly } from './pages.ts'
import { AMPERSAND, built, openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

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

describe.skipIf(!hasBrowser)('several values', () => {
  const one = async (sql: string) => Object.values((await shop.place.gold(sql))[0] ?? {})[0]
  const chips = (page: Page) => page.getByRole('list', { name: 'Narrowed to' }).getByRole('button').allTextContents()
  const values = (page: Page, name: string) => new URL(page.url()).searchParams.getAll(name)
  const revenueIn = (where: string) => one(`select coalesce(sum(revenue), 0.00) from monthly_sales where ${where}`)
  const known = "buyer = 'customer known'"
  const shows = async (page: Page, where: string) => {
    await settled(page)
    expect(await exactly(page.locator('[data-kpi="revenue"] .kpi-value'))).toBe(
      written(await revenueIn(where), 'money'),
    )
  }

  test('are chosen one after the other, and taken away by their chips', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=all`))
    await choose(page, 'Country', 'France')
    await becomes(page, 'country', 'France')
    await choose(page, 'Country', AMPERSAND)
    await page.waitForURL(({ searchParams }) => searchParams.getAll('country').length === 2)
    await shows(page, `country in ('France', '${AMPERSAND}') and ${known}`)
    expect(await chips(page)).toEqual(['Country: France', `Country: ${AMPERSAND}`])
    expect(await page.locator('.unanswered').count()).toBe(0)
    const customers = await one(`select count(*) from customer_metrics where country in ('France', '${AMPERSAND}')`)
    expect(await page.locator('[data-kpi="active_customers"] .kpi-value').textContent()).toBe(
      written(customers, 'integer'),
    )
    await choose(page, 'Product', 'Laptop')
    await becomes(page, 'product', 'Laptop')
    await choose(page, 'Product', ' known')
    await becomes(page, 'known', 'product')
    await page.reload()
    await shows(page, `country in ('France', '${AMPERSAND}') and ${known} and product = 'Laptop'`)
    await page.getByRole('button', { name: 'Take away Product: Laptop' }).click()
    await becomes(page, 'product', null)
    await shows(page, `country in ('France', '${AMPERSAND}') and ${known} and product <> 'Unknown'`)
    await page.getByRole('button', { name: 'Take away Country: France' }).click()
    await page.waitForURL(({ searchParams }) => searchParams.getAll('country').length === 1)
    await page.getByRole('button', { name: `Take away Country: ${AMPERSAND}` }).press('Enter')
    await becomes(page, 'country', null)
    expect(await chips(page)).toEqual(['Product: Without unknown'])
    await page.getByRole('button', { name: 'Reset' }).click()
    await becomes(page, 'known', null)
    expect(await chips(page)).toEqual([])
  })

  test('a name beside a bar narrows, and in a table, and what is explained; all of them are that number', async ({
    visit,
  }) => {
    const page = await settled(await visit(`${shop.url}/?period=2025`))
    const chart = page.locator('[data-figure="revenue-by-country"]')
    await chart.locator('.axis-name').first().click()
    await page.waitForURL(({ searchParams }) => searchParams.has('country'))
    const [country = ''] = values(page, 'country')
    const place = `month like '2025-%' and country = '${country}' and ${known}`
    await shows(page, place)
    const products = page.locator('section', { has: page.locator('[data-figure="revenue-by-product"]') })
    await products.getByRole('button', { name: 'Table', exact: true }).click()
    for (const _ of [1, 2]) {
      // Those that are chosen lead the table then.
      await products.locator('tbody tr').nth(0).getByRole('button').first().press('Enter')
      await page.waitForURL(({ searchParams }) => searchParams.has('product'))
      await settled(page)
    }
    const [product = ''] = values(page, 'product')
    await shows(page, `${place} and product = '${product.replaceAll("'", "''")}'`)
    await products.locator('tbody td.number').first().getByRole('button').click()
    const panel = page.getByRole('dialog')
    await panel.locator('.explained-value .agrees').waitFor()
    await page.keyboard.press('Escape')

    await page.goto(`${shop.url}/?period=2025&country=France&country=${encodeURIComponent(AMPERSAND)}`)
    await settled(page)
    await page.goto(`${page.url()}&explain=product:Laptop`)
    await panel.locator('.explained-value .agrees').waitFor()
    const sum = await revenueIn(
      `month like '2025-%' and country in ('France', '${AMPERSAND}') and ${known} and product = 'Laptop'`,
    )
    expect(await panel.locator('.explained-value .kpi-value').textContent()).toBe(written(sum, 'money'))
    await panel.getByRole('button', { name: 'Show only Laptop' }).click()
    await becomes(page, 'product', 'Laptop')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(values(page, 'country')).toEqual(['France', AMPERSAND])
  })

  test('of customers, their list too', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/customers?country=France&country=Suisse&known=country`))
    const among = "country in ('France', 'Suisse')"
    expect(await page.locator('[data-kpi="customers"] .kpi-value').textContent()).toBe(
      written(await one(`select count(*) from customer_metrics where ${among}`), 'integer'),
    )
    const first = await one(
      `select full_name from customer_metrics where ${among} order by total_spent desc, customer_id`,
    )
    expect(await page.locator('[data-figure="customers"] tbody td').first().textContent()).toBe(first)
  })

  // The last: it makes more products than a list can show.
  test('the server finds them where there are too many for a list', async ({ visit }) => {
    await shop.place.gold(
      `insert into product_performance select 'Thing ' || i, 1, 1, 1, 1 from generate_series(1, 100000) as i`,
    )
    await shop.place.gold('update gold_run set run = run')
    const field = (page: Page) => page.getByRole('search').getByRole('combobox', { name: 'Product', exact: true })
    const page = await visit(shop.url)
    const options = async () => {
      await page.reload()
      await settled(page)
      return field(page).getAttribute('list')
    }
    await expect.poll(options, { timeout: 15_000 }).not.toBeNull()
    await field(page).fill('thing 99')
    const found = page.locator('datalist option')
    await expect.poll(() => found.first().textContent()).toMatch(/^Thing 99/)
    expect(await found.count()).toBe(50)
    await field(page).fill('Thing 99321')
    await expect.poll(() => found.count()).toBe(1)
    await field(page).press('Enter')
    await becomes(page, 'product', 'Thing 99321')
    expect(await chips(page)).toEqual(['Product: Thing 99321'])
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
