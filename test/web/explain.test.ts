import { serialize } from 'bson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { cleanAgain } from '../../src/trust/explain/recleaning.ts'
import { why as whySchema } from '../../src/trust/why/why_schema.ts'
import { explanation } from '../../src/web/explanation.ts'
import { explain, runPipeline, standard } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { ask, type Told } from './http.ts'
import { type Served, serve, TOKEN } from './place.ts'

let place: Place
let served: Served

const authorized = { authorization: `Bearer ${TOKEN}` }
const get = (path: string, headers: Record<string, string> = {}) => ask(served.port, path, { headers })
const addressOf = (subject: string, key: string, query = {}) =>
  `/api/explain/${subject}/${encodeURIComponent(key)}?${new URLSearchParams(query)}`
const run = () => runPipeline(place.client, place.postgresUrl, place.names)
const EMAIL = 'somebody@example.com'

beforeAll(async () => {
  place = await openPlace()
  await generate(place.client, { database: place.names.bronze, seed: 1, scale: 0.05 })
  const bronze = place.client.db(place.names.bronze)
  await bronze
    .collection('customers')
    .insertOne({ customer_id: 'C1', first_name: ' Zoë ', email: `<${EMAIL}>`, country: 'france' })
  await bronze.collection('transactions').insertMany([
    {
      customer_id: 'C1',
      product: 'A/B % c',
      amount: '1 234,50',
      discount_applied: 34.5,
      shipping_cost: 5,
      timestamp: '2025-03-10',
    },
    { customer_id: 'C1', product: 'A/B % c', amount: `${EMAIL} `, timestamp: '2025-04-10' },
  ])
  await run()
  served = await serve(place)
})

afterAll(async () => {
  await served.close()
  await place.leave()
})

/** An answer without where its files are, which differs with what is asked for. */
function unaddressed(told: object): unknown {
  return JSON.parse(JSON.stringify(told, (name, value) => (name === 'csv' ? undefined : value)))
}

describe('an explanation', () => {
  test.for([
    ['month', '2025-03'],
    ['customer', 'C1'],
    ['product', 'A/B % c'],
    ['product', 'Laptop'],
    ['country', 'France'],
    ['campaign', null],
    ['country_sales', '2025-03 / France / customer known'],
  ] as const)('of a %s is what `lingot explain` tells: %s', async ([subject, named]) => {
    const key =
      named ?? (await place.gold('select campaign_id from campaign_performance limit 1'))[0]?.['campaign_id'] ?? ''
    const { status, json } = await get(addressOf(subject, key))
    expect(status).toBe(200)
    expect(explanation.safeParse(json()).error).toBeUndefined()
    const told = JSON.parse(JSON.stringify(await explain(place.client, place.postgresUrl, subject, key, place.names)))
    const { row, silver, key: keyTold, leftOut } = json()
    expect({ row, silver, key: keyTold, leftOut }).toEqual({
      row: told.row,
      silver: told.silver,
      key: told.key,
      leftOut: told.leftOut,
    })
    expect(json().sql.text).toBe(told.sql.text)
    expect(json().sql.file).not.toContain('/')
    expect(json().checks.all).toBeGreaterThan(0)
  })

  test('tells what bronze had to who has the token, and nothing personal to anybody', async () => {
    const path = addressOf('product', 'A/B % c')
    const [without, withToken, wrong] = await Promise.all([
      get(path),
      get(path, authorized),
      get(path, { authorization: 'Bearer wrong' }),
    ])
    expect(without.text).not.toContain('1 234,50')
    expect(wrong.text).toBe(without.text)
    expect(withToken.text).toContain('"given":"1 234,50"')
    expect(withToken.headers['cache-control']).toBe('no-store')
    const customer = await get(addressOf('customer', 'C1'), authorized)
    expect(customer.text).toContain('"field":"email","kind":"repaired"')
    for (const { text } of [without, withToken, customer]) expect(text).not.toContain(EMAIL)
    expect(customer.text).not.toContain(' Zoë')
  })
})

