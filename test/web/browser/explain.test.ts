import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { lingot } from '../../process.ts'
import { explain, runPipeline } from '../../run.ts'
import { settingsOf } from '../../trust/place.ts'
import { exactly } from './pages.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { type Kind, written } from './written.ts'

let shop: Shop
/** The runs of the gold before, and what the overview said then. */
let before: { run: string; revenue: string }

const MONTH = '2025-03'

beforeAll(async () => {
  if (!hasBrowser) return
  shop = await openShop()
  const { client, names, postgresUrl, gold } = shop.place
  const [told] = await gold(`select run, (select sum(total_revenue) from monthly_revenue) as revenue from gold_run`)
  before = { run: told?.['run'] ?? '', revenue: told?.['revenue'] ?? '' }
  const sales = client.db(names.bronze).collection('transactions')
  const timestamp = { $gte: new Date(`${MONTH}-01`), $lt: new Date('2025-04-01') }
  const some = sales.find({ timestamp, amount: { $type: 'double' } })
  const [first = {}, second = {}] = await some.sort({ _id: 1 }).limit(2).toArray()
  await sales.updateOne(first, { $set: { amount: 1234.5 } })
  await sales.deleteOne(second)
  await sales.insertOne({ customer_id: 'ODD2', product: 'Laptop', amount: ' 1 007,25 ', timestamp: '2025-03-11' })
  await runPipeline(client, postgresUrl, names)
})

afterAll(() => shop?.close())

/** What a command prints for programs, of the same shop. */
async function inTerminal(...words: string[]) {
  const { status, stdout, stderr } = await lingot([...words, '--json'], settingsOf(shop.place.names))
  expect({ status, stderr }).toMatchObject({ status: 0 })
  return JSON.parse(stdout)
}

async function byTheLibrary(subject: string, key: string) {
  const { client, postgresUrl, names } = shop.place
  return JSON.parse(JSON.stringify(await explain(client, postgresUrl, subject, key, names)))
}

/** The panel, when it says what it was asked for. */
async function panelOf(page: Page) {
  await settled(page)
  const panel = page.getByRole('dialog')
  await panel.locator('[data-explained]').waitFor()
  return panel
}

const part = (page: Page, name: string) => page.locator(`[data-part="${name}"]`)
const texts = async (page: Page, name: string, selector: string) =>
  (await part(page, name).locator(selector).allTextContents()).map((text) => text.trim())

const kinds: Readonly<Record<string, Kind>> = {
  first_purchase_date: 'date',
  last_purchase_date: 'date',
  month: 'month',
  marketing_consent_rate: 'percent2',
  avg_ctr: 'percent2',
  avg_conversion_rate: 'percent2',
  roi: 'percent2',
}

/** A value as the panel has to write it. */
function shownAs(column: string, value: string | null): string {
  const kind = kinds[column]
  if (kind !== undefined) return written(value, kind)
  if (value === null) return '–'
  if (/^-?\d+\.\d\d$/.test(value) && /revenue|spent|amount|price|value/.test(column)) return written(value, 'money')
  return /^-?\d+(\.\d+)?$/.test(value)
    ? new Intl.NumberFormat('en-GB', { maximumFractionDigits: 6 }).format(value as Intl.StringNumericLiteral)
    : value
}

