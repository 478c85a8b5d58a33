import { afterAll, beforeAll, expect, test } from 'vitest'
import { type GoldQuery, readGold } from '../../src/postgres/reader.ts'
import { type Config, configOf } from '../../src/settings/config.ts'
import { explainedCut } from '../../src/trust/explain/cut.ts'
import { customersQuery, type Filters, type Page } from '../../src/web/api.ts'
import { readCustomers } from '../../src/web/customers.ts'
import {
  cutOf,
  figureQuery,
  narrowingOf,
  readChoices,
  readPage,
  searchChoices,
  shownOf,
} from '../../src/web/figures.ts'
import type { Row, Silver } from '../oracle/documents.ts'
import { explain, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { type Chosen, expectedFigures, type Source, sourceOf } from './expected.ts'

/** Names and values that SQL could stumble over. */
const ODD = 'It\'s "odd" :product $1 ?'

const kept = (more: object) => ({ kind: 'label', personal: false, meaning: 'Mine.', filter: true, ...more })
const settings = (hasOrders: boolean) => ({
  collections: {
    transactions: {
      ...(hasOrders && { fields: { order_id: 'order' } }),
      keep: { category: kept({}), store: kept({ kind: 'id', from: 'shop' }) },
    },
    customers: { keep: { segment: kept({}) } },
  },
})

const bronze = {
  customers: Array.from({ length: 12 }, (_, i) => ({
    customer_id: `C${i}`,
    country: ['France', 'Suisse', null][i % 3],
    segment: ['Home', 'Office', null, ODD][i % 4],
  })),
  transactions: Array.from({ length: 400 }, (_, i) => ({
    transaction_id: `T${i}`,
    ...(i % 7 !== 0 && { customer_id: `C${(i * 5) % 14}` }),
    order: `O${Math.floor(i / 3)}`,
    product: ['Laptop', 'Phone', 'Tablet'][i % 3],
    ...(i % 6 !== 0 && { category: [ODD, 'Chairs'][(i * 3) % 2] }),
    ...(i % 5 !== 0 && { shop: i % 4 }),
    ...(i % 9 !== 0 && { timestamp: new Date(Date.UTC(2025, i % 10, 3)) }),
    ...(i % 8 !== 0 && { amount: i + 0.5 }),
    ...(i % 11 === 0 && { status: ['Cancelled', 'Refunded'][i % 2] }),
  })),
  campaigns: [],
}

let place: Place
let config: Config
let silver: Silver

const read = <T>(work: (query: GoldQuery) => Promise<T>) => readGold(place.postgresUrl, place.names.goldSchema, work)
const chosen: Chosen = { months: null, before: null, country: null, product: null }
const period = 'all'

async function make(hasOrders: boolean): Promise<void> {
  config = await configOf({ file: 'lingot.config.json', value: settings(hasOrders) }, {})
  await runPipeline(place.client, place.postgresUrl, { ...config, ...place.names, acceptShrink: true })
  const documents = async (name: string) => place.client.db(place.names.silver).collection(name).find({}).toArray()
  silver = {
    customers: await documents('customers'),
    transactions: await documents('transactions'),
    campaigns: [],
  }
}

/** What figures are made of where sales are narrowed, in plain loops. */
function narrowed(filters: Readonly<Record<string, string>>): Source {
  const segments = new Map(silver.customers.map(({ customer_id, segment }) => [customer_id, segment]))
  const labelOf = (sale: Silver['transactions'][number], name: string) =>
    (name === 'segment' ? segments.get(sale['customer_id']) : sale[name]) ?? 'Unknown'
  const transactions = silver.transactions.filter((sale) =>
    Object.entries(filters).every(([name, value]) => labelOf(sale, name) === value),
  )
  // How far the data goes is told of all sales.
  return { ...sourceOf({ ...silver, transactions }), until: sourceOf(silver).until }
}

function records({ figures }: Page, name: string): Row[] {
  const { columns = [], rows = [] } = figures[name] ?? {}
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
}

/** Rows with nothing in some columns. */
const quarterOf = (month: string) => `${month.slice(0, 4)} ${Math.ceil(Number(month.slice(5)) / 3)}`
const sumOf = (money: readonly string[]) =>
  (money.reduce((sum, text) => sum + Math.round(Number(text) * 100), 0) / 100).toFixed(2)
const without = (rows: readonly Row[] | undefined, empty: readonly string[]) =>
  rows?.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, empty.includes(name.replace('previous_', '')) ? null : value]),
    ),
  )

beforeAll(async () => {
  place = await openPlace()
  await place.load(bronze)
  await make(false)
})
afterAll(() => place.leave())

