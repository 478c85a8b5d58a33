import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { shop as openExplained } from './explained_shop.ts'
import type { Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop
beforeAll(async () => {
  if (hasBrowser) shop = await openExplained()
}, 60_000)
afterAll(() => shop?.close())

const shots = process.env['SHOTS']
describe.skipIf(!hasBrowser || !shots)('pictures', () => {
  test('of the panel', async ({ visit }) => {
    const looks = [
      { colorScheme: 'light', width: 1440, locale: 'en-GB' },
      { colorScheme: 'dark', width: 1440, locale: 'en-GB' },
      { colorScheme: 'light', width: 390, locale: 'fr-FR' },
    ] as const
    for (const { colorScheme, width, locale } of looks) {
      const page = await visit(shop.url, { colorScheme, locale, viewport: { width, height: 900 }, troubles: /./ })
      for (const [name, path] of [
        ['month', '/?explain=month:2025-03&why=total_revenue'],
        ['figure', '/?explain=figure:overview.revenue'],
        ['customer', '/customers?explain=customer:ODD2'],
        ['product', '/products?explain=product:Laptop'],
        ['campaign', '/campaigns?explain=campaign:CAMP0001'],
      ] as const) {
        await page.goto(shop.url + path)
        await settled(page)
        await page.locator('[data-explained], .explanation .trouble').first().waitFor()
        await page.locator('.explanation .loading').waitFor({ state: 'detached' })
        await page.waitForTimeout(300)
        await whole(page, `${shots}/${name}-${colorScheme}-${width}-${locale}.png`)
      }
    }
  }, 120_000)
})

async function whole(page: Page, path: string) {
  const height = await page.locator('.explanation').evaluate((dialog) => dialog.scrollHeight)
  const size = page.viewportSize() ?? { width: 1440, height: 900 }
  await page.setViewportSize({ ...size, height: Math.min(Math.max(height, 900), 2600) })
  await page.screenshot({ path })
  await page.setViewportSize(size)
}
