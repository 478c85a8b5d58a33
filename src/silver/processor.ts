import type { ObjectId } from 'bson'
import { type Collection, type CollectionInfo, type Db, type MongoClient, ReadPreference } from 'mongodb'
import { bronzeName, type Context, type Contract, columnsOf } from '../contracts/contract.ts'
import { bronzeOf } from '../mongo/client.ts'
import { documentsIn, readRaw } from '../mongo/cursor.ts'
import { writer } from '../mongo/writer.ts'
import { hidingBy } from '../rules/contacts.ts'
import { latestOf } from '../rules/dates.ts'
import { md5, type Pii, pseudonym } from '../rules/pseudonym.ts'
import { layerOf, refuseSilver } from '../runs/ownership.ts'
import type { Refined } from '../runs/record.ts'
import type { Config } from '../settings/config.ts'
import { suggestion } from '../settings/problems.ts'
import { LingotError } from '../system/errors.ts'
import { hashOf } from '../system/hashes.ts'
import type { Portions } from '../system/portions.ts'
import type { Timed } from '../system/steps.ts'
import { moneyOf } from '../text/money.ts'
import type { Progress } from '../text/progress.ts'
import type { CleanValues } from './clean/cleaner.ts'
import { withNowhere } from './clean/nowhere.ts'
import { observationsOf } from './clean/observations.ts'
import { together } from './clean/tally.ts'
import { indexKeys, keyReader, oncePerDocument, resolveDuplicates, type Settled, seenBefore } from './duplicates.ts'
import { carryErasures } from './erasures.ts'
import { addedUp, type FingerprintSum, type Fingerprints, fingerprinting, NO_ROWS } from './fingerprints.ts'
import { type Oddities, oddities } from './oddities.ts'
import { ownIdsWanted } from './own_ids.ts'
import { indexQuarantine, openQuarantine, type Quarantine } from './quarantine.ts'
import { type RefinedPart, refine } from './refinery.ts'
import { silverReader, validator } from './schema.ts'
import { type Staging, stage } from './staging.ts'
import { isBesideNeeded } from './versions.ts'

export interface ProcessOptions
  extends Pick<Config, 'bronze' | 'silver' | 'contracts' | 'phoneRegion' | 'pii' | 'erasureKey' | 'portions'> {
  /** Identifies the run in the quarantine. */
  run: ObjectId
  /** When the run began, which tells what lies in the future. */
  started: Date
  /** What else is to get the documents of silver, by collection: gold, in a run of both. */
  feeds?: Readonly<Record<string, Feed>>
  /** Remembers what became of each record, and what changed since the run before. */
  ledger?: Ledger | undefined
  /** Where bronze is, if not on the server that silver is written to. */
  source?: MongoClient | undefined
  /** What the rules may know, if it is known already. */
  context?: Context | undefined
  /** Cleans a collection elsewhere, in parts; undefined where it is to be cleaned here. */
  share?: (shared: Shared) => Promise<RefinedPart[] | undefined> | undefined
  /** Told when everything is written; throws where some of it may be lost. */
  whenWritten: () => Promise<void>
  /** Told when the new silver is complete, just before it is swapped in. */
  beforeSwap: (refined: Record<string, Refined>) => Promise<void>
  timed: Timed
  onProgress: Progress
  signal: AbortSignal
}

/** Gets the documents of a silver collection while they are made. */
export interface Feed {
  /** Whether the documents are to come in the order of their `_id`. */
  inOrder: boolean
  /** A clean document; the object is filled anew for the next. */
  add: (clean: CleanValues) => void
  /** A document that was added, and then removed from silver. */
  retract: (clean: CleanValues) => void
  /** There is nothing more to add or to retract. */
  end: () => void
}

/** What a run remembers of records. */
export interface Ledger {
  /** Of the hashes. */
  seed: readonly number[]
  /** Takes rows of fingerprints of a collection, as they come. */
  take: (collection: string, what: 'met' | 'removed', rows: Uint8Array) => void
  /** Told when all of a collection lies in a staged one, and what its rows come to. */
  complete: (
    contract: Contract,
    staged: Collection,
    sums: { met: FingerprintSum; removed: FingerprintSum },
  ) => Promise<void>
  /** Keeps what it knows of the new silver, just before that is swapped in. */
  keep: () => Promise<void>
}

/** A new silver, complete and counted, beside the one that readers see. */
export interface PreparedSilver {
  refined: Record<string, Refined>
  /** Puts the new silver in the place of the old one. */
  swapIn: () => Promise<void>
  /** Removes it, unless its swap has begun: that is completed. */
  drop: () => Promise<void>
}

/**
 * Bronze to silver: reads bronze, cleans and anonymises it, writes silver.
 *
 * Silver is written beside the old one, with its indexes, and swapped in by rename once everything adds up;
 * a run that fails leaves the old silver as it was.
 */
