import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { exactly, tableOf } from './pages.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

const kpi = (page: Page, name: string) => page.locator(`[data-kpi="${name}"]`)
const keyFigure = (page: Page, name: string) => exactly(kpi(page, name).locator('.kpi-value'))
const choose = async (page: Page, value: string) => {
  await page.getByRole('search').getByRole('combobox', { name: 'Revenue', exact: true }).selectOption(value)
  await page.waitForURL(({ searchParams }) => searchParams.get('revenue') === (value === 'net' ? 'net' : null))
  await settled(page)
}
/** Revenue and sales of everything by what became of it, of which the table of parts tells. */
const byStatus = async () => {
  const [row] = await shop.place.gold(`
    select
      sum(revenue) as gross,
      sum(revenue) filter (where part not in ('Cancelled', 'Refunded')) as net,
      sum(transactions) filter (where part not in ('Cancelled', 'Refunded')) as sales,
      round(sum(revenue) filter (where part in ('Cancelled', 'Refunded')) * 100 / sum(revenue), 2) as share
    from reconciliation where gold_table = 'by status'`)
  return row ?? {}
}

describe.skipIf(!hasBrowser)('net revenue', () => {
  test('is what was neither cancelled nor refunded; the switch is in the address, the share beside the figure', async ({
    visit,
  }) => {
    const { gross, net, sales, share } = await byStatus()
    const page = await settled(await visit(`${shop.url}/?period=all`))
    expect(await keyFigure(page, 'revenue')).toBe(written(gross, 'money'))
    expect(await kpi(page, 'revenue').textContent()).toContain(
      `${written(share, 'percent')} of it cancelled or refunded`,
    )
    await choose(page, 'net')
    expect(await keyFigure(page, 'revenue')).toBe(written(net, 'money'))
    expect(await kpi(page, 'revenue').locator('dt').textContent()).toBe('Net revenue')
    expect(await kpi(page, 'revenue').textContent()).toContain(`without ${written(share, 'percent')}`)
    expect(await keyFigure(page, 'orders')).toBe(written(sales, 'integer'))
    expect(await keyFigure(page, 'active_customers')).toBe('–')
    expect(await page.locator('.unanswered').textContent()).toContain('Different customers do not add up')
    const months = await shop.place.gold(`
      select sum(revenue - reversed_revenue) as revenue, sum(transactions - reversed_transactions) as orders
      from country_sales where month <> 'Unknown' group by month order by month`)
    expect((await tableOf(page, 'revenue-by-month')).map((row) => row.slice(1, 3))).toEqual(
      months.map(({ revenue, orders }) => [written(revenue, 'money'), written(orders, 'integer')]),
    )
    await page.reload()
    await settled(page)
    expect(await keyFigure(page, 'revenue')).toBe(written(net, 'money'))
    await choose(page, 'gross')
    expect(await keyFigure(page, 'revenue')).toBe(written(gross, 'money'))
  })

  test('goes with a period, a product and a country, and is explained by its records', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/products?period=2025&country=France&revenue=net`))
    const where = "month like '2025-%' and country = 'France' and buyer = 'customer known'"
    const products = await shop.place.gold(`
      select product, sum(revenue - reversed_revenue) as revenue, sum(transactions - reversed_transactions) as sales
      from monthly_sales where ${where} and product <> 'Unknown'
      group by product having sum(transactions - reversed_transactions) > 0 order by revenue desc, product collate "C"`)
    expect(
      (await tableOf(page, 'products')).filter(([name]) => name !== 'Unknown').map((row) => [row[0], row[1], row[3]]),
    ).toEqual(
      products.map(({ product, revenue, sales }) => [product, written(revenue, 'money'), written(sales, 'integer')]),
    )
    const row = page.locator('[data-figure="products"] tbody tr', { hasText: 'Laptop' })
    const revenue = await row.locator('td').nth(1).textContent()
    await row.locator('td').nth(1).getByRole('button').click()
    const panel = page.getByRole('dialog')
    await panel.locator('[data-explained="product:Laptop"]').waitFor()
    expect(await panel.locator('.explained-value .kpi-value').textContent()).toBe(revenue)
    expect(await panel.locator('.explained-value .agrees').count()).toBe(1)
    expect(await panel.textContent()).toContain('2025-01 – 2025-12 / Laptop / France / net')
  })

  test('of each country, and of each of its customers', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/countries?period=all&revenue=net`))
    const countries = await shop.place.gold(`
      select
        statistics.country,
        coalesce(sold.revenue, 0) as revenue,
        round(coalesce(sold.revenue, 0) / statistics.total_customers, 2) as worth
      from country_statistics as statistics
      left join (
        select country, sum(revenue - reversed_revenue) as revenue
        from country_sales where buyer = 'customer known' group by country
      ) as sold on sold.country = statistics.country
      where statistics.country <> 'Unknown'
      order by revenue desc, statistics.country collate "C"`)
    const rows = (await tableOf(page, 'countries')).slice(0, countries.length)
    expect(rows.map((row) => [row[1], row[6]])).toEqual(
      countries.map(({ revenue, worth }) => [written(revenue, 'money'), written(worth, 'money')]),
    )
    const { share } = await byStatus()
    expect(await page.locator('.adds-up').textContent()).toContain(`Net revenue: without ${written(share, 'percent')}`)
  })

  test('in French', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=all&revenue=net`, { locale: 'fr-FR' }))
    expect(await kpi(page, 'revenue').locator('dt').textContent()).toBe('Chiffre d’affaires net')
    expect(await page.locator('.period-line').textContent()).toContain('sans les ventes annulées')
  })
})

describe.skipIf(!hasBrowser)('consent', () => {
  test('is yes and no, with what bronze says nothing of', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/countries`))
    const silver = shop.place.client.db(shop.place.names.silver).collection('customers')
    const bronze = shop.place.client.db(shop.place.names.bronze).collection('customers')
    const [yes, all] = [await silver.countDocuments({ marketing_consent: true }), await silver.countDocuments()]
    const documents = await bronze.countDocuments()
    const silent = await bronze.countDocuments({ $or: [{ marketing_consent: null }, { marketing_consent: '' }] })
    const share = (part: number, of: number) => written(String((part * 100) / of), 'percent')
    const count = (number: number) => written(String(number), 'integer')
    await expect
      .poll(() => page.locator('.consent').textContent())
      .toBe(
        `${count(yes)} said yes (${share(yes, all)}), ${count(all - yes)} did not (${share(all - yes, all)}). ` +
          `${share(silent, documents)} of the documents of bronze say nothing of it, which counts as no.`,
      )
  })
})

