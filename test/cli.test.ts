import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { readQuestions } from '../src/gold/questions.ts'
import { failures } from '../src/system/errors.ts'
import { reproducibleTables } from './gold/reproducible.ts'
import { cli, type Ended, lingot, root, type Settings, start, startLingot } from './process.ts'
import { settingsOf } from './trust/place.ts'

const id = new ObjectId().toHexString()
const names = { bronze: `bronze_${id}`, silver: `silver_${id}`, gold: `gold_${id}` }

let settings: Settings
let client: MongoClient
let postgres: pg.Client

beforeAll(async () => {
  settings = settingsOf({ ...names, goldSchema: names.gold })
  client = await MongoClient.connect(inject('mongodbUri'))
  postgres = new pg.Client({ connectionString: inject('postgresUrl') })
  await postgres.connect()
})

afterAll(async () => {
  await client.db(names.bronze).dropDatabase()
  await client.db(names.silver).dropDatabase()
  await postgres.query(`drop schema if exists ${names.gold} cascade`)
  await postgres.end()
  await client.close()
})

function run(...args: string[]): Promise<Ended> {
  return lingot(args, settings)
}

/** What is printed by a command that succeeds and has nothing to complain of. */
async function output(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await run(...args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** What is printed as JSON; beside it stands at most where a command wrote. */
async function json(...args: string[]): Promise<unknown> {
  const { status, stdout, stderr } = await run(...args, '--json')
  expect({ status, stderr: stderr.replace(/^\S+( → \S+)? at 127\.0\.0\.1:\d+.*\n$/, '') }).toEqual({
    status: 0,
    stderr: '',
  })
  return JSON.parse(stdout)
}

/** Every row of gold as text, but what tells about runs. */
async function gold(): Promise<unknown> {
  const rows = []
  for (const table of reproducibleTables) {
    rows.push((await postgres.query(`select t::text from ${names.gold}.${table} t order by 1`)).rows)
  }
  return rows
}

/** Every document of silver, but what tells about runs. */
async function silver(): Promise<unknown> {
  const db = client.db(names.silver)
  const collections = (await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name).sort()
  const ids = collections
    .filter((name) => name !== 'runs')
    .map((name) => db.collection(name).find().sort({ _id: 1 }).toArray())
  return [collections, await Promise.all(ids)]
}

const hasPsql = spawnSync('psql', ['--version']).status === 0

/** The rows that psql prints for a script; without a psql, what PostgreSQL gives. */
async function inPsql(sql: string): Promise<string[][]> {
  if (hasPsql) {
    const psql = start('psql', [inject('postgresUrl'), '-XqAt', '-v', 'ON_ERROR_STOP=1'], {})
    psql.child.stdin?.end(sql)
    const { status, stdout, stderr } = await psql.ended
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split('|'))
  }
  const results = [await postgres.query({ text: sql, types: { getTypeParser: () => (text: string) => text } })].flat()
  return results.flatMap(({ rows }) => rows.map((row) => Object.values(row).map((cell) => String(cell ?? ''))))
}

// The commands that are there, as the help lists them.
const help = await lingot(['--help'], {})
const commands = [...help.stdout.matchAll(/^ {2}([a-z]+) /gm)]
  .map(([, name = '']) => name)
  .filter((name) => name !== 'help')

describe('help', () => {
  test('lists every command', () => {
    expect(commands).toEqual(
      expect.arrayContaining(['start', 'generate', 'process', 'aggregate', 'run', 'ask', 'up', 'down', 'doctor']),
    )
  })

  test.concurrent.each(commands)('of %s shows an example', async (command) => {
    const { status, stdout, stderr } = await run(command, '--help')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(`\nExample:\n  $ lingot ${command}`)
  })

  test('is shown, as an error, where no command is named', async () => {
    expect(await run()).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Usage: lingot') })
  })
})

test('the command of the package is the one that is built', async () => {
  const { bin, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const { status, stdout } = await start(process.execPath, [join(root, bin.lingot), '--version'], {}).ended
  expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` })
})

test('docs/commands.md lists every kind of failure with its exit code', () => {
  const docs = readFileSync(join(root, 'docs', 'commands.md'), 'utf8')
  const listed = [...docs.matchAll(/^\| (\d+) \| (\w+) \| (.*) \|$/gm)].map(([, exit, kind, means]) => [
    kind,
    Number(exit),
    means,
  ])
  expect(listed).toEqual(Object.entries(failures).map(([kind, { exit, means }]) => [kind, exit, means]))
})

describe('what cannot be done', () => {
  const nowhere = 'postgresql://someone:s3cret@127.0.0.1:1/gold_db'

  test.concurrent.each<[string, string[], Settings, keyof typeof failures, RegExp]>([
    ['an unknown command', ['askk'], {}, 'usage', /^There is no command askk\. Did you mean ask\?\n→ See .*--help/],
    ['an unknown option', ['run', '--bogus'], {}, 'usage', /^There is no option --bogus\.\n→ /],
    [
      'a name that no question has',
      ['ask', 'one'],
      {},
      'usage',
      /^There is no question one\.\n→ Ask one of 1, 2, 3, 4, 5\.\n$/,
    ],
    [
      'a question that is not there',
      ['ask', '9'],
      {},
      'usage',
      /^There is no question 9\.\n→ Ask one of 1, 2, 3, 4, 5\.\n$/,
    ],
    ['CSV of several tables', ['ask', '--csv'], {}, 'usage', /^CSV holds one table\.\n→ Name one question/],
    ['two outputs at a time', ['ask', '1', '--csv', '--json'], {}, 'usage', /one of --json, --csv and --sql/],
    ['no data', ['generate', '--scale', '0'], {}, 'usage', /above 0/],
    [
      'a port that is none',
      ['run', '--json'],
      { LINGOT_MONGODB_PORT: 'x' },
      'config',
      /^LINGOT_MONGODB_PORT: must be a port, from 1 to 65535\.\n→ /,
    ],
    [
      'a connection string of another kind',
      ['ask'],
      { POSTGRES_URL: 'mysql://u:s3cret@x' },
      'config',
      /^POSTGRES_URL: must begin with postgresql:\/\//,
    ],
    [
      'a PostgreSQL that is set and not there',
      ['ask', '--json'],
      { POSTGRES_URL: nowhere },
      'server',
      /^PostgreSQL at postgresql:\/\/someone:\*\*\*@127/,
    ],
    ['an empty bronze', ['run', '--json'], { LINGOT_BRONZE_DB: `${names.bronze}_0` }, 'bronze', /holds no documents/],
    [
      'a missing silver',
      ['aggregate', '--json'],
      { LINGOT_SILVER_DB: `${names.silver}_0` },
      'data',
      /→ Make silver first/,
    ],
    [
      'a missing gold',
      ['ask', '--json'],
      { LINGOT_GOLD_SCHEMA: `${names.gold}_0` },
      'data',
      /^Gold has no tables yet\.\n→ /,
    ],
  ])('%s', async (_, args, others, kind, message) => {
    const { status, stdout, stderr } = await lingot(args, { ...settings, ...others })
    expect({ status, stdout }).toEqual({ status: failures[kind].exit, stdout: '' })
    expect(stderr).toMatch(message)
    expect(stderr).not.toContain('s3cret')
  })
})

describe('from bronze to answers', () => {
  test('generate fills an empty bronze, and leaves one that holds data alone unless it is forced', async () => {
    const counts = { customers: 100, transactions: 300, campaigns: 4 }
    expect(await json('generate', '--scale', '0.02')).toEqual(counts)
    const first = () =>
      client
        .db(names.bronze)
        .collection('customers')
        .findOne({}, { sort: { _id: 1 } })
    const before = await first()
    const { status, stdout, stderr } = await run('generate', '--scale', '0.02', '--seed', '9', '--json')
    expect({ status, stdout }).toEqual({ status: failures.bronze.exit, stdout: '' })
    expect(stderr).toMatch(/holds documents already.*\n→ .*--force/)
    expect(await first()).toEqual(before)
    expect(await json('generate', '--scale', '0.02', '--seed', '9', '--force')).toEqual(counts)
    expect(await first()).not.toEqual(before)
  })

  test('process, aggregate and run say what they did', async () => {
    const silver = { customers: { bronze: 100 }, transactions: { bronze: 300 }, campaigns: { bronze: 4 } }
    const made = { product_performance: expect.any(Number), reconciliation: expect.any(Number) }
    expect(await json('process')).toMatchObject({ outcome: 'succeeded', silver })
    expect(await json('aggregate')).toMatchObject({ outcome: 'succeeded', gold: made })
    const before = await gold()
    expect(await json('run')).toMatchObject({ outcome: 'succeeded', silver, gold: made })
    expect(await gold()).toEqual(before)
  })

  test('ask answers all questions, or one, as text, JSON and CSV', async () => {
    const titles = readQuestions().map(({ number, title }) => ({ number, question: title }))
    const text = await output('ask')
    for (const { number, question } of titles) expect(text).toContain(`${number}. ${question}\n`)
    expect(await json('ask')).toMatchObject(titles)
    const [first] = (await json('ask', '1')) as { rows: Record<string, string | number | null>[] }[]
    const [header = '', ...lines] = (await output('ask', '1', '--csv')).trimEnd().split('\n')
    expect(header.split(',')).toEqual(Object.keys(first?.rows[0] ?? {}))
    expect(lines).toHaveLength(first?.rows.length ?? 0)
  })

  test.each([['2'], []])('the SQL of the answers runs as it is printed, and gives them: %s', async (...asked) => {
    const answers = (await json('ask', ...asked)) as { rows: Record<string, string | number | null>[] }[]
    const text = (cell: string | number | null) =>
      /^-?\d+\.\d+$/.test(String(cell)) ? String(Number(cell)) : String(cell ?? '')
    const printed = await inPsql(await output('ask', ...asked, '--sql'))
    expect(printed.map((row) => row.map(text))).toEqual(
      answers.flatMap(({ rows }) => rows.map((row) => Object.values(row).map(text))),
    )
  })

  test('start makes a sample once, and gives the same gold each time', async () => {
    await client.db(names.bronze).dropDatabase()
    const first = await output('start')
    const made = await gold()
    const second = await output('start')
    expect(await gold()).toEqual(made)
    expect(first).toMatch(
      /^Servers\n {2}MongoDB [\d.]+ +127\.0\.0\.1:\d+ +as configured\n {2}PostgreSQL .*\n\nBronze \(a sample/,
    )
    expect(first).toContain('5,000 customers, 15,000 transactions, 200 campaigns')
    expect(first).not.toMatch(/admin123|analyst123/)
    // Months that are over have something to be compared with the second time alone.
    const counted = (text: string) =>
      text
        .replace(/\d+ of \d+ checks passed/, 'checks passed')
        .replace(/^ {2}(Since the run before:|! monthly_revenue: settled months:).*\n/gm, '')
    expect(counted(second)).toEqual(counted(first.replace(' (a sample, made now)', '')))
  })

  test('nothing but text goes where no terminal is', async () => {
    const texts = await Promise.all([output('run'), output('ask'), output('doctor'), output('--help')])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    for (const text of texts) expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  })

  test('who has seen enough of the output is not told off', async () => {
    const { child, ended } = startLingot(['ask', '--json'], settings)
    child.stdout?.destroy()
    expect(await ended).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('a run that cannot be finished leaves silver and gold as they were', () => {
  let before: unknown

  beforeAll(async () => {
    before = [await silver(), await gold()]
  })

  async function expectFailure(ended: Promise<Ended>, kind: keyof typeof failures, message: RegExp): Promise<void> {
    const { status, stdout, stderr } = await ended
    expect({ status, stdout }).toEqual({ status: failures[kind].exit, stdout: '' })
    expect(stderr).toMatch(message)
  }

  test('for want of a right in MongoDB', async () => {
    const user = `reader_${id}`
    await client.db(names.bronze).command({ createUser: user, pwd: 's3cret', roles: ['read'] })
    const uri = `mongodb://${user}:s3cret@${new URL(inject('mongodbUri')).host}/${names.bronze}`
    await expectFailure(
      lingot(['process', '--json'], { ...settings, MONGODB_URI: uri }),
      'permission',
      /^MongoDB refused: .*\n→ Grant/,
    )
    await client.db(names.bronze).command({ dropUser: user })
    expect([await silver(), await gold()]).toEqual(before)
  })

  test('for want of a right in PostgreSQL', async () => {
    const schema = `${names.gold}_locked`
    await postgres.query(`create schema ${schema}; revoke create on schema ${schema} from current_user`)
    const locked = lingot(['aggregate', '--json'], { ...settings, LINGOT_GOLD_SCHEMA: schema })
    await expectFailure(
      locked,
      'permission',
      /^PostgreSQL would refuse to write gold: .*\n→ Nothing was changed. Grant/,
    )
    await postgres.query(`drop schema ${schema}`)
  })

  test("since a table of one of gold's names is not Lingot's", async () => {
    const schema = `${names.gold}_view`
    await postgres.query(`create schema ${schema}; create table ${schema}.monthly_revenue (month text)`)
    const blocked = lingot(['aggregate', '--json'], { ...settings, LINGOT_GOLD_SCHEMA: schema })
    await expectFailure(
      blocked,
      'publish',
      /monthly_revenue is not a table of Lingot.*\n→ Nothing was changed. Give gold a schema/,
    )
    await postgres.query(`drop schema ${schema} cascade`)
  })

  test('since a check failed', async () => {
    const sales = client.db(names.silver).collection('transactions')
    const customers = client.db(names.silver).collection('customers')
    const buyer = (await sales.distinct('customer_id')).find((id) => id !== null)
    const twins = [new ObjectId(), new ObjectId()]
    for (const _id of twins) {
      const twin = { $set: { _id, customer_id: buyer } }
      await customers.aggregate([{ $limit: 1 }, twin, { $merge: { into: 'customers' } }]).toArray()
    }
    await expectFailure(
      run('aggregate', '--json'),
      'gate',
      /^Gold was not published, [\s\S]*customer_metrics: unique: customer_id/,
    )
    await customers.deleteMany({ _id: { $in: twins } })
    expect([await silver(), await gold()]).toEqual(before)
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('after %s, within two seconds', async (signal) => {
    const { child, ended } = startLingot(['run'], settings)
    const staged = () =>
      client
        .db(names.silver)
        .listCollections({ name: /^next\./ })
        .toArray()
    while ((await staged()).length < 4) expect(child.exitCode).toBeNull()
    const asked = Date.now()
    child.kill(signal)
    await expectFailure(
      ended,
      'interrupted',
      /^Stopped\. Nothing is half done: each layer is whole\.\n→ Run it again\.\n$/,
    )
    expect(Date.now() - asked).toBeLessThan(2000)
    expect([await silver(), await gold()]).toEqual(before)
  })

  const hasTerminal = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0

  test.runIf(hasTerminal)('after Ctrl-C on a terminal, which gets its cursor back', async () => {
    const command = [`'${process.execPath}' '${cli}' run`, '/dev/null']
    const { child, ended, printed } = start('script', ['-qec', ...command], { ...settings, TERM: 'xterm' })
    const [hide, show] = ['\u001b[?25l', '\u001b[?25h']
    await printed(hide)
    child.stdin?.write('\u0003')
    const { status, stdout } = await ended
    expect(status).toBe(failures.interrupted.exit)
    expect(stdout).toMatch(/Stopped\. Nothing is half done/)
    expect(stdout.lastIndexOf(show)).toBeGreaterThan(stdout.lastIndexOf(hide))
    expect([await silver(), await gold()]).toEqual(before)
  })
})
