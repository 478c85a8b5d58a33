import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportTablesCommand } from '../../src/commands/export.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { readModels } from '../../src/gold/models.ts'
import { nameOf } from '../../src/system/alive.ts'
import { within } from '../commands/lingot.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

let place: Place
let folder: string
/** Where nothing was exported yet. */
let next = 0
const fresh = () => join(folder, `shop ${++next}`)

const bronze = {
  customers: [
    { _id: 1, customer_id: 'C1', first_name: 'Zoé', last_name: "d'Ys", email: 'zoe@example.org', country: 'France' },
    { _id: 2, customer_id: 'C2', city: '=cmd|"/c calc"!A1', age: 40, created_at: new Date('2025-01-01T00:00:00Z') },
  ],
  transactions: [
    {
      ...{ _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'Laptop, 15"', amount: 1000.55, quantity: 2 },
      ...{ timestamp: new Date('2025-03-31T22:30:00Z'), status: 'Completed' },
    },
    { _id: 2, transaction_id: 'T2', customer_id: 'C2', product: 'Mouse\nPad', amount: 0.1, timestamp: '2025-04-01' },
    { _id: 3, transaction_id: 'T3', amount: 'free' },
  ],
  campaigns: [{ _id: 'a', campaign_id: 'CAMP1', campaign_name: 'Été', budget: 100, spend: 80.25 }],
}

beforeAll(async () => {
  place = await openPlace()
  folder = await mkdtemp(join(tmpdir(), 'lingot exports-'))
  await place.load(bronze)
  await runPipeline(place.client, place.postgresUrl, place.names)
})
afterAll(async () => {
  await place.leave()
  await rm(folder, { recursive: true })
})

const exported = (format: 'parquet' | 'csv' | 'duckdb', into: string) =>
  within(place.names, () => exportTablesCommand(format, into, {}))

/** What DuckDB finds, each value as its text. */
async function asked(sql: string, database = ':memory:'): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(database, database === ':memory:' ? {} : { access_mode: 'READ_ONLY' })
  const connection = await instance.connect()
  await connection.run("set timezone = 'UTC'")
  const columns = (await connection.runAndReadAll(`describe ${sql}`)).getRows().map(([name]) => `"${name}"`)
  const texts = columns.map((name) => `cast(${name} as varchar) as ${name}`)
  const rows = (await connection.runAndReadAll(`select ${texts.join(', ')} from (${sql})`)).getRowObjects()
  connection.closeSync()
  instance.closeSync()
  return rows
}

async function readManifest(into: string) {
  return JSON.parse(await readFile(join(into, 'manifest.json'), 'utf8'))
}

describe.each(['parquet', 'csv', 'duckdb'] as const)('as %s', (format) => {
  let into: string
  const from = (layer: string, table: string) =>
    format === 'duckdb'
      ? asked(`select * from ${layer}.${table}`, join(into, 'lingot.duckdb'))
      : asked(
          `select * from read_${format}('${into}/${layer}/${table}.${format}'${format === 'csv' ? ', all_varchar = true' : ''})`,
        )

  beforeAll(async () => {
    into = fresh()
    const { status, stderr, stdout } = await exported(format, into)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toMatch(/customers, customer_metrics may identify people/)
  })

  test('silver has every document and column, and the hash of an email in its place', async () => {
    const [sale] = await place.client
      .db(place.names.silver)
      .collection('transactions')
      .find({ transaction_id: 'T1' }, { projection: { _id: 0 } })
      .toArray()
    const rows = await from('silver', 'transactions')
    expect(rows).toHaveLength(3)
    const row = rows.find(({ transaction_id }) => transaction_id === 'T1')
    expect(Object.keys(row ?? {})).toEqual(Object.keys(sale ?? {}))
    expect(row).toMatchObject({ product: 'Laptop, 15"', amount: '1000.55', timestamp: '2025-03-31 22:30:00' })
    expect(rows.find(({ transaction_id }) => transaction_id === 'T3')).toMatchObject({ amount: null, timestamp: null })
    const customers = await from('silver', 'customers')
    expect(customers.find(({ customer_id }) => customer_id === 'C1')).toMatchObject({
      full_name: "Zoé d'Ys",
      email: hash('md5', 'zoe@example.org'),
    })
  })

  test('gold has every row as PostgreSQL has it', async () => {
    for (const { name, columns } of readModels()) {
      const names = Object.keys(columns)
      const sql = `select ${names.map((column) => `"${column}"`).join(', ')} from "${name}"`
      const gold = (await place.gold(sql)).map((row) => JSON.stringify(row).replaceAll('+00"', '"'))
      const rows = (await from('gold', name)).map((row) =>
        JSON.stringify(row)
          .replaceAll('"true"', '"t"')
          .replaceAll('"false"', '"f"')
          .replaceAll('+00"', '"')
          .replace('"\'=cmd', '"=cmd'),
      )
      expect({ name, rows: rows.sort() }).toEqual({ name, rows: gold.sort() })
    }
  })

  test('a formula is one where no spreadsheet opens it', async () => {
    const rows = await from('silver', 'customers')
    const { city } = rows.find(({ customer_id }) => customer_id === 'C2') ?? {}
    expect(city).toBe(`${format === 'csv' ? "'" : ''}=cmd|"/c calc"!A1`)
  })

  test('the manifest names the runs, the contracts, and what is in each table', async () => {
    const { lingot, runs, contracts: fingerprint, files, tables } = await readManifest(into)
    const [gold] = await place.gold('select run from gold_run')
    expect({ lingot, runs }).toEqual({
      lingot: { export: format, version: expect.any(String) },
      runs: { silver: gold?.['run'], gold: gold?.['run'] },
    })
    expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
    const found = await readdir(into, { recursive: true, withFileTypes: true })
    expect(found.filter((entry) => entry.isFile()).length).toBe(files.length + 1)
    expect(tables.map(({ name }: { name: string }) => name).sort()).toEqual(
      [...contracts.map(({ collection }) => collection), ...readModels().map(({ name }) => name)].sort(),
    )
    for (const { layer, name, rows, columns } of tables) {
      const there = await from(layer, name)
      expect({ name, rows }).toEqual({ name, rows: there.length })
      const [first] = there
      if (first !== undefined) expect(columns.map(({ name }: { name: string }) => name)).toEqual(Object.keys(first))
    }
    const personal = tables.flatMap(({ layer, columns }: { layer: string; columns: { personal: boolean }[] }) =>
      layer === 'gold' ? columns.filter(({ personal }) => personal) : [],
    )
    expect(personal).toMatchObject([{ name: 'full_name', type: 'VARCHAR' }])
  })
})

