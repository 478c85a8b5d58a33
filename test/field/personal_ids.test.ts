import { createHash } from 'node:crypto'
import { Long } from 'bson'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { discreetId, hiding } from '../../src/rules/contacts.ts'
import { lingot, type Settings } from '../process.ts'
import { standard } from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const EMAIL = md5('jean@email.com')
const PHONE = md5('+33612345678')

test.each<[unknown, unknown]>([
  ['jean@email.com', EMAIL],
  [' Jean@Email.com', EMAIL],
  ['from jean@email.com', EMAIL],
  ['+33612345678', PHONE],
  ['+33 6 12 34 56 78', PHONE],
  ['0033612345678', PHONE],
  ['06 12 34 56 78', PHONE],
  ['0612345678', PHONE],
  ['33612345678', PHONE],
  [33612345678, PHONE],
  [Long.fromNumber(33612345678), PHONE],
  [
    { tel: '0612345678', n: 1 },
    { tel: PHONE, n: 1 },
  ],
  [
    ['jean@email.com', 5],
    [EMAIL, 5],
  ],
  [new Map<string, unknown>([['jean@email.com', 1]]), new Map([[EMAIL, 1]])],
  // Ids.
  ['CUST12345', 'CUST12345'],
  ['612345678', '612345678'],
  [612345678, 612345678],
  ['TXN0612345678', 'TXN0612345678'],
  ['2024-01-15T10:00:00Z', '2024-01-15T10:00:00Z'],
  ['1700000000000', '1700000000000'],
  ['6a1c88dfbc0af362ac0037f9', '6a1c88dfbc0af362ac0037f9'],
  ['123e4567-e89b-12d3-a456-426614174000', '123e4567-e89b-12d3-a456-426614174000'],
  [true, true],
  [null, null],
])('the _id %j is shown as %j', (id, shown) => {
  expect(discreetId(id, hiding(standard))).toEqual(shown)
})

let place: Place
let settings: Settings

beforeAll(async () => {
  place = await openPlace()
  settings = settingsOf(place.names)
  await place.load({
    customers: [
      { _id: 'jean@email.com', customer_id: 'C1', age: 'old' },
      { _id: '0612345678', age: 'old' },
    ],
    transactions: [{ _id: '+33612345678', transaction_id: 'T1', customer_id: 'C1', amount: -1, product: 'Mouse' }],
  })
  expect(await lingot(['run'], settings)).toMatchObject({ status: 0 })
})
afterAll(() => place.leave())

test.each([
  [
    ['report', '--json'],
    [EMAIL, PHONE],
  ],
  [
    ['report', '--field', 'customers.age'],
    [EMAIL, PHONE],
  ],
  [['quarantine'], [PHONE]],
  [['quarantine', '--json'], [PHONE]],
  [['explain', 'product', 'Mouse', '--json'], [PHONE]],
  [
    ['run', '--json'],
    [EMAIL, PHONE],
  ],
])('lingot %j shows hashes', async (args, hashes) => {
  const { status, stdout, stderr } = await lingot(args, settings)
  expect(status).toBe(0)
  expect(stderr).not.toMatch(/\n./)
  expect(stdout + stderr).not.toMatch(/jean@email|612345678/)
  for (const hash of hashes) expect(stdout).toContain(hash.slice(0, 12))
})

test('a record that a version before left shows them too, and new records hold none', async () => {
  const runs = place.client.db(place.names.silver).collection('runs')
  expect(JSON.stringify(await runs.find().toArray())).not.toMatch(/jean@email|612345678/)
  await runs.updateMany({}, { $set: { 'silver.customers.fields.age.invalid.old.examples': ['jean@email.com'] } })
  await runs.updateMany({}, { $set: { 'silver.customers.fields.age.invalid.old.count': 1 } })
  const { stdout } = await lingot(['report', '--json'], settings)
  expect(stdout).not.toContain('jean@email')
})

test('why a number changed is told by hashes as well', async () => {
  const sales = place.client.db(place.names.bronze).collection<{ _id: string }>('transactions')
  await sales.updateOne({ _id: '+33612345678' }, { $set: { amount: -2 } })
  expect(await lingot(['run'], settings)).toMatchObject({ status: 0 })
  for (const args of [['--json'], []]) {
    const { status, stdout } = await lingot(['why', 'product', 'Mouse', ...args], settings)
    expect({ status, stdout }).toMatchObject({ status: 0, stdout: expect.stringContaining(PHONE.slice(0, 11)) })
    expect(stdout).not.toContain('612345678')
  }
})

describe('a row at fault', () => {
  const runs = () => place.client.db(place.names.silver).collection('runs')
  const labels = {
    customer_id: 'jean@email.com',
    country: 'marie@email.com',
    product: '06 12 34 56 78',
    id: 'K marie@email.com',
  }
  beforeAll(async () => {
    // One of them was changed to be as of an earlier version.
    await runs().deleteMany({})
    await place.load({
      customers: [{ _id: 1, customer_id: labels.customer_id, country: labels.country }],
      transactions: [
        {
          _id: 1,
          transaction_id: 'T1',
          customer_id: labels.customer_id,
          product: labels.product,
          amount: 1,
          discount_applied: 9,
        },
      ],
      campaigns: [{ _id: 1, campaign_id: labels.id, impressions: 1, clicks: 2 }],
    })
    expect(await lingot(['run', '--accept-shrink'], settings)).toMatchObject({ status: 0 })
  })

  test.each([[['run', '--json']], [['check']], [['check', '--json']], [['report', '--json']]])(
    'is named by the hash of a label that is one in lingot %j',
    async (args) => {
      const { stdout, stderr } = await lingot(args, settings)
      expect(stdout).toMatch(/at fault/)
      expect(stdout + stderr).not.toMatch(/@email|12 ?34 ?56 ?78/)
      expect(stdout).toContain(EMAIL.slice(0, 12))
    },
  )

  test('is so in the records of runs, too, and forgotten with its customer', async () => {
    const records = async () => JSON.stringify(await runs().find().toArray())
    expect(await records()).toContain(EMAIL)
    expect(await records()).not.toMatch(/@email|12 ?34 ?56 ?78/)
    const key = { LINGOT_ERASURE_KEY: 'x'.repeat(32) }
    const erased = await lingot(['erase', labels.customer_id, '--yes', '--accept-shrink'], { ...settings, ...key })
    expect(erased).toMatchObject({ status: 0 })
    expect(await records()).not.toContain(EMAIL)
  })
})
