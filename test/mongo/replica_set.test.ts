import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MongoClient, ObjectId } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { findMongod } from '../../src/servers/mongod.ts'
import { freePort } from '../../src/servers/process.ts'
import { lingot } from '../process.ts'

const names = { bronze: 'bronze_db', silver: 'silver_db', goldSchema: `gold_${new ObjectId().toHexString()}` }
/** Many batches: of two secondaries the wrong one would be asked for one of them. */
const SALES = 30_000
/** Nobody waits for the secondaries. */
const SILENT = { priority: 0, votes: 0 }

const folder = mkdtempSync(join(tmpdir(), 'lingot replicas-'))
const servers: ChildProcess[] = []
let hosts: string[]
let primary: MongoClient
let postgres: pg.Client

beforeAll(async () => {
  const mongod = await findMongod(fileURLToPath(new URL('../../.lingot', import.meta.url)), () => undefined)
  const ports: number[] = []
  for (const name of ['one', 'two', 'three']) {
    const port = (await freePort(0)) ?? 0
    const dbpath = join(folder, name)
    mkdirSync(dbpath)
    const listen = ['--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket']
    const settings = ['--wiredTigerCacheSizeGB', '0.25', '--setParameter', 'enableTestCommands=1']
    const args = ['--replSet', 'rs', '--dbpath', dbpath, ...settings, ...listen]
    servers.push(spawn(mongod, args, { stdio: 'ignore' }))
    ports.push(port)
  }
  hosts = ports.map((port) => `127.0.0.1:${port}`)
  primary = await MongoClient.connect(`mongodb://${hosts[0]}/?directConnection=true`)
  const members = hosts.map((host, _id) => ({ _id, host, ...(_id > 0 && SILENT) }))
  await primary.db('admin').command({ replSetInitiate: { _id: 'rs', members: members.slice(0, 1) } })
  await until(async () => (await primary.db('admin').command({ hello: 1 }))['isWritablePrimary'])
  await fill()
  await primary.db('admin').command({ replSetReconfig: { _id: 'rs', version: 2, members } })
  await until(async () => {
    const { members } = await primary.db('admin').command({ replSetGetStatus: 1 })
    return members.every(({ stateStr }: { stateStr: string }) => /PRIMARY|SECONDARY/.test(stateStr))
  })
  for (const host of hosts.slice(1)) {
    const secondary = await MongoClient.connect(`mongodb://${host}/?directConnection=true`)
    // Nothing that is written from now on comes to the secondaries.
    await secondary.db('admin').command({ configureFailPoint: 'rsSyncApplyStop', mode: 'alwaysOn' })
    await secondary.close()
  }
  // Bronze as the secondaries have it lacks this one.
  await primary.db(names.bronze).collection('transactions').insertOne({ transaction_id: 'later', amount: 1 })
  postgres = new pg.Client(inject('postgresUrl'))
  await postgres.connect()
})

afterAll(async () => {
  await primary?.close()
  for (const server of servers) server.kill('SIGKILL')
  await Promise.all(servers.map((server) => server.exitCode ?? new Promise((ended) => server.once('exit', ended))))
  rmSync(folder, { recursive: true, force: true })
  await postgres?.query(`drop schema if exists ${names.goldSchema} cascade`)
  await postgres?.end()
})

/** Sales, some of them inserted twice, and customers of whom the last document wins. */
async function fill(): Promise<void> {
  const bronze = primary.db(names.bronze)
  const customers = Array.from({ length: 300 }, (_, i) => ({ customer_id: `C${i % 100}`, city: `City ${i}` }))
  const sales = Array.from({ length: SALES }, (_, i) => ({
    transaction_id: `T${i % (SALES - 500)}`,
    customer_id: `C${i % 50}`,
    product: 'Laptop',
    amount: (i % (SALES - 500)) % 7,
  }))
  await bronze.collection('customers').insertMany(customers)
  await bronze.collection('transactions').insertMany(sales)
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await isSo().catch(() => false)); await setTimeout(200)) {
    if (Date.now() > end) throw new Error('it never became so')
  }
}

async function run(command: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
  return lingot([command, '--json'], {
    MONGODB_URI: `mongodb://${hosts.join(',')}/?replicaSet=rs&readPreference=secondaryPreferred&readPreferenceTags=`,
    POSTGRES_URL: inject('postgresUrl'),
    LINGOT_BRONZE_DB: names.bronze,
    LINGOT_SILVER_DB: names.silver,
    LINGOT_GOLD_SCHEMA: names.goldSchema,
  })
}

test.each(['run', 'process', 'aggregate', 'run'])(
  '`lingot %s` reads bronze from one secondary, whichever the address prefers, and everything else from the primary',
  async (command) => {
    const { status, stdout, stderr } = await run(command)
    expect({ status, again: /Trying again/.test(stderr) }, stderr).toEqual({ status: 0, again: false })
    const silver = primary.db(names.silver)
    if (command !== 'aggregate') {
      expect(JSON.parse(stdout).silver).toMatchObject({
        customers: { bronze: 300, silver: 100, quarantined: { superseded: 200 } },
        transactions: { bronze: SALES, silver: SALES - 500, duplicates: 500 },
      })
    }
    expect(await silver.collection('customers').countDocuments({ city: /^City 2\d\d$/ })).toBe(100)
    expect(await silver.collection('transactions').countDocuments()).toBe(SALES - 500)
    if (command === 'process') return
    const { rows } = await postgres.query(`select total_sales::int from ${names.goldSchema}.product_performance`)
    expect(rows).toEqual([{ total_sales: SALES - 500 }])
  },
)
