import { openGold } from '../../gold/aggregator.ts'
import { openParquetFeed } from '../../gold/parquet.ts'
import type { Refined, RunRecord } from '../../runs/record.ts'
import { silverInPlace } from '../../runs/store.ts'
import { refuseReplaced } from '../../silver/made.ts'
import { silverReader } from '../../silver/schema.ts'
import { LingotError } from '../../system/errors.ts'
import { checkSilver } from '../../trust/limits.ts'
import { type Hooks, putInPlace } from '../recorded.ts'
import { begunIn } from './begin.ts'
import { refuseOrphan } from './executor.ts'
import { makesSilver, PART } from './job.ts'
import { receiving, sendFile } from './pieces.ts'
import { readRange } from './ranges.ts'
import { progressOf, stagedSilver } from './silver.ts'
import { contractOf, postgresOf, type Step, type Task } from './task.ts'

/** Gives for each row (collection, part) the columns that models read of a range of silver, a file for each bucket. */
export const read: Step = async (task, rows) => {
  const { mongodb, silver, lock, notes, out, job, config } = task
  const { ranges } = await begunIn(task)
  for await (const row of rows) {
    const [collection = '', number = ''] = row.split('\t')
    const part = Number(number)
    const from = new Date()
    const range = ranges[collection] ?? { documents: 0, bounds: [] }
    const source = makesSilver(job) ? stagedSilver(task).collection(collection) : silver.collection(collection)
    await lock.announce(await progressOf(task, 'read', collection, range.documents))
    const feed = await openParquetFeed(contractOf(task, collection), { ...config, place: part * Number(PART) })
    const valuesOf = silverReader(feed.columns)
    let documents = 0
    for await (const batch of readRange(mongodb, source, range, part)) {
      lock.lost.throwIfAborted()
      for (const document of batch) feed.add(valuesOf(document))
      documents += batch.length
    }
    for (const { bucket, file } of await feed.write(job.buckets)) {
      await sendFile(out, [String(bucket), collection, `${part}-${bucket}`], file)
    }
    feed.close()
    await notes.note('read', [collection, part], { documents }, from)
    await lock.announce(await progressOf(task, 'read', collection, range.documents))
  }
}

/** Takes the files of a bucket as rows (number of the task, piece of a file). */
export const model: Step = async (task, rows) => {
  for await (const row of rows) {
    task.out.add(row.slice(row.indexOf('\t') + 1))
    await task.out.flush()
  }
}

interface Finishing {
  /** The run that made the silver that was read, where the job does not make it. */
  made: string | null
  refined: Record<string, Refined> | undefined
  hooks: Hooks
  record: RunRecord
  swapIn: () => Promise<void>
}

/** Takes what all tasks gave of gold; makes and publishes it, as often as that is tried. */
export async function receivedGold(
  rows: AsyncIterable<string>,
): Promise<{ make: (task: Task, finishing: Finishing) => Promise<void> }> {
  const received = receiving()
  for await (const row of rows) if (!row.startsWith('\t')) await received.add(row)
  await refuseOrphan()
  const files = await received.end()
  return {
    async make(task, { made, refined, hooks, record, swapIn }) {
      const { job, config, silver, lock } = task
      await refuseUnread(task, refined)
      const source = refined === undefined ? await silverInPlace(silver) : null
      if (made !== null) await refuseReplaced(silver, config.contracts, made)
      if (source !== null) record.madeOf = source._id
      const { acceptShrink, takeOver, prune, publishWait } = job
      const onStep = (step: string) => lock.tell({ step, done: null, total: null })
      const options = { ...config, ...hooks, acceptShrink, takeOver, prune, publishWait, onStep, files }
      const gold = await openGold(postgresOf(task), options)
      try {
        for (const feed of Object.values(gold.feeds)) feed.end()
        const known = await checkSilver(silver, refined ?? source?.silver ?? {}, gold.published, options)
        await putInPlace(record, await gold.build(known), gold.publish, swapIn)
      } finally {
        await gold.close()
      }
    },
  }
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
