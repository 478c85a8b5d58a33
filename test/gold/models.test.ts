import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Contract, columnsOf } from '../../src/contracts/contract.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { queryOf } from '../../src/gold/checks.ts'
import { description, inOrder, intermediatesOf, type Model, readDialect, readModels } from '../../src/gold/models.ts'
import { openWarehouse, thisRun } from '../../src/gold/warehouse.ts'

const models = readModels()
const all = inOrder([...intermediatesOf(models).map((model) => ({ ...model, tests: [] })), ...models])
const run = { id: 'none', started: new Date() }

describe('what a model declares it reads', () => {
  let duckdb: DuckDBInstance
  let connection: DuckDBConnection

  const types = {
    text: 'varchar',
    flag: 'boolean',
    money: 'decimal(18, 2)',
    count: 'bigint',
    fractional: 'decimal(19, 6)',
    rate: 'double',
  }
  /** With those that silver has where settings say so. */
  const columnsIn = (contract: Contract) =>
    columnsOf({ ...contract, fields: { ...contract.fields, ...contract.optional } })
  const everything = Object.fromEntries(
    contracts.map((contract) => [contract.collection, [...columnsIn(contract).map(([name]) => name), 'id_order']]),
  )

  beforeAll(async () => {
    duckdb = await DuckDBInstance.create(':memory:')
    connection = await duckdb.connect()
    await connection.run(readDialect())
    await connection.run(thisRun(run, contracts))
    await connection.run('create schema silver')
    for (const contract of contracts) {
      const columns = columnsIn(contract).map(([name, { type }]) => {
        return `${name} ${type === 'date' ? 'timestamp' : types[type]}`
      })
      await connection.run(`create table silver.${contract.collection} (${columns.join(', ')}, id_order double)`)
    }
    await see(everything)
    for (const { name, sql } of all) await connection.run(`create table ${name} as ${sql}`)
  })

  afterAll(() => {
    connection.closeSync()
    duckdb.closeSync()
  })

  /** Shows these columns of silver, and nothing else of it. */
  async function see(reads: Model['reads']): Promise<void> {
    for (const view of [...contracts.map(({ collection }) => collection), 'left_out']) {
      const collection = view === 'left_out' ? 'transactions' : view
      const columns = reads[collection]?.join(', ') || undefined
      await connection.run(`drop view if exists ${view}`)
      if (columns !== undefined)
        await connection.run(`create view ${view} as select ${columns} from silver.${collection}`)
    }
  }

  /** Whether DuckDB understands the model and its tests. */
  async function isUnderstood({ name, sql, tests }: Pick<Model, 'name' | 'sql' | 'tests'>): Promise<boolean> {
    const queries = tests.flatMap((test) => queryOf(name, test))
    for (const text of [sql, ...queries.map(({ sql }) => sql)]) {
      const failed = await connection.run(`explain ${text}`).catch((error: unknown) => error)
      if (failed instanceof Error) return false
    }
    return true
  }

  test.each(all.map((model) => [model.name, model] as const))('%s: all of it, and nothing else', async (_, model) => {
    await see(model.reads)
    expect(await isUnderstood(model)).toBe(true)
    const collections = Object.entries(model.reads).filter(([collection]) => collection !== 'models')
    for (const [collection, columns = []] of collections) {
      for (const column of columns) {
        await see({ ...model.reads, [collection]: columns.filter((other) => other !== column) })
        expect(await isUnderstood(model), `${collection}.${column} is not read`).toBe(false)
      }
    }
    const others = all
      .map(({ name }) => name)
      .filter((name) => name !== model.name)
      .sort()
    const named = new Set(connection.getTableNames(model.sql, false))
    expect(others.filter((name) => named.has(name))).toEqual((model.reads['models'] ?? []).toSorted())
  })
})

test('a description that does not say what its model reads is told what to write', () => {
  const { error } = description.safeParse({ description: 'Sales.', key: ['product'], columns: { product: 'It.' } })
  expect(error && z.prettifyError(error)).toBe(
    '✖ say what it reads, such as reads: { transactions: [product, total_amount], models: [product_performance] }\n  → at reads',
  )
})

const declared = {
  description: '',
  key: ['n'],
  columns: { n: '' },
  plain: [],
  tests: [],
  from: {},
  personal: [],
  isOwn: true,
  file: '/shop/mine.sql',
}

test.each([
  {
    of: 'a column that no model declares',
    reads: { customers: [] },
    sql: 'select gender as n from customers',
    what: /^The model mine failed: .*gender/s,
    help: 'Correct its SQL file; a column of silver that it reads has to stand under reads in /shop/mine.yml.',
  },
  {
    of: 'a collection that it does not declare',
    reads: {},
    sql: 'with mine as (select count(*) as n from Customers) select n from mine',
    what: /^The model mine reads customers, which it does not declare\.$/,
    help: 'Add customers, with the columns that it reads, under reads in /shop/mine.yml.',
  },
  {
    of: 'sales left out, of a collection that it does not declare',
    reads: { customers: [] },
    sql: 'select count(*) as n from customers where exists (select 1 from left_out)',
    what: /^The model mine reads left_out, which it does not declare\.$/,
    help: 'Add transactions, with the columns that it reads, under reads in /shop/mine.yml.',
  },
  {
    of: 'a model that it does not declare',
    reads: {},
    sql: 'select count(*) as n from monthly_sales',
    what: /^The model mine reads monthly_sales, which it does not declare\.$/,
    help: 'Add monthly_sales to models under reads in /shop/mine.yml.',
  },
  {
    of: 'a model that does not divide, where it divides itself',
    by: 'customer_id' as const,
    reads: { models: ['monthly_sales'] },
    sql: 'select count(*) as n from monthly_sales',
    what: /^The model mine divides by customer_id, but reads monthly_sales, which does not\.$/,
    help: 'Leave by out of /shop/mine.yml, or let monthly_sales divide as well.',
  },
  {
    of: 'a collection without customers, where it divides itself',
    by: 'customer_id' as const,
    reads: { customers: [], campaigns: ['campaign_id'] },
    sql: 'select count(*) as n from customers, campaigns',
    what: /^The model mine divides by customer_id, but reads campaigns, which does not\.$/,
    help: 'Leave by out of /shop/mine.yml.',
  },
  {
    of: 'a column that silver does not have',
    reads: { customers: ['shoe_size'] },
    sql: 'select shoe_size as n from customers',
    what: /^The model mine reads customers\.shoe_size, which silver does not have\.$/,
    help: 'Correct reads in /shop/mine.yml.',
  },
])('a model that reads $of is refused', async ({ by, reads, sql, what, help }) => {
  const mine: Model = { ...declared, name: 'mine', by, reads, sql }
  const limits = { threads: 1, memoryMb: 96 }
  const opened = openWarehouse({ contracts, models: [...models, mine], leaveOut: [], limits })
  const planned = opened.then((warehouse) => warehouse.plan().finally(() => warehouse.close()))
  await expect(planned).rejects.toMatchObject({ message: expect.stringMatching(what), next: help })
})
