import type { Document } from 'bson'
import type { Collection } from 'mongodb'

/** Writes under way at once: the server works on one while the next is prepared. */
const AT_ONCE = 2

/** Inserts batches a few at a time; a slow server slows its caller instead of filling memory. */
export interface Writer {
  /** Returns when there is room for the next batch. Throws what an earlier batch failed with. */
  write: (documents: Document[]) => Promise<void>
  /** Returns when every batch is written. */
  close: () => Promise<void>
}

export function writer(to: Collection): Writer {
  const underWay = new Set<Promise<void>>()
  let failure: unknown
  const insert = async (documents: Document[]) => {
    try {
      await to.insertMany(documents, { ordered: false, forceServerObjectId: true })
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
