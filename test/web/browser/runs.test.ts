import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Status } from '../../../src/web/api.ts'
import { ask } from '../http.ts'
import { TOKEN } from '../place.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

describe.skipIf(!hasBrowser)('a run', () => {
  test('is not offered to who has no token', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    await page.getByText('Data of the run of').waitFor()
    expect(await page.getByRole('button', { name: 'Start a run' }).count()).toBe(0)
  })

  test('is refused to who has a wrong one', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/#token=wrong`, { troubles: /status of 401/ }))
    await page.getByRole('button', { name: 'Start a run' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('The token is missing or wrong.')
  })

  test('is started, seen, and shown when it is over', async ({ visit }) => {
    const page = await visit(`${shop.url}/?period=all#token=${TOKEN}`)
    expect(page.url()).toBe(`${shop.url}/?period=all`)
    await settled(page)
    const orders = page.locator('[data-kpi="orders"] .kpi-value')
    const [before] = await shop.place.gold('select sum(total_sales) as orders from product_performance')
    expect(await orders.textContent()).toBe(written(before?.['orders'], 'integer'))
    const more = Array.from({ length: 20_000 }, (_, i) => ({
      transaction_id: `MORE${i}`,
      product: 'Laptop',
      amount: 1,
      timestamp: '2026-01-05',
    }))
    await shop.place.client.db(shop.place.names.bronze).collection('transactions').insertMany(more)

    const button = page.getByRole('button', { name: 'Start a run' })
    // Everything that the bar tells is kept, however soon it is gone again.
    await page.evaluate(() => {
      const bar = document.querySelector('.top-bar [role="status"]')
      const told: (string | null)[] = []
      Object.assign(window, { told })
      new MutationObserver(() => told.push(bar?.textContent ?? null)).observe(bar as Element, {
        ...{ childList: true, subtree: true, characterData: true },
      })
    })
    await button.click()
    const orderedBefore = written(before?.['orders'], 'integer')
    await page.waitForFunction(
      (text) => document.querySelector('[data-kpi="orders"] .kpi-value')?.textContent !== text,
      orderedBefore,
      { timeout: 40_000 },
    )
    const [after] = await shop.place.gold('select sum(total_sales) as orders from product_performance')
    expect(Number(after?.['orders'])).toBe(Number(before?.['orders']) + more.length)
    await expect.poll(() => orders.textContent()).toBe(written(after?.['orders'], 'integer'))
    const told = await page.evaluate(() => (window as unknown as { told: string[] }).told)
    expect(told.some((text) => /Running: |is under way/.test(text))).toBe(true)
    await expect.poll(() => button.isEnabled()).toBe(true)
    expect(page.url()).toBe(`${shop.url}/?period=all`)

    const status = (await ask(Number(new URL(shop.url).port), '/api/status')).json() as Status
    const checks = status.last?.checks
    expect(checks?.all).toBeGreaterThan(50)
    const done = `done: +20,000 orders, ${checks?.passed} of ${checks?.all} checks`
    await page.getByRole('link', { name: done, exact: true }).click()
    await page.waitForURL(`${shop.url}/trust?period=all#checks`)
  })

  test('that was started here is stopped, and changes nothing', async ({ visit }) => {
    const port = Number(new URL(shop.url).port)
    const gold = ((await ask(port, '/api/status')).json() as Status).gold?.run
    const page = await settled(await visit(`${shop.url}/#token=${TOKEN}`))
    await page.getByRole('button', { name: 'Start a run' }).click()
    await page.getByRole('button', { name: 'Stop the run' }).click()
    await page.getByText(/The run of .* was stopped; nothing has changed\./).waitFor({ timeout: 30_000 })
    expect(((await ask(port, '/api/status')).json() as Status).gold?.run).toBe(gold)
    await page.getByRole('button', { name: 'Start a run' }).waitFor()
    expect(await ask(port, '/api/runs', { method: 'DELETE' })).toMatchObject({ status: 401 })
    const authorized = { authorization: `Bearer ${TOKEN}` }
    expect(await ask(port, '/api/runs', { method: 'DELETE', headers: authorized })).toMatchObject({ status: 409 })
  })
})
