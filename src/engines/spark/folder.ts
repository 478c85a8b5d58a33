import { constants, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, open, readdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import type { MongoClient, ObjectId } from 'mongodb'
import { checkModels } from '../../gold/aggregator.ts'
import { thisProcess } from '../../runs/lock.ts'
import type { Config } from '../../settings/config.ts'
import { LingotError, reasonOf } from '../../system/errors.ts'
import { writeOutput } from '../../system/output.ts'
import { carriedPackage, packageRoot } from '../../system/package.ts'
import type { Consents, Layer } from '../engine.ts'
import type { Job } from './job.ts'
import { jobSql, RUN_SETTING } from './sql.ts'

/** The Spark that does a job. */
export interface Cluster {
  /** What `--master` takes; what Spark's own settings say if not given. */
  master: string | undefined
  /** Further arguments of `spark-sql`. */
  args: readonly string[]
  /** The cores of one that runs on this machine. */
  coresHere?: number | undefined
}

/** How a job is submitted. */
export interface Submission extends Consents, Cluster {
  command: Layer
  /** What bronze's server is called, where its address may change. */
  server?: string
  /** The run, where this process waits for it; one of its own each time that the job is submitted if not given. */
  run?: ObjectId
}

/** How much a task has to do: a Node process takes a second to start and to get going. */
export interface Sizes {
  /** Documents of a part. */
  part: number
  /** Documents whose keys are settled together. */
  settled: number
  /** Documents of a bucket, for which the models run. */
  bucket: number
  /** Below it one task does it all. */
  worthSharing: number
}

const usual: Sizes = { part: 500_000, settled: 1_000_000, bucket: 1_000_000, worthSharing: 50_000 }
const MOST_TASKS = 10_000
/** Java moves few rows, and would still be compiling when the job is over. Java 9 and newer adds this to its options. */
const LIGHTLY_COMPILED = '-XX:TieredStopAtLevel=1'

/**
 * Writes the folder of a job: `job.sql`, `lingot.mjs`, which the SQL runs on the executors, and `submit.sh`. No secret is
 * in it. The folder is new, empty, or that of an earlier job, whose files are replaced.
 */
export async function writeJob(
  folder: string,
  mongodb: MongoClient,
  config: Config,
  submission: Submission,
  sizes: Sizes = usual,
): Promise<void> {
  const { contracts, bronze, silver, goldSchema, settings, portions } = config
  if (submission.command !== 'process' && config.project.models.length > 0) await checkModels(config)
  const sized = await Promise.all(
    contracts.map(async ({ collection, source = collection }) => {
      const isSilver = submission.command === 'aggregate'
      const from = isSilver ? mongodb.db(silver).collection(collection) : mongodb.db(bronze).collection(source)
      return { collection, documents: await from.estimatedDocumentCount() }
    }),
  )
  const documents = sized.reduce((sum, { documents }) => sum + documents, 0)
  const coresHere = coresOn(submission)
  const cores = coresHere ?? UNKNOWN_CORES
  const isShared = documents >= sizes.worthSharing
  const tasksFor = (documents: number, each: number) => {
    if (documents < sizes.worthSharing) return 1
    const needed = Math.max(Math.ceil(documents / each), Math.min(cores, Math.ceil(documents / sizes.worthSharing)))
    // No core is left idle by the last of them, where some are as large as the others.
    return Math.min(needed > cores ? Math.ceil(needed / cores) * cores : needed, MOST_TASKS)
  }
  const { command, noWait, acceptShrink, takeOver, prune, server, run } = submission
  const job: Job = {
    ...{
      command,
      bronze,
      silver,
      goldSchema,
      settings,
      noWait,
      acceptShrink,
      takeOver,
      prune,
      ...(server !== undefined && { server }),
      publishWait: config.publishWait,
    },
    by: run && thisProcess(),
    collections: sized.map(({ collection, documents }) => ({ collection, parts: tasksFor(documents, sizes.part) })),
    isShared,
    settlers: tasksFor(documents, sizes.settled),
    buckets: portions.buckets ?? tasksFor(documents, sizes.bucket),
    // A core has one task at a time.
    limits: { ...config.limits, threads: 1 },
    portions,
    duckdb: libraryFolder(),
  }
  const libraries = coresHere === undefined ? (await readdir(job.duckdb)).filter((name) => LIBRARY.test(name)) : []
  const carried = carriedPackage()
  const front = `${BEGINNINGS['lingot.mjs']}${JSON.stringify(job)}\nglobalThis.lingotPackage = ${JSON.stringify(carried)}\n`
  const program = readFileSync(join(packageRoot, 'dist', 'spark', 'lingot.mjs'), 'utf8')
  const write = async (name: keyof typeof BEGINNINGS, text: string, mode: number) => {
    await writeOutput(join(folder, name), text)
    await chmod(join(folder, name), mode)
  }
  await makeRoom(folder)
  await write('job.sql', jobSql(job, run?.toHexString()), 0o644)
  await write('lingot.mjs', `${front}${program}`, 0o755)
  await write('submit.sh', submitScript(submission, { isShared, libraries }), 0o755)
  for (const name of libraries) await copyFile(join(job.duckdb, name), join(folder, name))
}

const UNKNOWN_CORES = 4

/** The cores of a cluster that runs on this machine; undefined where it may run elsewhere. */
function coresOn({ master, coresHere }: Cluster): number | undefined {
  const [isLocal, cores = '1'] = /^local(?:\[(\d+|\*).*\])?$/.exec(master ?? '') ?? []
  if (isLocal === undefined) return coresHere
  return cores === '*' ? availableParallelism() : Number(cores)
}

/** DuckDB's native library as it is installed here: what Node loads, and what that needs beside it. */
function libraryFolder(): string {
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('@duckdb/node-bindings'))
  for (const libc of ['', '-musl']) {
    try {
      return dirname(resolve(`@duckdb/node-bindings-${process.platform}-${process.arch}${libc}/duckdb.node`))
    } catch {
      // npm installs the one that fits.
    }
  }
  throw new LingotError('config', "DuckDB's library is not installed here.", 'Install Lingot anew.')
}