const several: [kept: Record<string, string[]>, known: string[]][] = [
  [{ category: [ODD, 'Unknown'] }, []],
  [{ store: ['1', '2'] }, ['filter.category']],
  [{ category: ['Chairs'] }, ['filter.category', 'filter.segment']],
  [{}, ['filter.store', 'country']],
]

const choices: [Record<string, string>, Partial<Chosen>][] = [
  [{ category: ODD }, {}],
  [{ category: 'Chairs' }, { product: 'Phone' }],
  [{ category: 'Unknown', segment: 'Home' }, {}],
  [{ segment: ODD, store: '2' }, { country: 'Suisse' }],
  [{ segment: 'Unknown' }, {}],
  [{ category: 'Chairs', store: 'Unknown', segment: 'Office' }, {}],
  [{ category: "'; drop table filtered_sales; --" }, {}],
]
const customers = ['active_customers', 'repeat_rate_pct']
const orders = ['orders', 'average_order_value', 'transactions_per_order']

test.each([
  ['where every transaction is an order', false],
  ['where orders have several transactions', true],
])('sums are those of plain loops over the sales that are chosen, %s', async (_, hasOrders) => {
  await make(hasOrders)
  const empty = hasOrders ? [...customers, ...orders] : customers
  await read(async (query) => {
    for (const [kept, more] of choices) {
      const source = narrowed(kept)
      const filters = { period, kept, ...more } as Parameters<typeof readPage>[2]
      const overview = await readPage(query, 'overview', filters, shownOf(config))
      expect(overview.unanswered).toEqual(hasOrders ? ['customers', 'orders'] : ['customers'])
      const expected = expectedFigures['overview']?.(source, { ...chosen, ...more }) ?? {}
      for (const name of ['totals', 'months', 'by_product', 'by_country']) {
        expect(records(overview, name), `${name} ${JSON.stringify(kept)}`).toEqual(without(expected[name], empty))
      }
      // Of these filters sales are known by the month.
      const quarters = await readPage(query, 'overview', { ...filters, grain: 'quarter' }, shownOf(config))
      expect((await readPage(query, 'overview', { ...filters, grain: 'day' }, shownOf(config))).period.grain).toBe(
        'month',
      )
      const byQuarter: Record<string, string[]> = {}
      for (const { month, revenue } of records(overview, 'months')) {
        const quarter = quarterOf(month ?? '')
        byQuarter[quarter] = [...(byQuarter[quarter] ?? []), revenue ?? '']
      }
      expect(records(quarters, 'over_time').map(({ revenue }) => revenue)).toEqual(Object.values(byQuarter).map(sumOf))
      const products = await readPage(query, 'products', filters, shownOf(config))
      const sold = expectedFigures['products']?.(source, { ...chosen, ...more }) ?? {}
      expect(records(products, 'totals')).toEqual(sold['totals'])
      expect(records(products, 'months')).toEqual(sold['months'])
      expect(records(products, 'products')).toEqual(without(sold['products'], ['customers']))
      const countries = await readPage(query, 'countries', filters, shownOf(config))
      const placed = expectedFigures['countries']?.(source, { ...chosen, ...more }) ?? {}
      expect(records(countries, 'months')).toEqual(placed['months'])
      for (const page of [overview, products, countries]) {
        for (const [name, { sql, rows }] of Object.entries(page.figures)) {
          expect((await query(sql)).rows, name).toEqual(rows)
        }
      }
      const { text, values } = await figureQuery(query, 'overview', 'months', filters, shownOf(config))
      expect((await query(text, values)).rows).toEqual(overview.figures['months']?.rows)
    }
  })
})

test('the overview has the revenue by each of them, also where others are chosen', async () => {
  await read(async (query) => {
    for (const kept of [{}, { segment: 'Home' }] as Record<string, string>[]) {
      const page = await readPage(query, 'overview', { period, kept }, shownOf(config))
      for (const name of ['category', 'store']) {
        const sums = new Map<string, bigint>()
        const source = narrowed(kept)
        for (const [i, { total }] of source.sales.entries()) {
          const value = source.silver.transactions[i]?.[name] ?? 'Unknown'
          sums.set(value, (sums.get(value) ?? 0n) + (total ?? 0n))
        }
        const found = records(page, `by_${name}`).map((row) => [
          row[name],
          BigInt(row['revenue']?.replace('.', '') ?? 0),
        ])
        expect(Object.fromEntries(found)).toEqual(Object.fromEntries(sums))
      }
    }
  })
})

