import { join } from 'node:path'
import { generate } from '../../../src/bronze/sample/generator.ts'
import type { Config } from '../../../src/settings/config.ts'
import { packageRoot } from '../../../src/system/package.ts'
import { runPipeline } from '../../run.ts'
import { openPlace, type Place, settingsOf } from '../../trust/place.ts'
import { serve } from '../place.ts'

export const SCRIPT = '<script>alert(1)</script>'
export const FORMULA = '=HYPERLINK("http://example.com")'
/** The longest name that is shown whole is shorter. */
export const LONG = `The "best" of 'all' ${'long names '.repeat(26)}`.trim()
export const AMPERSAND = 'Here & There'

/** The built page. */
export const built = join(packageRoot, 'dist', 'web')

export interface Shop {
  place: Place
  /** Where the dashboard is. */
  url: string
  close: () => Promise<void>
}

/** A dashboard over the gold of a small sample shop, with names that a page may stumble over. */
export async function openShop(): Promise<Shop> {
  const place = await openPlace()
  const { client, names } = place
  await generate(client, { database: names.bronze, seed: 1, scale: 0.04 })
  const bronze = client.db(names.bronze)
  await bronze.collection('customers').insertMany(people)
  await bronze.collection('transactions').insertMany(sales)
  await runPipeline(client, place.postgresUrl, names)
  return serveShop(place)
}

/** The dashboard over a place, whatever is in it. */
export async function serveShop(place: Place, config: Partial<Config> = {}): Promise<Shop> {
  const { port, close } = await serve(place, { folder: built, settings: settingsOf(place.names), config })
  return {
    place,
    url: `http://127.0.0.1:${port}`,
    async close() {
      await close()
      await place.leave()
    },
  }
}

const people = [
  { customer_id: 'ODD1', first_name: SCRIPT, city: SCRIPT, country: AMPERSAND, email: 'odd1@example.com' },
  { customer_id: 'ODD2', first_name: '=1+1', last_name: '@cmd', city: '-2+3', country: 'France' },
  { customer_id: 'ODD3', first_name: 'x'.repeat(200), last_name: 'y'.repeat(200), country: 'L’Île d’"Elle"' },
]

const sales = [
  { transaction_id: 'O1', customer_id: 'ODD1', product: LONG, amount: 91_234.5, timestamp: '2025-11-03' },
  { transaction_id: 'O2', customer_id: 'ODD2', product: FORMULA, amount: 81_234.56, timestamp: '2025-11-04' },
  { transaction_id: 'O3', customer_id: 'ODD3', product: LONG, amount: 71_234.07, timestamp: '2025-10-05' },
  { transaction_id: 'O4', customer_id: 'ODD1', product: 'Laptop', amount: -12.34, timestamp: '2025-10-06' },
  { transaction_id: 'O5', customer_id: 'NOBODY', product: 'Laptop', amount: 5, timestamp: null },
]
