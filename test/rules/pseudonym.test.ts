import { createSecretKey } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { customers } from '../../src/contracts/customers.ts'
import type { Pii } from '../../src/rules/pseudonym.ts'
import { validator } from '../../src/silver/schema.ts'
import type { RecordSet } from '../../src/trust/explain/explanation_schema.ts'
import { hostileBronze } from '../oracle/hostile.ts'
import { lingot, workFolder } from '../process.ts'
import { runProcessor } from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

const KEY = 'a key of the tests, and of them alone'
const keyed = (key: string): Pii => ({ method: 'hmac-sha256', key: createSecretKey(key, 'utf8') })

let place: Place
const silver = () => place.client.db(place.names.silver)

beforeAll(async () => {
  place = await openPlace()
  const people = [
    ['A', 'jean@email.com', '+33612345678'],
    ['B', ' Jean@EMAIL.com ', '06 12 34 56 78'],
    ['C', 'jeanne@email.com', '+33612345679'],
    ['D', 'nobody', 'nothing'],
  ].map(([customer_id, email, phone], _id) => ({ _id, customer_id, email, phone, country: 'France' }))
  const { customers: hostile = [], ...others } = hostileBronze()
  await place.load({
    ...others,
    customers: [...hostile.map((customer, i) => ({ ...customer, _id: `h${i}` })), ...people],
  })
})
afterAll(() => place.leave())

/** What silver has for each customer, by customer. */
async function hashes(field: 'email' | 'phone'): Promise<Map<string, string | null>> {
  const found = await silver().collection('customers').find().sort({ _id: 1 }).toArray()
  return new Map(found.map((customer) => [String(customer['customer_id']), customer[field]]))
}

/** Who is equal to whom: the groups of customers that share a value. */
function groups(values: ReadonlyMap<string, string | null>): string[] {
  const shared = new Map<string | null, string[]>()
  for (const [customer, value] of values) shared.set(value, [...(shared.get(value) ?? []), customer])
  return [...shared].map(([value, people]) => `${value === null ? 'none' : 'some'}: ${people}`)
}

async function run(pii?: Pii): Promise<Record<'email' | 'phone', Map<string, string | null>>> {
  await runProcessor(place.client, { ...place.names, ...(pii && { pii }) })
  return { email: await hashes('email'), phone: await hashes('phone') }
}

describe.each(['email', 'phone'] as const)('%s', (field) => {
  test('is equal under HMAC-SHA-256 where it is equal under MD5, and nowhere else', async () => {
    const md5 = (await run())[field]
    const hmac = (await run(keyed(KEY)))[field]
    expect(groups(md5).length).toBeGreaterThan(3)
    expect(groups(hmac)).toEqual(groups(md5))
    expect(hmac.get('A')).toBe(hmac.get('B'))
    expect([md5.get('A'), hmac.get('A'), hmac.get('C'), hmac.get('D')]).toEqual([
      expect.stringMatching(/^[0-9a-f]{32}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
      null,
    ])
  })

  test('changes with the key, everywhere, by a run alone', async () => {
    const before = (await run(keyed(KEY)))[field]
    const after = (await run(keyed(`${KEY} `)))[field]
    expect(groups(after)).toEqual(groups(before))
    for (const [customer, value] of after) if (value !== null) expect(before.get(customer)).not.toBe(value)
  })
})

test('silver is guarded against what the other method makes', async () => {
  await run(keyed(KEY))
  const fitting = (method: Pii['method']) =>
    silver().collection('customers').countDocuments(validator(customers, method))
  const all = await silver().collection('customers').countDocuments()
  expect(await fitting('hmac-sha256')).toBe(all)
  expect(await fitting('md5')).toBeLessThan(all)
})

describe('the command line', () => {
  const folder = workFolder()
  const settings = () => settingsOf(place.names)

  beforeAll(() => writeFile(join(folder, 'lingot.config.json'), '{ "pii": { "method": "hmac-sha256" } }'))

  test('keeps the key to itself, whatever it prints and records', async () => {
    const { status, stdout, stderr } = await lingot(['run', '--json'], { ...settings(), LINGOT_PII_KEY: KEY }, folder)
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^bronze_\S+ → silver_.*\n$/) })
    expect((await hashes('email')).get('A')).toMatch(/^[0-9a-f]{64}$/)
    const records = await silver().collection('runs').find().toArray()
    expect(stdout + JSON.stringify(records)).not.toContain(KEY)
  })

  test.each([
    ['no key', {}, /^pii\.method is hmac-sha256, and LINGOT_PII_KEY is not set\.\n→ Set it, /],
    ['a short key', { LINGOT_PII_KEY: 'too short a key' }, /^LINGOT_PII_KEY: must be at least 32 characters/],
  ])('with %s stops before it writes, and says what to do', async (_, key, message) => {
    const before = await hashes('email')
    const { status, stdout, stderr } = await lingot(['process', '--json'], { ...settings(), ...key }, folder)
    expect({ status, stdout, stderr }).toEqual({ status: 3, stdout: '', stderr: expect.stringMatching(message) })
    expect(stderr).not.toContain('too short a key')
    expect(await hashes('email')).toEqual(before)
    const staged = (await silver().listCollections().toArray()).filter(({ name }) => name.startsWith('next.'))
    expect(staged).toEqual([])
  })

  test('explains a record by the method of the settings', async () => {
    const args = ['explain', 'country', 'France', '--json', '--limit', '500']
    const { stdout } = await lingot(args, { ...settings(), LINGOT_PII_KEY: KEY }, folder)
    const sets: RecordSet[] = JSON.parse(stdout).silver
    const records = sets.find(({ collection }) => collection === 'customers')?.records ?? []
    expect(records.length).toBeGreaterThan(2)
    expect(records.filter(({ bronze }) => bronze !== 'unchanged')).toEqual([])
  })
})
