import type { Collection, Db, Document, MongoClient } from 'mongodb'
import { documentOf, firstRecordOf, isListAt, lookAtDocuments, placeOf, recordsOf } from '../bronze/elements.ts'
import {
  bronzeName,
  type Context,
  type Contract,
  identityOf,
  keyOf,
  type Path,
  sourceOf,
} from '../contracts/contract.ts'
import { forgottenWith, holderOf, namedIn, type Owner, personalBeside } from '../contracts/owners.ts'
import { idElement, idOf } from '../mongo/bson_reader.ts'
import { wrap } from '../mongo/bson_writer.ts'
import { readRaw } from '../mongo/cursor.ts'
import { fieldReader } from '../mongo/field_reader.ts'
import { firstAt, idBytes, removeById, sameIds, unsetById, unwritable } from '../mongo/lookup.ts'
import { type Hiding, hiding, showing } from '../rules/contacts.ts'
import { latestOf } from '../rules/dates.ts'
import { idTextOf } from '../rules/extended_json.ts'
import { cleanedOf, type Erased } from '../runs/record.ts'
import { forgetInRuns, silverInPlace } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { LingotError } from '../system/errors.ts'
import { portions } from '../system/portions.ts'
import { centsOf, moneyOf } from '../text/money.ts'
import { inJson } from '../text/printable.ts'
import { contentKey, resolveDuplicates, type Settled } from './duplicates.ts'
import { carryErasures, keyOfErasures, readErasures, recordErasure } from './erasures.ts'

export interface ErasureOptions extends Hiding, Pick<Config, 'bronze' | 'silver' | 'contracts' | 'erasureKey'> {
  /** Whether the person is to be taken out of bronze too. */
  fromBronze?: boolean
}

/** Somebody who is to be erased, and what there is of them. */
export interface Person {
  /** The `customer_id` after the rules of silver. */
  id: string
  /** Whether they were erased before. */
  isOnRecord: boolean
  traces: Trace[]
}

/** Where records of a collection name customers. */
interface Naming {
  contract: Contract
  owner: Owner
  /** Whether the records are the customer's own, and go; others stay without them. */
  isOwn: boolean
}

/** What names a person. */
export interface Trace extends Naming {
  /** Their records in bronze, however the id is spelled there: as much of each as holds its `_id`. */
  bronze: Buffer[]
  /** What names the records that stand in one document with theirs, and whatever is like them; nothing without a key. */
  keys: string[]
  /** How many there are in silver. */
  silver: number
}

/** Where customers are named: first what is their own. */
function namings(contracts: readonly Contract[]): Naming[] {
  const own = contracts.flatMap((contract) => {
    const owner = holderOf(contract)
    return owner === undefined ? [] : [{ contract, owner, isOwn: true }]
  })
  const others = contracts.flatMap((contract) => namedIn(contract).map((owner) => ({ contract, owner, isOwn: false })))
  return [...own, ...others]
}

/** Looks for a person by their id; throws where nothing names them, or their erasure could not be remembered. */
export async function findPerson(mongodb: MongoClient, spelled: string, options: ErasureOptions): Promise<Person> {
  const id = idTextOf(spelled)
  if (id === undefined) throw new LingotError('usage', 'This is no id of a customer.', 'Name one, as in CUST12345.')
  const silver = mongodb.db(options.silver)
  keyOfErasures(options.erasureKey)
  const isErased = await readErasures(silver, options.bronze, options.erasureKey)
  if (options.fromBronze) await refuseUnwritable(mongodb, options)
  const traces: Trace[] = []
  for (const naming of namings(options.contracts)) {
    const { records: bronze, keys } = await recordsNaming(mongodb, id, naming, options)
    traces.push({ ...naming, bronze, keys, silver: await countOf(silver, id, naming) })
  }
  const person = { id, isOnRecord: isErased?.(id) ?? false, traces }
  if (person.isOnRecord || traces.some(({ bronze, silver }) => bronze.length > 0 || silver > 0)) return person
  throw new LingotError(
    'data',
    'Nothing in bronze or silver names this customer. Nothing was erased, and nothing recorded.',
    'Check the id. Somebody who comes into bronze later can be erased then.',
  )
}

function countOf(silver: Db, id: string, naming: Naming): Promise<number> {
  return silver.collection(naming.contract.collection).countDocuments(theirs(id, naming))
}

