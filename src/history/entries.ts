import { Binary, MaxKey, type ObjectId } from 'bson'
import type { Collection, Db, Filter } from 'mongodb'
import { ORDERED } from '../mongo/concerns.ts'
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
  /** What stands for the person in its changes. */
  nobody?: string
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
  // The swap that follows is on disk with all that was written before.
  return silver.collection<Entry>(ENTRIES, { readPreference: 'primary', writeConcern: ORDERED })
}

/** The last entry of the silver that a run made, with the erasures since that began before; null where none is known. */
export async function lastEntry(silver: Db, run: ObjectId | undefined, before?: Date): Promise<Entry | null> {
  if (run === undefined) return null
  const entries = entriesOf(silver)
  let last = await entries.findOne({ _id: run, ...IS_ENTRY } as Filter<Entry>)
  // What was erased since is an entry that nothing else came of.
  for (let next = last; next !== null; ) {
    last = next
    const began = before && { started: { $lt: before } }
    next = await entries.findOne({ since: last._id, erasure: true, ...began, ...IS_ENTRY } as Filter<Entry>)
  }
  return last
}

/** The entries from one back to the first that is known, newest first. */
export async function entriesBack(silver: Db, from: Entry | null): Promise<Entry[]> {
  const all = await entriesOf(silver)
    .find(IS_ENTRY as Filter<Entry>)
    .toArray()
  return chainOf(all, from)
}

/** Those of some entries that lead back from one, which comes first. */
function chainOf<E extends Pick<Entry, '_id' | 'since'>>(all: readonly E[], from: E | null): E[] {
  const chain: E[] = []
  // Earlier versions could keep one that came of itself.
  const isMet = (id: ObjectId) => chain.some(({ _id }) => _id.equals(id))
  for (let next = from; next !== null && !isMet(next._id); ) {
    chain.push(next)
    const { since }: E = next
    next = since === null ? null : (all.find(({ _id }) => _id.equals(since)) ?? null)
  }
  return chain
}

/** Bytes of a document of them: MongoDB takes 16 MB. */
const PIECE = 2 ** 23

/** Writes bytes as they come. */
export interface PieceWriter {
  add: (bytes: Uint8Array) => void
  /** Resolves once all pieces that are full are written. */
  written: () => Promise<void>
  /** Writes what is left. */
  end: () => Promise<void>
}

/** Writes pieces from a number on, in the place of what was written there before. */
export function pieceWriter(
  silver: Db,
  { run, collection, what }: Omit<Piece['_id'], 'number'>,
  first = 0,
): PieceWriter {
  const to = pieces(silver, what)
  let number = first
  let waiting: Uint8Array[] = []
  let held = 0
  let writing = Promise.resolve()
  const write = () => {
    const _id = { run, collection, what, number: number++ }
    const bytes = new Binary(Buffer.concat(waiting))
    waiting = []
    held = 0
    writing = writing.then(async () => {
      await to.replaceOne({ _id }, { bytes } as Piece, { upsert: true })
    })
    // Thrown to who waits for it.
    writing.catch(() => undefined)
  }
  return {
    add(bytes) {
      waiting.push(bytes)
      held += bytes.length
      if (held >= PIECE) write()
    },
    written: () => writing,
    end() {
      if (held > 0) write()
      return writing
    },
  }
}

/** Writes bytes, which come in some order. */
export async function writePieces(
  silver: Db,
  of: Omit<Piece['_id'], 'number'>,
  bytes: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<void> {
  const to = pieceWriter(silver, of)
  for await (const some of bytes) {
    to.add(some)
    await to.written()
  }
  await to.end()
}

/** What is so large that it is written in several pieces, whole. */
export function inPieces(bytes: Buffer): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / PIECE) }, (_, i) => bytes.subarray(i * PIECE, (i + 1) * PIECE))
}

