import { afterAll, beforeAll, expect, describe as group, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { readModels } from '../../src/gold/models.ts'
import { type GoldQuery, readGold } from '../../src/postgres/reader.ts'
import { type Config, readSettings } from '../../src/settings/config.ts'
import { customersQuery, type Figure, type Filters, pages } from '../../src/web/api.ts'
import { ordersIn, readCustomer, readCustomers } from '../../src/web/customers.ts'
import { figureQueries, narrowingOf, readChoices, readPage } from '../../src/web/figures.ts'
import { scoresOf, segmentOf } from '../oracle/cuts.ts'
import type { Row } from '../oracle/documents.ts'
import { ratio } from '../oracle/exact.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { type Chosen, expectedFigures, type Months, overTime, type Source, soldMonths, sourceOf } from './expected.ts'

const exactly = { promoteValues: false, bsonRegExp: true }
const odd = { country: 'L\'Île \\ 100 % "x" :product $1 ?', product: 'It\'s \\ 50 % "off" :country $2 -- ?' }

/** What is chosen beside the period. */
type Narrowing = { country?: string; product?: string }

let place: Place
let source: Source

const read = <T>(work: (query: GoldQuery) => Promise<T>) => readGold(place.postgresUrl, place.names.goldSchema, work)

async function make(settings: Pick<Config, 'contracts'> | undefined): Promise<void> {
  await runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true, ...settings })
  const documents = async (name: string) =>
    place.client.db(place.names.silver).collection(name).find({}, exactly).toArray()
  source = sourceOf({
    customers: await documents('customers'),
    transactions: await documents('transactions'),
    campaigns: await documents('campaigns'),
  })
}

function records({ columns, rows }: Pick<Figure, 'columns' | 'rows'>): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
}

/** Some months later; earlier where `count` is negative. */
function later(month: string, count: number): string {
  const date = new Date(`${month}-01T00:00:00Z`)
  date.setUTCMonth(date.getUTCMonth() + count)
  return date.toISOString().slice(0, 7)
}

/** What is chosen with months, and those so many months before them as the sales reach back to, if they do. */
function chosen(months: Months | null, shifts: readonly number[], { country, product }: Narrowing = {}): Chosen {
  const sold = soldMonths(source.sales)
  const whole = lastWhole()
  const isWhole = months !== null && whole !== null && months.to <= whole
  const shift = shifts.find((count) => months && sold && isWhole && later(months.from, -count) >= sold.from)
  const isNear = months === null || (whole !== null && months.to >= whole && months.from <= later(whole, 1))
  return {
    months,
    before: months && shift ? { from: later(months.from, -shift), to: later(months.to, -shift) } : null,
    drawnTo: sold && whole && isNear && later(whole, 1) <= sold.to ? later(whole, 1) : null,
    country: country ?? null,
    product: product ?? null,
  }
}

/** What is left of the sales where those that were taken back are left out. */
function netOf(source: Source): Source {
  return { ...source, sales: source.sales.filter(({ isReversed }) => !isReversed) }
}

/** The last month that is over in the data. */
function lastWhole(): string | null {
  const { sales, until } = source
  if (until === null) return soldMonths(sales)?.to ?? null
  const next = new Date(Date.parse(until) + 86_400_000).toISOString().slice(0, 7)
  return later(next, -1)
}

/** The last month of a chart that ends with a month, or with the one after it that is not over. */
function drawnFrom(month: string): string {
  const sold = soldMonths(source.sales)
  return sold && month === lastWhole() && later(month, 1) <= sold.to ? later(month, 1) : month
}

function endOf(month: string): string {
  return new Date(Date.parse(`${later(month, 1)}-01`) - 86_400_000).toISOString().slice(0, 10)
}