/** What finds the records of silver that name a person there. */
export function theirs(id: string, { owner }: Pick<Trace, 'owner'>): Document {
  return { [owner.columns[0] ?? '']: { $eq: id } }
}

/** What silver has of a person: what is taken away. */
export async function countInSilver(mongodb: MongoClient, person: Person, options: ErasureOptions): Promise<Erased> {
  const silver = mongodb.db(options.silver)
  const counts: number[] = []
  for (const trace of person.traces) counts.push(await countOf(silver, person.id, trace))
  return {
    ...erasedIn(person, (_, i) => counts[i] ?? 0),
    quarantined: await silver.collection('quarantine').countDocuments(quarantined(person)),
  }
}

/** How much of a person was taken away, by collection. */
function erasedIn(
  { traces }: Person,
  count: (trace: Trace, i: number) => number,
): Pick<Erased, 'customers' | 'transactions' | 'others'> {
  const erased = { customers: 0, transactions: 0 }
  const others: Record<string, number> = {}
  for (const [i, trace] of traces.entries()) {
    const { collection } = trace.contract
    const counted = count(trace, i)
    if (collection === 'customers' && trace.isOwn) erased.customers += counted
    else if (collection === 'transactions') erased.transactions += counted
    else others[collection] = (others[collection] ?? 0) + counted
  }
  return { ...erased, ...(Object.keys(others).length > 0 && { others }) }
}

export function quarantined({ traces }: Person): Document {
  const own = traces.filter(({ isOwn }) => isOwn)
  const those = own.map(({ contract: { collection }, bronze }) => ({
    collection,
    document_id: { $in: bronze.map(idOf) },
  }))
  return those.length === 0 ? NOTHING : { $or: those }
}

/** What no document meets. */
const NOTHING: Document = { _id: { $in: [] } }

/**
 * Remembers that a person was erased, then takes them out of silver: from here on no run brings them back, and every
 * step can be done again.
 */
export async function eraseFromSilver(
  mongodb: MongoClient,
  person: Person,
  options: ErasureOptions,
  onRemoved: (contract: Contract, record: Buffer) => void = () => undefined,
): Promise<void> {
  const silver = mongodb.db(options.silver)
  await carryErasures(silver, options.bronze, options.erasureKey)
  await recordErasure(silver, options.bronze, options.erasureKey, person.id)
  await silver.collection('quarantine').deleteMany(quarantined(person))
  const context: Context = {
    latest: latestOf(new Date()),
    region: options.phoneRegion,
    hash: showing(options.pii),
    isErased: await readErasures(silver, options.bronze, options.erasureKey),
  }
  let cents = 0n
  for (const trace of person.traces.filter(({ isOwn }) => !isOwn)) {
    cents += BigInt((await eraseFromRecords(mongodb, silver, person.id, trace, context, options, onRemoved)).cents)
  }
  for (const trace of person.traces.filter(({ isOwn }) => isOwn)) {
    await silver.collection(trace.contract.collection).deleteMany(theirs(person.id, trace))
  }
  await forgetInRuns(silver, [person.id, hiding(options)(person.id)])
  await settleBalance(silver, String(cents), options)
}

/**
 * Records lose their customer, and what else may identify them; those that differed in nothing else are one from then on,
 * as in a run.
 */
async function eraseFromRecords(
  mongodb: MongoClient,
  silver: Db,
  id: string,
  trace: Trace,
  context: Context,
  options: ErasureOptions,
  onRemoved: (contract: Contract, record: Buffer) => void,
): Promise<Settled> {
  const { contract, owner } = trace
  const { fields } = contract
  const records = silver.collection(contract.collection)
  const keysLeft = await keysOf(mongodb, records, theirs(id, trace), trace)
  const forgotten = forgottenWith(contract, owner).map((name) => [name, fields[name]?.default])
  await records.updateMany(theirs(id, trace), { $set: Object.fromEntries(forgotten) })
  return resolveDuplicates(mongodb, contract, await keysLeft(), {
    silver: records,
    bronze: bronzeOf(mongodb, contract, options),
    context,
    onRemoved: (record) => {
      onRemoved(contract, record)
      return undefined
    },
  })
}