describe.skipIf(!hasBrowser)('the panel says what `lingot explain --json` says', () => {
  test.for([
    ['/', 'month', MONTH, 'total_revenue'],
    ['/customers', 'customer', 'ODD2', 'total_spent'],
    ['/products?period=all', 'product', 'Laptop', 'total_revenue'],
    ['/countries?period=all', 'country', 'France', 'total_revenue'],
    ['/campaigns', 'campaign', '', 'total_impressions'],
  ] as const)('on %s of a %s', async ([path, subject, named, main], { visit }) => {
    const [campaign] = await shop.place.gold('select campaign_id from campaign_performance order by 1 limit 1')
    const key = named || (campaign?.['campaign_id'] ?? '')
    // What a program is told is what the library tells.
    const told = subject === 'month' ? await inTerminal('explain', subject, key) : await byTheLibrary(subject, key)
    const page = await visit(`${shop.url}${path}${path.includes('?') ? '&' : '?'}explain=${subject}:${key}`)
    const panel = await panelOf(page)
    const valueIn = (column: string) => told.row.find((one: { column: string }) => one.column === column)
    const value = valueIn(main)
    const shown = panel.locator(`.explained-value[data-column="${main}"]`)
    expect(await shown.locator('.kpi-value').textContent()).toBe(shownAs(main, value.value))
    expect(await shown.textContent()).toContain(value.meaning)
    expect(await shown.locator('.agrees').count()).toBe(value.agrees ? 1 : 0)
    const rest = told.row.filter(({ column }: { column: string }) => column !== main)
    expect(await texts(page, 'beside', 'dd')).toEqual(
      rest.map(({ column, value }: { column: string; value: string | null }) => shownAs(column, value)),
    )
    for (const { collection, records, documents, totals, listed } of told.silver) {
      const rows = part(page, `silver-${collection}`).locator('tbody tr')
      const ids = (await rows.locator('th').allTextContents()).map((text) => text.trim())
      expect(ids).toEqual(records.map(({ _id }: { _id: { $oid: string } }) => _id.$oid))
      expect(await part(page, `silver-${collection}`).locator('p').first().textContent()).toContain(String(documents))
      // amount − discount + shipping = total, in each row and in their sums.
      const sums = totals.map(({ sum }: { sum: string | null }) => sum)
      if (documents < 2) continue
      const footer = part(page, `silver-${collection}`).locator('tfoot tr', { hasText: 'sum of' }).locator('td.number')
      const money = (column: string) => /amount|discount|shipping|budget|spend/.test(column)
      expect(await footer.allTextContents()).toEqual(
        listed.flatMap((column: string) => {
          const i = totals.findIndex((total: { column: string }) => total.column === column)
          if (i < 0) return []
          return sums[i] === null ? '' : money(column) ? written(sums[i], 'money') : shownAs('count', sums[i])
        }),
      )
    }
    const met = (await panel.locator('.cleaning').allTextContents()).join(' ')
    for (const { cleaning } of told.silver.flatMap(({ records }: { records: object[] }) => records)) {
      for (const { field, kind, reason } of cleaning) {
        if (kind !== 'suspicious') expect(met).toContain(`${field} ${kind} (${reason})`)
      }
    }
    expect(await part(page, 'sql').locator('pre').textContent()).toBe(told.sql.text.trim())
  })

  test('in French', async ({ visit }) => {
    const page = await visit(`${shop.url}/?explain=month:${MONTH}`, { locale: 'fr-FR' })
    const panel = await panelOf(page)
    expect(await panel.getByRole('heading', { level: 2 }).textContent()).toBe('mars 2025')
    // SQL is SQL.
    await part(page, 'sql')
      .locator('pre')
      .evaluate((sql) => sql.remove())
    const said = (await panel.textContent()) ?? ''
    expect(said).toContain('Les enregistrements de silver donnent la même chose')
    expect(said).toContain('amount réparé (texte devenu nombre)')
    expect(said).not.toMatch(/\b(the|records|missing|known|Nothing|sum of|checks)\b/)
  })
})

