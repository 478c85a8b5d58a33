import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkCommand } from '../../src/commands/check.ts'
import { explainCommand } from '../../src/commands/explain.ts'
import { quarantineCommand } from '../../src/commands/quarantine.ts'
import { reportCommand } from '../../src/commands/report.ts'
import { lingot as run } from '../command.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'
import { lingot, within } from './lingot.ts'

let place: Place
let folder: string

const utc = (text: string): Date => new Date(text)
const byHand = {
  customers: [
    { _id: 1, customer_id: 'C1', first_name: 'Zébulon', last_name: 'Quatrevingt', email: 'zebulon@example.org' },
    { _id: 2, customer_id: 'C1', email: 'zebulon@example.org', country: 'france' },
    { _id: 3, first_name: 'Zébulon', email: 'nobody@example.org' },
  ],
  transactions: [
    {
      _id: 1,
      transaction_id: 'T1',
      customer_id: 'C1',
      product: 'Laptop',
      amount: '1 000,50 €',
      timestamp: utc('2025-03-31T12:00:00Z'),
      status: 'Refunded',
    },
    {
      _id: 2,
      transaction_id: 'T2',
      customer_id: 'C1',
      product: 'LAPTOP',
      amount: 10,
      discount_applied: 20,
      timestamp: utc('2025-03-01T00:00:00Z'),
      coupon: 'X',
    },
    { _id: 3, transaction_id: 'T3', customer_id: 'C9', amount: 'free', timestamp: utc('2025-04-01T00:00:00Z') },
    { _id: 4, transaction_id: 'T3', product: 'Mouse', amount: -5 },
  ],
  campaigns: [
    {
      _id: 'a',
      campaign_id: 'CAMP1',
      campaign_name: 'Été',
      budget: 100,
      spend: 80,
      clicks: 9,
      impressions: 8,
      start_date: utc('2025-01-01'),
    },
    { _id: 'b', campaign_name: 'Nameless' },
  ],
}

beforeAll(async () => {
  place = await openPlace()
  folder = await mkdtemp(join(tmpdir(), 'lingot junit-'))
  await place.load(byHand)
  await runPipeline(place.client, place.postgresUrl, place.names)
})
afterAll(async () => {
  await place.leave()
  await rm(folder, { recursive: true })
})

/** What differs from run to run, in as many characters. */
function steady(text: string): string {
  return text
    .replace(/\b[0-9a-f]{24}\b/g, '<run of 24 characters >')
    .replace(/\d{4}-\d{2}-\d{2} \d{2}:\d{2}/g, 'yyyy-mm-dd hh:mm')
    .replace(/\d+\.\d MB/g, 'n MB')
    .replace(/\d\.\d(?= +\d+\/\d+)/g, 's.s')
}

describe('what people see of', () => {
  test.each<[string, () => Promise<void>]>([
    ['report', () => reportCommand({})],
    ['report --field transactions.amount', () => reportCommand({ field: 'transactions.amount' })],
    ['quarantine', () => quarantineCommand({})],
    ['quarantine --collection transactions', () => quarantineCommand({ collection: 'transactions' })],
    ["quarantine --reason 'no id' --limit 1", () => quarantineCommand({ reason: 'no id', limit: 1 })],
    ['check', () => checkCommand({})],
    ['explain customer C1', () => explainCommand('customer', 'C1', {})],
    ['explain product Laptop --limit 1', () => explainCommand('product', 'Laptop', { limit: 1 })],
    ['explain product Laptop --limit 1 --all', () => explainCommand('product', 'Laptop', { limit: 1, all: true })],
    ['report --all', () => reportCommand({ all: true })],
    ['explain campaign CAMP1', () => explainCommand('campaign', 'CAMP1', {})],
    ['explain month 2025-04', () => explainCommand('month', '2025-04', {})],
    ['explain country France', () => explainCommand('country', 'France', {})],
    ['explain product Mouse --sql', () => explainCommand('product', 'Mouse', { sql: true })],
  ])('lingot %s', async (name, command) => {
    const { status, stdout, stderr } = await within(place.names, command)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(steady(stdout)).toMatchSnapshot()
    const lines = stdout.split('\n').map((line) => [...line].length)
    expect(Math.max(...lines)).toBeLessThanOrEqual(name === 'check' ? 120 : 100)
    expect(stdout.replaceAll('\n', '')).not.toMatch(/example\.org|Zébulon|Quatrevingt|\p{Cc}/u)
  })
})

describe('JSON and nothing else is what is printed by', () => {
  test.each<[string, () => Promise<void>, object]>([
    [
      'report',
      () => reportCommand({ json: true }),
      { silver: {}, gold: {}, checks: {}, runs: [{ outcome: 'succeeded' }] },
    ],
    [
      'report --field',
      () => reportCommand({ json: true, field: 'customers.email' }),
      [{ field: 'email', documents: 3 }],
    ],
    [
      'quarantine',
      () => quarantineCommand({ json: true, collection: 'campaigns' }),
      { counts: [{ collection: 'campaigns', reason: 'no id', documents: 1 }], documents: [{ document_id: 'b' }] },
    ],
    ['check', () => checkCommand({ json: true }), expect.arrayContaining([expect.objectContaining({ passed: true })])],
    [
      'explain',
      () => explainCommand('month', '2025-03', { json: true }),
      { table: 'monthly_revenue', key: { column: 'month', value: '2025-03-01' }, silver: [{ documents: 2 }] },
    ],
  ])('lingot %s --json', async (_, command, expected) => {
    const { status, stdout, stderr } = await within(place.names, command)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout)).toMatchObject(expected)
    expect(stdout).not.toMatch(/example\.org|Zébulon|Quatrevingt/)
  })
})