/** Tells of records of silver and of bronze by which they are told to be one; without a key that is what becomes of them. */
async function keysOf(
  mongodb: MongoClient,
  silver: Collection,
  which: Document,
  { contract, bronze, keys }: Trace,
): Promise<() => Promise<string[]>> {
  const key = identityOf(contract)
  if (key !== null) {
    const all = new Set([...(await silver.distinct(key, which)), ...keys])
    return async () => [...all].filter((key) => typeof key === 'string')
  }
  const ids: Buffer[] = []
  for await (const batch of readRaw(mongodb, silver, { filter: which, projection: { _id: 1 } })) {
    for (const record of batch) ids.push(Buffer.from(record))
  }
  // Those that lost their customer before, when this was interrupted.
  ids.push(...bronze)
  return async () => {
    const keys = new Set<string>()
    for await (const batch of readRaw(mongodb, silver, { filter: sameIds(ids) })) {
      for (const record of batch) keys.add(contentKey(contract, record))
    }
    return [...keys]
  }
}

/** Brings the record of the silver in place up to date, with the cents of the sales that became one. */
async function settleBalance(silver: Db, cents: string, { contracts }: ErasureOptions): Promise<void> {
  const made = await silverInPlace(silver, contracts)
  if (made === null) return
  const count = (collection: string, filter = {}) => silver.collection(collection).countDocuments(filter)
  const changes: Document = {}
  for (const collection of new Set(namings(contracts).map(({ contract }) => contract.collection))) {
    const refined = made.silver?.[collection]
    const contract = contracts.find((contract) => contract.collection === collection)
    if (refined === undefined || contract === undefined) continue
    const { noId, superseded } = refined.quarantined
    const left = await count(collection)
    const of = `silver.${collection}`
    changes[`${of}.silver`] = left
    if (holderOf(contract) === undefined) {
      changes[`${of}.duplicates`] = cleanedOf(refined) - left - noId - superseded - refined.erased
      continue
    }
    const now = await count('quarantine', { collection, reason: 'superseded' })
    changes[`${of}.quarantined.superseded`] = now
    changes[`${of}.erased`] = cleanedOf(refined) - left - noId - now - refined.duplicates
  }
  const revenue = centsOf(made.silver?.['transactions']?.duplicateRevenue ?? '0') + BigInt(cents)
  if (revenue !== 0n) changes['silver.transactions.duplicateRevenue'] = moneyOf(revenue)
  if (Object.keys(changes).length > 0) await silver.collection('runs').updateOne({ _id: made._id }, { $set: changes })
}

/**
 * Removes a person's own documents from bronze, and from others that name them the id and the fields that silver keeps as
 * personal; sets nothing else there.
 */
export async function eraseFromBronze(
  mongodb: MongoClient,
  person: Person,
  options: ErasureOptions,
): Promise<NonNullable<Erased['bronze']>> {
  let left = 0
  for (const { contract, bronze } of person.traces.filter(({ isOwn }) => isOwn)) {
    await removeById(mongodb, bronzeOf(mongodb, contract, options), bronze)
  }
  const others = person.traces.filter(({ isOwn }) => !isOwn)
  for (const { contract, bronze } of others) {
    const personal = columnPaths(contract, personalBeside(contract))
    await takeAway(mongodb, bronzeOf(mongodb, contract, options), contract, bronze, personal)
  }
  // The ids go last: they find them again.
  for (const { contract, owner, bronze } of others) {
    await takeAway(mongodb, bronzeOf(mongodb, contract, options), contract, bronze, [owner.path])
  }
  for (const trace of person.traces) {
    left += (await recordsNaming(mongodb, person.id, trace, options)).records.length
  }
  if (left > 0) {
    throw new LingotError(
      'bronze',
      `${left} documents of this customer are still in ${options.bronze}: somebody writes them.`,
      'Stop what writes to bronze, and run it again.',
    )
  }
  return erasedIn(person, ({ bronze }) => bronze.length)
}

/** Where bronze has columns of silver, as far as it has them. */
function columnPaths({ fields }: Contract, columns: readonly string[]): Path[] {
  return columns.flatMap((name) => {
    const field = fields[name]
    const source = field && sourceOf(name, field)
    return source == null ? [] : [source]
  })
}

/** Times that one document is changed: a field that it has so often was not written by a shop. */
const MOST_ROUNDS = 100

