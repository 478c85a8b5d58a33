import { readFileSync } from 'node:fs'
import { openGold } from '../../gold/aggregator.ts'
import { intermediatesOf, neededModels, readWhole } from '../../gold/models.ts'
import { dividedModels, type Files, makeInBucket, openParquetFeed } from '../../gold/parquet.ts'
import { RANGE, readRange } from '../../mongo/ranges.ts'
import type { Refined, RunRecord } from '../../runs/record.ts'
import { silverInPlace } from '../../runs/store.ts'
import { refuseReplaced } from '../../silver/made.ts'
import { silverReader } from '../../silver/schema.ts'
import { LingotError } from '../../system/errors.ts'
import { gatesOf } from '../../trust/limits.ts'
import { type Hooks, putInPlace } from '../recorded.ts'
import { begunIn } from './begin.ts'
import { refuseOrphan } from './executor.ts'
import { makesSilver } from './job.ts'
import { labelsOf } from './labels.ts'
import { incomplete, receiving, sendFile } from './pieces.ts'
import { progressOf, stagedSilver } from './silver.ts'
import { contractOf, postgresOf, type Step, type Task } from './task.ts'

/** Gives for each row (collection, part) the columns that models read of a range of silver, a file for each bucket. */
export const read: Step = async (task, rows) => {
  const { mongodb, silver, lock, notes, out, job, config } = task
  const { ranges } = await begunIn(task)
  const labels = labelsOf(job.buckets)
  for await (const row of rows) {
    const [collection = '', number = ''] = row.split('\t')
    const part = Number(number)
    const from = new Date()
    const range = ranges[collection] ?? { documents: 0, bounds: [] }
    const source = makesSilver(job) ? stagedSilver(task).collection(collection) : silver.collection(collection)
    await lock.announce(await progressOf(task, 'read', collection, range.documents))
    const feed = await openParquetFeed(contractOf(task, collection), config)
    const valuesOf = silverReader(feed.columns)
    let documents = 0
    for await (const batch of readRange(mongodb, source, range, part)) {
      lock.lost.throwIfAborted()
      for (const document of batch) feed.add(valuesOf(document))
      documents += batch.length
    }
    for (const { bucket, file } of await feed.write(job.buckets, part * RANGE)) {
      await sendFile(out, [String(labels[bucket]), collection, `${part}-${bucket}`], file)
    }
    feed.close()
    await notes.note('read', [collection, part], { documents }, from)
    await lock.announce(await progressOf(task, 'read', collection, range.documents))
  }
}

/**
 * Takes the files of a bucket as rows (number of the task, piece of a file) and makes the models that divide. Gives their
 * files, those of collections that other models need, and what it had.
 */
export const model: Step = async (task, rows) => {
  const { config, notes, lock, out } = task
  const from = new Date()
  await lock.announce({ step: 'build gold', done: null, total: null })
  const models = neededModels(config)
  const whole = readWhole([...intermediatesOf(models), ...models], config.contracts)
  const read = new Set(dividedModels(config).flatMap(({ reads }) => Object.keys(reads)))
  const [own, passed] = [receiving(), new Set<string>()]
  const counts: Counts = { taken: {}, files: {} }
  const count = (name: string) => {
    counts.files[name] = (counts.files[name] ?? 0) + 1
  }
  let number = ''
  for await (const row of rows) {
    const [place = '', name = '', source = ''] = row.split('\t', 3)
    number = place
    const piece = row.slice(place.length + 1)
    if (read.has(name)) await own.add(piece)
    if (!whole.has(name)) continue
    if (!passed.has(`${name} ${source}`)) count(name)
    passed.add(`${name} ${source}`)
    out.add(piece)
    await out.flush()
  }
  await refuseOrphan()
  const bucket = await makeInBucket(await own.end(), config)
  for (const { model, file } of bucket.made) {
    count(model)
    await sendFile(out, [model, number], file)
  }
  await sendFile(out, [COUNTS, number], Buffer.from(JSON.stringify({ ...counts, taken: bucket.taken })))
  bucket.close()
  await notes.note('modelled', ['gold', Number(number)], {}, from)
}

/** What a bucket had of collections in rows, and what it handed on in files. */
interface Counts {
  taken: Record<string, number>
  files: Record<string, number>
}

/** In the place of the name of a collection or a model. */
const COUNTS = '(counts)'

/** Throws where not all came that was handed on, or not all of it was taken. */
function refuseLost(files: Files, silver: ReadonlyMap<string, number>): void {
  const counts = (files.get(COUNTS) ?? []).map((file) => JSON.parse(readFileSync(file, 'utf8')) as Counts)
  const sum = (of: keyof Counts, name: string) => counts.reduce((sum, counted) => sum + (counted[of][name] ?? 0), 0)
  const names = new Set(counts.flatMap((counted) => Object.keys(counted.files)))
  for (const name of names) if (files.get(name)?.length !== sum('files', name)) throw incomplete(name)
  for (const name of new Set(counts.flatMap(({ taken }) => Object.keys(taken)))) {
    if (sum('taken', name) !== silver.get(name)) throw incomplete(name)
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
      await refuseUnread(task, refined, files)
      const source = refined === undefined ? await silverInPlace(silver, config.contracts) : null
      if (made !== null) await refuseReplaced(silver, config.contracts, made)
      if (source !== null) record.madeOf = source._id
      const { acceptShrink, takeOver, prune, publishWait } = job
      const onStep = (step: string) => lock.tell({ step, done: null, total: null })
      const options = { ...config, ...hooks, acceptShrink, takeOver, prune, publishWait, onStep, files }
      const gold = await openGold(postgresOf(task), options)
      try {
        for (const feed of Object.values(gold.feeds)) feed.end()
        const gates = await gatesOf(silver, refined ?? source?.silver ?? {}, gold.published, options)
        await putInPlace(record, await gold.build(gates), gold.publish, swapIn)
      } finally {
        await gold.close()
      }
    },
  }
}

/** Whoever reads silver must have met all of it, which a secondary may not have, and all of it must have come here. */
async function refuseUnread(
  { job, silver, notes }: Task,
  refined: Record<string, Refined> | undefined,
  files: Files,
): Promise<void> {
  const documents = new Map<string, number>()
  for (const { collection } of job.collections) {
    const read = await notes.progress('read', collection)
    const there = refined?.[collection]?.silver ?? (await silver.collection(collection).estimatedDocumentCount())
    documents.set(collection, there)
    if (read === there) continue
    throw new LingotError(
      'data',
      `${collection} has ${there} documents in silver, but ${read} were read for gold; the old outputs stay.`,
      'Run it again; if MONGODB_URI reads from secondaries, let this job read from the primary.',
    )
  }
  refuseLost(files, documents)
}
