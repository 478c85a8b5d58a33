import type { ObjectId } from 'bson'
import type { Collection } from 'mongodb'

/** Why a document is kept out of silver. */
export const quarantineReasons = ['no id', 'superseded'] as const
export type QuarantineReason = (typeof quarantineReasons)[number]

export interface Quarantine {
  /** Notes a document by its `_id` alone: its values may be personal. */
  add: (collection: string, documentId: unknown, reason: QuarantineReason) => Promise<void>
  close: () => Promise<void>
}

const WRITE = 1000

/** Collects what cannot be kept, and writes it in batches. */
export function quarantine(to: Collection, run: ObjectId): Quarantine {
  let pending: { collection: string; document_id: unknown; reason: QuarantineReason; run: ObjectId }[] = []
  const write = async () => {
    const documents = pending
    pending = []
    if (documents.length > 0) await to.insertMany(documents, { ordered: false })
  }
  return {
    async add(collection, documentId, reason) {
      pending.push({ collection, document_id: documentId, reason, run })
      if (pending.length >= WRITE) await write()
    },
    async close() {
      await write()
      await to.createIndex({ collection: 1, reason: 1 })
    },
  }
}
