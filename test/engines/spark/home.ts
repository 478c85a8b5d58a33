import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopCluster } from '../../../src/servers/spark/cluster.ts'
import { installSpark, type Spark } from '../../../src/servers/spark/installation.ts'
import { root } from '../../process.ts'

/** The Spark of the tests: installed once, and left for the next ones. */
export function testSpark(): Promise<Spark> {
  return installSpark(join(root, '.lingot'), () => undefined)
}

/** A new folder to run a cluster over, with a space in its name. */
export function temporaryHome(): string {
  return mkdtempSync(join(tmpdir(), 'lingot spark-'))
}

/** Ends the cluster over a home, and removes the home. */
export async function removeSparkHome(home: string): Promise<void> {
  await stopCluster(home)
  rmSync(home, { recursive: true, force: true, maxRetries: 10 })
}
