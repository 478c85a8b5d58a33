import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { type Cluster, startCluster, stopCluster } from '../../../src/servers/spark/cluster.ts'
import { installSpark, type Spark } from '../../../src/servers/spark/installation.ts'
import { root } from '../../process.ts'

export interface TestCluster extends Cluster {
  spark: Spark
  /** The LINGOT_HOME over which it runs. */
  home: string
  /** The pids of the executors that work on a job now. */
  executors: () => number[]
}

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

/** A cluster of a master and two workers for the tests of a file; it is there once they begin. */
export function useCluster(): () => TestCluster {
  const home = temporaryHome()
  let cluster: TestCluster | undefined
  beforeAll(async () => {
    const spark = await testSpark()
    const started = await startCluster({ spark, home, memoryMb: 1024 })
    const executors = () => childrenOf(started.workers.map(({ pid }) => pid))
    cluster = { ...started, spark, home, executors }
  })
  afterAll(() => removeSparkHome(home))
  return () => {
    if (cluster === undefined) throw new Error('the cluster is there once the tests have begun')
    return cluster
  }
}

/** The pids of the processes that these have started. */
function childrenOf(pids: readonly number[]): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  return lines.flatMap((line) => {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number)
    return pids.includes(parent) ? [pid] : []
  })
}
