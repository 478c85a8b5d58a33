import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { askCommand } from '../../src/commands/ask.ts'
import { eraseCommand } from '../../src/commands/erase.ts'
import { privacyCommand, type Searched } from '../../src/commands/privacy.ts'
import { reportCommand } from '../../src/commands/report.ts'
import { asOfSetting, readAsOf } from '../../src/gold/as_of.ts'
import { readModels } from '../../src/gold/models.ts'
import { within } from '../commands/lingot.ts'
import { runAggregator, runPipeline } from '../run.ts'
import { openPlace, type Place } from '../trust/place.ts'

test.each([
  ['2026-11-01', undefined, '2026-11-01T23:59:59.999Z'],
  // The day on which clocks are put back had ended an hour before in summer.
  ['2026-10-24', 'Europe/Paris', '2026-10-24T21:59:59.999Z'],
  ['2026-11-01', 'Europe/Paris', '2026-11-01T22:59:59.999Z'],
  ['2026-11-01T12:30', 'Europe/Paris', '2026-11-01T11:30:00.000Z'],
  ['2026-11-01T12:30:00Z', 'Europe/Paris', '2026-11-01T12:30:00.000Z'],
  ['65a0b1c2d3e4f5061728394a', undefined, '65a0b1c2d3e4f5061728394a'],
])('%s in the zone %s is read as %s', async (text, zone, setting) => {
  expect(asOfSetting(await readAsOf(text, zone))).toBe(setting)
})

test.each(['', 'yesterday', '2026-13-01', "2026-11-01'; drop"])('%j is no day, time or run', async (text) => {
  await expect(readAsOf(text)).rejects.toThrow('This is no day, time or run.')
})

