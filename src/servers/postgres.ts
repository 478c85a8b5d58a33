import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { assistantOf, readerOf } from '../gold/readers.ts'
import { postgresClient } from '../postgres/client.ts'
import type { Places } from '../settings/config.ts'
import { identityOf, isRunning } from '../system/alive.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { memoryBytes } from '../system/machine.ts'
import type { Engine } from './engine.ts'
import { clearInterrupted, endMoved, makeData, makeHome, realHome } from './home.ts'
import { asUser, giveToOwner, isRoot, NOBODY, ownerOf, type User } from './owner.ts'
import { hasEnded, lastLines, launch, run, serverOver } from './process.ts'
import { postgresPrograms } from './programs.ts'

/** A statement that fails, and what it fails over, are told to who sent it and not to the log. */
const SILENCE = ['log_min_messages=log', 'log_min_error_statement=panic', 'log_error_verbosity=terse']

const USER = 'analyst'
const PASSWORD = 'analyst123'
/** The database of gold where no address names another. */
export const DATABASE = 'gold_db'

/** PostgreSQL, as Lingot finds and runs it. */
export function postgresEngine(config: Places): Engine {
  const home = realHome(config.home)
  const data = join(home, 'postgres')
  const logFile = join(home, 'postgres.log')
  return {
    name: 'PostgreSQL',
    setting: 'POSTGRES_URL',
    configured: config.postgresUrl,
    data,
    firstPort: config.postgresPort,
    uri: (port) => `postgresql://${USER}:${PASSWORD}@127.0.0.1:${port}/${DATABASE}`,
    probe: (address, ms) => probe(address, ms, data),
    async prepare(say) {
      makeHome(home)
      await clearInterrupted(data)
      const user = userOver(data)
      if (existsSync(data)) {
        await endMoved(data)
        await removeStaleLock(data)
        // Versions before made none, or one.
        if (serverOver(data) === undefined) await makeReaders(data, user)
        return
      }
      say('preparing PostgreSQL')
      await makeData(data, user, (folder) => initialise(folder, user))
    },
    launch(port) {
      const { postgres } = postgresPrograms()
      const settings = [
        `port=${port}`,
        'listen_addresses=127.0.0.1',
        'unix_socket_directories=',
        `cluster_name=${clusterName(data)}`,
        `shared_buffers=${sharedBuffersMb()}MB`,
        ...SILENCE,
      ]
      const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])]
      return launch(asUser(userOver(data), { command: postgres, args }, [postgres, data]), logFile)
    },
    logFile,
    describeLog: lastLines,
    async stop() {
      const pid = serverOver(data)
      if (pid === undefined) return
      process.kill(pid, 'SIGINT') // its "fast" shutdown
      await hasEnded(pid, 30_000)
    },
  }
}

/** PostgreSQL as an assistant sees it, where one is set. */
export function assistantEngine(config: Places): Engine | undefined {
  if (config.postgresAssistantUrl === undefined) return undefined
  return { ...postgresEngine(config), setting: 'POSTGRES_ASSISTANT_URL', configured: config.postgresAssistantUrl }
}

/** PostgreSQL as the reader sees it, where one is set. */
export function readerEngine(config: Places): Engine | undefined {
  if (config.postgresReaderUrl === undefined) return undefined
  return { ...postgresEngine(config), setting: 'POSTGRES_READER_URL', configured: config.postgresReaderUrl }
}

/** The address of who reads gold on Lingot's own server; the user's, until a run has given the reader this gold. */
export async function ownReader(uri: string, schema: string): Promise<string> {
  return (await ownRole(uri, schema, readerOf(USER))) ?? uri
}

/** The address of an assistant on Lingot's own server; undefined until a run has given it this gold. */
export function ownAssistant(uri: string, schema: string): Promise<string | undefined> {
  return ownRole(uri, schema, assistantOf(USER))
}