/** Periods by name, with their months and how many before them they are compared with: the first that can be. */
const periods: Record<string, () => [Months | null, number[]]> = {
  all: () => [null, []],
  '12m': () => {
    const from = soldMonths(source.sales)?.from ?? ''
    const to = [lastWhole() ?? '', from].sort().at(-1) ?? ''
    return [{ from: [later(to, -11), from].sort().at(-1) ?? '', to }, [12]]
  },
  '2024': () => [{ from: '2024-01', to: '2024-12' }, [12]],
  '2001-03': () => [{ from: '2001-03', to: '2001-03' }, [1]],
  '2025-03': () => [{ from: '2025-03', to: '2025-03' }, [1]],
  '2001-02..2002-05': () => [{ from: '2001-02', to: '2002-05' }, [12, 16]],
  '1980': () => [{ from: '1980-01', to: '1980-12' }, [12]],
}

const narrowings: Narrowing[] = [
  {},
  { country: 'France' },
  { country: 'Unknown' },
  { country: 'Atlantis' },
  { country: 'Nowhere' },
  { product: 'Laptop' },
  { product: 'Phone' },
  { product: 'Unknown' },
  { country: 'France', product: 'Laptop' },
  { country: 'Atlantis', product: odd.product },
  odd,
  { country: odd.country },
  { product: odd.product },
  { country: "x' or true --", product: "'; drop table customer_metrics; --" },
]

/** Several values, and what is known alone. */
const severalChosen: { known?: string[]; country?: string[]; product?: string[]; revenue?: 'net' }[] = [
  { country: ['France', 'Atlantis'] },
  { country: ['France', 'Unknown', odd.country] },
  { known: ['country'] },
  { product: ['Laptop', odd.product] },
  { known: ['product'] },
  { known: ['product', 'country'], product: ['Phone', 'Laptop'], country: ['France'] },
  { product: ['Laptop', 'Phone'], country: ['France', odd.country], revenue: 'net' },
  { known: ['country', 'product'], revenue: 'net' },
]

