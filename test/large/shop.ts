import { type Document, serialize } from 'bson'
import type { MongoClient } from 'mongodb'
import { writer } from '../../src/mongo/writer.ts'

/** What a shop has of each, where it is as large as shops get that are no giants. */
export const LARGE = { products: 100_000, customers: 300_000, campaigns: 50_000, countries: 500, sales: 600_000 }

export type Shop = typeof LARGE

/** How large the tests make it; 1 is what it is measured at, and a small one has the same shapes. */
export const scale = Number(process.env['LARGE_SCALE'] ?? 0.02)

/** The same shapes, smaller: the number of countries stays. */
export function shopOf(scale: number): Shop {
  const times = (count: number) => Math.ceil(count * scale)
  return {
    products: times(LARGE.products),
    customers: times(LARGE.customers),
    campaigns: times(LARGE.campaigns),
    countries: LARGE.countries,
    sales: times(LARGE.sales),
  }
}

/** The country that nearly all customers are of. */
export const HOME = 'France'
/** Sales of one product, of one customer, and without either: one in so many. */
const ONE_IN = 5

/** An id or a name of 200 characters, which differ at their end alone. */
export function long(kind: string, n: number): string {
  return `${kind.padEnd(190, '-')}${String(n).padStart(10, '0')}`
}

/** Sales are of everybody and of everything in turn, but for those that are of one or of none. */
const turn = (n: number) => Math.floor(n / ONE_IN) * (ONE_IN - 2) + (n % ONE_IN) - 2

const month = (n: number) => new Date(Date.UTC(2021 + (Math.floor(n / 12) % 5), n % 12, 1 + (n % 28)))

/** Fills bronze with a shop in which each thing that can be many is many. */
export async function makeShop(client: MongoClient, bronze: string, shop: Shop): Promise<void> {
  const { products, customers, campaigns, countries, sales } = shop
  const others = 2 * countries
  const without = Math.ceil(customers / ONE_IN)
  await client.db(bronze).dropDatabase()
  const fill = async (name: string, count: number, document: (n: number) => Document) => {
    const into = writer(client, client.db(bronze).collection(name))
    for (let n = 0; n < count; n++) {
      into.append(Buffer.from(serialize({ _id: n, ...document(n) })))
      await into.full()
    }
    await into.close()
  }
  await Promise.all([
    fill('customers', customers + others + without, (n) => ({
      customer_id: long('customer', n),
      first_name: 'Ada',
      last_name: `Byron ${n}`,
      email: `ada.${n}@example.org`,
      ...(n < customers && { country: HOME }),
      ...(n >= customers && n < customers + others && { country: `Country ${String(n % countries).padStart(3, '0')}` }),
      marketing_consent: n % 3 === 0,
    })),
    fill('transactions', sales, (n) => ({
      transaction_id: long('sale', n),
      ...(n % ONE_IN > 1 && { customer_id: long('customer', turn(n) % (customers + others + without)) }),
      ...(n % ONE_IN === 1 && { customer_id: long('customer', 0) }),
      ...(n % ONE_IN > 1 && { product: long('product', turn(n) % products) }),
      ...(n % ONE_IN === 1 && { product: long('product', 0) }),
      amount: (n % 10_000) / 100,
      timestamp: month(n % 60),
      status: 'Completed',
    })),
    fill('campaigns', campaigns, (n) => ({
      campaign_id: long('campaign', n),
      campaign_name: long('name', n),
      campaign_type: 'Email',
      budget: 100 + n,
      spend: 50 + (n % 50),
      impressions: 1000,
      clicks: n % 900,
      conversions: n % 7,
      start_date: month(n % 60),
    })),
  ])
}
