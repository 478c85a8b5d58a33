import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { checkCommand } from '../../src/commands/check.ts'
import { explainCommand } from '../../src/commands/explain.ts'
import { reportCommand } from '../../src/commands/report.ts'
import { whyCommand } from '../../src/commands/why.ts'
import { answer } from '../../src/gold/questions.ts'
import { LingotError, open, type Shop } from '../../src/index.ts'
import { checkResult, run } from '../../src/runs/record.ts'
import { explanation } from '../../src/trust/explain/explanation_schema.ts'
import { report } from '../../src/trust/report_schema.ts'
import { plan } from '../../src/trust/why/plan_schema.ts'
import { why } from '../../src/trust/why/why_schema.ts'
import { within } from '../commands/lingot.ts'
import { workFolder } from '../process.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

const folder = workFolder()
const bronze = {
  customers: [
    { customer_id: 'C1', first_name: 'Zoé', email: 'zoe@example.org', country: 'France' },
    { customer_id: 'C2', first_name: 'Ana', country: 'Espagne' },
    { first_name: 'Nobody' },
  ],
  transactions: [
    { transaction_id: 'T1', customer_id: 'C1', product: 'Lamp', amount: 5, timestamp: '2025-01-03' },
    { transaction_id: 'T2', customer_id: 'C2', product: 'Desk', amount: '7.50', timestamp: '2025-02-03' },
    { transaction_id: 'T3', customer_id: 'C2', product: 'Desk', timestamp: '2025-02-04' },
  ],
  campaigns: [{ campaign_id: 'CAMP1', budget: 100, spend: 80 }],
}

let place: Place
let shop: Shop

beforeAll(async () => {
  place = await openPlace()
  await place.load(bronze)
  shop = await open({ folder, env: settingsOf(place.names) })
  await shop.run()
})
afterAll(async () => {
  await shop.close()
  await place.leave()
})

/** What JSON has of something, which its schema has to say as well, no more and no less. */
function told<S extends z.ZodType>(schema: S, value: z.output<S>): unknown {
  const json: unknown = JSON.parse(JSON.stringify(value))
  expect(z.encode(schema, value)).toEqual(json)
  return json
}

test('a run tells what it does, and gives what it did', async () => {
  const steps: string[] = []
  const progress: string[] = []
  const made = await shop.run({
    onStep: (step) => steps.push(step),
    onProgress: (what, done, total) => progress.push(`${what} ${done}/${total}`),
  })
  expect(told(run, made)).toMatchObject({ command: 'run', outcome: 'succeeded', silver: { customers: { bronze: 3 } } })
  expect(made.started).toBeInstanceOf(Date)
  expect(await place.gold('select run from gold_run')).toEqual([{ run: made.run }])
  expect(steps).toContain('check gold')
  expect(progress).toContain('transactions 3/3')

  expect(await shop.process()).toMatchObject({ command: 'process' })
  const one = await shop.aggregate({ only: 'monthly_revenue' }).catch((error: unknown) => error)
  expect(one).toMatchObject({ kind: 'data', next: 'Make all of gold: `lingot aggregate`.' })
  const { madeOf } = await shop.aggregate()
  expect(madeOf).toMatch(/^[0-9a-f]{24}$/)
  expect(await shop.aggregate({ only: 'monthly_revenue' })).toMatchObject({ only: 'monthly_revenue', madeOf })
})

test('what it tells is what its types say, and what the commands print', async () => {
  const printed = async (command: () => Promise<void>) => JSON.parse((await within(place.names, command)).stdout)
  await place.client
    .db(place.names.bronze)
    .collection('transactions')
    .updateOne({ transaction_id: 'T1' }, { $set: { amount: 6 } })
  expect(told(plan, await shop.plan())).toMatchObject({ changes: { transactions: { corrected: 1 } }, moved: 8 })
  await shop.run()
  const [checks, explained] = [await shop.check({ named: 1 }), await shop.explain('month', '2025-01')]
  expect(told(z.array(checkResult), await shop.check())).toEqual(await printed(() => checkCommand({ json: true })))
  expect(checks.length).toBeGreaterThan(20)
  expect(told(explanation, explained)).toEqual(await printed(() => explainCommand('month', '2025-01', { json: true })))
  expect((await shop.explain('month', '2025-02', { limit: 1 })).silver[0]?.records).toHaveLength(1)
  const changed = await shop.why('month', '2025-01', { column: 'total_revenue' })
  expect(changed).toMatchObject({ difference: '1.00', causes: [{ cause: 'corrected', amount: '1.00' }] })
  const column = { column: 'total_revenue', json: true }
  expect(told(why, changed)).toEqual(await printed(() => whyCommand('month', '2025-01', column)))
  expect(told(report, await shop.report({ last: 2 }))).toEqual(
    await printed(() => reportCommand({ json: true, last: 2 })),
  )
})

test('questions are asked by number or name, and as of a run', async () => {
  const all = await shop.ask()
  for (const one of all) told(answer, one)
  expect(all.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5])
  const [product] = await shop.ask('best_product')
  expect(await shop.ask(2)).toEqual([product])
  expect(product).toMatchObject({
    title: 'Which product brings in the most revenue?',
    rows: [expect.arrayContaining(['Desk', '7.50']), expect.arrayContaining(['Lamp', '6.00'])],
  })
  const { run } = await shop.run()
  expect(await shop.ask(2, { asOf: run })).toMatchObject([{ rows: product?.rows, asOf: { run } }])
  await expect(shop.ask('nothing')).rejects.toMatchObject({ kind: 'usage', message: 'There is no question nothing.' })
})

