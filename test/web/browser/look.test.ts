import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { paths } from './pages.ts'
import { openShop, SCRIPT, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

/** Some colours as they are when they have changed. */
const colours = (page: Page) =>
  page.evaluate(async () => {
    await Promise.all(document.getAnimations().map(({ finished }) => finished))
    return ['html', '.card', 'h1', 'main p', '[data-figure] svg rect'].map((selector) => {
      const element = document.querySelector(selector)
      if (element === null) throw new Error(`no ${selector}`)
      const { backgroundColor, color, fill } = getComputedStyle(element)
      return selector.endsWith('rect') ? fill : `${backgroundColor} ${color}`
    })
  })

describe.skipIf(!hasBrowser)('light and dark', () => {
  test('are the system’s, until one is chosen, which is remembered', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const light = await colours(page)
    await page.emulateMedia({ colorScheme: 'dark' })
    const dark = await colours(page)
    for (const [i, colour] of light.entries()) expect(dark[i]).not.toBe(colour)

    await page.getByLabel('Theme').selectOption('light')
    expect(await colours(page)).toEqual(light)
    await page.reload()
    await settled(page)
    expect(await page.getByLabel('Theme').inputValue()).toBe('light')
    expect(await colours(page)).toEqual(light)

    await page.emulateMedia({ colorScheme: 'light' })
    await page.getByLabel('Theme').selectOption('dark')
    expect(await colours(page)).toEqual(dark)
    await page.getByLabel('Theme').selectOption('auto')
    expect(await colours(page)).toEqual(light)
  })

  test.for(['light', 'dark'] as const)('nobody is shut out of a %s page', async (colorScheme, { visit }) => {
    const page = await visit(shop.url, { colorScheme })
    // Only colours differ.
    const only = colorScheme === 'dark' ? ['color-contrast'] : undefined
    const found: string[] = []
    for (const path of paths) {
      await page.goto(shop.url + path)
      await settled(page)
      found.push(...(await barriers(page, only)).map((barrier) => `${path} ${barrier}`))
      if (path !== '/') continue
      await page.getByRole('button', { name: 'Table' }).first().click()
      found.push(...(await barriers(page, only)).map((barrier) => `table: ${barrier}`))
    }
    expect(found).toEqual([])
  })
})

/** Serious and critical findings of axe, each in a line. */
async function barriers(page: Page, only?: string[]): Promise<string[]> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate((rules) => {
    const run = rules === undefined ? {} : { runOnly: rules }
    return (window as unknown as { axe: typeof axe }).axe.run(document, { ...run, resultTypes: ['violations'] })
  }, only)
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary?.split('\n')[1]?.trim()}`,
      ),
    )
}

describe.skipIf(!hasBrowser)('room', () => {
  test.for([
    ['phone', 390, 844, 'en-GB'],
    ['phone in French', 390, 844, 'fr-FR'],
    ['tablet', 820, 1180, 'en-GB'],
    ['laptop in French', 1440, 900, 'fr-FR'],
    ['wide screen', 1920, 1080, 'en-GB'],
  ] as const)('on a %s nothing is cut, and no page scrolls sideways', async ([, width, height, locale], { visit }) => {
    const page = await visit(shop.url, { viewport: { width, height }, locale })
    for (const path of paths) {
      await page.goto(shop.url + path)
      await settled(page)
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBe(width)
      expect(await page.evaluate(findCut), path).toEqual([])
    }
  })
})

describe.skipIf(!hasBrowser)('a table wider than its place', () => {
  test('shows on which side it goes on', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/products`, { viewport: { width: 390, height: 844 } }))
    const frame = page.locator('[data-figure="products"] .table-frame')
    const look = () => frame.evaluate((element) => getComputedStyle(element).boxShadow)
    await expect.poll(() => frame.getAttribute('data-more')).toMatch(/^right/)
    const before = await look()
    await frame.evaluate((element) => element.scrollTo({ left: element.scrollWidth }))
    await expect.poll(() => frame.getAttribute('data-more')).toMatch(/^left/)
    expect(await look()).not.toBe(before)
  })
})

/** Texts that reach out of the window or of the card that they stand in, unless one can scroll to them. */
function findCut(): string[] {
  const scrolls = (element: Element | null): boolean => {
    for (let at = element; at !== null && at !== document.body; at = at.parentElement) {
      if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true
    }
    return false
  }
  const isHidden = (element: Element) => element.closest('.unseen, .skip, [aria-label="tip"], [hidden]') !== null
  const cut: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const parent = node.parentElement
    if (parent === null || node.textContent?.trim() === '' || isHidden(parent) || scrolls(parent)) continue
    if (parent.closest('option, script, style, noscript, title') !== null) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const box = range.getBoundingClientRect()
    if (box.width === 0) continue
    // As far as what holds it lets it be seen.
    let [left, right, isShortened] = [0, innerWidth, false]
    for (let at: Element | null = parent; at !== null && at !== document.body; at = at.parentElement) {
      const { overflowX, textOverflow } = getComputedStyle(at)
      if (!/hidden|clip/.test(overflowX) && !at.matches('.card, .kpi')) continue
      const within = at.getBoundingClientRect()
      left = Math.max(left, within.left)
      right = Math.min(right, within.right)
      isShortened ||= textOverflow === 'ellipsis'
    }
    if (!isShortened && (box.left < left - 1 || box.right > right + 1)) cut.push(`${node.textContent?.slice(0, 60)}`)
  }
  return cut
}

describe.skipIf(!hasBrowser)('a customer named as a script', () => {
  test('is a text on every page, and everything comes from here', async ({ visit }) => {
    const page = await visit(shop.url)
    let seen = 0
    for (const path of paths) {
      await page.goto(shop.url + path)
      await settled(page)
      seen += await page.getByText(SCRIPT).count()
      const scripts = await page.locator('script').evaluateAll((all) => all.map(({ textContent }) => textContent))
      expect(scripts.join(''), path).toBe('')
    }
    expect(seen).toBeGreaterThan(0)
  })
})
