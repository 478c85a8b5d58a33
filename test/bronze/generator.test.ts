import { createHash } from 'node:crypto'
import { type Document, Double, type ObjectId } from 'bson'
import parsePhoneNumber from 'libphonenumber-js/max'
import { describe, expect, test } from 'vitest'
import {
  collisions,
  gaps,
  period,
  products,
  repeats,
  standardSize,
  strangers,
} from '../../src/bronze/sample/catalogue.ts'
import { shuffle, stream } from '../../src/bronze/sample/random.ts'
import { type Shop, shop, sizeOf } from '../../src/bronze/sample/shop.ts'

const names = ['customers', 'transactions', 'campaigns'] as const
type Bronze = Record<(typeof names)[number], Document[]>

function all(shop: Shop): Bronze {
  return {
    customers: [...shop.customers()],
    transactions: [...shop.transactions()],
    campaigns: [...shop.campaigns()],
  }
}

/** The size of the brief, and one large enough for shares to be close to what the catalogue says. */
const sample = all(shop({ scale: 1, seed: 42 }))
const large = all(shop({ scale: 5, seed: 7 }))

function known<T>(documents: Document[], field: string): T[] {
  return documents.map((document) => document[field]).filter((value) => value !== undefined && value !== null)
}

function share(documents: Document[], isOne: (document: Document) => boolean): number {
  return documents.filter(isOne).length / documents.length
}

function count<T>(values: T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}

function first(count: number, documents: Iterable<Document>): Document[] {
  const taken: Document[] = []
  for (const document of documents) if (taken.push(document) === count) break
  return taken
}

function isInPeriod(date: Date): boolean {
  return date.getTime() >= Date.parse(period.from) && date.getTime() < Date.parse(period.to)
}

function cents(money: Double | null | undefined): number {
  return Math.round((money?.value ?? 0) * 100)
}

/** The content of a document, as text. */
function content({ _id, ...fields }: Document): string {
  return JSON.stringify(fields)
}

describe('how much', () => {
  test.each([
    [1, standardSize],
    [0.5, { customers: 2500, transactions: 7500, campaigns: 100 }],
    [0.0001, { customers: 1, transactions: 2, campaigns: 1 }],
  ])('scale %d', (scale, expected) => {
    expect(sizeOf(scale)).toEqual(expected)
    const made = all(shop({ scale, seed: 1 }))
    expect(names.map((name) => made[name].length)).toEqual(names.map((name) => expected[name]))
  })

  test('a thousand times as much begins at once', () => {
    const begun = performance.now()
    const huge = shop({ scale: 1000, seed: 42 })
    for (const name of names) expect(first(10, huge[name]())).toHaveLength(10)
    expect(performance.now() - begun).toBeLessThan(500)
  })
})

describe('a seed', () => {
  test('gives the same documents, `_id` and order of fields included', () => {
    const again = all(shop({ scale: 1, seed: 42 }))
    expect(again).toStrictEqual(sample)
    expect(JSON.stringify(again)).toBe(JSON.stringify(sample))
  })

  test('gives them on every machine', () => {
    const digest = (documents: Document[]) => createHash('md5').update(JSON.stringify(documents)).digest('hex')
    // Changes with the catalogue, and with nothing else.
    expect(names.map((name) => digest(sample[name]))).toMatchInlineSnapshot(`
      [
        "47bcf98a586bd5764f4f853991ed4ced",
        "93d35ca449d803b030a54fd600ab1f51",
        "290a64a017c0fa95170718379a29fa65",
      ]
    `)
  })

  test('gives the same ones each time it is asked', () => {
    const twice = shop({ scale: 0.01, seed: 3 })
    const before = [...twice.transactions()]
    expect([...twice.campaigns(), ...twice.transactions()].slice(-before.length)).toEqual(before)
  })

  test.each([0, 1, -1, 43, 2 ** 31])('%d gives others', (seed) => {
    const other = all(shop({ scale: 0.1, seed }))
    const ours = all(shop({ scale: 0.1, seed: 42 }))
    for (const name of names) expect(other[name].map(content)).not.toEqual(ours[name].map(content))
    expect(other.customers[0]?.['_id']).not.toEqual(ours.customers[0]?.['_id'])
  })
})

