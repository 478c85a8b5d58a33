import { text } from 'node:stream/consumers'

import { afterAll, beforeAll, describe, expect } from 'vitest'
import type { Figure, PageName, Page as PageOfFigures } from '../../../src/web/api.ts'
import { ask } from '../http.ts'
import { type FigureSpec, figureSpecs, type Row } from './figure_specs.ts'
import { exactly, tableOf } from './pages.ts'
import { AMPERSAND, openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { type Kind, written } from './written.ts'

let shop: Shop

const filters = [
  {},
  { period: 'all' },
  { country: AMPERSAND, period: 'all' },
  { product: 'Laptop', country: 'France' },
  { period: '2025-01..2025-06', product: 'Laptop' },
]

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

const pathOf = (page: PageName) => (page === 'overview' ? '/' : `/${page}`)
const addressOf = (page: PageName, filter: Record<string, string>) =>
  `${shop.url}${pathOf(page)}?${new URLSearchParams(filter)}`

/** What the server gives to a page, which other tests hold against plain loops over silver. */
async function figuresOf(page: PageName, filter: Record<string, string>): Promise<PageOfFigures> {
  const known: Partial<Record<PageName, string[]>> = {
    customers: ['country'],
    campaigns: ['period', 'compare'],
    countries: ['period', 'product'],
  }
  const wanted = Object.entries(filter).filter(([name]) => known[page]?.includes(name) ?? true)
  if (page === 'customers') wanted.push(['period', 'all'])
  const path = `/api/pages/${page}?${new URLSearchParams(wanted)}`
  return (await ask(Number(new URL(shop.url).port), path)).json() as PageOfFigures
}

function records({ columns, rows }: Figure): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
}

function shown(figure: Figure, { cells, rows: isShown = () => true }: FigureSpec, isCompared: boolean): string[][] {
  const rows = records(figure)
  // What is compared with nothing has no columns of that.
  const shownCells = cells.filter(
    (cell) => isCompared || typeof cell === 'function' || !/^(previous_|change_pct)/.test(cell[0]),
  )
  return rows
    .filter(isShown)
    .map((row) => shownCells.map((cell) => (typeof cell === 'function' ? cell(row) : written(row[cell[0]], cell[1]))))
}

/** Key figures of the overview, and where the five tables have them too. */
const keyFigures: [filter: Record<string, string>, name: string, kind: Kind, sql: string][] = [
  [{ period: 'all' }, 'revenue', 'money', 'select sum(total_revenue) from product_performance'],
  [{ period: 'all' }, 'orders', 'integer', 'select sum(total_sales) from product_performance'],
  [
    { period: 'all' },
    'average_order_value',
    'money',
    `select round(sum(revenue) / (sum(transactions) - sum(amount_unknown)), 2) from reconciliation
       where gold_table = 'all sales'`,
  ],
  [
    { period: 'all', country: 'France' },
    'revenue',
    'money',
    "select total_revenue from country_statistics where country = 'France'",
  ],
  [
    { period: 'all', country: 'France' },
    'active_customers',
    'integer',
    "select count(*) from customer_metrics where country = 'France'",
  ],
  [
    { period: 'all', country: 'France' },
    'repeat_rate_pct',
    'percent',
    `select round(count(*) filter (where total_transactions > 1) * 100.0 / count(*), 2)
       from customer_metrics where country = 'France'`,
  ],
  [
    { period: 'all', product: 'Laptop' },
    'revenue',
    'money',
    "select total_revenue from product_performance where product = 'Laptop'",
  ],
  [
    { period: 'all', product: 'Laptop' },
    'active_customers',
    'integer',
    "select unique_customers from product_performance where product = 'Laptop'",
  ],
  [
    { period: '2025-01..2025-06' },
    'revenue',
    'money',
    "select sum(total_revenue) from monthly_revenue where month between '2025-01-01' and '2025-06-01'",
  ],
  [
    { period: '2025-03' },
    'active_customers',
    'integer',
    "select unique_customers from monthly_revenue where month = '2025-03-01'",
  ],
  [
    { period: '2025-03' },
    'average_order_value',
    'money',
    "select avg_transaction_value from monthly_revenue where month = '2025-03-01'",
  ],
  [
    {},
    'orders',
    'integer',
    `select sum(total_transactions) from monthly_revenue
       where month > (select max(month) from monthly_revenue) - interval '12 months'`,
  ],
]