describe('a folder', () => {
  test('that is an earlier export is replaced whole, in another form too', async () => {
    const into = fresh()
    await exported('csv', into)
    expect((await exported('duckdb', into)).status).toBe(0)
    expect((await readdir(into)).sort()).toEqual(['lingot.duckdb', 'manifest.json'])
  })

  test('that holds anything else is left as it is', async () => {
    const into = fresh()
    await exported('duckdb', into)
    const manifest = join(into, 'manifest.json')
    const changes: [change: () => Promise<void>, why: RegExp][] = [
      [() => writeFile(join(into, 'thesis.doc'), ''), /holds thesis\.doc/],
      [() => writeFile(manifest, '{}'), /no manifest\.json/],
      [() => rm(manifest), /no manifest\.json/],
    ]
    for (const [change, why] of changes) {
      await change()
      const before = await readdir(into)
      const { status, stderr } = await exported('parquet', into)
      expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(why) })
      expect(await readdir(into)).toEqual(before)
    }
  })

  test('that is empty is filled, a file is left, and one in no folder is refused', async () => {
    const into = fresh()
    await mkdir(into)
    expect((await exported('csv', into)).status).toBe(0)
    const [holding, inside] = [fresh(), 'work']
    await mkdir(join(holding, inside), { recursive: true })
    expect(await exported('csv', holding)).toMatchObject({ status: 2 })
    expect(await readdir(holding)).toEqual([inside])
    expect(await exported('csv', join(into, 'manifest.json'))).toMatchObject({ status: 2 })
    expect(await exported('csv', join(folder, 'nowhere', 'shop'))).toMatchObject({ status: 2 })
  })

  test('appears whole or not at all, and what a killed process left beside it goes', async () => {
    const [old, into] = [fresh(), fresh()]
    await exported('duckdb', old)
    const before = await readManifest(old)
    // Of a process that ended before this machine began.
    const beside = (of: string) => join(folder, `.${of.slice(folder.length + 1)}.lingot-`)
    const ended = `${nameOf(process.pid).replace(/^\d+/, '4194304')}-abcdef`
    await mkdir(beside(into) + ended)
    // It was killed when it had put the earlier export aside.
    await mkdir(beside(old) + ended)
    await rename(old, `${beside(old)}${ended}-old`)
    const foreign = `${beside(old)}backup`
    await mkdir(foreign)
    await place.gold('alter table reconciliation rename to reconciled')
    try {
      for (const target of [old, into]) {
        const { status, stderr } = await exported('parquet', target)
        expect({ status, stderr }).toEqual({ status: 7, stderr: expect.stringMatching(/lingot run/) })
      }
    } finally {
      await place.gold('alter table reconciled rename to reconciliation')
    }
    expect(await readManifest(old)).toEqual(before)
    expect(existsSync(into)).toBe(false)
    expect((await readdir(folder)).filter((name) => name.startsWith('.'))).toEqual([basename(foreign)])
  })
})
