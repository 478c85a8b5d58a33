import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { ObjectId } from 'bson'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { lockSilver, readHolder } from '../../src/runs/lock.ts'
import { made } from '../made.ts'
import { type Ended, lingot, type Running, startLingot, until } from '../process.ts'
import { openShop, type Shop } from '../project/shop.ts'
import { settingsOf } from '../trust/place.ts'
import { ask } from '../web/http.ts'

const MODEL = {
  'models/spenders.sql': `-- One row per customer.
select customer_id, sum(total_amount) as spent from transactions where customer_id is not null group by customer_id
`,
  'models/spenders.yml': `description: What each customer spent. One row per customer.
key: [customer_id]
reads: { transactions: [customer_id, total_amount] }
columns: { customer_id: Who., spent: Sum of total_amount. }
tests:
  - { test: no_rows, name: nobody spends a fortune, severity: error, sql: select customer_id from spenders where spent > 1000 }
`,
}

let shop: Shop
let posted: { type: string; text: string; data: { lines: string[] } }[]
const receiver = createServer(async (request, response) => {
  posted.push((await json(request)) as (typeof posted)[number])
  response.end()
})
const settings = () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`
  return { ...settingsOf(shop.place.names), LINGOT_WEBHOOK_URL: url }
}
const watch = (...args: string[]) => startLingot(['watch', ...args], settings(), shop.folder)
const health = () => JSON.parse(readFileSync(join(shop.folder, '.lingot', 'watch.json'), 'utf8'))
const silver = () => shop.place.client.db(shop.place.names.silver)
const holder = async () => (await readHolder(silver(), { timeoutMS: 2000 }))?.holder
const stopped = (running: Running, signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> => {
  running.child.kill(signal)
  return running.ended
}

beforeAll(() => new Promise<void>((listening) => receiver.listen(0, '127.0.0.1', listening)))
afterAll(() => new Promise((closed) => receiver.close(closed)))

beforeEach(async () => {
  posted = []
  shop = await openShop()
  return () => shop.place.leave()
})

/** One run of a watch that is ended then. */
async function once(): Promise<Ended> {
  const running = watch('--every', '1h')
  await running.printed('the next one at')
  await until(() => health().state === 'waiting')
  return stopped(running)
}

test('a run is made, and between two of them it ends at once', async () => {
  const running = watch('--every', '1h', '--health', 'health.json')
  const file = join(shop.folder, 'health.json')
  await running.printed('succeeded')
  await until(() => JSON.parse(readFileSync(file, 'utf8')).state === 'waiting')
  const told = Date.now()
  const { status, stdout, stderr } = await stopped(running)
  expect(Date.now() - told).toBeLessThan(1000)
  expect({ status, stderr }).toEqual({
    status: 0,
    stderr: expect.stringMatching(
      /^Watching bronze_\w+: runs every 1h; health in health\.json; alerts by webhook at 127/,
    ),
  })
  expect(stdout).toMatch(/^\S+ \S+ UTC {2}The run succeeded in \d+ seconds?; the next one at \S+ \S+ UTC\.\n$/)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ state: 'stopped', failures: 0, lastFailure: null })
  expect(await shop.place.gold('select count(*) from gold_run')).toEqual([{ count: '1' }])
  expect(readdirSync(shop.folder)).not.toContain('.lingot')
  expect(posted).toEqual([])
})

test('what changes is told once, with no value of a person, over restarts too', async () => {
  shop.write(MODEL)
  await once()
  const sales = shop.place.client.db(shop.place.names.bronze).collection<{ _id: number }>('transactions')
  const fortune = { transaction_id: 'T9', customer_id: 'C1', product: 'Lamp', amount: 5000, timestamp: new Date() }
  await sales.insertOne({ _id: 9, ...fortune })
  const fell = await once()
  expect(fell.stdout).toMatch(/The run failed \(gate\) after .*\n {2}gate fell: The old gold stays: spenders: nobody /)
  expect(fell.stderr).toContain('customer_id C1')
  await once()
  expect(posted).toMatchObject([
    {
      type: 'lingot.gate_fell',
      data: {
        lines: [
          'spenders: nobody spends a fortune: 1 row at fault',
          'Records that changed: 1 new in transactions',
          'transactions: 4 → 5 documents',
        ],
      },
    },
  ])
  await sales.deleteOne({ _id: 9 })
  await once()
  shop.write({ 'lingot.config.json': '{ "silvr": "x" }' })
  const refused = await lingot(['watch', '--every', '1h'], settings(), shop.folder)
  expect(refused).toMatchObject({ status: 3, stdout: '', stderr: expect.stringContaining('did you mean silver') })
  expect(posted.map(({ type }) => type)).toEqual(['lingot.gate_fell', 'lingot.gate_healed'])
  expect(JSON.stringify(posted)).not.toMatch(/C1|Ada|ada@/)
})

test('a run reads the settings as they are then; its failure is told with its message, and that it is over', async () => {
  const running = watch('--every', '1s')
  await running.printed('succeeded')
  shop.write({ 'lingot.config.json': '{ "silvr": "x" }' })
  await running.printed('failed (config)')
  await until(() => posted.length > 0)
  await stopped(running)
  expect(posted).toMatchObject([
    {
      type: 'lingot.failed',
      data: {
        kind: 'config',
        run: null,
        lines: ['lingot.config.json is not valid.', expect.stringContaining('silvr')],
      },
    },
  ])
  shop.write({ 'lingot.config.json': '{}' })
  await once()
  expect(posted.map(({ type }) => type)).toEqual(['lingot.failed', 'lingot.recovered'])
})

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  test('while another run is waited for ends it as it ends a run', async () => {
    const lock = await lockSilver(silver(), { run: new ObjectId(), command: 'run' })
    const running = watch('--every', '1h')
    await until(() => running.output.stderr.includes('Waiting for `lingot run`'))
    expect(health()).toMatchObject({ state: 'running' })
    expect(await stopped(running, signal)).toMatchObject({ status: 130 })
    expect(await holder()).toMatchObject({ pid: process.pid })
    await lock.release()
  })

  test('in the middle of a run leaves each layer whole, and nobody in the lock', async () => {
    const { client, names, gold } = shop.place
    await made('run', settingsOf(names))
    const before = await gold('select run from gold_run')
    await client.db(names.bronze).dropDatabase()
    await generate(client, { database: names.bronze, seed: 1, scale: 1 })
    const running = watch('--every', '1h')
    for (; (await holder()) === undefined; await setTimeout(5));
    expect(await stopped(running, signal)).toMatchObject({ status: 130, stdout: '' })
    expect(await holder()).toBeUndefined()
    expect(await gold('select run from gold_run')).toEqual(before)
    expect(await silver().collection('transactions').countDocuments()).toBe(4)
    expect(health()).toMatchObject({ state: 'stopped', lastSuccess: null })
    expect(posted).toEqual([])
  })
})

test('`serve --watch` makes runs beside the dashboard, which says whether it lives and gold is fresh', async () => {
  const running = startLingot(['serve', '--port', '0', '--watch', '--cron', '0 0 1 1 *'], settings(), shop.folder)
  await running.printed('http://')
  const port = Number(/:(\d+)\//.exec(running.output.stdout)?.[1])
  const read = async (path: string) => {
    const { status, json } = await ask(port, path)
    return { status, ...json() }
  }
  expect(await read('/healthz')).toEqual({ status: 200, alive: true })
  expect(await read('/readyz')).toMatchObject({ status: 503, kind: 'data', detail: 'There is no gold yet.' })
  await made('run', settingsOf(shop.place.names))
  // Which gold is in place is looked up now and then.
  const ready = async (status: number) => {
    for (let told = await read('/readyz'); ; told = await read('/readyz')) {
      if (told.status === status) return told
      await setTimeout(50)
    }
  }
  expect(await ready(200)).toMatchObject({ gold: { run: expect.stringMatching(/^\w{24}$/) } })
  await shop.place.gold("update gold_run set started = started - interval '3 years'")
  expect(await ready(503)).toMatchObject({ detail: expect.stringMatching(/older than expected/) })
  expect(await stopped(running)).toMatchObject({ status: 0 })

  const busy = startLingot(['serve', '--port', '0', '--watch', '--every', '1s'], settings(), shop.folder)
  await until(() => busy.output.stdout.split('succeeded').length >= 3)
  expect(await stopped(busy, 'SIGINT')).toMatchObject({ status: 0 })
  expect(await holder()).toBeUndefined()
  expect(health()).toMatchObject({ state: 'stopped', watches: 'every 1s' })
})
