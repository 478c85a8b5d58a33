import { modelsOf } from '../../gold/models.ts'
import { lookAhead } from '../../gold/publish.ts'
import { bronzeOf } from '../../mongo/client.ts'
import { rangesOf } from '../../mongo/ranges.ts'
import { lockSilver, thisProcess } from '../../runs/lock.ts'
import { layerOf, refuseForeign } from '../../runs/ownership.ts'
import { shopOf } from '../../runs/shop.ts'
import { madeBy } from '../../silver/made.ts'
import { contextOf, refuseEmpty, sizesOf } from '../../silver/processor.ts'
import { indexQuarantine } from '../../silver/quarantine.ts'
import { stage } from '../../silver/staging.ts'
import { LingotError } from '../../system/errors.ts'
import { recover } from '../recovery.ts'
import { makesGold, makesSilver } from './job.ts'
import { forgetJob, jobsIn, type Noted } from './notes.ts'
import { claimOf, contractOf, postgresOf, type Task } from './task.ts'

/** Takes the lock, clears up behind dead jobs, opens staging, and divides what is to be read. */
export async function begin(task: Omit<Task, 'lock'>): Promise<void> {
  const { job, config, run, mongodb, silver, notes } = task
  const contracts = config.contracts
  await refuseForeign(silver, claimOf(task))
  // This process ends long before the work does.
  const by = job.by ?? { ...thisProcess(), machine: 'spark' }
  const lock = await lockSilver(silver, { run, command: job.command, engine: 'spark', by }, { noWait: job.noWait })
  try {
    await lock.announce({ step: 'begin', done: null, total: null })
    await recover(silver, lock)
    for (const dead of await jobsIn(silver)) await forgetJob(silver, dead)
    if (makesGold(job)) {
      const shop = await shopOf(silver, job.bronze, job.server)
      const tables = modelsOf(config).map((model) => ({ model, columns: [] }))
      await lookAhead(postgresOf(task), {
        ...{ schema: job.goldSchema, tables, shop, takeOver: job.takeOver },
        ...{ history: config.history, contracts },
      })
    }
    const made = makesSilver(job) ? null : await madeBy(silver, contracts)
    const bronze = bronzeOf(mongodb, job.bronze)
    if (makesSilver(job)) {
      await refuseEmpty(job.bronze, await sizesOf(bronze, contracts))
      // What is missing is told before anything is read.
      await contextOf(silver, config, lock.since)
      const staged = await stage(silver, layerOf(contracts), run, job.bronze)
      await indexQuarantine(staged.collection('quarantine'))
    }
    const ranges: Noted['begun']['ranges'] = {}
    for (const { collection, parts } of job.collections) {
      const { source = collection } = contractOf(task, collection)
      const from = makesSilver(job) ? bronze.collection(source) : silver.collection(collection)
      ranges[collection] = await rangesOf(mongodb, from, parts)
    }
    await notes.note('begun', [], { started: lock.since, made, ranges })
    await lock.renew()
  } finally {
    lock.leave()
  }
}

/** What was noted when the job began. */
export async function begunIn({ notes }: Pick<Task, 'notes'>): Promise<Noted['begun']> {
  const [begun] = await notes.read('begun')
  if (begun === undefined) throw new LingotError('bug', 'The job has not begun.')
  return begun
}
