import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { generate } from '../../../src/bronze/sample/generator.ts'
import { lingot } from '../../commands/lingot.ts'
import { runPipeline } from '../../run.ts'
import { openPlace } from '../../trust/place.ts'
import { exactly, tableOf } from './pages.ts'
import { type Shop, serveShop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { type Kind, written } from './written.ts'

let shop: Shop

/** A shop whose data ends with three days of July 2026. */
beforeAll(async () => {
  if (!hasBrowser) return
  const place = await openPlace()
  await generate(place.client, { database: place.names.bronze, seed: 1, scale: 0.05 })
  const sale = (day: string, amount: number) => ({
    ...{ transaction_id: `J${day}`, customer_id: 'JULY', product: 'Laptop', amount, timestamp: day },
  })
  const days = ['2026-06-30', '2026-07-01', '2026-07-02', '2026-07-03']
  const bronze = place.client.db(place.names.bronze)
  await bronze.collection('transactions').insertMany(days.map((day, i) => sale(day, 1900.25 + i)))
  await runPipeline(place.client, place.postgresUrl, place.names)
  shop = await serveShop(place)
})

afterAll(() => shop?.close())

const one = async (sql: string) => Object.values((await shop.place.gold(sql))[0] ?? {})[0]
const months = (column: string, from: string, to: string) =>
  `select ${column} from monthly_revenue where month between '${from}-01' and '${to}-01'`
const kpi = (page: Page, name: string) => page.locator(`[data-kpi="${name}"]`)
const becomes = (page: Page, name: string, value: string | null) =>
  page.waitForURL((url) => url.searchParams.get(name) === value)
const filter = (page: Page, label: string) =>
  page.getByRole('search').getByRole('combobox', { name: label, exact: true })
const day = (page: Page, label: string) => page.getByRole('search').getByLabel(label, { exact: true })
/** Ranges are written with thin spaces. */
const plain = (text: string | null) => text?.replaceAll('\u2009', ' ')

async function holds(page: Page, name: string, kind: Kind, now: string, before: string): Promise<void> {
  const [value, past] = [await one(now), await one(before)]
  expect(await exactly(kpi(page, name).locator('.kpi-value')), name).toBe(written(value, kind))
  const short = kind === 'money' ? 'figure' : kind
  expect(await kpi(page, name).locator('.kpi-before').textContent(), name).toBe(`vs ${written(past, short)}`)
  const change = ((Number(value) - Number(past)) * 100) / Math.abs(Number(past))
  expect(await kpi(page, name).locator('.change .number').textContent(), name).toBe(written(String(change), 'change'))
}

describe.skipIf(!hasBrowser)('time', () => {
  test('the last twelve months end with the last whole one, on the same a year before', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const [now, before] = [
      ['2025-07', '2026-06'],
      ['2024-07', '2025-06'],
    ] as const
    await holds(page, 'revenue', 'money', months('sum(total_revenue)', ...now), months('sum(total_revenue)', ...before))
    await holds(
      page,
      'orders',
      'integer',
      months('sum(total_transactions)', ...now),
      months('sum(total_transactions)', ...before),
    )
    const line = plain(await page.locator('.period-line').innerText())
    expect(line).toMatch(
      /^July 2025 – June 2026, compared with July 2024 – June 2025\. Data until 3 July 2026 \(.+ ago\)\. July 2026 is not over in the data: 1 – 3 July, hatched\.$/,
    )
  })

  test.for([
    ['month', 'bars', 1, 0],
    ['year', 'bars', 1, 0],
    ['week', 'bars', 1, 0],
    ['month', 'lines', 0, 1],
  ] as const)('explored by the %s, as %s, it is hatched, or a ring', async ([by, chart, hatched, rings], { visit }) => {
    const page = await settled(
      await visit(`${shop.url}/explore?measures=revenue&by=${by}&period=all&chart=${chart}&limit=1000`),
    )
    const drawing = page.locator('[data-figure="explored"] .chart svg').first()
    await drawing.waitFor()
    expect(await drawing.locator('[fill^="url(#hatch"] rect, rect[fill^="url(#hatch"]').count()).toBe(hatched)
    expect(await drawing.locator('[fill="var(--surface)"] circle, circle[fill="var(--surface)"]').count()).toBe(rings)
  })

  test('the month that is not over is drawn behind the period, hatched and named', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const chart = page.locator('[data-figure="revenue-by-month"]')
    expect(await chart.locator('pattern').count()).toBe(1)
    expect(await chart.locator('[fill^="url(#hatch"] rect, rect[fill^="url(#hatch"]').count()).toBe(1)
    expect(await chart.getByText(/^1.–.3 July$/).count()).toBe(2)
    const rows = await tableOf(page, 'revenue-by-month')
    const expected = await shop.place.gold(`
      select to_char(now.month, 'YYYY-MM') as month, now.total_revenue, now.total_transactions,
        before.total_revenue as revenue_before
      from monthly_revenue as now
      left join monthly_revenue as before
        on before.month = now.month - interval '1 year' and now.month < '2026-07-01'
      where now.month >= '2025-07-01' order by now.month`)
    expect(rows.map((row) => [row[1], row[2], row[7]])).toEqual(
      expected.map((row) => [
        written(row['total_revenue'], 'money'),
        written(row['total_transactions'], 'integer'),
        written(row['revenue_before'], 'money'),
      ]),
    )
    expect(plain(rows.at(-1)?.[0] ?? '')).toBe('July 2026: 1 – 3 July')
    expect(rows.length).toBe(13)
  })

  test('a year that is not over is compared with the same months of the year before', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=2026`))
    await holds(
      page,
      'revenue',
      'money',
      months('sum(total_revenue)', '2026-01', '2026-06'),
      months('sum(total_revenue)', '2025-01', '2025-06'),
    )
    expect(plain(await page.locator('.period-line').innerText())).toContain(
      'January – June 2026 (year to date), compared with January – June 2025.',
    )
    const years = await filter(page, 'Period').locator('option').allTextContents()
    expect(years).toContain('2026, year to date')
    expect(years).toContain('2025')
  })

  test('what it is compared with is chosen, and stands in the address', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=6m`))
    expect(await filter(page, 'Compared with').inputValue()).toBe('year')
    await filter(page, 'Compared with').selectOption('before')
    await becomes(page, 'compare', 'before')
    await settled(page)
    const revenue = (from: string, to: string) => months('sum(total_revenue)', from, to)
    await holds(page, 'revenue', 'money', revenue('2026-01', '2026-06'), revenue('2025-07', '2025-12'))
    const bars = page.locator(
      '[data-figure="revenue-by-month"] .before-1 rect, [data-figure="revenue-by-month"] g.before rect',
    )
    expect(await bars.count()).toBe(6)

    await filter(page, 'Compared with').selectOption('range')
    await becomes(page, 'compare', '2025-07-01..2025-12-31')
    await day(page, 'Compared from').fill('2025-10-01')
    await becomes(page, 'compare', '2025-10-01..2025-12-31')
    await settled(page)
    await holds(page, 'revenue', 'money', revenue('2026-01', '2026-06'), revenue('2025-10', '2025-12'))

    await page.reload()
    await settled(page)
    await holds(page, 'revenue', 'money', revenue('2026-01', '2026-06'), revenue('2025-10', '2025-12'))

    await filter(page, 'Compared with').selectOption('none')
    await becomes(page, 'compare', 'none')
    await settled(page)
    expect(await page.locator('.kpi .change, .kpi-before, g.before').count()).toBe(0)
    expect(plain(await page.locator('.period-line').innerText())).toContain(
      'January – June 2026, compared with nothing.',
    )
  })

  test('stacked bars stand before paler ones of the months that they are compared with', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/products?period=6m&compare=before`))
    const months = await shop.place.gold(
      "select sum(revenue) as revenue from country_sales where month between '2025-07' and '2025-12' group by month order by month",
    )
    for (const [path, figure] of [
      ['/products', 'revenue-by-month-and-product'],
      ['/countries', 'revenue-by-month-and-country'],
    ] as const) {
      await page.goto(`${shop.url}${path}?period=6m&compare=before`)
      await settled(page)
      const bars = page.locator(`[data-figure="${figure}"] g.before rect`)
      const heights = await bars.evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().height))
      expect(heights.length).toBe(6)
      const highest = Math.max(...months.map(({ revenue }) => Number(revenue)))
      for (const [i, { revenue }] of months.entries()) {
        expect((heights[i] ?? 0) / Math.max(...heights)).toBeCloseTo(Number(revenue) / highest, 1)
      }
      const sums = new Map<string, number>()
      for (const row of await tableOf(page, figure)) {
        sums.set(row[0] ?? '', (sums.get(row[0] ?? '') ?? 0) + Number(row.at(-1)?.replaceAll(',', '')))
      }
      expect([...sums.values()].slice(0, 6).map((sum) => sum.toFixed(2))).toEqual(
        months.map(({ revenue }) => Number(revenue).toFixed(2)),
      )
    }
    await page.goto(`${shop.url}/products?period=6m`)
    await settled(page)
    expect(await page.locator('[data-figure="products-month-by-month"] g.before path').count()).toBeGreaterThan(3)
    await page.goto(`${shop.url}/products?period=6m&compare=none`)
    await settled(page)
    expect(await page.locator('g.before').count()).toBe(0)
  })

  test('campaigns are compared by the month in which they start', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/campaigns?period=12m`))
    const [now, before] = [
      ['2025-07', '2026-06'],
      ['2024-07', '2025-06'],
    ] as const
    const started = (what: string, [from, to]: readonly [string, string]) =>
      `select ${what} from campaign_performance inner join campaign_spending using (campaign_id)
       where start_month between '${from}' and '${to}'`
    for (const [name, kind, what] of [
      ['campaigns', 'integer', 'count(*)'],
      ['spend', 'money', 'sum(total_spend)'],
      ['conversions', 'integer', 'sum(total_conversions)'],
    ] as const) {
      await holds(page, name, kind, started(what, now), started(what, before))
    }
    const known = 'total_impressions is not null and total_clicks is not null and total_conversions is not null'
    const bars = (selector: string) =>
      page
        .locator(`[data-figure="campaigns-funnel"] ${selector} rect`)
        .evaluateAll((all) => all.map((bar) => bar.getBoundingClientRect().width))
    const [widths, pale] = [await bars('g[aria-label="bar"]:not(.before):not(.before *)'), await bars('g.before')]
    expect(pale).toHaveLength(3)
    const sum = async (of: readonly [string, string]) =>
      Number(await one(`${started('sum(total_impressions)', of)} and ${known}`))
    expect((pale[0] ?? 0) / (widths[0] ?? 1)).toBeCloseTo((await sum(before)) / (await sum(now)), 1)
    const types = await shop.place.gold(
      `${started('campaign_type, sum(total_spend) as spend', before)} group by campaign_type`,
    )
    const shown = new Map((await tableOf(page, 'campaigns-by-type')).map((row) => [row[0], row.at(-2)]))
    for (const { campaign_type: type, spend } of types) expect(shown.get(type ?? '')).toBe(written(spend, 'money'))
    // Over no months: none of them is hatched.
    expect(plain(await page.locator('.period-line').innerText())).toMatch(
      /^July 2025 – June 2026, compared with July 2024 – June 2025\. Data until 3 July 2026 \(.+ ago\)\.$/,
    )
    await page.goto(`${shop.url}/campaigns?period=12m&compare=none`)
    await settled(page)
    expect(await page.locator('.kpi .change, .kpi-before, g.before rect, .bar-cell .before').count()).toBe(0)
  })

  test('a month that is not over is compared with nothing', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=2026-07`))
    expect(await exactly(kpi(page, 'revenue').locator('.kpi-value'))).toBe(
      written(await one(months('total_revenue', '2026-07', '2026-07')), 'money'),
    )
    expect(await page.locator('.kpi .change, .kpi-before').count()).toBe(0)
    expect(plain(await page.locator('.period-line').innerText())).toContain(
      'not compared: the data ends before it is over.',
    )
  })

  test('days are chosen by keyboard alone, and sum up exactly', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=2026-05`))
    await day(page, 'From').focus()
    // Chromium's fields begin with the month.
    await page.keyboard.type('05102026')
    await becomes(page, 'period', '2026-05-10..2026-05-31')
    await settled(page)
    await day(page, 'To').focus()
    await page.keyboard.type('05202026')
    await becomes(page, 'period', '2026-05-10..2026-05-20')
    await settled(page)
    const days = (from: string, to: string) =>
      `select sum(revenue) from daily_sales where day between '${from}' and '${to}'`
    await holds(page, 'revenue', 'money', days('2026-05-10', '2026-05-20'), days('2026-04-29', '2026-05-09'))
    expect(await kpi(page, 'active_customers').locator('.kpi-value').textContent()).toBe('–')
    const rows = await tableOf(page, 'revenue-by-day')
    expect(rows.length).toBe(11)

    // Where days are not known, the months are shown that they are of.
    await page.goto(`${shop.url}/products?period=2026-05-10..2026-05-20`)
    await settled(page)
    const whole = await one("select sum(revenue) from monthly_sales where month = '2026-05'")
    expect(await exactly(kpi(page, 'revenue').locator('.kpi-value'))).toBe(written(whole, 'money'))
    expect(plain(await page.locator('.period-line').innerText())).toMatch(/^May 2026.*here the months are shown/)
  })

  test('revenue is added up by day, week and quarter', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/?period=6m&compare=none`))
    for (const grain of ['day', 'week', 'quarter']) {
      await page.getByRole('combobox', { name: 'By', exact: true }).selectOption(grain)
      await becomes(page, 'grain', grain)
      await settled(page)
      const rows = await tableOf(page, `revenue-by-${grain}`)
      const expected = await shop.place.gold(`
        select coalesce(sum(revenue), 0.00) as revenue, coalesce(sum(transactions), 0) as transactions
        from generate_series('2026-01-01'::timestamp, '2026-07-03', '1 day') as day
        left join daily_sales on daily_sales.day = day.day
        group by date_trunc('${grain}', day.day) order by date_trunc('${grain}', day.day)`)
      expect(rows.map(([, ...row]) => row)).toEqual(
        expected.map((row) => [written(row['revenue'], 'money'), written(row['transactions'], 'integer')]),
      )
      // A number of it opens to the sales of these days, which silver adds up to the same.
      const card = page.locator('section', { has: page.locator(`[data-figure="revenue-by-${grain}"]`) })
      const number = card.locator('tbody tr').nth(1).locator('td').nth(1)
      await number.getByRole('button').click()
      const panel = page.getByRole('dialog')
      await panel.locator('.explained-value .agrees').waitFor()
      expect(await panel.locator('.explained-value .kpi-value').textContent()).toBe(await number.textContent())
      expect(await panel.locator('[data-part="beside"] [data-column="transactions"] dd').textContent()).toBe(
        rows[1]?.[2],
      )
      await page.keyboard.press('Escape')
      await panel.waitFor({ state: 'detached' })
      if (grain === 'week')
        expect([rows[0]?.[0], rows[1]?.[0]].map((name) => plain(name ?? ''))).toEqual([
          '1 – 4 January 2026',
          '5 – 11 January 2026',
        ])
      if (grain === 'quarter')
        expect(rows.map(([name = '']) => plain(name))).toEqual(['Q1 2026', 'Q2 2026', '1 – 3 July 2026'])
    }
    await page.goto(`${shop.url}/?product=Laptop&grain=day`)
    await settled(page)
    expect(await page.getByRole('combobox', { name: 'By', exact: true }).locator('option').allTextContents()).toEqual([
      'month',
      'quarter',
    ])
  })

  test('the fourth answer is of the last whole month, and tells what has begun', async ({ visit }) => {
    const page = await settled(await visit(shop.url))
    const [june, may] = await shop.place.gold(
      "select total_revenue from monthly_revenue where month < '2026-07-01' order by month desc limit 2",
    )
    const [now, before] = [june?.['total_revenue'], may?.['total_revenue']]
    const change = ((Number(now) - Number(before)) * 100) / Number(before)
    const answer = await page.locator('[data-answer="4"] > p').first().textContent()
    const july = await one("select total_revenue from monthly_revenue where month = '2026-07-01'")
    expect(plain(answer)).toMatch(new RegExp(`Since then, 1 – 3 July 2026: ${written(july, 'money')}\\.$`))
    expect(answer).toContain(
      `June 2026 brought in ${written(now, 'money')}, ${written(String(change), 'change')} on the month before.`,
    )
  })

  test('lingot ask 4 has no change of it, and says until when it is known', async () => {
    const { stdout } = await lingot(shop.place.names, ['ask', '4', '--json'])
    const rows: Record<string, unknown>[] = JSON.parse(stdout)[0].rows
    const dated = rows.filter(({ month }) => month !== 'Unknown')
    expect(dated.slice(-2)).toEqual([
      expect.objectContaining({ month: '2026-06', change_pct: expect.any(Number), known_until: null }),
      expect.objectContaining({ month: '2026-07', change_pct: null, known_until: '2026-07-03' }),
    ])
  })

  test('a report file ends with the last whole month, too', async ({ visit }) => {
    const folder = await mkdtemp(join(tmpdir(), 'lingot time-'))
    const file = join(folder, 'report.html')
    try {
      expect(await lingot(shop.place.names, ['report', '--html', file])).toMatchObject({ status: 0 })
      const page = await visit(pathToFileURL(file).href)
      const overview = page.locator('section#overview')
      expect(plain(await overview.locator('.period-line').innerText())).toBe(
        'July 2025 – June 2026, compared with July 2024 – June 2025. Data until 3 July 2026. July 2026 is not over in the data: 1 – 3 July, hatched.',
      )
      const [now, before] = [
        await one(months('sum(total_revenue)', '2025-07', '2026-06')),
        await one(months('sum(total_revenue)', '2024-07', '2025-06')),
      ]
      const revenue = overview.locator('[data-kpi="revenue"]')
      expect(await exactly(revenue.locator('.kpi-value'))).toBe(written(now, 'money'))
      expect(await revenue.locator('.kpi-before').textContent()).toBe(`vs ${written(before, 'figure')}`)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  test('nobody failed to come back in a month that is not over', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/customers`))
    const chart = page.locator('[data-figure="customer-cohorts"]')
    // From July 2024 to June 2026: 23 months since for the oldest cohort, and none for the youngest.
    const cells = await chart.locator('.cohort-grid [aria-label="cell"] rect').count()
    expect(cells).toBe((23 * 24) / 2)
  })

  test('all is said in French, too', async ({ visit }) => {
    const page = await settled(await visit(shop.url, { locale: 'fr-FR' }))
    const line = plain(await page.locator('.period-line').innerText())
    expect(line).toContain('Juillet 2025 – juin 2026, comparé à juillet 2024 – juin 2025.')
    expect(line).toContain('1–3 juillet, hachuré.')
    expect(await filter(page, 'Comparé à').inputValue()).toBe('year')
    expect(await kpi(page, 'orders').locator('.kpi-before').textContent()).toMatch(/^contre [\d\s]+$/)
  })
})
