import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'
import { openServers } from '../src/servers/servers.ts'
import { removeHome, temporaryConfig } from './servers/home.ts'

declare module 'vitest' {
  interface ProvidedContext {
    mongodbUri: string
    postgresUrl: string
  }
}

/** Real servers of the tests' own, in a temporary folder and on free ports, never the user's. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  // The tests of the command line run what is built.
  spawnSync(process.execPath, [fileURLToPath(new URL('../scripts/setup.js', import.meta.url))], { stdio: 'inherit' })
  const config = await temporaryConfig()
  const servers = await openServers(config)
  project.provide('mongodbUri', servers.mongodb.uri)
  project.provide('postgresUrl', servers.postgres.uri)
  return () => removeHome(config)
}
