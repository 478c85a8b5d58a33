import { describe, expect, test } from 'vitest'
import type { Contract } from '../../src/contracts/contract.ts'
import { defineConfig } from '../../src/index.ts'
import { cleanOf, Flaw } from '../../src/rules/values.ts'
import { configOf, readSettings } from '../../src/settings/config.ts'
import { LingotError } from '../../src/system/errors.ts'

/*
 * What a configuration may say of collections of a shop's own, and of those that it does without.
 */

const field = { kind: 'label', meaning: 'It.', personal: false }
const id = { ...field, kind: 'id' }
const own = (settings: object, name = 'coupons') => ({ collections: { [name]: settings } })
const withFields = (fields: object, more: object = {}) => own({ key: null, fields, ...more })

async function problemsOf(settings: unknown): Promise<string[]> {
  const refused = await readSettings(settings, 'lingot.config.ts').catch((error: unknown) => error)
  if (!(refused instanceof LingotError)) return []
  return refused.message
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
}

async function contractsOf(collections: object): Promise<readonly Contract[]> {
  return (await configOf({ file: 'lingot.config.json', value: { collections } }, {})).contracts
}

describe('what is wrong is told by its key', () => {
  test.each<[unknown, ...string[]]>([
    // The name.
    [
      own({}, 'custmers'),
      'collections.custmers: there is no such key; did you mean customers?; one of your own says its key',
    ],
    [
      own({ key: null, fields: {} }, 'Coupons'),
      'collections.Coupons: must be named in lower case with letters, digits and _, at most 50; from tells its name in bronze',
    ],
    ...[
      'quarantine',
      'runs',
      'lock',
      'sold',
      'customer_metrics',
      'left_out',
      'staged_coupons',
      'models',
      'trial',
      'filtered_sales',
      'filtered_sold',
    ].map((name): [unknown, string] => [
      own({ key: null, fields: {} }, name),
      `collections.${name}: ${name} is what Lingot calls something else; choose another, and from tells its name in bronze`,
    ]),
    [
      own({ key: null, fields: {} }, 'group'),
      'collections.group: group is a word of SQL; choose another, and from tells its name in bronze',
    ],
    [
      own({ key: null, from: 'system.users', fields: {} }),
      'collections.coupons.from: is not a name MongoDB accepts for a collection',
    ],
    // The key.
    [
      own({ key: 5, fields: {} }),
      expect.stringContaining('collections.coupons.key: must be the name of a field, or null'),
    ],
    [own({ key: 'cod', fields: { code: id } }), 'collections.coupons.key: there is no field cod; did you mean code?'],
    [
      own({ key: 'code', fields: { code: field } }),
      'collections.coupons.key: code must be an id to be the key, and is a label',
    ],
    [
      withFields({}, { identity: 'last one wins' }),
      "collections.coupons.key: must be a field where identity is 'last one wins'",
    ],
    // Its fields.
    [
      withFields({ code: { ...id, filter: true } }),
      'collections.coupons.fields.code.filter: is for fields of transactions and customers, since it narrows sales',
    ],
    [withFields({ code: 'x' }), 'collections.coupons.fields.code: must be an object, not a text'],
    [
      withFields({ code: { ...id, form: 'x' } }),
      'collections.coupons.fields.code.form: there is no such key; did you mean from?',
    ],
    [withFields({ code: { kind: 'id', meaning: 'It.' } }), 'collections.coupons.fields.code.personal: is missing'],
    [
      withFields({ id_order: id }),
      'collections.coupons.fields.id_order: id_order is what gold calls something else; choose another, and from tells its name in bronze',
    ],
    [
      withFields({ mail: { ...field, kind: 'email' } }),
      'collections.coupons.fields.mail.personal: must be true, for an email is personal',
    ],
    [
      withFields({ mail: { ...field, kind: 'email', personal: true, inClear: true } }),
      'collections.coupons.fields.mail.inClear: must be left out, for silver keeps its hash',
    ],
    [
      withFields({
        mail: { ...field, kind: 'email', personal: true },
        other: { ...field, from: 'mail', shared: true },
      }),
      'collections.coupons.fields.other.from: other would hold in clear what mail keeps as a hash',
    ],
    [
      withFields({ code: { ...id, vocabulary: ['A'] } }),
      'collections.coupons.fields.code.vocabulary: is for labels, and this is an id',
    ],
    [
      withFields({ code: { ...id, least: 1 } }),
      'collections.coupons.fields.code.least: is for numbers, and this is an id',
    ],
    [
      withFields({ worth: { ...field, kind: 'money', least: 2, most: 1 } }),
      'collections.coupons.fields.worth.most: must not be below least',
    ],
    [
      withFields({ worth: { ...field, kind: 'money', most: 5, default: 6 } }),
      'collections.coupons.fields.worth.default: is too large',
    ],
    // What it refers to.
    [
      withFields({ code: { ...field, refers: 'customers' } }),
      'collections.coupons.fields.code.refers: is for ids, and this is a label',
    ],
    [
      withFields({ code: { ...id, refers: 'campagns' } }),
      'collections.coupons.fields.code: refers to campagns, which is no collection of this shop; did you mean campaigns?',
    ],
    [
      withFields({ code: { ...id, refers: 'coupons' } }),
      'collections.coupons.fields.code: refers to coupons, which has no key',
    ],
    [
      { collections: { campaigns: false, ...withFields({ code: { ...id, refers: 'campaigns' } }).collections } },
      'collections.coupons.fields.code: refers to campaigns, which is no collection of this shop; there are transactions, customers',
    ],
    [
      withFields({ code: { ...id, refers: { to: 'customers', severity: 'grave' } } }),
      'collections.coupons.fields.code.refers.severity: must be one of warn, error',
    ],
    [
      withFields({ customer_id: field }),
      'collections.coupons.fields.customer_id: must be an id: customer_id says whose a record is',
    ],
    // Other readings of the same documents.
    [
      own({ key: null, from: 'customers', fields: { address: { ...field, from: 'email' } } }),
      'collections.coupons.fields.address.from: address would hold in clear what customers.email keeps as a hash',
    ],
    [
      own({ key: null, from: 'customers', fields: { name: { ...field, from: 'last_name' } } }),
      "collections.coupons.fields.name.from: name would hold as nobody's what customers.last_name calls personal",
    ],
    [
      {
        collections: {
          customers: { fields: { email: 'emails.0.address' } },
          ...own({
            key: null,
            from: 'customers',
            each: 'emails',
            fields: { mail: { ...field, from: 'emails.address' } },
          }).collections,
        },
      },
      'collections.coupons.fields.mail.from: mail would hold in clear what customers.email keeps as a hash',
    ],
    [
      {
        collections: {
          transactions: { keep: { receiver: { ...field, from: 'mail' } } },
          ...own({ key: null, from: 'transactions', fields: { mail: { ...field, kind: 'email', personal: true } } })
            .collections,
        },
      },
      'collections.transactions.keep.receiver.from: receiver would hold in clear what coupons.mail keeps as a hash',
    ],
    // What a shop may do without.
    [{ collections: { transactions: false } }, 'collections.transactions: must be an object, not true or false'],
    [
      { collections: { campaigns: true } },
      'collections.campaigns: must be an object, or false where the shop has none',
    ],
    [
      { collections: { campaigns: false }, thresholds: [{ field: 'campaigns.spend', invalidAtMost: 1 }] },
      expect.stringContaining('thresholds.0.field: there is no field campaigns.spend'),
    ],
    [
      { collections: { customers: { form: 'x' } } },
      'collections.customers.form: there is no such key; did you mean from?',
    ],
  ])('%j', async (settings, ...expected) => {
    expect(await problemsOf(settings)).toEqual(expected)
  })
})

