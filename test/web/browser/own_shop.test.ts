import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Config, configOf } from '../../../src/settings/config.ts'
import { runPipeline } from '../../run.ts'
import { openPlace } from '../../trust/place.ts'
import { ask } from '../http.ts'
import { type Shop, serveShop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

const question = (name: string, sql: string) => ({ name, file: `/shop/questions/${name}.sql`, sql })

/** Orders of several lines, filters, questions of its own; no campaigns, and customers of no country. */
async function openOwnShop(): Promise<Shop> {
  const place = await openPlace()
  await place.load({
    customers: [{ customer_id: 'C1', segment: 'Home' }, { customer_id: 'C2' }],
    transactions: Array.from({ length: 12 }, (_, i) => ({
      ...{ transaction_id: `T${i}`, order: `O${i >> 1}`, customer_id: `C${1 + ((i % 4) >> 1)}` },
      ...{ product: i % 2 === 0 ? 'Desk' : 'Chair', room: i % 2 === 0 ? 'Office' : 'Hall' },
      ...{ amount: 10 + i, timestamp: `2025-0${1 + (i % 3)}-05` },
    })),
  })
  const kept = { kind: 'label', personal: false, filter: true }
  const value = {
    currency: 'USD',
    collections: {
      transactions: { fields: { order_id: 'order' }, keep: { room: { ...kept, meaning: 'Where it stands.' } } },
      customers: { keep: { segment: { ...kept, meaning: 'Of the customer.' } } },
    },
  }
  const { project, ...config }: Config = await configOf({ file: 'lingot.config.json', value }, {})
  const questions = [
    question(
      'best_room',
      '-- Which room sells best?\n-- By revenue.\n\nselect room, sum(revenue) as revenue\nfrom filtered_sales group by room order by 2 desc',
    ),
    question('wrong', '-- Who sells?\n-- By revenue.\n\nselect seller from customer_metrics'),
    question('buyers', '-- Who buys?\n\nselect full_name, city from customer_metrics'),
  ]
  const own = { ...config, project: { ...project, questions } }
  await runPipeline(place.client, place.postgresUrl, { ...own, ...place.names })
  return serveShop(place, { ...own, ...place.names })
}

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openOwnShop()
})
afterAll(() => shop?.close())

