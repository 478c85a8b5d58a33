import { type Document, Double, ObjectId } from 'bson'
import type { CountryCode } from 'libphonenumber-js/min'
import type { Collection, Db, MongoClient } from 'mongodb'
import { parse, readRaw } from '../bronze/source.ts'
import { LingotError } from '../errors.ts'
import { type Observations, observing } from '../quality/observations.ts'
import { cleaner } from './cleaner.ts'
import { type Context, type Contract, columnsOf } from './contract.ts'
import { contracts as standard } from './contracts.ts'
import { seenBefore, settle } from './duplicates.ts'
import { type Quarantine, quarantine } from './quarantine.ts'
import { validator } from './schema.ts'
import { stage, swapIn } from './staging.ts'
import { type Writer, writer } from './writer.ts'

/** What happened to one collection on its way to silver; bronze = silver + duplicates + quarantined. */
export interface Refined extends Observations {
  bronze: number
  silver: number
  duplicates: number
  quarantined: { noId: number; superseded: number }
  /** Ids that name several different documents, all kept or, for customers, the last one kept. */
  sharedIds: number
}

export type Progress = (collection: string, done: number, total: number) => void

export interface ProcessOptions {
  bronze: string
  silver: string
  contracts?: readonly Contract[]
  /** The region of a phone number whose customer names no country; France if not given. */
  phoneRegion?: CountryCode
  /** Identifies the run in the quarantine. */
  run?: ObjectId
  onProgress?: Progress
  signal?: AbortSignal
}

/**
 * Mission 1: reads bronze, cleans and anonymises it, writes silver.
 *
 * Silver is written beside the old one, with its indexes, and swapped in by rename once everything adds up;
 * a run that fails leaves the old silver as it was.
 */
export async function processBronze(client: MongoClient, options: ProcessOptions): Promise<Record<string, Refined>> {
  const bronze = client.db(options.bronze)
  const silver = client.db(options.silver)
  const { contracts = standard, phoneRegion = 'FR', run = new ObjectId() } = options
  const context: Context = { latest: Date.now() + DAY, region: phoneRegion }

  await refuseEmpty(bronze, contracts)
  const staging = await stage(silver, [...contracts.map(({ collection }) => collection), 'quarantine'], run)
  try {
    const kept = quarantine(staging.collection('quarantine'), run)
    const refined = await allOrNone(options.signal, (signal) =>
      contracts.map(async (contract) => {
        const from = bronze.collection(contract.source ?? contract.collection)
        const to = staging.collection(contract.collection)
        const out = writer(client, to)
        const refined = await refine(client, contract, from, to, out, context, kept, { ...options, signal }).catch(
          async (error: unknown) => {
            // An insert still under way would make its collection anew after that was dropped.
            await out.close().catch(() => undefined)
            throw error
          },
        )
        return [contract.collection, refined] as const
      }),
    )
    await kept.close()
    for (const contract of contracts) await staging.guard(contract.collection, validator(contract))
    await swapIn(staging)
    return Object.fromEntries(refined)
  } catch (error) {
    await staging.drop()
    throw error
  }
}

const DAY = 86_400_000

/** Bytes of bronze in a write; what becomes of them must fit the 16 MB of a command. */
const WRITE_BYTES = 4 * 1024 * 1024

/** Runs tasks side by side. When one fails the others are told to stop, and have stopped before this throws. */
async function allOrNone<T>(
  signal: AbortSignal | undefined,
  start: (signal: AbortSignal) => Promise<T>[],
): Promise<T[]> {
  const failed = new AbortController()
  const tasks = start(signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]))
  for (const task of tasks) task.catch((error: unknown) => failed.abort(error))
  await Promise.allSettled(tasks)
  failed.signal.throwIfAborted()
  return Promise.all(tasks)
}

async function refine(
  client: MongoClient,
  contract: Contract,
  from: Collection,
  to: Collection,
  { write, close }: Writer,
  context: Context,
  kept: Quarantine,
  { onProgress, signal }: ProcessOptions,
): Promise<Refined> {
  const expected = await from.estimatedDocumentCount()
  const clean = cleaner(contract, context)
  const encode = encoder(contract)
  const { observer, observations } = observing(contract)
  const isRepeated = seenBefore(expected)
  const repeated = new Set<string>()
  let bronze = 0
  let noId = 0

  for await (const batch of readRaw(client, from)) {
    signal?.throwIfAborted()
    let documents: Document[] = []
    let size = 0
    for (const bytes of batch) {
      const document = clean(parse(bytes), observer)
      const key: unknown = document[contract.key]
      if (typeof key === 'string') {
        if (isRepeated(key)) repeated.add(key)
      } else if (contract.keyRequired) {
        noId++
        await kept.add(contract.collection, document['_id'], 'no id')
        continue
      }
      documents.push(encode(document))
      size += bytes.length
      if (size > WRITE_BYTES) {
        await write(documents)
        documents = []
        size = 0
      }
    }
    bronze += batch.length
    await write(documents)
    onProgress?.(contract.collection, bronze, Math.max(expected, bronze))
  }
  await close()

  await to.createIndexes([contract.key, ...contract.indexes].map((field) => ({ key: { [field]: 1 } })))
  const { sharedKeys, duplicates, superseded } = await settle(client, to, contract, [...repeated], (documentId) =>
    kept.add(contract.collection, documentId, 'superseded'),
  )

  const silver = await to.estimatedDocumentCount()
  if (bronze !== silver + duplicates + noId + superseded) {
    throw new LingotError(
      'data',
      `${contract.collection} does not add up: ${bronze} documents in bronze, but ${silver} in silver, ` +
        `${duplicates} duplicates and ${noId + superseded} quarantined.`,
      'Run it again while nobody writes to bronze.',
    )
  }
  return {
    bronze,
    silver,
    duplicates,
    quarantined: { noId, superseded },
    sharedIds: sharedKeys,
    ...observations(bronze),
  }
}

/** One BSON type per column: the driver would write 10 as an integer and 10.5 as a double. */
function encoder(contract: Contract): (document: Document) => Document {
  const columns = columnsOf(contract)
  const doubles = columns.filter(([, { type }]) => type === 'money' || type === 'rate').map(([name]) => name)
  const longs = columns.filter(([, { type }]) => type === 'count').map(([name]) => name)
  return (document) => {
    for (const name of doubles) if (Number.isInteger(document[name])) document[name] = new Double(document[name])
    for (const name of longs) if (document[name] !== null) document[name] = BigInt(document[name])
    return document
  }
}

async function refuseEmpty(bronze: Db, contracts: readonly Contract[]): Promise<void> {
  const sources = contracts.map(({ collection, source = collection }) => source)
  const counts = await Promise.all(sources.map((source) => bronze.collection(source).estimatedDocumentCount()))
  if (counts.some((count) => count > 0)) return
  throw new LingotError(
    'bronze',
    `${bronze.databaseName} holds no documents in ${sources.join(', ')}.`,
    'Load your data into it, set LINGOT_BRONZE_DB to the database that has it, or make a sample with `lingot generate`.',
  )
}
