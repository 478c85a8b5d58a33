import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect } from 'vitest'
import { standard } from '../../run.ts'
import { serve } from '../place.ts'
import { built, openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'

let shop: Shop
let url: string
const folder = mkdtempSync(join(tmpdir(), 'lingot marked-'))
const file = join(folder, 'lingot.marks.yml')
const closing: (() => Promise<void>)[] = []

beforeAll(async () => {
  if (!hasBrowser) return
  shop = await openShop()
  const config = { project: { ...standard.project, folder } }
  const { port, close } = await serve(shop.place, { folder: built, config })
  closing.push(close)
  url = `http://127.0.0.1:${port}`
})

beforeEach(() => writeFileSync(file, MARKS))

afterAll(async () => {
  for (const close of closing) await close()
  await shop?.close()
  rmSync(folder, { recursive: true, force: true })
})

const MARKS = `
goals:
  - { name: Target, measure: revenue, value: 250000, from: 2026-01, to: 2026-03 }
  - { name: Orders, measure: orders, value: 40 }
  - { name: By quarter, measure: revenue, by: quarter, value: 500000 }
events:
  - { name: Winter sale, from: 2026-01-07, to: 2026-01-31 }
  - { name: Long ago, on: 2019-05-01 }
notes:
  - { month: 2025-11, text: Two large orders. }
views:
  - { name: Laptops of last year, address: /products?period=2025&product=Laptop }
`

const chart = (page: Page) => page.locator('[data-figure="revenue-by-month"] .chart')

const viewOf = (page: Page) => page.getByRole('combobox', { name: 'View', exact: true })

/** Left and right edge of a bar, of the whole room that its month has. */
const boxOf = (page: Page, selector: string) =>
  chart(page)
    .locator(selector)
    .evaluateAll((all) =>
      all.map((each) => each.getBoundingClientRect()).map(({ left, right, top }) => ({ left, right, top })),
    )

describe.skipIf(!hasBrowser)('marks', () => {
  test('are goals over the bars, bands behind them, and a list beneath', async ({ visit }) => {
    const page = await settled(await visit(`${url}/?period=2025-07..2026-06`))
    await page.locator('.marks').waitFor()
    expect(await page.locator('.marks li').allTextContents()).toEqual([
      'Goal: Target (Revenue 250,000.00)',
      'Goal: Orders (Orders 40)',
      expect.stringMatching(/^17\s?–\s?31 January 2026: Winter sale$/),
      expect.stringMatching(/^21 May 2019: Long ago$/),
      '3November 2025: Two large orders.',
    ])
    const [bars, goals, bands] = [
      await boxOf(page, 'g[aria-label="bar"]:not(.before) rect'),
      await boxOf(page, 'g.goal line'),
      await boxOf(page, '.marks-over rect'),
    ]
    expect(bars).toHaveLength(12)
    // Three months of revenue, all twelve of orders.
    expect(goals).toHaveLength(15)
    // January is the seventh month: of its 31 days the band has the last 25.
    const [january, february] = [bars[6], bars[7]]
    expect(bands).toHaveLength(1)
    const [band] = bands
    const month = (february?.left ?? 0) - (january?.left ?? 0)
    expect((band?.right ?? 0) - (band?.left ?? 0)).toBeCloseTo((month * 25) / 31, 0)
    expect(Math.abs((band?.right ?? 0) - ((january?.right ?? 0) + (february?.left ?? 0)) / 2)).toBeLessThan(1.5)
    // The note is over its month, and what lies outside is in the list alone.
    const numbers = await chart(page).locator('.marks-over text').allTextContents()
    expect(numbers).toEqual(['1', '3'])

    await page.getByRole('combobox', { name: 'By', exact: true }).selectOption('quarter')
    await page.getByText('Goal: By quarter').waitFor()
    expect(await page.getByText('Goal: Target').count()).toBe(0)
  })

  test('of the whole shop are no goals of a part', async ({ visit }) => {
    const page = await settled(await visit(`${url}/?country=France`))
    await page.locator('.marks').waitFor()
    expect(await page.getByText('Goal:').count()).toBe(0)
    expect(await chart(page).locator('g.goal line').count()).toBe(0)
    expect(await page.locator('.marks').getByText('Winter sale').count()).toBe(1)
  })

  test('that are wrong are told with their line, and the page is there', async ({ visit }) => {
    writeFileSync(file, 'goals:\n  - { name: Target, measure: profit, value: 1 }')
    const page = await settled(await visit(url, { troubles: /status of 500/ }))
    expect(await page.getByRole('alert').innerText()).toMatch(
      /lingot\.marks\.yml, line 2, column \d+: goals\.0\.measure/,
    )
    expect(await chart(page).locator('svg').count()).toBeGreaterThan(0)
  })
})

describe.skipIf(!hasBrowser)('a view', () => {
  test('of the shop is opened by its name', async ({ visit }) => {
    const page = await settled(await visit(url))
    await viewOf(page).selectOption('Laptops of last year')
    await page.waitForURL(`${url}/products?period=2025&product=Laptop`)
    await page.getByRole('heading', { level: 1, name: 'Products' }).waitFor()
    await expect.poll(() => page.getByRole('button', { name: /view$/ }).count()).toBe(0)
  })

  test('of one’s own is kept, opened and forgotten', async ({ visit }) => {
    const page = await settled(await visit(`${url}/?country=France&period=all`))
    await page.getByRole('button', { name: 'Save view' }).click()
    await page.keyboard.type('France, ever')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Forget view' }).waitFor()
    await page.goto(`${url}/customers`)
    await settled(page)
    await viewOf(page).selectOption('France, ever')
    await page.waitForURL((address) => address.searchParams.get('country') === 'France' && address.pathname === '/')
    await page.getByRole('button', { name: 'Forget view' }).click()
    await page.getByRole('button', { name: 'Save view' }).waitFor()
    expect(await viewOf(page).locator('option').allTextContents()).not.toContain('France, ever')
  })
})