const cents = (amount: bigint) => {
  const digits = String(amount < 0n ? -amount : amount).padStart(3, '0')
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

const names = Object.keys(expectedFigures) as (keyof typeof expectedFigures & (typeof pages)[number])[]

const { contracts } = await readSettings({ collections: { transactions: { fields: { order_id: 'order' } } } }, 'test')

/** Sales of which several are an order, which may be of several months, products, customers and countries. */
function ordersOfSeveral(): Record<string, object[]> {
  const countries = ['France', 'France', 'Atlantis', odd.country, null]
  const products = ['Laptop', 'Phone', odd.product, null]
  return {
    customers: Array.from({ length: 24 }, (_, i) => ({ customer_id: `C${i}`, country: countries[i % 5] })),
    transactions: Array.from({ length: 900 }, (_, i) => {
      const order = (i * 7919) % 260
      // Most lines of an order are alike; every fifth is of anything.
      const at = i % 5 === 0 ? (i * 31) % 997 : order * 13
      return {
        transaction_id: `T${i}`,
        ...(order > 20 && { order: `O${order}` }),
        ...(at % 9 !== 0 && { customer_id: `C${at % 29}` }),
        product: products[i % 4],
        ...(at % 11 !== 0 && { timestamp: new Date(Date.UTC(at % 3 === 0 ? 2024 : 2025, at % 7, 5 + (at % 20))) }),
        ...(i % 6 !== 0 && { amount: i + 0.25 }),
      }
    }),
    campaigns: [],
  }
}

const bronzes: [string, () => Promise<unknown>, Pick<Config, 'contracts'>?][] = [
  ['a hostile bronze', () => place.load({ ...hostileBronze() })],
  ['a shop whose orders are of several sales', () => place.load(ordersOfSeveral()), { contracts }],
  ['a sample', () => generate(place.client, { database: place.names.bronze, seed: 7, scale: 0.1, force: true })],
]

beforeAll(async () => {
  place = await openPlace()
})
afterAll(() => place.leave())

group.each(bronzes)('the figures of %s', (_, fill, settings) => {
  beforeAll(async () => {
    await fill()
    await make(settings)
  })

  test.each(Object.keys(periods))('are those of plain loops over silver: %s', async (period) => {
    const [months, shifts] = periods[period]?.() ?? [null, []]
    await read(async (query) => {
      for (const narrowing of narrowings) {
        for (const page of names) {
          const { figures, period: resolved } = await readPage(query, page, { period, ...narrowing })
          const wanted = chosen(months, shifts, narrowing)
          expect(resolved).toMatchObject({ name: period, months: wanted.months, before: wanted.before })
          const expected = expectedFigures[page]?.(source, wanted)
          const found = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, records(figure)]))
          expect(found, `${page} ${JSON.stringify(narrowing)}`).toEqual(expected)
        }
      }
    })
  })

  test.each(['all', '12m', '2001-02..2002-05'])(
    'are net those of plain loops over the sales that were not taken back: %s',
    async (period) => {
      const [months, shifts] = periods[period]?.() ?? [null, []]
      const net = netOf(source)
      const severalSales = new Set(source.sales.map(({ order }) => order)).size < source.sales.length
      const empty = [
        ...['active_customers', 'repeat_rate_pct', 'customers'],
        ...(severalSales ? ['orders', 'average_order_value', 'transactions_per_order'] : []),
      ]
      await read(async (query) => {
        for (const narrowing of narrowings) {
          for (const page of ['overview', 'products', 'countries'] as const) {
            const { figures, unanswered } = await readPage(query, page, { period, revenue: 'net', ...narrowing })
            expect(unanswered).toEqual(severalSales ? ['customers', 'orders'] : ['customers'])
            const wanted = chosen(months, shifts, narrowing)
            const [expected, gross] = [expectedFigures[page]?.(net, wanted), expectedFigures[page]?.(source, wanted)]
            for (const [name, figure] of Object.entries(figures)) {
              const isOfAll = name === 'reversed' || name === 'coverage'
              // Who lives in a country is told whatever was sold.
              const unknown = empty.filter((column) => page !== 'countries' || column !== 'customers')
              const counted = (rows: Row[] = []) =>
                rows.map((row) =>
                  Object.fromEntries(
                    Object.entries(row).map(([column, value]) => [
                      column,
                      unknown.includes(column.replace('previous_', '')) && column in row ? null : value,
                    ]),
                  ),
                )
              expect(records(figure), `${page} ${name} ${JSON.stringify(narrowing)}`).toEqual(
                isOfAll ? gross?.[name] : counted(expected?.[name]),
              )
              expect((await query(figure.sql)).rows, `${page}/${name}`).toEqual(figure.rows)
            }
          }
        }
      })
    },
  )

  test.each(['all', '12m', '2001-02..2002-05'])(
    'of several values, and without what is unknown, are those of plain loops over these sales: %s',
    async (period) => {
      const [months, shifts] = periods[period]?.() ?? [null, []]
      const severalSales = new Set(source.sales.map(({ order }) => order)).size < source.sales.length
      await read(async (query) => {
        for (const { known = [], country = [], product = [], revenue } of severalChosen) {
          const isNet = revenue === 'net'
          const isPlaced = country.length > 0 || known.includes('country')
          const isOfProducts = product.length > 0 || known.includes('product')
          const within = (isCountries: boolean, net: boolean) => ({
            ...source,
            sales: source.sales.filter(
              (sale) =>
                !(net && sale.isReversed) &&
                (isCountries || country.length === 0 || country.includes(sale.country)) &&
                (isCountries || !isPlaced || sale.buyer === 'customer known') &&
                (isCountries || !known.includes('country') || sale.country !== 'Unknown') &&
                (product.length === 0 || product.includes(sale.product)) &&
                (!known.includes('product') || sale.product !== 'Unknown'),
            ),
          })
          for (const page of ['overview', 'products', 'countries'] as const) {
            const isCountries = page === 'countries'
            const filters: Filters = {
              period,
              ...(known.length > 0 && { known: isCountries ? known.filter((name) => name === 'product') : known }),
              ...(country.length > 0 && !isCountries && { country }),
              ...(product.length > 0 && { product }),
              ...(revenue && { revenue }),
            }
            const { figures, unanswered } = await readPage(query, page, filters)
            const isPart = isNet || (isOfProducts && page !== 'products')
            const isSome = isNet || isOfProducts || (isPlaced && !isCountries)
            const wantsOrders = isSome && severalSales
            expect(unanswered).toEqual([...(isPart ? ['customers'] : []), ...(wantsOrders ? ['orders'] : [])])
            const empty = [
              ...(isPart ? ['active_customers', 'repeat_rate_pct', ...(isCountries ? [] : ['customers'])] : []),
              ...(wantsOrders ? ['orders', 'average_order_value', 'transactions_per_order'] : []),
            ]
            const wanted = chosen(months, shifts)
            const expected = expectedFigures[page]?.(within(isCountries, isNet), wanted)
            const gross = expectedFigures[page]?.(within(isCountries, false), wanted)
            const whole = expectedFigures[page]?.(isNet ? netOf(source) : source, wanted)
            const worth = new Map(whole?.['countries']?.map((row) => [row['country'], row['value_per_customer']]))
            for (const [name, figure] of Object.entries(figures)) {
              const label = `${page} ${name} ${JSON.stringify(filters)}`
              const rows = name === 'coverage' ? whole?.[name] : name === 'reversed' ? gross?.[name] : expected?.[name]
              if (name === 'coverage' && isNet) continue
              expect(records(figure), label).toEqual(
                rows?.map((row) => {
                  const told = Object.entries(row).map(([column, value]) => {
                    if (column === 'value_per_customer') return [column, worth.get(row['country'] ?? null) ?? null]
                    return [column, empty.includes(column.replace('previous_', '')) ? null : value]
                  })
                  return Object.fromEntries(told)
                }),
              )
              expect((await query(figure.sql)).rows, label).toEqual(figure.rows)
            }
          }
          if (!isPlaced || isOfProducts) continue
          const { figures } = await readPage(query, 'customers', { period: 'all', known, country })
          const isThere = ({ country: own }: { country: string }) =>
            (country.length === 0 || country.includes(own)) && !(known.includes('country') && own === 'Unknown')
          const buyers = source.buyers.filter(isThere)
          const spent = buyers.reduce((sum, buyer) => sum + buyer.spent, 0n)
          const [totals] = figures['totals'] ? records(figures['totals']) : []
          expect(totals).toMatchObject({ customers: String(buyers.length), revenue: cents(spent) })
          for (const [name, figure] of Object.entries(figures)) {
            expect((await query(figure.sql)).rows, `customers/${name}`).toEqual(figure.rows)
            if (name !== 'segments' && name !== 'rfm' && name !== 'distribution') continue
            const counted = records(figure).reduce((sum, row) => sum + Number(row['customers']), 0)
            expect(counted, name).toBe(buyers.length)
          }
          const list = await readCustomers(
            query,
            { ...customersQuery.parse({ limit: 200 }), country, known },
            narrowingOf('customers', { country, known }, { filters: [], leftOut: [] }),
          )
          expect(list.total).toBe(buyers.length)
          expect((await query(list.sql)).rows).toEqual(list.rows)
        }
      })
    },
  )

  test('are net by days and quarters, too', async () => {
    const days = { from: '2025-01-07', to: '2025-02-26' }
    await read(async (query) => {
      for (const [period, grain, span] of [
        [`${days.from}..${days.to}`, 'week', days],
        ['all', 'quarter', null],
      ] as const) {
        const page = await readPage(query, 'overview', { period, grain, compare: 'none', revenue: 'net' })
        const found = page.figures['over_time']
        if (found === undefined) throw new Error('no over_time')
        expect(records(found)).toEqual(overTime(netOf(source), span, null, grain, {}))
        if (span === null) continue
        const sold = source.sales.filter(({ day }) => day >= span.from && day <= span.to)
        const sumOf = (sales: Source['sales']) => sales.reduce((sum, { total }) => sum + (total ?? 0n), 0n)
        const text = (figure: string, column: string) =>
          BigInt(records(page.figures[figure] as Figure)[0]?.[column]?.replace('.', '') ?? 0)
        expect(text('totals', 'revenue')).toBe(sumOf(sold.filter(({ isReversed }) => !isReversed)))
        expect(text('reversed', 'reversed_revenue')).toBe(sumOf(sold.filter(({ isReversed }) => isReversed)))
      }
    })
  })

  test('tell revenue by day, week and quarter as plain loops do', async () => {
    const [first = '', last = ''] = [
      soldMonths(source.sales)?.from,
      [lastWhole(), soldMonths(source.sales)?.from].sort().at(-1),
    ].map((month) => month ?? '')
    const spans: [period: string, compare: string, Months | null, Months | null][] = [
      ['all', 'none', null, null],
      ['2025-03', '2025-02', { from: '2025-03-01', to: '2025-03-31' }, { from: '2025-02-01', to: '2025-02-28' }],
      ['2025-01-07..2025-02-26', 'none', { from: '2025-01-07', to: '2025-02-26' }, null],
      [
        '2025-01-07..2025-02-26',
        '2024-11-04..2024-12-24',
        { from: '2025-01-07', to: '2025-02-26' },
        { from: '2024-11-04', to: '2024-12-24' },
      ],
      [
        `${last}`,
        `${first}`,
        { from: `${last}-01`, to: endOf(drawnFrom(last)) },
        { from: `${first}-01`, to: endOf(first) },
      ],
    ]
    await read(async (query) => {
      for (const [period, compare, span, before] of spans) {
        for (const grain of ['day', 'week', 'month', 'quarter'] as const) {
          for (const narrowing of [{}, { country: 'France' }, { product: 'Laptop', country: 'France' }]) {
            const isCoarse = 'product' in narrowing
            if (isCoarse && (grain !== 'quarter' || period.length > 7)) continue
            const { figures, period: resolved } = await readPage(query, 'overview', {
              period,
              compare,
              grain,
              ...narrowing,
            })
            if (grain !== resolved.grain)
              expect([grain, isCoarse || resolved.grains.includes(grain)]).toEqual(['day', false])
            else if (figures['over_time'] !== undefined) {
              const expected = overTime(source, span, resolved.before === null ? null : before, grain, narrowing)
              expect(
                records(figures['over_time']),
                `${period} ${compare} ${grain} ${JSON.stringify(narrowing)}`,
              ).toEqual(expected)
            } else expect(grain).toBe('month')
          }
        }
      }
    })
  })

  test('come from the SQL that is shown with them', async () => {
    await read(async (query) => {
      for (const filters of [{ period: 'all' }, { period: '12m', ...odd }, { period: '2001-02..2002-05', ...odd }]) {
        for (const page of pages) {
          const { figures } = await readPage(query, page, filters)
          for (const [name, { sql, rows }] of Object.entries(figures)) {
            expect((await query(sql)).rows, `${page}/${name}`).toEqual(rows)
          }
        }
      }
    })
  })

  test.runIf(settings !== undefined)(
    'of each customer are their scores, whatever their orders are made of',
    async () => {
      const count = ordersIn(place.client.db(place.names.silver))
      const scored = scoresOf(source.buyers)
      expect(scored.length).toBeGreaterThan(10)
      expect(scored.some(({ orders, transactions }) => orders < transactions)).toBe(true)
      await read(async (query) => {
        for (const { id, recency, frequency, monetary } of scored) {
          const [row] = records(await readCustomer(query, id, count))
          expect(row, id).toMatchObject({
            recency: String(recency),
            frequency: String(frequency),
            monetary: String(monetary),
            segment: segmentOf(recency, frequency, monetary),
          })
          // Silver that is of another run, or does not answer, tells nothing of gold.
          for (const other of [async () => ({ transactions: 10_000, orders: 1 }), async () => null]) {
            const [unknown] = records(await readCustomer(query, id, other))
            expect(unknown).toMatchObject({ customer_id: id, frequency: null, segment: null })
          }
        }
      })
    },
  )

  test('of trust: all of the reconciliation, and all tables of gold', async () => {
    const { figures } = await read((query) => readPage(query, 'trust', { period: 'all' }))
    const sorted = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort()
    const parts = figures['reconciliation']?.rows ?? []
    expect(parts[0]?.[0]).toBe('all sales')
    const own = parts.map((part) => part.slice(0, 6))
    expect(sorted(own)).toEqual(sorted((await place.gold('select * from reconciliation')).map(Object.values)))
    for (const [table, column] of [
      ['customer_metrics', 'total_spent'],
      ['product_performance', 'total_revenue'],
      ['monthly_revenue', 'total_revenue'],
      ['country_statistics', 'total_revenue'],
    ]) {
      const sum = (await place.gold(`select sum(${column}) from ${table}`))[0]?.['sum']
      const seen = parts.filter(([name]) => name === table).map((part) => part.slice(6))
      expect(seen.length).toBeGreaterThan(0)
      for (const ends of seen) expect(ends, table).toEqual([sum, sum, 't'])
    }
    const counts = await Promise.all(
      readModels().map(async ({ name }) => ({
        name,
        row_count: (await place.gold(`select count(*) from ${name}`))[0]?.['count'] ?? null,
      })),
    )
    expect(figures['tables'] && records(figures['tables'])).toEqual(counts)
  })

  test('add up to all revenue, country by country', async () => {
    const { figures } = await read((query) => readPage(query, 'countries', { period: 'all' }))
    const cents = (of: Row) => BigInt(of['revenue']?.replace('.', '') ?? 0)
    const sum = records(figures['countries'] as Figure).reduce((total, row) => total + cents(row), 0n)
    expect(sum).toBe(source.sales.reduce((total, sale) => total + (sale.total ?? 0n), 0n))
  })

  test('of customers: each column sorts both ways, what is unknown last, and equal ones by id', async () => {
    const total = source.buyers.length
    const revenue = source.sales.reduce((sum, sale) => sum + (sale.total ?? 0n), 0n)
    await read(async (query) => {
      for (const sort of customersQuery.shape.sort.unwrap().options) {
        for (const order of ['asc', 'desc'] as const) {
          const rows: Row[] = []
          for (let offset = 0; offset < total; offset += 200) {
            const part = await readCustomers(query, { search: '', sort, order, offset, limit: 200 })
            expect(part.total).toBe(total)
            expect((await query(part.sql)).rows).toEqual(part.rows)
            rows.push(...records(part))
          }
          expect(rows).toEqual(sortedBy(sort, order, revenue))
        }
      }
    })
  })

  test.each(['', 'a', 'Éa', '%', '_', '50%_', '\\', "'", "' or '1'='1", 'cust', 'UNDATED', '$1', ':country'])(
    'of customers: those with %j in their name, city or id',
    async (search) => {
      const has = (text: string) => text.toLowerCase().includes(search.toLowerCase())
      for (const country of [undefined, 'France', odd.country]) {
        const wanted = { ...customersQuery.parse({ search, limit: 200 }), ...(country !== undefined && { country }) }
        const found = await read((query) => readCustomers(query, wanted))
        const expected = source.buyers.filter(
          (buyer) => [buyer.id, buyer.name, buyer.city].some(has) && (country ?? buyer.country) === buyer.country,
        )
        expect(found.total).toBe(expected.length)
        expect(new Set(records(found).map((row) => row['customer_id'])).size).toBe(Math.min(200, expected.length))
        const ids = expected.map(({ id }) => id)
        expect(records(found).filter((row) => !ids.includes(row['customer_id'] ?? ''))).toEqual([])
      }
    },
  )

  test('there is to choose from: months with sales, countries of customers, products', async () => {
    const choices = await read(readChoices)
    const all = (values: string[]) =>
      [...new Set(values)].sort(
        (a, b) => Number(a === 'Unknown') - Number(b === 'Unknown') || Buffer.compare(Buffer.from(a), Buffer.from(b)),
      )
    expect(choices).toEqual({
      months: soldMonths(source.sales),
      countries: all(source.gold.country_statistics.map((row) => row['country'] ?? '')),
      products: all(source.sales.map(({ product }) => product)),
      filters: [],
      standing: {
        product: foremost(source.gold.product_performance, 'product', (row) => inCents(row['total_revenue'])),
        country: foremost(source.gold.country_statistics, 'country', (row) => inCents(row['total_revenue'])),
        campaign_type: foremost(source.gold.campaign_performance, 'campaign_type', () => 1n),
      },
      empty: source.gold.campaign_performance.length === 0 ? ['campaigns'] : [],
    })
  })
})

