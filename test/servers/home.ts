import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findMongod } from '../../src/servers/mongod.ts'
import { stopServers } from '../../src/servers/servers.ts'
import { type Config, loadConfig } from '../../src/settings/config.ts'

/** Settings for servers of a test's own: a new folder with a space in its name, and ports far from the usual ones. */
export async function temporaryConfig(): Promise<Config> {
  const home = await mkdtemp(join(tmpdir(), 'lingot test-'))
  const shared = await findMongod(fileURLToPath(new URL('../../.lingot', import.meta.url)), () => undefined)
  await mkdir(join(home, 'bin'))
  await symlink(shared, join(home, 'bin', 'mongod'))
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const env = { LINGOT_HOME: home, LINGOT_MONGODB_PORT: String(port), LINGOT_POSTGRES_PORT: String(port + 100) }
  return await loadConfig(home, env)
}

/** Ends the servers over a home and removes it. */
export async function removeHome(config: Config): Promise<void> {
  await stopServers(config)
  await rm(config.home, { recursive: true, force: true })
}

/** The settings of a configuration, as a process of its own reads them. */
export function settingsOf({ home, mongodbPort, postgresPort }: Config): Record<string, string> {
  return {
    LINGOT_HOME: home,
    LINGOT_MONGODB_PORT: String(mongodbPort),
    LINGOT_POSTGRES_PORT: String(postgresPort),
  }
}

/** The command lines of the servers over a home and over what is made in it. */
export function serversOver({ home }: Config): string[] {
  const all = execFileSync('ps', ['-e', '-ww', '-o', 'args='], { encoding: 'utf8' }).split('\n')
  return all.filter((line) => /(mongod --dbpath|postgres -D|postgres --single) /.test(line) && line.includes(home))
}

/** The folders of first starts that did not come to their end. */
export function leftovers({ home }: Config): string[] {
  return readdirSync(home).filter((name) => name.includes('.init-'))
}
