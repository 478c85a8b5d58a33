import type { Document } from 'bson'
import { type Collection, Long, type MongoClient } from 'mongodb'
import { readReply } from '../bson.ts'
import { LingotError, reasonOf } from '../errors.ts'
import { isHidden } from '../messages.ts'

/** Documents a batch from the server: larger ones make the raw read slower. */
const BATCH = 2000

/** What to read of a collection; all of it if nothing is said. */
export interface Selection {
  filter?: Document
  projection?: Document
  sort?: Document
  /** The index to go along, from where, and up to where. */
  hint?: Document
  min?: Document
  max?: Document
}

/**
 * Reads a collection as the raw BSON of its documents, one batch ahead of the reader.
 *
 * The driver's cursor looks into every document even where it hands out bytes; the command behind it does not.
 */
export async function* readRaw(
  client: MongoClient,
  collection: Collection,
  selection: Selection = {},
): AsyncGenerator<Buffer[]> {
  const db = client.db(collection.dbName)
  const session = client.startSession()
  let cursor = 0n
  const run = async (command: Document): Promise<Buffer[]> => {
    const reply = await db
      .command(command, { session, readPreference: collection.readPreference ?? 'primary', raw: true })
      .catch((error: unknown) => refuseUnread(error, collection))
    const batch = readReply(reply['cursor'] as Buffer)
    cursor = batch.cursor
    return batch.documents
  }
  const more = async () => {
    if (cursor === 0n) return []
    return run({ getMore: Long.fromBigInt(cursor), collection: collection.collectionName, batchSize: BATCH })
  }

  const find = { find: collection.collectionName, batchSize: BATCH, ...selection, ...(selection.sort && allowDisk) }
  let ahead = run(find)
  try {
    for (let batch = await ahead; batch.length > 0; batch = await ahead) {
      ahead = more()
      // Its failure is met when it is awaited; until then it must not count as unhandled.
      ahead.catch(() => undefined)
      yield batch
    }
  } finally {
    await ahead.catch(() => undefined)
    if (cursor !== 0n) {
      const kill = { killCursors: collection.collectionName, cursors: [Long.fromBigInt(cursor)] }
      await db.command(kill, { session }).catch(() => undefined)
    }
    await session.endSession()
  }
}

/** About how many documents a collection has; a view counts them. */
export function documentsIn(collection: Collection): Promise<number> {
  return collection.estimatedDocumentCount().catch((error: unknown) => refuseUnread(error, collection))
}

/** Of an error that quotes a value only its kind is told: this says where it was met. */
function refuseUnread(error: unknown, { namespace }: Collection): never {
  if (!(error instanceof Error && isHidden(error))) throw error
  throw new LingotError(
    'server',
    `${namespace} cannot be read: ${reasonOf(error)}.`,
    'If it is a view, mend its pipeline: an expression fails over a value, and `$convert` takes an onError.',
    { cause: error },
  )
}

const allowDisk = { allowDiskUse: true }