describe.skipIf(!hasBrowser)('the dashboard of a shop of its own kind', () => {
  test('counts orders, and tells how many transactions they have', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=all`))
    expect(await page.locator('[data-kpi="orders"] .kpi-value').textContent()).toBe('6')
    expect(await page.locator('[data-kpi="orders"] .kpi-note').textContent()).toBe('12 transactions, 2.0 an order')
    expect(await page.locator('[data-kpi="average_order_value"] .kpi-value').textContent()).toBe('US$31.00')
  })

  test.for([
    ['sales/2025-01', '4', '14.50'],
    ['sales/2025-01..2025-02', '6', '20.00'],
    ['product/Desk?period=2025-01..2025-02', '4', '15.00'],
    ['sales/2025-01?filter.room=Office', undefined, undefined],
  ] as const)('has silver count the orders of %s once, as gold does', async ([path, orders, average]) => {
    const { status, json } = await ask(Number(new URL(shop.url).port), `/api/explain/${path}`)
    expect(status).toBe(200)
    const { row } = json()
    const told = (name: string) => row.find(({ column }: { column: string }) => column === name)
    expect(row.filter(({ agrees }: { agrees: boolean }) => !agrees)).toEqual([])
    for (const [name, value] of [
      ['orders', orders],
      ['average_order_value', average],
    ] as const) {
      // What does not add up over values of a filter is not told.
      if (value === undefined) expect(told(name)).toBeUndefined()
      else expect(told(name)).toMatchObject({ value, workedOut: value })
    }
  })

  test('calls a customer without a name by the id, once', async ({ visit }) => {
    const [best] = await shop.place.gold('select customer_id from customer_metrics order by total_spent desc limit 1')
    const page = await settled(await visit(`${shop.url}/?period=all`))
    const answer = page.locator('[data-answer="1"] > p').first()
    expect(await answer.textContent()).toMatch(new RegExp(`^${best?.['customer_id']} spent `))
    await page.goto(`${shop.url}/customers`)
    await settled(page)
    const cells = page.locator('[data-figure="best-customers"] tbody tr').first().locator('td')
    expect((await cells.allTextContents()).map((text) => text.trim())).toContain(best?.['customer_id'])
  })

  test('shows the answers to its own questions as cards, with a chart where there is a number', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const best = page.locator('[data-figure="best_room"]')
    await best.locator('.chart svg').waitFor()
    const card = page.locator('.card', { has: best })
    expect(await card.locator('h2').textContent()).toBe('Which room sells best?')
    expect(await card.locator('.card-head p').textContent()).toContain('By revenue.')
    await card.getByRole('button', { name: 'Table' }).click()
    expect(await best.locator('tbody tr').first().textContent()).toBe('Hall96.00')
    const buyers = page.locator('[data-figure="buyers"]')
    expect(await buyers.locator('tbody tr').count()).toBe(2)
    expect(await buyers.locator('.chart').count()).toBe(0)
    expect(await page.locator('[data-answer]').count()).toBe(5)
  })

  test('says of a question of its own why it has no answer', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const wrong = page.locator('[data-figure="wrong"]')
    await wrong.waitFor()
    expect(await wrong.innerText()).toMatch(/wrong\.sql, line 4, column 8: .*seller.*\n+Correct it/)
    const card = page.locator('.card', { has: wrong })
    expect(await card.locator('.card-head > div').textContent()).toBe('Who sells?By revenue.')
  })

  test('leaves pages without data out of the navigation, names them, and leads nowhere else to them', async ({
    visit,
  }) => {
    const page = await settled(await visit(shop.url))
    const entries = page.locator('.sidebar nav a')
    await expect
      .poll(() => entries.allTextContents())
      .toEqual(['Overview', 'Customers', 'Products', 'Explore', 'Trust', 'Glossary', 'SQL'])
    expect(await page.locator('.sidebar .without-data').textContent()).toBe('Without data: Campaigns, Countries')
    await page.locator('[data-answer]').first().waitFor()
    const ways = await page
      .locator('main a:not([href^="/sql"])')
      .evaluateAll((all) => all.map((a) => a.getAttribute('href')))
    expect([...new Set(ways)].sort()).toEqual([
      '/',
      '/customers',
      '/products',
      '/trust',
      '/trust#checks',
      '/trust#revenue',
    ])
  })

  test('is narrowed to the values of its filters, and says what that cannot answer', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=all`))
    const room = page.locator('.filters label', { hasText: 'Room' }).locator('select')
    expect(await page.locator('.unanswered').count()).toBe(0)
    await page.locator('[data-figure="revenue-by-room"] .chart svg').waitFor()
    await room.selectOption('Office')
    await page.locator('.unanswered').waitFor()
    expect(new URL(page.url()).searchParams.get('filter.room')).toBe('Office')
    expect(await page.locator('.unanswered').textContent()).toContain('Chosen by Room')
    expect(await page.locator('[data-kpi="revenue"] .kpi-value').textContent()).toBe('US$90.00')
    for (const kpi of ['orders', 'average_order_value', 'active_customers', 'repeat_rate_pct']) {
      expect(await page.locator(`[data-kpi="${kpi}"] .kpi-value`).textContent(), kpi).toBe('–')
    }
    await page.locator('.sidebar nav a[href^="/products"]').click()
    await settled(page)
    await expect.poll(() => page.locator('[data-kpi="sales"] .kpi-value').textContent()).toBe('6')
    expect(await room.inputValue()).toBe('Office')
    await page.getByRole('button', { name: 'Reset' }).click()
    await expect.poll(() => page.locator('.unanswered').count()).toBe(0)
    expect(new URL(page.url()).search).toBe('')
  })
})
