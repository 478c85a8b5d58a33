import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asUser, isRoot, NOBODY } from '../../src/servers/owner.ts'
import { freePort, hasEnded, isListening, launch } from '../../src/servers/process.ts'

/** Whether this machine has one. */
export const hasBouncer = spawnSync('pgbouncer', ['--version']).status === 0

/** A PgBouncer of a test's own before a PostgreSQL, with so many connections; passwords are the names of the users. */
export async function startBouncer(
  postgres: number,
  connections: number,
): Promise<{ url: (user: string) => string; stop: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'lingot bouncer-'))
  const port = (await freePort(0)) ?? 0
  const settings = join(folder, 'settings')
  const users = join(folder, 'users')
  writeFileSync(users, ['super', 'lingot', 'anna'].map((user) => `"${user}" "${user}"\n`).join(''))
  writeFileSync(
    settings,
    `[databases]
gold_db = host=127.0.0.1 port=${postgres}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = ${connections}
`,
  )
  const user = isRoot ? NOBODY : undefined
  if (user !== undefined) for (const file of [folder, settings, users]) chownSync(file, user.uid, user.gid)
  const server = launch(asUser(user, { command: 'pgbouncer', args: [settings] }, [settings]), join(folder, 'log'))
  let isUp = false
  while (!isUp && server.exitCode === null) isUp = await isListening(port)
  return {
    url: (user) => `postgresql://${user}:${user}@127.0.0.1:${port}/gold_db`,
    async stop() {
      server.kill('SIGINT')
      await hasEnded(server.pid ?? 0, 10_000)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