export async function processBronze(client: MongoClient, options: ProcessOptions): Promise<Record<string, Refined>> {
  const prepared = await prepareSilver(client, options)
  try {
    await prepared.swapIn()
    return prepared.refined
  } finally {
    await prepared.drop()
  }
}

/** All of it but the last step. */
export async function prepareSilver(client: MongoClient, options: ProcessOptions): Promise<PreparedSilver> {
  const bronze = bronzeOf(options.source ?? client, options.bronze)
  const silver = client.db(options.silver)
  const { contracts, run, timed, portions } = options
  const sizes = await sizesOf(bronze, contracts)
  await refuseEmpty(bronze.databaseName, sizes)
  // Erasures are carried over to this bronze, so it must be one.
  const context = options.context ?? (await contextOf(silver, options, options.started))
  const staging = await stage(silver, layerOf(contracts), run, options.bronze)
  let opened: Quarantine | undefined
  let isSwapping = false
  const drop = async () => {
    if (isSwapping) return
    // What is still under way would make its collection anew after that was dropped.
    await opened?.close().catch(() => undefined)
    await staging.drop()
  }
  try {
    const quarantined = staging.collection('quarantine')
    await indexQuarantine(quarantined)
    const quarantine = openQuarantine(client, quarantined, run, { portions })
    opened = quarantine
    const refined = await oneByOne(
      smallFirst(sizes, portions).map(({ contract, from, documents, isAbsent }) => {
        const to = staging.collection(contract.collection)
        return { client, contract, from, isAbsent, expected: documents, to, context, quarantine, quarantined, options }
      }),
      options.signal,
      (pass) => timed(`clean ${pass.contract.collection}`, () => cleanAll(pass)),
      (pass, cleaned) => timed(`settle ${pass.contract.collection}`, () => complete(pass, cleaned)),
    )
    await quarantine.close()
    const inContractOrder = contracts.map(({ collection }): [string, Refined] => {
      return [collection, refined.get(collection) as Refined]
    })
    const all = Object.fromEntries(inContractOrder)
    const swapIn = async () => {
      options.signal.throwIfAborted()
      await timed('swap silver in', async () => {
        await guard(staging, contracts, options.pii)
        await options.whenWritten()
        // Where the answer is lost it may have been noted or not: what may have begun is not removed.
        isSwapping = true
        await options.ledger?.keep()
        await options.beforeSwap(all)
        await staging.swapIn()
      })
    }
    return { refined: all, swapIn, drop }
  } catch (error) {
    await drop()
    throw await ownIdsWanted(error, bronze, contracts)
  }
}

/** What the rules may know in a run that began then. */
export async function contextOf(
  silver: Db,
  { bronze, phoneRegion, pii, erasureKey }: Pick<ProcessOptions, 'bronze' | 'phoneRegion' | 'pii' | 'erasureKey'>,
  started: Date,
): Promise<Context> {
  const isErased = await carryErasures(silver, bronze, erasureKey)
  return { latest: latestOf(started), region: phoneRegion, hash: pseudonym(pii), isErased }
}

/** Has MongoDB keep staged silver to its contracts from now on. */
export async function guard(staging: Staging, contracts: readonly Contract[], pii: Pii): Promise<void> {
  for (const contract of contracts) await staging.guard(contract.collection, validator(contract, pii.method))
}

/** A collection of bronze and about how many documents it holds. */
interface Sized {
  contract: Contract
  from: Collection
  documents: number
  isAbsent: boolean
}

/** What there is to read; throws where bronze lacks a collection that the configuration names, or is a silver. */
export async function sizesOf(bronze: Db, contracts: readonly Contract[]): Promise<Sized[]> {
  const all = { nameOnly: false, readPreference: ReadPreference.primary }
  const found = (await bronze.listCollections({}, all).toArray()) as CollectionInfo[]
  const names = found.map(({ name }) => name)
  const sources = contracts.map(({ collection, source = collection }) => source)
  refuseSilver(
    bronze,
    found.filter(({ name }) => sources.includes(name)),
  )
  for (const { source } of found.length === 0 ? [] : contracts) {
    if (source === undefined || names.includes(source)) continue
    const known = names.filter((name) => !name.startsWith('system.'))
    throw new LingotError(
      'config',
      `${bronze.databaseName} has no collection ${source}${suggestion(source, known)}.`,
      'Correct it in the configuration file, under collections; or load it into bronze.',
    )
  }
  return Promise.all(
    contracts.map(async (contract) => {
      const from = bronze.collection(bronzeName(contract))
      const isAbsent = !names.includes(from.collectionName)
      return { contract, from, documents: isAbsent ? 0 : await documentsIn(from), isAbsent }
    }),
  )
}