test('who was erased is not found by what bronze still has', async () => {
  const { client, names } = place
  const contract = standard.contracts.find(({ collection }) => collection === 'transactions')
  const sales = client.db(names.silver).collection('transactions')
  const found = (await sales.find({ customer_id: 'C1' }).toArray()).map((sale) => Buffer.from(serialize(sale)))
  const told = async (isErased: (id: string) => boolean) => {
    const context = { latest: Date.now(), region: standard.phoneRegion, isErased }
    const refining = { contracts: standard.contracts, bronze: names.bronze, context, tellsGiven: true }
    if (contract === undefined) throw new Error('no transactions')
    return (await cleanAgain(client, contract, found, refining)).flatMap(({ cleaning }) => cleaning)
  }
  expect((await told(() => true)).filter(({ reason }) => reason === 'erased')).toEqual(
    found.map(() => ({ field: 'customer_id', kind: 'missing', reason: 'erased' })),
  )
  expect(await told(() => false)).toContainEqual(expect.objectContaining({ given: '1 234,50' }))
})

describe('where the page is narrowed', () => {
  test.for([
    [
      'month',
      '2025-03',
      { country: 'France' },
      "month = '2025-03' and country = 'France' and buyer = 'customer known'",
    ],
    ['month', '2025-03', { product: 'Laptop' }, "month = '2025-03' and product = 'Laptop'"],
    [
      'product',
      'Laptop',
      { period: '2025-01..2025-06' },
      "month between '2025-01' and '2025-06' and product = 'Laptop'",
    ],
    [
      'country',
      'France',
      { period: '2025', product: 'Laptop' },
      "month like '2025-%' and product = 'Laptop' and country = 'France' and buyer = 'customer known'",
    ],
  ] as const)('a %s is of the sales that are left: %s of %o', async ([subject, key, query, where]) => {
    const { status, json } = await get(addressOf(subject, key, query))
    expect(status).toBe(200)
    const [sums] = await place.gold(
      `select sum(revenue) as revenue, sum(transactions)::bigint as transactions from monthly_sales where ${where}`,
    )
    const { row, subject: told, silver } = json()
    const value = (name: string) => row.find(({ column }: { column: string }) => column === name)
    expect(Number(sums?.['transactions'])).toBeGreaterThan(1)
    // Gold and the silver records by themselves say the same.
    for (const name of ['revenue', 'transactions']) {
      expect(value(name)).toMatchObject({ value: sums?.[name], workedOut: sums?.[name], agrees: true })
    }
    expect(row.filter(({ agrees }: { agrees: boolean }) => !agrees)).toEqual([])
    expect(told).toBe('sales')
    expect(String(silver[0].documents)).toBe(sums?.['transactions'])
  })

  test('a whole row is refused a filter, and a filter that there is not', async () => {
    expect(await get(addressOf('customer', 'C1', { country: 'France' }))).toMatchObject({ status: 400 })
    expect(await get(addressOf('month', '2025-03', { colour: 'red' }))).toMatchObject({ status: 400 })
  })
})

describe('a figure of a page', () => {
  test('has its value, its query, and the months that it is made of', async () => {
    const { status, json } = await get(addressOf('figure', 'overview.revenue', { period: '2025', country: 'France' }))
    expect(status).toBe(200)
    expect(explanation.safeParse(json()).error).toBeUndefined()
    const page = (await get('/api/pages/overview?period=2025&country=France')).json()
    expect(json().row[0]).toMatchObject({ column: 'revenue', value: page.figures.totals.rows[0][0] })
    expect(json().sql.text).toBe(page.figures.totals.sql)
    const cents = (text: string) => BigInt(text.replace('.', ''))
    const sum = json().months.reduce((sum: bigint, { value }: { value: string }) => sum + cents(value), 0n)
    expect(sum).toBe(cents(json().row[0].value))
    expect(json().months).toHaveLength(12)
  })

  test.each(['overview.nothing', 'nowhere.revenue', 'overview'])('%s is none', async (key) => {
    expect(await get(addressOf('figure', key))).toMatchObject({ status: 404 })
  })
})

