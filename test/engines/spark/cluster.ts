import { execFileSync } from 'node:child_process'
import { beforeAll, inject } from 'vitest'
import { type Cluster, runningCluster } from '../../../src/servers/spark/cluster.ts'
import type { Spark } from '../../../src/servers/spark/installation.ts'
import { testSpark } from './home.ts'

export interface TestCluster extends Cluster {
  spark: Spark
  /** The LINGOT_HOME over which it runs. */
  home: string
  /** The pids of the executors that work on a job now. */
  executors: () => number[]
}

/** The cluster of all files, a master and two workers; it is there once the tests begin. */
export function useCluster(): () => TestCluster {
  let cluster: TestCluster | undefined
  beforeAll(async () => {
    const home = inject('sparkHome')
    const running = await runningCluster(home)
    if (running === undefined) throw new Error('the cluster of the tests has ended')
    const executors = () => childrenOf(running.workers.map(({ pid }) => pid))
    cluster = { ...running, spark: await testSpark(), home, executors }
  })
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
