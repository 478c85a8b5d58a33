import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { isRunning } from '../../system/alive.ts'
import { LingotError } from '../../system/errors.ts'
import type { Say } from '../engine.ts'
import { makeHome } from '../home.ts'
import { makePrivate } from '../owner.ts'
import { freePort } from '../process.ts'
import { type Daemon, endDaemon, startDaemon } from './daemon.ts'
import type { Spark } from './installation.ts'
import { askMaster } from './master.ts'
import {
  HOST,
  makeSettings,
  masterArgs,
  processEnvironment,
  removeLeftovers,
  submitEnvironment,
  workerArgs,
} from './standalone.ts'
import { forgetState, readState, type State, sparkFolder, writeState } from './state.ts'
import { inTurn } from './turn.ts'

/** A standalone Spark on this machine, to try it: a master and workers as processes of their own. */
export interface Cluster {
  /** What `--master` takes. */
  master: string
  masterPid: number
  masterUi: string
  workers: Worker[]
  /** What `spark-sql` needs in its environment to be let in: the cluster works for nobody who does not know its secret. */
  environment: Record<string, string>
}

export interface Worker {
  pid: number
  ui: string
  cores: number
  memoryMb: number
}

export interface ClusterOptions {
  spark: Spark
  /** Lingot's own folder, `.lingot`. */
  home: string
  workers?: number
  /** Of each worker. */
  cores?: number
  /** Of each worker; what fits the machine if not given. */
  memoryMb?: number
  say?: Say
  signal?: AbortSignal | undefined
  env?: NodeJS.ProcessEnv
}

/** How long a start may take. */
const PATIENCE_MS = 90_000
/** Processes that may end while the cluster starts, as where another program took their port, before their log is shown. */
const ATTEMPTS = 3
const POLL_MS = 100

/** Starts what does not run of the cluster over this home; returns when all its workers have registered. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { home, say, signal } = options
  const folder = sparkFolder(home)
  makeHome(dirname(folder))
  makePrivate(folder)
  const started: Daemon[] = []
  const work = () =>
    start(folder, options, started).catch(async (error: unknown) => {
      // What did not come to be is of no use to anybody.
      await Promise.all(started.map((daemon) => endDaemon(daemon, { atOnce: true })))
      throw error
    })
  return inTurn(turnFile(folder), work, { onWait: () => say?.(WAITING), signal })
}

const WAITING = 'waiting for another command that starts or ends the Spark cluster'

/** Looks at what runs and starts what is missing, again and again until all is there. */
async function start(folder: string, options: ClusterOptions, started: Daemon[]): Promise<Cluster> {
  const { spark, workers: wanted = 2, say, signal, env = process.env } = options
  const sparkClass = join(dirname(spark.sparkSql), 'spark-class')
  let state = await adopt(folder, sparkClass)
  const save = (changes: Partial<State>) => {
    state = { ...state, ...changes }
    writeState(folder, state)
  }
  const said = new Map<string, () => string>()
  const launch = (name: string, uiPort: number, args: readonly string[], keep: (daemon: Daemon) => void) => {
    const program = { sparkClass, args, env: processEnvironment(folder, spark, env), folder }
    const remember = (daemon: Daemon) => {
      started.push(daemon)
      keep(daemon)
    }
    said.set(name, startDaemon({ name, uiPort }, program, remember))
  }

  const deadline = Date.now() + PATIENCE_MS
  let failures = 0
  let trouble = 'It took too long.'
  while (failures < ATTEMPTS && Date.now() < deadline) {
    signal?.throwIfAborted()
    const { master, workers } = state
    const ended = [...(master === undefined ? [] : [master]), ...workers].find((daemon) => !isRunning(daemon))
    if (ended !== undefined) {
      failures++
      trouble = said.get(ended.name)?.() || `The ${ended.name} ended without a word.`
      state = await adopt(folder, sparkClass)
    } else if (master === undefined) {
      say?.('starting the Spark master')
      const [port, uiPort] = [await anyPort(), await anyPort()]
      launch('master', uiPort, masterArgs(port, uiPort), (daemon) => save({ port, master: daemon }))
    } else {
      const cluster = await clusterOf(folder, state)
      if (cluster !== undefined && cluster.workers.length >= wanted) return cluster
      if (cluster !== undefined && workers.length < wanted) {
        say?.(`starting ${wanted} Spark workers`)
        const uiPort = await anyPort()
        const args = workerArgs({ ...options, folder, uiPort, master: cluster.master })
        launch(freeName(workers), uiPort, args, (daemon) => save({ workers: [...state.workers, daemon] }))
      } else await setTimeout(POLL_MS)
    }
  }
  throw new LingotError(
    'server',
    `The Spark cluster could not be started.\n${trouble}`,
    `Its logs are in ${folder}. \`lingot spark down\` ends what is left of it.`,
  )
}

