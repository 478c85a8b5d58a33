import { spawnSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { openServers } from '../src/servers/servers.ts'
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

/** Real servers of the tests' own, in a temporary folder and on free ports, never the user's. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The tests of the command line run what is built.
  const setUp = fileURLToPath(new URL('../scripts/setup.js', import.meta.url))
  if (spawnSync(process.execPath, [setUp], { stdio: 'inherit' }).status !== 0)
    throw new Error('Lingot cannot be built.')
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
  }
}
