import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Contract, columnsOf } from '../../src/contracts/contract.ts'
import { inOrder, intermediatesOf, neededModels, readWhole } from '../../src/gold/models.ts'
import { makeInBucket, openParquetFeed } from '../../src/gold/parquet.ts'
import { openWarehouse, type Warehouse } from '../../src/gold/warehouse.ts'
import { type Config, readSettings } from '../../src/settings/config.ts'
import { portions } from '../../src/system/portions.ts'
import { standard } from '../run.ts'

/** Models of a shop's own beside those of the package: one that divides, and one that reads it. */
const own = {
  loyal_customers: [
    'select customer_id, count(*) as sales from transactions where customer_id is not null group by customer_id',
    'description: Mine.\nby: customer_id\nkey: [customer_id]\nreads: { transactions: [customer_id] }\ncolumns: { customer_id: Who., sales: How many. }',
  ],
  loyalty: [
    'select sales, count(*) as customers from loyal_customers group by sales',
    'description: Mine.\nkey: [sales]\nreads: { models: [loyal_customers] }\ncolumns: { sales: How many., customers: Of whom. }',
  ],
}
const models = Object.entries(own).map(([name, [sql = '', declaration = '']]) => {
  return { name, file: `/shop/models/${name}.sql`, sql, declaration }
})
const options = {
  leaveOut: ['Cancelled'],
  limits: { threads: 1, memoryMb: 96 },
  portions,
}
type Shop = Pick<Config, 'contracts' | 'project'>
/** With those models. */
const shopOf = ({ contracts, project }: Shop): Shop => ({ contracts, project: { ...project, models } })
const plain = shopOf(standard)
const field = { kind: 'label', personal: false, filter: true, meaning: 'Mine.' }
const withMore = shopOf(
  await readSettings(
    {
      collections: {
        transactions: { fields: { order_id: 'order' }, keep: { store: field } },
        customers: { keep: { segment: field } },
      },
    },
    'test',
  ),
)
const MONTH = 30 * 86_400_000

/** Some sales are nobody's, some of a customer who is not there; dates, amounts and products are missing here and there. */
const silver: Record<string, Record<string, unknown>[]> = {
  customers: Array.from({ length: 40 }, (_, i) => ({
    customer_id: `C${i}`,
    full_name: `Customer ${i}`,
    country: ['France', 'Suisse', 'Unknown'][i % 3],
    city: 'Unknown',
    marketing_consent: i % 4 === 0,
    segment: ['Home', null][i % 2],
  })),
  transactions: Array.from({ length: 600 }, (_, i) => ({
    order_id: i % 8 === 0 ? null : `O${(i * 3) % 170}`,
    customer_id: i % 11 === 0 ? null : `C${(i * 7) % 53}`,
    product: ['Laptop', 'Phone', 'Unknown'][i % 3],
    status: ['Completed', 'Pending', 'Cancelled', 'Unknown'][i % 4],
    store: ['North', 'South', null][i % 3],
    timestamp: i % 13 === 0 ? null : new Date(Date.UTC(2024, 0, 3) + ((i * 17) % 14) * MONTH),
    amount: i % 9 === 0 ? null : i + 0.55,
    total_amount: i % 9 === 0 ? null : i + 0.05,
  })),
  campaigns: Array.from({ length: 9 }, (_, i) => ({
    campaign_id: `K${i % 7}`,
    campaign_name: i < 7 ? 'Unknown' : `Campaign ${i}`,
    campaign_type: 'Email',
    status: 'Active',
    budget: 100 + i,
    spend: 50,
    impressions: 1000,
    clicks: 10,
    conversions: 1.5,
  })),
}

/** The documents of a collection, every column of its contract there. */
function documentsOf(contract: Contract): Record<string, unknown>[] {
  const empty = Object.fromEntries(columnsOf(contract).map(([name]) => [name, null]))
  return (silver[contract.collection] ?? []).map((document) => ({ ...empty, ...document }))
}

