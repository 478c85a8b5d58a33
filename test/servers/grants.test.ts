import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { createContext, runInContext } from 'node:vm'
import { type Document, ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test, test as vitest } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { bronzeActions, implied, silverActions } from '../../src/servers/grants.ts'
import { postgresPrograms } from '../../src/servers/programs.ts'
import { describeFailure, reasonOf } from '../../src/system/errors.ts'
import { type Ended, lingot, type Settings, startLingot } from '../process.ts'
import { runProcessor } from '../run.ts'
import { type Cluster, olderPrograms, startPostgres } from './cluster.ts'

const id = new ObjectId().toHexString()

let admin: MongoClient

beforeAll(async () => {
  admin = await MongoClient.connect(inject('mongodbUri'))
})

afterAll(() => admin.close())

/** Runs statements as mongosh does, one after the other; the password that it asks for is the name of the user. */
async function inMongosh(text: string): Promise<void> {
  const { roles } = await admin.db('admin').command({ rolesInfo: 1 })
  const { users } = await admin.db('admin').command({ usersInfo: 1 })
  const commands: [database: string, command: Document][] = []
  const db = {
    getSiblingDB: (database: string) => {
      const run = (command: Document) => commands.push([database, command])
      const named = (all: Document[], key: string, name: string) => all.find((one) => one[key] === name) ?? null
      return {
        getRole: (name: string) => named(roles, 'role', name),
        getUser: (name: string) => named(users, 'user', name),
        createRole: ({ role, ...rest }: Document) => run({ createRole: role, ...rest }),
        createUser: ({ user, ...rest }: Document) => run({ createUser: user, ...rest }),
        grantPrivilegesToRole: (role: string, privileges: Document[]) =>
          run({ grantPrivilegesToRole: role, privileges }),
        grantRolesToRole: (role: string, roles: Document[]) => run({ grantRolesToRole: role, roles }),
      }
    },
  }
  runInContext(text, createContext({ db, passwordPrompt: () => user(text) }))
  for (const [database, command] of commands) await admin.db(database).command(command)
}

