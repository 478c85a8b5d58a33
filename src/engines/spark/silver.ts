import { type PieceWriter, pieceWriter, readPieces, removePieces } from '../../history/entries.ts'
import { openPosting, type Taken } from '../../history/posting.ts'
import { elementOf, idElement, renamed } from '../../mongo/bson_reader.ts'
import { elements, nested, wrap } from '../../mongo/bson_writer.ts'
import { bronzeOf } from '../../mongo/client.ts'
import { removeById } from '../../mongo/lookup.ts'
import { readRange } from '../../mongo/ranges.ts'
import { writer } from '../../mongo/writer.ts'
import { hidingBy } from '../../rules/contacts.ts'
import { md5 } from '../../rules/pseudonym.ts'
import {
  indexKeys,
  keyReader,
  NOTHING_SETTLED,
  oncePerDocument,
  resolveDuplicates,
  seenBefore,
  settledTogether,
} from '../../silver/duplicates.ts'
import { addedUp, fingerprinting, NO_ROWS, seedOf } from '../../silver/fingerprints.ts'
import { oddities } from '../../silver/oddities.ts'
import { ownIdsWanted, sharedIds } from '../../silver/own_ids.ts'
import { addUp, contextOf, leaving } from '../../silver/processor.ts'
import { openQuarantine } from '../../silver/quarantine.ts'
import { refine } from '../../silver/refinery.ts'
import { type Staging, staging } from '../../silver/staging.ts'
import { isBesideNeeded } from '../../silver/versions.ts'
import { hashOf } from '../../system/hashes.ts'
import { begunIn } from './begin.ts'
import { refuseOrphan } from './executor.ts'
import { labelsOf } from './labels.ts'
import { contractOf, type Step, type Task } from './task.ts'

/** Any of it may be done again, by a task whose machine died: what was written before is taken for written. */
const AGAIN = { isAgain: true }

export function stagedSilver({ silver, run, job }: Pick<Task, 'silver' | 'run' | 'job'>): Staging {
  return staging(silver, [...job.collections.map(({ collection }) => collection), 'quarantine'], run, job.bronze)
}

/** Pieces of fingerprints that a task may write: a part has numbers of its own, and the same where it is done again. */
const PIECES = 1_000_000

/** Keys of a row. */
const KEYS = 1000

/**
 * Refines a range of bronze for each row (collection, part). Gives the keys of its documents, many in a row: number of
 * the task that settles them, collection, keys as a JSON list.
 */
export const clean: Step = async (task, rows) => {
  const { config, run, mongodb, silver, lock, notes, out, job } = task
  const { started, ranges } = await begunIn(task)
  const context = await contextOf(silver, config, started)
  const staged = stagedSilver(task)
  const labels = labelsOf(job.settlers)
  for await (const row of rows) {
    const [collection = '', number = ''] = row.split('\t')
    const part = Number(number)
    const from = new Date()
    const contract = contractOf(task, collection)
    const range = ranges[collection] ?? { documents: 0, bounds: [] }
    const to = writer(mongodb, staged.collection(collection), AGAIN)
    const quarantine = openQuarantine(mongodb, staged.collection('quarantine'), run, AGAIN)
    await lock.announce(await progressOf(task, 'cleaned', collection, range.documents))
    const bronze = bronzeOf(mongodb, job.bronze).collection(contract.source ?? collection)
    const met = pieceWriter(silver, { run, collection, what: 'met' }, part * PIECES)
    const keys = labels.map((): string[] => [])
    const isFirst = oncePerDocument(contract)
    const keyOf = keyReader(contract)
    const give = (settler: number) => {
      out.add(String(labels[settler]), collection, JSON.stringify(keys[settler]?.splice(0)))
    }
    const refined = await refine(flushing(readRange(mongodb, bronze, range, part), task, met), {
      contract,
      context,
      out: to,
      quarantine,
      signal: lock.lost,
      fingerprints: fingerprinting(contract, seedOf(config.pii), met.add),
      onKept(values, start, record) {
        const key = keyOf(values, to.batch, start)
        if (typeof key !== 'string' || !isFirst(key, record)) return
        const settler = (hashOf(key) >>> 1) % job.settlers
        if (keys[settler]?.push(key) === KEYS) give(settler)
      },
      onProgress: () => undefined,
    }).catch(async (error: unknown) => {
      throw await ownIdsWanted(error, bronzeOf(mongodb, job.bronze), [contract])
    })
    await quarantine.close()
    await met.end()
    for (const [settler, left] of keys.entries()) if (left.length > 0) give(settler)
    await out.flush()
    await notes.note('cleaned', [collection, part], refined, from)
    await lock.announce(await progressOf(task, 'cleaned', collection, range.documents))
  }
}