/** Small collections first, since a server that builds indexes answers slowly; then the largest, with most to build. */
function smallFirst(sizes: readonly Sized[], { indexed }: Portions): Sized[] {
  const rank = ({ documents }: Sized) => (documents < indexed ? Number.MAX_SAFE_INTEGER : documents)
  return [...sizes].sort((a, b) => rank(b) - rank(a))
}

/**
 * Cleans one collection after the other and completes each beside the cleaning of the next: the server builds indexes
 * while this process cleans. When one fails the others are told to stop, and have stopped before this throws.
 */
async function oneByOne(
  passes: readonly CollectionPass[],
  signal: AbortSignal,
  clean: (pass: CollectionPass) => Promise<Cleaned>,
  complete: (pass: CollectionPass, cleaned: Cleaned) => Promise<Refined>,
): Promise<Map<string, Refined>> {
  const failed = new AbortController()
  const either = AbortSignal.any([signal, failed.signal])
  const completions: Promise<[string, Refined]>[] = []
  try {
    for (const { options, ...rest } of passes) {
      const pass = { ...rest, options: { ...options, signal: either } }
      const cleaned = await clean(pass)
      const completion = complete(pass, cleaned).then((refined): [string, Refined] => {
        return [pass.contract.collection, refined]
      })
      completion.catch((error: unknown) => failed.abort(error))
      completions.push(completion)
    }
    return new Map(await Promise.all(completions))
  } catch (error) {
    failed.abort(error)
    await Promise.allSettled(completions)
    throw failed.signal.reason
  }
}

/** What one collection is refined with. */
interface CollectionPass {
  client: MongoClient
  contract: Contract
  from: Collection
  isAbsent: boolean
  /** About how many documents there are. */
  expected: number
  to: Collection
  context: Context
  quarantine: Quarantine
  quarantined: Collection
  options: ProcessOptions
}

/** A collection that others may clean. */
export interface Shared {
  contract: Contract
  from: Collection
  to: Collection
  /** Where the quarantine is written. */
  quarantined: Collection
  /** About how many documents there are. */
  expected: number
  /** To be told of the hash of each key that is kept. */
  isRepeated: (hash: number) => boolean
  /** To be told of the keys whose hashes were met before. */
  onRepeated: (key: string) => void
  /** To be given fingerprints of the records, made with this seed, where they are remembered. */
  seed: readonly number[] | undefined
  onFingerprints: (rows: Uint8Array) => void
  onProgress: (documents: number) => void
  signal: AbortSignal
}

/** What came of the pass over a collection. */
interface Cleaned {
  parts: readonly RefinedPart[]
  /** Whether the index is there already. */
  isIndexed: boolean
  /** Keys that were met more than once, and a few that were not. */
  repeated: Set<string>
}

/** Builds the index of a cleaned collection, settles the documents that share a key, and counts. */
async function complete(
  { client, contract, from, isAbsent, to, context, quarantine, options }: CollectionPass,
  { parts, isIndexed, repeated }: Cleaned,
): Promise<Refined> {
  const { collection } = contract
  const feed = options.feeds?.[collection]
  if (!isIndexed) await indexKeys(to, contract)
  const read = silverReader(columnsOf(contract).map(([name]) => name))
  const { ledger } = options
  const removed = ledger && fingerprinting(contract, ledger.seed, (rows) => ledger.take(collection, 'removed', rows))
  const leave = leaving(contract, quarantine, removed)
  const onRemoved = (document: Buffer) => {
    feed?.retract(read(document))
    return leave(document)
  }
  const names = parts.flatMap(({ tallies }) => tallies.unnamed.map(({ field }) => field))
  const hide = hidingBy(context.region, context.hash ?? md5)
  const settled = await resolveDuplicates(client, contract, [...repeated], {
    silver: to,
    bronze: isBesideNeeded(contract, names) ? from : undefined,
    context,
    onRemoved,
    portions: options.portions,
  })
  feed?.end()
  const odd = await oddities(
    client,
    to,
    contract,
    parts.map(({ tallies }) => tallies.watched),
    hide,
  )
  const refined = addUp(contract, parts, settled, odd, await to.estimatedDocumentCount())
  const met = addedUp(parts.map(({ remembered = NO_ROWS }) => remembered))
  await ledger?.complete(contract, to, { met, removed: removed?.end() ?? NO_ROWS })
  return { ...refined, ...(isAbsent && { absent: true }) }
}

/** What becomes of a record that is one with another, and does not stay. */
export function leaving(
  { collection, identity }: Contract,
  quarantine: Quarantine,
  removed: Fingerprints | undefined,
): (document: Buffer) => Promise<void> | undefined {
  const fate = identity === 'last one wins' ? 'superseded' : 'duplicate'
  return (document) => {
    removed?.dropped(document, fate)
    return fate === 'superseded' ? quarantine.add(collection, document, fate) : undefined
  }
}

