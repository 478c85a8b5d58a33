import { afterAll, beforeEach, expect, test } from 'vitest'
import { readGold } from '../../src/postgres/reader.ts'
import { configOf } from '../../src/settings/config.ts'
import { runPipeline } from '../run.ts'
import { openPlace } from '../trust/place.ts'
import { ask } from './http.ts'
import { serve } from './place.ts'

/*
 * Gold that another version made, or other settings, before a run of these.
 */

const place = await openPlace()
const { names, client, postgresUrl } = place

beforeEach(async () => {
  await place.load({ transactions: [{ transaction_id: 'T1', product: 'Lamp', amount: 5, timestamp: '2025-01-03' }] })
  await runPipeline(client, postgresUrl, names)
})
afterAll(() => place.leave())

const filter = { kind: 'label', personal: false, filter: true, meaning: 'Where it stands.' }
const filtered = { collections: { transactions: { keep: { room: filter } } } }
const failure = {
  kind: 'data',
  message: 'Gold was made by another version of Lingot, or by other settings.',
  next: expect.stringMatching(/^Make it anew with `.*lingot run`\.$/),
}

test.each([
  ['a column', 'alter table country_sales drop column orders cascade', {}, ['pages/overview', 'pages/countries']],
  ['a table', 'drop table spanning_orders', {}, ['pages/trust', 'pages/overview']],
  ['the table of a filter', 'select 1', filtered, ['choices', 'pages/overview']],
])('that lacks %s is told from gold that is not there, with the advice to run', async (_, sql, value, lacking) => {
  await place.gold(sql)
  const config = await configOf({ file: 'lingot.config.json', value }, {})
  const { port, close } = await serve(place, { config: { ...config, ...names } })
  try {
    const { kind, message, next } = failure
    for (const path of lacking) {
      const { status, json } = await ask(port, `/api/${path}`)
      expect({ path, status, ...json() }).toMatchObject({ path, status: 404, kind, detail: message, next })
    }
    expect((await ask(port, '/api/answers')).status).toBe(200)
  } finally {
    await close()
  }
})

test('one reading that lacks something leaves the others theirs, and none can be had without a run', async () => {
  const read = () =>
    readGold(postgresUrl, names.goldSchema, async (query) => [
      await query.attempt(() => query('select nothing from gold_run')),
      await query.attempt(() => query('select count(*) from monthly_revenue')),
    ])
  expect(await read()).toMatchObject([
    { failure: { ...failure, next: 'Make it anew with `lingot run`.' } },
    { value: { rows: [['1']] } },
  ])
  const { goldSchema } = names
  const nothing = { kind: 'data', message: 'Gold has no tables yet.' }
  await expect(
    readGold(postgresUrl, `${goldSchema}_0`, (query) => query('select 1 from monthly_revenue')),
  ).rejects.toMatchObject(nothing)
})
