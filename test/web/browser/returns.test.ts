import { afterAll, beforeAll, describe, expect } from 'vitest'
import { type Config, configOf } from '../../../src/settings/config.ts'
import type { Page as PageTold } from '../../../src/web/api.ts'
import { explain, runPipeline } from '../../run.ts'
import { openPlace } from '../../trust/place.ts'
import { ask } from '../http.ts'
import { exactly, tableOf } from './pages.ts'
import { type Shop, serveShop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop
let config: Config

/** What each record of a campaign cost and brought in; a campaign may have several. */
const records = [
  { campaign_id: 'A', campaign_name: 'Spring', spend: 100, revenue: '1 250,50', start_date: '2025-03-01' },
  { campaign_id: 'A', spend: 50.25, start_date: '2025-04-01' },
  { campaign_id: 'B', campaign_name: 'Autumn', spend: 80, revenue: 20, start_date: '2025-05-01' },
  { campaign_id: 'C', campaign_name: 'Free', spend: 0, revenue: 10, start_date: '2025-05-02' },
  { campaign_id: 'D', campaign_name: 'Unknown to all', spend: 10, start_date: '2025-05-03' },
  { campaign_id: 'E', campaign_name: 'Of another year', spend: 10, revenue: 30, start_date: '2024-05-03' },
]

/** A shop that says of its campaigns what they brought in. */
beforeAll(async () => {
  if (!hasBrowser) return
  const place = await openPlace()
  const months = Array.from({ length: 24 }, (_, i) => new Date(Date.UTC(2024, i, 5)).toISOString())
  await place.load({
    customers: [{ customer_id: 'C1' }],
    transactions: months.map((timestamp, i) => ({ transaction_id: `T${i}`, customer_id: 'C1', amount: 5, timestamp })),
    campaigns: records,
  })
  const attributed = { kind: 'money', from: 'revenue', personal: false, value: true, meaning: 'What it sold.' }
  const value = { collections: { campaigns: { keep: { attributed } } } }
  config = await configOf({ file: 'lingot.config.json', value }, {})
  await runPipeline(place.client, place.postgresUrl, { ...config, ...place.names })
  shop = await serveShop(place, { ...config, ...place.names })
})

afterAll(() => shop?.close())

describe.skipIf(!hasBrowser)('what campaigns brought in', () => {
  test('is a return by its formula, over the records that know both', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/campaigns?period=2025`))
    expect(await tableOf(page, 'campaign-returns')).toEqual([
      // (1,250.50 - 100) / 100: what the record without a value cost is not in it.
      ['SpringA', 'Unknown', '1,250.50', '150.25', '1,150.50%'],
      ['AutumnB', 'Unknown', '20.00', '80.00', '-75.00%'],
      ['FreeC', 'Unknown', '10.00', '0.00', '–'],
    ])
    const card = page.locator('.card', { has: page.locator('[data-figure="campaign-returns"]') })
    // (1,250.50 + 20 + 10 - 180) / 180
    expect(await card.locator('.card-head p').textContent()).toContain(
      'Return = (value − spend) ÷ spend × 100, over the records that know both. The 3 campaigns that have one brought in 1,280.50 for 180.00: 611.39%. For 1 it is not known.',
    )
    await card.locator('tbody td').nth(4).getByRole('button').click()
    const panel = page.getByRole('dialog')
    await panel.locator('[data-explained="campaign_value:A"]').waitFor()
    const told = await explain(shop.place.client, shop.place.postgresUrl, 'campaign_value', 'A', {
      ...config,
      ...shop.place.names,
    })
    const [rate] = told.row.filter(({ column }) => column === 'return_rate')
    expect(rate?.value).toBe('1150.500000')
    expect(await panel.locator('.explained-value[data-column="return_rate"] .kpi-value').textContent()).toBe(
      '1,150.50%',
    )
  })

  test('is said of no campaign where no field is declared, nor where gold is older', async ({ visit, closing }) => {
    const { place } = shop
    const own = await closing(serveShop({ ...place, leave: async () => {} }))
    const figuresAt = async (url: string, query: string) => {
      const { status, json } = await ask(Number(new URL(url).port), `/api/pages/campaigns?${query}`)
      expect(status).toBe(200)
      return Object.keys((json() as PageTold).figures).filter((name) => /return/.test(name))
    }
    expect(await figuresAt(shop.url, 'period=all')).toEqual(['returned', 'returns'])
    expect(await figuresAt(own.url, 'period=all')).toEqual([])
    const page = await settled(await visit(`${own.url}/campaigns?period=all`))
    expect(await exactly(page.locator('[data-kpi="campaigns"] .kpi-value'))).toBe('5')
    expect(await page.locator('[data-figure="campaign-returns"]').count()).toBe(0)
    await place.gold('alter table campaign_value rename to campaign_value_gone')
    try {
      expect(await figuresAt(shop.url, 'period=all&compare=none')).toEqual([])
    } finally {
      await place.gold('alter table campaign_value_gone rename to campaign_value')
    }
  })
})
