import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Document } from 'bson'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { draftConfig, layersOf } from '../../src/init/draft.ts'
import { draft } from '../../src/init/look.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { cli, start, workFolder } from '../process.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { lingot } from './lingot.ts'

/** A text that clears the screen, names the window, colours, turns around, and runs in a spreadsheet. */
const attack = '=1+1\u001b[2J\u001b]0;x\u0007\u009b2J\u202e\u2066\r\u0085'
const label = (n: number) => `${attack}${n}`
const utc = new Date('2025-03-01')

const bronze: Record<string, Document[]> = {
  customers: [
    { _id: attack, customer_id: attack, first_name: attack, last_name: attack, country: attack, city: attack },
    { _id: { [attack]: attack }, first_name: 'no id' },
    // Names that JavaScript, MongoDB or a path would take for something else.
    { _id: 3, customer_id: 'C3', $where: 'sleep(1)', ['__proto__']: { polluted: true }, constructor: 1, 'a.b': 1 },
    {
      _id: 4,
      customer_id: 'C4',
      country: '__proto__',
      city: 'constructor',
      first_name: '\u0024{7*7}',
      last_name: '$where',
    },
    { _id: 5, customer_id: 'C5', [attack]: 1, toString: 1, hasOwnProperty: 1 },
  ],
  transactions: [
    ...[1, 2].map((n) => ({
      ...{ _id: label(n), transaction_id: label(n), customer_id: attack, product: label(n), amount: 100 * n },
      ...{ timestamp: utc, status: attack, payment_method: attack, discount_applied: 500 },
    })),
    ...["');drop table product_performance;--", '__proto__', '$where', "\\'; x"].map((product, n) => ({
      ...{ _id: n, transaction_id: `T${n}`, customer_id: 'C4', product, amount: 10, timestamp: utc },
    })),
  ],
  campaigns: [
    {
      ...{ _id: attack, campaign_id: attack, campaign_name: attack, campaign_type: attack, status: attack },
      ...{ budget: 10, spend: 5, clicks: 9, impressions: 3, conversions: 99, start_date: utc },
    },
  ],
}

let place: Place

beforeAll(async () => {
  place = await openPlace()
  await place.load(bronze)
  expect(await lingot(place.names, ['run'])).toMatchObject({ status: 0 })
})

afterAll(() => place.leave())

/** What a terminal obeys, but for ends of lines and the one tab that no command prints. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]/u

const commands: [string, number][] = [
  ['ask', 0],
  ['ask --json', 0],
  ['ask 2 --csv', 0],
  ['report', 0],
  ['report --json', 0],
  ['report --field customers', 0],
  ['report --field ATTACK', 2],
  ['check', 0],
  ['quarantine', 0],
  ['quarantine --collection ATTACK', 2],
  ['explain product ATTACK1', 0],
  ['explain product ATTACK1 --json', 0],
  ['explain customer ATTACK', 0],
  ['explain product ATTACK3', 2],
  ['explain ATTACK ATTACK', 2],
  ['init --print', 0],
  ['ATTACK', 2],
  ['ask ATTACK', 2],
]

async function obeysNothing(command: string, status: number): Promise<void> {
  const args = command.split(' ').map((word) => word.replace('ATTACK', attack))
  const { stdout, stderr, ...ended } = await lingot(place.names, args)
  expect({ ...ended, stdout, stderr }, stderr).toMatchObject({ status })
  expect(stdout).not.toMatch(OBEYED)
  expect(stderr).not.toMatch(OBEYED)
  expect(stdout + stderr).not.toBe('')
}

describe('of a hostile bronze and command line no terminal obeys anything', () => {
  // By itself: who reads silver meanwhile may find that it was replaced.
  test('lingot run', () => obeysNothing('run', 0))

  test.concurrent.each(commands)('lingot %s', obeysNothing)

  const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0

  test.runIf(hasTerminal).each(['ask', 'report', 'check'])('on a terminal: lingot %s', async (command) => {
    const { bronze, silver, goldSchema } = place.names
    const settings = {
      ...{ MONGODB_URI: inject('mongodbUri'), POSTGRES_URL: inject('postgresUrl'), TERM: 'xterm' },
      ...{ LINGOT_BRONZE_DB: bronze, LINGOT_SILVER_DB: silver, LINGOT_GOLD_SCHEMA: goldSchema },
    }
    const shell = `'${process.execPath}' '${cli}' ${command} 2>/dev/null`
    const { status, stdout } = await start('script', ['-qec', shell, '/dev/null'], settings).ended
    expect(status).toBe(0)
    expect(stdout).toContain('\u001b[1m')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of Lingot's own
    expect(stdout.replaceAll('\r\n', '\n').replace(/\u001b\[(?:1|2|22|3[0-9]|39)m/g, '')).not.toMatch(OBEYED)
  })
})

test('values are kept as they are, and read back so from JSON', async () => {
  const { stdout } = await lingot(place.names, ['ask', '2', '--json'])
  const [{ rows }] = JSON.parse(stdout)
  const sold = rows.map(({ product }: { product: string }) => product)
  expect(sold).toEqual(expect.arrayContaining([expect.stringContaining('=1+1\u001b[2J'), '__proto__', '$where']))
  expect(sold).toContain("');drop table product_performance;--")
  expect(Object.prototype).not.toHaveProperty('polluted')
})

describe('what init writes', () => {
  // Names that would end a text, a comment or a line of TypeScript.
  const breaking = [
    "a'b",
    'a\\',
    "a\\'b",
    '`\u0024{x}`',
    '*/',
    '//',
    "');process.exit(9);('",
    'a\u001bb',
    'a\u009bb',
    'é日',
  ]

  test.each(breaking)('names the database %j and nothing else', async (name) => {
    const folder = workFolder()
    const text = draftConfig(name, { matches: [], others: [] })
    expect(text).not.toMatch(OBEYED)
    // What a file may say is less than what a name may be, so the file is asked as a program.
    await writeFile(
      join(folder, 'config.mjs'),
      text.replace("import { defineConfig } from 'lingot'", 'const defineConfig = (it) => it'),
    )
    const { default: settings } = await import(join(folder, 'config.mjs'))
    const collections = { customers: false, campaigns: false }
    expect(settings).toEqual({ bronze: name, ...layersOf(name), collections })
  })

  test('is read, whatever collections and fields are called', async () => {
    const names = [
      "it's",
      'a"b',
      '*/',
      '`\u0024{1}`',
      '\u001b[2J',
      'email\n',
      "e'mail",
      '$where',
      'constructor',
      'a\\',
      '//x',
    ]
    const db = place.client.db(`init${place.names.bronze}`)
    try {
      await db
        .collection('customers')
        .insertOne(Object.fromEntries(['customer_id', ...names].map((name) => [name, 'x'])))
      for (const name of ["cust'omers", 'clients */', '{x}', '`sales`']) await db.collection(name).insertOne({ a: 1 })
      const { text } = await draft(place.client, db.databaseName)
      expect(text).not.toMatch(OBEYED)
      const folder = workFolder()
      await writeFile(join(folder, 'lingot.config.ts'), text)
      expect((await loadConfig(folder, {})).bronze).toBe(db.databaseName)
    } finally {
      await db.dropDatabase()
    }
  })
})