describe('gold of a shop', () => {
  let place: Place
  let home: string
  const runs: string[] = []
  const before: Record<string, unknown>[] = []
  const gone = 'CUST-GONE'

  const run = async (make: typeof runPipeline = runPipeline) => {
    const { _id } = await make(place.client, place.postgresUrl, place.names)
    runs.push(_id.toHexString())
  }
  const sale = (customer_id: string, amount: number) => ({
    ...{ transaction_id: `T-${customer_id}-${amount}`, customer_id, product: 'Laptop', amount, quantity: 1 },
    ...{ discount_applied: 0, shipping_cost: 0, timestamp: new Date('2025-03-05'), status: 'Completed' },
  })
  const ask = async (...args: Parameters<typeof askCommand>) => {
    const { status, stdout, stderr } = await within(place.names, () => askCommand(...args))
    return { status, stdout, stderr }
  }
  const answers = async (asOf?: string) => {
    const { stdout } = await ask(undefined, { json: true, ...(asOf !== undefined && { asOf }) })
    return (JSON.parse(stdout) as { rows: unknown; as_of?: unknown }[]).map(({ as_of: _, ...answer }) => answer)
  }
  const tables = async (where: string) => {
    const all: Record<string, unknown> = {}
    for (const { name, key, columns } of readModels()) {
      const kept = Object.keys(columns).filter((column) => column !== 'full_name')
      all[name] = await place.gold(`select ${kept.join(', ')} from ${where}.${name} order by ${key.join(', ')}`)
    }
    return all
  }

  beforeAll(async () => {
    place = await openPlace()
    home = await mkdtemp(join(tmpdir(), 'lingot home '))
    await generate(place.client, { database: place.names.bronze, scale: 0.02, seed: 11 })
    const bronze = place.client.db(place.names.bronze)
    const customer = { customer_id: gone, first_name: 'Zoë', last_name: 'Quick', email: 'zoe@quick.fr' }
    await bronze.collection('customers').insertOne(customer)
    await bronze.collection('transactions').insertOne(sale(gone, 5_000_000))
    await run()
    before.push(...(await answers()), await tables(place.names.goldSchema))
    await bronze.collection('transactions').insertMany([sale(gone, 7), sale('CUST-NEW', 9)])
    await bronze.collection('transactions').deleteMany({ product: 'Laptop', amount: { $lt: 500 } })
    await run()
    // A person whom bronze no longer has.
    await bronze.collection('customers').deleteOne({ customer_id: gone })
    await bronze.collection('transactions').deleteMany({ customer_id: gone })
    await run()
    await run(runAggregator)
  })
  afterAll(async () => {
    await place.leave()
    await rm(home, { recursive: true })
  })

  test('is shown as each run left it', async () => {
    await place.gold(`select set_config('lingot.as_of', '${runs[0]}', false)`)
    expect(await tables(`${place.names.goldSchema}_as_of`)).toEqual(before.at(-1))
    await place.gold('reset lingot.as_of')
    expect(await tables(`${place.names.goldSchema}_as_of`)).toEqual(await tables(place.names.goldSchema))
  })

  test('answers questions as it was, but for the names of those who are gone', async () => {
    const first = await answers(runs[0])
    expect(JSON.stringify(before[0])).toContain('Zoë Quick')
    expect(JSON.stringify(first)).toContain(gone)
    expect(JSON.stringify(first)).not.toMatch(/Zo|Quick/)
    expect(first.slice(1)).toEqual(before.slice(1, -1))
    expect(await answers(runs[2])).toEqual(await answers())
    const { stdout } = await ask('1', { asOf: runs[0] ?? '' })
    expect(stdout).toMatch(
      new RegExp(`As of \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC, when the run ${runs[0]} published`),
    )
  })

  test('answers as of a day, of which the end counts', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const { stdout } = await ask('1', { asOf: today, json: true })
    expect(JSON.parse(stdout)).toMatchObject([{ as_of: { run: expect.stringMatching(/^[0-9a-f]{24}$/) } }])
    expect(await ask('1', { asOf: '2001-01-01' })).toEqual({
      status: 7,
      stdout: '',
      stderr: expect.stringMatching(
        /^Gold's history begins at 2\d{3}-.*Z and knows nothing of 2001-01-01T23:59:59\.999Z/,
      ),
    })
    expect(await ask('1', { asOf: 'f'.repeat(24) })).toMatchObject({
      status: 7,
      stderr: expect.stringMatching(/knows no run f+/),
    })
    expect(await ask('1', { asOf: 'soon' })).toMatchObject({ status: 2 })
  })

  test('gives the query as psql asks it then', async () => {
    const { stdout } = await ask('4', { sql: true, asOf: '2026-11-01' })
    expect(stdout).toMatch(
      new RegExp(
        `^set lingot.as_of to '2026-11-01T23:59:59.999Z';\n\nset search_path to "${place.names.goldSchema}_as_of";\n\n`,
      ),
    )
  })

  test('has no personal column in what it was', async () => {
    const rows = await place.gold(`select column_name from information_schema.columns
      where table_schema = '${place.names.goldSchema}_history' and table_name = 'customer_metrics'`)
    expect(rows.map(({ column_name }) => column_name)).toContain('total_spent')
    expect(rows.map(({ column_name }) => column_name)).not.toContain('full_name')
  })

  test('tells in the report how much what it was takes', async () => {
    const { stdout } = await within(place.names, () => reportCommand({ json: true }))
    expect(JSON.parse(stdout)).toMatchObject({
      gold: { history: { since: expect.any(String), runs: 4, bytes: expect.any(Number) } },
    })
    const printed = await within(place.names, () => reportCommand({}))
    expect(printed.stdout).toMatch(/Its history: 4 runs since .* UTC, \d+\.\d MB/)
  })

  test('is searched for emails as it was, too', async () => {
    vi.stubEnv('LINGOT_HOME', home)
    await place.gold(`update ${place.names.goldSchema}_history.customer_metrics set city = 'zoe@quick.fr'`)
    await place.client
      .db(place.names.bronze)
      .collection('customers')
      .insertOne({ customer_id: 'Z', email: 'zoe@quick.fr' })
    const { status, stdout } = await within(place.names, () => privacyCommand({ json: true }))
    const { places } = JSON.parse(stdout) as Searched
    expect(status).toBe(11)
    expect(places.filter(({ findings }) => findings.length > 0)).toMatchObject([
      { layer: 'history', name: 'customer_metrics', findings: [{ field: 'city', phones: 0 }] },
    ])
  })

  test('forgets, also of what it was, whom bronze no longer has', async () => {
    const anywhere = async () => {
      const found: string[] = []
      for (const schema of ['', '_history', '_as_of']) {
        for (const { name } of readModels()) {
          const rows = await place.gold(`select t::text as row from ${place.names.goldSchema}${schema}.${name} as t`)
          if (JSON.stringify(rows).includes(gone)) found.push(`${schema}.${name}`)
        }
      }
      return found
    }
    expect(await anywhere()).toContain('_history.customer_metrics')
    vi.stubEnv('LINGOT_HOME', home)
    vi.stubEnv('LINGOT_ERASURE_KEY', 'k'.repeat(32))
    expect(await within(place.names, () => eraseCommand(gone, { yes: true, wait: true }))).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(await anywhere()).toEqual([])
  })
})