const LIBRARY = /^(lib)?duckdb\.(node|so|dylib)$/

/** How the files of a job begin, in this version and in those before it: so they are known for Lingot's own. */
const BEGINNINGS = {
  'job.sql': "-- Where the executors find Lingot's program",
  'lingot.mjs': '#!/usr/bin/env node\nglobalThis.lingotJob = ',
  'submit.sh': '#!/bin/sh\n# Submits the job with the spark-sql of SPARK_HOME',
}

/** Makes the folder where there is none; refuses one that holds anything else than a job. */
async function makeRoom(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const held = await readdir(folder)
    if (held.length === 0) return
    const own = await Promise.all(
      Object.entries(BEGINNINGS).map(async ([name, beginning]) => {
        return held.includes(name) ? (await beginningOf(join(folder, name), beginning.length)) === beginning : undefined
      }),
    )
    if (own.includes(true) && !own.includes(false)) return
  } catch (error) {
    throw new LingotError('usage', `The folder ${folder} cannot be used: ${reasonOf(error)}.`, ANOTHER_FOLDER)
  }
  throw new LingotError('usage', `The folder ${folder} holds other things than a job.`, ANOTHER_FOLDER)
}

const ANOTHER_FOLDER = 'Name a folder that is new or empty, or one that holds an earlier job: --dry-run job'

async function beginningOf(file: string, length: number): Promise<string> {
  // Nobody may ever write into a pipe of this name.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** What the executors have in their environment, none of which stands in a command line or in Spark's pages. */
const SECRETS = ['MONGODB_URI', 'POSTGRES_URL', 'LINGOT_PII_KEY', 'LINGOT_ERASURE_KEY']

function submitScript(
  { master, args, run }: Submission,
  { isShared, libraries }: { isShared: boolean; libraries: readonly string[] },
): string {
  const own = [
    ...(master === undefined ? [] : ['--master', master]),
    ...['--name', 'lingot'],
    ...['--conf', 'spark.sql.catalogImplementation=in-memory'],
    ...['--conf', `spark.redaction.regex=(?i)secret|password|token|access[.]?key|${SECRETS.join('|')}`],
    // Two tasks at once on the same documents would only be in each other's way.
    ...['--conf', 'spark.speculation=false'],
    // There is nothing to adapt: how many tasks there are is settled.
    ...['--conf', 'spark.sql.adaptive.enabled=false'],
    ...['--conf', 'spark.sql.codegen.wholeStage=false', '--conf', 'spark.sql.codegen.factoryMode=NO_CODEGEN'],
    // One task at a time is all there is: other executors would only take their time to start.
    ...(isShared ? [] : ['--conf', 'spark.cores.max=1', '--conf', 'spark.executor.instances=1']),
    ...(isShared ? [] : ['--conf', 'spark.ui.enabled=false']),
    ...['--conf', `spark.executorEnv.JDK_JAVA_OPTIONS=${LIGHTLY_COMPILED}`],
    ...args,
    ...['--files', ['lingot.mjs', ...libraries].join(','), '-f', 'job.sql'],
  ]
  const launch = `"\${SPARK_HOME:+$SPARK_HOME/bin/}spark-sql" --properties-file "$properties" --load-spark-defaults \\
  ${own.map(shellWord).join(' ')}`
  return `${BEGINNINGS['submit.sh']}, or the one on PATH.
# MONGODB_URI and POSTGRES_URL must be set here, as the executors reach them, and LINGOT_PII_KEY and LINGOT_ERASURE_KEY
# where they are used. They go to the executors in a file that only this user can read.
set -eu
cd "$(dirname "$0")"
umask 077
properties=$(mktemp)
trap 'rm -f "$properties"' EXIT
trap 'exit 143' HUP INT TERM
for name in ${SECRETS.join(' ')}; do
  value=$(printenv "$name" || true)
  if [ -n "$value" ]; then
    printf 'spark.executorEnv.%s=%s\\n' "$name" "$(printf %s "$value" | sed 's/\\\\/&&/g')" >> "$properties"
  fi
done
export JDK_JAVA_OPTIONS="\${JDK_JAVA_OPTIONS:-} ${LIGHTLY_COMPILED}"
${run === undefined ? clearingUp(launch) : launch}
`
}

/** Where nobody watches the job: a lock that it leaves would keep others out for an hour. */
function clearingUp(launch: string): string {
  return `run=$(printf %08x "$(date +%s)")$(od -An -N8 -tx1 /dev/urandom | tr -d ' \\n')
printf '${RUN_SETTING}=%s\\n' "$run" >> "$properties"
# A job that Spark gives up is cleared up behind at once, and this ends with the exit code of what it failed with.
code=0
trap : HUP INT TERM
${launch} || code=$?
if [ "$code" != 0 ] && [ -n "\${MONGODB_URI:-}" ] && command -v node > /dev/null; then
  code=0
  node lingot.mjs abandon "$run" || code=$?
fi
exit "$code"`
}

function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