async function ownRole(uri: string, schema: string, role: string): Promise<string | undefined> {
  const address = uri.replace(USER, role)
  const client = postgresClient(address, { connectionTimeoutMillis: 3000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ may: boolean }>(
      "select coalesce(has_any_column_privilege(to_regclass(format('%I.gold_run', $1::text)), 'select'), true) as may",
      [schema],
    )
    return rows[0]?.may ? address : undefined
  } catch {
    return undefined
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Whom PostgreSQL runs as where Lingot is root: PostgreSQL refuses root. */
function userOver(data: string): User | undefined {
  return isRoot ? (ownerOf(data, dirname(data)) ?? NOBODY) : undefined
}

/** A sixteenth of the memory, within what a small container has and what gold can use. */
function sharedBuffersMb(): number {
  return Math.min(Math.max(Math.floor(memoryBytes() / 16 / 2 ** 20), 16), 256)
}

/** Says whose server it is, without its path. */
function clusterName(data: string): string {
  return `lingot-${createHash('sha256').update(data).digest('hex').slice(0, 16)}`
}

async function probe(uri: string, ms: number, data: string) {
  const client = postgresClient(uri, { connectionTimeoutMillis: ms })
  try {
    await client.connect()
    const { rows } = await client.query<{ version: string; name: string }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version, current_setting('cluster_name') as name`,
    )
    const { version = '', name = '' } = rows[0] ?? {}
    const isLingots = /^lingot-[0-9a-f]{16}$/.test(name)
    return { version, isLingots, isOwn: name === clusterName(data) }
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Fills a folder with a cluster that has the roles and the database. */
async function initialise(folder: string, user: User | undefined): Promise<void> {
  const { initdb } = postgresPrograms()
  // The superuser has no password, so nobody can connect as one: the server listens on TCP alone.
  await execute(folder, user, initdb, [
    ...['-D', folder, '-U', 'lingot', '--auth-local=trust', '--auth-host=scram-sha-256'],
    ...['--encoding=UTF8', '--locale-provider=builtin', '--locale=C.UTF-8'],
  ])
  await alone(folder, user, [
    `create role ${USER} login password '${PASSWORD}'`,
    `create database ${DATABASE} owner ${USER}`,
  ])
  await makeReaders(folder, user)
}

/** Who reads gold, by a file in the folder of the data that says there is such a role: each run gives it its tables. */
const READERS: Readonly<Record<string, string>> = {
  lingot_reader: readerOf(USER),
  lingot_assistant: assistantOf(USER),
}

async function makeReaders(folder: string, user: User | undefined): Promise<void> {
  const missing = Object.entries(READERS).filter(([file]) => !existsSync(join(folder, file)))
  if (missing.length === 0) return
  await alone(
    folder,
    user,
    missing.map(([, role]) => `create role ${role} login password '${PASSWORD}'`),
  )
  for (const [file] of missing) {
    writeFileSync(join(folder, file), '', { mode: 0o600 })
    giveToOwner(join(folder, file))
  }
}

/** Runs statements as the superuser, without a server. */
function alone(folder: string, user: User | undefined, statements: readonly string[]): Promise<string> {
  const input = statements.map((line) => `${line};\n`).join('')
  return execute(folder, user, postgresPrograms().postgres, ['--single', '-D', folder, 'postgres'], input)
}

function execute(
  folder: string,
  user: User | undefined,
  command: string,
  args: string[],
  input?: string,
): Promise<string> {
  return run(asUser(user, { command, args }, [command, folder]), input, folder).catch((error: unknown) => {
    const next = 'Set POSTGRES_URL to use another server.'
    throw new LingotError('server', `PostgreSQL could not be prepared.\n${reasonOf(error)}`, next, { cause: error })
  })
}

/** A killed server leaves its lock; when its process id has gone to another program, PostgreSQL would not start. */
async function removeStaleLock(data: string): Promise<void> {
  const lock = join(data, 'postmaster.pid')
  const pid = existsSync(lock) ? Number.parseInt(readFileSync(lock, 'utf8'), 10) : 0
  // Of an id that nobody has PostgreSQL knows itself what to do; it also sees what a killed server left running.
  if (pid > 0 && isRunning(identityOf(pid)) && serverOver(data) === undefined) await rm(lock, { force: true })
}
