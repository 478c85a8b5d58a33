import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { openServers } from '../src/servers/servers.ts'
import { nameOf, runs } from '../src/system/alive.ts'
import { root } from './process.ts'
import { removeHome, temporaryConfig } from './servers/home.ts'
import { openChromium } from './web/browser/chromium.ts'

declare module 'vitest' {
  interface ProvidedContext {
    mongodbUri: string
    postgresUrl: string
    /** Where the browser of the tests listens; null where this machine has none. */
    browser: string | null
  }
}

const MEMORY = '/dev/shm'
const NAME = 'lingot tests-'

/** More than a whole run of tests writes. */
const ROOM = 6e9

/** Whether there is a file system in memory with room, from which programs may be run. */
function hasRoomInMemory(): boolean {
  if (!existsSync(MEMORY)) return false
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  const { bavail, bsize } = statfsSync(MEMORY)
  const room = Math.min(bavail * bsize, process.availableMemory())
  return room > ROOM && !mounts.some((mount) => mount.includes(` ${MEMORY} `) && mount.includes('noexec'))
}

/**
 * A folder for all that tests write, in memory where that may be: they make and drop collections, tables and servers
 * thousands of times, and would wait for a disk at each.
 */
function temporaryFolder(): string {
  const above = hasRoomInMemory() ? MEMORY : tmpdir()
  for (const name of readdirSync(above)) {
    const isAbandoned = name.startsWith(NAME) && runs(name.slice(NAME.length)) === false
    if (isAbandoned) rmSync(join(above, name), { recursive: true, force: true })
  }
  const folder = mkdtempSync(join(above, `${NAME}${nameOf(process.pid)}-`))
  // Open as what is above it: PostgreSQL runs as another user.
  chmodSync(folder, 0o1777)
  return folder
}

/** Real servers of the tests' own, in a temporary folder and on free ports, never the user's. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The tests of the command line run what is built.
  const setUp = fileURLToPath(new URL('../scripts/setup.js', import.meta.url))
  if (spawnSync(process.execPath, [setUp], { stdio: 'inherit' }).status !== 0)
    throw new Error('Lingot cannot be built.')
  const temporary = temporaryFolder()
  process.env['TMPDIR'] = temporary
  const config = await temporaryConfig()
  // As where Lingot is installed: commands are told by its name alone.
  const installed = join(config.home, 'installed')
  mkdirSync(installed)
  symlinkSync(join(root, 'bin', 'lingot.js'), join(installed, 'lingot'))
  process.env['PATH'] = `${installed}${delimiter}${process.env['PATH'] ?? ''}`
  const [servers, browser] = await Promise.all([openServers(config), openChromium()])
  project.provide('mongodbUri', servers.mongodb.uri)
  project.provide('postgresUrl', servers.postgres.uri)
  project.provide('browser', browser?.wsEndpoint() ?? null)
  return async () => {
    await browser?.close()
    await removeHome(config)
    rmSync(temporary, { recursive: true, force: true })
  }
}