describe.each(names)('%s', (name) => {
  const documents = large[name]

  test.each(Object.entries(gaps[name]))('%s is missing in %d', (field, rate) => {
    const missing = documents.filter((document) => document[field] === undefined || document[field] === null)
    // Four standard deviations.
    const tolerance = 4 * Math.sqrt((rate * (1 - rate)) / documents.length)
    expect(Math.abs(missing.length / documents.length - rate)).toBeLessThanOrEqual(tolerance)
    if (rate === 0) return
    const nulls = missing.filter((document) => field in document).length / missing.length
    expect(Math.abs(nulls - 0.2)).toBeLessThan(4 * Math.sqrt(0.16 / missing.length))
  })

  test('every `_id` differs, and later ones are higher', () => {
    const ids = documents.map(({ _id }) => (_id as ObjectId).toHexString())
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.toSorted()).toEqual(ids)
  })

  test('holds the fields of the brief in its order, and no undefined', () => {
    const order = ['_id', ...Object.keys(gaps[name])]
    const isWrong = (document: Document) => {
      const fields = Object.keys(document)
      const expected = order.filter((field) => fields.includes(field))
      return fields.join() !== expected.join() || Object.values(document).includes(undefined)
    }
    expect(documents.filter(isWrong)).toEqual([])
  })
})

describe('ids', () => {
  test.each([
    ['customers', 'customer_id', /^CUST[1-9]\d{4}$/],
    ['transactions', 'customer_id', /^CUST[1-9]\d{4}$/],
    ['transactions', 'transaction_id', /^TXN[1-9]\d{4}$/],
    ['campaigns', 'campaign_id', /^CAMP[1-9]\d{2}$/],
  ] as const)('of %s: %s', (name, field, shape) => {
    expect(known<string>(sample[name], field).filter((id) => !shape.test(id))).toEqual([])
  })

  test('have more digits where there are more of them', () => {
    const [id] = known<string>(first(10, shop({ scale: 335, seed: 42 }).transactions()), 'transaction_id')
    expect(id).toMatch(/^TXN[1-9]\d{7}$/)
  })

  test.each([
    ['customers', 'customer_id'],
    ['transactions', 'transaction_id'],
  ] as const)('of %s are shared by two different documents in their share', (name, field) => {
    const different = [...new Map(large[name].map((document) => [content(document), document])).values()]
    const counts = [...count(known<string>(different, field)).values()]
    expect(counts.filter((count) => count > 2)).toEqual([])
    const shared = counts.filter((count) => count === 2).length / counts.length
    expect(shared).toBeGreaterThan(collisions[name] * 0.85)
    expect(shared).toBeLessThan(collisions[name] * 1.1)
  })

  test('of campaigns name one campaign', () => {
    const different = [...new Map(large.campaigns.map((document) => [content(document), document])).values()]
    expect(new Set(count(known<string>(different, 'campaign_id')).values())).toEqual(new Set([1]))
  })

  test('are missing in a handful at the size of the brief', () => {
    for (const [name, field] of [['customers', 'customer_id'] as const, ['campaigns', 'campaign_id'] as const]) {
      const without = sample[name].filter((document) => !document[field]).length
      expect(without).toBeGreaterThan(2)
    }
  })

  test.each([1, 2, 3, 10, 100, 4096, 5000])('a shuffle of %d puts each number in one place', (size) => {
    const at = shuffle(size, stream(42, 0))
    const places = Array.from({ length: size }, (_, index) => at(index))
    expect(places.toSorted((a, b) => a - b)).toEqual(Array.from({ length: size }, (_, index) => index))
    if (size >= 100) expect(places).not.toEqual(places.toSorted((a, b) => a - b))
  })
})

test.each([
  ['transactions', 45],
  ['campaigns', 2],
] as const)('some %s are there twice under another _id', (name, expected) => {
  expect(Math.round(repeats[name] * sample[name].length)).toBe(expected)
  const counts = [...count(sample[name].map(content)).values()]
  expect(counts.filter((count) => count === 2)).toHaveLength(expected)
  expect(counts.filter((count) => count > 2)).toEqual([])
})

