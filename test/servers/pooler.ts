import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRoot, NOBODY } from '../../src/servers/owner.ts'
import { freePort, hasEnded, isListening, launch } from '../../src/servers/process.ts'
import { own } from './cluster.ts'

const command = ['pgbouncer', '/usr/sbin/pgbouncer'].find((path) => spawnSync(path, ['--version']).status === 0)

/** Why there is no PgBouncer for a test, if that is so. */
export const noPooler = command === undefined ? 'PgBouncer is not installed here' : undefined

/** A PgBouncer of a test's own before a PostgreSQL, with transaction pooling. */
export async function startPooler(postgresUrl: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const { hostname, port, username, password, pathname } = new URL(postgresUrl)
  const folder = await mkdtemp(join(tmpdir(), 'lingot pooler-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text)
    own(join(folder, name))
    return join(folder, name)
  }
  own(folder)
  const free = (await freePort(0)) ?? 0
  const users = file('users.txt', `"${username}" "${password}"\n`)
  const settings = file(
    'pgbouncer.ini',
    `[databases]
* = host=${hostname} port=${port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${free}
unix_socket_dir =
auth_type = plain
auth_file = ${users}
pool_mode = transaction
default_pool_size = 4
`,
  )
  const server = launch(
    { command: command ?? '', args: ['-q', settings], ...(isRoot && { user: NOBODY }) },
    file('log', ''),
  )
  while (!(await isListening(free)) && server.exitCode === null);
  return {
    url: `postgresql://${username}:${password}@127.0.0.1:${free}${pathname}`,
    async stop() {
      server.kill('SIGINT')
      await hasEnded(server.pid ?? 0, 10_000)
      await rm(folder, { recursive: true, force: true })
    },
  }
}
