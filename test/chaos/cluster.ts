import { chownSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { asUser, isRoot, NOBODY } from '../../src/servers/owner.ts'
import { freePort, hasEnded, launch, run, serverOver } from '../../src/servers/process.ts'
import { postgresPrograms } from '../../src/servers/programs.ts'

/** A PostgreSQL whose files may only grow so far. */
export interface Cluster {
  url: string
  /** Starts it; with a limit, no file of it may grow beyond so many kilobytes. */
  start: (limitKb?: number) => Promise<void>
  stop: () => Promise<void>
  remove: () => Promise<void>
}

/**
 * Space that runs out, without any right to mount: the shell's `ulimit -f` refuses a write as a full disk does. Its log
 * of changes is cut into files of 1 MB, so that they stay below the limit.
 */
export async function makeCluster(): Promise<Cluster> {
  const { initdb, postgres } = postgresPrograms()
  const user = isRoot ? NOBODY : undefined
  const folder = mkdtempSync(join(tmpdir(), 'lingot-cluster-'))
  if (user !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const port = (await freePort(0)) ?? 0
  const args = ['-D', data, '-U', 'analyst', '--auth=trust', '--encoding=UTF8', '--wal-segsize=1', '--no-sync']
  await run(asUser(user, { command: initdb, args }, [initdb, folder]), '', folder)
  const url = `postgresql://analyst@127.0.0.1:${port}/postgres`
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_wal_size=8MB', 'min_wal_size=2MB']
  const stop = async () => {
    const pid = serverOver(data)
    if (pid === undefined) return
    process.kill(pid, 'SIGINT')
    await hasEnded(pid, 30_000)
  }
  return {
    url,
    async start(limitKb) {
      const limit = limitKb === undefined ? '' : `ulimit -f ${limitKb * 2} && ` // in blocks of 512 bytes
      const flags = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
      const program = { command: 'sh', args: ['-c', `${limit}exec "$0" "$@"`, postgres, ...flags] }
      launch(asUser(user, program, [postgres, folder]), join(folder, 'log'))
      for (const end = Date.now() + 30_000; !(await answers(url)); await setTimeout(20)) {
        if (Date.now() > end) throw new Error('PostgreSQL did not start')
      }
    },
    stop,
    async remove() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  return client.connect().then(
    () => client.end().then(() => true),
    () => false,
  )
}
