import type { Db, ObjectId } from 'mongodb'
import { LingotError } from '../errors.ts'
import { plainId } from './ids.ts'

/** What is kept out of silver, without its values: they may be personal. */
export interface Quarantined {
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
  collection?: string
  reason?: string
  limit?: number
}

/** Counts the quarantine of the silver in place by collection and reason, and lists its documents. */
export async function readQuarantine(
  silver: Db,
  { collection, reason, limit = 20 }: QuarantineSelection = {},
): Promise<Quarantined> {
  const quarantine = silver.collection<{ collection: string; document_id: unknown; reason: string; run: ObjectId }>(
    'quarantine',
  )
  const grouped = await quarantine
    .aggregate<{ _id: { collection: string; reason: string }; documents: number }>([
      { $group: { _id: { collection: '$collection', reason: '$reason' }, documents: { $sum: 1 } } },
      { $sort: { documents: -1, _id: 1 } },
    ])
    .toArray()
  const counts = grouped.map(({ _id, documents }) => ({ ..._id, documents }))
  refuseUnknown('collection', collection, counts)
  refuseUnknown('reason', reason, counts)

  const filter = { ...(collection !== undefined && { collection }), ...(reason !== undefined && { reason }) }
  // MongoDB takes a limit of 0 for none.
  const found = limit === 0 ? [] : await quarantine.find(filter, { sort: { _id: 1 }, limit, ...AS_STORED }).toArray()
  return {
    counts,
    documents: found.map(({ collection, document_id, reason, run }) => ({
      collection,
      document_id: plainId(document_id),
      reason,
      run: run.toHexString(),
    })),
  }
}

const AS_STORED = { promoteValues: false, bsonRegExp: true, enableUtf8Validation: false } as const

function refuseUnknown(
  what: 'collection' | 'reason',
  name: string | undefined,
  counts: readonly Record<typeof what, string>[],
): void {
  const known = [...new Set(counts.map((count) => count[what]))].sort()
  if (name === undefined || known.includes(name)) return
  const next = known.length === 0 ? 'The quarantine is empty.' : `It holds ${known.join(', ')}.`
  throw new LingotError('usage', `The quarantine holds no ${what} ${name}.`, next)
}