function inCents(text: string | null | undefined): bigint {
  return BigInt((text ?? '0').replace('.', ''))
}

/** The known values of a column, those that come to most first. */
function foremost(rows: readonly Row[], column: string, of: (row: Row) => bigint): string[] {
  const sums = new Map<string, bigint>()
  for (const row of rows) {
    const name = row[column] ?? ''
    if (name !== 'Unknown') sums.set(name, (sums.get(name) ?? 0n) + of(row))
  }
  const byName = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b))
  return [...sums]
    .sort(([a, ofA], [b, ofB]) => (ofA === ofB ? byName(a, b) : ofA < ofB ? 1 : -1))
    .map(([name]) => name)
    .slice(0, 64)
}

/** The rows of all customers in an order. */
function sortedBy(column: string, order: 'asc' | 'desc', revenue: bigint): Row[] {
  const rows = source.gold.customer_metrics.map((row): Row => {
    const share = ratio(inCents(row['total_spent']) * 100n, revenue, 2)
    return { ...row, share_pct: share }
  })
  const isNumber = /total|avg/.test(column)
  return rows.sort((left, right) => {
    const [a, b] = [left[column] ?? null, right[column] ?? null]
    if (a === null || b === null) {
      if (a !== b) return a === null ? 1 : -1
    } else if (a !== b) {
      const up = isNumber ? (inCents(a) < inCents(b) ? -1 : 1) : Buffer.compare(Buffer.from(a), Buffer.from(b))
      return order === 'asc' ? up : -up
    }
    return Buffer.compare(Buffer.from(left['customer_id'] ?? ''), Buffer.from(right['customer_id'] ?? ''))
  })
}