/**
 * Takes what stands at paths away from records, each in its document and at its place there, until nothing does: a
 * document may hold a field twice, of which an update takes one away, and a value may stand where a path goes on.
 */
async function takeAway(
  mongodb: MongoClient,
  from: Collection,
  contract: Contract,
  records: readonly Buffer[],
  paths: readonly Path[],
): Promise<void> {
  const wanted = new Map<string, { document: Buffer; all: Wanted[] }>()
  for (const record of records) {
    const document = documentOf(contract, record)
    const known = wanted.get(idBytes(document)) ?? { document, all: [] }
    const place = contract.each === undefined ? 0 : placeOf(record)
    for (const path of paths) known.all.push({ path, place })
    wanted.set(idBytes(document), known)
  }
  const nextIn = (document: Buffer) => {
    const found = (wanted.get(idBytes(document))?.all ?? []).map((one) => {
      return firstAt(document, pathIn(document, contract, one))
    })
    return outermost(found.filter((path) => path !== undefined)).map((path) => path.join('.'))
  }
  const all = [...wanted.values()].map(({ document }) => document)
  for (let at = 0; at < all.length; at += portions.ids) {
    let left = all.slice(at, at + portions.ids)
    for (let round = 0; round < MOST_ROUNDS && left.length > 0; round++) {
      const byFields = new Map<string, { fields: string[]; documents: Buffer[] }>()
      const look = (document: Buffer) => {
        const fields = nextIn(document)
        if (fields.length === 0) return
        const known = byFields.get(keyOf(fields)) ?? { fields, documents: [] }
        known.documents.push(wrap(idElement(document)))
        byFields.set(keyOf(fields), known)
      }
      await lookAtDocuments(mongodb, from, left, look, { thoroughly: true })
      for (const { fields, documents } of byFields.values()) await unsetById(mongodb, from, documents, fields)
      left = [...byFields.values()].flatMap(({ documents }) => documents)
    }
  }
}

/** A path in the document of a record that may be an element of a list, or all that stands where a list may be. */
function pathIn(document: Buffer, { each }: Contract, { path, place }: Wanted): Path {
  const spelled = path.findIndex((key) => key.startsWith('$'))
  const whole = spelled < 0 ? path : path.slice(0, spelled)
  if (each === undefined || !each.every((key, i) => key === path[i]) || !isListAt(document, each)) return whole
  return [...each, String(place), ...whole.slice(each.length)]
}

/** A path that is read of a record, and the place of that in its document. */
interface Wanted {
  path: Path
  place: number
}

/** Of paths those that are not below others of them: MongoDB takes them away at once. */
function outermost(paths: readonly Path[]): Path[] {
  const distinct = new Map(paths.map((path) => [keyOf(path), path]))
  const isBelow = (path: Path) => path.some((_, length) => length > 0 && distinct.has(keyOf(path.slice(0, length))))
  return [...distinct.values()].filter((path) => !isBelow(path)).sort()
}