/** Where a command goes that is not refused in time. */
const nowhere = { MONGODB_URI: 'mongodb://127.0.0.1:1', POSTGRES_URL: 'postgresql://127.0.0.1:1/x' }

test.each([
  { [attack]: 1 },
  { collections: { customers: { from: attack, fields: { [attack]: attack } } } },
  { thresholds: [{ field: attack, unknownAtMost: 1 }] },
  { revenue: { leaveOut: [attack] } },
  { bronze: `${attack}/` },
  JSON.parse('{ "__proto__": { "polluted": true } }'),
  JSON.parse('{ "collections": { "__proto__": { "polluted": true } } }'),
])('a hostile configuration file is refused, and shown so that nothing is obeyed (%#)', async (settings) => {
  const folder = workFolder()
  await writeFile(join(folder, 'lingot.config.json'), JSON.stringify(settings))
  const { status, stdout, stderr } = await start(process.execPath, [cli, 'process'], nowhere, folder).ended
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
  expect(stderr).toMatch(/^lingot\.config\.json is not valid\.\n {2}/)
  expect(stderr).not.toMatch(OBEYED)
})

describe('a hostile setting is refused, and shown so that nothing is obeyed', () => {
  test.each([
    ['LINGOT_GOLD_SCHEMA', 'public; drop schema public'],
    ['LINGOT_GOLD_SCHEMA', 'a"b'],
    ['LINGOT_BRONZE_DB', '$cmd'],
    ['LINGOT_BRONZE_DB', attack],
    ['LINGOT_HOME', `/dev/null/${attack}`],
    ['MONGODB_URI', `mongodb://127.0.0.1:1/${attack}`],
    ['POSTGRES_URL', `postgresql://127.0.0.1:1/${encodeURIComponent(attack)}`],
  ])('%s=%j', async (name, value) => {
    const command = name === 'LINGOT_GOLD_SCHEMA' || name === 'POSTGRES_URL' ? 'ask' : 'process'
    const { status, stdout, stderr } = await start(process.execPath, [cli, command], {
      ...(name !== 'LINGOT_HOME' && { MONGODB_URI: inject('mongodbUri'), POSTGRES_URL: inject('postgresUrl') }),
      ...{ LINGOT_MONGODB_PORT: '1', LINGOT_SILVER_DB: place.names.silver, [name]: value },
    }).ended
    expect([3, 4, 5]).toContain(status)
    expect(stdout).toBe('')
    expect(stderr).not.toMatch(OBEYED)
  })
})
