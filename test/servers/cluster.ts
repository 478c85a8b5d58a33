import { spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { findMongod } from '../../src/servers/mongod.ts'
import { asUser, isRoot, NOBODY } from '../../src/servers/owner.ts'
import { freePort, hasEnded, isListening, launch, run } from '../../src/servers/process.ts'
import { postgresPrograms } from '../../src/servers/programs.ts'

/** A PostgreSQL of a test's own, whose superuser has a password. */
export interface Cluster {
  port: number
  /** The address of a user, the superuser if none is named. */
  url: (user?: string, password?: string) => string
  stop: () => Promise<void>
}

/** Whom PostgreSQL runs as. */
const user = isRoot ? NOBODY : undefined
const database = 'gold_db'

/** Starts it with settings such as `ssl=on`; `prepare` may put files for them beside the data. A standby is read alone. */
export async function startPostgres(
  settings: readonly string[] = [],
  prepare: (folder: string) => void = () => undefined,
  isStandby = false,
  { initdb, postgres } = postgresPrograms(),
): Promise<Cluster> {
  const folder = await mkdtemp(join(tmpdir(), 'lingot cluster-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  own(data)
  prepare(folder)
  const execute = (command: string, args: string[], input?: string) =>
    run(asUser(user, { command, args }, [command, data]), input, data)
  await execute(initdb, ['-D', data, '-U', 'super', '--auth-local=trust', '--auth-host=scram-sha-256', '--no-sync'])
  const statements = `alter role super password 'super';\ncreate database ${database};\n`
  await execute(postgres, ['--single', '-D', data, 'postgres'], statements)
  if (isStandby) {
    writeFileSync(join(data, 'standby.signal'), '')
    own(join(data, 'standby.signal'))
  }

  const port = (await freePort(0)) ?? 0
  const all = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=off', ...settings]
  const args = ['-D', data, ...all.flatMap((setting) => ['-c', setting])]
  const server = launch(asUser(user, { command: postgres, args }, [postgres, data]), join(folder, 'log'))
  while (server.exitCode === null && !((await isListening(port)) && (await answers(port)))) await setTimeout(20)
  return {
    port,
    url: (name = 'super', password = name) => `postgresql://${name}:${password}@127.0.0.1:${port}/${database}`,
    async stop() {
      server.kill('SIGINT')
      await hasEnded(server.pid ?? 0, 30_000)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Both servers as the brief has them, and as Lingot would not start them. */
export async function startBriefs(): Promise<{ mongodb: string; postgres: string; stop: () => Promise<void> }> {
  const cluster = await startPostgres()
  const client = new pg.Client({ connectionString: cluster.url() })
  await client.connect()
  await client.query("create role analyst login password 'analyst123'; alter database gold_db owner to analyst")
  await client.end()

  const folder = await mkdtemp(join(tmpdir(), 'lingot mongodb-'))
  const command = await findMongod(fileURLToPath(new URL('../../.lingot', import.meta.url)), () => undefined)
  const port = (await freePort(0)) ?? 0
  const args = [
    '--dbpath',
    folder,
    '--unixSocketPrefix',
    folder,
    '--auth',
    '--bind_ip',
    '127.0.0.1',
    '--port',
    String(port),
  ]
  const mongod = launch({ command, args }, join(folder, 'log'))
  while (mongod.exitCode === null && !(await isListening(port))) await setTimeout(20)
  const admin = await MongoClient.connect(`mongodb://127.0.0.1:${port}`)
  await admin.db('admin').command({ createUser: 'admin', pwd: 'admin123', roles: ['root'] })
  await admin.close()
  return {
    mongodb: `mongodb://admin:admin123@127.0.0.1:${port}`,
    postgres: cluster.url('analyst', 'analyst123'),
    async stop() {
      mongod.kill('SIGINT')
      await Promise.all([hasEnded(mongod.pid ?? 0, 30_000), cluster.stop()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Whether it takes connections already, or says to one without a password that it asks for it. */
async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: `postgresql://super@127.0.0.1:${port}/${database}`, ssl: false })
  client.on('error', () => undefined)
  const failure: unknown = await client.connect().catch((error: unknown) => error)
  await client.end().catch(() => undefined)
  return !(failure instanceof pg.DatabaseError && failure.code === '57P03')
}

/** The programs of an older PostgreSQL, where this machine has them. */
export function olderPrograms(): ReturnType<typeof postgresPrograms> | undefined {
  const found = spawnSync('pg_config', ['--bindir'], { encoding: 'utf8' }).stdout?.trim()
  if (!found) return undefined
  const programs = { initdb: join(found, 'initdb'), postgres: join(found, 'postgres') }
  return Object.values(programs).every((program) => existsSync(program)) ? programs : undefined
}

/** Gives a file to the user that PostgreSQL runs as. */
export function own(path: string): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid)
}
