import type { Document } from 'bson'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, describe as group, test } from 'vitest'
import { type GoldQuery, readGold } from '../../src/postgres/reader.ts'
import { type Config, configOf } from '../../src/settings/config.ts'
import type { Catalogue, Explored, Filters, Selection } from '../../src/web/api.ts'
import { readExplored } from '../../src/web/explore.ts'
import { readPage, shownOf } from '../../src/web/figures.ts'
import { Refusal } from '../../src/web/problem.ts'
import { runs } from '../garbage/seed.ts'
import { format, ratio } from '../oracle/exact.ts'
import { type Sale, salesOf } from '../oracle/sales.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { ask } from './http.ts'
import { type Served, serve } from './place.ts'

/** Names and values that SQL could stumble over. */
const ODD = 'It\'s "odd" :product $1 ?'
const MOST_COLUMNS = 12

const kept = (more: object) => ({ kind: 'label', personal: false, meaning: 'Mine.', filter: true, ...more })
const settings = (hasOrders: boolean) => ({
  collections: {
    transactions: {
      ...(hasOrders && { fields: { order_id: 'order' } }),
      // One of them is called as a measure is.
      keep: { category: kept({}), orders: kept({ kind: 'id', from: 'shop' }) },
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
  transactions: Array.from({ length: 500 }, (_, i) => ({
    transaction_id: `T${i}`,
    ...(i % 7 !== 0 && { customer_id: `C${(i * 5) % 14}` }),
    order: `O${Math.floor(i / 3)}`,
    product: ['Laptop', 'Phone', 'Tablet', null][i % 4],
    ...(i % 6 !== 0 && { category: [ODD, 'Chairs'][(i * 3) % 2] }),
    ...(i % 5 !== 0 && { shop: i % 4 }),
    // 15 months, and days at both ends of them.
    ...(i % 9 !== 0 && { timestamp: new Date(Date.UTC(2024, i % 15, [1, 3, 15, 28][i % 4])) }),
    ...(i % 8 !== 0 && { amount: i + 0.5, discount_applied: i % 3, shipping_cost: 1.25 }),
    ...(i % 4 !== 0 && { status: ['Cancelled', 'Refunded', 'Completed', 'Pending', 'Completed'][i % 5] }),
  })),
  campaigns: Array.from({ length: 40 }, (_, i) => ({
    campaign_id: `CAMP${i}`,
    campaign_name: `Sale ${i % 7}`,
    campaign_type: ['Email', 'Search', null][i % 3],
    ...(i % 4 !== 0 && { budget: 1000 + i }),
    ...(i % 3 !== 0 && { spend: 900.5 - i }),
    ...(i % 5 !== 0 && { impressions: 10_000 * i }),
    ...(i % 6 !== 0 && { clicks: 100 * i }),
    ...(i % 7 !== 0 && { conversions: i + 0.5 }),
    ...(i % 8 !== 0 && { start_date: new Date(Date.UTC(2024, i % 12, 5)) }),
  })),
}

/** A sale with all that it can be told by. */
type Told = Sale & { labels: Readonly<Record<string, string>> }

let place: Place
let config: Config
let sales: Told[]

const read = <T>(work: (query: GoldQuery) => Promise<T>) => readGold(place.postgresUrl, place.names.goldSchema, work)
const shown = () => shownOf(config)
const selected = (measures: string, by: string, more: Partial<Selection> = {}): Selection => ({
  ...{ measures, by, limit: 1000 },
  ...more,
})

async function make(hasOrders: boolean): Promise<void> {
  config = await configOf({ file: 'lingot.config.json', value: settings(hasOrders) }, {})
  await runPipeline(place.client, place.postgresUrl, { ...config, ...place.names, acceptShrink: true })
  const documents = async (name: string) => place.client.db(place.names.silver).collection(name).find({}).toArray()
  const [customers, transactions] = [await documents('customers'), await documents('transactions')]
  const segments = new Map(customers.map(({ customer_id, segment }) => [customer_id, segment]))
  sales = salesOf({ customers, transactions, campaigns: [] }).map((sale, i) => {
    const own: Document = transactions[i] ?? {}
    const isDated = sale.month !== 'Unknown'
    const [year = '', month = ''] = sale.month.split('-')
    return {
      ...sale,
      labels: {
        day: sale.day,
        week: isDated ? monday(sale.day) : 'Unknown',
        month: sale.month,
        quarter: isDated ? `${year}-Q${Math.ceil(Number(month) / 3)}` : 'Unknown',
        year: isDated ? year : 'Unknown',
        country: sale.buyer === 'customer known' ? sale.country : sale.buyer,
        product: sale.product,
        status: own['status'],
        'filter.category': own['category'] ?? 'Unknown',
        'filter.orders': own['orders'] ?? 'Unknown',
        'filter.segment': segments.get(own['customer_id']) ?? 'Unknown',
      },
    }
  })
}

function monday(day: string): string {
  const date = new Date(`${day}T00:00:00Z`)
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7))
  return date.toISOString().slice(0, 10)
}

beforeAll(async () => {
  place = await openPlace()
  await place.load(bronze)
  await make(true)
})
afterAll(() => place.leave())

// --------------------------------------------------------------------------------------------------------- plain loops

const sum = (values: readonly (bigint | null)[]) => values.reduce<bigint>((total, value) => total + (value ?? 0n), 0n)
const revenueOf = (some: readonly Told[]) => sum(some.map(({ total }) => total))
const goodsOf = (some: readonly Told[]) => sum(some.map(({ amount }) => amount))
const known = (some: readonly Told[]) => some.filter(({ total }) => total !== null)
const different = (some: readonly Told[], of: (sale: Told) => string | null) =>
  new Set(some.map(of).filter((each) => each !== null)).size
const reversed = (some: readonly Told[]) => some.filter(({ isReversed }) => isReversed)
const mean = (cents: bigint, count: number) => ratio(cents, BigInt(count) * 100n, 2)

const measures: Readonly<Record<string, (some: readonly Told[]) => string | null>> = {
  revenue: (some) => format(revenueOf(some), 2),
  transactions: (some) => String(some.length),
  orders: (some) => String(different(some, ({ order }) => order)),
  customers: (some) => String(different(some, ({ customer }) => customer)),
  average_order_value: (some) =>
    mean(
      revenueOf(some),
      different(known(some), ({ order }) => order),
    ),
  average: (some) => mean(revenueOf(some), known(some).length),
  goods: (some) => format(goodsOf(some), 2),
  avg_price: (some) => mean(goodsOf(some), known(some).length),
  shipping_less_discount: (some) => format(revenueOf(some) - goodsOf(some), 2),
  reversed_revenue: (some) => format(revenueOf(reversed(some)), 2),
  reversed_transactions: (some) => String(reversed(some).length),
  reversed_pct: (some) => ratio(revenueOf(reversed(some)) * 100n, revenueOf(some), 2),
}
const counting: Readonly<Record<string, string>> = {
  customers: 'customers',
  orders: 'orders',
  average_order_value: 'orders',
}

const listOf = (value: string | readonly string[] | undefined) => (typeof value === 'string' ? [value] : (value ?? []))

/** The sales that are left of what is chosen; which time that is the answer says, as that of any page. */
function narrowed({ period }: Explored, filters: Filters): Told[] {
  const { from, to } = period.months ?? period.days ?? { from: '', to: '' }
  const at = period.days === null ? ('month' as const) : ('day' as const)
  const chosen: [string, readonly string[]][] = [
    ['country', listOf(filters.country)],
    ['product', listOf(filters.product)],
    ...Object.entries(filters.kept ?? {}).map(([name, values]): [string, readonly string[]] => [
      `filter.${name}`,
      listOf(values),
    ]),
  ]
  return sales.filter(
    (sale) =>
      (from === '' || (sale[at] !== 'Unknown' && sale[at] >= from && sale[at] <= to)) &&
      chosen.every(([name, values]) => values.length === 0 || values.includes(sale.labels[name] ?? '')) &&
      listOf(filters.known).every((name) => {
        const isOfNobody = name === 'country' && sale.buyer !== 'customer known'
        return sale.labels[name] !== 'Unknown' && !isOfNobody
      }) &&
      !(filters.revenue === 'net' && sale.isReversed),
  )
}

/** The cells of an answer by their labels, as plain loops have them; which columns are shown the answer says. */
function expected(answer: Explored, filters: Filters, addUp: boolean): Map<string, (string | null)[]> {
  const { by, across } = answer
  const columns = new Set(across === null ? [] : answer.rows.map((row) => row[by.length]))
  const cells = new Map<string, Told[]>()
  for (const sale of narrowed(answer, filters)) {
    // Of days those are told that are known.
    if ([...by, across].some((name) => name === 'day' || name === 'week') && sale.day === 'Unknown') continue
    const labels: (string | null)[] = by.map((name) => sale.labels[name] ?? '')
    if (across !== null) {
      const label = sale.labels[across] ?? ''
      labels.push(columns.has(label) ? label : null)
    }
    const key = JSON.stringify(labels)
    cells.set(key, [...(cells.get(key) ?? []), sale])
  }
  return new Map(
    [...cells].map(([key, some]) => {
      const isOther = across !== null && (JSON.parse(key) as unknown[]).at(-1) === null
      const values = answer.measures.map((name) => {
        const what = counting[name] ?? ''
        if (answer.unanswered.some((each) => each === what)) return null
        const isApart = what === 'customers' ? across !== 'country' : what === 'orders' && !addUp
        return isOther && isApart ? null : (measures[name]?.(some) ?? null)
      })
      return [key, values]
    }),
  )
}

function cellsOf({ rows, by, across }: Explored): Map<string, (string | null)[]> {
  const labels = by.length + (across === null ? 0 : 1)
  return new Map(rows.map((row) => [JSON.stringify(row.slice(0, labels)), row.slice(labels)]))
}

// ---------------------------------------------------------------------------------------------------------- the answers

const every = ['month', 'quarter', 'year', 'country', 'product'] as const
const own = ['filter.category', 'filter.orders', 'filter.segment'] as const
const byDay = ['revenue', 'transactions', 'average', 'reversed_revenue'] as const
const uncounted = Object.keys(measures).filter((name) => counting[name] === undefined)

const some = {
  period: fc.constantFrom('all', '12m', '2024', '2025', '2024-02..2024-11', '2024-03-02..2024-09-15'),
  country: fc.constantFrom('France', 'Unknown', ['France', 'Suisse'], 'Nowhere'),
  product: fc.constantFrom('Laptop', 'Unknown', ['Phone', 'Tablet'], "'; drop table country_sales; --"),
  known: fc.subarray(['country', 'product']),
  revenue: fc.constant('net' as const),
  kept: fc.record(
    { category: fc.constantFrom(ODD, 'Unknown'), segment: fc.constant(['Home', ODD]) },
    { requiredKeys: [] },
  ),
}
const { kept: _, ...ofAll } = some
const whole = fc.constant<Filters>({ period: 'all' })
const narrowing = (of: Partial<typeof some>): fc.Arbitrary<Filters> =>
  fc.oneof(
    { arbitrary: whole, weight: 1 },
    { arbitrary: fc.record(of, { requiredKeys: ['period'] }).map((filters) => filters as Filters), weight: 2 },
  )

const asking = (names: readonly string[], labels: readonly string[], filters: fc.Arbitrary<Filters>) =>
  fc.record({
    measures: fc.uniqueArray(fc.constantFrom(...names), { minLength: 1, maxLength: 3 }),
    labels: fc.uniqueArray(fc.constantFrom(...labels), { minLength: 1, maxLength: 3 }),
    hasColumns: fc.boolean(),
    filters,
  })

const question = fc.oneof(
  { arbitrary: asking(Object.keys(measures), every, narrowing(ofAll)), weight: 6 },
  { arbitrary: asking(byDay, ['day', 'week', 'month', 'country'], narrowing({ period: some.period })), weight: 2 },
  { arbitrary: asking(uncounted, [...own, 'month', 'product'], narrowing(some)), weight: 3 },
  { arbitrary: asking(Object.keys(measures), [...every, ...own, 'day', 'status'], narrowing(some)), weight: 1 },
)

group.each([
  ['where orders have several transactions', true],
  ['where every transaction is an order', false],
])('%s', (_, hasOrders) => {
  beforeAll(() => make(hasOrders))

  test('any answer is that of plain loops over the sales of silver, and its SQL gives it', async () => {
    const met = { answered: 0, refused: 0, others: 0, empty: 0 }
    await read((query) =>
      fc.assert(
        fc.asyncProperty(question, async ({ measures, labels, hasColumns, filters }) => {
          const [across, ...by] = hasColumns && labels.length > 1 ? labels : [undefined, ...labels.slice(0, 2)]
          const selection = selected(measures.join(','), by.join(','), { across })
          let answer: Explored
          try {
            answer = await readExplored(query, 'sales', selection, filters, shown())
          } catch (error) {
            if (!(error instanceof Refusal && error.status === 422)) throw error
            met.refused++
            return
          }
          met.answered++
          expect(answer.isCut).toBe(false)
          const found = cellsOf(answer)
          const wanted = expected(answer, filters, !hasOrders)
          expect(found.size).toBe(answer.rows.length)
          expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted))
          expect((await query(answer.sql)).rows).toEqual(answer.rows)
          if (answer.unanswered.length > 0) met.empty++
          const place = answer.by.length
          const columns = new Set(answer.across === null ? [] : answer.rows.map((row) => row[place]))
          if (columns.has(null as never)) met.others++
          expect(columns.size).toBeLessThanOrEqual(MOST_COLUMNS + 1)
        }),
        runs(170),
      ),
    )
    // Each of them was met: a test of none would tell nothing.
    expect(Math.min(...Object.values(met)), JSON.stringify(met)).toBeGreaterThan(4)
  })

  test('it says of a shop what the pages say', async () => {
    await read(async (query) => {
      for (const filters of [
        { period: 'all' },
        { period: '2024' },
        { period: '2024', country: 'France' },
      ] as Filters[]) {
        const overview = await readPage(query, 'overview', filters, shown())
        const records = (name: string) => {
          const { columns = [], rows = [] } = overview.figures[name] ?? {}
          return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
        }
        const asked = 'revenue,orders,average_order_value,customers'
        const byMonth = await readExplored(query, 'sales', selected(asked, 'month'), filters, shown())
        const sold = new Set(sales.map(({ month }) => month))
        expect(byMonth.rows.filter(([month]) => month !== 'Unknown')).toEqual(
          records('months').flatMap((row) =>
            sold.has(row['month'] ?? '') && (row['orders'] ?? '0') !== '0' && isIn(filters, row['month'] ?? '')
              ? [[row['month'], row['revenue'], row['orders'], row['average_order_value'], row['active_customers']]]
              : [],
          ),
        )
        if (filters.period === 'all') continue
        const [totals] = records('totals')
        const byYear = await readExplored(query, 'sales', selected(asked, 'year'), filters, shown())
        expect(byYear.rows).toEqual([
          [
            '2024',
            totals?.['revenue'],
            totals?.['orders'],
            totals?.['average_order_value'],
            totals?.['active_customers'],
          ],
        ])
      }
    })
  })
})

