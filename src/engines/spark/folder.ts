import { constants, readFileSync } from 'node:fs'
import { chmod, mkdir, open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { MongoClient, ObjectId } from 'mongodb'
import { columnsRead, intermediatesOf, readModels } from '../../gold/models.ts'
import { thisProcess } from '../../runs/lock.ts'
import type { Config } from '../../settings/config.ts'
import { LingotError, reasonOf } from '../../system/errors.ts'
import { writeOutput } from '../../system/output.ts'
import { packageRoot } from '../../system/package.ts'
import type { Consents, Layer } from '../engine.ts'
import type { Job, JobCollection } from './job.ts'
import { jobSql, RUN_SETTING } from './sql.ts'
import { INTERPRETED } from './sql_gold.ts'

/** The Spark that does a job. */
export interface Cluster {
  /** What `--master` takes; what Spark's own settings say if not given. */
  master: string | undefined
  /** Further arguments of `spark-sql`. */
  args: readonly string[]
}

/** How a job is submitted. */
export interface Submission extends Consents, Cluster {
  command: Layer
  /** What bronze's server is called, where its address may change. */
  server?: string
  /** The run, where this process waits for it; one of its own each time that the job is submitted if not given. */
  run?: ObjectId
}

/** Documents that a task works on. */
const DOCUMENTS = 50_000
/** From so many documents on a collection has at least four tasks, so that more than one machine works. */
const WORTH_SHARING = 10_000
const MOST_TASKS = 10_000
/** From so many documents on the models run longer than Spark takes to compile them. */
const WORTH_COMPILING = 500_000
/** Below it Java, too, would still be compiling when the job is over. Java 9 and newer adds this to its options. */
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
): Promise<void> {
  const { contracts, leaveOut, bronze, silver, goldSchema, settings } = config
  const models = readModels()
  const sources = [...intermediatesOf(models), ...models]
  const collections: (JobCollection & { documents: number })[] = []
  for (const contract of contracts) {
    const { collection, source = collection } = contract
    const from =
      submission.command === 'aggregate'
        ? mongodb.db(silver).collection(collection)
        : mongodb.db(bronze).collection(source)
    const read = columnsRead(sources, contract)
    const columns = read.columns.map(([name]) => name)
    // A table needs a column, even where no model reads one.
    const inOrder = read.inOrder || columns.length === 0
    const documents = await from.estimatedDocumentCount()
    collections.push({ collection, documents, parts: tasksFor(documents), columns, inOrder })
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
    collections: collections.map(({ documents: _, ...collection }) => collection),
    models: models.map(({ name, key, description, columns, plain, tests }) => {
      return { name, key, description, columns, plain, tests }
    }),
  }
  const sql = jobSql(job, { contracts, models, leaveOut, ...(run && { run: run.toHexString() }) })
  const program = readFileSync(join(packageRoot, 'dist', 'spark', 'lingot.mjs'), 'utf8')

  const documents = collections.reduce((sum, { documents }) => sum + documents, 0)
  const write = async (name: keyof typeof BEGINNINGS, text: string, mode: number) => {
    await writeOutput(join(folder, name), text)
    await chmod(join(folder, name), mode)
  }
  await makeRoom(folder)
  await write('job.sql', sql, 0o644)
  await write('lingot.mjs', `${BEGINNINGS['lingot.mjs']}${JSON.stringify(job)}\n${program}`, 0o755)
  await write('submit.sh', submitScript(submission, documents), 0o755)
}

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

function tasksFor(documents: number): number {
  const needed = Math.min(Math.ceil(documents / DOCUMENTS), MOST_TASKS)
  return Math.max(needed, documents >= WORTH_SHARING ? 4 : 1)
}

/** Into how many parts Spark divides what it groups: keys and amounts alone, less than the documents are. */
function shufflesFor(documents: number): number {
  return Math.min(Math.max(Math.ceil(documents / (4 * DOCUMENTS)), 1), MOST_TASKS)
}

/** What the executors have in their environment, none of which stands in a command line or in Spark's pages. */
const SECRETS = ['MONGODB_URI', 'POSTGRES_URL', 'LINGOT_PII_KEY', 'LINGOT_ERASURE_KEY']

function submitScript({ master, args, run }: Submission, documents: number): string {
  const isSmall = documents < WORTH_COMPILING
  const own = [
    ...(master === undefined ? [] : ['--master', master]),
    ...['--name', 'lingot'],
    ...['--conf', 'spark.sql.catalogImplementation=in-memory'],
    ...['--conf', `spark.redaction.regex=(?i)secret|password|token|access[.]?key|${SECRETS.join('|')}`],
    // Two tasks at once on the same documents would only be in each other's way.
    ...['--conf', 'spark.speculation=false'],
    // Its own default, 200, takes longer than the work where there is little of it.
    ...['--conf', `spark.sql.shuffle.partitions=${shufflesFor(documents)}`],
    ...(isSmall ? INTERPRETED.flatMap(([name, value]) => ['--conf', `${name}=${value}`]) : []),
    ...(isSmall ? ['--conf', `spark.executorEnv.JDK_JAVA_OPTIONS=${LIGHTLY_COMPILED}`] : []),
    ...args,
    ...['--files', 'lingot.mjs', '-f', 'job.sql'],
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
${isSmall ? `${JAVA_OPTIONS}\n` : ''}${run === undefined ? clearingUp(launch) : launch}
`
}

const JAVA_OPTIONS = `export JDK_JAVA_OPTIONS="\${JDK_JAVA_OPTIONS:-} ${LIGHTLY_COMPILED}"`

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