describe.skipIf(!hasBrowser)('why a number changed', () => {
  test('is a waterfall that adds up as `lingot why --json` has it', async ({ visit }) => {
    const told = await inTerminal('why', 'month', MONTH)
    expect(told.causes.length).toBeGreaterThan(2)
    const page = await visit(`${shop.url}/?explain=month:${MONTH}`)
    const panel = await panelOf(page)
    expect(await part(page, 'change').textContent()).toContain(
      `${written(told.before, 'money')} → ${written(told.after, 'money')}`,
    )
    await panel.getByRole('button', { name: 'Why did it change?' }).click()
    const causes = panel.locator('[data-why="total_revenue"]')
    await causes.waitFor()
    const signed = (amount: string) => `${amount.startsWith('-') ? '' : '+'}${written(amount, 'money')}`
    const amounts = told.causes.map(({ amount }: { amount: string }) => signed(amount))
    expect(await causes.locator('tbody td.number').allTextContents()).toEqual(amounts)
    expect(await causes.locator('tfoot td.number').textContent()).toBe(signed(told.difference))
    expect(await causes.locator('.chart svg text').allTextContents()).toEqual(
      expect.arrayContaining([
        ...amounts,
        signed(told.difference),
        ...told.causes.map(({ cause }: { cause: string }) => cause),
      ]),
    )
    const ids = told.causes.flatMap(({ documents }: { documents: { _id: { $oid: string } }[] }) =>
      documents.map(({ _id }) => _id.$oid),
    )
    expect(await causes.locator('code').allTextContents()).toEqual(ids)
    // The address has it, for whoever it is sent to.
    await page.reload()
    await page.locator('[data-why="total_revenue"] tfoot').waitFor()
  })
})

