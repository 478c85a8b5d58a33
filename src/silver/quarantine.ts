import { ObjectId } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import { elements, idElement, renamed, wrap } from '../bson.ts'
import { writer } from './writer.ts'

/** Why a document is kept out of silver. */
export const quarantineReasons = ['no id', 'superseded'] as const
export type QuarantineReason = (typeof quarantineReasons)[number]

/** A document as the quarantine holds it: its `_id` alone, since its values may be personal. */
export interface QuarantinedDocument {
  _id: ObjectId
  collection: string
  /** The `_id` in bronze, of whatever type. */
  document_id: unknown
  reason: QuarantineReason
  run: ObjectId
}

export interface Quarantine {
  /** Notes a raw document. */
  add: (collection: string, document: Buffer, reason: QuarantineReason) => Promise<void> | undefined
  close: () => Promise<void>
}

/** Collects what cannot be kept, and writes it in batches. */
export async function openQuarantine(client: MongoClient, to: Collection, run: ObjectId): Promise<Quarantine> {
  await to.createIndex({ collection: 1, reason: 1 })
  const out = writer(client, to)
  return {
    add(collection, document, reason) {
      out.append(
        wrap(
          elements({ _id: new ObjectId(), collection }),
          renamed(idElement(document), 'document_id'),
          elements({ reason, run }),
        ),
      )
      return out.full()
    },
    close: out.close,
  }
}
