import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'rolldown'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { contracts } from '../../src/contracts/contracts.ts'
import { defineConfig } from '../../src/index.ts'
import { loadConfig, readSettings, settingsSchema } from '../../src/settings/config.ts'
import { LingotError } from '../../src/system/errors.ts'
import { lingot, node } from '../command.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lingot config '))
})

afterEach(async () => {
  await rm(folder, { recursive: true })
})

/** The lines that say what is wrong with settings, as a file would hold them. */
async function problemsOf(settings: unknown): Promise<string[]> {
  const refused = await readSettings(settings, 'lingot.config.ts').catch((error: unknown) => error)
  if (!(refused instanceof LingotError)) return []
  expect(refused.exitCode).toBe(3)
  const [first, ...lines] = refused.message.split('\n')
  expect(first).toBe('lingot.config.ts is not valid.')
  return lines.map((line) => line.trim())
}

const customers = (settings: object) => ({ collections: { customers: settings } })
const transactions = (settings: object) => ({ collections: { transactions: settings } })
const campaigns = (settings: object) => ({ collections: { campaigns: settings } })
const kept = { kind: 'label', meaning: 'It.', personal: false }
const worth = { kind: 'money', meaning: 'It.', personal: false, value: true }

const inFields = 'collections.customers.fields'
const inKeep = 'collections.customers.keep'

const lone = (path: string) => `${path} has a dot beside nothing; a key that has a dot in it stands in a list: ['a.b']`

