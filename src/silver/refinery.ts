import type { Context, Contract } from '../contracts/contract.ts'
import { documentWriter } from '../mongo/bson_writer.ts'
import { NoOwnIds, type Writer } from '../mongo/writer.ts'
import { hidingBy } from '../rules/contacts.ts'
import { md5 } from '../rules/pseudonym.ts'
import { type CleanValues, cleaner } from './clean/cleaner.ts'
import { erasedBy } from './clean/forgetting.ts'
import { leftOutBy } from './clean/leaving_out.ts'
import { observing, type Tallies } from './clean/observations.ts'
import type { FingerprintSum, Fingerprints } from './fingerprints.ts'
import type { Quarantine } from './quarantine.ts'
import { written } from './schema.ts'
import { type Unwound, unwinding } from './unwinding.ts'

/** What documents are refined with. */
export interface Refinery {
  contract: Contract
  context: Context
  out: Writer
  quarantine: Quarantine
  signal: AbortSignal | undefined
  /** Remembers each record. */
  fingerprints?: Fingerprints | undefined
  /** Told of each document that is in the batch from `start` on; its values are filled anew for the next. */
  onKept: (values: CleanValues, start: number, original: Buffer) => void
  onProgress: (documents: number) => void
}

/** What became of records of bronze, before those that are one are told. */
export interface RefinedPart extends Partial<Unwound> {
  bronze: number
  noId: number
  erased: number
  leftOut: number
  tallies: Tallies
  /** What the fingerprints of its records come to. */
  remembered?: FingerprintSum
}

/** Cleans documents of bronze in one pass and writes those that are to be in silver. */
export async function refine(
  batches: AsyncIterable<readonly Buffer[]>,
  { contract, context, out, quarantine, signal, fingerprints, onKept, onProgress }: Refinery,
): Promise<RefinedPart> {
  const { collection, each, key, keyRequired } = contract
  // None is called so: a record without a key has no id.
  const named = key ?? ''
  const { clean, place, labels } = cleaner(contract, context)
  const { observer, kept, tallies } = observing(contract, hidingBy(context.region, context.hash ?? md5))
  const write = documentWriter(written(contract))
  const isNone = leftOutBy(contract.leaveOut)
  const isTheirs = erasedBy(contract, context.isErased)
  const lists = each && unwinding(contract, isNone, (record) => quarantine.add(collection, record, 'no object'))
  let bronze = 0
  let noId = 0
  let erased = 0
  let leftOut = 0
  try {
    for await (const batch of lists?.records(batches) ?? batches) {
      signal?.throwIfAborted()
      for (const document of batch) {
        if (isNone?.(document)) {
          leftOut++
          fingerprints?.dropped(document, 'left out')
          continue
        }
        const values = clean(document, observer)
        if (place.end === 0) throw new NoOwnIds('no _id', collection)
        const id = values[named]
        if (typeof id === 'string') {
          if (isTheirs?.(id)) {
            erased++
            continue
          }
        } else if (keyRequired) {
          noId++
          fingerprints?.dropped(document, 'no id')
          await quarantine.add(collection, document, 'no id')
          continue
        }
        const start = out.batch.size
        write(out.batch, document, place, values)
        fingerprints?.kept(document, out.batch, start)
        kept(values, document)
        onKept(values, start, document)
        const room = out.full()
        if (room !== undefined) await room
      }
      bronze += batch.length
      onProgress(lists?.unwound.documents ?? bronze)
    }
  } catch (error) {
    // An insert still under way would make its collection anew after that was dropped.
    await out.close().catch(() => undefined)
    throw error
  }
  await out.close()
  const { noObject = 0 } = lists?.unwound ?? {}
  return {
    bronze: bronze + noObject,
    noId,
    erased,
    leftOut,
    ...lists?.unwound,
    tallies: tallies(labels()),
    ...(fingerprints && { remembered: fingerprints.end() }),
  }
}
