import type { TestProject } from 'vitest/node'
import { startCluster } from '../../../src/servers/spark/cluster.ts'
import { removeSparkHome, temporaryHome, testSpark } from './home.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The LINGOT_HOME over which the cluster of all files runs. */
    sparkHome: string
  }
}

/** A cluster of a master and two workers for all files, whose jobs come one after the other. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = temporaryHome()
  const env = { ...process.env, ...project.config.env }
  await startCluster({ spark: await testSpark(), home, memoryMb: 1024, env })
  project.provide('sparkHome', home)
  return () => removeSparkHome(home)
}
