import { type Entry, forgetBeyond, keepEntry } from '../../history/entries.ts'
import type { Refined } from '../../runs/record.ts'
import { guard } from '../../silver/processor.ts'
import { LingotError } from '../../system/errors.ts'
import type { Step as RunStep } from '../../system/steps.ts'
import { type Hooks, noteChanges, underLock } from '../recorded.ts'
import { begunIn } from './begin.ts'
import { makesGold, makesSilver } from './job.ts'
import { forgetJob } from './notes.ts'
import { stagedSilver } from './silver.ts'
import { claimOf, type Step, type Task } from './task.ts'

/** Makes what is left of gold, puts silver and gold in place if all of it is sound, keeps the record, and lets others in. */
export const finish: Step = async (task, rows) => {
  const { job, run, config, silver, lock } = task
  const { started, made } = await begunIn(task)
  const gold = makesGold(job) ? await (await import('./gold.ts')).receivedGold(rows) : undefined
  const entry = makesSilver(job) ? await entryIn(task) : undefined
  try {
    const begun = { _id: run, command: job.command, engine: 'spark', started } as const
    await underLock(silver, lock, begun, { ...job, ...claimOf(task) }, async (hooks, record) => {
      const offset = (Date.now() - started.getTime()) / 1000
      const before = await stepsOf(task, started)
      try {
        const refined = makesSilver(job) ? await refinedIn(task) : undefined
        const swapIn = async () => {
          if (refined === undefined || entry === undefined) return
          await swapSilverIn(task, hooks, refined, entry)
          record.silver = refined
          noteChanges(record, entry)
        }
        if (gold === undefined) await swapIn()
        else await gold.make(task, { made, refined, hooks, record, swapIn })
      } finally {
        record.steps = [...before, ...record.steps.map((step) => ({ ...step, from: step.from + offset }))]
      }
    })
    // What is left here is removed by the next run.
    if (entry !== undefined) await forgetBeyond(silver, entry, config.history.keep).catch(() => undefined)
  } finally {
    await forgetJob(silver, run.toHexString()).catch(() => undefined)
    // Where the server is gone the lock is free when its lease is over.
    await lock.release().catch(() => undefined)
  }
}

async function swapSilverIn(
  task: Task,
  { timed, beforeSwap }: Hooks,
  refined: Record<string, Refined>,
  entry: Entry,
): Promise<void> {
  const { config, silver } = task
  await timed('swap silver in', async () => {
    const staged = stagedSilver(task)
    await guard(staged, config.contracts, config.pii)
    await keepEntry(silver, entry)
    await beforeSwap(refined)
    await staged.swapIn()
  })
}

async function entryIn({ notes }: Task): Promise<Entry> {
  const [entry] = await notes.read('remembered')
  if (entry === undefined) throw new LingotError('bug', 'Silver is not complete.')
  return entry
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

/** How long the tasks of each step took together, from the first that began to the last that ended. */
async function stepsOf({ notes }: Task, started: Date): Promise<RunStep[]> {
  const times = await notes.times()
  const seconds = (from: Date, to: Date) => Math.max(0, Math.round(to.getTime() - from.getTime()) / 1000)
  const steps = times.flatMap(({ what, name, from, to }) =>
    what in NAMES ? [{ step: `${NAMES[what]} ${name}`, from: seconds(started, from), seconds: seconds(from, to) }] : [],
  )
  return steps.sort((one, other) => one.from - other.from)
}

/** Steps as the local engine calls them. */
const NAMES: Record<string, string> = { cleaned: 'clean', completed: 'settle', read: 'load', modelled: 'build' }