test('a query gives exact texts, booleans and Dates, takes parameters, and may only read', async () => {
  const { query } = shop.gold
  expect(
    await query('select month, total_revenue, total_transactions from monthly_revenue where month >= $1', [
      new Date('2025-02-01'),
    ]),
  ).toEqual([{ month: '2025-02-01', total_revenue: '7.50', total_transactions: '2' }])
  const [given] = await query<{ started: Date; yes: boolean; none: null; day: string; clock: string }>(
    "select started, $1 and true as yes, null as none, date '2025-02-03' as day, timestamp '2025-02-03 04:05' as clock from gold_run",
    [true],
  )
  const { gold } = await shop.report()
  expect(given).toEqual({
    started: gold?.run.started,
    yes: true,
    none: null,
    day: '2025-02-03',
    clock: '2025-02-03 04:05:00',
  })
  for (const [sql, kind, message] of [
    ['select mont from monthly_revenue', 'usage', 'There is no column `mont`.'],
    ['select 1 from monthly_revenues', 'usage', 'There is no table `monthly_revenues`.'],
    ['selec 1', 'usage', 'syntax error'],
    ['select 1; select 2', 'usage', 'cannot insert multiple commands'],
    ['select $1::text', 'usage', 'bind message'],
    ['delete from monthly_revenue', 'permission', 'only read'],
  ] as const) {
    const failure = await query(sql).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(LingotError)
    expect(failure).toMatchObject({ kind, message: expect.stringContaining(message), next: expect.any(String) })
  }
})

test('whatever fails says of which kind it is, and what helps', async () => {
  const failing = (opening: Parameters<typeof open>[0]) => open(opening).catch((error: unknown) => error)
  const env = settingsOf(place.names)
  expect(await failing({ folder, env: { ...env, MONGODB_URI: 'mongodb://127.0.0.1:9' } })).toMatchObject({
    kind: 'server',
    next: expect.any(String),
  })
  const wrong = { collections: { customers: { from: 'a', fields: { emial: 'mail' } } } } as object
  const refused = await failing({ folder, env, config: wrong })
  expect(refused).toBeInstanceOf(LingotError)
  expect(refused).toMatchObject({ kind: 'config', message: expect.stringContaining('emial') })
  await expect(shop.explain('month', '2031-01')).rejects.toMatchObject({ kind: 'usage' })
  await expect(shop.aggregate({ only: 'monthly_revenue', prune: true })).rejects.toMatchObject({ kind: 'usage' })
  // What nobody foresaw as well.
  await expect(shop.explain('month', undefined as unknown as string)).rejects.toMatchObject({
    name: 'LingotError',
    kind: 'bug',
  })
})

test('settings that are given stand in the place of a file', async () => {
  const env = settingsOf(place.names)
  const other = await open({
    folder,
    env,
    config: { questions: { best_product: false }, models: { nothing: false } },
  }).catch((error: unknown) => error)
  expect(other).toMatchObject({ kind: 'config', message: expect.stringContaining('nothing') })
  const without = await open({ folder, env, config: { questions: { best_product: false } } })
  expect((await without.ask()).map(({ number }) => number)).toEqual([1, 3, 4, 5])
  await without.close()
})

test('what is stopped, or closed, is over, and leaves the layers whole', async () => {
  const stop = new AbortController()
  const before = await place.gold('select run from gold_run')
  const reason = new Error('enough')
  const stopped = shop.run({ signal: stop.signal, onStep: (step) => step.startsWith('build') && stop.abort(reason) })
  await expect(stopped).rejects.toMatchObject({ kind: 'interrupted', cause: reason, next: 'Run it again.' })
  expect(await place.gold('select run from gold_run')).toEqual(before)
  await expect(shop.run({ signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'interrupted' })
  await shop.run()

  const other = await open({ folder, env: settingsOf(place.names) })
  let begun: () => void = () => undefined
  const isBegun = new Promise<void>((resolve) => {
    begun = resolve
  })
  const running = other.run({ onStep: begun }).catch((error: unknown) => error)
  await isBegun
  await other[Symbol.asyncDispose]()
  // It is over, and holds nothing: not its lock, and no half of a layer.
  const lock = await place.client.db(place.names.silver).collection('lock').findOne()
  expect(lock?.['holder']).toBeUndefined()
  expect(await running).toMatchObject({ kind: 'usage', message: 'The shop is closed.' })
  await expect(other.report()).rejects.toMatchObject({ kind: 'usage', message: 'The shop is closed.' })
})

test('PostgreSQL is asked when it is needed', async () => {
  const env = { ...settingsOf(place.names), POSTGRES_URL: 'postgresql://nobody:secret@127.0.0.1:9/gold_db' }
  const other = await open({ folder, env })
  try {
    expect(await other.process()).toMatchObject({ outcome: 'succeeded' })
    const failure = await other.ask().catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'server', next: expect.any(String) })
    expect(String(failure)).not.toContain('secret')
  } finally {
    await other.close()
  }
})
