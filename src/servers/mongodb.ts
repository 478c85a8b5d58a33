import type { ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type Db, MongoClient } from 'mongodb'
import type { Places } from '../settings/config.ts'
import { LingotError } from '../system/errors.ts'
import { memoryBytes } from '../system/machine.ts'
import type { Engine } from './engine.ts'
import { clearInterrupted, endMoved, makeData, makeHome, realHome } from './home.ts'
import { findMongod } from './mongod.ts'
import { describeMongodbLog } from './mongodb_log.ts'
import { asUser, ownerOf } from './owner.ts'
import { closeLog, follow, freePort, hasEnded, hasExited, isListening, launch, serverOver } from './process.ts'

const USER = 'admin'
const PASSWORD = 'admin123'

/** What every server of Lingot's has in its command line, of whatever home and version. */
const FOLDER = 'mongodb'
const NO_SOCKET = '--nounixsocket'

/** How long a server that was just started may take to answer. */
const PATIENCE_MS = 10_000

/** MongoDB, as Lingot finds and runs it. */
export function mongodbEngine(config: Places): Engine {
  const home = realHome(config.home)
  const data = join(home, FOLDER)
  const logFile = join(home, 'mongodb.log')
  let binary = ''
  const start = (folder: string, port: number) => {
    const program = { command: binary, args: flags(folder, port) }
    return launch(asUser(ownerOf(data, home), program, [binary, folder]), logFile)
  }
  return {
    name: 'MongoDB',
    setting: 'MONGODB_URI',
    configured: config.mongodbUri,
    data,
    firstPort: config.mongodbPort,
    uri: (port) => `mongodb://${USER}:${PASSWORD}@127.0.0.1:${port}`,
    logFile,
    describeLog: describeMongodbLog,
    async probe(address, ms) {
      const found = await probe(address, ms, data)
      // It warns of statements that fail over a value, with both, and no setting of it keeps that back.
      if (found.isOwn) closeLog(logFile)
      return found
    },
    async prepare(say) {
      makeHome(home)
      binary = await findMongod(home, say)
      await clearInterrupted(data)
      if (existsSync(data)) {
        await endMoved(data)
        return
      }
      say('preparing MongoDB')
      const log = follow(logFile)
      await makeData(data, ownerOf(home), (folder) => initialise(folder, start, log))
    },
    launch: (port) => start(data, port),
    async stop(address) {
      const pid = serverOver(data)
      await shutDown(address)
      if (pid !== undefined) await hasEnded(pid, 30_000)
    },
  }
}

function flags(data: string, port: number): string[] {
  const quarter = memoryBytes() / 4 / 2 ** 30
  const cache = Math.min(Math.max(quarter, 0.25), 2).toFixed(2)
  const listen = ['--auth', '--bind_ip', '127.0.0.1', NO_SOCKET, '--port', String(port)]
  // It would log slow statements with what they ask for.
  const silence = ['--slowms', String(2 ** 31 - 1), '--slowOpSampleRate', '0']
  return ['--dbpath', data, ...listen, '--wiredTigerCacheSizeGB', cache, ...silence]
}

async function probe(uri: string, ms: number, data: string) {
  return connected(uri, ms, async (admin) => {
    const { version } = await admin.command({ buildInfo: 1 })
    // A user without the right to ask is not the one that Lingot made.
    const options = await admin.command({ getCmdLineOpts: 1 }).catch(() => undefined)
    const path = String(options?.['parsed']?.storage?.dbPath)
    const isLingots = basename(path) === FOLDER && options?.['argv']?.includes(NO_SOCKET) === true
    return { version: String(version), isLingots, isOwn: isLingots && path === data }
  })
}

/** Fills a folder with a database that has the user. */
async function initialise(
  folder: string,
  start: (folder: string, port: number) => ChildProcess,
  log: () => string,
): Promise<void> {
  const port = (await freePort(0)) ?? 0
  const child = start(folder, port)
  await until(() => isListening(port), child, log)
  // Until the first user exists, a server with --auth lets 127.0.0.1 create it.
  await connected(`mongodb://127.0.0.1:${port}`, PATIENCE_MS, (admin) =>
    admin.command({ createUser: USER, pwd: PASSWORD, roles: ['root'] }),
  )
  await shutDown(`mongodb://${USER}:${PASSWORD}@127.0.0.1:${port}`)
  await until(() => hasExited(child), child, log)
}

async function until(isSo: () => boolean | Promise<boolean>, child: ChildProcess, log: () => string): Promise<void> {
  for (let waited = 0; !(await isSo()); waited += 20) {
    if (hasExited(child) || waited > 60_000) {
      throw new LingotError('server', `MongoDB could not be prepared.\n${describeMongodbLog(log())}`, ANOTHER)
    }
    await setTimeout(20)
  }
}

const ANOTHER = 'Set MONGODB_URI to use another server.'

async function shutDown(uri: string): Promise<void> {
  // The server ends the connection instead of answering.
  await connected(uri, PATIENCE_MS, (admin) => admin.command({ shutdown: 1, force: true })).catch(() => undefined)
}

type Admin = Pick<Db, 'command'>

async function connected<T>(uri: string, ms: number, work: (admin: Admin) => Promise<T>): Promise<T> {
  // The time that a connection string gives itself counts.
  const patience = /[?&]serverSelectionTimeoutMS=/i.test(uri) ? {} : { serverSelectionTimeoutMS: ms }
  const client = new MongoClient(uri, { ...patience, connectTimeoutMS: ms, appName: 'lingot' })
  try {
    return await Promise.race([client.connect().then(() => work(client.db('admin'))), failureOfOne(client)])
  } finally {
    await client.close().catch(() => undefined)
  }
}

/** Rejects when the one host that is named cannot be reached: the driver would try again until its time is up. */
function failureOfOne(client: MongoClient): Promise<never> {
  const { hosts, srvHost } = client.options
  return new Promise((_, reject) => {
    client.on('serverHeartbeatFailed', ({ connectionId, failure }) => {
      if (hosts.length === 1 && srvHost === undefined && connectionId === String(hosts[0])) reject(failure)
    })
  })
}