const isIn = ({ period }: Filters, month: string) => period === 'all' || month.startsWith(period)

group('customers and campaigns', () => {
  test('are those of their pages', async () => {
    await read(async (query) => {
      const customers = await readPage(query, 'customers', { period: 'all' }, shown())
      const segments = customers.figures['segments']
      const at = (name: string) => segments?.columns.findIndex((column) => column.name === name) ?? -1
      const found = await readExplored(
        query,
        'customers',
        selected('customers,revenue', 'segment'),
        { period: 'all' },
        shown(),
      )
      const sorted = (rows: readonly (readonly (string | null | undefined)[])[]) => rows.map(String).sort()
      expect(sorted(found.rows)).toEqual(
        sorted(segments?.rows.map((row) => [row[at('segment')], row[at('customers')], row[at('revenue')]]) ?? []),
      )
      expect((await query(found.sql)).rows).toEqual(found.rows)
      const campaigns = await readPage(query, 'campaigns', { period: 'all' }, shown())
      const asked = 'campaigns,budget,spend,conversions'
      const rates = 'ctr_pct,conversion_rate_pct,cpa,roi_pct'
      const [sums, ratios] = [
        await readExplored(query, 'campaigns', selected(asked, 'type'), { period: 'all' }, shown()),
        await readExplored(query, 'campaigns', selected(rates, 'type', { sort: 'type' }), { period: 'all' }, shown()),
      ]
      const byType = new Map(ratios.rows.map(([type, ...values]) => [type, values]))
      // What the page compares with is empty for all time.
      const columns = campaigns.figures['types']?.columns ?? []
      const isBefore = (i: number) => columns[i]?.name.startsWith('previous_') === true
      const all = campaigns.figures['types']?.rows ?? []
      expect(all.flatMap((row) => row.filter((value, i) => isBefore(i) && value !== null))).toEqual([])
      const types = all.map((row) => row.filter((_, i) => !isBefore(i)))
      expect(types).toHaveLength(3)
      expect(sorted(sums.rows.map((row) => [...row, ...(byType.get(row[0] ?? '') ?? [])]))).toEqual(sorted(types))
    })
  })

  test.each([
    ['country', undefined, {}, 'select country, count(*), sum(total_spent) from customer_metrics group by 1'],
    [
      'filter.segment',
      undefined,
      { country: 'France' },
      `select segment, count(*), sum(total_spent) from customer_metrics join filtered_customers using (customer_id)
       where country = 'France' group by 1`,
    ],
    [
      'first_month',
      'country',
      { kept: { segment: ['Home', 'Unknown'] } },
      `select coalesce(to_char(first_purchase_date, 'YYYY-MM'), 'Unknown'), country, count(*), sum(total_spent)
       from customer_metrics join filtered_customers using (customer_id)
       where segment in ('Home', 'Unknown') group by 1, 2`,
    ],
    [
      'recency',
      'frequency',
      { country: ['France', 'Suisse'] },
      `select recency::text, frequency::text, sum(customers), sum(revenue) from customer_segments
       where country in ('France', 'Suisse') group by 1, 2`,
    ],
  ] as const)('of customers by %s are a SELECT', async (by, across, filters, sql) => {
    await read(async (query) => {
      const selection = selected('customers,revenue', by, { across })
      const found = await readExplored(query, 'customers', selection, { period: 'all', ...filters } as Filters, shown())
      expect(found.rows.map(String).sort()).toEqual((await query(sql)).rows.map(String).sort())
      expect(found.rows.length).toBeGreaterThan(1)
    })
  })
})

