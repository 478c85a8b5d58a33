import type { Document } from 'bson'
import { type Collection, Long, type MongoClient, ReadPreference } from 'mongodb'
import { executeOperation } from 'mongodb/lib/operations/execute_operation.js'
import { Aspect } from 'mongodb/lib/operations/operation.js'
import { RunCommandOperation } from 'mongodb/lib/operations/run_command.js'
import { MongoDBNamespace } from 'mongodb/lib/utils.js'
import { LingotError, reasonOf } from '../system/errors.ts'
import { isHidden } from '../system/messages.ts'
import { type Portions, portions as usual } from '../system/portions.ts'
import { readReply } from './bson_reader.ts'

/** What to read of a collection; all of it if nothing is said. */
export interface Selection {
  filter?: Document
  projection?: Document
  sort?: Document
  limit?: number
  /** The index to go along, from where, and up to where. */
  hint?: Document
  min?: Document
  max?: Document
  /** How long the server may work at it, in milliseconds. */
  maxTimeMS?: number
}

/**
 * Reads a collection as the raw BSON of its documents, one batch ahead of the reader.
 *
 * The driver's cursor looks into every document even where it hands out bytes; the command behind it does not. Like that
 * cursor, this one stays with its server, the only one that knows it.
 */
export async function* readRaw(
  client: MongoClient,
  collection: Collection,
  selection: Selection = {},
  { documents: batchSize }: Pick<Portions, 'documents'> = usual,
): AsyncGenerator<Buffer[]> {
  const { dbName, collectionName, readPreference = ReadPreference.primary } = collection
  const namespace = new MongoDBNamespace(dbName)
  const session = client.startSession()
  let cursor = 0n
  let server: RunCommandOperation['server']
  const run = async (Operation: typeof RunCommandOperation, command: Document): Promise<Document> => {
    const operation = new Operation(namespace, command, { session, readPreference, raw: true })
    operation.server = server
    const reply = await executeOperation(client, operation).catch((error: unknown) => refuseUnread(error, collection))
    server = operation.server
    return reply
  }
  const batchOf = (reply: Document) => {
    const batch = readReply(reply['cursor'] as Buffer)
    cursor = batch.cursor
    return batch.documents
  }
  const more = async () => {
    if (cursor === 0n) return []
    const getMore = { getMore: Long.fromBigInt(cursor), collection: collectionName, batchSize }
    return batchOf(await run(SameServer, getMore))
  }

  const find = { find: collectionName, batchSize, ...selection, ...(selection.sort && allowDisk) }
  let ahead = run(RunCommandOperation, find).then(batchOf)
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
      const kill = { killCursors: collectionName, cursors: [Long.fromBigInt(cursor)] }
      await run(SameServer, kill).catch(() => undefined)
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

/** A command for the server that answered the one before: the driver has this for its own cursors alone. */
class SameServer extends RunCommandOperation {
  static readonly aspects: ReadonlySet<symbol> = new Set([Aspect.MUST_SELECT_SAME_SERVER])
}

const allowDisk = { allowDiskUse: true }
