import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { contracts } from '../../src/contracts/contracts.ts'
import { readModels } from '../../src/gold/models.ts'
import { openWarehouse } from '../../src/gold/warehouse.ts'
import { nameOf } from '../../src/system/alive.ts'
import { isTransient } from '../../src/system/retry.ts'

let temporary: string

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'lingot warehouse-'))
  vi.stubEnv('TMPDIR', temporary)
})

afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(temporary, { recursive: true, force: true })
})

const [pid = '', here = '', beginning = ''] = nameOf(process.pid).split('-')
const elsewhere = here.replace(/./g, (digit) => (digit === '0' ? '1' : '0'))
const HOUR = 3600

// Windows has no TMPDIR.
test.skipIf(process.platform === 'win32').each([
  { of: 'a process that runs', name: `${pid}-${here}-${beginning}`, hours: 48, stays: true },
  { of: 'a process that ended', name: `999999999-${here}-${beginning}`, hours: 0, stays: false },
  { of: 'a process whose pid is another one’s now', name: `${pid}-${here}-${elsewhere}`, hours: 0, stays: false },
  { of: 'a process of another container', name: `999999999-${elsewhere}-${beginning}`, hours: 23, stays: true },
  { of: 'a container that is gone', name: `${pid}-${elsewhere}-${beginning}`, hours: 25, stays: false },
  { of: 'a process of the version before', name: '999999999', hours: 1, stays: true },
  { of: 'a process of the version before, long ago', name: '999999999', hours: 25, stays: false },
])('the folder of $of stays: $stays', async ({ name, hours, stays }) => {
  const folder = join(temporary, `lingot-models-${name}-abcdef`)
  mkdirSync(folder)
  writeFileSync(join(folder, 'models.duckdb'), '')
  const written = Date.now() / 1000 - hours * HOUR
  utimesSync(join(folder, 'models.duckdb'), written, written)
  utimesSync(folder, written, written)
  const limits = { threads: 1, memoryMb: 96 }
  const warehouse = await openWarehouse({ contracts, models: readModels(), leaveOut: [], limits })
  expect(readdirSync(temporary).filter((name) => name.includes(`-${nameOf(process.pid)}-`))).not.toEqual([])
  expect(readdirSync(temporary).includes(`lingot-models-${name}-abcdef`)).toBe(stays)
  warehouse.close()
})

test('a table of which not all rows are given is not taken for whole, and may be tried again', async () => {
  const limits = { threads: 1, memoryMb: 96 }
  const models = readModels()
  const warehouse = await openWarehouse({ contracts, models, leaveOut: [], limits })
  const model = models.find(({ name }) => name === 'gold_run')
  if (model === undefined) throw new Error('gold_run is gone')
  const table = await warehouse.build(model)
  const copied = async (rows: number) => {
    const lines: string[] = []
    for await (const part of warehouse.copyLines({ ...table, rows })) lines.push(part)
    return lines
  }
  expect(await copied(1)).toHaveLength(1)
  const error = await copied(2).catch((error: unknown) => error)
  expect(error).toMatchObject({ message: 'DuckDB gave 1 of the 2 rows of gold_run' })
  expect(isTransient(error)).toBe(true)
  warehouse.close()
})

test('what is fed comes out as it went in, whatever its length and its letters', async () => {
  const warehouse = await openWarehouse({
    contracts,
    models: readModels(),
    leaveOut: [],
    limits: { threads: 1, memoryMb: 96 },
  })
  const feed = warehouse.feeds['transactions']
  if (feed === undefined) throw new Error('transactions has no feed')
  const missing = Object.fromEntries(feed.columns.map((name) => [name, null]))
  const texts = [
    'a',
    'exactly12345',
    'thirteen12345',
    'éé',
    'ééééééé',
    '日本語のお客様',
    '𝒳',
    'a\0b',
    'x'.repeat(5000),
    'a\tb\n',
  ]
  // More than a chunk, and not a whole number of them: what a row held before must not come back.
  const ids = Array.from({ length: 5000 }, (_, i) => (i % 11 === 0 ? null : (texts[i % texts.length] ?? null)))
  for (const [i, customer_id] of ids.entries()) feed.add({ ...missing, customer_id, amount: i / 100 })
  await warehouse.end('transactions')
  const rows = await warehouse.query(
    'select customer_id, cast(round(amount * 100) as integer) as place, timestamp, status from transactions order by place',
  )
  expect(rows).toEqual(ids.map((customer_id, place) => ({ customer_id, place, timestamp: null, status: null })))
  warehouse.close()
})