/** What became of a collection, of which there are so many documents in silver; throws where they do not add up. */
export function addUp(
  contract: Contract,
  parts: readonly RefinedPart[],
  { removed, sharedKeys, cents, suspicious }: Settled,
  odd: Oddities,
  silver: number,
): Refined {
  const sum = (of: Exclude<keyof RefinedPart, 'tallies' | 'remembered'>) =>
    parts.reduce((sum, part) => sum + (part[of] ?? 0), 0)
  const [bronze, noId, erased, leftOut] = [sum('bronze'), sum('noId'), sum('erased'), sum('leftOut')]
  const noObject = sum('noObject')
  const [duplicates, superseded] = contract.identity === 'last one wins' ? [0, removed] : [removed, 0]
  if (bronze !== silver + duplicates + noId + superseded + noObject + erased + leftOut) {
    throw new LingotError(
      'data',
      `${contract.collection} does not add up: ${bronze} ${contract.each ? 'elements' : 'documents'} in bronze, but ${silver} in silver, ` +
        `${duplicates} duplicates, ${noId + superseded + noObject} quarantined, ${erased} erased and ${leftOut} left out.`,
      'Run it again while nobody writes to bronze.',
    )
  }
  const tallies = parts.map(({ tallies }) => tallies)
  const cleaned = bronze - leftOut - noObject
  const observed = withNowhere(contract, observationsOf(contract, tallies, odd.fields, cleaned), cleaned)
  return {
    source: bronzeName(contract),
    ...(contract.each && { documents: { all: sum('documents'), empty: sum('empty') } }),
    bronze,
    silver,
    duplicates,
    ...('total_amount' in contract.derived && duplicates > 0 && { duplicateRevenue: moneyOf(BigInt(cents)) }),
    quarantined: { noId, superseded, ...(contract.each && { noObject }) },
    erased,
    ...(contract.leaveOut && { leftOut }),
    sharedIds: sharedKeys,
    ...observed,
    suspicious: together(observed.suspicious, { ...suspicious, ...odd.documents }),
  }
}

/** Reads, cleans and writes a collection in one pass. */
async function cleanAll({
  client,
  contract,
  from,
  expected,
  to,
  context,
  quarantine,
  quarantined,
  options,
}: CollectionPass): Promise<Cleaned> {
  const { portions, onProgress, signal } = options
  const { collection } = contract
  const keyOf = keyReader(contract)
  const feed = options.feeds?.[collection]
  const isIndexed = expected < portions.indexed
  if (isIndexed) await indexKeys(to, contract)
  const isRepeated = seenBefore(expected)
  const isFirst = oncePerDocument(contract)
  const repeated = new Set<string>()
  const onAll = (documents: number) => onProgress(collection, documents, Math.max(expected, documents))
  const onRepeated = (key: string) => repeated.add(key)
  const { ledger } = options
  const onFingerprints = (rows: Uint8Array) => ledger?.take(collection, 'met', rows)
  const told = { isRepeated, onRepeated, seed: ledger?.seed, onFingerprints, onProgress: onAll, signal }
  const parts = await options.share?.({ contract, from, to, quarantined, expected, ...told })
  if (parts !== undefined) return { parts, isIndexed, repeated }
  const selection = feed?.inOrder ? { sort: { _id: 1 } } : {}
  const out = writer(client, to, { portions })
  const refined = await refine(readRaw(from.db.client, from, selection, portions), {
    contract,
    context,
    out,
    quarantine,
    signal,
    fingerprints: ledger && fingerprinting(contract, ledger.seed, onFingerprints),
    onKept(values, start, record) {
      const id = keyOf(values, out.batch, start)
      if (typeof id === 'string' && isFirst(id, record) && isRepeated(hashOf(id))) onRepeated(id)
      feed?.add(values)
    },
    onProgress: onAll,
  })
  return { parts: [refined], isIndexed, repeated }
}

/** Throws where no collection of bronze holds a document. */
export async function refuseEmpty(database: string, sizes: readonly Sized[]): Promise<void> {
  for (const { from, documents } of sizes) {
    // After a crash of the server its estimate may be 0 where there are documents.
    if (documents > 0 || (await from.findOne({}, { projection: { _id: 1 }, raw: true })) !== null) return
  }
  throw new LingotError(
    'bronze',
    `${database} holds no documents in ${sizes.map(({ from }) => from.collectionName).join(', ')}.`,
    'Load your data into it, set LINGOT_BRONZE_DB to the database that has it, or make a sample with `lingot generate`.',
  )
}
