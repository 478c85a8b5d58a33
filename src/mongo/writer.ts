import type { Document } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import { DocumentSequence } from 'mongodb/lib/cmap/commands.js'
import { LingotError } from '../system/errors.ts'
import { type Portions, portions as usual } from '../system/portions.ts'
import { appendTo, type Batch, emptyBatch } from './bson_writer.ts'

/*
 * The driver sends documents that are BSON already only from within: its own inserts do so by this class, which it does
 * not export by name. Without it each silver document would be made an object and serialised once more, which takes
 * longer than cleaning it. The version of the driver is pinned, and a test notices if this goes away.
 */
/** Raw documents, one behind the other, as a field of a command. */
export function sequence(field: string, documents: Uint8Array): DocumentSequence {
  const sequence = new DocumentSequence(field)
  sequence.push({}, documents)
  return sequence
}

/** Writes under way at once: the server works on one while the next is prepared. */
const AT_ONCE = 3

/** Inserts documents that are BSON already; a slow server slows its caller instead of filling memory. */
export interface Writer {
  /** What to write the next documents into; it changes with every `full`. */
  batch: Batch
  /** Adds a document to the batch. */
  append: (document: Buffer) => void
  /** Sends the batch if it is full, and returns when there is room for another. Throws what an earlier one failed with. */
  full: () => Promise<void> | undefined
  /** Sends the rest, unless something failed; returns or throws when nothing is under way any more. */
  close: () => Promise<void>
}

export interface WriterOptions {
  /** Whether the same documents may have been written before, by a task that is done again. */
  isAgain?: boolean
  portions?: Pick<Portions, 'bytes'>
}

export function writer<T extends Document>(
  client: MongoClient,
  to: Collection<T>,
  { isAgain = false, portions: { bytes: full } = usual }: WriterOptions = {},
): Writer {
  const db = client.db(to.dbName)
  const underWay = new Set<Promise<void>>()
  const idle: Buffer[] = []
  let failure: unknown

  const next = () => emptyBatch(idle.pop() ?? Buffer.allocUnsafe(Math.ceil(full * 1.25)))
  const failEarly = () => {
    if (failure !== undefined) throw failure
  }
  const insert = async ({ bytes, size, documents }: Batch) => {
    try {
      const reply = await db.command({
        insert: to.collectionName,
        ordered: false,
        documents: sequence('documents', bytes.subarray(0, size)),
      })
      refuseErrors(to.collectionName, documents, reply, isAgain)
    } catch (error) {
      failure ??= error
    }
    idle.push(bytes)
  }
  const send = () => {
    const insertion = insert(self.batch).finally(() => underWay.delete(insertion))
    underWay.add(insertion)
    self.batch = next()
  }
  const makeRoom = async () => {
    send()
    if (underWay.size >= AT_ONCE) await Promise.race(underWay)
    failEarly()
  }

  const self: Writer = {
    batch: next(),
    append: (document) => appendTo(self.batch, document),
    full: () => (self.batch.size < full ? undefined : makeRoom()),
    async close() {
      if (self.batch.documents > 0 && failure === undefined) send()
      // Also where one failed: what is under way makes its collection anew after that was dropped.
      await Promise.all(underWay)
      failEarly()
    },
  }
  return self
}

/** A command that could not write some documents does not fail by itself. Its messages hold values: only codes are told. */
function refuseErrors(collection: string, documents: number, reply: Document, isAgain: boolean): void {
  const all = ((reply['writeErrors'] ?? []) as { code: number }[]).map(({ code }) => code)
  const codes = isAgain ? all.filter((code) => code !== WRITTEN_BEFORE) : all
  if (codes.includes(WRITTEN_BEFORE)) throw new NoOwnIds('one _id', collection)
  const [code = (reply['writeConcernError'] as { code: number } | undefined)?.code] = codes
  if (code === undefined && reply['n'] + all.length - codes.length === documents) return
  throw new LingotError(
    'data',
    `MongoDB did not take ${codes.length || 'some'} documents of ${collection}: ${reasons[code ?? 0] ?? `error ${code}`}.`,
    'Run it again; if it stays, this is a defect in Lingot.',
  )
}

const WRITTEN_BEFORE = 11000

const reasons: Record<number, string> = {
  121: 'they break the contract that silver is checked against',
}

/** Documents that lack an `_id`, or share one; whose they are tells silver's `ownIdsWanted`. */
export class NoOwnIds extends Error {
  readonly what: 'no _id' | 'one _id'
  /** The collection that is written. */
  readonly collection: string

  constructor(what: NoOwnIds['what'], collection: string) {
    super(`Documents of ${collection} have ${what}.`)
    this.what = what
    this.collection = collection
  }
}