describe.skipIf(!hasBrowser)('what opens', () => {
  const explained = (page: Page) => new URL(page.url()).searchParams.get('explain')

  test('a figure, which leads on to its months; back leads back', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=2025`))
    const figure = page.locator('[data-kpi="revenue"]').getByRole('button')
    const value = await exactly(figure)
    await figure.click()
    const panel = await panelOf(page)
    expect(explained(page)).toBe('figure:overview.revenue')
    expect(await panel.locator('.explained-value .kpi-value').textContent()).toBe(value)
    const months = await shop.place.gold(
      "select total_revenue from monthly_revenue where month between '2025-01-01' and '2025-12-01' order by month",
    )
    expect(await texts(page, 'months', 'li .number')).toEqual(
      months.map((row) => written(row['total_revenue'], 'money')),
    )
    await part(page, 'months').getByRole('button', { name: 'March 2025' }).click()
    await panel.locator(`[data-explained="month:${MONTH}"]`).waitFor()
    await page.goBack()
    await panel.locator('[data-explained="figure:overview.revenue"]').waitFor()
    await panel.getByRole('button', { name: 'Close' }).click()
    await panel.waitFor({ state: 'detached' })
    expect(explained(page)).toBeNull()
  })

  test('a bar, a point, and each number of a row', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=2025-01..2025-06`))
    const bar = page.locator('[data-figure="revenue-by-month"] svg [aria-label="bar"]:not(.before) rect').nth(2)
    await bar.hover()
    await bar.click()
    await panelOf(page)
    expect(explained(page)).toBe(`month:${MONTH}`)
    await page.keyboard.press('Escape')
    await page.goto(`${shop.url}/campaigns?period=all`)
    await settled(page)
    const point = page.locator('[data-figure="campaigns-spend-conversions"] svg [aria-label="dot"] path').first()
    await point.scrollIntoViewIfNeeded()
    const { x, y } = (await point.boundingBox()) ?? { x: 0, y: 0 }
    await page.mouse.move(x + 3, y + 4)
    await page.mouse.click(x + 4, y + 4)
    await panelOf(page)
    expect(explained(page)).toMatch(/^campaign:/)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    const cell = page.locator('[data-figure="campaigns"] tbody tr').first().locator('td.number').nth(3)
    const clicks = await cell.textContent()
    await cell.getByRole('button').click()
    const panel = await panelOf(page)
    expect(await panel.locator('.explained-value[data-column="total_clicks"] .kpi-value').textContent()).toBe(clicks)
  })

  test('a number of a page that is narrowed is that number', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/products?period=2025&country=France`))
    const row = page.locator('[data-figure="products"] tbody tr', { hasText: 'Laptop' })
    const [revenue, sales] = [
      await row.locator('td').nth(1).textContent(),
      await row.locator('td').nth(3).textContent(),
    ]
    await row.locator('td').nth(1).getByRole('button').click()
    const panel = await panelOf(page)
    expect(await panel.locator('.explained-value .kpi-value').textContent()).toBe(revenue)
    expect(await panel.locator('.explained-value .agrees').count()).toBe(1)
    expect(await panel.locator('[data-part="beside"] [data-column="transactions"] dd').textContent()).toBe(sales)
    await panel.getByRole('button', { name: 'Explain the whole row' }).click()
    const [whole] = await shop.place.gold("select total_revenue from product_performance where product = 'Laptop'")
    await panel.locator('[data-explained="product_performance:Laptop"]').waitFor()
    expect(await panel.locator('.explained-value .kpi-value').textContent()).toBe(
      written(whole?.['total_revenue'], 'money'),
    )
  })

  test('the orders of a month, which silver counts as gold does', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=2025`))
    const card = page.locator('.card', { has: page.locator('[data-figure="revenue-by-month"]') })
    await card.getByRole('button', { name: 'Table', exact: true }).click()
    const row = card.locator('tbody tr', { hasText: 'March 2025' })
    const orders = await row.locator('td').nth(2).textContent()
    await row.locator('td').nth(2).getByRole('button').click()
    const panel = await panelOf(page)
    expect(explained(page)).toBe(`sales:${MONTH}`)
    expect(await panel.locator('.explained-value[data-column="orders"] .kpi-value').textContent()).toBe(orders)
    expect(await panel.locator('.explained-value .agrees').count()).toBe(1)
    const told = await byTheLibrary('month', MONTH)
    const [revenue] = told.row.filter(({ column }: { column: string }) => column === 'total_revenue')
    expect(await part(page, 'beside').locator('[data-column="revenue"] dd').textContent()).toBe(
      written(revenue.value, 'money'),
    )
    const ids = (await part(page, 'silver-transactions').locator('tbody th').allTextContents()).map((id) => id.trim())
    expect(ids).toEqual(told.silver[0].records.map(({ _id }: { _id: { $oid: string } }) => _id.$oid))
  })

  test('a share, which leads on to what it is a share of', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/products?period=all`))
    const row = page.locator('[data-figure="products"] tbody tr', { hasText: 'Laptop' }).first()
    const share = await row.locator('td').nth(2).locator('.bar-cell-value').textContent()
    await row.locator('td').nth(2).getByRole('button').click()
    const panel = await panelOf(page)
    const value = panel.locator('.explained-value .kpi-value')
    expect(Number.parseFloat((await value.textContent()) ?? '')).toBeCloseTo(Number.parseFloat(share ?? ''), 0)
    expect(await panel.locator('.explained-value').textContent()).toContain('Its revenue × 100 ÷')
    const exact = Number.parseFloat((await value.textContent()) ?? '')
    const amounts: number[] = []
    for (const [lead, target] of [
      ['Explain Laptop', 'product:Laptop'],
      ['Explain Revenue', 'figure:products.revenue'],
    ] as const) {
      await part(page, 'leads').getByRole('button', { name: lead }).click()
      await panel.locator(`[data-explained="${target}"]`).waitFor()
      amounts.push(Number(((await value.textContent()) ?? '').replaceAll(',', '')))
      await page.goBack()
      await part(page, 'leads').waitFor()
    }
    const told = await byTheLibrary('product', 'Laptop')
    const [revenue] = told.row.filter(({ column }: { column: string }) => column === 'total_revenue')
    expect(amounts[0]).toBe(Number(revenue.value))
    expect(((amounts[0] ?? 0) * 100) / (amounts[1] ?? 1)).toBeCloseTo(exact, 2)
  })

  test.for([
    ['customer-cohorts', 'customer_cohorts', 3],
    ['customer-segments', 'customer_segments', 1],
    ['customers-by-recency-and-frequency', 'customer_segments', 2],
  ] as const)(
    'a number of %s, which is the sum of rows that `lingot explain` tells',
    async ([name, table, at], { visit }) => {
      const page = await settled(await visit(`${shop.url}/customers`))
      const card = page.locator('.card', { has: page.locator(`[data-figure="${name}"]`) })
      await card.getByRole('button', { name: 'Table', exact: true }).click()
      const cell = card.locator('tbody tr').nth(1).locator('td').nth(at)
      const customers = await cell.textContent()
      await cell.getByRole('button').click()
      const panel = await panelOf(page)
      expect(explained(page)).toMatch(/^cell:customers\//)
      expect(await panel.locator('.explained-value[data-column="customers"] .kpi-value').textContent()).toBe(customers)
      const counts = await texts(page, 'parts', 'li .number')
      expect(counts.reduce((sum, count) => sum + Number(count), 0)).toBe(Number(customers))
      // Each is named by all of its key.
      const names = await texts(page, 'parts', 'li button')
      expect(new Set(names).size).toBe(names.length)
      await part(page, 'parts').locator('button.explains').first().click()
      const row = panel.locator(`[data-explained^="${table}:"]`)
      await row.waitFor()
      const key = (await row.getAttribute('data-explained'))?.slice(table.length + 1) ?? ''
      const told = await byTheLibrary(table, key)
      const value = (column: string) => told.row.find((one: { column: string }) => one.column === column).value
      expect(await panel.locator('.explained-value[data-column="customers"] .kpi-value').textContent()).toBe(counts[0])
      expect(value('customers')).toBe(counts[0])
      expect(await part(page, 'sql').locator('pre').textContent()).toBe(told.sql.text.trim())
    },
  )

  test('a cell of the cohorts, and a step of the funnel, by keyboard', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/customers`))
    const cohorts = page.locator('[data-figure="customer-cohorts"]')
    const heard = () => cohorts.getByRole('status').textContent()
    await cohorts.getByRole('application').focus()
    await page.keyboard.press('Home')
    // Where nobody came back there is nothing to explain.
    for (let i = 0; i < 60 && !/ [1-9]\d* \//.test((await heard()) ?? ''); i++) await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await panelOf(page)
    expect(explained(page)).toMatch(/^cell:customers\/cohorts\.retention_pct\/\d{4}-\d\d \/ \d+$/)
    await page.goto(`${shop.url}/campaigns?period=all`)
    await settled(page)
    await page.locator('[data-figure="campaigns-funnel"]').getByRole('application').focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('Enter')
    const panel = await panelOf(page)
    // The shortest bar is the first from the left.
    const [, step = ''] = /^cell:campaigns\/funnel\.(\w+)\/$/.exec(explained(page) ?? '') ?? []
    const [sums] = await shop.place.gold(
      `select trim_scale(sum(total_${step})) as sum from campaign_performance
       where total_impressions is not null and total_clicks is not null and total_conversions is not null`,
    )
    expect(await panel.locator(`.explained-value[data-column="${step}"] .kpi-value`).textContent()).toBe(
      written(sums?.['sum'], 'integer'),
    )
  })

  test('what there is not says so', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?explain=month:2031-01`, { troubles: /422/ }))
    const alert = page.getByRole('dialog').getByRole('alert')
    expect(await alert.textContent()).toContain('monthly_revenue has no row for the month 2031-01-01')
  })
})

describe.skipIf(!hasBrowser)('by keyboard', () => {
  test('a figure opens, the panel keeps the focus, and Escape gives it back', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const figure = page.locator('[data-kpi="orders"]').getByRole('button')
    await figure.focus()
    await page.keyboard.press('Enter')
    const panel = await panelOf(page)
    const isWithin = () => page.evaluate(() => document.activeElement?.closest('dialog, body')?.tagName)
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H2')
    for (let i = 0; i < 40; i++) {
      await page.keyboard.press('Tab')
      // Behind the last stands the browser itself, never the page.
      const at = await page.evaluate(() => document.activeElement?.tagName)
      if (at !== 'BODY') expect(await isWithin()).toBe('DIALOG')
    }
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(await figure.evaluate((button) => button === document.activeElement)).toBe(true)
  })

  test('the numbers of a row are reached by the arrows, and no page has more stops for it', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/products`))
    const numbers = page.locator('[data-figure="products"] tbody tr').first().locator('button.explains')
    const stops = await numbers.evaluateAll((all) => all.map((one) => (one as HTMLElement).tabIndex))
    expect(stops.length).toBeGreaterThan(4)
    expect(stops).toEqual(stops.map((_, i) => (i === 0 ? 0 : -1)))
    await numbers.first().focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    const panel = await panelOf(page)
    expect(await panel.locator('.explained-value').getAttribute('data-column')).toBe('avg_price')
  })
})