test('where one country has most of the sales they are those of plain loops, too', async () => {
  const sale = (
    i: number,
    customer: string | null,
    product: string,
    timestamp: string | null,
    amount: unknown = i,
  ) => ({
    ...{ transaction_id: `T${i}`, customer_id: customer, product, timestamp, amount },
  })
  await place.load({
    customers: ['France', 'France', 'Atlantis', null].map((country, i) => ({ customer_id: `C${i}`, country })),
    transactions: [
      ...Array.from({ length: 20 }, (_, i) => sale(i, `C${i % 2}`, 'Laptop', '2025-01-03')),
      ...[sale(21, 'C2', 'Laptop', '2025-01-03'), sale(22, 'C2', 'Laptop', null), sale(23, 'C0', 'Laptop', null)],
      ...[sale(24, 'C2', 'Phone', '2025-01-03'), sale(25, 'C3', 'Phone', null), sale(26, null, 'Phone', '2025-01-03')],
      ...[sale(27, 'C0', odd.product, null), sale(28, 'C2', odd.product, '2025-02-03')],
      ...[sale(29, 'C0', 'Mouse', '2025-02-03', null), sale(30, 'C1', 'Cable', '2025-02-03', -5)],
      ...[sale(31, 'C1', 'Unknown', null, null), sale(32, 'C3', 'Unknown', '2025-02-03')],
    ],
    campaigns: [],
  })
  await make(undefined)
  await read(async (query) => {
    for (const narrowing of narrowings) {
      const { figures } = await readPage(query, 'products', { period: 'all', ...narrowing })
      const found = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, records(figure)]))
      expect(found, JSON.stringify(narrowing)).toEqual(
        expectedFigures['products']?.(source, chosen(null, [], narrowing)),
      )
      for (const { sql, rows } of Object.values(figures)) expect((await query(sql)).rows).toEqual(rows)
    }
  })
})