describe('what is wrong is told by its key', () => {
  test.each<[unknown, ...string[]]>([
    // Keys.
    [{ goldShema: 'x' }, 'goldShema: there is no such key; did you mean goldSchema?'],
    [{ revenue: { leaveout: [] } }, 'revenue.leaveout: there is no such key; did you mean leaveOut?'],
    [
      { collections: { clients: {} } },
      'collections.clients: there is no such key; there are transactions, customers, campaigns; one of your own says its key',
    ],
    [customers({ form: 'x' }), 'collections.customers.form: there is no such key; did you mean from?'],
    [
      customers({ fields: { customerId: 'x' } }),
      `${inFields}.customerId: there is no such key; did you mean customer_id?`,
    ],
    [customers({ fields: { email: { frm: 'x' } } }), `${inFields}.email.frm: there is no such key; did you mean from?`],
    [
      customers({ fields: { gender: { vocabulary: { ad: [], add: [] } } } }),
      `${inFields}.gender.vocabulary.ad: there is no such key; did you mean add?`,
    ],
    [
      customers({ keep: { tier: { ...kept, meening: 'x' } } }),
      `${inKeep}.tier.meening: there is no such key; did you mean meaning?`,
    ],
    [
      { thresholds: [{ field: 'transactions.amount', unknownAtmost: 1, invalidAtMost: 1 }] },
      'thresholds.0.unknownAtmost: there is no such key; did you mean unknownAtMost?',
    ],
    [
      { silvr: 'x', bronz: 'y' },
      'silvr: there is no such key; did you mean silver?',
      'bronz: there is no such key; did you mean bronze?',
    ],

    // Types.
    [[], 'must be an object, not a list'],
    [{ bronze: 3 }, 'bronze: must be a text, not a number'],
    [{ bronze: 'my shop' }, 'bronze: is not a name MongoDB accepts for a database'],
    [{ goldSchema: 'Gold' }, 'goldSchema: must be a lower-case SQL name such as public'],
    [{ timeZone: 'Paris' }, 'timeZone: must be the name of a time zone, such as Europe/Paris'],
    [{ currency: 'euro' }, 'currency: must be the three capital letters of a currency, such as EUR'],
    [customers({ fields: { age: { missing: 0 } } }), `${inFields}.age.missing: must be a list, not a number`],
    [customers({ fields: { age: { missing: [true] } } }), `${inFields}.age.missing.0: must be a text or a number`],
    [
      customers({ fields: { city: { decimal: ',' } } }),
      `${inFields}.city.decimal: is for numbers, and this is a label`,
    ],
    [customers({ fields: { age: { decimal: ';' } } }), `${inFields}.age.decimal: must be one of ., ,`],
    [
      customers({ fields: { customer_id: { scale: 2 } } }),
      `${inFields}.customer_id.scale: is for numbers, and this is an id`,
    ],
    [customers({ fields: { age: { scale: 0 } } }), `${inFields}.age.scale: must be at least 0`],
    [
      customers({ fields: { age: { dates: 'month first' } } }),
      `${inFields}.age.dates: is for dates, and this is a count`,
    ],
    [
      customers({ fields: { created_at: { dates: 'day first' } } }),
      `${inFields}.created_at.dates: must be one of month first`,
    ],
    [customers({ fields: { age: { holds: 'day' } } }), `${inFields}.age.holds: is for dates, and this is a count`],
    [
      customers({ keep: { tier: { kind: 'label', meaning: 'It.', personal: false, scale: 2 } } }),
      'collections.customers.keep.tier.scale: is for numbers, and this is a label',
    ],
    [
      customers({ fields: { customer_id: null } }),
      `${inFields}.customer_id: must be read: a document of customers without it is quarantined`,
    ],
    [{ phoneRegion: 'France' }, 'phoneRegion: must be the two letters of a country, such as FR or BE'],
    [{ collections: null }, 'collections: must be an object, not null'],
    [customers({ from: 3 }), 'collections.customers.from: must be a text, not a number'],
    [
      customers({ fields: { email: 3 } }),
      `${inFields}.email: must be the name of a field in bronze, an object, or null where bronze has no such field`,
    ],
    [
      customers({ fields: { email: { from: 3 } } }),
      `${inFields}.email.from: must be the name of a field in bronze, a path such as address.city, or a list of its keys`,
    ],
    [customers({ fields: { email: ['a', 3] } }), `${inFields}.email.1: must be a text, not a number`],
    [customers({ fields: { email: { from: [] } } }), `${inFields}.email.from: must name a field`],
    [
      customers({ fields: { email: { shared: 'yes' } } }),
      `${inFields}.email.shared: must be true or false, not a text`,
    ],
    [
      customers({ fields: { city: { default: [] } } }),
      `${inFields}.city.default: must be a text, a number, true, false, a date or null`,
    ],
    [
      customers({ fields: { gender: { vocabulary: 'M' } } }),
      `${inFields}.gender.vocabulary: must be a list of words, or { add: [words] }`,
    ],
    [
      customers({ fields: { gender: { vocabulary: ['M', 1] } } }),
      `${inFields}.gender.vocabulary.1: must be a text, not a number`,
    ],
    [{ revenue: { leaveOut: 'Refunded' } }, 'revenue.leaveOut: must be a list, not a text'],
    [
      { thresholds: [{ field: 'transactions.amount', unknownAtMost: 101 }] },
      'thresholds.0.unknownAtMost: must be at most 100',
    ],
    [{ settledMonths: { afterDays: -1 } }, 'settledMonths.afterDays: must be at least 0'],
    [
      { unusualDays: { amountAtmost: 10 } },
      'unusualDays.amountAtmost: there is no such key; did you mean amountAtMost?',
    ],
    [
      { thresholds: [{ field: 'transactions.amount' }] },
      'thresholds.0: needs unknownAtMost, invalidAtMost or repairedAtMost',
    ],

    // Collections.
    [customers({ from: 'a$b' }), 'collections.customers.from: is not a name MongoDB accepts for a collection'],
    [customers({ from: 'transactions' }), 'collections.customers.from: transactions reads transactions already'],

    // Fields of bronze.
    [customers({ fields: { email: 'contact..email' } }), `${inFields}.email.from: ${lone('contact..email')}`],
    [customers({ fields: { email: '' } }), `${inFields}.email.from: must be the name of a field in bronze`],
    [
      customers({ fields: { email: 'constructor' } }),
      `${inFields}.email.from: constructor is no name that can be read`,
    ],
    [customers({ fields: { city: { times: 'n' } } }), `${inFields}.city.times: is for numbers, and this is a label`],
    [customers({ fields: { age: { times: 'n.' } } }), `${inFields}.age.times: ${lone('n.')}`],
    [customers({ fields: { email: '.email' } }), `${inFields}.email.from: ${lone('.email')}`],
    [customers({ fields: { email: ['contact', ''] } }), `${inFields}.email.from: ${lone('contact.')}`],
    [
      customers({ fields: { email: 'contact.toString' } }),
      `${inFields}.email.from: toString is no name that can be read`,
    ],
    [
      customers({ fields: { city: 'address.city', postal_code: ['address', 'city'] } }),
      `${inFields}.postal_code.from: address.city is read by city already; if that is meant, say shared: true`,
    ],
    [
      customers({ fields: { email: 'contact.0' }, keep: { contact: { ...kept, from: 'contact.0', shared: true } } }),
      `${inKeep}.contact.from: contact would hold in clear what email keeps as a hash`,
    ],
    [
      customers({ fields: { city: 'country' } }),
      `${inFields}.city.from: country is read by country already; if that is meant, say shared: true`,
    ],
    [
      customers({ fields: { city: 'place', postal_code: { from: 'place' } } }),
      `${inFields}.postal_code.from: place is read by city already; if that is meant, say shared: true`,
    ],
    [
      customers({ keep: { town: { ...kept, from: 'city' } } }),
      `${inKeep}.town.from: city is read by city already; if that is meant, say shared: true`,
    ],
    [
      customers({ fields: { city: { from: 'email', shared: true } } }),
      `${inFields}.city.from: city would hold in clear what email keeps as a hash`,
    ],
    [
      customers({ fields: { first_name: { from: 'email', shared: true } } }),
      `${inFields}.first_name.from: first_name would hold in clear what email keeps as a hash`,
    ],
    [
      customers({ keep: { code: { kind: 'count', meaning: 'It.', from: 'one', times: 'phone', personal: false } } }),
      `${inKeep}.code.times: code would hold in clear what phone keeps as a hash`,
    ],
    [
      customers({
        keep: { code: { kind: 'count', meaning: 'It.', from: 'one', times: 'first_name', personal: false } },
      }),
      `${inKeep}.code.times: first_name is read by first_name, which is personal, so code is personal too`,
    ],
    [
      customers({ fields: { city: { from: 'first_name', shared: true } } }),
      `${inFields}.city.from: first_name is read by first_name, which is personal, so city is personal too`,
    ],
    [
      customers({ keep: { address: { ...kept, from: 'phone', shared: true } } }),
      `${inKeep}.address.from: address would hold in clear what phone keeps as a hash`,
    ],

    // Defaults.
    [
      customers({ fields: { customer_id: { default: 'none' } } }),
      `${inFields}.customer_id.default: an identity that is missing stays null: with a default, all who have none would be one`,
    ],
    [
      customers({ fields: { email: { default: 'x@y.z' } } }),
      `${inFields}.email.default: an identity that is missing stays null: with a default, all who have none would be one`,
    ],
    [
      customers({ fields: { country: { default: 'Inconnu' } } }),
      `${inFields}.country.default: must stay Unknown: gold leaves it out of its rankings by that word, in SQL that runs as it stands`,
    ],
    [
      customers({ fields: { city: { default: null } } }),
      `${inFields}.city.default: must be a text: other columns count on it`,
    ],
    [customers({ fields: { city: { default: 3 } } }), `${inFields}.city.default: must be a text`],
    [customers({ fields: { city: { default: 'n/a' } } }), `${inFields}.city.default: is itself read as missing`],
    [
      customers({ fields: { city: { default: ' Paris' } } }),
      `${inFields}.city.default: must be Paris, as silver keeps it`,
    ],
    [customers({ fields: { gender: { default: 'm' } } }), `${inFields}.gender.default: must be M, as silver keeps it`],
    [customers({ fields: { age: { default: 121 } } }), `${inFields}.age.default: is too large`],
    [customers({ fields: { age: { default: '40' } } }), `${inFields}.age.default: must be a number`],
    [customers({ fields: { age: { default: 40.5 } } }), `${inFields}.age.default: is not a whole number`],
    [
      customers({ fields: { marketing_consent: { default: 'no' } } }),
      `${inFields}.marketing_consent.default: must be true or false`,
    ],
    [
      customers({ fields: { created_at: { default: '2025-02-30' } } }),
      `${inFields}.created_at.default: is not in the calendar`,
    ],
    [
      customers({ fields: { created_at: { default: 0 } } }),
      `${inFields}.created_at.default: must be a date, such as 2020-01-31`,
    ],
    [
      transactions({ fields: { discount_applied: { default: null } } }),
      'collections.transactions.fields.discount_applied.default: must be a number: other columns count on it',
    ],
    [campaigns({ fields: { spend: { default: -1 } } }), 'collections.campaigns.fields.spend.default: is too small'],
    [
      campaigns({ fields: { spend: { default: 1.005 } } }),
      'collections.campaigns.fields.spend.default: must be 1.01, as silver keeps it',
    ],

    // Vocabularies.
    [
      customers({ fields: { age: { vocabulary: [] } } }),
      `${inFields}.age.vocabulary: is for labels, and this is a count`,
    ],
    [
      customers({ fields: { customer_id: { vocabulary: [] } } }),
      `${inFields}.customer_id.vocabulary: is for labels, and this is an id`,
    ],
    [
      customers({ fields: { city: { vocabulary: ['Liège', 'LIEGE'] } } }),
      `${inFields}.city.vocabulary: "LIEGE" and "Liège" are one word to Lingot, which ignores case, accents and spacing`,
    ],
    [
      customers({ fields: { gender: { vocabulary: { add: ['m'] } } } }),
      `${inFields}.gender.vocabulary: "m" and "M" are one word to Lingot, which ignores case, accents and spacing`,
    ],
    [
      customers({ fields: { city: { vocabulary: ['-'] } } }),
      `${inFields}.city.vocabulary: "-" is no label as silver keeps it: without outer or double spaces, and no word for missing`,
    ],
    [
      customers({ fields: { city: { vocabulary: ['UNKNOWN'] } } }),
      `${inFields}.city.vocabulary: "UNKNOWN" would be a second spelling of Unknown, which stands for a missing value`,
    ],

    // Kept fields.
    [
      customers({ keep: { tier: {} } }),
      `${inKeep}.tier.kind: must be one of label, id, money, count, fractional, date, consent, email, phone`,
      `${inKeep}.tier.meaning: is missing`,
      `${inKeep}.tier.personal: is missing`,
    ],
    [
      customers({ keep: { tier: { ...kept, personal: true } } }),
      `${inKeep}.tier.inClear: must be true, for silver keeps this personal field in clear`,
    ],
    [
      customers({ keep: { tier: { ...kept, kind: 'email' } } }),
      `${inKeep}.tier.personal: must be true, for an email is personal`,
    ],
    [
      customers({ keep: { tier: { ...kept, kind: 'count', default: 'none' } } }),
      `${inKeep}.tier.default: must be a number`,
    ],
    [customers({ keep: { tier: { ...kept, from: 'a.' } } }), `${inKeep}.tier.from: ${lone('a.')}`],
    [
      { collections: { transactions: { keep: { order_id: { ...kept, kind: 'id' } } } } },
      'collections.transactions.keep.order_id: order_id is a field of transactions: it stands under fields',
    ],
    // Filters.
    [
      customers({ keep: { tier: { ...kept, kind: 'count', filter: true } } }),
      `${inKeep}.tier.filter: is for labels and ids`,
    ],
    [
      customers({ keep: { tier: { ...kept, personal: true, inClear: true, filter: true } } }),
      `${inKeep}.tier.filter: is for fields that are not personal, since gold adds sales up by its values`,
    ],
    [
      customers({ keep: { product: { ...kept, filter: true } } }),
      `${inKeep}.product.filter: cannot be true for a field called product, which the sales by filters call something else`,
    ],
    [
      { collections: { campaigns: { keep: { agency: { ...kept, filter: true } } } } },
      'collections.campaigns.keep.agency.filter: is for fields of transactions and customers, since it narrows sales',
    ],
    [
      {
        collections: {
          customers: { keep: { tier: { ...kept, filter: true } } },
          transactions: { keep: { tier: { ...kept, filter: true } } },
        },
      },
      'collections.customers.keep.tier.filter: transactions has a filter tier already; choose another name',
    ],
    [
      transactions({
        keep: Object.fromEntries(
          ['one', 'two', 'three', 'four', 'five', 'six'].map((name) => [name, { ...kept, filter: true }]),
        ),
      }),
      'collections.transactions.keep.six.filter: is true for 5 fields already, and more the dashboard cannot take',
    ],
    // What a campaign brought in.
    [
      { collections: { campaigns: { keep: { attributed: { ...kept, kind: 'count', value: true } } } } },
      'collections.campaigns.keep.attributed.value: is for money, and this is a count',
    ],
    [
      { collections: { campaigns: { keep: { one: worth, other: worth } } } },
      'collections.campaigns.keep.other.value: is true for one already: a campaign has one value',
    ],
    [
      transactions({ keep: { margin: worth } }),
      'collections.transactions.keep.margin.value: is for a field of campaigns',
    ],
    [customers({ keep: { email: kept } }), `${inKeep}.email: customers has a column email already`],
    [customers({ keep: { full_name: kept } }), `${inKeep}.full_name: customers has a column full_name already`],
    [
      customers({ keep: { loyaltyTier: kept } }),
      `${inKeep}.loyaltyTier: must be named in lower case with letters, digits and _; from tells its name in bronze`,
    ],
    [
      customers({ keep: { order: kept } }),
      `${inKeep}.order: order is a word of SQL; choose another, and from tells its name in bronze`,
    ],
    [customers({ keep: { constructor: kept } }), `${inKeep}.constructor: constructor is no name that can be read`],
    [
      transactions({ keep: { country: kept } }),
      'collections.transactions.keep.country: country is what gold calls something else; choose another, and from tells its name in bronze',
    ],

    // Settings that name a field or a status.
    [
      { thresholds: [{ field: 'transactions.amout', invalidAtMost: 1 }] },
      'thresholds.0.field: there is no field transactions.amout; did you mean transactions.amount?',
    ],
    [
      { revenue: { leaveOut: ['Refunded', 'Canceled'] } },
      'revenue.leaveOut.1: collections.transactions.fields.status.vocabulary has no Canceled; did you mean Cancelled?',
    ],
  ])('%j', async (settings, ...expected) => {
    expect(await problemsOf(settings)).toEqual(expected)
  })

  test('all at once', async () => {
    const settings = { ...customers({ fields: { email: 'a..b', age: { default: -1 } } }), phoneRegion: 'XX' }
    expect((await problemsOf(settings)).map((line) => line.split(':')[0])).toEqual([
      `${inFields}.email.from`,
      `${inFields}.age.default`,
      'phoneRegion',
    ])
  })

  test.each<[string, unknown]>([
    ['nothing', {}],
    ['an exchange of names', customers({ fields: { first_name: 'last_name', last_name: 'first_name' } })],
    ['a shared source, said by one', customers({ fields: { city: { from: 'country', shared: true } } })],
    [
      'an email in clear, said',
      customers({
        keep: {
          address: { kind: 'label', meaning: 'It.', from: 'email', shared: true, personal: true, inClear: true },
        },
      }),
    ],
    [
      'collections that change places',
      { collections: { customers: { from: 'campaigns' }, campaigns: { from: 'customers' } } },
    ],
    [
      'an added status that is left out',
      {
        ...transactions({ fields: { status: { vocabulary: { add: ['Lost'] } } } }),
        revenue: { leaveOut: ['Lost', 'Unknown'] },
      },
    ],
    [
      'a limit on a kept field',
      { ...customers({ keep: { tier: kept } }), thresholds: [{ field: 'customers.tier', unknownAtMost: 1 }] },
    ],
  ])('%s is right', async (_, settings) => {
    expect(await problemsOf(settings)).toEqual([])
  })

  test('and ends a command with exit code 3', async () => {
    await writeFile(
      join(folder, 'lingot.config.json'),
      '{ "collections": { "customers": { "fields": { "email": "a..b" } } } }',
    )
    const { code, stdout, stderr } = await lingot(['down'], folder)
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toContain(
      'lingot.config.json is not valid.\n  collections.customers.fields.email.from: a..b has a dot',
    )
  })
})

