import { spawnSync } from 'node:child_process'
import { createContext, runInContext } from 'node:vm'
import { type Document, ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/generator.ts'
import { describeFailure, reasonOf } from '../../src/errors.ts'
import { runProcessor } from '../../src/pipeline.ts'
import { bronzeActions, implied, silverActions } from '../../src/servers/grants.ts'
import { type Ended, lingot, type Settings } from '../process.ts'
import { type Cluster, startPostgres } from './cluster.ts'

const id = new ObjectId().toHexString()
const user = `lingot_${id}`
const reader = `${user}_reader`
const names = { bronze: `bronze'${id}`, silver: `silver_${id}`, goldSchema: 'gold' }

let admin: MongoClient
let cluster: Cluster
let settings: Settings

beforeAll(async () => {
  admin = await MongoClient.connect(inject('mongodbUri'))
  cluster = await startPostgres()
  await generate(admin, { database: names.bronze, seed: 3, scale: 0.1 })
  settings = {
    MONGODB_URI: `mongodb://${user}:${user}@${new URL(inject('mongodbUri')).host}`,
    POSTGRES_URL: cluster.url(user),
    POSTGRES_READER_URL: cluster.url(reader),
    LINGOT_BRONZE_DB: names.bronze,
    LINGOT_SILVER_DB: names.silver,
    LINGOT_GOLD_SCHEMA: names.goldSchema,
  }
  await inMongosh(await printed('--mongodb'))
  await inPsql(await printed('--postgres'))
})

afterAll(async () => {
  await cluster.stop()
  await admin.db('admin').command({ dropUser: user })
  await admin.db('admin').command({ dropRole: user })
  await admin.db(names.bronze).dropDatabase()
  await admin.db(names.silver).dropDatabase()
  await admin.close()
})

async function printed(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await lingot(['grants', '--user', user, ...args], settings)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout
}

/** Runs statements as mongosh does, one after the other; the password that it asks for is the name of the user. */
async function inMongosh(text: string): Promise<void> {
  const commands: [database: string, command: Document][] = []
  const db = {
    getSiblingDB: (database: string) => ({
      createRole: ({ role, ...rest }: Document) => commands.push([database, { createRole: role, ...rest }]),
      createUser: ({ user, ...rest }: Document) => commands.push([database, { createUser: user, ...rest }]),
    }),
  }
  runInContext(text, createContext({ db, passwordPrompt: () => user }))
  for (const [database, command] of commands) await admin.db(database).command(command)
}

const hasPsql = spawnSync('psql', ['--version']).status === 0

/** Runs a script as psql does; the passwords that it asks for are the names of the roles. */
async function inPsql(text: string, url = cluster.url()): Promise<void> {
  const script = text.replace(/^\\password "(\w+)"$/gm, `alter role "$1" password '$1';`)
  expect(script).not.toContain('\\')
  if (hasPsql) {
    const { status, stderr } = spawnSync('psql', [url, '-Xq', '-v', 'ON_ERROR_STOP=1'], { input: script })
    expect({ status, stderr: String(stderr) }).toEqual({ status: 0, stderr: '' })
  } else await query(url, script)
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

/** A hash of all that is in bronze. */
async function bronzeHash(): Promise<unknown> {
  return (await admin.db(names.bronze).command({ dbHash: 1 }))['md5']
}

describe('the users that the printed statements make', () => {
  test('have no password printed', async () => {
    const all = await printed()
    expect(all).toContain('pwd: passwordPrompt()')
    expect(all.match(/^\\password /gm)).toHaveLength(2)
    expect(all.replaceAll('passwordPrompt()', '')).not.toMatch(/pwd: "|password '/)
  })

  test('can do all that Lingot does, and bronze stays as it was', async () => {
    const before = await bronzeHash()
    const commands = [
      ...[['process'], ['aggregate'], ['run'], ['check'], ['report'], ['quarantine'], ['ask'], ['doctor']],
      ...[
        ['explain', 'product', 'Laptop'],
        ['init', '--print'],
      ],
    ]
    const ended: [string, Ended][] = []
    for (const command of commands) ended.push([command.join(' '), await lingot(command, settings)])
    expect(ended.map(([command, { status, stderr }]) => [command, status, stderr])).toEqual(
      commands.map((command) => [command.join(' '), 0, '']),
    )
    expect(await bronzeHash()).toBe(before)
    const silver = await admin.db(names.silver).listCollections().toArray()
    expect(silver.map(({ name }) => name).sort()).toEqual([
      ...['campaigns', 'customers', 'lock', 'quarantine', 'runs', 'transactions'],
    ])
    // Silver's guard is on: the user was let set it.
    expect(silver.find(({ name }) => name === 'customers')).toMatchObject({ options: { validator: expect.anything() } })
  })

  test('cannot write bronze, even where told to', async () => {
    const before = await bronzeHash()
    expect(await lingot(['generate', '--force'], settings)).toMatchObject({ status: 6, stdout: '' })
    expect(await bronzeHash()).toBe(before)
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
  ])('of them the reader cannot: %s', async (sql) => {
    expect(await query(cluster.url(reader), 'select 1 from gold.monthly_revenue limit 1')).toHaveLength(1)
    expect(await refusal(cluster.url(reader), sql)).toMatch(/read-only transaction/)
    expect(await refusal(cluster.url(reader), `set transaction read write; ${sql}`)).toMatch(
      /permission denied|must be owner/,
    )
  })

  test('read gold as the reader, also from a table that is made anew', async () => {
    await query(cluster.url(user), 'drop table gold.monthly_revenue')
    expect(await lingot(['aggregate'], settings)).toMatchObject({ status: 0 })
    expect(await query(cluster.url(reader), 'select 1 from gold.monthly_revenue limit 1')).toHaveLength(1)
  })
})

describe('the schema public', () => {
  const publicUser = `${user}_public`

  test('is left to its owner', async () => {
    const own = { ...settings, LINGOT_GOLD_SCHEMA: 'public', POSTGRES_URL: cluster.url(publicUser) }
    const { stdout } = await lingot(['grants', '--postgres', '--user', publicUser], own)
    const owner = "select nspowner::regrole::text as owner from pg_namespace where nspname = 'public'"
    const before = await query(cluster.url(), owner)
    await inPsql(stdout)
    expect(await query(cluster.url(), owner)).toEqual(before)
    expect(await lingot(['aggregate'], own)).toMatchObject({ status: 0, stderr: '' })
    const asked = { ...own, POSTGRES_READER_URL: cluster.url(`${publicUser}_reader`) }
    expect(await lingot(['ask', '1'], asked)).toMatchObject({ status: 0, stderr: '' })
  })
})

describe('without one of the rights on MongoDB something is refused', () => {
  const twins = ['CUST1', 'CUST1', null].map((customer_id) => ({ customer_id }))
  let number = 0

  /** What is refused to a user with these rights alone. */
  async function refused(bronze: readonly string[], silver: readonly string[]): Promise<string> {
    const name = `${user}_${++number}`
    const own = { bronze: `b${number}_${id}`, silver: `s${number}_${id}`, goldSchema: 'gold' }
    const privileges = [
      { resource: { db: own.bronze, collection: '' }, actions: bronze },
      { resource: { db: own.silver, collection: '' }, actions: silver },
    ]
    await admin
      .db(own.bronze)
      .collection('customers')
      .insertMany(twins.map((twin) => ({ ...twin })))
    await admin.db('admin').command({ createRole: name, privileges, roles: [] })
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
