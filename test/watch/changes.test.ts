import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MongoClient, ObjectId } from 'mongodb'
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest'
import { findMongod } from '../../src/servers/mongod.ts'
import { freePort } from '../../src/servers/process.ts'
import { configOf } from '../../src/settings/config.ts'
import { followBronze } from '../../src/watch/changes.ts'
import { runner } from '../../src/watch/run.ts'
import { until } from '../process.ts'

const folder = mkdtempSync(join(tmpdir(), 'lingot changes-'))
let mongod: ChildProcess
let replicaSet: string
let client: MongoClient
let stop: AbortController | undefined

beforeAll(async () => {
  const program = await findMongod(fileURLToPath(new URL('../../.lingot', import.meta.url)), () => undefined)
  const port = (await freePort(0)) ?? 0
  const listen = ['--bind_ip', '127.0.0.1', '--port', String(port), '--nounixsocket']
  const args = ['--replSet', 'rs', '--dbpath', folder, '--wiredTigerCacheSizeGB', '0.25', ...listen]
  mongod = spawn(program, args, { stdio: 'ignore' })
  replicaSet = `mongodb://127.0.0.1:${port}/?directConnection=true`
  client = await MongoClient.connect(replicaSet)
  const members = [{ _id: 0, host: `127.0.0.1:${port}` }]
  await client.db('admin').command({ replSetInitiate: { _id: 'rs', members } })
  while (!(await client.db('admin').command({ hello: 1 }))['isWritablePrimary']) await setTimeout(50)
})

afterEach(() => stop?.abort())

afterAll(async () => {
  await client?.close()
  mongod?.kill('SIGKILL')
  await (mongod.exitCode ?? new Promise((ended) => mongod.once('exit', ended)))
  rmSync(folder, { recursive: true, force: true })
})

/** Follows a bronze of its own whose customers are called clients, and whose sales are seen through a view. */
async function followed(mongodbUri: string) {
  const name = `bronze_${new ObjectId().toHexString()}`
  const own = await MongoClient.connect(mongodbUri)
  const bronze = own.db(name)
  await bronze.collection<{ _id: number }>('clients').insertMany([{ _id: 1 }, { _id: 2 }])
  await bronze.createCollection('transactions', { viewOn: 'orders', pipeline: [] })
  const value = { bronze: name, silver: `${name}_silver`, collections: { customers: { from: 'clients' } } }
  const config = await configOf({ file: 'lingot.config.json', value }, { MONGODB_URI: mongodbUri })
  stop = new AbortController()
  stop.signal.addEventListener('abort', () => void bronze.dropDatabase().then(() => own.close()))
  const seen = { changes: 0, notes: [] as string[] }
  const hooks = { onChange: () => seen.changes++, onNote: (note: string) => seen.notes.push(note) }
  await followBronze(config, { ...hooks, signal: stop.signal, pace: { lookMs: 40, againMs: 40 } })
  /** What was told of by the time that something else was. */
  const changesAfter = async (change: () => Promise<unknown>) => {
    const before = seen.changes
    await change()
    for (let waited = 0; waited < 20 && seen.changes === before; waited++) await setTimeout(20)
    return seen.changes - before
  }
  return { bronze, seen, changesAfter, clients: bronze.collection<{ _id: number | string }>('clients') }
}

test('who is stopped before it begins waits for nothing', { timeout: 5000 }, async () => {
  const signal = AbortSignal.abort()
  const config = await configOf(undefined, { MONGODB_URI: 'mongodb://127.0.0.1:9' })
  const onNote = () => undefined
  await followBronze(config, { onChange: onNote, onNote, signal })
  const run = runner(config, { command: [process.execPath, '-e', 'setInterval(() => {}, 9)'], onSaid: onNote, onNote })
  expect(await run(signal)).toBeUndefined()
})

test('change streams tell of every change of what the shop is read from, and of nothing else', async () => {
  const { bronze, seen, changesAfter, clients } = await followed(replicaSet)
  expect(seen).toEqual({ changes: 0, notes: [expect.stringMatching(/ change streams; a run at least once a day/)] })
  expect(await changesAfter(() => clients.insertOne({ _id: 3 }))).toBe(1)
  expect(await changesAfter(() => clients.updateOne({ _id: 1 }, { $set: { city: 'Lyon' } }))).toBe(1)
  expect(await changesAfter(() => clients.deleteOne({ _id: 2 }))).toBe(1)
  expect(await changesAfter(() => bronze.collection('orders').insertOne({ amount: 1 }))).toBe(1)
  expect(await changesAfter(() => bronze.collection('customers').insertOne({}))).toBe(0)
  await bronze.collection('made').insertOne({})
  expect(await changesAfter(() => bronze.renameCollection('made', 'clients', { dropTarget: true }))).toBeGreaterThan(0)
  expect(seen.notes).toHaveLength(1)
})

test('a change stream that ends is opened anew, and what may have been missed counts as a change', async () => {
  const { bronze, seen, clients } = await followed(replicaSet)
  await bronze.dropDatabase()
  await until(() => seen.changes >= 2)
  const before = seen.changes
  await clients.insertOne({ _id: 1 })
  await until(() => seen.changes > before)
})

test('elsewhere counts and newest _ids tell of what came and went, and it says so', async () => {
  const { bronze, seen, changesAfter, clients } = await followed(inject('mongodbUri'))
  const [note] = seen.notes
  expect(note).toMatch(
    /every 0\.04 seconds, in counts and newest _ids, since this MongoDB has no change streams: .* day\.$/,
  )
  expect(seen.changes).toBe(0)
  expect(await changesAfter(() => clients.insertOne({ _id: 'three' }))).toBe(1)
  expect(await changesAfter(() => clients.deleteOne({ _id: 2 }))).toBe(1)
  expect(await changesAfter(() => bronze.collection('orders').insertOne({ amount: 1 }))).toBe(1)
  const replaced = async () => {
    await clients.insertOne({ _id: 'zzz' })
    await clients.deleteOne({ _id: 1 })
  }
  expect(await changesAfter(replaced)).toBeGreaterThan(0)
  expect(await changesAfter(() => clients.updateOne({ _id: 'three' }, { $set: { city: 'Lyon' } }))).toBe(0)
  expect(await changesAfter(() => bronze.collection('customers').insertOne({}))).toBe(0)
})

test('where bronze cannot be followed yet nothing waits for that, and a change is assumed when it can', async () => {
  const user = new ObjectId().toHexString()
  const { host } = new URL(inject('mongodbUri'))
  const config = await configOf(undefined, { MONGODB_URI: `mongodb://${user}:geheim@${host}/?authSource=admin` })
  stop = new AbortController()
  const seen = { changes: 0, notes: [] as string[] }
  const hooks = { onChange: () => seen.changes++, onNote: (note: string) => seen.notes.push(note) }
  await followBronze(config, { ...hooks, signal: stop.signal, pace: { lookMs: 40, againMs: 40 } })
  expect(seen).toEqual({ changes: 0, notes: [expect.stringMatching(/^Changes of bronze are not seen now: /)] })
  const root = await MongoClient.connect(inject('mongodbUri'))
  await root.db('admin').command({ createUser: user, pwd: 'geheim', roles: ['readWriteAnyDatabase'] })
  await until(() => seen.changes > 0)
  expect(seen.notes).toEqual([expect.anything(), expect.stringMatching(/^Changes of bronze are looked for/)])
  stop.abort()
  await root.db('admin').command({ dropUser: user })
  await root.close()
})