describe('the file', () => {
  // Inside of the package, whose own name is to be found.
  const built = fileURLToPath(new URL(`../../dist.test-${process.pid}/config.js`, import.meta.url))

  beforeAll(async () => {
    const input = fileURLToPath(new URL('../../src/settings/config.ts', import.meta.url))
    const output = { file: built, format: 'esm', codeSplitting: false } as const
    await build({ input, platform: 'node', external: ['jiti'], output, logLevel: 'warn' })
  })
  afterAll(() => rm(dirname(built), { recursive: true }))

  /** What a Node of its own loads from the folder: vitest would load TypeScript by itself. */
  async function load(): Promise<unknown> {
    const script = `const { loadConfig } = await import(${JSON.stringify(pathToFileURL(built).href)})
      try { console.log((await loadConfig('.', {})).bronze) } catch (error) { console.log(error.kind, error.message) }`
    const { stdout, stderr } = await node(['--input-type=module', '--eval', script], folder)
    expect(stderr).toBe('')
    return stdout.trim()
  }

  test.each([
    ['lingot.config.json', '{ "bronze": "shop" }'],
    ['lingot.config.js', "export default { bronze: 'shop' }"],
    ['lingot.config.js', "module.exports = { bronze: 'shop' }"],
    ['lingot.config.mjs', "export default { bronze: 'shop' }"],
    ['lingot.config.ts', "const bronze: string = 'shop'\nexport default { bronze } satisfies object"],
    ['lingot.config.mts', "export default { bronze: 'shop' as string }"],
    // The package is not installed here; the helper is found all the same.
    ['lingot.config.ts', "import { defineConfig } from 'lingot'\nexport default defineConfig({ bronze: 'shop' })"],
    ['lingot.config.mjs', "import { defineConfig } from 'lingot'\nexport default defineConfig({ bronze: 'shop' })"],
    [
      'lingot.config.ts',
      "import type { Settings } from 'lingot'\nexport default { bronze: 'shop' } satisfies Settings",
    ],
  ])('%s: %s', async (name, content) => {
    await writeFile(join(folder, name), content)
    expect(await load()).toBe('shop')
  })

  test.each([
    ['lingot.config.ts', "import { defineConfig } from 'lingot'\nexport default defineConfig({ bronze: 'shop' })"],
    ['lingot.config.js', "export default { bronze: 'shop' }"],
    ['lingot.config.js', "module.exports = { bronze: 'shop' }"],
    ['lingot.config.mjs', "export default { bronze: 'shop' }"],
  ])('beside the package.json of npm init, %s: %s', async (name, content) => {
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'shop', type: 'commonjs' }))
    await writeFile(join(folder, name), content)
    expect(await load()).toBe('shop')
  })

  test.each([
    ['lingot.config.json', '{ "bronze": }', 'cannot be loaded'],
    ['lingot.config.ts', 'export default {', 'cannot be loaded'],
    ['lingot.config.ts', 'export const bronze = 1', 'cannot be loaded: it has no default export'],
    ['lingot.config.mjs', "import 'nowhere'\nexport default {}", "cannot be loaded: Cannot find package 'nowhere'"],
    ['lingot.config.mjs', "throw new Error('no luck')", 'cannot be loaded: no luck'],
  ])('%s: %s is refused', async (name, content, expected) => {
    await writeFile(join(folder, name), content)
    expect(await load()).toMatch(new RegExp(`^config .*${name} ${expected}`))
  })

  test('is one of its kind', async () => {
    for (const name of ['lingot.config.ts', 'lingot.config.json']) await writeFile(join(folder, name), '{}')
    await expect(loadConfig(folder, {})).rejects.toMatchObject({
      kind: 'config',
      message: `${folder} holds lingot.config.json and lingot.config.ts.`,
    })
  })

  test('is found by its package name in a clone', async () => {
    const clone = fileURLToPath(new URL('../..', import.meta.url))
    const { stdout } = await node(
      ['--input-type=module', '--eval', "console.log(Object.keys(await import('lingot')))"],
      clone,
    )
    expect(stdout).toBe("[ 'LingotError', 'defineConfig', 'open' ]\n")
  })
})