test('what the sales of a choice come to is what their records of silver give', async () => {
  await read(async (query) => {
    for (const [kept, more] of choices) {
      const given = await cutOf(query, { period: '2025-02..2025-07', kept, ...more } as Filters, shownOf(config))
      const told = explainedCut(place.client, given, { ...config, ...place.names, limit: 1 })
      // Nobody knows the segment of who is not in customers, either.
      if (kept['segment'] === 'Unknown') {
        await expect(told).rejects.toMatchObject({ kind: 'usage' })
        continue
      }
      const { row, silver } = await told
      expect(row.map(({ column, agrees }) => ({ column, agrees }))).toEqual(
        ['revenue', 'transactions', 'average', 'avg_price'].map((column) => ({ column, agrees: true })),
      )
      expect(String(silver[0]?.documents)).toBe(row[1]?.value)
    }
  })
})

test('several values of a filter, and those that are known, are plain loops over these sales', async () => {
  const segments = new Map(silver.customers.map(({ customer_id, segment }) => [customer_id, segment]))
  const whole = sourceOf(silver)
  await read(async (query) => {
    for (const [kept, known] of several) {
      const sales = whole.sales.filter((sale, i) => {
        const own = silver.transactions[i] ?? {}
        const labels = { ...own, segment: segments.get(own['customer_id']) } as Record<string, string | undefined>
        return (
          Object.entries(kept).every(([name, values]) => values.includes(labels[name] ?? 'Unknown')) &&
          known.every((name) =>
            name === 'country'
              ? sale.buyer === 'customer known' && sale.country !== 'Unknown'
              : (labels[name.slice('filter.'.length)] ?? 'Unknown') !== 'Unknown',
          )
        )
      })
      const page = await readPage(query, 'overview', { period, kept, known }, shownOf(config))
      const expected = expectedFigures['overview']?.({ ...whole, sales }, chosen) ?? {}
      for (const name of ['totals', 'months', 'by_product', 'by_country']) {
        const empty = page.unanswered.includes('orders') ? [...customers, ...orders] : customers
        expect(records(page, name), `${name} ${JSON.stringify([kept, known])}`).toEqual(without(expected[name], empty))
        expect((await query(page.figures[name]?.sql ?? '')).rows).toEqual(page.figures[name]?.rows)
      }
      const given = await cutOf(query, { period: '2025-02..2025-07', kept, known }, shownOf(config))
      const { row, silver: sets } = await explainedCut(place.client, given, { ...config, ...place.names, limit: 1 })
      expect(row.filter(({ agrees }) => !agrees)).toEqual([])
      expect(String(sets[0]?.documents)).toBe(row[1]?.value)
    }
  })
})

test('the server finds values by a part of them, the best first', async () => {
  await read(async (query) => {
    const find = (filter: string, search: string) => searchChoices(query, filter, search, shownOf(config))
    expect(await find('product', 'TAB')).toEqual(['Tablet'])
    expect((await find('product', '')).sort()).toEqual(['Laptop', 'Phone', 'Tablet'])
    expect(await find('country', 'su')).toEqual(['Suisse'])
    expect(await find('filter.category', '"odd')).toEqual([ODD])
    expect(await find('product', '%')).toEqual([])
    await expect(find('filter.colour', '')).rejects.toMatchObject({ message: 'There is no filter filter.colour.' })
    await expect(find('city', '')).rejects.toMatchObject({ status: 404 })
  })
})

test('what is chosen is net, too, and its records of silver are those that were not taken back', async () => {
  await read(async (query) => {
    for (const [kept, more] of choices) {
      const source = narrowed(kept)
      const net = { ...source, sales: source.sales.filter(({ isReversed }) => !isReversed) }
      const filters = { period, revenue: 'net', kept, ...more } as Filters
      const overview = await readPage(query, 'overview', filters, shownOf(config))
      const expected = expectedFigures['overview']?.(net, { ...chosen, ...more }) ?? {}
      for (const name of ['totals', 'months', 'by_product', 'by_country']) {
        expect(records(overview, name), `${name} ${JSON.stringify(kept)}`).toEqual(
          without(expected[name], overview.unanswered.includes('orders') ? [...customers, ...orders] : customers),
        )
      }
      expect(records(overview, 'reversed')).toEqual(
        expectedFigures['overview']?.(source, { ...chosen, ...more })['reversed'],
      )
      const countries = await readPage(query, 'countries', filters, shownOf(config))
      const worth = expectedFigures['countries']?.({ ...net, ...sourceOfNet() }, chosen)['countries'] ?? []
      const worthIn = (rows: Row[]) =>
        Object.fromEntries(rows.map((row) => [row['country'], row['value_per_customer']]))
      expect(worthIn(records(countries, 'countries'))).toEqual(worthIn(worth))
      for (const { figures } of [overview, countries]) {
        for (const [name, { sql, rows }] of Object.entries(figures)) {
          expect((await query(sql)).rows, name).toEqual(rows)
        }
      }
      if (kept['segment'] === 'Unknown') continue
      const given = await cutOf(query, { ...filters, period: '2025-02..2025-07' }, shownOf(config))
      const { row, silver } = await explainedCut(place.client, given, { ...config, ...place.names, limit: 1 })
      expect(row.filter(({ agrees }) => !agrees)).toEqual([])
      expect(String(silver[0]?.documents)).toBe(row[1]?.value)
    }
    const whole = await readPage(query, 'overview', { period, revenue: 'net' }, shownOf(config))
    for (const name of ['category', 'store']) {
      const sum = records(whole, `by_${name}`).reduce((sum, { revenue }) => sum + Number(revenue), 0)
      expect(sum.toFixed(2)).toBe(records(whole, 'reversed')[0]?.['net_revenue'])
    }
  })
})

