import type { Document } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import { LingotError } from '../errors.ts'

/** Writes under way at once: the server works on one while the next is prepared. */
const AT_ONCE = 2

/** Inserts batches a few at a time; a slow server slows its caller instead of filling memory. */
export interface Writer {
  /** Returns when there is room for the next batch. Throws what an earlier batch failed with. */
  write: (documents: Document[]) => Promise<void>
  /** Returns when every batch is written. */
  close: () => Promise<void>
}

export function writer(client: MongoClient, to: Collection): Writer {
  const db = client.db(to.dbName)
  const underWay = new Set<Promise<void>>()
  let failure: unknown
  const insert = async (documents: Document[]) => {
    try {
      // One command is one serialisation; the driver's insertMany walks every document once more.
      const reply = await db.command({ insert: to.collectionName, documents, ordered: false })
      refuseErrors(to.collectionName, reply)
    } catch (error) {
      failure ??= error
    }
  }
  const failEarly = () => {
    if (failure !== undefined) throw failure
  }
  return {
    async write(documents) {
      if (documents.length === 0) return
      const insertion = insert(documents).finally(() => underWay.delete(insertion))
      underWay.add(insertion)
      if (underWay.size >= AT_ONCE) await Promise.race(underWay)
      failEarly()
    },
    async close() {
      await Promise.all(underWay)
      failEarly()
    },
  }
}

/** A command that could not write some documents does not fail by itself. Its messages hold values: only codes are told. */
function refuseErrors(collection: string, reply: Document): void {
  const codes = ((reply['writeErrors'] ?? []) as { code: number }[]).map(({ code }) => code)
  const [code = (reply['writeConcernError'] as { code: number } | undefined)?.code] = codes
  if (code === undefined) return
  throw new LingotError(
    'data',
    `MongoDB did not take ${codes.length || 'some'} documents of ${collection}: ${reasons[code] ?? `error ${code}`}.`,
    'Run it again; if it stays, this is a defect in Lingot.',
  )
}

const reasons: Record<number, string> = {
  121: 'they break the contract that silver is checked against',
  11000: 'their _id was written before, so bronze changed while it was read',
}
