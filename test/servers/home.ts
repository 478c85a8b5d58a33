import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, loadConfig } from '../../src/config.ts'
import { findMongod } from '../../src/servers/mongod.ts'

/** Settings for servers of a test's own: a new folder with a space in its name, and ports far from the usual ones. */
export async function temporaryConfig(): Promise<Config> {
  const home = await mkdtemp(join(tmpdir(), 'lingot test-'))
  const shared = await findMongod(new URL('../../.lingot', import.meta.url).pathname, () => undefined)
  await mkdir(join(home, 'bin'))
  await copyFile(shared, join(home, 'bin', 'mongod'))
  const port = 20_000 + Math.floor(Math.random() * 20_000)
  const env = { LINGOT_HOME: home, LINGOT_MONGODB_PORT: String(port), LINGOT_POSTGRES_PORT: String(port + 100) }
  return await loadConfig(home, env)
}

export async function removeHome({ home }: Config): Promise<void> {
  await rm(home, { recursive: true, force: true })
}