describe.skipIf(!hasBrowser)('figures', () => {
  test.for(Object.entries(figureSpecs))('the tables of %s hold what gold holds', async ([name, specs], { visit }) => {
    const place = name as PageName
    const page = await visit(addressOf(place, {}))
    for (const filter of filters) {
      if (filter !== filters[0]) await page.goto(addressOf(place, filter))
      await settled(page)
      const { figures, period } = await figuresOf(place, filter)
      const figure = (name: string) => figures[name] ?? { columns: [], rows: [], sql: '', csv: null, reads: [] }
      const there = specs.filter(({ query, isThere }) => isThere?.(records(figure(query))) ?? true)
      const names = await page
        .locator('[data-figure]')
        .evaluateAll((all) => all.map((one) => (one as HTMLElement).dataset['figure']))
      // The table of all customers is asked for in parts, which a test of its own does.
      expect(names.filter((name) => name !== 'customers').sort(), JSON.stringify(filter)).toEqual(
        there.map(({ name }) => name).sort(),
      )
      for (const spec of there) {
        const { name, query } = spec
        expect(await tableOf(page, name), `${name} ${JSON.stringify(filter)}`).toEqual(
          shown(figure(query), spec, period.before !== null),
        )
      }
    }
  })

  test('the file of the customers has all that are looked for, not those in view', async ({ visit }) => {
    const page = await settled(await visit(addressOf('customers', {})))
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV of All customers', exact: true }).click(),
    ])
    const lines = (await text(await download.createReadStream())).trimEnd().split('\n')
    const [counted] = await shop.place.gold('select count(*) from customer_metrics')
    expect(Number(counted?.['count'])).toBeGreaterThan(50)
    expect(lines).toHaveLength(Number(counted?.['count']) + 1)
    expect(download.suggestedFilename()).toBe('customers.csv')
  })

  test('the table of customers is cut as it is told to', async ({ visit }) => {
    const page = await settled(await visit(addressOf('customers', { country: 'France' })))
    const table = page.locator('[data-figure="customers"]')
    const cells = async () => {
      await table.locator(':scope[aria-busy="false"]').waitFor()
      return table
        .locator('tbody tr')
        .evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent)))
    }
    const expected = async (rest: string) =>
      (await shop.place.gold(`select * from customer_metrics ${rest}`)).map((row) => [
        ...['full_name', 'customer_id', 'city', 'country'].map((name) => written(row[name], 'text')),
        written(row['total_transactions'], 'integer'),
        ...['total_spent', 'avg_transaction_amount'].map((name) => written(row[name], 'money')),
        ...['first_purchase_date', 'last_purchase_date'].map((name) => written(row[name], 'date')),
      ])
    const french = "where country = 'France'"
    expect(await cells()).toEqual(await expected(`${french} order by total_spent desc, customer_id limit 50`))

    await table.getByRole('button', { name: 'First' }).click()
    await page.waitForURL(/sort=first_purchase_date/)
    expect(await table.getByRole('columnheader', { name: 'First' }).getAttribute('aria-sort')).toBe('descending')
    const byFirst = `${french} order by first_purchase_date desc nulls last, customer_id`
    expect(await cells()).toEqual(await expected(`${byFirst} limit 50`))

    await page.getByRole('button', { name: 'Next' }).click()
    await page.waitForURL(/page=2/)
    expect(await cells()).toEqual(await expected(`${byFirst} limit 50 offset 50`))

    await page.getByRole('searchbox').fill('=1+')
    await page.waitForURL(/search=/)
    expect(await cells()).toEqual(await expected("where customer_id = 'ODD2'"))
  })

  test('the key figures are those of the five tables', async ({ visit }) => {
    const page = await visit(addressOf('overview', {}))
    for (const [filter, name, kind, sql] of keyFigures) {
      await page.goto(addressOf('overview', filter))
      await settled(page)
      const [row] = await shop.place.gold(sql)
      const value = await exactly(page.locator(`[data-kpi="${name}"] .kpi-value`))
      expect(value, `${name} of ${JSON.stringify(filter)}`).toBe(written(Object.values(row ?? {})[0], kind))
    }
  })

  test('the five answers are those of the five tables, whatever is chosen', async ({ visit }) => {
    const page = await settled(await visit(addressOf('overview', { country: 'Suisse', period: '2024-09' })))
    const answer = (number: number) => page.locator(`[data-answer="${number}"] > p`).first().textContent()
    const first = async (sql: string) => (await shop.place.gold(sql))[0] ?? {}
    const total = "(select revenue from reconciliation where gold_table = 'all sales')"

    const customer = await first(`
      select *, total_spent * 100 / ${total} as share from customer_metrics order by total_spent desc, customer_id`)
    const ten = await first(`
      select sum(round(total_spent * 100 / ${total}, 2)) as share
      from (select total_spent from customer_metrics order by total_spent desc, customer_id limit 10) as best`)
    expect(await answer(1)).toBe(
      `${customer['full_name']} (${customer['customer_id']}) spent ${written(customer['total_spent'], 'money')}, ` +
        `${written(customer['share'], 'percent2')} of all revenue. ` +
        `The best 10 together: ${written(ten['share'], 'percent2')}.`,
    )

    const product = await first(`
      select *, total_revenue * 100 / ${total} as share from product_performance
      where product <> 'Unknown' order by total_revenue desc`)
    const noProduct = await first(
      `select total_revenue * 100 / ${total} as share from product_performance where product = 'Unknown'`,
    )
    expect(await answer(2)).toBe(
      `${product['product']} brings in ${written(product['total_revenue'], 'money')}, ` +
        `${written(product['share'], 'percent')} of all revenue. ` +
        `For ${written(noProduct['share'], 'percent')} the product is unknown.`,
    )

    const campaign = await first('select * from campaign_performance order by roi desc nulls last, campaign_id')
    const without = await first('select count(*) from campaign_performance where roi is null')
    expect(await answer(3)).toBe(
      `${campaign['campaign_name']} (${campaign['campaign_id']}) left ${written(campaign['roi'], 'percent2')} ` +
        `of its budget unspent, which is how ROI is defined here. ` +
        `${without['count']} campaigns have no ROI: budget or spend is unknown.`,
    )

    const [last, before] = await shop.place.gold('select * from monthly_revenue order by month desc limit 2')
    const top = await first('select * from monthly_revenue order by total_revenue desc')
    const [now, then] = [Number(last?.['total_revenue']), Number(before?.['total_revenue'])]
    const signed = {
      style: 'percent',
      minimumFractionDigits: 1,
      maximumFractionDigits: 1,
      signDisplay: 'exceptZero',
    } as const
    expect(await answer(4)).toBe(
      `${written(last?.['month'], 'month')} brought in ${written(last?.['total_revenue'], 'money')}, ` +
        `${new Intl.NumberFormat('en-GB', signed).format((now - then) / then)} on the month before. ` +
        `The best month was ${written(top['month'], 'month')}: ${written(top['total_revenue'], 'money')}.`,
    )

    const country = await first(`
      select *, total_revenue * 100 / ${total} as share from country_statistics
      where country <> 'Unknown' order by total_revenue desc`)
    const nowhere = await first(`
      select (${total} - sum(total_revenue)) * 100 / ${total} as share from country_statistics where country <> 'Unknown'`)
    expect(await answer(5)).toBe(
      `${country['country']} brings in ${written(country['total_revenue'], 'money')}, ` +
        `${written(country['share'], 'percent')} of all revenue. ` +
        `${written(nowhere['share'], 'percent')} belongs to no known country.`,
    )
  })
})
