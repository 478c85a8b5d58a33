import { existsSync, mkdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Db, MongoClient } from 'mongodb'
import type { Config } from '../config.ts'
import { LingotError } from '../errors.ts'
import { memoryBytes } from '../machine.ts'
import { clearInterrupted, type Engine, makeHome } from './engine.ts'
import { findMongod } from './mongod.ts'
import { freePort, hasExited, isListening, launch } from './process.ts'

const USER = 'admin'
const PASSWORD = 'admin123'

/** MongoDB, as Lingot finds and runs it. */
export function mongodbEngine(config: Config): Engine {
  const data = join(config.home, 'mongodb')
  const logFile = join(config.home, 'mongodb.log')
  const uri = (port: number) => `mongodb://${USER}:${PASSWORD}@127.0.0.1:${port}`
  let binary = ''
  return {
    name: 'MongoDB',
    setting: 'MONGODB_URI',
    configured: config.mongodbUri,
    home: config.home,
    data,
    firstPort: config.mongodbPort,
    uri,
    logFile,
    probe: (address) => probe(address, data),
    async prepare(say) {
      makeHome(config.home)
      binary = await findMongod(config.home, say)
      await clearInterrupted(config.home, INIT)
      if (!existsSync(data)) await initialise(binary, config.home, data, logFile)
    },
    launch: (port) => launch(binary, flags(data, port), logFile),
    async stop(address) {
      await shutDown(address)
      const port = Number(new URL(address).port)
      for (let waited = 0; (await isListening(port)) && waited < 10_000; waited += 50) await setTimeout(50)
    },
  }
}

const INIT = 'mongodb.init-'

function flags(data: string, port: number): string[] {
  const quarter = memoryBytes() / 4 / 2 ** 30
  const cache = Math.min(Math.max(quarter, 0.25), 2).toFixed(2)
  const listen = ['--auth', '--bind_ip', '127.0.0.1', '--nounixsocket', '--port', String(port)]
  return ['--dbpath', data, ...listen, '--wiredTigerCacheSizeGB', cache]
}

async function probe(uri: string, data: string) {
  return connected(uri, async (admin) => {
    const { version } = await admin.command({ buildInfo: 1 })
    // A user without the right to ask is not the one that Lingot made.
    const options = await admin.command({ getCmdLineOpts: 1 }).catch(() => undefined)
    return { version: String(version), isOwn: options?.['parsed']?.storage?.dbPath === data }
  })
}

/** Makes the data folder with its user in it beside its place, and moves it there in one step. */
async function initialise(binary: string, home: string, data: string, logFile: string): Promise<void> {
  const folder = join(home, `${INIT}${process.pid}`)
  mkdirSync(folder, { mode: 0o700 })
  try {
    const port = (await freePort(0)) ?? 0
    const child = launch(binary, flags(folder, port), logFile)
    await waitForPort(port, () => hasExited(child))
    // Until the first user exists, a server with --auth lets 127.0.0.1 create it.
    await connected(`mongodb://127.0.0.1:${port}`, (admin) =>
      admin.command({ createUser: USER, pwd: PASSWORD, roles: ['root'] }),
    )
    await shutDown(`mongodb://${USER}:${PASSWORD}@127.0.0.1:${port}`)
    for (let waited = 0; !hasExited(child) && waited < 20_000; waited += 20) await setTimeout(20)
    // When another process was faster, its folder stands and this one goes.
    if (!existsSync(data)) await rename(folder, data)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function waitForPort(port: number, hasEnded: () => boolean): Promise<void> {
  for (let waited = 0; waited < 30_000; waited += 20) {
    if (await isListening(port)) return
    if (hasEnded()) break
    await setTimeout(20)
  }
  throw new LingotError(
    'server',
    'MongoDB ended while its first user was made.',
    'Its log is mongodb.log in LINGOT_HOME.',
  )
}

async function shutDown(uri: string): Promise<void> {
  // The server ends the connection instead of answering.
  await connected(uri, (admin) => admin.command({ shutdown: 1, force: true })).catch(() => undefined)
}

type Admin = Pick<Db, 'command'>

async function connected<T>(uri: string, work: (admin: Admin) => Promise<T>): Promise<T> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 5000, connectTimeoutMS: 5000, appName: 'lingot' })
  try {
    await client.connect()
    return await work(client.db('admin'))
  } finally {
    await client.close().catch(() => undefined)
  }
}
