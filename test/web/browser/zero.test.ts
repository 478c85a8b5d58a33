import { afterAll, beforeAll, describe, expect } from 'vitest'
import { runPipeline } from '../../run.ts'
import { openPlace } from '../../trust/place.ts'
import { type Shop, serveShop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop

/** A shop that sold something every month, and does not know for how much. */
beforeAll(async () => {
  if (!hasBrowser) return
  const place = await openPlace()
  const sale = (number: number) => ({
    transaction_id: `T${number}`,
    customer_id: `C${number % 2}`,
    product: number % 3 === 0 ? 'Webcam' : 'Laptop',
    timestamp: `2025-0${1 + (number % 4)}-05`,
  })
  await place.load({
    customers: [
      { customer_id: 'C0', country: 'Luxembourg' },
      { customer_id: 'C1', country: 'France' },
    ],
    transactions: Array.from({ length: 24 }, (_, i) => sale(i)),
    campaigns: [{ campaign_id: 'A', impressions: 0, clicks: 0, conversions: 0, spend: 0, budget: 0 }],
  })
  await runPipeline(place.client, place.postgresUrl, place.names)
  shop = await serveShop(place)
})

afterAll(() => shop?.close())

describe.skipIf(!hasBrowser)('nothing is drawn as nothing', () => {
  test.for([
    ['/?period=3m&country=Luxembourg&product=Webcam', ['revenue-by-month', 'revenue-by-product', 'revenue-by-country']],
    ['/products?period=all', ['revenue-by-month-and-product']],
    ['/countries?period=all', ['revenue-by-country', 'revenue-by-month-and-country', 'value-per-customer']],
    ['/campaigns?period=all', ['campaigns-funnel']],
  ] as const)('at %s', async ([path, figures], { visit }) => {
    const page = await settled(await visit(`${shop.url}${path}`))
    for (const figure of figures) {
      const chart = page.locator(`[data-figure="${figure}"] .chart svg`).first()
      await chart.waitFor()
      const bars = await chart.locator('rect').evaluateAll((rects) =>
        rects
          .filter((rect) => rect.closest('clipPath, defs') === null)
          .map((rect) => rect.getBoundingClientRect())
          .filter(({ width, height }) => width > 1 && height > 1)
          .map(({ width, height }) => `${figure} ${width} × ${height}`),
      )
      expect({ figure, bars }).toEqual({ figure, bars: [] })
    }
  })
})

describe.skipIf(!hasBrowser)('how long a run took', () => {
  test.for([
    [59_940, '59.9 s'],
    [59_960, '1 min 0 s'],
    [119_400, '1 min 59 s'],
    [119_700, '2 min 0 s'],
  ] as const)('is, for %d milliseconds, %s', async ([milliseconds, text], { visit }) => {
    const { client, names } = shop.place
    const runs = client.db(names.silver).collection('runs')
    await runs.updateMany({}, [{ $set: { finished: { $add: ['$started', milliseconds] } } }])
    const page = await settled(await visit(`${shop.url}/trust`))
    await expect.poll(() => page.locator('main').textContent()).toContain(text)
  })
})
