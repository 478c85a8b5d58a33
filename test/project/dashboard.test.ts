import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/settings/config.ts'
import { settingsOf } from '../trust/place.ts'
import { ask } from '../web/http.ts'
import { type Served, serve } from '../web/place.ts'
import { CITY_SALES, openShop, QUESTION, type Row, type Shop } from './shop.ts'

let shop: Shop
let served: Served

beforeAll(async () => {
  shop = await openShop({
    ...CITY_SALES,
    ...QUESTION,
    'lingot.config.json': '{ "models": { "customer_cohorts": false } }',
  })
  await shop.output('run')
  const config = await loadConfig(shop.folder, settingsOf(shop.place.names))
  served = await serve(shop.place, { config })
})
afterAll(async () => {
  await served.close()
  await shop.place.leave()
})

async function read<T>(path: string): Promise<T> {
  const { status, json } = await ask(served.port, path)
  expect(status).toBe(200)
  return json()
}

const answers = async () =>
  (await read<{ answers: Row[] }>('/api/answers')).answers.map(({ number, title, rows }) => [number, title, rows])

test('the answers have that to the question of its own, as it is written now and of the table as it is now', async () => {
  expect((await answers()).slice(5)).toEqual([
    [
      6,
      'Which city buys most?',
      [
        ['Paris', '30.50'],
        ['Lyon', '5.00'],
      ],
    ],
  ])
  const sql = QUESTION['questions/best_city.sql']
  shop.write({ 'questions/best_city.sql': sql.replace('most?', 'least?').replace('revenue desc', 'revenue') })
  expect((await answers()).slice(5)).toEqual([
    [
      6,
      'Which city buys least?',
      [
        ['Lyon', '5.00'],
        ['Paris', '30.50'],
      ],
    ],
  ])

  shop.write({ 'models/city_sales.sql': CITY_SALES['models/city_sales.sql'].replace('sum(', '10 * sum(') })
  await shop.output('aggregate', '--only', 'city_sales')
  await expect.poll(async () => JSON.stringify((await answers())[5]), { timeout: 20_000 }).toContain('305.00')
})

test('the SQL page has the model and the question', async () => {
  const queries = await read<Row[]>('/api/queries')
  const own = queries.filter(({ name }) => ['city_sales', 'best_city', 'customer_cohorts'].includes(String(name)))
  expect(own.map(({ kind, title, ask }) => [kind, title, ask])).toEqual([
    ['question', 'Which city buys least?', null],
    [
      'model',
      'What each city buys. One row per city and month.',
      'select * from city_sales order by city, month limit 100',
    ],
  ])
})

test('its table is told of with its meanings, and all rows of its answer are in a file', async () => {
  const tables = await read<Row[]>('/api/tables')
  expect(tables.find(({ name }) => name === 'city_sales')).toMatchObject({
    description: 'What each city buys. One row per city and month.',
    columns: [{ name: 'city', type: 'text', meaning: 'City of residence.' }, {}, {}, {}, {}],
  })
  shop.write({ 'questions/été long.sql': '-- How many?\nselect n from generate_series(1, 2100) as n;\n' })
  const { answers } = await read<{ answers: Row[] }>('/api/answers')
  const long = answers.find(({ title }) => title === 'How many?')
  expect(long).toMatchObject({ isCut: true, rows: expect.objectContaining({ length: 600 }) })
  const { status, headers, text } = await ask(served.port, String(long?.['csv']))
  expect((await ask(served.port, '/api/csv/answers/nothing')).status).toBe(404)
  rmSync(join(shop.folder, 'questions/été long.sql'))
  expect({ status, file: headers['content-disposition'] }).toEqual({
    status: 200,
    file: "attachment; filename*=UTF-8''%C3%A9t%C3%A9%20long.csv",
  })
  expect(text.trimEnd().split('\n')).toEqual(['n', ...Array.from({ length: 2100 }, (_, i) => String(i + 1))])
})

test('its columns are followed back to silver and bronze', async () => {
  const { lineage } = await read<{ lineage: { gold: Row[] } }>('/api/trust')
  const own = lineage.gold.filter(({ table }) => table === 'city_sales').map(({ column, reads }) => [column, reads])
  expect(Object.fromEntries(own)).toMatchObject({ city: ['customers.city'], month: ['transactions.timestamp'] })
})

test('a page shows what it has of tables that are not left out', async () => {
  const { figures } = await read<{ figures: Row }>('/api/pages/customers')
  expect(Object.keys(figures)).not.toContain('cohorts')
  expect(Object.keys(figures)).toContain('totals')
})

test('one question that cannot be answered leaves the others theirs', async () => {
  shop.write({ 'questions/wrong.sql': '-- Wrong?\nselect nothing from city_sales\n' })
  const { answers } = await read<{ answers: Row[] }>('/api/answers')
  rmSync(join(shop.folder, 'questions/wrong.sql'))
  expect(answers.map(({ title, problem }) => [title, (problem as Row | null)?.['detail'] ?? null]).slice(5)).toEqual([
    ['Which city buys least?', null],
    ['Wrong?', expect.stringContaining('wrong.sql, line 2, column 8')],
  ])
})

test('what reads a table that is left out is not there, and all else is', async () => {
  const lacking = await openShop({
    'lingot.config.json':
      '{ "models": { "customer_metrics": false, "country_sales": false, "campaign_spending": false } }',
  })
  await lacking.output('run')
  const config = await loadConfig(lacking.folder, settingsOf(lacking.place.names))
  const { port, close } = await serve(lacking.place, { config })
  try {
    for (const path of [
      '/api/customers',
      '/api/csv/customers',
      '/api/csv/customers/best',
      '/api/csv/overview/months',
    ]) {
      expect({ path, ...(await ask(port, path)).json() }).toMatchObject({
        path,
        kind: expect.stringMatching('data|usage'),
      })
    }
    expect((await ask(port, '/api/customers')).json()).toMatchObject({
      detail: 'This shop leaves customer_metrics out.',
    })
    expect((await ask(port, '/api/csv/customers/segments')).status).toBe(200)
    const { figures } = (await ask(port, '/api/pages/trust')).json()
    const tables = figures.tables.rows.map(([name]: string[]) => name)
    expect(tables).toContain('customer_cohorts')
    expect(tables).not.toContain('customer_metrics')
    const sums = figures.reconciliation.rows.map((row: string[]) => [row[0], row[7]])
    expect(Object.fromEntries(sums)).toMatchObject({ customer_metrics: null, product_performance: '42.50' })
    const queries: Row[] = (await ask(port, '/api/queries')).json()
    const texts = queries.filter(({ kind }) => kind !== 'model').map(({ sql }) => String(sql))
    expect(texts.filter((sql) => /from customer_metrics|from country_sales/.test(sql))).toEqual([])
    for (const page of ['overview', 'customers', 'products', 'campaigns', 'countries', 'trust']) {
      expect((await ask(port, `/api/pages/${page}?period=all`)).status).toBe(200)
    }
    expect((await ask(port, '/api/choices')).json()).toMatchObject({ empty: [] })
  } finally {
    await close()
    await lacking.place.leave()
  }
})
