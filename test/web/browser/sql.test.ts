import { text } from 'node:stream/consumers'
import axe from 'axe-core'
import type { Download, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { readModels } from '../../../src/gold/models.ts'
import { ask, readQuestions } from '../../../src/gold/questions.ts'
import { TOKEN } from '../place.ts'
import { openShop, type Shop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await openShop()
})

afterAll(() => shop?.close())

const result = (page: Page) => page.getByRole('region', { name: 'Result' }).first()

function rowsOf(page: Page): Promise<string[][]> {
  return result(page)
    .locator('tbody tr')
    .evaluateAll((rows) => rows.map((row) => [...row.children].map(({ textContent }) => textContent)))
}

/** The statements that a page put to the server. */
function statementsOf(page: Page): Promise<number> {
  return page.evaluate(
    () => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/api/sql')).length,
  )
}

/** The address of the page for who has the token. */
const sqlPage = (query = '') => `${shop.url}/sql${query}#token=${TOKEN}`

/** Puts a statement in the place of what stands in the editor. */
async function write(page: Page, sql: string, label = 'Statement'): Promise<void> {
  await page.getByLabel(label, { exact: true }).click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(sql)
  await page.keyboard.press('ControlOrMeta+Enter')
}

describe.skipIf(!hasBrowser)('the SQL page', () => {
  test.for(readQuestions().map(({ number }) => number))(
    'answers question %i as gold does',
    async (number, { visit }) => {
      const question = readQuestions().filter((each) => each.number === number)
      const [answer] = await ask(shop.place.postgresUrl, shop.place.names.goldSchema, question)
      const page = await settled(await visit(sqlPage(`?question=${number}`)))
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await expect.poll(() => rowsOf(page)).toEqual(answer?.rows.map((row) => row.map((value) => value ?? 'null')))
      expect(await page.getByLabel('Statement').textContent()).toContain('select')
    },
  )

  test.for([
    '',
    '?question=2',
    '?query=model%2Fmonthly_revenue',
    '?query=figure%2Foverview%2Ftotals',
    '?sql=select+4711',
  ])('of %s fills the editor in, and waits', async (query, { visit }) => {
    const page = await settled(await visit(sqlPage(query)))
    await page.getByText('Nothing has been asked yet').waitFor()
    expect(await page.getByLabel('Statement').textContent()).toContain('select')
    await page.waitForTimeout(300)
    expect(await statementsOf(page)).toBe(0)
    await page.getByRole('button', { name: /^(Run|Ask its table)$/ }).click()
    await result(page).locator('tbody tr').first().waitFor()
    expect(await statementsOf(page)).toBe(1)
  })

  test('asks what is chosen in its list, and forgets the answer where the reader goes back', async ({ visit }) => {
    const page = await settled(await visit(sqlPage('?sql=select+4711')))
    const [, second] = readQuestions()
    await page.getByRole('button', { name: second?.title ?? '', exact: true }).click()
    await result(page).locator('tbody tr').first().waitFor()
    expect(await page.getByLabel('Statement').textContent()).toContain('product_performance')
    await page.goBack()
    await page.getByText('Nothing has been asked yet').waitFor()
    expect(await page.getByLabel('Statement').textContent()).toBe('select 4711')
  })

  test('says what helps who has no token', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/sql`, { troubles: /status of 401/ }))
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    expect(await page.getByRole('alert').textContent()).toContain('POSTGRES_READER_URL')
  })

  // Names that are completed, texts and comments that are not.
  const typed = [
    "select country, sum(total_revenue) as revenue, count(*) as months, 'it''s 5 %' as note",
    'from country_statistics left join monthly_revenue using (total_revenue)',
    'where country is not null and total_revenue > 1000.50',
    'group by country having sum(total_revenue) between 1 and 99999999999',
    'order by revenue desc nulls last, country limit 1000 -- of all that is above what is',
    'small, and beneath what is large, wherever that may be',
  ]
    .join(' ')
    .slice(0, 400)

  test.for([1, 4, 6])('takes 400 keys, slow and quick, on a machine %i times as slow', async (rate, { visit }) => {
    expect(typed).toHaveLength(400)
    const page = await settled(await visit(sqlPage('?sql=+')))
    const editor = page.getByLabel('Statement', { exact: true })
    await editor.click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.press('Delete')
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate })
    for (const [i, delay] of [120, 80, 30, 10].entries()) {
      await page.keyboard.type(typed.slice(i * 100, (i + 1) * 100), { delay })
    }
    await page.keyboard.press('ControlOrMeta+Enter')
    // Whoever types on while it runs loses nothing.
    await page.keyboard.type(', and more', { delay: 20 })
    await page.keyboard.press('Escape')
    await expect.poll(() => editor.textContent(), { timeout: 60_000 }).toBe(`${typed}, and more`)
    await expect.poll(() => new URL(page.url()).searchParams.get('sql'), { timeout: 60_000 }).toBe(typed)
    await result(page).locator('tbody tr').first().waitFor({ timeout: 60_000 })
  })

  test('leaves the cursor to who writes on while a statement fails', async ({ visit }) => {
    const page = await settled(await visit(sqlPage('?sql=+'), { troubles: /status of 4/ }))
    const editor = page.getByLabel('Statement', { exact: true })
    await page.route('**/api/sql', async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 500))
      await route.continue()
    })
    await write(page, 'select nowhere from monthly_revenue')
    await page.keyboard.type(' limit')
    await page.getByRole('alert').waitFor()
    await page.keyboard.type(' 10')
    await page.keyboard.press('Escape')
    expect(await editor.textContent()).toBe('select nowhere from monthly_revenue limit 10')
  })

  test('runs a statement of one’s own, shows it as a chart, and keeps it in the address', async ({ visit }) => {
    const page = await settled(await visit(sqlPage()))
    await write(page, "select 'a' as name, 1.50 as worth union all select '<b>', 2.25 order by 1")
    await expect
      .poll(() => rowsOf(page))
      .toEqual([
        ['<b>', '2.25'],
        ['a', '1.50'],
      ])
    expect(new URL(page.url()).searchParams.get('sql')).toContain('2.25')
    await result(page).getByRole('button', { name: 'Chart' }).click()
    await result(page).locator('.chart svg').first().waitFor()
  })

  test('keeps the chart that is chosen in the address, and draws it again', async ({ visit }) => {
    const page = await settled(await visit(sqlPage()))
    await write(
      page,
      'select month, country, sum(revenue) as total_revenue, sum(transactions) as total_transactions from country_sales group by 1, 2 order by 1, 2',
    )
    await result(page).getByRole('button', { name: 'Chart' }).click()
    await result(page).getByLabel('Colours').waitFor()
    // Months that come several times are told apart by themselves.
    expect(await result(page).getByLabel('Colours').inputValue()).toBe('country')
    await result(page).getByRole('combobox', { name: 'Chart', exact: true }).selectOption('bars')
    await result(page).getByRole('combobox', { name: 'Up', exact: true }).selectOption('total_transactions')
    await expect.poll(() => chartOf(page)).toEqual(['bars', 'month', 'total_transactions', 'country'])
    const colours = await coloursOf(page)
    expect(colours.length).toBeGreaterThan(2)

    const again = await settled(await visit(page.url()))
    expect(await statementsOf(again)).toBe(0)
    // Its own window has no token yet.
    await again.evaluate((token) => sessionStorage.setItem('lingot.token', token), TOKEN)
    await again.getByRole('button', { name: 'Run', exact: true }).click()
    await again.locator('.result .chart svg').first().waitFor()
    expect(await coloursOf(again)).toEqual(colours)
    expect(await again.getByRole('combobox', { name: 'Up', exact: true }).inputValue()).toBe('total_transactions')
    await again.getByLabel('Colours').selectOption({ label: 'One colour' })
    await expect.poll(() => chartOf(again)).toEqual(['bars', 'month', 'total_transactions', '-'])
    await expect.poll(() => coloursOf(again)).toEqual([])
    // Another statement has a chart of its own.
    await again.getByRole('button', { name: readQuestions()[1]?.title ?? '', exact: true }).click()
    await again.getByRole('button', { name: 'Chart', exact: true }).waitFor()
    expect(chartOf(again)).toEqual([null, null, null, null])
  })

  test.for([
    ['en-GB', 'Statement', 'select nothing from monthly_sale', /no table monthly_sale\..*Did you mean monthly_sales\?/],
    ['fr-FR', 'Requête', 'select mont from monthly_sales', /pas de colonne mont\..*Vouliez-vous dire month \?/],
    ['en-GB', 'Statement', 'delete from customer_metrics', /./],
  ] as const)('says in %s what is wrong with %s: %s', async ([locale, label, sql, message], { visit }) => {
    const page = await settled(await visit(sqlPage(), { locale, troubles: /422|400/ }))
    await write(page, sql, label)
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(message)
    expect(await page.locator('.result tbody tr').count()).toBe(0)
  })

  test('gives a thousand rows, and says that there are more', async ({ visit }) => {
    const page = await settled(await visit(sqlPage()))
    await write(page, 'select generate_series(1, 1001) as number')
    await expect.poll(() => result(page).getByRole('status').textContent()).toContain('The first 1,000 rows')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      result(page).getByRole('button', { name: 'All rows as CSV' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('result.csv')
    const numbers = Array.from({ length: 1001 }, (_, i) => String(i + 1))
    expect((await textOf(download)).split('\n')).toEqual(['number', ...numbers, ''])
  })

  test('has a tree of tables and columns, which is searched, and gone through by keyboard', async ({ visit }) => {
    const page = await settled(await visit(sqlPage('?sql=select+*+from')))
    const tree = page.getByRole('tree', { name: 'Tables' })
    const items = tree.getByRole('treeitem')
    const names = readModels().map(({ name }) => name)
    await expect.poll(() => items.locator('.name').allTextContents()).toEqual(names)
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-item'))

    await items.first().focus()
    await page.keyboard.press('End')
    expect(await focused()).toBe(names.at(-1))
    await page.keyboard.press('m')
    expect(await focused()).toMatch(/^monthly_/)
    const table = (await focused()) ?? ''
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe(`${table}.month`)
    const column = tree.locator(`[data-item="${table}.month"]`)
    expect(await column.textContent()).toBe(`month${'date'}${meaningOf(table, 'month')}`)
    expect(await column.getAttribute('aria-level')).toBe('2')
    await page.keyboard.press('ArrowLeft')
    await page.keyboard.press('Enter')
    const editor = page.getByLabel('Statement', { exact: true })
    // Where the keyboard is, it stays; the name stands where the cursor was: at the start.
    expect(await editor.textContent()).toBe(`${table} select * from`)
    expect(await focused()).toBe(table)
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => items.count()).toBe(names.length)
    // One stop of Tab, whatever is open.
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('[role="tree"]') === null)).toBe(true)

    await page.getByRole('searchbox').fill('Adresse de nulle part')
    await page.getByText('Nothing is called so.').waitFor()
    // By what a column means: with the table that it is of, and without its others.
    await page.getByRole('searchbox').fill('SPEND / conversions')
    await tree.locator('[data-item="campaign_performance.avg_cpa"]').waitFor()
    expect(await tree.locator('[data-item="campaign_performance.roi"]').count()).toBe(0)
    await editor.click()
    await page.keyboard.press('ControlOrMeta+End')
    await tree.locator('[data-item="campaign_performance"]').click()
    expect(await editor.textContent()).toBe(`${table} select * from campaign_performance`)
    expect(await editor.evaluate((element) => element === document.activeElement)).toBe(true)
  })

  test('completes tables and columns with their meanings, and takes no key from who types', async ({ visit }) => {
    const page = await settled(await visit(sqlPage('?sql=+')))
    const editor = page.getByLabel('Statement', { exact: true })
    const options = page.getByRole('listbox', { name: 'Completions' }).getByRole('option')
    const last = () => editor.locator('.cm-line').last().textContent()
    await editor.click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.type('select total_tr')
    await options.filter({ hasText: 'total_transactions' }).first().waitFor()
    await page.keyboard.press('Escape')
    await expect.poll(() => options.count()).toBe(0)
    await page.keyboard.type(' from monthly_rev')
    await options.filter({ hasText: 'monthly_revenue' }).first().waitFor()
    // A list that opened a moment ago takes no key.
    await expect
      .poll(async () => {
        await page.keyboard.press('ArrowDown')
        return page.locator('.cm-completionInfo').count()
      })
      .toBe(1)
    expect(await page.locator('.cm-completionInfo').textContent()).toBe(descriptionOf('monthly_revenue'))
    await page.keyboard.press('Enter')
    expect(await last()).toBe('select total_tr from monthly_revenue')
    // Of the table that is named alone, and of none where a text stands.
    await page.keyboard.type(' where mo')
    await expect.poll(() => options.filter({ hasText: /^month/ }).allTextContents()).toContain('monthmonthly_revenue')
    // What stands first in the list is not taken for what was typed.
    await page.keyboard.press('Enter')
    expect(await last()).not.toContain('month')
    await page.keyboard.type("and country = 'mont")
    await page.waitForTimeout(400)
    expect(await options.count()).toBe(0)
    // Tab leads on, with a list open as well.
    await page.keyboard.press('ControlOrMeta+End')
    await page.keyboard.type(' or mo')
    await page.keyboard.press('Control+Space')
    await page.keyboard.press('Tab')
    expect(await editor.evaluate((element) => element === document.activeElement)).toBe(false)
  })

  test('keeps queries by name, with their chart, renames and deletes them, and gives each as a question', async ({
    visit,
  }) => {
    const page = await settled(await visit(sqlPage()))
    const sql = 'select month, total_revenue from monthly_revenue order by 1'
    const editor = page.getByLabel('Statement', { exact: true })
    const list = page.getByRole('navigation', { name: 'Queries and tables' })
    await write(page, sql)
    await result(page).getByRole('button', { name: 'Chart' }).click()
    await name(page, 'Keep', 'Revenue by month')
    await page.getByRole('heading', { name: 'Revenue by month', level: 2 }).waitFor()
    // What is seen stays.
    await page.locator('.result .chart svg').first().waitFor()
    expect(new URL(page.url()).searchParams.get('kept')).toBe('Revenue by month')

    await page.reload()
    await settled(page)
    expect(await editor.textContent()).toBe(sql)
    expect(await statementsOf(page)).toBe(0)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('revenue by mo')
    await expect.poll(() => page.getByRole('option').allTextContents()).toContain('QueryRevenue by month')
    await page.keyboard.press('Escape')

    await write(page, `${sql} desc`)
    await page.getByRole('button', { name: 'Save changes' }).click()
    await expect.poll(() => page.getByRole('button', { name: 'Save changes' }).count()).toBe(0)
    await name(page, 'Rename', 'Été : revenu')
    await page.getByRole('heading', { name: 'Été : revenu', level: 2 }).waitFor()
    await expect.poll(() => list.getByRole('button', { name: 'Revenue by month' }).count()).toBe(0)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Question file' }).click(),
    ])
    expect(download.suggestedFilename()).toBe('ete_revenu.sql')
    expect(await textOf(download)).toBe(`-- Été : revenu\n\n${sql} desc\n`)

    // It is opened as the others are: with what it gives.
    await page.goto(sqlPage('?sql=select+4711'))
    await settled(page)
    await list.getByRole('button', { name: 'Été : revenu' }).click()
    await page.locator('.result .chart svg').first().waitFor()
    expect(await editor.textContent()).toBe(`${sql} desc`)
    await page.getByRole('button', { name: 'Delete', exact: true }).click()
    await expect.poll(() => list.getByRole('button', { name: 'Été : revenu' }).count()).toBe(0)
    // The statement stays, to be kept again.
    expect(await editor.textContent()).toBe(`${sql} desc`)
    expect(new URL(page.url()).searchParams.get('sql')).toBe(`${sql} desc`)
  })

  test('keeps out of the address what is too long for it, and opens it by its name', async ({ visit }) => {
    const page = await settled(await visit(sqlPage('?sql=select+1')))
    const long = `select '${'x'.repeat(12_000)}' as text`
    await write(page, long)
    await result(page).locator('tbody tr').first().waitFor()
    expect(new URL(page.url()).search.length).toBeLessThan(12_100)
    await page.getByText('too long for the address').waitFor()
    await name(page, 'Keep', 'Long')
    await page.getByRole('heading', { name: 'Long', level: 2 }).waitFor()
    await page.reload()
    await settled(page)
    expect(await page.getByLabel('Statement', { exact: true }).textContent()).toBe(long)
    await page.goto(`${shop.url}/sql?kept=Elsewhere`)
    await page.getByText('No query called Elsewhere is kept').waitFor()
  })

  test.for(['light', 'dark'] as const)(
    'shuts nobody out of a %s page with a list, a tree and a chart',
    async (colorScheme, { visit }) => {
      const page = await settled(await visit(sqlPage(), { colorScheme, locale: 'fr-FR' }))
      await write(
        page,
        'select month, country, sum(revenue) as total from country_sales group by 1, 2 order by 1',
        'Requête',
      )
      await page.getByRole('region', { name: 'Résultat' }).getByRole('button', { name: 'Graphique' }).click()
      await page.locator('.result .chart svg').first().waitFor()
      await page.getByRole('treeitem', { name: 'customer_metrics', exact: true }).focus()
      await page.keyboard.press('ArrowRight')
      await page.getByLabel('Requête', { exact: true }).click()
      await page.keyboard.press('ControlOrMeta+End')
      await page.keyboard.type(', tot')
      await page.getByRole('listbox', { name: 'Suggestions' }).waitFor()
      await page.keyboard.press('ArrowDown')
      await page.evaluate(axe.source)
      const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run(document))
      const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(serious.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(' '))])).toEqual([])
    },
  )

  test('shows a model, and asks its table', async ({ visit }) => {
    const page = await settled(await visit(sqlPage('?query=model%2Fmonthly_revenue')))
    expect(await page.getByLabel('Statement').textContent()).toContain('from sold')
    await page.getByRole('button', { name: 'Ask its table' }).click()
    const rows = await shop.place.gold(
      `select * from ${shop.place.names.goldSchema}.monthly_revenue order by month limit 100`,
    )
    await expect.poll(() => rowsOf(page)).toEqual(rows.map((row) => Object.values(row).map((value) => value ?? 'null')))
  })
})

async function textOf(download: Download): Promise<string> {
  return text(await download.createReadStream())
}

/** What the address says of a chart. */
function chartOf(page: Page): (string | null)[] {
  const { searchParams } = new URL(page.url())
  return ['chart', 'x', 'y', 'series'].map((name) => searchParams.get(name))
}

/** The things that a chart tells apart, each with its colour. */
function coloursOf(page: Page): Promise<string[]> {
  return page
    .locator('.result .chart [class*="swatch"]:has(> svg)')
    .evaluateAll((all) => all.map((each) => `${each.textContent} ${each.querySelector('svg')?.getAttribute('fill')}`))
}

/** Gives the query that is open a name. */
async function name(page: Page, button: string, text: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).click()
  await page.getByLabel('Name of the query').fill(text)
  await page.keyboard.press('Enter')
}

const modelOf = (table: string) => readModels().find(({ name }) => name === table)
const meaningOf = (table: string, column: string) => modelOf(table)?.columns[column]
const descriptionOf = (table: string) => modelOf(table)?.description

describe.skipIf(!hasBrowser)('the Trust page', () => {
  test.for([
    ['customer_metrics', 'total_spent'],
    ['product_performance', 'total_revenue'],
    ['monthly_revenue', 'total_revenue'],
    ['country_statistics', 'total_revenue'],
  ] as const)('ends the waterfall of %s at its own sum', async ([table, column], { visit }) => {
    const page = await settled(await visit(`${shop.url}/trust`))
    const [own] = await shop.place.gold(`select sum(${column}) as sum from ${shop.place.names.goldSchema}.${table}`)
    const card = page.locator('section.card', { has: page.getByRole('heading', { name: table, exact: true }) })
    await expect.poll(() => card.textContent()).toContain(`The table itself sums to ${written(own?.['sum'], 'money')}.`)
    expect(await card.textContent()).toContain('To the cent')
  })

  test('counts what became of every document', async ({ visit }) => {
    const page = await settled(await visit(`${shop.url}/trust`))
    const { client, names } = shop.place
    for (const name of ['customers', 'transactions', 'campaigns']) {
      const [bronze, silver] = await Promise.all(
        [names.bronze, names.silver].map((layer) => client.db(layer).collection(name).countDocuments()),
      )
      const text = await page.locator('#documents').textContent()
      for (const count of [bronze, silver]) expect(text).toContain(written(String(count), 'integer'))
    }
  })
})
