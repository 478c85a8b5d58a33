import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../../src/settings/config.ts'
import type { Explanation } from '../../src/trust/explain/explanation_schema.ts'
import { settingsOf } from '../trust/place.ts'
import { ask } from '../web/http.ts'
import { type Served, serve } from '../web/place.ts'
import { bronze, openShop, type Row, type Shop } from './shop.ts'

/*
 * A project folder whose configuration names a collection of its own, with a model and a question that read it.
 */

const CONFIG = {
  collections: {
    campaigns: false,
    redemptions: {
      key: null,
      fields: {
        household: { kind: 'id', personal: false, meaning: 'Who redeemed.', refers: 'customers' },
        coupon: { kind: 'label', personal: false, meaning: 'The coupon.' },
        saved: { kind: 'money', personal: false, meaning: 'What it saved.' },
        redeemed_at: { kind: 'date', personal: false, meaning: 'When.' },
      },
    },
  },
}
const MODEL = {
  'models/coupon_use.sql': `-- One row per coupon and month.
select
    redemptions.coupon as name,
    cast(date_trunc('month', redemptions.redeemed_at) as date) as month,
    count(*) as times,
    count(customers.customer_id) as by_customers,
    cast(coalesce(sum(redemptions.saved), 0) as decimal(38, 2)) as saved
from redemptions
left join customers on customers.customer_id = redemptions.household
group by all
`,
  'models/coupon_use.yml': `description: How coupons are used. One row per coupon and month.
key: [name, month]
from: { name: redemptions.coupon, month: redemptions.redeemed_at }
reads:
  redemptions: [household, coupon, saved, redeemed_at]
  customers: [customer_id]
columns:
  name: The coupon.
  month: Month in which it was redeemed.
  times: How often.
  by_customers: How often by somebody who is known.
  saved: Sum of what it saved.
tests:
  - { test: non_negative, columns: [saved] }
  - { test: relationship, column: name, to: redemptions.coupon }
`,
}
const QUESTION = {
  'questions/best_coupon.sql':
    '-- Which coupon is used most?\n\nselect name, sum(times) as times from coupon_use group by 1 order by 2 desc, 1\n',
}
const at = (day: string) => new Date(`${day}T12:00:00Z`)
const redemptions = [
  { _id: 1, household: 'C1', coupon: 'TEN', saved: 1.5, redeemed_at: at('2025-01-03') },
  { _id: 2, household: 'C2', coupon: 'ten ', saved: '2,50 €', redeemed_at: at('2025-01-04') },
  { _id: 3, household: 'C9', coupon: 'BOGO', saved: 3, redeemed_at: at('2025-02-01') },
]

let shop: Shop
let served: Served

beforeAll(async () => {
  shop = await openShop({ ...MODEL, ...QUESTION, 'lingot.config.json': JSON.stringify(CONFIG) })
  await shop.place.load({ ...bronze, redemptions })
  await shop.output('run')
  const config = await loadConfig(shop.folder, settingsOf(shop.place.names))
  served = await serve(shop.place, { config })
})
afterAll(async () => {
  await served.close()
  await shop.place.leave()
})

async function read<T>(path: string): Promise<T> {
  const { status, json } = await ask(served.port, path)
  expect(status).toBe(200)
  return json()
}

test('its model is made of it, and its question asks that', async () => {
  expect(await shop.place.gold('select * from coupon_use order by 1')).toEqual([
    { name: 'BOGO', month: '2025-02-01', times: '1', by_customers: '0', saved: '3.00' },
    { name: 'TEN', month: '2025-01-01', times: '1', by_customers: '1', saved: '1.50' },
    { name: 'ten', month: '2025-01-01', times: '1', by_customers: '1', saved: '2.50' },
  ])
  expect((await shop.json('ask')).map(({ question }) => question)).toEqual([
    'Who are the 10 best customers?',
    'Which product brings in the most revenue?',
    'How do sales evolve month by month?',
    'Which country brings in the most revenue?',
    'Which coupon is used most?',
  ])
})

test('a row of it is explained by its records and the documents that they are from', async () => {
  const { silver, row } = await shop.json<Explanation>('explain', 'coupon_use', 'ten', '2025-01')
  expect(row.find(({ column }) => column === 'saved')).toMatchObject({ value: '2.50' })
  expect(silver.map(({ collection }) => collection)).toEqual(['redemptions'])
  expect(silver[0]?.records).toEqual([
    {
      _id: 2,
      values: { household: 'C2', coupon: 'ten', saved: '2.50', redeemed_at: '2025-01-04T12:00:00.000Z' },
      cleaning: [
        { field: 'coupon', kind: 'repaired', reason: 'spacing or encoding' },
        { field: 'saved', kind: 'repaired', reason: 'text to number' },
      ],
      bronze: 'unchanged',
    },
  ])
})

