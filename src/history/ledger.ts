import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectId } from 'bson'
import type { Collection, Db, MongoClient } from 'mongodb'
import type { Contract } from '../contracts/contract.ts'
import { silverInPlace } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { readErasures } from '../silver/erasures.ts'
import { type FingerprintSum, seedOf } from '../silver/fingerprints.ts'
import type { Ledger } from '../silver/processor.ts'
import { temporaryFolder } from '../system/temporary.ts'
import type { Telling } from './changes.ts'
import {
  type ChangeSet,
  type Entry,
  entriesOf,
  type FingerprintSet,
  forgetBeyond,
  inPieces,
  lastEntry,
  readPieces,
  removePieces,
  writePieces,
} from './entries.ts'
import { changedRules, silverMaking } from './making.ts'
import { pseudonymsOf } from './pseudonyms.ts'

export type LedgerOptions = Pick<
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

/** A ledger that is open, until its run has ended. */
export interface OpenLedger extends Ledger {
  /** What changed, by collection, once all of them are complete; undefined where nothing is known of what was before. */
  changes: () => Record<string, ChangeSet> | undefined
  /** Removes what is needed no more: all of it where the run's silver is not in place. */
  close: (isInPlace: boolean) => Promise<void>
}

/**
 * Opens the ledger of a run that makes silver. Rows wait in files: where a collection is what it was, they go, and what
 * was kept of it stays.
 */