test('columns say what they hold', async () => {
  const { figures } = await read((query) => readPage(query, 'customers', { period: 'all' }))
  const types = (name: string) => Object.fromEntries(figures[name]?.columns.map((of) => [of.name, of.type]) ?? [])
  expect(types('best')).toMatchObject({ rank: 'integer', full_name: 'text', total_spent: 'decimal' })
  const { columns } = await read((query) => readCustomers(query, customersQuery.parse({})))
  expect(columns).toContainEqual({ name: 'last_purchase_date', type: 'date' })
  const trust = await read((query) => readPage(query, 'trust', { period: 'all' }))
  expect(trust.figures['reconciliation']?.columns).toContainEqual({ name: 'in_table', type: 'boolean' })
})

test('a page tells the run that made its gold', async () => {
  const { _id, started } = await runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true })
  const { gold } = await read((query) => readPage(query, 'overview', { period: 'all' }))
  expect([gold.run, new Date(gold.started)]).toEqual([_id.toHexString(), started])
})

test('the SQL of every figure says what it shows and runs as it stands', async () => {
  const queries = figureQueries({ filters: [], leftOut: [], without: [], own: [], tables: [] })
  expect(queries.length).toBeGreaterThan(20)
  await read(async (query) => {
    for (const { name, title, note, sql } of queries) {
      expect(title, name).toMatch(/^[A-Z].*[.?]$/)
      expect(note, name).toContain('One row')
      expect((await query(sql)).columns.length, name).toBeGreaterThan(0)
    }
  })
})

