import type { Db, ObjectId } from 'mongodb'
import { elementOf, valueIn } from '../mongo/bson_reader.ts'
import { fieldReader } from '../mongo/field_reader.ts'
import { discreetId, type Hiding, hiding } from '../rules/contacts.ts'
import type { Config } from '../settings/config.ts'
import { type QuarantineReason, quarantineOrder, quarantineReasons } from '../silver/quarantine.ts'
import { LingotError } from '../system/errors.ts'
import { plainId } from './ids.ts'

/** What is kept out of silver, without its values: they may be personal. */
export interface Quarantined {
  /** Of what was asked for. */
  counts: { collection: string; reason: string; documents: number }[]
  /** The first documents that were asked for. */
  documents: QuarantinedDocument[]
}

export interface QuarantinedDocument {
  collection: string
  /** In relaxed Extended JSON. */
  document_id: unknown
  reason: string
  /** The run that put it there. */
  run: string
}

export interface QuarantineSelection {
  collection?: string | undefined
  reason?: string | undefined
  limit?: number
}

interface Stored {
  collection: string
  document_id: unknown
  reason: QuarantineReason
  run: ObjectId
}

/** Counts the quarantine of the silver in place by collection and reason, and lists its documents. */
export async function readQuarantine(
  silver: Db,
  { collection, reason, limit = 20 }: QuarantineSelection,
  { contracts, ...settings }: Hiding & Pick<Config, 'contracts'>,
): Promise<Quarantined> {
  const quarantine = silver.collection<Stored>(QUARANTINE)
  if (!(await silver.listCollections({ name: quarantine.collectionName }, { nameOnly: true }).hasNext())) {
    throw new LingotError('data', `${silver.databaseName} has no quarantine.`, 'Make silver first: `lingot process`.')
  }
  const collections = new Set([
    ...contracts.map(({ collection }) => collection),
    ...(await quarantine.distinct('collection')),
  ])
  refuseUnknown('collection', collection, collections)
  refuseUnknown('reason', reason, new Set(quarantineReasons))

  const filter = filterOf({ collection, reason })
  const grouped = await quarantine
    .aggregate<{ _id: { collection: string; reason: string }; documents: number }>([
      { $match: filter },
      { $group: { _id: { collection: '$collection', reason: '$reason' }, documents: { $sum: 1 } } },
      { $sort: { documents: -1, _id: 1 } },
    ])
    .toArray()
  const documents: QuarantinedDocument[] = []
  for await (const document of quarantined(silver, { collection, reason, limit }, settings)) documents.push(document)
  return { counts: grouped.map(({ _id, documents }) => ({ ..._id, documents })), documents }
}

/** The documents that were asked for, one after the other: there may be more of them than fit in memory. */
export async function* quarantined(
  silver: Db,
  { collection, reason, limit = Number.POSITIVE_INFINITY }: QuarantineSelection,
  settings: Hiding,
): AsyncGenerator<QuarantinedDocument> {
  const hide = hiding(settings)
  // MongoDB takes a limit of 0 for none.
  if (limit === 0) return
  // What a version before noted has no index for it.
  const options = { sort: quarantineOrder, raw: true, allowDiskUse: true, ...(Number.isFinite(limit) && { limit }) }
  const found = silver.collection<Stored>(QUARANTINE).find(filterOf({ collection, reason }), options)
  for await (const document of found as unknown as AsyncIterable<Buffer>) {
    const [collection, reason, run] = read(document).map(String) as [string, string, string]
    // An `_id` may be one that js-bson refuses to read.
    const document_id = plainId(discreetId(valueIn(elementOf(document, 'document_id')), hide))
    yield { collection, document_id, reason, run }
  }
}

const QUARANTINE = 'quarantine'

function filterOf({ collection, reason }: QuarantineSelection) {
  return {
    ...(collection !== undefined && { collection }),
    ...(reason !== undefined && { reason: reason as QuarantineReason }),
  }
}

const { read } = fieldReader(['collection', 'reason', 'run'])

/** A misspelt name would find nothing, as if all were well. */
function refuseUnknown(what: string, name: string | undefined, known: ReadonlySet<string>): void {
  if (name === undefined || known.has(name)) return
  throw new LingotError(
    'usage',
    `The quarantine knows no ${what} ${name}.`,
    `It knows ${[...known].sort().join(', ')}.`,
  )
}
