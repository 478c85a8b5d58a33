import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'vitest'
import { lingot as built, type Outcome } from '../command.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

const at = (day: string) => new Date(`${day}T12:00:00Z`)

/** Two customers and four sales, of which one is nobody's. */
export const bronze = {
  customers: [
    { _id: 1, customer_id: 'C1', first_name: 'Ada', city: 'Paris', country: 'France', email: 'ada@x.fr' },
    { _id: 2, customer_id: 'C2', first_name: 'Bo', city: 'Lyon', country: 'France' },
  ],
  transactions: [
    { _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'Lamp', amount: 10, timestamp: at('2025-01-03') },
    { _id: 2, transaction_id: 'T2', customer_id: 'C1', product: 'Desk', amount: 20.5, timestamp: at('2025-01-04') },
    { _id: 3, transaction_id: 'T3', customer_id: 'C2', product: 'Lamp', amount: 5, timestamp: at('2025-02-01') },
    { _id: 4, transaction_id: 'T4', product: 'Lamp', amount: 7, timestamp: at('2025-02-02') },
  ],
  campaigns: [{ _id: 1, campaign_id: 'K1', budget: 10, spend: 5 }],
}

/** A row of an answer, a check, a place. */
export type Row = Record<string, unknown>

/** A project folder, and the shop that it is about. */
export interface Shop {
  place: Place
  /** Its path has a space in it. */
  folder: string
  write: (files: Record<string, string>) => void
  lingot: (args: readonly string[], env?: Record<string, string>) => Promise<Outcome>
  /** What a command prints that succeeds. */
  output: (...args: string[]) => Promise<string>
  json: <T = Row[]>(...args: string[]) => Promise<T>
}

export async function openShop(files: Record<string, string> = {}): Promise<Shop> {
  const place = await openPlace()
  await place.load(bronze)
  const folder = join(mkdtempSync(join(tmpdir(), 'project-')), 'my shop')
  const shop: Shop = {
    place,
    folder,
    write(files) {
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true })
        writeFileSync(join(folder, name), text)
      }
    },
    lingot: (args, env) => built(args, folder, { ...settingsOf(place.names), ...env }),
    async output(...args) {
      const { code, stdout, stderr } = await shop.lingot(args)
      expect({ code, stderr }).toMatchObject({ code: 0 })
      return stdout
    },
    json: async (...args) => JSON.parse(await shop.output(...args, '--json')),
  }
  shop.write({ 'lingot.config.json': '{}', ...files })
  return shop
}

/** A gold table of its own. */
export const CITY_SALES = {
  'models/city_sales.sql': `-- One row per city and month.
select
    customers.city,
    cast(date_trunc('month', transactions.timestamp) as date) as month,
    count(*) as sales,
    cast(sum(transactions.total_amount) as decimal(38, 2)) as revenue,
    min(customers.full_name) as best_buyer
from transactions
inner join customers on customers.customer_id = transactions.customer_id
group by customers.city, month
`,
  'models/city_sales.yml': `description: What each city buys. One row per city and month.
key: [city, month]
from: { month: transactions.timestamp }
reads:
  customers: [customer_id, city, full_name]
  transactions: [customer_id, timestamp, total_amount]
personal: [best_buyer]
columns:
  city: City of residence.
  month: Month of the sales.
  sales: Number of sales.
  revenue: Sum of total_amount.
  best_buyer: Who comes first in the alphabet.
tests:
  - { test: unique, columns: [city, month] }
  - { test: relationship, column: month, to: monthly_revenue.month }
  - test: no_rows
    name: no city sells three times
    severity: warn
    sql: select city, best_buyer from city_sales where sales > 1
`,
}
/** A question about it. */
export const QUESTION = {
  'questions/best_city.sql':
    '-- Which city buys most?\n-- By revenue.\n\nselect city, sum(revenue) as revenue\nfrom city_sales\ngroup by city\norder by revenue desc\nlimit 10;\n',
}