describe('where nothing was made yet, 7 is the exit code of', () => {
  const nowhere = { bronze: 'nowhere_b', silver: 'nowhere_s', goldSchema: 'nowhere' }
  test.each<[string, () => Promise<void>]>([
    ['report', () => reportCommand({})],
    ['quarantine', () => quarantineCommand({})],
    ['check', () => checkCommand({})],
    ['explain', () => explainCommand('product', 'Laptop', {})],
  ])('lingot %s', async (_, command) => {
    const { status, stdout, stderr } = await within(nowhere, command)
    expect({ status, stdout }).toEqual({ status: 7, stdout: '' })
    expect(stderr).toMatch(/→ .*`lingot (run|process)`/)
  })
})

describe('a command line that cannot be followed ends with 2', () => {
  test.each([
    [['report', '--last', '0'], 'at least 1'],
    [['check', '--junit', '/nowhere/at/all.xml'], 'cannot be written'],
    [
      ['explain', 'sale', 'T1'],
      'sale cannot be explained.\n→ Name a customer, a product, a campaign, a month, a country.',
    ],
    [['explain', 'product', "x'; drop table product_performance; --"], 'has no row for the product'],
  ])('lingot %j', async (args, message) => {
    const { status, stdout, stderr } = await lingot(place.names, args)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('at async')
  })
})

test.each(['report', 'check', 'quarantine', 'explain'])(
  'lingot %s --help shows an example that works',
  async (command) => {
    const { stdout } = await lingot(place.names, [command, '--help'])
    const [, example = ''] = /Example:\n {2}\$ lingot (.*)\n/.exec(stdout) ?? []
    expect(example.startsWith(`${command} `)).toBe(true)
    const args = example.split(' ').map((arg) => (arg.endsWith('.xml') ? join(folder, 'example.xml') : arg))
    expect(await lingot(place.names, args)).toMatchObject({ status: 0, stderr: '' })
  },
)

test('where the gate fails, gold stays, 9 is the exit code, and JUnit, report and run tell the rows', async () => {
  const gold = () => place.gold('select * from customer_metrics')
  const before = await gold()
  const customers = place.client.db(place.names.silver).collection('customers')
  const twin = await customers.findOne({ customer_id: 'C1' }, { projection: { _id: 0 }, promoteValues: false })
  await customers.insertOne({ ...twin })

  const aggregate = await lingot(place.names, ['aggregate'])
  expect(aggregate).toMatchObject({ status: 9, stdout: '' })
  expect(aggregate.stderr).toContain('the old gold stays')
  expect(aggregate.stderr).toContain(
    'customer_metrics: unique: customer_id: 1 row at fault\n    customer_id C1, times 2\n',
  )
  expect(await gold()).toEqual(before)

  const report = await within(place.names, () => reportCommand({}))
  expect(report.stdout).toMatch(/aggregate +✖ gate/)
  expect(report.stdout).toContain('the old gold stayed')
  expect(report.stdout).toContain('✖ customer_metrics: unique: customer_id: 1 row at fault (customer_id C1, times 2)')

  const file = join(folder, 'checks.xml')
  const check = await lingot(place.names, ['check', '--junit', file])
  expect(check.status).toBe(9)
  expect(check.stdout).toContain('  ✖ unique: customer_id: 1 row at fault\n      customer_id C1, times 2\n')
  const xml = await readFile(file, 'utf8')
  expect(xml).toContain('<failure message="1 row at fault" type="error">')
  expect(xml).toContain('{"customer_id":"C1","times":2}')
  expect((await readdir(folder)).filter((name) => name !== 'example.xml')).toEqual(['checks.xml'])
  expect(await gold()).toEqual(before)

  await customers.deleteOne({ ...twin, _id: { $nin: [1, 2, 3] } } as object)
  expect(await within(place.names, () => checkCommand({ junit: file }))).toMatchObject({ status: 0 })
  expect(await lingot(place.names, ['aggregate'])).toMatchObject({ status: 0 })
  expect(await gold()).toEqual(before)
})

// To open it takes a twentieth of a second.
test.for([['report'], ['quarantine'], ['ask', '1'], ['explain', 'country', 'France'], ['check', '--all']])(
  'lingot %s opens DuckDB only where it is needed',
  async (words) => {
    const spy = join(folder, 'spy.cjs')
    await writeFile(
      spy,
      `const open = process.dlopen
       process.dlopen = (module, file, ...flags) => {
         process.stderr.write('opens ' + file)
         return open(module, file, ...flags)
       }`,
    )
    const { code, stderr } = await run(words, folder, {
      ...settingsOf(place.names),
      NODE_OPTIONS: `--require ${JSON.stringify(spy)}`,
    })
    expect({ code, isOpened: /opens .*duckdb/.test(stderr) }).toEqual({ code: 0, isOpened: words[0] === 'check' })
  },
)
