import type { Collection, Db, Document, MongoClient } from 'mongodb'
import { documentOf, firstRecordOf, placeOf, recordsOf } from '../bronze/elements.ts'
import { type Contract, identityOf, type Path, sourceOf } from '../contracts/contract.ts'
import { forgottenWith, holderOf, namedIn, type Owner, personalBeside } from '../contracts/owners.ts'
import { idOf } from '../mongo/bson_reader.ts'
import { readRaw } from '../mongo/cursor.ts'
import { fieldReader } from '../mongo/field_reader.ts'
import { removeById, sameIds, unsetById, unwritable } from '../mongo/lookup.ts'
import { type Hiding, hiding } from '../rules/contacts.ts'
import { idTextOf } from '../rules/extended_json.ts'
import { cleanedOf, type Erased } from '../runs/record.ts'
import { forgetInRuns, silverInPlace } from '../runs/store.ts'
import type { Config } from '../settings/config.ts'
import { LingotError } from '../system/errors.ts'
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
  /** Their records as bronze has them, however the id is spelled there. */
  bronze: Buffer[]
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
    const bronze = await documentsOf(mongodb, id, naming, options)
    traces.push({ ...naming, bronze, silver: await countOf(silver, id, naming) })
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

function theirs(id: string, { owner }: Naming): Document {
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
export async function eraseFromSilver(mongodb: MongoClient, person: Person, options: ErasureOptions): Promise<void> {
  const silver = mongodb.db(options.silver)
  await carryErasures(silver, options.bronze, options.erasureKey)
  await recordErasure(silver, options.bronze, options.erasureKey, person.id)
  await silver.collection('quarantine').deleteMany(quarantined(person))
  let cents = 0n
  for (const trace of person.traces.filter(({ isOwn }) => !isOwn)) {
    cents += BigInt((await eraseFromRecords(mongodb, silver, person.id, trace, options)).cents)
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
  options: ErasureOptions,
): Promise<Settled> {
  const { contract, owner, bronze } = trace
  const { fields } = contract
  const records = silver.collection(contract.collection)
  const keysLeft = await keysOf(mongodb, records, contract, theirs(id, trace), bronze)
  const forgotten = forgottenWith(contract, owner).map((name) => [name, fields[name]?.default])
  await records.updateMany(theirs(id, trace), { $set: Object.fromEntries(forgotten) })
  return resolveDuplicates(mongodb, contract, await keysLeft(), {
    silver: records,
    bronze: bronzeOf(mongodb, contract, options),
    hide: hiding(options),
    onRemoved: () => undefined,
  })
}

/** Tells of records of silver and of bronze by which they are told to be one; without a key that is what becomes of them. */
async function keysOf(
  mongodb: MongoClient,
  silver: Collection,
  contract: Contract,
  which: Document,
  bronze: readonly Buffer[],
): Promise<() => Promise<string[]>> {
  const key = identityOf(contract)
  if (key !== null) {
    const { read } = fieldReader(columnPaths(contract, [key]))
    const inBronze = bronze.map((document) => idTextOf(read(document)[0]))
    const all = new Set([...(await silver.distinct(key, which)), ...inBronze])
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
  for (const trace of person.traces.filter(({ isOwn }) => !isOwn)) {
    const { contract, owner, bronze } = trace
    const from = bronzeOf(mongodb, contract, options)
    const personal = columnPaths(contract, personalBeside(contract))
    // A document may hold a field twice, and an update takes one of them away. The id goes last: it finds them again.
    for (let round = 0; round < MOST_ROUNDS && personal.length > 0; round++) {
      await unsetEach(mongodb, from, contract, bronze, personal)
    }
    let found: readonly Buffer[] = bronze
    for (let round = 0; round < MOST_ROUNDS && found.length > 0; round++) {
      await unsetEach(mongodb, from, contract, found, [owner.path])
      found = await documentsOf(mongodb, person.id, trace, options)
    }
    left += found.length
  }
  for (const trace of person.traces.filter(({ isOwn }) => isOwn)) {
    left += (await documentsOf(mongodb, person.id, trace, options)).length
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

const MOST_ROUNDS = 3

/** Where bronze has columns of silver, as far as it has them. */
function columnPaths({ fields }: Contract, columns: readonly string[]): Path[] {
  return columns.flatMap((name) => {
    const field = fields[name]
    const source = field && sourceOf(name, field)
    return source == null ? [] : [source]
  })
}

/** Takes what stands at paths away from records, each in its document and at its place there. */
async function unsetEach(
  mongodb: MongoClient,
  from: Collection,
  contract: Contract,
  records: readonly Buffer[],
  paths: readonly Path[],
): Promise<void> {
  const byFields = new Map<string, { fields: string[]; documents: Buffer[] }>()
  for (const record of records) {
    const fields = paths.flatMap((path) => fieldsAt(path, contract, record))
    const known = byFields.get(fields.join()) ?? { fields, documents: [] }
    known.documents.push(documentOf(contract, record))
    byFields.set(fields.join(), known)
  }
  for (const { fields, documents } of byFields.values()) await unsetById(mongodb, from, documents, fields)
}

/** A path as MongoDB writes it, of a record that may be an element of a list, or all that stands where a list may be. */
function fieldsAt(path: Path, { each }: Contract, record: Buffer): string[] {
  if (each === undefined || !each.every((key, i) => key === path[i])) return [path.join('.')]
  const place = placeOf(record)
  const placed = [...each, place, ...path.slice(each.length)].join('.')
  return place === 0 ? [placed, path.join('.')] : [placed]
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
  const taken = named
    .filter(({ isOwn }) => !isOwn)
    .flatMap(({ contract, owner }) => columnPaths(contract, forgottenWith(contract, owner)))
  const odd = taken.flat().find((key) => /^\$|\./.test(key))
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

/** The records of bronze that name a person: every spelling counts that silver reads as their id. */
async function documentsOf(
  mongodb: MongoClient,
  id: string,
  { contract, owner: { path } }: Naming,
  options: ErasureOptions,
): Promise<Buffer[]> {
  const { read } = fieldReader([path])
  const isBeside = contract.each?.every((key, i) => key === path[i]) === false
  const found: Buffer[] = []
  for await (const batch of readRaw(mongodb, bronzeOf(mongodb, contract, options))) {
    for (const document of batch) {
      let records = 0
      for (const record of recordsOf(contract, document)) {
        records++
        // Copied, since it is a view into its whole batch.
        if (idTextOf(read(record)[0]) === id) found.push(Buffer.from(record))
      }
      // One whose list holds none names a person all the same.
      if (isBeside && records === 0 && idTextOf(read(document)[0]) === id) found.push(firstRecordOf(document))
    }
  }
  return found
}

function bronzeOf(
  mongodb: MongoClient,
  { collection, source = collection }: Contract,
  options: ErasureOptions,
): Collection {
  return mongodb.db(options.bronze).collection(source)
}
