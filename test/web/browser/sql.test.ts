import type { Page } from 'playwright-core'
import { beforeAll, describe, expect } from 'vitest'
import { ask, readQuestions } from '../../../src/gold/questions.ts'
import { TOKEN } from '../place.ts'
import { type Shop, sharedShop } from './shop.ts'
import { hasBrowser, settled, test } from './visit.ts'
import { written } from './written.ts'

let shop: Shop

beforeAll(async () => {
  if (hasBrowser) shop = await sharedShop()
})

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
async function write(page: Page, sql: string): Promise<void> {
  await page.getByLabel('Statement').click()
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

  test('takes what is typed on a slow machine', async ({ visit }) => {
    const page = await settled(await visit(sqlPage('?sql=select+1')))
    const cdp = await page.context().newCDPSession(page)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    const typed = 'select country, sum(total_revenue) as revenue from country_statistics group by country order by 2'
    expect(typed).toHaveLength(97)
    const editor = page.getByLabel('Statement')
    await editor.click()
    await page.keyboard.press('ControlOrMeta+a')
    await page.keyboard.press('Delete')
    await editor.pressSequentially(typed, { delay: 80, timeout: 40_000 })
    // What is completed by itself would hold up the comparison.
    await page.keyboard.press('Escape')
    await expect.poll(() => editor.textContent(), { timeout: 10_000 }).toBe(typed)
    await page.keyboard.press('ControlOrMeta+Enter')
    await expect.poll(() => new URL(page.url()).searchParams.get('sql'), { timeout: 10_000 }).toBe(typed)
    // Whoever types on while it runs loses nothing.
    await editor.pressSequentially(' desc', { delay: 20 })
    await page.keyboard.press('Escape')
    await result(page).locator('tbody tr').first().waitFor()
    expect(await editor.textContent()).toBe(`${typed} desc`)
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

  test.for([
    ['select nothing from nowhere', /relation "nowhere" does not exist/],
    ['delete from customer_metrics', /./],
  ] as const)('says what is wrong with %s', async ([sql, message], { visit }) => {
    const page = await settled(await visit(sqlPage(), { troubles: /422|400/ }))
    await write(page, sql)
    await expect.poll(() => page.getByRole('alert').textContent()).toMatch(message)
    expect(await rowsOf(page)).toEqual([])
  })

  test('gives a thousand rows, and says that there are more', async ({ visit }) => {
    const page = await settled(await visit(sqlPage()))
    await write(page, 'select generate_series(1, 1001) as number')
    await expect.poll(() => result(page).getByRole('status').textContent()).toContain('The first 1,000 rows')
  })

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
