import type { ObjectId } from 'bson'
import { surveyGold } from '../../gold/in_place.ts'
import { openPublication } from '../../gold/publish.ts'
import { secondsToWait } from '../../gold/waiting.ts'
import type { GoldTable } from '../../gold/warehouse.ts'
import { withPostgres } from '../../postgres/client.ts'
import { quoted } from '../../postgres/quoting.ts'
import { isSound } from '../../runs/gate.ts'
import { refuseForeign } from '../../runs/ownership.ts'
import type { CheckResult, ReconciliationPart, Refined, RunRecord } from '../../runs/record.ts'
import { runOf, silverInPlace } from '../../runs/store.ts'
import { refuseReplaced } from '../../silver/made.ts'
import { guard } from '../../silver/processor.ts'
import { kindOf, LingotError, reasonOf } from '../../system/errors.ts'
import type { Step as RunStep } from '../../system/steps.ts'
import { checkSilver } from '../../trust/limits.ts'
import { type Hooks, putInPlace, underLock } from '../recorded.ts'
import { begunIn } from './begin.ts'
import { makesGold, makesSilver } from './job.ts'
import { forgetJob, type Noted } from './notes.ts'
import { stagedSilver } from './silver.ts'
import { dropStaged, fromStaged, stagedName } from './staged.ts'
import { claimOf, groundOf, postgresOf, type Step, type Task } from './task.ts'

/** Puts silver and gold in place if all of it is sound, keeps the record of the run, and lets others in. */
export const finish: Step = async (task, rows) => {
  for await (const _ of rows) await finishRun(task)
}

async function finishRun(task: Task): Promise<void> {
  const { job, run, silver, lock } = task
  const { started, ...begun } = await begunIn(task)
  try {
    await underLock(
      silver,
      lock,
      { _id: run, command: job.command, engine: 'spark', started },
      job,
      async (hooks, record) => {
        const offset = (Date.now() - started.getTime()) / 1000
        const before = await stepsOf(task, started)
        try {
          const refined = makesSilver(job) ? await refinedIn(task) : undefined
          const swapIn = async () => {
            if (refined === undefined) return
            await swapSilverIn(task, hooks, refined)
            record.silver = refined
          }
          if (makesGold(job)) await finishGold(task, begun, hooks, record, refined, swapIn)
          else await swapIn()
        } finally {
          record.steps = [...before, ...record.steps.map((step) => ({ ...step, from: step.from + offset }))]
        }
      },
    )
  } finally {
    if (makesGold(job)) await dropStaged(postgresOf(task), job.goldSchema, run.toHexString()).catch(() => undefined)
    await forgetJob(silver, run.toHexString()).catch(() => undefined)
    // Where the server is gone the lock is free when its lease is over.
    await lock.release().catch(() => undefined)
  }
}

async function swapSilverIn(task: Task, { timed, beforeSwap }: Hooks, refined: Record<string, Refined>): Promise<void> {
  const { config } = task
  await timed('swap silver in', async () => {
    const staged = stagedSilver(task)
    await guard(staged, config.contracts, config.pii)
    await beforeSwap(refined)
    await staged.swapIn()
  })
}

async function refinedIn({ job, notes }: Task): Promise<Record<string, Refined>> {
  const refined: Record<string, Refined> = {}
  for (const { collection } of job.collections) {
    const [found] = await notes.read('completed', collection)
    if (found === undefined) throw new LingotError('bug', `${collection} is not complete.`)
    refined[collection] = found
  }
  return refined
}