describe('a number of a figure that is no row of gold', () => {
  type Named = Record<string, string | null>
  const recordsOf = ({ columns, rows }: { columns: { name: string }[]; rows: (string | null)[][] }): Named[] =>
    rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))

  test.for([
    ['overview', 'by_product', 'share_pct', ['product'], { period: '2025' }],
    ['overview', 'months', 'repeat_rate_pct', ['month'], { period: '2025', country: 'France' }],
    ['products', 'products', 'previous_revenue', ['product'], { period: '2025', compare: 'before' }],
    ['countries', 'countries', 'orders', ['country', 'buyer'], { period: '2025' }],
    ['campaigns', 'types', 'cpa', ['campaign_type'], { period: '2025' }],
    ['customers', 'segments', 'customers', ['segment'], {}],
    ['customers', 'segments', 'revenue', ['segment'], { country: 'France' }],
    ['customers', 'rfm', 'customers', ['recency', 'frequency'], {}],
    ['customers', 'cohorts', 'customers', ['cohort', 'months_since'], { country: 'France' }],
    ['customers', 'cohorts', 'revenue', ['cohort', 'months_since'], {}],
  ] as const)('is that of the page, and of the rows of gold: %s %s %s', async ([page, name, column, key, query]) => {
    const figure = (await get(`/api/pages/${page}?${new URLSearchParams(query)}`)).json().figures[name]
    const rows = recordsOf(figure)
    const row = rows[Math.min(1, rows.length - 1)] ?? {}
    const named = key.map((part) => row[part] ?? '').join(' / ')
    const { status, json } = await get(addressOf('cell', `${page}/${name}.${column}/${named}`, query))
    expect(status).toBe(200)
    expect(explanation.safeParse(json()).error).toBeUndefined()
    const told = json()
    expect(told.row[0]).toMatchObject({ column, value: row[column] })
    expect(
      Object.fromEntries(told.row.map((one: { column: string; value: string }) => [one.column, one.value])),
    ).toEqual(row)
    expect(told.sql.text).toBe(figure.sql)
    expect(told.checks.all).toBeGreaterThan(0)
    if (page !== 'customers') return expect(told.parts).toBeNull()
    // To the cent.
    const cents = (text: string) => BigInt(text.replace('.', ''))
    const sum = told.parts.rows.reduce(
      (sum: bigint, { values }: { values: Named }) => sum + cents(values[column] ?? ''),
      0n,
    )
    expect(sum).toBe(cents(row[column] ?? ''))
    expect(told.parts.all).toBe(told.parts.rows.length)
    const { table, rows: parts } = told.parts
    const part = (await get(addressOf(table, parts[0].key))).json()
    const library = await explain(place.client, place.postgresUrl, table, parts[0].key, place.names)
    expect(part.row).toEqual(JSON.parse(JSON.stringify(library.row)))
    expect(part.row.find((one: { column: string }) => one.column === column).value).toBe(parts[0].values[column])
  })

  test.each([
    'overview/months.revenue/1999-01',
    'overview/months.nothing/2025-03',
    'overview/nothing.revenue/2025-03',
    'nowhere/months.revenue/2025-03',
    'trust/tables.row_count/',
    "customers/cohorts.customers/:country'; select 1 --",
    'overview',
  ])('%s is none', async (name) => {
    expect(await get(addressOf('cell', name))).toMatchObject({ status: 404 })
  })

  test('the sales of a month are those of its row of gold, with their orders', async () => {
    const { status, json } = await get(addressOf('sales', '2025-03'))
    expect(status).toBe(200)
    const library = await explain(place.client, place.postgresUrl, 'month', '2025-03', place.names)
    const [gold] = await place.gold("select sum(orders)::bigint as orders from country_sales where month = '2025-03'")
    const value = (row: { column: string; value: string | null }[], name: string) =>
      row.find(({ column }) => column === name)?.value
    const { row, silver } = json()
    expect(row.filter(({ agrees }: { agrees: boolean }) => !agrees)).toEqual([])
    expect(value(row, 'revenue')).toBe(value(library.row, 'total_revenue'))
    expect(value(row, 'orders')).toBe(gold?.['orders'])
    expect(silver).toEqual(JSON.parse(JSON.stringify(library.silver)))
  })

  test.for([
    ['2025-03-10', {}],
    ['2025-03-10..2025-03-16', {}],
    ['2025-02-27..2025-03-02', { country: 'France' }],
  ] as const)('so are those of days: %s %o', async ([key, query]) => {
    const { status, json } = await get(addressOf('sales', key, query))
    expect(status).toBe(200)
    const [from, to = from] = key.split('..')
    const placed = 'country' in query ? "and country = 'France' and buyer = 'customer known'" : ''
    const [gold] = await place.gold(
      `select sum(revenue) as revenue, sum(transactions)::bigint as transactions from daily_sales
       where day between '${from}' and '${to}' ${placed}`,
    )
    const { row } = json()
    for (const column of ['revenue', 'transactions'])
      expect(row).toContainEqual(
        expect.objectContaining({ column, value: gold?.[column], workedOut: gold?.[column], agrees: true }),
      )
    expect(row.filter(({ agrees }: { agrees: boolean }) => !agrees)).toEqual([])
    expect(row.map(({ column }: { column: string }) => column)).not.toContain('avg_price')
  })

  test('days of a product are not known', async () => {
    expect(await get(addressOf('sales', '2025-03-10', { product: 'Laptop' }))).toMatchObject({ status: 404 })
  })
})

