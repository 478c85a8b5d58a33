import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { ask } from '../http.ts'
import { paths } from './pages.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

/** Words that are the same in both languages. */
const shared = new Set([
  'Transactions',
  ...['Lingot', 'SQL', 'SQL · Lingot', 'CSV', 'SVG', 'PNG', 'Ctrl K', 'ROI', 'CPC', 'CPA', 'CTR'],
  ...[
    'Documents',
    'Bronze',
    'Pages',
    'Questions',
    'Segments',
    'Segment',
    'Tables',
    'Type',
    'Client',
    'Budget',
    'Impressions',
    'Conversions',
  ],
  // Each language is named in its own.
  ...['English', 'Français'],
])

/** All that can be read or heard on a page, but for statements of SQL. */
function readTexts(): string[] {
  const texts: string[] = [document.title]
  for (const element of document.body.querySelectorAll('*')) {
    if (element.closest('.cm-editor, script, style, noscript, code, pre') !== null) continue
    // What is drawn is read; what its parts are called is not heard.
    const isDrawn = element.closest('[aria-hidden="true"]') !== null
    for (const name of isDrawn ? [] : ['aria-label', 'title', 'placeholder', 'alt'])
      texts.push(element.getAttribute(name) ?? '')
    for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) texts.push(node.textContent ?? '')
  }
  return texts.map((text) => text.trim()).filter((text) => /\p{L}{2}/u.test(text))
}

/** Every text in the answers of the server: what is data is the same in every language. */
async function data(): Promise<string> {
  const asked = [
    'choices',
    'answers',
    'trust',
    'queries',
    'status',
    'customers?limit=200',
    'explore',
    'explore/sales?measures=revenue&by=month',
  ]
  const pages = ['overview', 'customers', 'products', 'campaigns', 'countries', 'trust'].map((page) => `pages/${page}`)
  const port = Number(new URL(shop.url).port)
  const told = await Promise.all([...asked, ...pages].map((path) => ask(port, `/api/${path}`)))
  const texts: string[] = []
  const collect = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value)
    else if (typeof value === 'object' && value !== null) {
      texts.push(...Object.keys(value))
      Object.values(value).forEach(collect)
    }
  }
  for (const { json } of told) collect(json())
  return texts.join('\n')
}

async function textsOf(page: Page, path: string): Promise<Set<string>> {
  await page.goto(shop.url + path)
  await settled(page)
  return new Set(await page.evaluate(readTexts))
}

describe.skipIf(!hasBrowser)('French', () => {
  test('is spoken to who prefers it, numbers and dates too', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=2025-01..2025-03`, { locale: 'fr-FR' }))
    expect(await page.locator('html').getAttribute('lang')).toBe('fr')
    expect(await page.title()).toBe('Vue d’ensemble · Lingot')
    const [row] = await shop.place.gold(
      "select sum(total_revenue) as revenue from monthly_revenue where month between '2025-01-01' and '2025-03-01'",
    )
    const revenue = await page.locator('[data-kpi="revenue"] .kpi-value').textContent()
    expect(revenue).toBe(written(row?.['revenue'], 'money', 'fr-FR'))
    expect(revenue).toMatch(/^\d+\u202f\d{3},\d\d$/)
    await page.getByRole('button', { name: 'Tableau' }).first().click()
    expect(await page.locator('tbody td').first().textContent()).toBe('janvier 2025')
  })

  test('is chosen, and remembered', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await page.getByLabel('Language').selectOption('fr')
    await page.getByRole('heading', { level: 1, name: 'Vue d’ensemble' }).waitFor()
    await page.reload()
    await settled(page)
    expect(await page.locator('html').getAttribute('lang')).toBe('fr')
    expect(await page.locator('[data-kpi="revenue"] .kpi-value').textContent()).toContain('\u202f')
    await page.getByLabel('Langue').selectOption('en')
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  })

  test('leaves no English word, except in data', async ({ visit }) => {
    const [english, french] = [await visit(shop.url), await visit(shop.url, { locale: 'fr-FR' })]
    const known = await data()
    for (const path of paths) {
      const before = await textsOf(english, path)
      const same = [...(await textsOf(french, path))].filter((text) => before.has(text))
      const words = same.filter((text) => !shared.has(text) && !known.includes(text.replace(/…$/, '')))
      expect(words, path).toEqual([])
    }
  })
})