describe('settings', () => {
  const write = (settings: Parameters<typeof defineConfig>[0]) =>
    writeFile(join(folder, 'lingot.config.json'), JSON.stringify(defineConfig(settings)))
  const databases = { bronze: 'raw', silver: 'clean', goldSchema: 'gold' }
  const environment = { LINGOT_BRONZE_DB: 'b', LINGOT_SILVER_DB: 's', LINGOT_GOLD_SCHEMA: 'g' }

  test('have defaults', async () => {
    const expected = { bronze: 'bronze_db', silver: 'silver_db', goldSchema: 'public' }
    expect(await loadConfig(folder, {})).toMatchObject(expected)
    await write({})
    expect(await loadConfig(folder, {})).toMatchObject({ ...expected, phoneRegion: 'FR', leaveOut: [], contracts })
  })

  test('come from the file, and the environment wins', async () => {
    await write(databases)
    expect(await loadConfig(folder, {})).toMatchObject(databases)
    expect(await loadConfig(folder, { ...environment, LINGOT_BRONZE_DB: '' })).toMatchObject({
      bronze: 'raw',
      silver: 's',
      goldSchema: 'g',
    })
  })

  test('keep bronze and silver apart, wherever their names come from', async () => {
    await write({ silver: 'same' })
    await expect(loadConfig(folder, { LINGOT_BRONZE_DB: 'same' })).rejects.toMatchObject({ kind: 'config' })
  })

  test("replace Lingot's own thresholds field by field", async () => {
    await write({ thresholds: [{ field: 'transactions.amount', unknownAtMost: 3, severity: 'error' }] })
    const { thresholds = [] } = await loadConfig(folder, {})
    const of = (field: string) => thresholds.filter((threshold) => threshold.field === field)
    expect(of('transactions.amount')).toEqual([{ field: 'transactions.amount', unknownAtMost: 3, severity: 'error' }])
    expect(of('transactions.product')).toHaveLength(1)
  })
})