test.each<[string, Filters]>([
  ['a period that is none', { period: '2025-13' }],
  ['a country that no text can be', { period: 'all', country: 'a\0b' }],
])('%s is refused', async (_, filters) => {
  await expect(read((query) => readPage(query, 'overview', filters))).rejects.toMatchObject({ kind: 'usage' })
})

group('an empty gold', () => {
  beforeAll(async () => {
    await place.load({ customers: [{ _id: 1 }], transactions: [], campaigns: [] })
    for (const { name } of readModels()) if (name !== 'gold_run') await place.gold(`delete from ${name}`)
    await place.gold('update gold_run set complete_until = null')
    source = sourceOf({ customers: [], transactions: [], campaigns: [] })
  })

  test.each(['all', '12m', '2025'])('has figures without rows, or of nothing: %s', async (period) => {
    const months = period === '2025' ? { from: '2025-01', to: '2025-12' } : null
    await read(async (query) => {
      for (const page of names) {
        const { figures } = await readPage(query, page, { period })
        const found = Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, records(figure)]))
        expect(found, page).toEqual(expectedFigures[page]?.(source, chosen(months, [12])))
      }
      expect((await readPage(query, 'trust', { period })).figures['reconciliation']?.rows).toEqual([])
      expect(await readChoices(query)).toEqual({
        ...{ months: null, countries: [], products: [], filters: [] },
        standing: { product: [], country: [], campaign_type: [] },
        empty: ['customers', 'products', 'campaigns', 'countries'],
      })
      expect(await readCustomers(query, customersQuery.parse({}))).toMatchObject({ rows: [], total: 0 })
    })
  })
})