describe('customers', () => {
  const regions = { France: 'FR', Belgique: 'BE', Suisse: 'CH', Canada: 'CA', Luxembourg: 'LU' } as const
  const postal = {
    France: /^\d{5}$/,
    Belgique: /^\d{4}$/,
    Suisse: /^\d{4}$/,
    Canada: /^[A-Z]\d[A-Z] \d[A-Z]\d$/,
    Luxembourg: /^\d{4}$/,
  }

  test.each(Object.entries(regions))('in %s have its phone numbers and postal codes', (country, region) => {
    const there = large.customers.filter((customer) => customer['country'] === country)
    expect(there.length).toBeGreaterThan(1000)
    const isPhone = (phone: string) => {
      const parsed = parsePhoneNumber(phone)
      return parsed?.isValid() && parsed.country === region && parsed.number === phone
    }
    expect(known<string>(there, 'phone').filter((phone) => !isPhone(phone))).toEqual([])
    const shape = postal[country as keyof typeof postal]
    expect(known<string>(there, 'postal_code').filter((code) => !shape.test(code))).toEqual([])
  })

  test('most live in France, fewest in Luxembourg', () => {
    const [first, ...others] = [...count(known<string>(large.customers, 'country'))].sort((a, b) => b[1] - a[1])
    expect(first?.[0]).toBe('France')
    expect(others.map(([country]) => country)).toEqual(['Belgique', 'Suisse', 'Canada', 'Luxembourg'])
  })

  test('have addresses made of their names, hardly ever the same', () => {
    const emails = known<string>(sample.customers, 'email')
    expect(emails.filter((email) => !/^[a-z-]+\.[a-z-]+\d+@[a-z.]+$/.test(email))).toEqual([])
    expect(new Set(emails).size / emails.length).toBeGreaterThan(0.999)
  })

  test('are adults of all ages, most in the middle', () => {
    const ages = known<number>(large.customers, 'age').sort((a, b) => a - b)
    expect(ages.every(Number.isInteger)).toBe(true)
    expect(ages[0]).toBeGreaterThanOrEqual(18)
    expect(ages.at(-1)).toBeLessThanOrEqual(95)
    expect(ages[ages.length >> 1]).toBeGreaterThan(30)
    expect(ages[ages.length >> 1]).toBeLessThan(45)
  })

  test('have names with accents, hyphens and apostrophes', () => {
    const full = large.customers.map((customer) => `${customer['first_name']} ${customer['last_name']}`).join()
    for (const part of ['é', 'ë', '-', "'", 'Le Goff']) expect(full).toContain(part)
  })
})

describe('transactions', () => {
  const customers = new Map(large.customers.map((customer) => [customer['customer_id'], customer]))
  const named = large.transactions.filter((sale) => typeof sale['customer_id'] === 'string')
  const toKnown = named.filter((sale) => customers.has(sale['customer_id']))

  test('most name a customer who is not in customers', () => {
    expect(1 - toKnown.length / named.length).toBeGreaterThan(strangers.sales - 0.02)
    expect(1 - toKnown.length / named.length).toBeLessThan(strangers.sales + 0.03)
  })

  test('the best customers come back, and nobody buys without end', () => {
    for (const bronze of [sample, large]) {
      const ids = new Set(known<string>(bronze.customers, 'customer_id'))
      const orders = [
        ...count(known<string>(bronze.transactions, 'customer_id').filter((id) => ids.has(id))).values(),
      ].sort((a, b) => b - a)
      expect(orders[0]).toBeGreaterThanOrEqual(10)
      expect(orders[0]).toBeLessThan(40)
      expect(orders[9]).toBeGreaterThanOrEqual(8)
      expect(orders[Math.floor(orders.length / 2)]).toBeLessThanOrEqual(2)
    }
  })

  test('customers have an account before they buy, nearly always', () => {
    const dated = toKnown
      .map((sale) => [customers.get(sale['customer_id'])?.['created_at'], sale['timestamp']])
      .filter((dates): dates is [Date, Date] => dates.every((date) => date instanceof Date))
    expect(dated.filter(([created, sold]) => created > sold).length / dated.length).toBeLessThan(0.03)
  })

  test.each(products)('amounts belong to products: $name', ({ name, price }) => {
    const sales = large.transactions.filter((sale) => sale['product'] === name)
    expect(sales.length).toBeGreaterThan(1000)
    const unit = (sale: Document) => cents(sale['amount']) / 100 / sale['quantity']
    const priced = sales.filter((sale) => sale['amount'] && sale['quantity']).map(unit)
    expect(priced.filter((found) => Math.abs(found / price - 1) > 0.1)).toEqual([])
  })

  test('money is a double of two decimals', () => {
    const money = ['amount', 'discount_applied', 'shipping_cost'].flatMap((field) => known(large.transactions, field))
    const isMoney = (value: unknown) =>
      value instanceof Double && value.value >= 0 && value.value === Number(value.value.toFixed(2))
    expect(money.filter((value) => !isMoney(value))).toEqual([])
  })

  test('discount and shipping are small beside the amount', () => {
    const amounts = large.transactions.filter((sale) => sale['amount'])
    expect(amounts.filter((sale) => cents(sale['discount_applied']) > cents(sale['amount']) / 4)).toEqual([])
    expect(amounts.filter((sale) => cents(sale['shipping_cost']) > cents(sale['amount']) / 4)).toEqual([])
  })

  test('most sell one', () => {
    const quantities = known<number>(large.transactions, 'quantity')
    expect(quantities.filter((quantity) => quantity === 1).length / quantities.length).toBeGreaterThan(0.9)
    expect([...new Set(quantities)].sort()).toEqual([1, 2, 3, 4])
  })

  test('four in five are completed', () => {
    const statuses = known<string>(large.transactions, 'status')
    expect(statuses.filter((status) => status === 'Completed').length / statuses.length).toBeCloseTo(0.8, 1)
    expect(new Set(statuses)).toEqual(new Set(['Completed', 'Pending', 'Cancelled', 'Refunded']))
  })

  test('lie in the period, with seasons, growth and hours of the day', () => {
    const dates = known<Date>(large.transactions, 'timestamp')
    expect(dates.filter((date) => !isInPeriod(date))).toEqual([])
    const months = count(dates.map((date) => date.toISOString().slice(0, 7)))
    const month = (name: string) => months.get(name) ?? 0
    expect(months.size).toBe(24)
    for (const year of [2024, 2025]) {
      expect(month(`${year}-12`)).toBeGreaterThan(1.5 * month(`${year + 1}-02`))
      expect(month(`${year}-11`)).toBeGreaterThan(1.2 * month(`${year}-09`))
      expect(month(`${year}-08`)).toBeLessThan(month(`${year}-10`))
    }
    for (const name of ['08', '12']) expect(month(`2025-${name}`)).toBeGreaterThan(month(`2024-${name}`))
    const hours = count(dates.map((date) => date.getUTCHours()))
    expect(hours.get(19)).toBeGreaterThan(5 * (hours.get(3) ?? 0))
  })
})

