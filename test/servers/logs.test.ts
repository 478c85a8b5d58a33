import { readdirSync, readFileSync, statSync } from 'node:fs'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openServers, type Servers, stopServers } from '../../src/servers/servers.ts'
import type { Config } from '../../src/settings/config.ts'
import { lingot } from '../process.ts'
import { mongodb, postgres } from './clients.ts'
import { removeHome, settingsOf, temporaryConfig } from './home.ts'

const PHONE = '06 12 34 56 79'
const ID = 'CUST-Quatrevingt'

let config: Config
let servers: Servers

beforeAll(async () => {
  config = await temporaryConfig()
})
afterAll(() => removeHome(config))

/** What the logs hold of the data. */
function leaks(): string[] {
  const logs = readdirSync(config.home).filter((name) => /\.log/.test(name))
  expect(logs.toSorted()).toEqual(['mongodb.log', 'postgres.log'])
  return logs.flatMap((name) => {
    const text = readFileSync(join(config.home, name), 'utf8')
    return text.split('\n').filter((line) => line.includes(PHONE) || line.includes(ID))
  })
}

/** Statements that fail, that are slow, and that are both. */
async function misuse(): Promise<void> {
  await mongodb(servers.mongodb.uri, async (client) => {
    const db = client.db('bronze_db')
    await db.dropDatabase()
    await db.collection('customers').insertOne({ customer_id: ID, phone: PHONE })
    const view = { viewOn: 'customers', pipeline: [{ $set: { phone: { $toLong: '$phone' } } }] }
    await db.createCollection('broken', view)
    for (const fails of [
      () => db.collection('broken').find().toArray(),
      () =>
        db
          .collection('customers')
          .find({ $expr: { $toLong: '$phone' } })
          .toArray(),
      () => db.collection('customers').findOneAndUpdate({ customer_id: ID }, { $inc: { phone: 1 } }),
      () => db.collection('customers').createIndex({ phone: '2dsphere' }),
    ]) {
      await expect(fails()).rejects.toThrow()
    }
    const slow = { $where: `sleep(200); return this.phone === '${PHONE}'` }
    await db.collection('customers').find(slow).toArray()
    await db.collection('customers').deleteMany({ ...slow, customer_id: 'nobody' })
  })
  for (const sql of [
    `select '${PHONE}'::int`,
    `do $$ begin raise exception '${PHONE}'; end $$`,
    `do $$ begin raise warning '${PHONE}'; end $$`,
    `create temporary table t (id text primary key); insert into t values ('${ID}'), ('${ID}')`,
  ]) {
    await postgres(servers.postgres.uri, sql).catch(() => undefined)
  }
}

test('neither log holds a value, whether statements fail or are slow', async () => {
  servers = await openServers(config)
  await misuse()
  expect(leaks()).toEqual([])
})

test('nor does one of a home that a version before made', async () => {
  await stopServers(config)
  await writeFile(join(config.home, 'mongodb.log'), `{"s":"I","msg":"Slow query","attr":{"q":"${ID}"}}\n`)
  servers = await openServers(config)
  await misuse()
  expect(leaks()).toEqual([])
  // A server that goes on running since before the upgrade is met by the next command.
  await appendFile(join(config.home, 'mongodb.log'), `${PHONE}\n`)
  await openServers(config)
  expect(leaks()).toEqual([])
  expect(statSync(join(config.home, 'mongodb.log')).mode & 0o777).toBe(0o600)
})

test('an erasure leaves the id in no file beside the data', async () => {
  await mongodb(servers.mongodb.uri, async (client) => {
    const db = client.db('bronze_db')
    await db.dropDatabase()
    await db.collection('customers').insertOne({ customer_id: ID, first_name: 'Zoé' })
    const sale = { customer_id: ID, amount: 1 }
    await db.collection('transactions').insertMany(Array.from({ length: 5000 }, () => ({ ...sale })))
  })
  const settings = { ...settingsOf(config), LINGOT_ERASURE_KEY: 'the key of the erasures of these tests' }
  expect(await lingot(['run'], settings)).toMatchObject({ status: 0 })
  expect(await lingot(['erase', ID, '--yes', '--bronze'], settings)).toMatchObject({ status: 0 })
  expect(leaks()).toEqual([])
})