describe.skipIf(!hasBrowser)('ROI', () => {
  test('stands as the formula that it is, after what was spent', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/campaigns?period=all`))
    const heads = await page.locator('[data-figure="campaigns"] thead th').allTextContents()
    expect(heads.at(-1)?.trim()).toBe('(Budget − spend) ÷ budget')
    const spend = await shop.place.gold(
      'select total_spend from campaign_spending order by total_spend desc nulls last, campaign_id collate "C" limit 20',
    )
    const rows = await tableOf(page, 'campaigns')
    const at = heads.findIndex((head) => head.trim() === 'Spend')
    expect(rows.slice(0, 20).map((row) => row[at])).toEqual(spend.map((row) => written(row['total_spend'], 'money')))
  })
})

describe.skipIf(!hasBrowser)('money', () => {
  // The last: it makes the shop a hundred times as large.
  test('is short from a million on, and whole under the pointer', async ({ visit }) => {
    await shop.place.gold('update country_sales set revenue = revenue * 100')
    await shop.place.gold('update gold_run set run = run')
    const [row] = await shop.place.gold('select sum(revenue) as revenue from country_sales')
    const value = (page: Page) => kpi(page, 'revenue').locator('.kpi-value')
    const page = await settled(await visit(`${shop.url}/?period=all`))
    const shown = async () => {
      await page.reload()
      await settled(page)
      return value(page).textContent()
    }
    await expect.poll(shown, { timeout: 15_000 }).toBe(written(row?.['revenue'], 'figure'))
    expect(await value(page).textContent()).toMatch(/^\d+(\.\d+)?m$/i)
    expect(await value(page).locator('span[title]').getAttribute('title')).toBe(written(row?.['revenue'], 'money'))
  })
})