async function finishGold(
  task: Task,
  { made }: Pick<Noted['begun'], 'made'>,
  hooks: Hooks,
  record: RunRecord,
  refined: Record<string, Refined> | undefined,
  swapIn: () => Promise<void>,
): Promise<void> {
  const { job, config, run, silver, lock } = task
  const contracts = config.contracts
  await refuseUnread(task, refined)
  const url = postgresOf(task)
  const source = refined === undefined ? await silverInPlace(silver) : null
  if (made !== null) await refuseReplaced(silver, contracts, made)
  if (source !== null) record.madeOf = source._id
  const limits = { ...config, acceptShrink: job.acceptShrink }
  const tables: GoldTable[] = []
  const found: CheckResult[] = []
  for (const model of job.models) {
    const [shaped] = await task.notes.read('shaped', model.name)
    const [checked] = await task.notes.read('checked', model.name)
    if (shaped === undefined || checked === undefined) throw new LingotError('bug', `${model.name} is not built.`)
    tables.push({ model, ...shaped, rows: checked.rows })
    found.push(...checked.results)
  }
  const ground = { ...groundOf(task, tables), shop: hooks.shop }
  const { published, unmade } = await surveyGold(url, ground, job)
  const checks = [...(await checkSilver(silver, refined ?? source?.silver ?? {}, published, limits)), ...found]
  const built = {
    gold: Object.fromEntries(tables.map(({ model, rows }) => [model.name, rows])),
    reconciliation: await reconciliationIn(url, job.goldSchema, run),
    unmade: job.prune ? [] : unmade,
    checks,
    sound: isSound(checks),
  }
  const publish = async (beforeCommit: () => Promise<void>) => {
    const fill = fromStaged(job.goldSchema, run.toHexString())
    const onNote = (step: string) => lock.tell({ step, done: null, total: null })
    const seconds = secondsToWait(job)
    const publication = openPublication({ ...ground, url, seconds, fill }, { ...hooks, onNote })
    try {
      await hooks.timed('publish gold', async () => {
        publication.begin()
        for (const table of tables) publication.copy(table)
        await publication.commit(async () => {
          await hooks.beforeCommit()
          await beforeCommit()
        })
      })
    } finally {
      await publication.close()
    }
  }
  await putInPlace(record, built, publish, swapIn)
}

/** Whoever reads silver must have met all of it: a secondary may be behind. */
async function refuseUnread({ job, silver, notes }: Task, refined: Record<string, Refined> | undefined): Promise<void> {
  for (const { collection } of job.collections) {
    const read = await notes.progress('read', collection)
    const there = refined?.[collection]?.silver ?? (await silver.collection(collection).estimatedDocumentCount())
    if (read === there) continue
    throw new LingotError(
      'data',
      `${collection} has ${there} documents in silver, but ${read} were read for gold; the old outputs stay.`,
      'Run it again; if MONGODB_URI reads from secondaries, let this job read from the primary.',
    )
  }
}

async function reconciliationIn(url: string, schema: string, run: ObjectId): Promise<ReconciliationPart[]> {
  return withPostgres(url, async (client) => {
    const { rows } = await client.query<ReconciliationPart>(
      `select gold_table, part, in_table, transactions::float8, revenue::text, amount_unknown::float8
       from ${quoted(schema, stagedName(run.toHexString(), 'reconciliation'))} order by gold_table collate "C", part collate "C"`,
    )
    return rows
  })
}

/** How long the tasks of each step took together, from the first that began to the last that ended. */
async function stepsOf({ notes }: Task, started: Date): Promise<RunStep[]> {
  const times = await notes.times()
  const seconds = (from: Date, to: Date) => Math.max(0, Math.round(to.getTime() - from.getTime()) / 1000)
  const spanned = (step: string, from: Date, to: Date) => ({
    step,
    from: seconds(started, from),
    seconds: seconds(from, to),
  })
  const steps = times.flatMap(({ what, name, from, to }) =>
    what in NAMES ? [spanned(`${NAMES[what]} ${name}`, from, to)] : [],
  )
  // No task of Lingot's own runs while Spark builds the models and looks for rows at fault.
  const end = (of: string, pick: (...ends: number[]) => number) =>
    new Date(pick(...times.filter(({ what }) => what === of).map(({ to }) => to.getTime())))
  const isThere = (wanted: string) => times.some(({ what }) => what === wanted)
  if (isThere('shaped')) steps.push(spanned('build gold', end('read', Math.max), end('shaped', Math.min)))
  if (isThere('checked')) {
    steps.push(spanned('check gold', end(isThere('copied') ? 'copied' : 'shaped', Math.max), end('checked', Math.max)))
  }
  return steps.sort((one, other) => one.from - other.from)
}

/** Steps as the local engine calls them. */
const NAMES: Record<string, string> = { cleaned: 'clean', completed: 'settle', read: 'load', copied: 'copy' }

/** Tells whoever submitted the job why a task failed. */
export async function noteFailure(
  { silver, run, notes, job, config }: Omit<Task, 'lock'>,
  error: unknown,
): Promise<void> {
  // Where it was not let in, nothing there is Lingot's.
  await refuseForeign(silver, claimOf({ job, config }))
  // A run that is over has its record.
  if ((await runOf(silver, run)) !== null) return
  const next = error instanceof LingotError ? error.next : undefined
  // MongoDB would keep null for what is not there.
  await notes.note('failed', [], { kind: kindOf(error), message: reasonOf(error), ...(next !== undefined && { next }) })
}
