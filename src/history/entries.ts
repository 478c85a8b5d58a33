import { Binary, type ObjectId } from 'bson'
import type { Collection, Db, Filter } from 'mongodb'
import { DURABLE } from '../mongo/concerns.ts'
import { IS_ENTRY } from '../runs/ownership.ts'
import type { FingerprintSum } from '../silver/fingerprints.ts'

/*
 * What silver remembers of its past, in three collections beside it: an entry for each run that changed silver, each with
 * the one before; the fingerprints of the records of the last one; and what changed with each, as Parquet.
 */

/** What changed in a record, in the order in which causes are told apart. */
export const causes = [
  'new',
  'late',
  'corrected',
  'deleted',
  'erased',
  'duplicate found',
  'duplicate gone',
  'superseded',
  'rule',
] as const
export type Cause = (typeof causes)[number]

/** The fingerprints of a collection. */
export interface FingerprintSet {
  /** The run that took them: a later one that met the same has no other. */
  run: ObjectId
  /** Of the records that were met, and of those of them that did not stay. */
  met: FingerprintSum
  removed: FingerprintSum
  bytes: number
}

/** What changed in a collection. */
export interface ChangeSet {
  counts: Partial<Record<Cause, number>>
  /** Of the Parquet file; 0 where it was too large to be kept, and these counts are all that is known. */
  bytes: number
}

/** By what silver was made, as hashes, to tell which rule changed it. */
export interface SilverMaking {
  /** Of Lingot. */
  version: string
  /** Of settings that count in all collections. */
  settings: Record<string, string>
  /** Of each field, by `collection.field`, and of what else a contract says, by the collection alone. */
  contracts: Record<string, string>
}

/** A run that changed silver. */
export interface Entry {
  /** The run. */
  _id: ObjectId
  /** The run whose silver it changed; null where nothing is known of what was there before. */
  since: ObjectId | null
  started: Date
  making: SilverMaking
  /** By collection. */
  sets: Record<string, FingerprintSet>
  changes: Record<string, ChangeSet>
  /** A person was taken out of the silver that another run made. */
  erasure?: true
}

const ENTRIES = 'history.runs'
const FINGERPRINTS = 'history.fingerprints'
const CHANGES = 'history.changes'

type Piece = {
  _id: { run: ObjectId; collection: string; what: 'met' | 'removed' | 'changes'; number: number }
  bytes: Binary
}

function pieces(silver: Db, what: Piece['_id']['what']): Collection<Piece> {
  return silver.collection<Piece>(what === 'changes' ? CHANGES : FINGERPRINTS, { readPreference: 'primary' })
}

export function entriesOf(silver: Db): Collection<Entry> {
  return silver.collection<Entry>(ENTRIES, { readPreference: 'primary', writeConcern: DURABLE })
}

/** The last entry of the silver that a run made, with the erasures since; null where nothing is known of it. */
export async function lastEntry(silver: Db, run: ObjectId | undefined): Promise<Entry | null> {
  if (run === undefined) return null
  const entries = entriesOf(silver)
  let last = await entries.findOne({ _id: run, ...IS_ENTRY } as Filter<Entry>)
  // What was erased since is an entry that nothing else came of.
  for (let next = last; next !== null; ) {
    last = next
    next = await entries.findOne({ since: last._id, erasure: true, ...IS_ENTRY } as Filter<Entry>)
  }
  return last
}

/** The entries from one back to the first that is known, newest first. */
export async function entriesBack(silver: Db, from: Entry | null): Promise<Entry[]> {
  const all = await entriesOf(silver)
    .find(IS_ENTRY as Filter<Entry>)
    .toArray()
  const chain: Entry[] = []
  for (let next = from; next !== null && next !== undefined; ) {
    chain.push(next)
    const { since } = next
    next = since === null ? null : (all.find(({ _id }) => _id.equals(since)) ?? null)
  }
  return chain
}

/** Bytes of a document of them: MongoDB takes 16 MB. */
const PIECE = 2 ** 23

/** Bytes as pieces. */
export function inPieces(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, i) => bytes.subarray(i * PIECE, (i + 1) * PIECE))
}

/** Writes bytes, which come in some order, and says how many they are. */
export async function writePieces(
  silver: Db,
  { run, collection, what }: Omit<Piece['_id'], 'number'>,
  bytes: AsyncIterable<Buffer> | Iterable<Buffer>,
  first = 0,
): Promise<number> {
  const to = pieces(silver, what)
  let number = first
  let size = 0
  const write = async (piece: Buffer) => {
    const _id = { run, collection, what, number: number++ }
    await to.replaceOne({ _id }, { bytes: new Binary(piece) } as Piece, { upsert: true })
    size += piece.length
  }
  let waiting: Buffer[] = []
  let held = 0
  for await (const some of bytes) {
    waiting.push(some)
    held += some.length
    if (held < PIECE) continue
    await write(Buffer.concat(waiting))
    waiting = []
    held = 0
  }
  if (held > 0) await write(Buffer.concat(waiting))
  return size
}

/** What was written, piece by piece. */
export async function* readPieces(
  silver: Db,
  { run, collection, what }: Omit<Piece['_id'], 'number'>,
): AsyncGenerator<Buffer> {
  const range = {
    $gte: { run, collection, what, number: 0 },
    $lt: { run, collection, what, number: Number.MAX_SAFE_INTEGER },
  }
  for await (const { bytes } of pieces(silver, what).find({ _id: range } as Filter<Piece>, {
    sort: { _id: 1 },
    batchSize: 1,
  })) {
    yield Buffer.from(bytes.buffer)
  }
}

/** Removes the pieces of a run, or those of one collection. */
export async function removePieces(
  silver: Db,
  run: ObjectId,
  what: Piece['_id']['what'],
  collection?: string,
): Promise<void> {
  await pieces(silver, what).deleteMany({
    '_id.run': run,
    ...(collection !== undefined && { '_id.collection': collection, '_id.what': what }),
  } as Filter<Piece>)
}

/** Removes what no entry of the chain from this one back needs, and entries beyond so many. */
export async function forgetBeyond(silver: Db, last: Entry, keep: number): Promise<void> {
  const chain = await entriesBack(silver, last)
  const kept = chain.slice(0, Math.max(keep, 1))
  const runs = kept.map(({ _id }) => _id)
  const sets = Object.values(last.sets).map(({ run }) => run)
  await pieces(silver, 'met').deleteMany({ '_id.run': { $type: 'objectId', $nin: sets } } as Filter<Piece>)
  // A run that took them for two collections may be needed for one of them alone.
  for (const run of sets) {
    const needed = Object.entries(last.sets).flatMap(([collection, set]) => (set.run.equals(run) ? [collection] : []))
    await pieces(silver, 'met').deleteMany({ '_id.run': run, '_id.collection': { $nin: needed } } as Filter<Piece>)
  }
  await pieces(silver, 'changes').deleteMany({ '_id.run': { $type: 'objectId', $nin: runs } } as Filter<Piece>)
  await entriesOf(silver).deleteMany({ _id: { $nin: runs }, ...IS_ENTRY } as Filter<Entry>)
}