/** Throws where bronze may not be written as an erasure needs it, before anything is done. */
async function refuseUnwritable(mongodb: MongoClient, options: ErasureOptions): Promise<void> {
  const named = namings(options.contracts)
  const needed = named.map(({ contract, isOwn }) => ({
    action: isOwn ? 'remove' : 'update',
    from: bronzeOf(mongodb, contract, options),
  }))
  for (const { from } of needed) {
    const [found] = await mongodb.db(options.bronze).listCollections({ name: from.collectionName }).toArray()
    if (found?.type === 'view') throw unwritable(options.bronze)
  }
  const listed = named.find(({ contract, isOwn }) => isOwn && contract.each !== undefined)
  if (listed !== undefined) {
    const { collection } = listed.contract
    const what = `${collection.charAt(0).toUpperCase()}${collection.slice(1)}`
    throw new LingotError(
      'config',
      `${what} are elements of lists in bronze, which are not taken out one by one. Nothing was erased.`,
      'Take them out there by hand, and run this without --bronze.',
    )
  }
  const shared = named.find(({ contract, isOwn }) => {
    const beside = options.contracts.filter((other) => bronzeName(other) === bronzeName(contract))
    return isOwn && beside.some((other) => !named.some((own) => own.isOwn && own.contract === other))
  })
  if (shared !== undefined) {
    throw new LingotError(
      'config',
      `The documents of ${bronzeName(shared.contract)} in bronze are those of customers as ${shared.contract.collection}, and of others, too. Nothing was erased.`,
      'Take them out there by hand, and run this without --bronze.',
    )
  }
  const taken = named
    .filter(({ isOwn }) => !isOwn)
    .flatMap(({ contract, owner }) => columnPaths(contract, forgottenWith(contract, owner)))
  // What is spelled below a key with `$` goes with what holds it.
  const odd = taken.flatMap(
    (path) => path.find((key, i) => key.includes('.') || (i === 0 && key.startsWith('$'))) ?? [],
  )[0]
  if (odd !== undefined) {
    throw new LingotError(
      'config',
      `MongoDB cannot take the field ${odd} away from a document, for its name. Nothing was erased.`,
      'Give it another name in bronze, or take it out there by hand and run this without --bronze.',
    )
  }
  const missing = await lacking(mongodb, needed)
  if (missing.length === 0) return
  const rights = missing.map(({ action, from }) => `${action} on ${from.namespace}`).join(' and ')
  const privileges = missing.map(({ action, from }) => ({
    resource: { db: from.dbName, collection: from.collectionName },
    actions: [action],
  }))
  throw new LingotError(
    'permission',
    `The user of MONGODB_URI may not take anybody out of bronze: it lacks ${rights}. Nothing was erased.`,
    `Grant it in mongosh, to the role of that user: db.getSiblingDB("admin").grantPrivilegesToRole("lingot", ${inJson(privileges)})`,
  )
}

interface Right {
  action: string
  from: Collection
}

/** Which rights the user lacks, as far as the server says who that is. */
async function lacking(mongodb: MongoClient, needed: readonly Right[]): Promise<readonly Right[]> {
  const status = await mongodb
    .db('admin')
    .command({ connectionStatus: 1, showPrivileges: true })
    .catch(() => undefined)
  const { authenticatedUsers = [], authenticatedUserPrivileges } = status?.['authInfo'] ?? {}
  // A server without users lets everybody do everything.
  if (authenticatedUsers.length === 0 || !Array.isArray(authenticatedUserPrivileges)) return []
  return needed.filter(({ action, from }) => {
    const covers = ({ db, collection, anyResource }: Document) =>
      anyResource === true || (['', from.dbName].includes(db) && ['', from.collectionName].includes(collection))
    return !authenticatedUserPrivileges.some(
      ({ resource, actions }) => covers(resource) && (actions.includes(action) || actions.includes('anyAction')),
    )
  })
}

/**
 * The records of bronze that name a person: every spelling counts that silver reads as their id. With them the keys of
 * all records of their documents.
 */
async function recordsNaming(
  mongodb: MongoClient,
  id: string,
  { contract, owner: { path } }: Naming,
  options: ErasureOptions,
): Promise<{ records: Buffer[]; keys: string[] }> {
  const key = identityOf(contract)
  const keyPath = key === null ? [] : columnPaths(contract, [key])
  const customer = fieldReader([path])
  const naming = fieldReader(keyPath)
  const isTheirs = (record: Buffer) => idTextOf(customer.read(record)[0]) === id
  const isBeside = contract.each?.every((key, i) => key === path[i]) === false
  const records: Buffer[] = []
  const keys = new Set<string>()
  for await (const batch of readRaw(mongodb, bronzeOf(mongodb, contract, options))) {
    for (const document of batch) {
      let isAny = false
      let isNamed = false
      for (const record of recordsOf(contract, document)) {
        isAny = true
        if (!isTheirs(record)) continue
        isNamed = true
        records.push(wrap(idElement(record)))
      }
      // One whose list holds none names a person all the same.
      if (isBeside && !isAny && isTheirs(document)) records.push(firstRecordOf(document))
      if (!isNamed || key === null) continue
      for (const record of recordsOf(contract, document)) {
        const named = idTextOf(naming.read(record)[0])
        if (named !== undefined) keys.add(named)
      }
    }
  }
  return { records, keys: [...keys] }
}

function bronzeOf(mongodb: MongoClient, contract: Contract, options: ErasureOptions): Collection {
  return mongodb.db(options.bronze).collection(bronzeName(contract))
}
