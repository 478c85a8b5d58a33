import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ObjectId } from 'bson'
import type { Db, MongoClient } from 'mongodb'
import { describeHolder, heldLock, type Lock, readHolder } from '../../runs/lock.ts'
import { refuseForeign } from '../../runs/ownership.ts'
import type { RunRecord } from '../../runs/record.ts'
import { tellGroup } from '../../servers/process.ts'
import { runningCluster } from '../../servers/spark/cluster.ts'
import type { Spark } from '../../servers/spark/installation.ts'
import type { Config } from '../../settings/config.ts'
import { LingotError } from '../../system/errors.ts'
import { withoutQuotes } from '../../system/messages.ts'
import { mask } from '../../system/secrets.ts'
import type { Progress } from '../../text/progress.ts'
import type { Consents, Engine } from '../engine.ts'
import { type Cluster, type Sizes, type Submission, writeJob } from './folder.ts'
import { outcomeOf } from './outcome.ts'

interface SparkOptions extends Cluster, Pick<Submission, 'server'> {
  spark: Spark
  mongodbUri: string
  postgresUrl: string | undefined
  /** How much a task has to do; what measurements gave, if not said. */
  sizes?: Sizes
  signal: AbortSignal
  onProgress: Progress
  onStep: (step: string) => void
  onNote: (note: string) => void
  /** Told which run it is. */
  onRun?: (run: ObjectId) => void
}

export type SparkRun = SparkOptions & Consents & Pick<Submission, 'command'>

/** Has Spark make layers. */
export function sparkEngine(mongodb: MongoClient, config: Config, options: SparkOptions): Engine {
  return { make: (command, consents) => runOnSpark(mongodb, config, { ...options, ...consents, command }) }
}

/** Lets Spark make silver, gold or both, watches it, and gives the record of the run; throws what it failed with. */
export async function runOnSpark(mongodb: MongoClient, config: Config, options: SparkRun): Promise<RunRecord> {
  const { spark } = options
  const own = await runningCluster(config.home)
  const cluster = options.master === undefined || options.master === own?.master ? own : undefined
  const silver = mongodb.db(config.silver)
  // A job that is not let in should not begin.
  const claim = { ...config, takeOver: options.takeOver }
  await refuseForeign(silver, claim)
  const run = new ObjectId()
  options.onRun?.(run)
  const started = new Date()
  const place = mkdtempSync(join(tmpdir(), 'lingot-spark-'))
  const remove = () => rmSync(place, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    const folder = join(place, 'job')
    const coresHere = cluster?.workers.reduce((sum, { cores }) => sum + cores, 0)
    const submission = { ...options, master: options.master ?? cluster?.master, coresHere, run }
    await writeJob(folder, mongodb, config, submission, options.sizes)
    const env = {
      ...process.env,
      ...cluster?.environment,
      ...(spark.home !== undefined && { SPARK_HOME: spark.home }),
      MONGODB_URI: options.mongodbUri,
      ...(options.postgresUrl !== undefined && { POSTGRES_URL: options.postgresUrl }),
    }
    const log = join(place, 'spark.log')
    await submit(join(folder, 'submit.sh'), { env, log }, silver, run, options)
    return await outcomeOf(silver, { run, command: options.command, started, claim }, () => toldBySpark(log))
  } catch (error) {
    throw options.signal.aborted ? options.signal.reason : error
  } finally {
    process.off('exit', remove)
    remove()
  }
}

const POLL_MS = 500

/** Runs the script and tells how far its tasks are, until it has ended. */
async function submit(
  script: string,
  { env, log }: { env: NodeJS.ProcessEnv; log: string },
  silver: Db,
  run: ObjectId,
  { signal, noWait, onProgress, onStep, onNote }: SparkRun,
): Promise<void> {
  signal.throwIfAborted()
  const output = openSync(log, 'w', 0o600)
  // In a group of its own: on Ctrl-C the driver is told by this process alone.
  const child = spawn('sh', [script], { env, stdio: ['ignore', output, output], detached: true })
  closeSync(output)
  const end = () => tellGroup(child.pid, 'SIGTERM')
  signal.addEventListener('abort', end)
  const over = new AbortController()
  const watching = watch(silver, run, over.signal, { noWait, onProgress, onStep, onNote })
  try {
    onStep('submit the job to Spark')
    // Told to end it may take its time, which nobody waits for: its tasks are shut out by then.
    await once(child, 'close', { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  } finally {
    signal.removeEventListener('abort', end)
    over.abort()
    await watching
  }
}

async function watch(
  silver: Db,
  run: ObjectId,
  over: AbortSignal,
  { noWait, onProgress, onStep, onNote }: Pick<SparkRun, 'noWait' | 'onProgress' | 'onStep' | 'onNote'>,
) {
  let last = ''
  let waitedFor: ObjectId | undefined
  let lock: Lock | undefined
  while (!over.aborted) {
    const seen = await readHolder(silver, { timeoutMS: 5000 }).catch(() => undefined)
    const isWaiting = !noWait && lock === undefined && seen !== undefined && !seen.holder.run.equals(run)
    if (isWaiting && !waitedFor?.equals(seen.holder.run)) {
      waitedFor = seen.holder.run
      onNote(`Waiting for ${describeHolder(seen.holder)}.`)
    }
    if (seen?.holder.run.equals(run) && seen.progress !== undefined && JSON.stringify(seen.progress) !== last) {
      last = JSON.stringify(seen.progress)
      // Keeps it for the job also while Spark alone works.
      lock ??= await heldLock(silver, run).catch(() => undefined)
      const { step, done, total } = seen.progress
      if (done === null || total === null) onStep(step)
      else onProgress(step, done, total)
    }
    await setTimeout(POLL_MS, undefined, { signal: over }).catch(() => undefined)
  }
  lock?.leave()
}

/** Why a job ended where none of its tasks tells: what Spark said last. */
function toldBySpark(log: string): LingotError {
  const lines = readFileSync(log, 'utf8').split('\n')
  const errors = lines.filter((line) => /\b(Exception|Error|ERROR|error)\b|cannot|not found/.test(line)).slice(-3)
  return new LingotError(
    'server',
    `Spark ended without doing the job: ${mask((errors.length > 0 ? errors : lines.slice(-3)).map(withoutQuotes).join(' ').trim()).slice(0, 600)}`,
    'Look at what Spark says of it: `lingot … --dry-run` writes the job, and its submit.sh shows all of it.',
  )
}
