import { afterAll, beforeAll, describe, expect } from 'vitest'
import { serve } from '../place.ts'
import { built, openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

describe.skipIf(!hasBrowser)('amounts', () => {
  test.for([
    ['en-GB', 'CHF', /CHF/],
    ['fr-FR', 'EUR', /€/],
    ['fr-FR', undefined, undefined],
  ] as const)('in %s are in %s on every page, where the shop says so', async (line, { visit, closing }) => {
    const [locale, currency, mark] = line
    const { port } = await closing(serve(shop.place, { folder: built, config: { currency } }))
    const [gold] = await shop.place.gold("select revenue from reconciliation where gold_table = 'all sales'")
    const written = new Intl.NumberFormat(locale, {
      ...(currency && { style: 'currency', currency }),
      minimumFractionDigits: 2,
    }).format(gold?.['revenue'] as Intl.StringNumericLiteral)

    const page = await visit(`http://127.0.0.1:${port}/?period=all`, { locale })
    await settled(page)
    for (const path of ['/', '/customers', '/products', '/campaigns', '/countries', '/trust']) {
      await page.goto(`http://127.0.0.1:${port}${path}?period=all`)
      await settled(page)
      const text = () => page.locator('main').innerText()
      if (mark === undefined) expect(await text(), path).not.toMatch(/CHF|€/)
      else await expect.poll(text, { message: path }).toMatch(mark)
    }
    // The last of them tells all revenue.
    expect(await page.locator('main').innerText()).toContain(written)
  })

  test.for([
    ['en-GB', 'Amounts of several currencies are added up as if they were of one (transactions.amount).'],
    [
      'fr-FR',
      'Des montants en plusieurs devises sont additionnés comme s’il n’y en avait qu’une (transactions.amount).',
    ],
  ] as const)(
    'in %s that are of several currencies are told on each page that adds them up',
    async (line, { visit, closing }) => {
      const [locale, notice] = line
      const { port } = await closing(serve(shop.place, { folder: built }))
      const page = await visit(`http://127.0.0.1:${port}/?period=all`, { locale })
      await settled(page)
      expect(await page.locator('main').innerText()).not.toContain(notice)
      await shop.place.gold("update gold_run set several_currencies = 'transactions.amount'")
      const paths = ['/', '/customers', '/products', '/campaigns', '/countries']
      for (const path of paths) {
        const told = async () => {
          await page.goto(`http://127.0.0.1:${port}${path}?period=all`)
          await settled(page)
          return page.locator('main').innerText()
        }
        await expect.poll(told, { message: path, timeout: 10_000 }).toContain(notice)
      }
      await shop.place.gold('update gold_run set several_currencies = null')
    },
  )
})