group('customers whose names have an i without a dot, or an I with one', () => {
  const named = ['İlker Kaya', 'Ilker Kaya', 'ilker kaya', 'Kıvanç', 'KİRAZ', 'Akin', 'Bo']

  beforeAll(async () => {
    await place.load({
      customers: named.map((first_name, n) => ({ _id: n, customer_id: `C${n}`, first_name, city: 'İzmir' })),
      transactions: named.map((_, n) => ({ _id: n, transaction_id: `T${n}`, customer_id: `C${n}`, amount: 1 })),
    })
    await runPipeline(place.client, place.postgresUrl, { ...place.names, acceptShrink: true })
  })

  test.each(['İ', 'i', 'I', 'ı', 'ilk', 'ILK', 'İLK', 'kir', 'k', 'K', 'izm', 'akin', 'bo', 'c0'])(
    'are found by %j as PostgreSQL itself compares them',
    async (search) => {
      const pattern = `ilike '%${search}%'`
      const [{ found } = {}] = await place.gold(
        `select array_agg(customer_id order by customer_id) as found from customer_metrics
         where full_name ${pattern} or city ${pattern} or customer_id ${pattern}`,
      )
      const shown = await read((query) =>
        readCustomers(query, customersQuery.parse({ search, sort: 'customer_id', order: 'asc' })),
      )
      expect(records(shown).map((row) => row['customer_id'])).toEqual(found?.replace(/[{}]/g, '').split(',') ?? [])
    },
  )
})
