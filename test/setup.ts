import type { TestProject } from 'vitest/node'
import { openServers, stopServers } from '../src/servers/servers.ts'
import { removeHome, temporaryConfig } from './servers/home.ts'

declare module 'vitest' {
  interface ProvidedContext {
    mongodbUri: string
    postgresUrl: string
  }
}

/** Real servers of the tests' own, in a temporary folder and on free ports, never the user's. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const config = await temporaryConfig()
  const servers = await openServers(config)
  project.provide('mongodbUri', servers.mongodb.uri)
  project.provide('postgresUrl', servers.postgres.uri)
  return async () => {
    await stopServers(config)
    await removeHome(config)
  }
}