export async function openLedger(
  mongodb: MongoClient,
  run: { _id: ObjectId; started: Date },
  options: LedgerOptions,
  /** Where it is written, if not beside the silver in place. */
  into: Db = mongodb.db(options.silver),
): Promise<OpenLedger> {
  const { contracts, pii, bronze, erasureKey, portions, limits, history } = options
  const silver = mongodb.db(options.silver)
  const inPlace = await silverInPlace(silver, contracts)
  const before = await lastEntry(silver, inPlace?._id)
  const isErased = await readErasures(silver, bronze, erasureKey)
  const pseudonymOf = pseudonymsOf(isErased)
  const making = silverMaking(options)
  const folder = temporaryFolder()
  const files = new Map<string, { handle: number; lengths: number[] }>()
  const sets: Record<string, FingerprintSet> = {}
  const changed: Record<string, ChangeSet> = {}
  let comparing = Promise.resolve()
  let isKept = false

  const fileOf = (collection: string, what: 'met' | 'removed') => {
    const name = `${collection}.${what}`
    const known = files.get(name) ?? { handle: openSync(join(folder, name), 'w+'), lengths: [] }
    files.set(name, known)
    return known
  }
  function* spooled(collection: string, what: 'met' | 'removed'): Generator<Buffer> {
    const { handle, lengths } = fileOf(collection, what)
    let at = 0
    for (const length of lengths) {
      const bytes = Buffer.allocUnsafe(length)
      readSync(handle, bytes, 0, length, at)
      at += length
      yield bytes
    }
  }
  const keepSet = async (collection: string, sums: { met: FingerprintSum; removed: FingerprintSum }) => {
    let bytes = 0
    for (const what of ['met', 'removed'] as const) {
      bytes += await writePieces(into, { run: run._id, collection, what }, spooled(collection, what))
    }
    sets[collection] = { run: run._id, ...sums, bytes }
  }
  const compare = async (
    contract: Contract,
    staged: Collection,
    sums: { met: FingerprintSum; removed: FingerprintSum },
  ) => {
    const { collection } = contract
    const known = before?.sets[collection]
    if (known !== undefined && isEqual(known.met, sums.met) && isEqual(known.removed, sums.removed)) {
      sets[collection] = known
      changed[collection] = { counts: {}, bytes: 0 }
      return
    }
    await keepSet(collection, sums)
    if (before === null || known === undefined) return
    const telling: Telling = {
      isErased,
      pseudonymOf,
      started: run.started,
      settledAfter: options.settledMonths.afterDays,
      rules: changedRules(before.making, making, collection),
    }
    changed[collection] = await changesOf(contract, staged, known, telling)
  }
  const changesOf = async (contract: Contract, staged: Collection, known: FingerprintSet, telling: Telling) => {
    const { collection } = contract
    // What needs DuckDB is loaded where something changed.
    const [{ openDuckDB }, { differences, openSide }, { keyOfId, openChanges, recordsIn }] = await Promise.all([
      import('../gold/duckdb.ts'),
      import('./comparison.ts'),
      import('./changes.ts'),
    ])
    const place = mkdtempSync(join(folder, 'changes-'))
    const instance = await openDuckDB(place, limits)
    const [connection, reading] = [await instance.connect(), await instance.connect()]
    try {
      await connection.run('pragma disable_checkpoint_on_shutdown')
      const old = await openSide(connection, 'before')
      const now = await openSide(connection, 'now')
      for (const what of ['met', 'removed'] as const) {
        for await (const bytes of readPieces(silver, { run: known.run, collection, what })) old.take(what, bytes)
        for (const bytes of spooled(collection, what)) now.take(what, bytes)
      }
      await old.close()
      await now.close()
      const changes = await openChanges(connection, contract, telling, portions)
      for await (const found of differences(reading, contract)) {
        for (let at = 0; at < found.length; at += portions.ids) {
          const some = found.slice(at, at + portions.ids)
          const idsOf = (side: 'before' | 'now') => some.flatMap((one) => one[side] ?? [])
          // Of one that was erased no fingerprint is left, and silver may have the rest of it.
          const wanted = [
            ...idsOf('before'),
            ...some.flatMap(({ isUnknown, now }) => (isUnknown && now !== null ? [now] : [])),
          ]
          const had = await recordsIn(silver.collection(collection), contract, wanted, portions)
          const has = await recordsIn(staged, contract, idsOf('now'), portions)
          for (const one of some) {
            const id = one.now ?? one.before
            if (id === null) continue
            const stood = one.before === null && !one.isUnknown ? null : (had.get(keyOfId(one.before ?? id)) ?? null)
            const stands = one.now === null ? null : (has.get(keyOfId(one.now)) ?? null)
            changes.add(id, undefined, stood, stands, one)
          }
        }
      }
      const file = join(place, 'changes.parquet')
      await changes.write(file)
      const { size } = await stat(file)
      const isLarge = size > history.size * 2 ** 20
      if (!isLarge && Object.keys(changes.counts()).length > 0) {
        await writePieces(into, { run: run._id, collection, what: 'changes' }, inPieces(await readFile(file)))
      }
      return { counts: changes.counts(), bytes: isLarge ? 0 : size }
    } finally {
      connection.closeSync()
      reading.closeSync()
      instance.closeSync()
      rmSync(place, { recursive: true, force: true })
    }
  }
  return {
    seed: seedOf(pii),
    take(collection, what, rows) {
      const { handle, lengths } = fileOf(collection, what)
      writeSync(handle, rows)
      lengths.push(rows.length)
    },
    complete(contract, staged, sums) {
      comparing = comparing.then(() => compare(contract, staged, sums))
      return comparing
    },
    async keep() {
      isKept = true
      const entry: Entry = {
        _id: run._id,
        since: before?._id ?? null,
        started: run.started,
        making,
        sets,
        changes: changed,
      }
      await entriesOf(into).replaceOne({ _id: run._id }, entry, { upsert: true })
    },
    changes: () => (before === null ? undefined : changed),
    async close(isInPlace) {
      await comparing.catch(() => undefined)
      for (const { handle } of files.values()) closeSync(handle)
      rmSync(folder, { recursive: true, force: true })
      const last = isInPlace ? await entriesOf(into).findOne({ _id: run._id }) : null
      if (last !== null) await forgetBeyond(into, last, history.keep)
      else if (!isKept) for (const what of ['met', 'changes'] as const) await removePieces(into, run._id, what)
    },
  }
}

function isEqual(one: FingerprintSum, other: FingerprintSum): boolean {
  return one.rows === other.rows && one.sum === other.sum
}