describe.skipIf(!hasBrowser)('the open panel', () => {
  test.for([
    ['light', 1440],
    ['dark', 390],
  ] as const)('has no barrier and nothing cut: %s, %i px', async ([colorScheme, width], { visit }) => {
    const page = await visit(shop.url, { colorScheme, viewport: { width, height: 900 } })
    for (const path of [
      `/?explain=month:${MONTH}&why=total_revenue`,
      '/?explain=figure:overview.revenue',
      '/customers?explain=cell:customers/segments.customers/Loyal',
    ]) {
      await page.goto(shop.url + path)
      const panel = await panelOf(page)
      await panel.locator('.loading').waitFor({ state: 'detached' })
      await panel.locator('summary').click()
      await page.evaluate(axe.source)
      const { violations } = await page.evaluate(() => {
        return (window as unknown as { axe: typeof axe }).axe.run('dialog', { resultTypes: ['violations'] })
      })
      expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.target} ${nodes[0]?.failureSummary}`)).toEqual([])
      const { room, needed } = await panel.evaluate((dialog) => ({
        room: dialog.clientWidth,
        needed: dialog.scrollWidth,
      }))
      expect(needed).toBeLessThanOrEqual(room)
    }
  })
})

describe.skipIf(!hasBrowser)('the date of knowledge', () => {
  test('is in the address and in words; the numbers are those of then, and back are those of now', async ({
    visit,
  }) => {
    const page = await settled(await visit(`${shop.url}/?period=all&asOf=${before.run}`))
    const revenue = page.locator('[data-kpi="revenue"] .kpi-value')
    const then = await exactly(revenue)
    expect(await page.locator('.as-known').textContent()).toContain('As known then')
    const [now] = await shop.place.gold("select revenue from reconciliation where gold_table = 'all sales'")
    expect(then).not.toBe(written(now?.['revenue'], 'money'))
    // All but the sale without a date, which no month has.
    expect(Number(then?.replaceAll(',', ''))).toBeCloseTo(Number(before.revenue) + 5, 2)
    await page.locator('[data-kpi="revenue"]').getByRole('button').click()
    expect(await page.getByRole('dialog').textContent()).toContain('Of the past only the numbers are kept')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Show what is known now' }).click()
    await page.locator('.as-known').waitFor({ state: 'detached' })
    await settled(page)
    expect(await exactly(revenue)).toBe(written(now?.['revenue'], 'money'))
  })

  test('that nobody knows is told; a day is chosen by its field', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?asOf=2001-01-01`, { troubles: /404/ }))
    expect(await page.getByRole('main').getByRole('alert').first().textContent()).toContain("Gold's history begins at")
    const today = new Date().toISOString().slice(0, 10)
    await page.getByLabel('As known on').fill(today)
    await settled(page)
    expect(new URL(page.url()).searchParams.get('asOf')).toBe(today)
    expect(await page.locator('.as-known').textContent()).toContain(`As known on ${written(today, 'date')}`)
  })

  test('where no history is kept, the page says so', async ({ visit }) => {
    const page = await visit('about:blank')
    await page.route('**/api/choices', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: { ...(await response.json()), knownSince: null } })
    })
    await page.goto(shop.url)
    await settled(page)
    const field = page.getByLabel('As known on')
    expect(await field.isDisabled()).toBe(true)
    expect(await page.getByTitle('No history of these numbers is kept.').count()).toBe(1)
  })
})