test('it is checked, described, searched and followed back like any other', async () => {
  const checks = await shop.json('check')
  expect(checks.filter(({ subject }) => String(subject).startsWith('redemptions'))).toMatchObject([
    { subject: 'redemptions.coupon', name: 'several spellings' },
    { subject: 'redemptions.household', name: 'refers to customers', severity: 'warn', passed: false },
  ])
  await shop.output('docs')
  const dictionary = readFileSync(join(shop.folder, 'data-dictionary.md'), 'utf8')
  expect(dictionary).toContain('| `saved` | `saved` | money | double or null | DECIMAL(18,2) |')
  expect(dictionary).toContain(
    'Made of redemptions (`household`, `coupon`, `saved`, `redeemed_at`), customers (`customer_id`).',
  )
  expect(dictionary).not.toContain('campaign_performance')
  const { places } = await shop.json<{ places: Row[] }>('privacy')
  expect(places.map(({ name }) => name)).toEqual(expect.arrayContaining(['redemptions', 'coupon_use']))
  const { lineage } = await read<{ lineage: { gold: Row[]; silver: Row[] } }>('/api/trust')
  const saved = lineage.gold.find(({ table, column }) => table === 'coupon_use' && column === 'saved')
  expect(saved?.['reads']).toEqual(['redemptions.saved'])
  expect(
    lineage.silver.find(({ collection, column }) => collection === 'redemptions' && column === 'saved'),
  ).toMatchObject({
    bronze: 'redemptions.saved',
    rule: 'money',
  })
})

test('a page without data is left out, and the others are as they were', async () => {
  const { empty } = await read<{ empty: string[] }>('/api/choices')
  expect(empty).toEqual(['campaigns'])
  const { figures } = await read<{ figures: Row }>('/api/pages/trust')
  expect(Object.keys(figures)).toContain('reconciliation')
  const { answers } = await read<{ answers: Row[] }>('/api/answers')
  expect(answers.map(({ number }) => number)).toEqual([1, 2, 4, 5, 6])
})

test('one table alone is made of it', async () => {
  expect(await shop.output('aggregate', '--only', 'coupon_use')).toContain('coupon_use 3')
})

test('the draft of a model names what silver has', async () => {
  await shop.output('new', 'model', 'mine')
  expect(readFileSync(join(shop.folder, 'models/mine.yml'), 'utf8')).toContain('redemptions: household, coupon, saved')
  const { code, stderr } = await shop.lingot(['new', 'model', 'redemptions'])
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is what models call something else'),
  })
})

test.each([
  [
    { 'models/coupon_use.yml': MODEL['models/coupon_use.yml'].replace('redemptions: [', 'redemption: [') },
    /models\/coupon_use.yml, line 5, column 15: reads.redemption: .*redemptions/,
  ],
  [
    { 'models/coupon_use.yml': MODEL['models/coupon_use.yml'].replace('saved, redeemed_at]', 'saving, redeemed_at]') },
    /The model coupon_use reads redemptions.saving, which silver does not have/,
  ],
  [
    {
      'models/coupon_use.yml': MODEL['models/coupon_use.yml'].replace('customers: [customer_id]', 'campaigns: [spend]'),
    },
    /The model coupon_use reads campaigns, which this shop does without/,
  ],
  [
    { 'models/coupon_use.yml': MODEL['models/coupon_use.yml'].replace(/ {2}redemptions: .*\n/, '') },
    /The model coupon_use reads redemptions, which it does not declare/,
  ],
])('what a model cannot read is told before a document is read: %#', async (files, expected) => {
  shop.write(files)
  const { code, stderr } = await shop.lingot(['run'])
  shop.write(MODEL)
  expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.stringMatching(expected) })
})

test('a model that cannot be read keeps no question and no page but its own away', async () => {
  shop.write({ 'models/coupon_use.yml': 'description: [' })
  const config = await loadConfig(shop.folder, settingsOf(shop.place.names))
  const { port, close } = await serve(shop.place, { config })
  try {
    expect(await shop.json('ask')).toHaveLength(5)
    expect((await ask(port, '/api/choices')).json()).toMatchObject({ empty: ['campaigns'] })
    expect((await ask(port, '/api/pages/overview')).status).toBe(200)
  } finally {
    await close()
    shop.write(MODEL)
  }
})

test('a shop without customers has the revenue of its tables on the page of trust', async () => {
  const collections = { ...CONFIG.collections, customers: false }
  const other = await openShop({ 'lingot.config.json': JSON.stringify({ collections }) })
  await other.place.load({ ...bronze, redemptions })
  expect(await other.output('run')).toContain('Without customers there is no country_statistics, customer_distribution')
  const config = await loadConfig(other.folder, settingsOf(other.place.names))
  const page = await serve(other.place, { config })
  const { json } = await ask(page.port, '/api/pages/trust')
  const { figures } = json() as { figures: { reconciliation: { rows: string[][] } } }
  const told = figures.reconciliation.rows.filter((row) => row[7] !== null).map(([table]) => table)
  expect(new Set(told)).toEqual(new Set(['product_performance', 'monthly_revenue']))
  const choices = await ask(page.port, '/api/choices')
  expect(choices.json()).toMatchObject({ empty: ['customers', 'campaigns', 'countries'] })
  for (const name of ['overview', 'products']) expect((await ask(page.port, `/api/pages/${name}`)).status).toBe(200)
  await page.close()
  await other.place.leave()
})