describe('what cannot be explained', () => {
  test.each([
    ['month', '2031-01', 422],
    ['month', 'no month', 422],
    ['nothing', 'at all', 422],
  ])('%s %s says why', async (subject, key, expected) => {
    const { status, json } = await get(addressOf(subject, key))
    expect({ status, ...json() }).toMatchObject({ status: expected, kind: 'usage', next: expect.any(String) })
  })

  test('takes as long as it may, and no longer', async () => {
    const slow = explain(place.client, place.postgresUrl, 'country', 'France', { ...place.names, within: 1 })
    await expect(slow).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining('than can be read') })
  })
})

describe('many who ask at once', () => {
  test('wait for each other, and beyond what is done at a time are sent away', async () => {
    const months = Array.from({ length: 60 }, (_, i) => `${1900 + i}-01`)
    const told = await Promise.all(months.map((month) => get(addressOf('month', month))))
    expect([...new Set(told.map(({ status }) => status))].sort()).toEqual([422, 503])
    expect(told.find(({ status }) => status === 503)?.json()).toMatchObject({ kind: 'busy' })
    // Nothing of it stays in the way.
    expect(await get(addressOf('month', '2024-12'))).toMatchObject({ status: 200 })
  })

  test('an answer is kept for as long as gold is', async () => {
    const path = addressOf('month', '2025-03')
    const { headers } = await get(path)
    expect(await get(path, { 'if-none-match': headers.etag ?? '' })).toMatchObject({ status: 304, text: '' })
  })
})