/** Whom the printed statements create. */
function user(text: string): string {
  return /(?:createRole\(\{ role: |^\\password )"(\w+)"/m.exec(text)?.[1] ?? ''
}

const hasPsql = spawnSync('psql', ['--version']).status === 0

/** Runs a script as psql does; the passwords that it asks for are the names of the roles. */
async function inPsql(text: string, url: string): Promise<{ status: number | null; stderr: string }> {
  const script = text.replace(/^\\password "(\w+)"$/gm, `alter role "$1" password '$1';`)
  const statements = script.replace('\\set ON_ERROR_STOP on', '').replace(/^--.*$/gm, '')
  expect(statements).not.toContain('\\')
  if (hasPsql) {
    const { status, stderr } = spawnSync('psql', [url, '-Xq'], { input: script })
    return { status, stderr: String(stderr) }
  }
  return query(url, statements).then(
    () => ({ status: 0, stderr: '' }),
    (error: Error) => ({ status: 3, stderr: `ERROR:  ${error.message}` }),
  )
}

/** What stands behind a comment sign among the printed statements. */
function commented(text: string, sign: string): string {
  const lines = text.split('\n').filter((line) => line.startsWith(`${sign} `))
  return lines
    .map((line) => line.slice(sign.length + 1))
    .filter((line) => /^(revoke|admin\.)/.test(line))
    .join('\n')
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** What a server says that a user may not do. */
async function refusal(url: string, sql: string): Promise<string> {
  return query(url, sql).then(
    () => 'done',
    (error: Error) => error.message,
  )
}

const older = olderPrograms()
const versions: [string, number, ReturnType<typeof postgresPrograms> | undefined][] = [
  ['18', 0, postgresPrograms()],
  [`older than that${older === undefined ? ': none is installed here' : ''}`, 1, older],
]

describe.each(versions)('the users that the printed statements make, on PostgreSQL %s', (_, i, programs) => {
  const user = `lingot_${i}_${id}`
  const reader = `${user}_reader`
  const names = { bronze: `bronze${i}'${id}`, silver: `silver${i}_${id}`, goldSchema: 'gold' }

  let cluster: Cluster
  let settings: Settings

  /** The user who runs the statements may create roles and owns the database, and is no superuser. */
  const maker = () => cluster.url('maker')

  beforeAll(async () => {
    if (programs === undefined) return
    cluster = await startPostgres([], undefined, false, programs)
    await query(cluster.url(), "create role maker login createrole password 'maker'")
    await query(cluster.url(), 'alter database gold_db owner to maker')
    await generate(admin, { database: names.bronze, seed: 3, scale: 0.03 })
    settings = {
      MONGODB_URI: `mongodb://${user}:${user}@${new URL(inject('mongodbUri')).host}`,
      POSTGRES_URL: cluster.url(user),
      POSTGRES_READER_URL: cluster.url(reader),
      LINGOT_BRONZE_DB: names.bronze,
      LINGOT_SILVER_DB: names.silver,
      LINGOT_GOLD_SCHEMA: names.goldSchema,
      LINGOT_ERASURE_KEY: 'k'.repeat(32),
    }
    await inMongosh(await printed('--mongodb'))
    expect(await inPsql(await printed('--postgres'), maker())).toEqual({ status: 0, stderr: '' })
    // Nothing of what everybody may is needed.
    await query(cluster.url(), commented(await printed('--postgres'), '--'))
  })

  afterAll(async () => {
    if (programs === undefined) return
    await cluster.stop()
    await admin.db('admin').command({ dropUser: user })
    await admin.db('admin').command({ dropRole: user })
    await admin.db(names.bronze).dropDatabase()
    await admin.db(names.silver).dropDatabase()
  })

  const test = programs === undefined ? vitest.skip : vitest

  async function printed(...args: string[]): Promise<string> {
    const { status, stdout, stderr } = await lingot(['grants', '--user', user, ...args], settings)
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    return stdout
  }

  /** The id of a customer of bronze, another one each time. */
  async function someone(): Promise<string> {
    const known = { customer_id: { $nin: asked, $regex: '^CUST' } }
    const found = await admin.db(names.bronze).collection('customers').findOne(known)
    asked.push(String(found?.['customer_id']))
    return asked.at(-1) ?? ''
  }
  const asked: string[] = []

  /** A hash of all that is in bronze. */
  async function bronzeHash(): Promise<unknown> {
    return (await admin.db(names.bronze).command({ dbHash: 1 }))['md5']
  }

  test('have no password printed', async () => {
    const all = await printed()
    expect(all).toContain('pwd: passwordPrompt()')
    expect(all.match(/^\\password /gm)).toHaveLength(2)
    expect(all.replaceAll('passwordPrompt()', '')).not.toMatch(/pwd: "|password '/)
  })

  test('can do all that Lingot does, and bronze stays as it was', async () => {
    const before = await bronzeHash()
    const commands = [
      ...[['process'], ['aggregate'], ['run'], ['check'], ['report'], ['quarantine'], ['ask'], ['doctor'], ['privacy']],
      ...[
        ['explain', 'product', 'Laptop'],
        ['init', '--print'],
        ['report', '--html', `${tmpdir()}/${user}.html`],
        ['erase', await someone(), '--yes'],
        ['run'],
        // As the reader of gold.
        ['ask', '--as-of', new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)],
      ],
    ]
    const ended: [string, Ended][] = []
    for (const command of commands) ended.push([command.join(' '), await lingot(command, settings)])
    expect(ended.map(([command, { status, stderr }]) => [command, status, stderr])).toEqual(
      commands.map((command) => [command.join(' '), 0, '']),
    )
    expect(await bronzeHash()).toBe(before)
    const silver = await admin.db(names.silver).listCollections().toArray()
    expect(silver.map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining(['campaigns', 'customers', 'lock', 'quarantine', 'runs', 'transactions']),
    )
    // Silver's guard is on: the user was let set it.
    expect(silver.find(({ name }) => name === 'customers')).toMatchObject({
      options: { validator: expect.anything() },
    })
  })

  test('read gold for the dashboard', async () => {
    const { printed, output, child, ended } = startLingot(['serve', '--port', '0'], settings)
    await printed('/#token=')
    const [address = ''] = /http:\S+\//.exec(output.stdout) ?? []
    const status = await fetch(`${address}api/status`).then((response) => response.json())
    expect(status).toMatchObject({ gold: { run: expect.any(String) }, down: [] })
    child.kill('SIGINT')
    await ended
  })

  test('cannot write bronze, even where told to', async () => {
    const before = await bronzeHash()
    expect(await lingot(['generate', '--force'], settings)).toMatchObject({ status: 6, stdout: '' })
    expect(await bronzeHash()).toBe(before)
  })

  test('erase from bronze with the right that is printed beside', async () => {
    const id = await someone()
    await inMongosh(`admin = db.getSiblingDB("admin")\n${commented(await printed('--mongodb'), '//')}`)
    expect(await lingot(['erase', id, '--yes', '--bronze'], settings)).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(await admin.db(names.bronze).collection('customers').countDocuments({ customer_id: id })).toBe(0)
  })

  test('see no other database, schema or role', async () => {
    const client = await MongoClient.connect(settings['MONGODB_URI'] ?? '')
    const other = client.db(`other_${id}`).collection('things')
    await expect(other.findOne()).rejects.toThrow('not authorized')
    await expect(other.insertOne({})).rejects.toThrow('not authorized')
    await client.close()
    await query(cluster.url(), 'create schema other; create table other.things ()')
    for (const name of [user, reader]) {
      expect(await refusal(cluster.url(name), 'select from other.things')).toBe('permission denied for schema other')
      expect(await refusal(cluster.url(name), `create role someone`)).toMatch(/permission denied|read-only/)
      expect(await refusal(cluster.url(name), `begin read write; create schema more`)).toMatch('permission denied')
      expect(await refusal(cluster.url(name), `begin read write; create table public.more ()`)).toMatch(
        'permission denied',
      )
    }
  })

  test.each([
    ['insert into gold.monthly_revenue default values', 'insert'],
    ['update gold.monthly_revenue set total_revenue = 0', 'update'],
    ['delete from gold.monthly_revenue', 'delete'],
    ['drop table gold.monthly_revenue', 'drop'],
    ['truncate gold.monthly_revenue', 'truncate'],
    ['create table gold.more ()', 'create'],
    ['create temporary table more ()', 'create what is temporary'],
    ['select lo_create(0)', 'create a large object'],
  ])('of them the reader cannot: %s', async (sql) => {
    expect(await query(cluster.url(reader), 'select 1 from gold.monthly_revenue limit 1')).toHaveLength(1)
    expect(await refusal(cluster.url(reader), sql)).toMatch(/read-only transaction|permission denied/)
    expect(await refusal(cluster.url(reader), `set transaction read write; ${sql}`)).toMatch(
      /permission denied|must be owner/,
    )
  })

  test('read gold as the reader, also from a table that is made anew', async () => {
    await query(cluster.url(user), 'drop table gold.monthly_revenue')
    expect(await lingot(['aggregate'], settings)).toMatchObject({ status: 0 })
    expect(await query(cluster.url(reader), 'select 1 from gold.monthly_revenue limit 1')).toHaveLength(1)
  })

  test('read no other table of the schema as the reader, and none that was taken from it', async () => {
    await query(cluster.url(user), `create table gold.mine (); revoke select on gold.customer_metrics from ${reader}`)
    await query(cluster.url(), 'create role board; grant select on gold.gold_run to board')
    await query(cluster.url(user), 'drop table gold.country_statistics')
    expect(await lingot(['run'], settings)).toMatchObject({ status: 0 })
    for (const table of ['mine', 'customer_metrics']) {
      expect(await refusal(cluster.url(reader), `select from gold.${table}`)).toBe(
        `permission denied for table ${table}`,
      )
    }
    // Whoever may read gold_run is given what is made anew.
    expect(
      await query(cluster.url(), "select has_table_privilege('board', 'gold.country_statistics', 'select') as may"),
    ).toEqual([{ may: true }])
    await query(cluster.url(user), `grant select on gold.customer_metrics to ${reader}`)
  })

  test('are let have what is new by the same statements, run again', async () => {
    await inMongosh(await printed('--mongodb'))
    expect(await inPsql(await printed('--postgres'), maker())).toEqual({ status: 0, stderr: '' })
    expect(await lingot(['run'], settings)).toMatchObject({ status: 0, stderr: '' })
    expect(await query(cluster.url(), `select pg_has_role('maker', '${user}', 'usage') as acts`)).toEqual([
      { acts: false },
    ])
  })

  test.each([
    ['who may not create roles', 'nobody login', /permission denied to create role/],
    ['who does not own the database', 'stranger login createrole', /permission denied|not yours to give/],
  ])('are not made by one %s, not even one of them', async (_, role, said) => {
    const [name = ''] = role.split(' ')
    await query(cluster.url(), `create role ${role} password '${name}'`)
    for (const schema of ['gold_too', 'public']) {
      const own = { ...settings, LINGOT_GOLD_SCHEMA: schema }
      const { stdout } = await lingot(['grants', '--postgres', '--user', `of_${name}`], own)
      const { status, stderr } = await inPsql(stdout, cluster.url(name))
      expect(status).toBe(3)
      expect(stderr.match(/ERROR: .*/g)).toEqual([expect.stringMatching(said)])
      expect(await query(cluster.url(), `select from pg_roles where rolname ~ '^of_${name}'`)).toEqual([])
    }
  })

  describe('in the schema public', () => {
    const publicUser = `${user}_public`

    test('leave it to its owner', async () => {
      const own = { ...settings, LINGOT_GOLD_SCHEMA: 'public', POSTGRES_URL: cluster.url(publicUser) }
      const { stdout } = await lingot(['grants', '--postgres', '--user', publicUser], own)
      const owner = "select nspowner::regrole::text as owner from pg_namespace where nspname = 'public'"
      const before = await query(cluster.url(), owner)
      expect(await inPsql(stdout, maker())).toEqual({ status: 0, stderr: '' })
      expect(await query(cluster.url(), owner)).toEqual(before)
      expect(await lingot(['aggregate'], own)).toMatchObject({ status: 0, stderr: '' })
      const asked = { ...own, POSTGRES_READER_URL: cluster.url(`${publicUser}_reader`) }
      expect(await lingot(['ask', '1'], asked)).toMatchObject({ status: 0, stderr: '' })
    })
  })
})

describe('without one of the rights on MongoDB something is refused', () => {
  const twins = ['CUST1', 'CUST1', null].map((customer_id) => ({ customer_id }))
  let number = 0

  /** What is refused to a user with these rights alone. */
  async function refused(bronze: readonly string[], silver: readonly string[]): Promise<string> {
    const name = `lingot_${id}_${++number}`
    const own = { bronze: `b${number}_${id}`, silver: `s${number}_${id}`, goldSchema: 'gold' }
    const privileges = [
      { resource: { db: own.bronze, collection: '' }, actions: bronze },
      { resource: { db: own.silver, collection: '' }, actions: silver },
    ]
    await admin
      .db(own.bronze)
      .collection('customers')
      .insertMany(twins.map((twin) => ({ ...twin })))
    await admin.db('admin').command({ createRole: name, privileges, roles: [{ role: 'readWrite', db: 'lingot' }] })
    await admin.db('admin').command({ createUser: name, pwd: name, roles: [name] })
    const client = await MongoClient.connect(`mongodb://${name}:${name}@${new URL(inject('mongodbUri')).host}`)
    try {
      for (let time = 0; time < 2; time++) await runProcessor(client, own)
      const [made] = await admin.db(own.silver).listCollections({ name: 'customers' }, { nameOnly: false }).toArray()
      expect(made).toMatchObject({ name: 'customers' })
      if (made?.options?.['validationLevel'] === 'off') return 'not authorized to guard silver'
      return bronze.includes('listCollections') ? 'nothing' : await refusedToInit(client, own.bronze)
    } catch (error) {
      // Nothing of the documents that were asked for is told.
      expect(describeFailure(error).text).not.toMatch(/CUST1|\{/)
      return reasonOf(error)
    } finally {
      await client.close()
      await admin.db('admin').command({ dropUser: name })
      await admin.db('admin').command({ dropRole: name })
      await admin.db(own.bronze).dropDatabase()
      await admin.db(own.silver).dropDatabase()
    }
  }

  function refusedToInit(client: MongoClient, bronze: string): Promise<string> {
    const listing = client.db(bronze).listCollections({}, { nameOnly: true }).toArray()
    return listing.then(() => 'nothing', reasonOf)
  }

  test.each(bronzeActions)('%s on bronze', async (action) => {
    expect(
      await refused(
        bronzeActions.filter((other) => other !== action),
        silverActions,
      ),
    ).toMatch(/not authorized/)
  })

  test.each(silverActions.filter((action) => !implied.includes(action)))('%s on silver', async (action) => {
    const others = silverActions.filter((other) => other !== action)
    expect(await refused(bronzeActions, others)).toMatch(/not authorized|may not write/)
  })

  test('and with all of them nothing is', async () => {
    expect(await refused(bronzeActions, silverActions)).toBe('nothing')
  })
})