/** Hands batches on, and lets Spark take what came of one before the next. */
async function* flushing(batches: AsyncIterable<Buffer[]>, { out }: Task, met: PieceWriter): AsyncGenerator<Buffer[]> {
  for await (const batch of batches) {
    yield batch
    if (out.isFull()) await out.flush()
    await met.written()
  }
}

/** How far all tasks of a collection are. */
export async function progressOf({ notes }: Task, what: 'cleaned' | 'read', collection: string, total: number) {
  const done = await notes.progress(what, collection)
  return { step: `${what === 'cleaned' ? 'clean' : 'read'} ${collection}`, done, total: Math.max(done, total) }
}

/**
 * Takes rows (number of the task, collection, keys) and looks up which documents share a key, once all are cleaned. Notes
 * which of them are not to stay, and for each collection what became of them.
 */
export const settle: Step = async (task, rows) => {
  const { config, run, mongodb, silver, lock, notes, job } = task
  const { started, ranges } = await begunIn(task)
  const context = await contextOf(silver, config, started)
  const staged = stagedSilver(task)
  const met = new Map(job.collections.map(({ collection }) => [collection, new Set<string>()]))
  const filters = new Map<string, ReturnType<typeof seenBefore>>()
  let part = 0
  for await (const row of rows) {
    const [number = '', collection = '', keys = '[]'] = row.split('\t')
    part = Number(number)
    const isRepeated = filters.get(collection) ?? seenBefore((ranges[collection]?.documents ?? 0) / job.settlers)
    filters.set(collection, isRepeated)
    for (const key of JSON.parse(keys) as string[]) if (isRepeated(hashOf(key))) met.get(collection)?.add(key)
  }
  await refuseOrphan()
  const quarantine = openQuarantine(mongodb, staged.collection('quarantine'), run, AGAIN)
  for (const collection of filters.keys()) {
    await lock.announce({ step: `settle ${collection}`, done: null, total: null })
    const contract = contractOf(task, collection)
    const parts = await notes.read('cleaned', collection)
    const unnamed = parts.flatMap(({ tallies }) => tallies.unnamed.map(({ field }) => field))
    const bronze = bronzeOf(mongodb, job.bronze).collection(contract.source ?? collection)
    const losers = writer(mongodb, notes.losers(collection), AGAIN)
    await indexKeys(staged.collection(collection), contract)
    const rows = pieceWriter(silver, { run, collection, what: 'removed' }, part * PIECES)
    const removed = fingerprinting(contract, seedOf(config.pii), rows.add)
    const settled = await resolveDuplicates(mongodb, contract, [...(met.get(collection) ?? [])], {
      silver: staged.collection(collection),
      bronze: isBesideNeeded(contract, unnamed) ? bronze : undefined,
      context,
      onRemoved: leaving(contract, quarantine, removed),
      async remove(documents) {
        for (const document of documents) {
          const id = renamed(idElement(document), 'id')
          losers.append(wrap(nested('_id', wrap(elements({ part }), id))))
          await losers.full()
        }
      },
      portions: config.portions,
    })
    await losers.close()
    const remembered = removed.end()
    await rows.end()
    await notes.note('settled', [collection, part], { ...settled, remembered })
  }
  await quarantine.close()
}

