import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { tableOf } from './pages.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

const figure = (page: Page, name: string) => page.locator(`[data-figure="${name}"]`)

/** Colour and mark of each entry of the legend of a scatter. */
const signsOf = (page: Page, name: string) =>
  figure(page, name).evaluate((place) => {
    const entries = [...place.querySelectorAll('[class*="swatch"]:has(> svg)')]
    return Object.fromEntries(
      entries.map((entry) => {
        const path = entry.querySelector('path')
        if (path === null) throw new Error('an entry without a mark')
        return [entry.textContent, `${getComputedStyle(path).stroke} ${path.getAttribute('d')}`]
      }),
    )
  })

/** The colour of each layer that is named beside the last month. */
const layersOf = (page: Page, name: string) =>
  figure(page, name)
    .locator('.chart svg')
    .first()
    .evaluate((svg) => {
      const [dots] = [...svg.querySelectorAll('g[aria-label="dot"]')].slice(-1)
      const texts = [...svg.querySelectorAll('g[aria-label="text"]')].at(-1)
      const names = [...(texts?.querySelectorAll('text') ?? [])].map(({ textContent }) => textContent)
      const colours = [...(dots?.querySelectorAll('circle') ?? [])].map((dot) => getComputedStyle(dot).fill)
      return Object.fromEntries(names.map((name, i) => [name, colours[i]]))
    })

/** Colours of the same things must be the same; there must be some, in another order. */
function expectSame(seen: readonly Record<string, string | undefined>[]): void {
  const known = new Map<string, string | undefined>()
  let again = 0
  for (const each of seen)
    for (const [name, sign] of Object.entries(each)) {
      if (known.has(name)) again++
      expect(sign, name).toBe(known.get(name) ?? sign)
      known.set(name, sign)
    }
  expect(again).toBeGreaterThan(3)
}

describe.skipIf(!hasBrowser)('a colour', () => {
  test('and a mark are a channel’s, at whatever rank it is', async ({ visit }) => {
    const page = await visit(`${shop.url}/campaigns`)
    const [signs, orders]: [Record<string, string>[], string[]] = [[], []]
    for (const period of ['12m', '3m', '2025', 'all']) {
      await page.goto(`${shop.url}/campaigns?period=${period}`)
      await settled(page)
      signs.push(await signsOf(page, 'campaigns-spend-conversions'))
      orders.push(Object.keys(signs.at(-1) ?? {}).join(' '))
    }
    expectSame(signs)
    expect(new Set(orders).size).toBeGreaterThan(1)
    const all = Object.values(signs.at(-1) ?? {})
    expect(new Set(all.map((sign) => sign.split(') ')[0])).size).toBe(all.length)
    expect(new Set(all.map((sign) => sign.split(') ')[1])).size).toBe(all.length)
  })

  test.for([
    ['products', 'revenue-by-month-and-product', 'country=France'],
    ['countries', 'revenue-by-month-and-country', 'product=Laptop'],
  ] as const)('of %s is the same however the page is narrowed', async ([path, name, narrowed], { visit }) => {
    const page = await visit(`${shop.url}/${path}`)
    const layers: Record<string, string | undefined>[] = []
    for (const query of ['', 'period=all', 'period=2025-02', `period=all&${narrowed}`]) {
      await page.goto(`${shop.url}/${path}?${query}`)
      await settled(page)
      layers.push(await layersOf(page, name))
    }
    expectSame(layers)
    expect(new Set(Object.values(layers[1] ?? {})).size).toBe(Object.keys(layers[1] ?? {}).length)
  })

  test.for(['light', 'dark'] as const)(
    'of a bar is told from its ground on a %s page',
    async (colorScheme, { visit }) => {
      const page = await visit(shop.url, { colorScheme })
      for (const path of ['/', '/customers', '/products', '/campaigns', '/countries', '/trust']) {
        await page.goto(shop.url + path)
        await settled(page)
        expect(await page.evaluate(faintBars), path).toEqual([])
      }
    },
  )
})

/** Bars that neither their fill nor their edge tells from the ground by 3:1; cells with a number in them say it. */
function faintBars(): string[] {
  const pixel = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  if (pixel === null) throw new Error('no canvas')
  const light = (colour: string): number => {
    pixel.fillStyle = colour
    pixel.fillRect(0, 0, 1, 1)
    const [red = 0, green = 0, blue = 0] = [...pixel.getImageData(0, 0, 1, 1).data.slice(0, 3)].map((part) => {
      const share = part / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (one: string, other: string) => {
    const [low = 0, high = 0] = [light(one), light(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  const faint = new Set<string>()
  for (const bar of document.querySelectorAll(
    '.chart g[aria-label="bar"]:not(.track) rect, .bar-cell-track span, .proportion span',
  )) {
    const card = bar.closest('.card')
    if (card === null || bar.closest('[aria-label="tip"]') !== null) continue
    const { fill, stroke, backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(bar)
    const edge = borderTopWidth === '0px' ? [] : [borderTopColor]
    const colours = (bar.tagName === 'rect' ? [fill, stroke] : [backgroundColor, ...edge]).filter((each) =>
      /^(rgb|color)/.test(each),
    )
    // Stripes lie over a bar that is looked at by itself.
    if (colours.length === 0 || bar.getBoundingClientRect().width === 0) continue
    const ground = getComputedStyle(card).backgroundColor
    if (Math.max(...colours.map((colour) => contrast(colour, ground))) < 3) {
      faint.add(`${card.querySelector('h2')?.textContent}: ${colours.join(' ')}`)
    }
  }
  return [...faint]
}

describe.skipIf(!hasBrowser)('a chart', () => {
  test('has the longest bar of a funnel for its largest number', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/campaigns?period=all`))
    const widths = await figure(page, 'campaigns-funnel')
      .locator('g[aria-label="bar"] rect')
      .evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().width))
    const [row = []] = await tableOf(page, 'campaigns-funnel')
    const counts = row.slice(2, 5).map((text) => Number(text.replaceAll(',', '')))
    expect(widths).toHaveLength(3)
    const longest = Math.max(...widths)
    for (const [i, count] of counts.entries()) {
      expect(widths[i]).toBeCloseTo(Math.max(2, (count / Math.max(...counts)) * longest), 0)
    }
  })

  test('has no column of customers that nobody is in', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/customers`))
    const name = 'customers-by-recency-and-frequency'
    const axis = await figure(page, name)
      .locator('g[aria-label="x-axis tick label"] text')
      .evaluateAll((all) => all.map(({ textContent }) => textContent))
    const scores = new Set((await tableOf(page, name)).map(([, frequency]) => frequency))
    expect(scores.size).toBeLessThan(5)
    expect(axis).toEqual([...scores].sort())
  })

  test('has the orders of a month under its bar', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const [bars, dots] = await figure(page, 'revenue-by-month').evaluate((place) => {
      const middles = (selector: string) =>
        [...place.querySelectorAll(selector)].map((mark) => {
          const { left, width } = mark.getBoundingClientRect()
          return Math.round(left + width / 2)
        })
      return [middles('g[aria-label="bar"]:not(.before):not(.before *) rect'), middles('g[aria-label="dot"] circle')]
    })
    expect(bars?.length).toBeGreaterThan(10)
    for (const [i, dot] of (dots ?? []).entries()) expect(Math.abs(dot - (bars?.[i] ?? 0))).toBeLessThanOrEqual(1)
  })
})
