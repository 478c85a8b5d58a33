import { execFileSync, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { chmod, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import type { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { makeHome } from '../../src/servers/home.ts'
import { asUser, NOBODY } from '../../src/servers/owner.ts'
import { run } from '../../src/servers/process.ts'
import { postgresPrograms } from '../../src/servers/programs.ts'
import { openReader, openServers, type Servers, stopServers } from '../../src/servers/servers.ts'
import type { Config } from '../../src/settings/config.ts'
import { lingot, until } from '../process.ts'
import { accepts, mongodb, portOf, postgres, write, written } from './clients.ts'
import { removeHome, serversOver, settingsOf, temporaryConfig } from './home.ts'

const both = { mongodb: true, postgres: true }
const startedNow = { mongodb: { startedNow: true }, postgres: { startedNow: true } }

let config: Config
let servers: Servers

beforeAll(async () => {
  config = await temporaryConfig()
  // Other tests have a home that is closed to others, which PostgreSQL in place of root gets into in another way.
  await chmod(config.home, 0o711)
  servers = await openServers(config)
  await write(servers)
})

afterAll(() => removeHome(config))

/** The same servers, found. */
const unstarted = ({ mongodb, postgres }: Servers) => ({
  mongodb: { ...mongodb, startedNow: false },
  postgres: { ...postgres, startedNow: false },
})

/** The process that a lock file of a server names. */
function processOf(lock: string): number {
  return Number.parseInt(readFileSync(join(config.home, lock), 'utf8'), 10)
}

test('are started on the first ports where nothing answers, and found there afterwards', async () => {
  const told = ({ mongodb, postgres }: Servers) =>
    [mongodb, postgres].map(({ origin, startedNow, uri }) => ({ origin, startedNow, port: portOf(uri) }))
  const ports = [config.mongodbPort, config.postgresPort]
  expect(told(servers)).toEqual(ports.map((port) => ({ origin: 'lingot', startedNow: true, port })))
  expect(told(await openServers(config))).toEqual(ports.map((port) => ({ origin: 'lingot', startedNow: false, port })))
})

test('ask for a password', async () => {
  const { host } = new URL(servers.mongodb.uri)
  const read = (client: MongoClient) => client.db('kept').collection('things').findOne()
  await expect(mongodb(`mongodb://${host}`, read)).rejects.toThrow(/auth/)
  await expect(mongodb(`mongodb://admin:wrong@${host}`, read)).rejects.toThrow('Authentication failed')
  const at = new URL(servers.postgres.uri)
  for (const user of ['analyst:wrong', 'analyst', 'lingot', 'postgres']) {
    await expect(postgres(`postgresql://${user}@${at.host}/gold_db`, 'select 1'), user).rejects.toThrow(/password|SASL/)
  }
})

test('listen on 127.0.0.1 alone, and on no socket file', async () => {
  const others = Object.values(networkInterfaces()).flatMap((all = []) => all.filter(({ internal }) => !internal))
  for (const port of [config.mongodbPort, config.postgresPort]) {
    expect(await accepts('127.0.0.1', port)).toBe(true)
    for (const { address } of others) expect(await accepts(address, port), address).toBe(false)
  }
  const sockets = execFileSync('find', [config.home, '/tmp', '-maxdepth', '1', '-type', 's'], { encoding: 'utf8' })
  expect(sockets).not.toMatch(new RegExp(`${config.mongodbPort}|${config.postgresPort}`))
})

test('keep what they hold to the user they run as', () => {
  const inside = readdirSync(config.home, { recursive: true, encoding: 'utf8' }).filter((name) => !/^bin/.test(name))
  expect(inside).toEqual(expect.arrayContaining(['mongodb', 'mongodb.log', 'postgres', 'postgres.log']))
  // A file may have gone since it was listed.
  const open = (name: string) =>
    ((statSync(join(config.home, name), { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0
  expect(inside.filter(open)).toEqual([])
})

test('have a home that others cannot look into, even where new files are open to all', async () => {
  const home = join(config.home, 'new', 'home')
  const before = process.umask(0)
  makeHome(home)
  process.umask(before)
  // Root lets PostgreSQL, which runs as somebody else, pass through to its data.
  expect(statSync(home).mode & 0o777).toBe(process.getuid?.() === 0 ? 0o711 : 0o700)
})

test('keep their data while they are stopped', async () => {
  expect(await stopServers(config)).toEqual(both)
  expect(await accepts('127.0.0.1', config.mongodbPort)).toBe(false)
  expect(await accepts('127.0.0.1', config.postgresPort)).toBe(false)
  expect(await stopServers(config)).toEqual({ mongodb: false, postgres: false })
  servers = await openServers(config)
  expect(servers).toMatchObject(startedNow)
  expect(await written(servers)).toEqual([1, 1])
})

test('start again after kill -9, with their data', async () => {
  process.kill(processOf('mongodb/mongod.lock'), 'SIGKILL')
  process.kill(processOf('postgres/postmaster.pid'), 'SIGKILL')
  servers = await openServers(config)
  expect(servers).toMatchObject(startedNow)
  expect(await written(servers)).toEqual([1, 1])
})

test('start again where another program has got the process id of a killed PostgreSQL', async () => {
  const lock = join(config.home, 'postgres', 'postmaster.pid')
  const text = readFileSync(lock, 'utf8')
  const killed = processOf('postgres/postmaster.pid')
  process.kill(killed, 'SIGKILL')
  await until(() => !existsSync(`/proc/${killed}`))
  // PostgreSQL takes any live process of its own user for its predecessor.
  const other = spawn('sleep', ['60'], process.getuid?.() === 0 ? NOBODY : {})
  await writeFile(lock, text.replace(/^\d+/, String(other.pid)))
  servers = await openServers(config)
  other.kill()
  expect(await written(servers)).toEqual([1, 1])
})

test('are found by another path to their folder, and from other first ports', async () => {
  const link = `${config.home}-link`
  await symlink(config.home, link)
  const other = { ...config, home: link, mongodbPort: config.mongodbPort + 60, postgresPort: config.postgresPort + 60 }
  expect(await openServers(other)).toEqual(await openServers(config))
  expect(await stopServers(other)).toEqual(both)
  expect(await openServers(other)).toMatchObject(startedNow)
  expect(await stopServers(config)).toEqual(both)
  await rm(link)
})

test('are there again when their folder is moved, running or not', async () => {
  const moved = { ...config, home: `${config.home}-moved` }
  const move = async (from: Config, to: Config) => {
    // A mongod that ends makes a part of its folder anew where it was.
    await rm(to.home, { recursive: true, force: true })
    await rename(from.home, to.home)
  }
  for (const isRunning of [true, false]) {
    await openServers(config)
    if (!isRunning) await stopServers(config)
    await move(config, moved)
    expect(await written(await openServers(moved))).toEqual([1, 1])
    expect(serversOver(moved)).toHaveLength(2)
    await move(moved, config)
    await stopServers(config)
    expect(serversOver(moved)).toEqual([])
  }
  await rm(moved.home, { recursive: true, force: true })
})

test('are others in a copy of their folder, whatever runs over the first', async () => {
  const copy = { ...config, home: `${config.home}-copy` }
  await stopServers(config)
  execFileSync('cp', ['-a', config.home, copy.home])
  const first = await openServers(config)
  // As when it was copied while they ran.
  execFileSync('cp', ['-a', join(config.home, 'postgres', 'postmaster.pid'), join(copy.home, 'postgres')])
  execFileSync('cp', ['-a', join(config.home, 'mongodb', 'mongod.lock'), join(copy.home, 'mongodb')])
  const second = await openServers(copy)
  await write(second)
  expect(await written(second)).toEqual([2, 2])
  expect(await written(first)).toEqual([1, 1])
  expect(await openServers(config)).toEqual(unstarted(first))
  expect(await openServers(copy)).toEqual(unstarted(second))
  await removeHome(copy)
  expect(await written(first)).toEqual([1, 1])
})

test('are read as a role that may read gold and nothing else, also where the version before made them', async () => {
  const goldSchema = 'gold_here'
  const settings = { ...settingsOf(config), LINGOT_GOLD_SCHEMA: goldSchema }
  const { mongodb: bronze } = await openServers(config)
  await mongodb(bronze.uri, (client) => generate(client, { database: 'bronze_db', scale: 0.02 }))

  // The version before made no such role, and its gold was nobody else's to read.
  await stopServers(config)
  const data = join(config.home, 'postgres')
  const { postgres: command } = postgresPrograms()
  const program = { command, args: ['--single', '-D', data, 'postgres'] }
  const owner = process.getuid?.() === 0 ? NOBODY : undefined
  await run(asUser(owner, program, [command, data]), 'drop role analyst_reader;\n', data)
  expect(await lingot(['run'], settings)).toMatchObject({ status: 0, stderr: '' })
  await stopServers(config)
  await rm(join(data, 'lingot_reader'))

  const uri = async () => (await openReader({ ...config, goldSchema })).uri
  expect(new URL(await uri()).username).toBe('analyst')
  expect(await lingot(['ask', '1'], settings)).toMatchObject({ status: 0, stderr: '' })
  expect(await lingot(['run'], settings)).toMatchObject({ status: 0, stderr: '' })
  expect(new URL(await uri()).username).toBe('analyst_reader')
  for (const command of [['ask'], ['explain', 'product', 'Laptop'], ['report']]) {
    expect(await lingot(command, settings)).toMatchObject({ status: 0, stderr: '' })
  }
  await expect(postgres(await uri(), 'select from kept')).rejects.toThrow('permission denied for table kept')
  for (const sql of ['drop table gold_here.gold_run', 'create table gold_here.more ()', 'create table more ()']) {
    await expect(postgres(await uri(), sql), sql).rejects.toThrow(/must be owner|permission denied/)
  }
})
