import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Ajv2019 from 'ajv/dist/2019.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { exportDescribedCommand } from '../../src/commands/export.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { readModels } from '../../src/gold/models.ts'
import { readQuestions } from '../../src/gold/questions.ts'
import { within } from '../commands/lingot.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

let place: Place
let folder: string

beforeAll(async () => {
  place = await openPlace()
  folder = await mkdtemp(join(tmpdir(), 'lingot described-'))
  await place.load({
    customers: [{ customer_id: 'C1', first_name: 'Zoé', email: 'zoe@example.org', country: 'France' }],
    transactions: [{ transaction_id: 'T1', customer_id: 'C1', product: 'Lamp', amount: 5, timestamp: '2025-01-03' }],
    campaigns: [{ campaign_id: 'CAMP1', budget: 100, spend: 80 }],
  })
  await runPipeline(place.client, place.postgresUrl, place.names)
})
afterAll(async () => {
  await place.leave()
  await rm(folder, { recursive: true })
})

async function exported(as: 'odcs' | 'dbt', ...files: string[]) {
  const into = join(folder, as)
  expect(await within(place.names, () => exportDescribedCommand(as, into))).toMatchObject({ status: 0, stderr: '' })
  return Promise.all(files.map(async (file) => parse(await readFile(join(into, file), 'utf8'))))
}

/** The columns of gold as PostgreSQL has them. */
function columnsInPlace() {
  return place.gold(`select table_name as table, column_name as name, is_nullable = 'NO' as needed,
    format_type(atttypid, atttypmod) as type
    from information_schema.columns
    inner join pg_attribute on attrelid = (table_schema || '.' || table_name)::regclass and attname = column_name
    where table_schema = '${place.names.goldSchema}' order by table_name, ordinal_position`)
}

interface Property {
  name: string
  physicalType: string
  required: boolean
}

describe('a data contract', () => {
  // biome-ignore lint/suspicious/noExplicitAny: it is held against its schema
  let silver: any, gold: any

  beforeAll(async () => {
    ;[silver, gold] = await exported('odcs', 'silver.odcs.yaml', 'gold.odcs.yaml')
  })

  test('is one of the Open Data Contract Standard 3.1', async () => {
    const file = join(import.meta.dirname, 'schemas', 'odcs-json-schema-v3.1.0.json')
    const ajv = new Ajv2019.default({
      strict: false,
      allErrors: true,
      formats: { uri: true, date: true, 'date-time': true },
    })
    const isValid = ajv.compile(JSON.parse(await readFile(file, 'utf8')))
    for (const contract of [silver, gold]) {
      isValid(contract)
      expect(isValid.errors).toBeNull()
      expect(isValid({ ...contract, status: undefined })).toBe(false)
    }
  })

  test('has the columns of gold as they are in place', async () => {
    const told = gold.schema.flatMap(({ name, properties }: { name: string; properties: Property[] }) =>
      properties.map((column) => `${name}.${column.name} ${column.physicalType} ${column.required}`),
    )
    const there = (await columnsInPlace()).map(
      ({ table, name, type, needed }) => `${table}.${name} ${type} ${needed === 't'}`,
    )
    expect(told.sort()).toEqual(there.sort())
  })

  test('its checks find nothing at fault in the gold in place', async () => {
    const checks = gold.schema.flatMap(
      ({ quality = [] }: { quality?: { query?: string; mustBe?: number }[] }) => quality,
    )
    const queries = checks.flatMap(({ query }: { query?: string }) => query ?? [])
    expect(queries.length).toBeGreaterThan(5)
    for (const query of queries)
      expect({ query, rows: await place.gold(query) }).toEqual({ query, rows: [{ count: '0' }] })
  })

  test('says whose values are personal, and where a column comes from', () => {
    const propertyOf = (contract: typeof gold, table: string, column: string) =>
      contract.schema
        .find(({ name }: { name: string }) => name === table)
        .properties.find(({ name }: { name: string }) => name === column)
    expect(propertyOf(gold, 'customer_metrics', 'full_name')).toMatchObject({
      classification: 'personal',
      transformSourceObjects: ['silver.customers.full_name'],
    })
    expect(propertyOf(silver, 'customers', 'full_name')).toMatchObject({
      transformSourceObjects: ['bronze.customers.first_name', 'bronze.customers.last_name'],
    })
    expect(propertyOf(silver, 'customers', 'customer_id')).toMatchObject({ primaryKey: true, required: true })
    expect(silver.schema.map(({ name }: { name: string }) => name)).toEqual(contracts.map((one) => one.collection))
    expect(JSON.stringify([silver, gold])).not.toMatch(/Zoé|zoe@|:[^/"]+@/)
  })
})

describe('for dbt', () => {
  // biome-ignore lint/suspicious/noExplicitAny: parts of it are compared
  let sources: any, exposures: any

  beforeAll(async () => {
    ;[sources, exposures] = await exported('dbt', 'lingot_sources.yml', 'lingot_exposures.yml')
  })

  test('every table of gold is a source, with its columns and the tests that dbt has', () => {
    const [source] = sources.sources
    expect(source).toMatchObject({ name: 'lingot', schema: place.names.goldSchema })
    expect(source.tables.map(({ name }: { name: string }) => name).sort()).toEqual(readModels().map(({ name }) => name))
    const tableOf = (table: string) => source.tables.find(({ name }: { name: string }) => name === table)
    expect(tableOf('customer_metrics').columns[0]).toEqual({
      name: 'customer_id',
      description: 'The customer.',
      data_type: 'text',
      config: { meta: { key: true } },
      data_tests: ['unique', 'not_null'],
    })
    expect(JSON.stringify(tableOf('monthly_sales'))).toContain(
      '{"accepted_values":{"arguments":{"values":["customer known"',
    )
  })

  test('every question is an exposure of the tables that it reads', () => {
    const told = exposures.exposures.map(({ name }: { name: string }) => name)
    expect(told).toEqual([...readQuestions().map(({ name }) => `lingot_${name.slice(2)}`), 'lingot_dashboard'])
    expect(exposures.exposures[0].depends_on).toContain("source('lingot', 'customer_metrics')")
    for (const { depends_on } of exposures.exposures) expect(depends_on.length).toBeGreaterThan(0)
  })
})