let temporary: string

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), "lingot's buckets-"))
  vi.stubEnv('TMPDIR', temporary)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(temporary, { recursive: true, force: true })
})

/** Every table of gold but that of the run, its rows as texts in the order of their texts. */
async function tablesIn(warehouse: Warehouse): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {}
  for (const collection of Object.keys(warehouse.feeds)) await warehouse.end(collection)
  for (const model of inOrder(warehouse.models)) {
    const { rows, columns } = await warehouse.build(model)
    if (model.name === 'gold_run') continue
    const names = columns.map(({ name }) => `"${name}"`).join(', ')
    const found = await warehouse.query(`select cast(row(${names}) as varchar) as line from "${model.name}"`)
    expect(found, model.name).toHaveLength(rows)
    tables[model.name] = found.map(({ line }) => String(line)).sort()
  }
  warehouse.close()
  return tables
}

async function madeHere(shop: Shop, buckets?: number): Promise<Record<string, string[]>> {
  const divided = buckets === undefined ? portions : { ...portions, buckets }
  const warehouse = await openWarehouse({ ...options, ...shop, models: neededModels(shop), portions: divided })
  for (const contract of shop.contracts) {
    for (const document of documentsOf(contract)) warehouse.feeds[contract.collection]?.add(document)
  }
  return tablesIn(warehouse)
}

/** Parts of each collection go into files, buckets make what divides of those, and the last task makes the rest. */
async function madeInTasks(shop: Shop, parts: number, buckets: number): Promise<Record<string, string[]>> {
  const ofBuckets = Array.from({ length: buckets }, () => new Map<string, string[]>())
  const files = new Map<string, string[]>()
  const put = (into: Map<string, string[]>, name: string, file: string) =>
    into.set(name, [...(into.get(name) ?? []), file])
  const opened: { close: () => void }[] = []
  const models = neededModels(shop)
  const whole = readWhole([...intermediatesOf(models), ...models], shop.contracts)
  for (const contract of shop.contracts) {
    const { collection } = contract
    const documents = documentsOf(contract)
    const size = Math.ceil(documents.length / parts)
    for (let part = 0; part < parts; part++) {
      const feed = await openParquetFeed(contract, { ...options, ...shop })
      opened.push(feed)
      for (const document of documents.slice(part * size, (part + 1) * size)) feed.add(document)
      for (const { bucket, file } of await feed.write(buckets, part * 1000)) {
        put(ofBuckets[bucket] ?? new Map(), collection, file)
        if (whole.has(collection)) put(files, collection, file)
      }
    }
  }
  for (const own of ofBuckets) {
    const bucket = await makeInBucket(own, { ...options, ...shop })
    opened.push(bucket)
    for (const { model, file } of bucket.made) put(files, model, file)
  }
  const tables = await tablesIn(await openWarehouse({ ...options, ...shop, models, files }))
  for (const each of opened) each.close()
  return tables
}

test.each([
  ['each sale an order', plain],
  ['orders of several sales, and filters', withMore],
])(
  'gold is the same in one bucket, in seven, in more than there are customers, and put together of tasks: %s',
  async (_, shop) => {
    const one = await madeHere(shop)
    expect(one['spanning_orders']?.length === 0).toBe(shop === plain)
    expect((one['filtered_sales']?.length ?? 0) > 100).toBe(shop === withMore)
    expect(one['customer_metrics']?.length).toBeGreaterThan(20)
    expect(one['customer_activity']?.join()).toMatch(/None.*Unknown|Unknown.*None/)
    expect(await madeHere(shop, 7)).toEqual(one)
    expect(await madeHere(shop, 60)).toEqual(one)
    expect(await madeInTasks(shop, 3, 7)).toEqual(one)
  },
)

test('no model but those that divide reads sales or customers', () => {
  const untested = neededModels(withMore).map((model) => ({ ...model, tests: [] }))
  expect([...readWhole([...intermediatesOf(untested), ...untested], withMore.contracts)]).toEqual(['campaigns'])
})
