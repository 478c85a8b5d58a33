import { hash } from 'node:crypto'
import { ObjectId } from 'bson'
import type { Collection, MongoClient } from 'mongodb'
import { idElement, renamed } from '../mongo/bson_reader.ts'
import { elements, wrap } from '../mongo/bson_writer.ts'
import { type WriterOptions, writer } from '../mongo/writer.ts'

/** Why a document is kept out of silver. */
export const quarantineReasons = ['no id', 'superseded', 'no object'] as const
export type QuarantineReason = (typeof quarantineReasons)[number]

/** A document as the quarantine holds it: its `_id` alone, since its values may be personal. */
export interface QuarantinedDocument {
  /** The same for the same document, reason and run: what is noted again is noted once. */
  _id: ObjectId
  collection: string
  /** The `_id` in bronze, of whatever type; with the place in the list where it was an element of one. */
  document_id: unknown
  reason: QuarantineReason
  run: ObjectId
}

export interface Quarantine {
  /** Notes a raw document. */
  add: (collection: string, document: Buffer, reason: QuarantineReason) => Promise<void> | undefined
  close: () => Promise<void>
}

/** How a quarantine is listed: the same documents in the same order, whichever run noted them. */
export const quarantineOrder = { collection: 1, reason: 1, document_id: 1 } as const

/** Makes the index by which a quarantine is counted and listed. */
export async function indexQuarantine(quarantine: Collection): Promise<void> {
  await quarantine.createIndex(quarantineOrder)
}

/** Collects what cannot be kept, and writes it in batches. */
export function openQuarantine(
  client: MongoClient,
  to: Collection,
  run: ObjectId,
  options: WriterOptions = {},
): Quarantine {
  const out = writer(client, to, options)
  return {
    add(collection, document, reason) {
      const named = renamed(idElement(document), 'document_id')
      const seed = Buffer.concat([Buffer.from(`${run.toHexString()} ${collection} ${reason} `), named])
      const _id = new ObjectId(hash('md5', seed).slice(0, 24))
      out.append(wrap(elements({ _id, collection }), named, elements({ reason, run })))
      return out.full()
    },
    close: out.close,
  }
}
