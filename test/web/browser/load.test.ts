import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { ask } from '../http.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

interface Loaded {
  path: string
  /** Bytes of the body as it travelled. */
  bytes: number
  /** Bytes that travelled in all: 0 where the browser asked nobody. */
  travelled: number
}

function loadedBy(page: Page): Promise<Loaded[]> {
  return page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .map((entry) => entry as PerformanceResourceTiming)
      .map(({ name, encodedBodySize, transferSize }) => ({
        path: new URL(name).pathname,
        bytes: encodedBodySize,
        travelled: transferSize,
      })),
  )
}

describe.skipIf(!hasBrowser)('the first load', () => {
  test('takes at most 180 kB of scripts, and a second one hardly anything', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    await page.locator('[data-answer]').first().waitFor()
    const first = await loadedBy(page)
    const scripts = first.filter(({ path }) => path.endsWith('.js'))
    const bytes = scripts.reduce((sum, script) => sum + script.bytes, 0)
    expect(scripts.length).toBeGreaterThan(0)
    expect(bytes).toBeGreaterThan(10_000)
    expect(bytes).toBeLessThanOrEqual(180_000)

    await page.reload()
    await settled(page)
    await page.locator('[data-answer]').first().waitFor()
    const again = await loadedBy(page)
    const assets = again.filter(({ path }) => path.startsWith('/assets/'))
    expect(assets.length).toBeGreaterThan(0)
    expect(assets.filter(({ travelled }) => travelled > 0)).toEqual([])
    // What may have changed is asked for, and answered with headers alone.
    const asked = again.filter(({ path }) =>
      ['/', '/api/pages/overview', '/api/answers', '/api/choices'].includes(path),
    )
    expect(asked.length).toBeGreaterThanOrEqual(4)
    // Chromium counts 300 bytes for the headers of an answer.
    expect(asked.filter(({ travelled }) => travelled !== 300)).toEqual([])
    const port = Number(new URL(shop.url).port)
    for (const path of ['/', '/api/pages/overview?period=12m', '/api/answers']) {
      const { headers } = await ask(port, path)
      const { status } = await ask(port, path, { headers: { 'if-none-match': headers.etag ?? '' } })
      expect({ path, status }).toEqual({ path, status: 304 })
    }
    const script = await ask(port, scripts[0]?.path ?? '')
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })
})