/** Removes for each row (number of a task that settled) what is not to stay. Only now: a task of before may be done again. */
export const remove: Step = async (task, rows) => {
  const { mongodb, lock, notes, job, config } = task
  const staged = stagedSilver(task)
  for await (const row of rows) {
    const part = Number(row)
    await lock.announce({ step: 'remove duplicates', done: null, total: null })
    for (const { collection } of job.collections) {
      const ofPart = { _id: { $gte: { part }, $lt: { part: part + 1 } } }
      let batch: Buffer[] = []
      for await (const noted of notes.losers(collection).find<Buffer>(ofPart, { raw: true })) {
        batch.push(wrap(renamed(elementOf(inner(noted), 'id'), '_id')))
        if (batch.length < config.portions.ids) continue
        lock.lost.throwIfAborted()
        await removeById(mongodb, staged.collection(collection), batch)
        batch = []
      }
      await removeById(mongodb, staged.collection(collection), batch)
    }
  }
}

/** The document that a raw one has as its `_id`. */
function inner(document: Buffer): Buffer {
  const element = idElement(document)
  return element.subarray(element.indexOf(0, 1) + 1)
}

/** Fingerprints, which tasks write beside silver as they take them. */
function taken({ silver, run }: Task): Taken {
  return {
    into: silver,
    rows: (collection, what) => readPieces(silver, { run, collection, what }),
    keep: async () => undefined,
    async drop(collection) {
      for (const what of ['met', 'removed'] as const) await removePieces(silver, run, what, collection)
    },
  }
}

/** Builds the index of each collection, counts: bronze = silver + what was left out, and tells what changed. */
export const complete: Step = async (task, rows) => {
  const { config, run, mongodb, silver, lock, notes, job } = task
  const { started } = await begunIn(task)
  const { region, hash } = await contextOf(silver, config, started)
  for await (const _ of rows) {
    // On disk with all that was written before: from here on a server that is killed forgets nothing.
    await lock.renew()
    const staged = stagedSilver(task)
    const posting = await openPosting(silver, { _id: run, started }, config, taken(task))
    for (const { collection } of job.collections) {
      const from = new Date()
      await lock.announce({ step: `settle ${collection}`, done: null, total: null })
      const contract = contractOf(task, collection)
      const to = staged.collection(collection)
      await indexKeys(to, contract)
      const settled = await notes.read('settled', collection)
      const found = settled.reduce(settledTogether, NOTHING_SETTLED)
      const parts = await notes.read('cleaned', collection)
      const watched = parts.map(({ tallies }) => tallies.watched)
      const odd = await oddities(mongodb, to, contract, watched, hidingBy(region, hash ?? md5))
      // After a crash of the server its own count may be wrong until the documents are counted.
      const refined = await to
        .estimatedDocumentCount()
        .then((silver) => addUp(contract, parts, found, odd, silver))
        .catch(async () => addUp(contract, parts, found, odd, await to.countDocuments()))
        .catch(async (error: unknown) => {
          throw (await sharedIds(bronzeOf(mongodb, job.bronze), contract)) ?? error
        })
      await posting.complete(contract, to, {
        met: addedUp(parts.map(({ remembered = NO_ROWS }) => remembered)),
        removed: addedUp(settled.map(({ remembered }) => remembered)),
      })
      const bronze = mongodb.db(job.bronze)
      const isAbsent = refined.bronze === 0 && !(await bronze.listCollections({ name: refined.source ?? '' }).hasNext())
      await notes.note('completed', [collection], { ...refined, ...(isAbsent && { absent: true }) }, from)
    }
    await notes.note('remembered', [], posting.entry)
  }
}
