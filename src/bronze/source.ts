import type { Document, Long } from 'bson'
import type { Collection, MongoClient } from 'mongodb'

/** Documents a batch from the server: larger ones make the raw read slower. */
const BATCH = 2000

/** What to read of a collection; all of it if nothing is said. */
export interface Selection {
  filter?: Document
  projection?: Document
  sort?: Document
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
  let cursor: Long | undefined
  const run = async (command: Document): Promise<Buffer[]> => {
    const reply = await db.command(command, {
      session,
      readPreference: db.readPreference ?? 'primary',
      promoteLongs: false,
      fieldsAsRaw: { firstBatch: true, nextBatch: true },
    })
    cursor = reply['cursor'].id as Long
    return reply['cursor'].firstBatch ?? reply['cursor'].nextBatch
  }
  const more = async () => {
    if (cursor === undefined || cursor.isZero()) return []
    return run({ getMore: cursor, collection: collection.collectionName, batchSize: BATCH })
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
    if (cursor !== undefined && !cursor.isZero()) {
      const kill = { killCursors: collection.collectionName, cursors: [cursor] }
      await db.command(kill, { session }).catch(() => undefined)
    }
    await session.endSession()
  }
}

const allowDisk = { allowDiskUse: true }