/** All sales of silver that were not taken back. */
function sourceOfNet(): Pick<Source, 'sales'> {
  return { sales: sourceOf(silver).sales.filter(({ isReversed }) => !isReversed) }
}

test('a page of the whole shop stays what it is', async () => {
  await read(async (query) => {
    for (const page of ['overview', 'products', 'countries'] as const) {
      const { figures, unanswered } = await readPage(query, page, { period }, shownOf(config))
      expect(unanswered).toEqual([])
      const expected = expectedFigures[page]?.(sourceOf(silver), chosen) ?? {}
      for (const [name, rows] of Object.entries(expected)) {
        expect(records({ figures } as Page, name), name).toEqual(rows)
      }
    }
  })
})

test('there is to choose from: the values, Unknown last', async () => {
  const { filters } = await read((query) => readChoices(query, shownOf(config)))
  expect(filters).toEqual([
    { collection: 'transactions', name: 'category', meaning: 'Mine.', values: ['Chairs', ODD, 'Unknown'] },
    { collection: 'transactions', name: 'store', meaning: 'Mine.', values: ['0', '1', '2', '3', 'Unknown'] },
    { collection: 'customers', name: 'segment', meaning: 'Mine.', values: ['Home', ODD, 'Office', 'Unknown'] },
  ])
})

test('the page of customers is that of plain loops over those who are chosen, by their own fields alone', async () => {
  await read(async (query) => {
    for (const [segment, country] of [
      ['Home', null],
      [ODD, null],
      ['Unknown', 'Suisse'],
      ['Office', 'France'],
    ] as const) {
      const kept = { segment, category: 'Chairs' }
      const filters = { period, kept, ...(country && { country }) }
      const page = await readPage(query, 'customers', filters, shownOf(config))
      expect(page.unanswered).toEqual(['scores'])
      const customers = silver.customers.filter((customer) => (customer['segment'] ?? 'Unknown') === segment)
      const expected = expectedFigures['customers']?.(sourceOf({ ...silver, customers }), { ...chosen, country }) ?? {}
      expect(Object.keys(page.figures).sort()).toEqual(['best', 'distribution', 'totals'])
      for (const name of Object.keys(page.figures)) {
        expect(records(page, name), `${name} ${segment}`).toEqual(expected[name])
        expect((await query(page.figures[name]?.sql ?? '')).rows).toEqual(page.figures[name]?.rows)
      }
      const narrowing = narrowingOf('customers', { kept }, shownOf(config))
      const wanted = customersQuery.parse({ ...(country && { country }), limit: 200 })
      const list = await readCustomers(query, wanted, narrowing)
      expect(list.rows.map(([id]) => id)).toEqual(expected['best']?.map((row) => row['customer_id']))
      expect((await query(list.sql)).rows).toEqual(list.rows)
      expect(list.csv).toContain('filter.segment=')
    }
  })
})

test('a row of the sales by filters is explained by its sales, also where a filter is unknown', async () => {
  const found = await place.gold(
    `select month, product, country, buyer, category, store, segment, transactions from filtered_sales
     where buyer = 'customer known' and 'Unknown' in (store, category, segment)
     order by store = 'Unknown' and category = 'Unknown' desc, store = 'Unknown' desc, transactions desc, 1, 2, 3, 4, 5, 6, 7`,
  )
  const rows = ['store', 'category', 'segment'].map((name) => found.find((row) => row[name] === 'Unknown') ?? {})
  for (const { transactions, ...key } of rows) {
    const name = Object.values(key).join(' / ')
    const { silver } = await explain(place.client, place.postgresUrl, 'filtered_sales', name, {
      ...{ ...config, ...place.names },
      limit: 100,
    })
    const sales = silver.find(({ collection }) => collection === 'transactions')
    expect(sales?.records, name).toHaveLength(Number(transactions))
  }
})