describe('after another run', () => {
  const key = '2025-03'
  const paths = [
    '/api/pages/overview?period=2025',
    '/api/pages/products?period=all&country=France',
    '/api/pages/countries?period=all',
    '/api/pages/campaigns?period=all',
    '/api/pages/customers?period=all',
    '/api/customers?search=C1',
    '/api/answers',
  ]
  const csv = '/api/csv/overview/months?period=2025'
  const figuresIn = (told: ReturnType<Told['json']>) => ({ ...told, asOf: undefined })
  let before: ReturnType<Told['json']>[]
  let csvBefore: string
  let first: string
  beforeAll(async () => {
    before = await Promise.all(paths.map(async (path) => (await get(path)).json()))
    csvBefore = (await get(csv)).text
    first = before[0].gold.run
    const bronze = place.client.db(place.names.bronze).collection('transactions')
    await bronze.updateOne({ amount: '1 234,50' }, { $set: { amount: 1000 } })
    await bronze.insertOne({ customer_id: 'C1', product: 'Laptop', amount: 7.25, timestamp: '2025-03-11' })
    await run()
  })

  test('it tells what the run before had, and why that is another', async () => {
    const { json } = await get(addressOf('month', key))
    const now = json().row.find(({ column }: { column: string }) => column === 'total_revenue').value
    const { before, canAskWhy } = json()
    expect(canAskWhy).toBe(true)
    const told = await get(`/api/why/month/${key}?column=total_revenue`)
    expect(told.status).toBe(200)
    expect(whySchema.safeParse(told.json()).error).toBeUndefined()
    expect(told.json()).toMatchObject({ before: before.row.total_revenue, after: now, difference: '-227.25' })
    const { why } = await import('../../src/trust/why/why.ts')
    const library = await why(place.client, place.postgresUrl, 'month', key, {
      ...standard,
      ...place.names,
      column: 'total_revenue',
    })
    expect(told.json()).toEqual(JSON.parse(JSON.stringify(library)))
    expect(told.json().causes.map(({ amount }: { amount: string }) => amount)).toEqual(['-234.50', '7.25'])
    const again = await get(`/api/why/month/${key}?column=total_revenue`, { 'if-none-match': told.headers.etag ?? '' })
    expect(again.status).toBe(304)
  })

  test('a page as of the run before is what it was then, as are its CSV and the answers', async () => {
    for (const [i, path] of paths.entries()) {
      const asked = `${path}${path.includes('?') ? '&' : '?'}asOf=${first}`
      const { status, json, headers } = await get(asked)
      expect({ path, status }).toEqual({ path, status: 200 })
      const told = json()
      expect(told.asOf).toEqual({ run: first, published: expect.stringMatching(/Z$/) })
      expect(unaddressed(figuresIn(told))).toEqual(unaddressed(before[i]))
      expect(await get(asked, { 'if-none-match': headers.etag ?? '' })).toMatchObject({ status: 304 })
      if (i === 0) expect(unaddressed((await get(path)).json())).not.toEqual(unaddressed(before[i]))
    }
    expect((await get(`${csv}&asOf=${first}`)).text).toBe(csvBefore)
    expect((await get(csv)).text).not.toBe(csvBefore)
    const { asOf } = (await get(`/api/answers?asOf=${first}`)).json()
    expect((await get(`/api/answers?asOf=${asOf.published}`)).json().asOf).toEqual(asOf)
  })

  test('it says since when the past is known, and refuses what is not', async () => {
    const { knownSince } = (await get('/api/choices')).json()
    expect(new Date(knownSince).getTime()).toBeLessThan(Date.now())
    const early = await get('/api/pages/overview?asOf=2001-01-01')
    expect({ status: early.status, ...early.json() }).toMatchObject({
      status: 404,
      detail: expect.stringContaining('begins at'),
    })
    const odd = await get('/api/pages/overview?asOf=yesterday')
    expect({ status: odd.status, ...odd.json() }).toMatchObject({ status: 422, kind: 'usage' })
    expect(await get(addressOf('month', key, { asOf: first }))).toMatchObject({ status: 422 })
  })

  test.each([
    ['month/2025-03?column=nothing', 422],
    ['month/2025-03?since=2020-01-01', 422],
    ['nothing/at all', 422],
  ])('%s is told apart from what has a reason', async (path, expected) => {
    expect(await get(`/api/why/${encodeURI(path)}`)).toMatchObject({ status: expected })
  })
})