test('a collection of its own is a contract like the others, behind them', async () => {
  const contracts = await contractsOf({
    campaigns: false,
    stores: { key: 'store', from: 'shops', identity: 'last one wins', fields: { store: { ...id, from: '_id' } } },
    calls: {
      key: null,
      each: 'seen',
      fields: { store: { ...id, from: 'seen.store', refers: { to: 'stores', atMost: 5, severity: 'error' } } },
      leaveOut: ['test'],
    },
  })
  expect(contracts.map(({ collection }) => collection)).toEqual(['transactions', 'customers', 'stores', 'calls'])
  expect(contracts.slice(2)).toMatchObject([
    { source: 'shops', key: 'store', keyRequired: true, identity: 'last one wins', isOwn: true },
    {
      ...{ source: 'calls', key: null, keyRequired: false, identity: 'equal ones are one', each: ['seen'] },
      leaveOut: [{ field: ['test'] }],
      fields: { store: { source: ['seen', 'store'], refers: { to: 'stores', atMost: 5, severity: 'error' } } },
    },
  ])
})

test('fields have the range, the words and the default that are said of them', async () => {
  const [, , , coupons] = await contractsOf({
    coupons: {
      key: null,
      fields: {
        worth: { ...field, kind: 'money', least: 0, most: 10.5 },
        used: { ...field, kind: 'count', least: -3, most: 3, default: 0 },
        share: { ...field, kind: 'fractional', most: 1 },
        tier: { ...field, vocabulary: ['Gold'], default: 'Basic' },
      },
    },
  })
  const context = { latest: Date.now(), region: 'FR' } as const
  const read = (name: string, value: unknown) => {
    const outcome = coupons?.fields[name]?.read(value, context, {})
    return outcome instanceof Flaw ? outcome.reason : cleanOf(outcome)
  }
  expect(['-0.01', 0, 10.5, '10.51'].map((value) => read('worth', value))).toEqual(['too small', 0, 10.5, 'too large'])
  expect([-4, -3, 3, 4].map((value) => read('used', value))).toEqual(['too small', -3, 3, 'too large'])
  expect([0.5, 1, 1.5].map((value) => read('share', value))).toEqual([0.5, 1, 'too large'])
  expect(read('tier', 'gold')).toBe('Gold')
  expect(coupons?.fields).toMatchObject({
    worth: { least: 0, most: 10.5, default: null },
    used: { default: 0 },
    tier: { default: 'Basic' },
  })
})

test('an editor knows the words of all of them', () => {
  const settings = defineConfig({
    collections: {
      customers: { from: 'clients', fields: { city: 'address.city' } },
      transactions: { from: 'orders', each: 'items', fields: { transaction_id: null, amount: 'items.sales' } },
      campaigns: false,
      coupons: {
        key: null,
        fields: { code: { kind: 'id', personal: false, meaning: 'The coupon.', refers: 'customers', missing: [0] } },
      },
    },
  })
  expect(Object.keys(settings.collections ?? {})).toHaveLength(4)
  // @ts-expect-error A kind that there is not.
  defineConfig({ collections: { coupons: { key: null, fields: { code: { ...id, kind: 'word' } } } } })
})

test('a shop without campaigns has no limit on them', async () => {
  const { thresholds } = await readSettings({ collections: { campaigns: false } }, '')
  expect(thresholds.map(({ field }) => field)).not.toContain('campaigns.campaign_id')
  expect(thresholds.map(({ field }) => field)).toContain('customers.customer_id')
})
