import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ObjectId } from 'bson'
import type { Db, MongoClient } from 'mongodb'
import { seedOf } from '../silver/fingerprints.ts'
import type { Ledger } from '../silver/processor.ts'
import { temporaryFolder } from '../system/temporary.ts'
import { type Entry, forgetBeyond, forgetUnkept, keepEntry, writePieces } from './entries.ts'
import { openPosting, type PostingOptions } from './posting.ts'

/** A ledger that is open, until its run has ended. */
export interface OpenLedger extends Ledger {
  /** What is to be kept of the run; whole once all collections are complete. */
  entry: () => Promise<Entry>
  /** Removes what is needed no more: all of it where the run's silver is not in place. */
  close: (isInPlace: boolean) => Promise<void>
}

/**
 * Opens the ledger of a run that makes silver. Rows wait in files: where a collection is what it was, they go, and what
 * was kept of it stays. What the run before kept is looked up meanwhile; what fails there is told by `complete`.
 */
export function openLedger(
  mongodb: MongoClient,
  run: { _id: ObjectId; started: Date },
  options: PostingOptions,
  /** Where it is written, if not beside the silver in place. */
  into: Db = mongodb.db(options.silver),
): OpenLedger {
  const posting = openPosting(mongodb.db(options.silver), run, options, {
    into,
    rows,
    async keep(collection) {
      for (const what of ['met', 'removed'] as const) {
        await writePieces(into, { run: run._id, collection, what }, rows(collection, what))
      }
    },
    drop: async () => undefined,
  })
  posting.catch(() => undefined)
  const folder = temporaryFolder()
  const files = new Map<string, { handle: number; lengths: number[] }>()
  let comparing = Promise.resolve()
  let isKept = false

  const fileOf = (collection: string, what: 'met' | 'removed') => {
    const name = `${collection}.${what}`
    const known = files.get(name) ?? { handle: openSync(join(folder, name), 'w+'), lengths: [] }
    files.set(name, known)
    return known
  }
  function* rows(collection: string, what: 'met' | 'removed'): Generator<Buffer> {
    const { handle, lengths } = fileOf(collection, what)
    let at = 0
    for (const length of lengths) {
      const bytes = Buffer.allocUnsafe(length)
      readSync(handle, bytes, 0, length, at)
      at += length
      yield bytes
    }
  }
  const entry = async () => (await posting).entry
  return {
    entry,
    seed: seedOf(options.pii),
    take(collection, what, rows) {
      const { handle, lengths } = fileOf(collection, what)
      writeSync(handle, rows)
      lengths.push(rows.length)
    },
    complete(contract, staged, sums) {
      comparing = comparing.then(async () => (await posting).complete(contract, staged, sums))
      return comparing
    },
    async keep() {
      await keepEntry(into, await entry())
      isKept = true
    },
    async close(isInPlace) {
      await comparing.catch(() => undefined)
      for (const { handle } of files.values()) closeSync(handle)
      rmSync(folder, { recursive: true, force: true })
      // Of an attempt that did not come so far the entry is not whole; what is left the next run removes.
      const forgotten =
        isInPlace && isKept ? forgetBeyond(into, await entry(), options.history.keep) : forgetUnkept(into, run._id)
      await forgotten.catch(() => undefined)
    },
  }
}
