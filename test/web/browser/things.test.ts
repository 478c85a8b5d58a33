import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { ask } from '../http.ts'
import { exactly } from './pages.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { type Kind, written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

const first = async (sql: string) => (await shop.place.gold(sql))[0] ?? {}
const keyFigure = (page: Page, name: string) => exactly(page.locator(`[data-kpi="${name}"] .kpi-value`))
const recordsOf = (page: Page, collection: string) => page.locator(`[data-part="silver-${collection}"] tbody tr`)

describe.skipIf(!hasBrowser)('the page of', () => {
  test('a customer is their row, their segment and their transactions', async ({ visit }) => {
    const best = await first('select * from customer_metrics order by total_transactions desc, total_spent desc')
    const page = await settled(await visit(`${shop.url}/customers?search=${best['customer_id']}`))
    const all = page.locator('[data-figure="customers"]')
    await all.getByRole('link', { name: best['full_name'] ?? '' }).click()
    await page.waitForURL(({ pathname, searchParams }) => {
      return pathname === '/customer' && searchParams.get('customer') === best['customer_id']
    })
    await page.getByRole('heading', { level: 1, name: best['full_name'] ?? '' }).waitFor()
    for (const [name, kind] of [
      ['total_spent', 'money'],
      ['total_transactions', 'integer'],
      ['avg_transaction_amount', 'money'],
      ['first_purchase_date', 'date'],
      ['last_purchase_date', 'date'],
    ] as [string, Kind][]) {
      expect(await keyFigure(page, name), name).toBe(written(best[name], kind))
    }
    const above = await first(`select count(*) as n from customer_metrics where total_spent > ${best['total_spent']}`)
    const all_ = await first('select count(*) as n from customer_metrics')
    expect(await page.locator('[data-kpi="total_spent"] .kpi-note').textContent()).toBe(
      `${Number(above['n']) + 1} of ${all_['n']} by what they spent`,
    )
    await recordsOf(page, 'transactions').first().waitFor()
    expect(await recordsOf(page, 'transactions').count()).toBe(Number(best['total_transactions']))
    await page.locator('[data-kpi="total_spent"]').getByRole('button').press('Enter')
    const panel = page.getByRole('dialog')
    await panel.locator('.explained-value .agrees').waitFor()
    expect(await panel.getByRole('link', { name: `The page of ${best['customer_id']}` }).count()).toBe(1)
  })

  test('a customer who does not exist says so', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/customer?customer=NOBODY`, { troubles: /404/ }))
    expect(await page.getByRole('main').getByRole('alert').textContent()).toContain('Gold has no such customer.')
  })

  test('all customers have the segments that gold counts', async () => {
    const port = Number(new URL(shop.url).port)
    const found = new Map<string, number>()
    for (const { customer_id: id } of await shop.place.gold('select customer_id from customer_metrics')) {
      const { columns, rows } = (await ask(port, `/api/customers/${encodeURIComponent(id ?? '')}`)).json()
      const at = (name: string) => rows[0][columns.findIndex((column: { name: string }) => column.name === name)]
      const key = ['country', 'recency', 'frequency', 'monetary', 'segment'].map(at).join(' | ')
      found.set(key, (found.get(key) ?? 0) + 1)
    }
    const counted = await shop.place.gold(
      `select concat_ws(' | ', country, recency, frequency, monetary, segment) as key, sum(customers) as customers
       from customer_segments group by 1`,
    )
    expect(found.size).toBeGreaterThan(5)
    expect(Object.fromEntries(found)).toEqual(
      Object.fromEntries(counted.map(({ key, customers }) => [key, Number(customers)])),
    )
  })

  test('a product is the overview of it, and a second step opens its rows', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/products?period=all`))
    await page.getByRole('link', { name: 'The page of Laptop', exact: true }).click()
    await page.waitForURL(
      ({ pathname, searchParams }) => pathname === '/product' && searchParams.get('product') === 'Laptop',
    )
    await settled(page)
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Laptop')
    const row = await first("select * from product_performance where product = 'Laptop'")
    expect(await keyFigure(page, 'revenue')).toBe(written(row['total_revenue'], 'money'))
    expect(await keyFigure(page, 'active_customers')).toBe(written(row['unique_customers'], 'integer'))
    await page.getByRole('button', { name: 'Show its transactions' }).click()
    const panel = page.getByRole('dialog')
    await recordsOf(page, 'transactions').first().waitFor()
    expect(await recordsOf(page, 'transactions').count()).toBe(10)
    await panel.getByRole('button', { name: 'Show up to 200 records' }).click()
    await expect
      .poll(() => recordsOf(page, 'transactions').count(), { timeout: 10_000 })
      .toBe(Math.min(200, Number(row['total_sales'])))
    expect(await panel.locator('.explained-value .kpi-value').textContent()).toBe(
      written(row['total_revenue'], 'money'),
    )
  })

  test('a campaign is its row and its records', async ({ visit }) => {
    const campaign = await first(
      `select performance.*, spending.total_spend, spending.records from campaign_performance as performance
       inner join campaign_spending as spending using (campaign_id)
       where total_spend is not null and campaign_name <> 'Unknown' order by total_spend desc`,
    )
    const page = await settled(await visit(`${shop.url}/campaigns?period=all`))
    await page.locator('[data-figure="campaigns"] tbody tr').first().getByRole('link').click()
    await page.waitForURL(({ pathname }) => pathname === '/campaign')
    await page.getByRole('heading', { level: 1, name: campaign['campaign_name'] ?? '' }).waitFor()
    await recordsOf(page, 'campaigns').first().waitFor()
    expect(await recordsOf(page, 'campaigns').count()).toBe(Number(campaign['records']))
    expect(await keyFigure(page, 'spend')).toBe(written(campaign['total_spend'], 'money'))
    expect(await keyFigure(page, 'total_clicks')).toBe(written(campaign['total_clicks'], 'integer'))
    expect(await keyFigure(page, 'roi')).toBe(written(campaign['roi'], 'percent2'))
  })

  test.for(['light', 'dark'] as const)(
    'one thing shuts nobody out where it is %s, and cuts nothing on a phone',
    async (colorScheme, { visit }) => {
      const { customer_id: customer } = await first('select customer_id from customer_metrics order by 1')
      const { campaign_id: campaign } = await first('select campaign_id from campaign_performance order by 1')
      const page = await visit(shop.url, { colorScheme, viewport: { width: 390, height: 844 } })
      for (const path of [
        `/customer?customer=${customer}`,
        '/product?product=Laptop&country=France&country=Suisse',
        `/campaign?campaign=${campaign}`,
        '/customer',
      ]) {
        await page.goto(shop.url + path)
        await settled(page)
        await page.evaluate(axe.source)
        const { violations } = await page.evaluate(() =>
          (window as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ['violations'] }),
        )
        const found = violations
          .filter(({ id, impact }) => id === 'heading-order' || impact === 'serious' || impact === 'critical')
          .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
        expect(found, path).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(390)
      }
    },
  )

  test('all of them speak French', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/customer?customer=ODD1`, { locale: 'fr-FR' }))
    await recordsOf(page, 'transactions').first().waitFor()
    expect(await page.locator('[data-kpi="total_spent"] .kpi-note').textContent()).toMatch(/par les dépenses$/)
    expect(await page.locator('.page-head').textContent()).toContain('Tous les clients')
  })
})