group('its address', () => {
  let served: Served
  beforeAll(async () => {
    served = await serve(place, { config: { ...config, ...place.names } })
  })
  afterAll(() => served.close())
  const get = (address: string) => ask(served.port, `/api/${address}`)

  test('tells what can be asked, with the meanings of the models', async () => {
    const { status, json } = await get('explore')
    expect(status).toBe(200)
    const { subjects, mostColumns } = json() as Catalogue
    expect(mostColumns).toBe(MOST_COLUMNS)
    expect(subjects.map(({ name }) => name)).toEqual(['sales', 'customers', 'campaigns'])
    const [sales] = subjects
    expect(sales?.measures.find(({ name }) => name === 'goods')?.meaning).toBe(
      'Sum of amount where known, before discount and shipping; 0.00 if none is known.',
    )
    expect(sales?.dimensions.find(({ name }) => name === 'filter.orders')).toEqual({
      name: 'filter.orders',
      kind: 'label',
      meaning: 'Mine.',
    })
    // What can be chosen can be asked: each measure by each dimension that some table holds it with.
    for (const { name, tables } of subjects) {
      for (const { measures, dimensions } of tables) {
        for (const dimension of dimensions) {
          const told = await get(
            `explore/${name}?measures=${measures.slice(0, 4).join()}&by=${dimension}${name === 'customers' ? '' : '&period=all'}`,
          )
          expect(told.status, `${name} ${dimension} ${told.text.slice(0, 200)}`).toBe(200)
        }
      }
    }
  })

  test.each([
    ['measures=revenue&by=product&period=all', ['-revenue'], 'Unknown'],
    ['measures=revenue&by=product&period=all&sort=revenue', ['revenue'], 'Unknown'],
    ['measures=transactions&by=product&period=all&sort=-product', ['-product'], 'Unknown'],
    ['measures=transactions&by=month&period=all', ['month'], 'Unknown'],
  ] as const)('sorts %s, what is unknown last', async (query, [order], last) => {
    const { rows } = (await get(`explore/sales?${query}`)).json() as Explored
    expect(rows.at(-1)?.[0]).toBe(last)
    const values = rows.slice(0, -1).map(([label, value]) => (/revenue/.test(order) ? Number(value) : label))
    const way = order.startsWith('-') ? -1 : 1
    expect(values).toEqual([...values].sort((a, b) => way * ((a ?? '') < (b ?? '') ? -1 : 1)))
    expect(values.length).toBeGreaterThan(2)
  })

  test('gives so many rows as are wanted, and all of them as CSV', async () => {
    const asked = 'measures=revenue,customers&by=month&period=all'
    const cut = (await get(`explore/sales?${asked}&limit=4`)).json() as Explored
    expect(cut.rows).toHaveLength(4)
    expect(cut.isCut).toBe(true)
    expect(cut.sql).toMatch(/limit 4$/)
    const crossed = (await get(`explore/sales?${asked}&across=country&limit=4`)).json() as Explored
    expect(new Set(crossed.rows.map(([month]) => month)).size).toBe(4)
    const whole = (await get(`explore/sales?${asked}&limit=1000`)).json() as Explored
    expect(whole.isCut).toBe(false)
    expect(whole.csv).toBeNull()
    const csv = await ask(served.port, cut.csv ?? '')
    expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8')
    expect(csv.text.trim().split('\n')).toEqual(['month,revenue,customers', ...whole.rows.map((row) => row.join(','))])
    const { headers } = await get(`explore/sales?${asked}`)
    const again = await ask(served.port, `/api/explore/sales?${asked}`, {
      headers: { 'if-none-match': headers.etag ?? '' },
    })
    expect(again.status).toBe(304)
  })

  test.each([
    ['explore/sales?measures=nothing&by=month', 400, 'There is no nothing to explore.'],
    ['explore/sales?measures=revenue&by=segment', 400, 'There is no segment to explore.'],
    ['explore/sales?measures=revenue&by=month,month', 400, 'One of them is named twice.'],
    ['explore/sales?measures=revenue&by=month,country,product', 400, 'month, country, product are more than 2.'],
    ['explore/sales?measures=revenue&by=month&sort=country', 400, 'It cannot be sorted by country.'],
    ['explore/sales?measures=revenue&by=month&sort=1%3Bdrop', 400, 'It cannot be sorted by 1;drop.'],
    ['explore/sales?measures=revenue&by=month)%3B--', 400, 'by: must be names with commas between them.'],
    ['explore/sales?measures=sum(revenue)&by=month', 400, 'measures: must be names with commas between them.'],
    ['explore/sales?measures=revenue&by=month&across=country%27', 400, "There is no country' to explore."],
    ['explore/sales?measures=constructor&by=month', 400, 'There is no constructor to explore.'],
    ['explore/sales?by=month', 400, 'measures: is missing.'],
    ['explore/sales?measures=revenue&by=month&limit=0', 400, /^limit: must be/],
    ['explore/sales?measures=revenue&by=month&colour=red', 400, 'There is no filter colour.'],
    ['explore/sales?measures=revenue&by=month&compare=year', 400, 'The page explore is not narrowed by compare.'],
    [
      'explore/customers?measures=customers&by=country&product=x',
      400,
      'The page customers is not narrowed by product.',
    ],
    [
      'explore/sales?measures=customers&by=filter.category',
      422,
      /^Gold holds no table of all of these: customers, filter/,
    ],
    ['explore/sales?measures=orders&by=day', 422, /orders, day, period\.$/],
    ['explore/sales?measures=revenue&by=day&product=Laptop', 422, /revenue, day, period, product\.$/],
    ['explore/sales?measures=reversed_revenue&by=month&revenue=net', 422, /revenue\.$/],
    ['explore/sales?measures=revenue&by=status', 422, /status, period\.$/],
    ['explore/nobody?measures=revenue&by=month', 400, /^subject: /],
  ] as const)('%s is refused', async (address, status, detail) => {
    const told = await get(address)
    expect(told.status, told.text).toBe(status)
    expect(told.json().detail).toMatch(detail instanceof RegExp ? detail : new RegExp(`^${literally(detail)}$`))
  })

  test('a value that looks like SQL is a value', async () => {
    const value = encodeURIComponent("x'; drop table country_sales; --")
    for (const filter of ['country', 'product', 'filter.category']) {
      const told = (
        await get(`explore/sales?measures=revenue&by=month&period=all&${filter}=${value}`)
      ).json() as Explored
      expect(told.rows).toEqual([])
      expect(told.sql).toContain("x''; drop table country_sales; --")
    }
    expect((await place.gold('select count(*) > 0 as is_there from country_sales'))[0]).toEqual({ is_there: 't' })
  })
})

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
