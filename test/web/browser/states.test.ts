import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import { openProxy } from '../../chaos/proxy.ts'
import { openPlace } from '../../trust/place.ts'
import { serve } from '../place.ts'
import { figureSpecs } from './figure_specs.ts'
import { paths } from './pages.ts'
import { built, openShop, serveShop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

const revenue = (page: Page) => page.locator('[data-kpi="revenue"] .kpi-value')

describe.skipIf(!hasBrowser)('a page', () => {
  test('without gold says what to do', async ({ visit, closing }) => {
    const { url } = await closing(openPlace().then(serveShop))
    const page = await visit(url, { troubles: /status of 40\d/ })
    for (const path of paths.filter((path) => path !== '/sql')) {
      await page.goto(url + path)
      await settled(page)
      expect(await page.getByRole('alert').first().innerText(), path).toMatch(
        /This cannot be shown yet[\s\S]*lingot run/,
      )
    }
    await page.getByText('No gold yet: start a run.').waitFor()
  })

  test('over tables without rows is calm', async ({ visit, closing }) => {
    const { url, place } = await closing(openShop())
    const tables = await place.gold(
      `select relname from pg_class join pg_namespace on relnamespace = pg_namespace.oid
       where nspname = '${place.names.goldSchema}' and relkind = 'r' and relname <> 'gold_run'`,
    )
    await place.gold(`truncate ${tables.map(({ relname }) => relname).join(', ')}`)
    const page = await visit(url)
    for (const path of paths) {
      await page.goto(url + path)
      await settled(page)
      expect(await page.getByRole('alert').count(), path).toBe(0)
      expect(await page.locator('main').innerText(), path).not.toMatch(/NaN|undefined|Infinity/)
      if (path !== '/') continue
      expect(await page.getByText('There is nothing to show for this choice.').count()).toBeGreaterThanOrEqual(3)
      expect(await page.locator('[data-kpi="orders"] .kpi-value').textContent()).toBe('0')
      expect(await page.locator('[data-kpi="average_order_value"] .kpi-value').textContent()).toBe('–')
    }
  })

  test('says that PostgreSQL is gone, and shows the numbers when it is back', async ({ visit, closing }) => {
    const { place, url } = await closing(openShop())
    const whole = await settled(await visit(url))
    const shown = await revenue(whole).textContent()
    await whole.close()

    const way = await closing(openProxy(Number(new URL(place.postgresUrl).port)))
    const postgresUrl = Object.assign(new URL(place.postgresUrl), { port: String(way.port) }).href
    const served = await closing(serve({ ...place, postgresUrl }, { folder: built }))
    const page = await visit(`http://127.0.0.1:${served.port}`, { troubles: /status of 503/ })
    await settled(page)
    expect(await revenue(page).textContent()).toBe(shown)
    way.cut(60_000)
    await page.getByText('PostgreSQL does not answer').waitFor()
    await page.getByRole('combobox', { name: 'Period' }).selectOption('3m')
    expect(await page.getByRole('alert').first().innerText()).toMatch(
      /The data cannot be reached[\s\S]*It is tried again by itself/,
    )
    way.cut(0)
    await page.getByText('Data of the run of').waitFor()
    await revenue(page).waitFor()
    await page.getByRole('combobox', { name: 'Period' }).selectOption('12m')
    await settled(page)
    expect(await revenue(page).textContent()).toBe(shown)
  })

  test('says that the server is gone, and goes on when it is back', async ({ visit, closing }) => {
    const { place } = await closing(openShop())
    const first = await serve(place, { folder: built })
    const page = await visit(`http://127.0.0.1:${first.port}`, { troubles: /ERR_|Failed to load/ })
    await settled(page)
    const shown = await revenue(page).textContent()
    await first.close()
    await page.getByText('Lingot does not answer').waitFor()
    // What was read stays; what is asked for now is not there.
    expect(await revenue(page).textContent()).toBe(shown)
    await page.getByRole('combobox', { name: 'Period' }).selectOption('3m')
    expect(await page.getByRole('alert').first().innerText()).toMatch(/Lingot itself does not answer/)
    await closing(serve(place, { folder: built, port: first.port }))
    await page.getByText('Data of the run of').waitFor()
    await revenue(page).waitFor()
    expect(await page.getByRole('alert').count()).toBe(0)
  })

  test('says that it loads while an answer takes long, and shows the last one meanwhile', async ({
    visit,
    closing,
  }) => {
    const { url } = await closing(openShop())
    const page = await visit('about:blank')
    let go = () => {}
    await page.route('**/api/pages/**', async (route) => {
      await new Promise<void>((resolve) => {
        go = resolve
      })
      await route.continue()
    })
    await page.goto(url)
    const status = page.locator('main').getByRole('status')
    await status.first().waitFor()
    expect(await status.first().textContent()).toBe('Loading…')
    expect(await page.locator('main .content').getAttribute('aria-busy')).toBe('true')
    go()
    await settled(page)
    expect(await page.locator('[data-figure]').count()).toBe(figureSpecs.overview?.length)
    const shown = await revenue(page).textContent()

    await page.getByRole('combobox', { name: 'Country' }).selectOption('France')
    await page.locator('main .content[aria-busy="true"]').waitFor()
    expect(await revenue(page).textContent()).toBe(shown)
    go()
    await settled(page)
    expect(await revenue(page).textContent()).not.toBe(shown)
  })
})
