import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { paths } from './pages.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

interface Stop {
  /** Its place among all that can be reached, in the order of the page. */
  place: number
  name: string
  isSeen: boolean
}

/** All that takes the focus, in the order of the page. */
function reachable(): Element[] {
  const all = document.querySelectorAll<HTMLElement>(
    'a[href], button:not(:disabled), select, input, textarea, summary, [contenteditable="true"], [tabindex="0"]',
  )
  return [...all].filter((element) => element.tabIndex >= 0 && element.checkVisibility())
}

/** Where the focus is; undefined where it has left the page. */
async function stop(): Promise<Stop | undefined> {
  const at = document.activeElement
  if (at === null || at === document.body) return undefined
  // The editor rings its frame.
  const ringed = [at, ...(at.closest('.cm-editor') ? [at.closest('.cm-editor') as Element] : [])]
  const isSeen = () => {
    const box = at.getBoundingClientRect()
    const isInside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
    return (
      isInside &&
      ringed.some((element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element)
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0
      })
    )
  }
  // It may slide into sight.
  for (const end = performance.now() + 1000; !isSeen() && performance.now() < end; ) {
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
  return {
    place: (window as unknown as { reachable: () => Element[] }).reachable().indexOf(at),
    name: `${at.tagName} ${at.getAttribute('aria-label') ?? at.textContent?.slice(0, 40)}`,
    isSeen: isSeen(),
  }
}

/** Where Tab leads, from the top of a page to its end. */
async function stops(page: Page): Promise<Stop[]> {
  await page.evaluate(`window.reachable = ${reachable}`)
  const found: Stop[] = []
  for (let pressed = 0; ; pressed++) {
    await page.keyboard.press('Tab')
    const next = await page.evaluate(stop)
    // A date has a stop for each of its parts.
    if (next !== undefined && next.place === found.at(-1)?.place && next.isSeen && pressed < 1000) continue
    if (next === undefined || next.place < (found.at(-1)?.place ?? -1) || found.length > 400) return found
    found.push(next)
  }
}

describe.skipIf(!hasBrowser)('the keyboard', () => {
  test.for(paths)('reaches all that %s has, in order, and shows where it is', async (path, { visit }) => {
    const page = await settled(await visit(shop.url + path))
    const found = await stops(page)
    expect(found[0]?.name).toBe('A Skip to the content')
    expect(found.filter(({ isSeen }) => !isSeen)).toEqual([])
    const all = await page.evaluate(() => (window as unknown as { reachable: () => Element[] }).reachable().length)
    expect(found.map(({ place }) => place)).toEqual(Array.from({ length: all }, (_, i) => i))
  })

  test('skips to the content', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('main') !== null)).toBe(true)
    expect(await page.getByRole('heading', { level: 1, name: 'Overview' }).count()).toBe(1)
  })

  test('opens a table and sorts it', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const card = page.locator('section', { has: page.locator('[data-figure="revenue-by-product"]') })
    await card.getByRole('button', { name: 'Table' }).focus()
    await page.keyboard.press('Enter')
    await card.getByRole('table').waitFor()
    expect(await card.getByRole('button', { name: 'Chart' }).getAttribute('aria-pressed')).toBe('true')
    const head = card.getByRole('columnheader', { name: 'Revenue' })
    const revenues = async () =>
      (await card.locator('tbody tr td:nth-child(2)').allTextContents()).map((text) => Number(text.replaceAll(',', '')))
    expect(await head.getAttribute('aria-sort')).toBeNull()
    await head.getByRole('button').focus()
    await page.keyboard.press('Enter')
    expect(await head.getAttribute('aria-sort')).toBe('descending')
    const sorted = (await revenues()).toSorted((a, b) => b - a)
    expect(await revenues()).toEqual(sorted)
    await page.keyboard.press('Space')
    expect(await head.getAttribute('aria-sort')).toBe('ascending')
    expect(await revenues()).toEqual(sorted.toReversed())
    expect(sorted.length).toBeGreaterThan(2)
  })

  test('goes from point to point of a chart, hears each, and explains it', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const rows = await shop.place.gold(
      'select month, total_revenue as revenue from monthly_revenue order by month desc limit 14',
    )
    const place = page.locator('[data-figure="revenue-by-month"]')
    const chart = place.getByRole('application')
    const heard = place.getByRole('status')
    await chart.focus()
    await page.keyboard.press('Home')
    await expect.poll(() => heard.textContent()).toMatch(/Revenue/)
    const first = await heard.textContent()
    await page.keyboard.press('ArrowRight')
    const second = (await heard.textContent()) ?? ''
    expect(second).not.toBe(first)
    expect(rows.some(({ revenue }) => second.includes(written(`${revenue}`, 'money')))).toBe(true)
    expect(await place.locator('[aria-label="tip"] text').first().textContent()).toContain(second.slice(0, 8))
    await page.keyboard.press('ArrowLeft')
    expect(await heard.textContent()).toBe(first)
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => /^month:\d{4}-\d\d$/.test(url.searchParams.get('explain') ?? ''))
    await page.getByRole('dialog').locator('[data-explained]').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(await chart.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  test.for([
    ['/customers', 'customers-by-recency-and-frequency', 'ArrowDown'],
    ['/products', 'revenue-by-month-and-product', 'ArrowRight'],
    ['/products', 'products-month-by-month', 'ArrowRight'],
    ['/campaigns', 'campaigns-spend-conversions', 'ArrowRight'],
    ['/countries', 'value-per-customer', 'ArrowDown'],
  ] as const)('hears of all points of %s, %s', async ([path, name, key], { visit }) => {
    const page = await settled(await visit(`${shop.url}${path}?period=all`))
    const place = page.locator(`[data-figure="${name}"]`)
    await place.getByRole('application').focus()
    await page.keyboard.press('Home')
    const told = () => place.getByRole('status').textContent()
    const heard = new Set([''])
    for (let pressed = 0; pressed < 3; pressed++) {
      await expect.poll(async () => heard.has((await told()) ?? ''), { message: `${pressed}` }).toBe(false)
      heard.add((await told()) ?? '')
      await page.keyboard.press(key)
    }
    heard.delete('')
    expect([...heard].filter((text) => !/\d/.test(text ?? ''))).toEqual([])
  })
})