/** The pieces whose `_id`s begin so, by the index on them. */
function within(beginning: Partial<Piece['_id']>, next: keyof Piece['_id']): Filter<Piece> {
  return { _id: { $gte: beginning, $lt: { ...beginning, [next]: new MaxKey() } } } as Filter<Piece>
}

/** What was written, piece by piece. */
export async function* readPieces(
  silver: Db,
  { run, collection, what }: Omit<Piece['_id'], 'number'>,
): AsyncGenerator<Buffer> {
  const found = pieces(silver, what).find(within({ run, collection, what }, 'number'), {
    sort: { _id: 1 },
    batchSize: 1,
  })
  for await (const { bytes } of found) yield Buffer.from(bytes.buffer)
}

/** Puts others in the place of pieces; one stays of which there is none. */
export async function changePieces(
  silver: Db,
  { run, collection, what }: Omit<Piece['_id'], 'number'>,
  change: (piece: Buffer) => Buffer | undefined,
): Promise<void> {
  const all = pieces(silver, what)
  for await (const { _id, bytes } of all.find(within({ run, collection, what }, 'number'), { batchSize: 1 })) {
    const changed = change(Buffer.from(bytes.buffer))
    if (changed !== undefined) await all.replaceOne({ _id }, { bytes: new Binary(changed) } as Piece)
  }
}

/** Removes the pieces of a run, or those of one collection. */
export async function removePieces(
  silver: Db,
  run: ObjectId,
  what: Piece['_id']['what'],
  collection?: string,
): Promise<void> {
  const which = collection === undefined ? within({ run }, 'collection') : within({ run, collection, what }, 'number')
  await pieces(silver, what).deleteMany(which)
}

/** Keeps the entry of a run. */
export async function keepEntry(silver: Db, entry: Entry): Promise<void> {
  await entriesOf(silver).replaceOne({ _id: entry._id }, entry, { upsert: true })
}

/** Removes the pieces of a run that has no entry. */
export async function forgetUnkept(silver: Db, run: ObjectId): Promise<void> {
  if ((await entriesOf(silver).findOne({ _id: run })) !== null) return
  for (const what of ['met', 'changes'] as const) await removePieces(silver, run, what)
}

/** Removes what no entry of the chain from this one back needs, and entries beyond so many. */
export async function forgetBeyond(silver: Db, last: Entry, keep: number): Promise<void> {
  const all = await entriesOf(silver)
    .find(IS_ENTRY as Filter<Entry>, { projection: { since: 1 } })
    .toArray()
  const kept = chainOf<Pick<Entry, '_id' | 'since'>>(all, last).slice(0, Math.max(keep, 1))
  const runs = kept.map(({ _id }) => _id)
  await Promise.all([
    removeWhere(silver, 'met', ({ run, collection }) => last.sets[collection]?.run.equals(run) !== true),
    removeWhere(silver, 'changes', ({ run }) => !runs.some((one) => one.equals(run))),
    entriesOf(silver).deleteMany({ _id: { $nin: runs }, ...IS_ENTRY } as Filter<Entry>),
  ])
}

/** Removes all that is kept. */
export async function forgetAll(silver: Db): Promise<void> {
  await Promise.all([
    removeWhere(silver, 'met', () => true),
    removeWhere(silver, 'changes', () => true),
    entriesOf(silver).deleteMany(IS_ENTRY as Filter<Entry>),
  ])
}

/** Removes pieces by their `_id`s, which the index alone tells. */
async function removeWhere(
  silver: Db,
  what: Piece['_id']['what'],
  isGone: (id: Piece['_id']) => boolean,
): Promise<void> {
  const all = pieces(silver, what)
  const ids = (await all.find({}, { projection: { _id: 1 }, hint: { _id: 1 } }).toArray()).map(({ _id }) => _id)
  // What others put there is theirs.
  const gone = ids.filter((id) => typeof id?.run?.toHexString === 'function' && isGone(id))
  if (gone.length > 0) await all.deleteMany({ _id: { $in: gone } })
}
