import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { memoryBytes } from '../../system/machine.ts'
import { makePrivate, writeWhole } from '../owner.ts'
import type { Spark } from './installation.ts'

// How Spark's own cluster manager is told to stay on this machine, and to work for its owner alone.

export const HOST = '127.0.0.1'

export function masterArgs(port: number, uiPort: number): string[] {
  const ports = ['--port', String(port), '--webui-port', String(uiPort)]
  return ['org.apache.spark.deploy.master.Master', '--host', HOST, ...ports]
}

export interface WorkerOptions {
  folder: string
  master: string
  uiPort: number
  cores?: number | undefined
  memoryMb?: number | undefined
}

export function workerArgs({ folder, master, uiPort, cores = 1, memoryMb = fittingMb() }: WorkerOptions): string[] {
  const size = ['-c', String(cores), '-m', `${memoryMb}m`]
  const rest = ['--work-dir', join(folder, 'work'), '--webui-port', String(uiPort), master]
  return ['org.apache.spark.deploy.worker.Worker', '--host', HOST, ...size, ...rest]
}

/** A quarter of the memory: two workers leave half to all else. An executor takes 1 GB where nobody says otherwise. */
function fittingMb(): number {
  return Math.min(Math.max(Math.floor(memoryBytes() / 4 / 2 ** 20), 1024), 4096)
}

/** Makes the folders and the settings of a cluster that begins anew. */
export function makeSettings(folder: string): void {
  for (const name of ['conf', 'work', 'scratch']) makePrivate(join(folder, name))
  const settings = {
    // Else whoever may open a port of this machine could have programs run as this user.
    'spark.authenticate': true,
    'spark.authenticate.secret': randomBytes(32).toString('hex'),
    // It would listen on a port of its own, and asks for no secret.
    'spark.master.rest.enabled': false,
    // A page of another site could send the form that ends a job.
    'spark.ui.killEnabled': false,
    'spark.worker.cleanup.enabled': true,
    'spark.worker.cleanup.interval': 600,
    'spark.worker.cleanup.appDataTtl': 3600,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`)
  writeWhole(join(folder, 'conf', 'spark-defaults.conf'), lines.join(''))
}

/** Removes what jobs left: their programs and logs, and what they had no room for in memory. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of ['work', 'scratch']) {
    // An executor that was just killed may still be writing.
    await rm(join(folder, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

/** What `spark-sql` needs in its environment to be let in. */
export function submitEnvironment(folder: string): Record<string, string> {
  return { SPARK_CONF_DIR: join(folder, 'conf'), SPARK_LOCAL_IP: HOST }
}

/** The environment of a master or a worker: none of the user's settings for other clusters, but what Spark is run with. */
export function processEnvironment(folder: string, { home }: Spark, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.entries(env).filter(([name]) => !name.startsWith('SPARK_') || name === 'SPARK_DIST_CLASSPATH')
  return {
    ...Object.fromEntries(others),
    ...(home !== undefined && { SPARK_HOME: home }),
    ...submitEnvironment(folder),
    SPARK_LOCAL_DIRS: join(folder, 'scratch'),
    SPARK_DAEMON_MEMORY: '512m',
    // Its own way would be the next port, where nobody looks for it.
    SPARK_DAEMON_JAVA_OPTS: '-Dspark.port.maxRetries=0',
  }
}
