import { elementOf, idElement, renamed } from '../../mongo/bson_reader.ts'
import { elements, nested, wrap } from '../../mongo/bson_writer.ts'
import { bronzeOf } from '../../mongo/client.ts'
import { removeById } from '../../mongo/lookup.ts'
import { type Writer, writer } from '../../mongo/writer.ts'
import { hidingBy } from '../../rules/contacts.ts'
import { md5 } from '../../rules/pseudonym.ts'
import { identities, NOTHING_SETTLED, settledTogether, versionOf } from '../../silver/duplicates.ts'
import { oddities } from '../../silver/oddities.ts'
import { ownIdsWanted, sharedIds } from '../../silver/own_ids.ts'
import { addUp, contextOf } from '../../silver/processor.ts'
import { openQuarantine, type Quarantine } from '../../silver/quarantine.ts'
import { refine } from '../../silver/refinery.ts'
import { type Staging, staging } from '../../silver/staging.ts'
import { besideSilver, readOrder, spelledOrder } from '../../silver/versions.ts'
import { begunIn } from './begin.ts'
import { refuseOrphan } from './executor.ts'
import { partOf, position } from './job.ts'
import { readRange } from './ranges.ts'
import { contractOf, type Step, type Task } from './task.ts'

/** Any of it may be done again, by a task whose machine died: what was written before is taken for written. */
const AGAIN = { isAgain: true }

export function stagedSilver({ silver, run, job }: Pick<Task, 'silver' | 'run' | 'job'>): Staging {
  return staging(silver, [...job.collections.map(({ collection }) => collection), 'quarantine'], run, job.bronze)
}

/**
 * Refines a range of bronze for each row (collection, part). Gives a row for each document of silver that has a key:
 * collection, key, content, position, `_id`, and what else settles which of several stays.
 */
export const clean: Step = async (task, rows) => {
  const { config, run, mongodb, silver, lock, notes, out, job } = task
  const { started, ranges } = await begunIn(task)
  const context = await contextOf(silver, config, started)
  const staged = stagedSilver(task)
  for await (const row of rows) {
    const [collection = '', number = ''] = row.split('\t')
    const part = Number(number)
    const from = new Date()
    const contract = contractOf(task, collection)
    const range = ranges[collection] ?? { documents: 0, bounds: [] }
    const to = writer(mongodb, staged.collection(collection), AGAIN)
    const quarantine = openQuarantine(mongodb, staged.collection('quarantine'), run, AGAIN)
    await lock.announce(await progressOf(task, 'cleaned', collection, range.documents))
    let index = 0
    const read = versionOf(contract)
    const look = besideSilver(contract)
    const bronze = bronzeOf(mongodb, job.bronze).collection(contract.source ?? collection)
    const refined = await refine(flushing(readRange(mongodb, bronze, range, part), task), {
      contract,
      context,
      out: to,
      quarantine,
      signal: lock.lost,
      onKept(values, start, original) {
        const place = position(part, index++)
        if (typeof values[contract.key] !== 'string') return
        const { key, content, label, cents } = read(to.batch.bytes.subarray(start, to.batch.size))
        const { rest, order } = look(original)
        const told = JSON.stringify([spelledOrder(order), label, cents])
        out.add(collection, key, content + rest, place, idElement(original).toString('base64'), told)
      },
      onProgress: () => undefined,
    }).catch(async (error: unknown) => {
      throw await ownIdsWanted(error, bronzeOf(mongodb, job.bronze), [contract])
    })
    await quarantine.close()
    await out.flush()
    await notes.note('cleaned', [collection, part], refined, from)
    await lock.announce(await progressOf(task, 'cleaned', collection, range.documents))
  }
}

/** Hands batches on, and lets Spark take what came of one before the next. */
async function* flushing(batches: AsyncIterable<Buffer[]>, { out }: Task): AsyncGenerator<Buffer[]> {
  for await (const batch of batches) {
    yield batch
    if (out.isFull()) await out.flush()
  }
}

/** How far all tasks of a collection are. */
export async function progressOf({ notes }: Task, what: 'cleaned' | 'read', collection: string, total: number) {
  const done = await notes.progress(what, collection)
  return { step: `${what === 'cleaned' ? 'clean' : 'read'} ${collection}`, done, total: Math.max(done, total) }
}

/**
 * Takes rows (number of the task) and what `clean` gives, in the order of collection, key and position. Notes which
 * documents are not to stay, and for each collection what became of those that share a key.
 */
export const settle: Step = async (task, rows) => {
  const { config, run, mongodb, silver, notes } = task
  const { started } = await begunIn(task)
  const { region, hash } = await contextOf(silver, config, started)
  const hide = hidingBy(region, hash ?? md5)
  const staged = stagedSilver(task)
  let quarantine: Quarantine | undefined
  const losers = new Map<string, Writer>()
  type Rule = ReturnType<typeof identities<{ place: string; id: Buffer }>>
  let current: { collection: string; part: number; rule: Rule } | undefined
  const end = async () => {
    if (current !== undefined) await notes.note('settled', [current.collection, current.part], current.rule.settled())
  }
  for await (const row of rows) {
    const [part = '', collection = '', key = '', content = '', place = '', id = '', told = ''] = row.split('\t')
    const contract = contractOf(task, collection)
    if (collection !== current?.collection) {
      await end()
      current = { collection, part: Number(part), rule: identities(contract, hide) }
    }
    const [order, label, cents] = JSON.parse(told) as [order: string, label: string | null, cents: number]
    const element = Buffer.from(id, 'base64')
    const document = { place, id: element }
    const version = { document, id: wrap(element), key, content, order: readOrder(order), label, cents }
    const loser = current.rule.next(version)
    if (loser === undefined) continue
    const to = losers.get(collection) ?? writer(mongodb, notes.losers(collection), AGAIN)
    losers.set(collection, to)
    to.append(wrap(nested('_id', wrap(elements({ part: partOf(loser.place) }), renamed(loser.id, 'id')))))
    await to.full()
    if (contract.identity === 'last one wins') {
      quarantine ??= openQuarantine(mongodb, staged.collection('quarantine'), run, AGAIN)
      await quarantine.add(collection, wrap(loser.id), 'superseded')
    }
  }
  await refuseOrphan()
  await end()
  for (const to of losers.values()) await to.close()
  await quarantine?.close()
}

/** Removes for each row (part) what is not to stay of that part. */
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

/** Builds the index of each collection, and counts: bronze = silver + what was left out. */
export const complete: Step = async (task, rows) => {
  const { config, mongodb, silver, lock, notes, job } = task
  const { started } = await begunIn(task)
  const { region, hash } = await contextOf(silver, config, started)
  for await (const _ of rows) {
    // On disk with all that was written before: from here on a server that is killed forgets nothing.
    await lock.renew()
    const staged = stagedSilver(task)
    for (const { collection } of job.collections) {
      const from = new Date()
      await lock.announce({ step: `settle ${collection}`, done: null, total: null })
      const contract = contractOf(task, collection)
      const to = staged.collection(collection)
      await to.createIndex({ [contract.key]: 1 })
      const found = (await notes.read('settled', collection)).reduce(settledTogether, NOTHING_SETTLED)
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
      const bronze = mongodb.db(job.bronze)
      const isAbsent = refined.bronze === 0 && !(await bronze.listCollections({ name: refined.source ?? '' }).hasNext())
      await notes.note('completed', [collection], { ...refined, ...(isAbsent && { absent: true }) }, from)
    }
  }
}
