import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectId } from 'bson'
import type { Collection, Db } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { silverInPlace } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { readErasures } from '../silver/erasures.ts'
import type { FingerprintSum } from '../silver/fingerprints.ts'
import type { Ledger } from '../silver/processor.ts'
import type { Telling } from './changes.ts'
import {
  type ChangeSet,
  type Entry,
  type FingerprintSet,
  inPieces,
  lastEntry,
  readPieces,
  removePieces,
  writePieces,
} from './entries.ts'
import { changedRules, silverMaking } from './making.ts'
import { pseudonymsOf } from './pseudonyms.ts'

export type PostingOptions = Pick<
  Config,
  | 'bronze'
  | 'silver'
  | 'contracts'
  | 'phoneRegion'
  | 'pii'
  | 'erasureKey'
  | 'portions'
  | 'limits'
  | 'history'
  | 'settledMonths'
>

/** Rows of fingerprints that a run took, until it is known whether they are needed. */
export interface Taken {
  /** Where they are kept, and what changed. */
  into: Db
  rows: (collection: string, what: 'met' | 'removed') => AsyncIterable<Buffer> | Iterable<Buffer>
  /** Puts those of a collection beside silver. */
  keep: (collection: string) => Promise<void>
  /** Those of a collection are what the run before took. */
  drop: (collection: string) => Promise<void>
}

/** The entry of a run, while it is made. */
export interface Posting {
  entry: Entry
  /** Compares a collection, all of which lies in a staged one, with what it was. */
  complete: Ledger['complete']
}

export async function openPosting(
  silver: Db,
  run: { _id: ObjectId; started: Date },
  options: PostingOptions,
  taken: Taken,
): Promise<Posting> {
  const { contracts, bronze, erasureKey } = options
  const [last, isErased] = await Promise.all([
    silverInPlace(silver, contracts).then((inPlace) => lastEntry(silver, inPlace?._id)),
    readErasures(silver, bronze, erasureKey),
  ])
  const pseudonymOf = pseudonymsOf(isErased)
  const making = silverMaking(options)
  const { _id, started } = run
  // Silver that an earlier attempt of this run put in place is no other one to compare with: what it has the same is told.
  const isOwn = last?._id.equals(_id) === true
  const since = (isOwn ? last.since : last?._id) ?? null
  const entry: Entry = { _id, since, started, making, sets: {}, changes: {} }
  return {
    entry,
    async complete(contract, staged, sums) {
      const { collection } = contract
      const known = last?.sets[collection]
      if (known !== undefined && isEqual(known.met, sums.met) && isEqual(known.removed, sums.removed)) {
        entry.sets[collection] = known
        entry.changes[collection] = (isOwn ? last?.changes[collection] : undefined) ?? { counts: {}, bytes: 0 }
        return taken.drop(collection)
      }
      await taken.keep(collection)
      entry.sets[collection] = { run: _id, ...sums }
      // What silver was before that attempt is gone.
      if (isOwn) entry.since = null
      if (last === null || known === undefined || isOwn) return
      const rules = changedRules(last.making, making, collection)
      const telling: Telling = { isErased, pseudonymOf, started, settledAfter: options.settledMonths.afterDays, rules }
      // What needs DuckDB is loaded where something changed.
      const { withMoreRoom } = await import('../gold/duckdb.ts')
      entry.changes[collection] = await withMoreRoom(options.limits, (limits) =>
        changesOf(silver, contract, staged, { run: _id, known, telling, taken, options: { ...options, limits } }),
      )
    },
  }
}

function isEqual(one: FingerprintSum, other: FingerprintSum): boolean {
  return one.rows === other.rows && one.sum === other.sum
}

/** What a collection is compared by. */
interface Comparison {
  run: ObjectId
  known: FingerprintSet
  telling: Telling
  taken: Taken
  options: PostingOptions
}

/** Keeps what silver will have otherwise, and counts it. */
async function changesOf(
  silver: Db,
  contract: Contract,
  staged: Collection,
  { run, known, telling, taken, options: { portions, limits, history } }: Comparison,
): Promise<ChangeSet> {
  const { collection } = contract
  const [{ openScratch, withMoreRoom }, { differences, openSide }, { keyOfId, openChanges, recordsIn }] =
    await Promise.all([import('../gold/duckdb.ts'), import('./comparison.ts'), import('./changes.ts')])
  const { folder, connection, connect, close } = await openScratch(limits)
  try {
    const reading = await connect()
    const old = await openSide(connection, 'before')
    const now = await openSide(connection, 'now')
    for (const what of ['met', 'removed'] as const) {
      for await (const bytes of readPieces(silver, { run: known.run, collection, what })) old.take(what, bytes)
      for await (const bytes of taken.rows(collection, what)) now.take(what, bytes)
    }
    await old.close()
    await now.close()
    const changes = await openChanges(connection, contract, telling, portions)
    for await (const found of differences(reading, contract)) {
      for (let at = 0; at < found.length; at += portions.ids) {
        const some = found.slice(at, at + portions.ids)
        const idsOf = (side: 'before' | 'now' | 'came') => some.flatMap((one) => one[side] ?? [])
        const [had, has] = await Promise.all([
          recordsIn(silver.collection(collection), contract, idsOf('before'), portions),
          recordsIn(staged, contract, [...idsOf('now'), ...idsOf('came')], portions),
        ])
        for (const one of some) {
          const id = one.now ?? one.before
          if (id === null) continue
          const of = (records: typeof had, id: Buffer | null) => (id && records.get(keyOfId(id))) ?? null
          const told = { ...one, came: of(has, one.came) }
          changes.add(id, undefined, of(had, one.before), of(has, one.now), told)
        }
      }
    }
    const file = join(folder, 'changes.parquet')
    changes.close()
    // Of many changes the last step alone wants more memory, and is done anew with it.
    await withMoreRoom(limits, async ({ memoryMb }) => {
      await connection.run(`set memory_limit = '${memoryMb}MB'`)
      await changes.write(file)
    })
    const { size } = await stat(file)
    const isLarge = size > history.size * 2 ** 20
    // Of a comparison that is done again.
    await removePieces(taken.into, run, 'changes', collection)
    if (!isLarge && Object.keys(changes.counts()).length > 0) {
      await writePieces(taken.into, { run, collection, what: 'changes' }, inPieces(await readFile(file)))
    }
    return { counts: changes.counts(), bytes: isLarge ? 0 : size }
  } finally {
    close()
  }
}