/** What runs of a cluster. One without a master is ended, and so is one of another Spark: two versions do not understand each other. */
async function adopt(folder: string, sparkClass: string): Promise<State> {
  const state = readState(folder)
  if (state?.master !== undefined && state.sparkClass === sparkClass && isRunning(state.master)) {
    return { ...state, workers: state.workers.filter(isRunning) }
  }
  await end(folder, state)
  makeSettings(folder)
  return { sparkClass, port: 0, master: undefined, workers: [] }
}

/** The cluster over this home, if its master answers and has a worker. */
export async function runningCluster(home: string): Promise<Cluster | undefined> {
  const folder = sparkFolder(home)
  const state = readState(folder)
  const cluster = state === undefined ? undefined : await clusterOf(folder, state)
  return cluster === undefined || cluster.workers.length === 0 ? undefined : cluster
}

/** Ends the cluster over this home, and no other process; says how many processes of it were running. */
export async function stopCluster(home: string, say?: Say): Promise<{ masters: number; workers: number }> {
  const folder = sparkFolder(home)
  if (readState(folder) === undefined) return { masters: 0, workers: 0 }
  const work = () => {
    say?.('stopping the Spark cluster')
    return end(folder, readState(folder))
  }
  return inTurn(turnFile(folder), work, { onWait: () => say?.(WAITING) })
}

async function end(folder: string, state: State | undefined): Promise<{ masters: number; workers: number }> {
  const endAll = async (daemons: readonly Daemon[]) =>
    (await Promise.all(daemons.map((daemon) => endDaemon(daemon)))).filter(Boolean).length
  const [masters, workers] = await Promise.all([
    endAll(state?.master === undefined ? [] : [state.master]),
    endAll(state?.workers ?? []),
  ])
  await removeLeftovers(folder)
  forgetState(folder)
  return { masters, workers }
}

/** The cluster with those of its workers that have registered, as its master tells. */
async function clusterOf(folder: string, { master, port, workers }: State): Promise<Cluster | undefined> {
  if (master === undefined || !isRunning(master)) return undefined
  const uri = `spark://${HOST}:${port}`
  const masterUi = `http://${HOST}:${master.uiPort}`
  const answer = await askMaster(masterUi)
  if (answer?.url !== uri) return undefined
  const registered = workers.flatMap(({ pid, uiPort }) => {
    const ui = `http://${HOST}:${uiPort}`
    const found = answer.workers.find(({ webuiaddress, state }) => webuiaddress === ui && state === 'ALIVE')
    return found === undefined ? [] : [{ pid, ui, cores: found.cores, memoryMb: found.memory }]
  })
  return { master: uri, masterPid: master.pid, masterUi, workers: registered, environment: submitEnvironment(folder) }
}

function freeName(workers: readonly Daemon[]): string {
  const taken = workers.map(({ name }) => name)
  const names = Array.from({ length: taken.length + 1 }, (_, i) => `worker-${i + 1}`)
  return names.find((name) => !taken.includes(name)) ?? ''
}

function turnFile(folder: string): string {
  return join(folder, 'cluster.turn')
}

async function anyPort(): Promise<number> {
  const port = await freePort(0)
  if (port === undefined) throw new LingotError('server', 'No port of 127.0.0.1 is free for Spark.', 'Free one.')
  return port
}