describe('campaigns', () => {
  const whole = large.campaigns.filter((campaign) =>
    ['impressions', 'clicks', 'conversions', 'status'].every((field) => known([campaign], field).length === 1),
  )

  test('have funnels, but for a few whose feed counts more clicks than views', () => {
    const isMiscounted = (campaign: Document) => campaign['clicks'] > campaign['impressions']
    expect(share(whole, isMiscounted)).toBeGreaterThan(0.005)
    expect(share(whole, isMiscounted)).toBeLessThan(0.06)
    for (const campaign of whole) {
      expect(campaign['conversions']).toBeLessThanOrEqual(campaign['clicks'] / 5)
      if (!isMiscounted(campaign)) expect(campaign['clicks']).toBeLessThanOrEqual(campaign['impressions'] / 10)
      if (campaign['status'] === 'Draft') expect(campaign['impressions']).toBe(0)
      else expect(campaign['impressions']).toBeGreaterThan(1000)
    }
  })

  test('spend two fifths of their budget or more, some of them too much', () => {
    const ratios = large.campaigns
      .filter((campaign) => known([campaign], 'budget').length + known([campaign], 'spend').length === 2)
      .map((campaign) => campaign['spend'].value / campaign['budget'].value)
    expect(Math.min(...ratios)).toBeGreaterThanOrEqual(0.39)
    expect(Math.max(...ratios)).toBeLessThanOrEqual(1.16)
    expect(ratios.filter((ratio) => ratio > 1).length / ratios.length).toBeCloseTo(0.2, 1)
  })

  test('are named after a season and its year', () => {
    for (const { campaign_name, start_date } of large.campaigns) {
      if (!campaign_name || !start_date) continue
      expect(campaign_name).toContain(String(start_date.getUTCFullYear()))
      if (campaign_name.startsWith('Summer Sale')) expect([5, 6]).toContain(start_date.getUTCMonth())
    }
  })

  test('begin at midnight within the period', () => {
    const dates = known<Date>(large.campaigns, 'start_date')
    expect(dates.filter((date) => !isInPeriod(date) || date.getTime() % 86_400_000 !== 0)).toEqual([])
  })
})