describe('docs/configuration.md', () => {
  const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8')

  /** Every key of a schema with its default, collections and fields by a word for them all. */
  function keysOf(schema: unknown, path = ''): [key: string, otherwise: unknown][] {
    if (schema instanceof z.ZodOptional) return keysOf(schema.unwrap(), path)
    if (schema instanceof z.ZodPrefault) return keysOf(schema.unwrap(), path)
    if (schema instanceof z.ZodDefault)
      return keysOf(schema.unwrap(), path).map(([key, inner]) => [key, key === path ? schema.def.defaultValue : inner])
    if (schema instanceof z.ZodArray && schema.element instanceof z.ZodObject)
      return keysOf(schema.element, `${path}[]`)
    if (schema instanceof z.ZodRecord) return keysOf(schema.valueType, `${path}.NAME`)
    if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysOf(option, path))
    if (!(schema instanceof z.ZodObject)) return [[path, undefined]]
    const named = Object.entries(schema.shape).flatMap(([key, inner]) => {
      const names: Record<string, string> = { collections: 'COLLECTION' }
      const name = path.endsWith('.fields') ? 'FIELD' : (names[path] ?? key)
      return keysOf(inner, path === '' ? name : `${path}.${name}`)
    })
    // Fields of a collection of one's own say what kept ones of the others say.
    const own = path === 'collections' ? keysOf(schema.def.catchall, `${path}.COLLECTION`) : []
    return [
      ...named,
      ...own.map(([key, value]): (typeof named)[number] => [key.replace('.fields.NAME', '.keep.NAME'), value]),
    ]
  }

  test('tells every key, its default and its environment variable', async () => {
    const docs = await read('docs/configuration.md')
    const keys = new Map(keysOf(await settingsSchema()))
    expect(keys.size).toBeGreaterThan(20)
    const rows = [...docs.matchAll(/^\| `([$a-zA-Z_.[\]]+)` \| .* \|$/gm)].map(
      ([row, key]) => [key ?? '', row] as const,
    )
    const documented = new Map(rows.filter(([key]) => keys.has(key)))
    expect([...keys.keys()].filter((key) => !documented.has(key))).toEqual([])
    for (const [key, otherwise] of keys) {
      if (typeof otherwise === 'string') expect(documented.get(key), key).toContain(`\`${otherwise}\``)
    }
    // And no key that is not there.
    const [, table = ''] = /## Every key\n([\s\S]*?)\n### /.exec(docs) ?? []
    const told = [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, key]) => key)
    expect(told.filter((key) => key !== undefined && !keys.has(key))).toEqual([])
  })

  test('tells every environment variable', async () => {
    const docs = await read('docs/configuration.md')
    const names = [...(await read('src/settings/config.ts')).matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name)
    expect(names.length).toBeGreaterThan(5)
    expect(names.filter((name) => !docs.includes(`| \`${name}\` |`))).toEqual([])
  })

  test('shows an example that is right, and tells the thresholds there are', async () => {
    const docs = await read('docs/configuration.md')
    const [, example = ''] = /```ts\nimport { defineConfig } from 'lingot'\n([\s\S]*?)```/.exec(docs) ?? []
    await writeFile(join(folder, 'lingot.config.mjs'), `const defineConfig = (it) => it\n${example}`)
    const { thresholds = [] } = await loadConfig(folder, {})
    for (const { field, unknownAtMost } of thresholds) {
      expect(docs).toMatch(new RegExp(`\\| .*\`${field}\`.* \\| ${unknownAtMost} % \\|`))
    }
  })
})

test('every label that gold compares with Unknown must stay Unknown', async () => {
  const folders = ['gold/models', 'gold/questions'] as const
  const { sqlFiles } = await import('../../src/gold/models.ts')
  const sql = folders.flatMap((folder) => sqlFiles(folder).map(({ sql }) => sql)).join('\n')
  const compared = new Set([...sql.matchAll(/(\w+) (?:=|<>) 'Unknown'/g)].map(([, column]) => column ?? ''))
  expect(compared.size).toBe(5)
  const refused: Record<string, string> = { country: 'customers', product: 'transactions' }
  for (const column of compared) {
    const collection = refused[column] ?? 'campaigns'
    const settings = { collections: { [collection]: { fields: { [column]: { default: 'Inconnu' } } } } }
    expect(await problemsOf(settings), column).toEqual([
      expect.stringContaining(`${column}.default: must stay Unknown`),
    ])
  }
})
