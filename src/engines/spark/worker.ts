import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { stdin, stdout } from 'node:process'
import { ObjectId } from 'bson'
import { PrimaryClient } from '../../mongo/client.ts'
import { heldLock } from '../../runs/lock.ts'
import { configOf } from '../../settings/config.ts'
import { describeFailure, LingotError } from '../../system/errors.ts'
import { begin } from './begin.ts'
import { endWithExecutor } from './executor.ts'
import { finish } from './finish.ts'
import type { Job } from './job.ts'
import { rowsOf, rowWriter } from './lines.ts'
import { notesOf } from './notes.ts'
import { noteFailure, outcomeOf, recordedOutcome } from './outcome.ts'
import { clean, complete, remove, settle } from './silver.ts'
import { claimOf, missing, type Step, type Task } from './task.ts'

/*
 * The program that a job's SQL runs on the executors: `SELECT TRANSFORM(run, …) USING 'lingot.mjs clean'`. Each process
 * is one task, gets rows on its standard input and gives rows on its standard output. The job stands in front of it.
 */

declare global {
  var lingotJob: Job | undefined
}

/** What needs DuckDB is loaded where it is done. */
const steps: Record<string, () => Step | Promise<Step>> = {
  clean: () => clean,
  settle: () => settle,
  remove: () => remove,
  complete: () => complete,
  read: async () => (await import('./gold.ts')).read,
  model: async () => (await import('./gold.ts')).model,
  finish: () => finish,
}

async function work(name: string): Promise<void> {
  const job = globalThis.lingotJob
  if (job === undefined) throw new LingotError('usage', 'This program is part of a job for Spark.')
  if (name === 'abandon') return abandon(job, ObjectId.createFromHexString(process.argv[3] ?? ''))
  const rows = rowsOf(stdin)
  const first = await rows.next()
  // Spark may start a task that has nothing to do.
  if (first.done) return
  endWithExecutor()
  keepTemporaryFilesHere()
  const [hex = ''] = first.value.split('\t', 1)
  await connected(job, new ObjectId(hex), async (task) => {
    try {
      if (name === 'begin') await begin(task)
      else if (!(name === 'finish' && (await recordedOutcome(task.silver, task.run)))) {
        await inStep(name, task, first.value, rows)
      }
      await task.out.flush()
    } catch (error) {
      await noteFailure(task, error).catch(() => undefined)
      throw error
    }
  })
}

/** In the folder of the executor, which Spark removes where this process is killed. */
function keepTemporaryFilesHere(): void {
  const folder = mkdtempSync(join(process.cwd(), 'task-'))
  process.env['TMPDIR'] = folder
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
}

/** Clears up behind a job that people submitted themselves and Spark gave up; fails with what the job failed with. */
async function abandon(job: Job, run: ObjectId): Promise<void> {
  await connected(job, run, async ({ config, silver, notes }) => {
    const [begun] = await notes.read('begun')
    const started = begun?.started ?? new Date()
    await outcomeOf(silver, { run, command: job.command, started, claim: claimOf({ job, config }) }, () => {
      return new LingotError('server', 'Spark ended without doing the job; above is what it said.')
    })
  })
}

async function connected(job: Job, run: ObjectId, use: (task: Omit<Task, 'lock'>) => Promise<void>): Promise<void> {
  const { bronze, silver, goldSchema, limits, portions } = job
  const config = { ...(await configOf(job.settings)), bronze, silver, goldSchema, limits, portions }
  if (config.mongodbUri === undefined) throw missing('MONGODB_URI')
  const mongodb = await PrimaryClient.connect(config.mongodbUri, {
    appName: 'lingot',
    serverSelectionTimeoutMS: 30_000,
  })
  const db = mongodb.db(silver)
  try {
    await use({ job, config, run, mongodb, silver: db, notes: notesOf(db, run), out: rowWriter(stdout) })
  } finally {
    await mongodb.close()
  }
}

async function inStep(
  name: string,
  task: Omit<Task, 'lock'>,
  first: string,
  rest: AsyncIterable<string>,
): Promise<void> {
  const step = await steps[name]?.()
  if (step === undefined) throw new LingotError('usage', `A job has no step ${name}.`)
  const lock = await heldLock(task.silver, task.run)
  try {
    await step({ ...task, lock }, withoutRun(first, rest))
  } finally {
    lock.leave()
  }
}

async function* withoutRun(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  const withoutRun = (row: string) => row.slice(row.indexOf('\t') + 1)
  yield withoutRun(first)
  for await (const row of rest) yield withoutRun(row)
}

work(process.argv[2] ?? '').catch((error: unknown) => {
  const { text, exitCode } = describeFailure(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = exitCode
})
