import type { Collection, Db, Document, MongoClient } from 'mongodb'
import { documentOf, firstRecordOf, isListAt, lookAtDocuments, placeOf, recordsOf } from '../bronze/elements.ts'
import { type Contract, identityOf, keyOf, type Path, sourceOf } from '../contracts/contract.ts'
import { idElement, idOf } from '../mongo/bson_reader.ts'
import { wrap } from '../mongo/bson_writer.ts'
import { readRaw } from '../mongo/cursor.ts'
import { fieldReader } from '../mongo/field_reader.ts'
import { firstAt, idBytes, removeById, unsetById, unwritable } from '../mongo/lookup.ts'
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
import { customerColumns, customerPath, personalColumns } from './clean/forgetting.ts'
import { resolveDuplicates, type Settled } from './duplicates.ts'
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
  /** Their records in bronze, however the id is spelled there: as much of each as holds its `_id`. */
  bronze: { customers: Buffer[]; transactions: Buffer[] }
  /** What names the sales that stand in one document with theirs, and whatever is like them. */
  keys: string[]
  /** How many name them in silver. */
  silver: { customers: number; transactions: number }
}

/** Looks for a person by their id; throws where nothing names them, or their erasure could not be remembered. */
export async function findPerson(mongodb: MongoClient, spelled: string, options: ErasureOptions): Promise<Person> {
  const id = idTextOf(spelled)
  if (id === undefined) throw new LingotError('usage', 'This is no id of a customer.', 'Name one, as in CUST12345.')
  const silver = mongodb.db(options.silver)
  keyOfErasures(options.erasureKey)
  const isErased = await readErasures(silver, options.bronze, options.erasureKey)
  if (options.fromBronze) await refuseUnwritable(mongodb, options)
  const count = (collection: string) => silver.collection(collection).countDocuments({ customer_id: { $eq: id } })
  const { records: customers } = await recordsNaming(mongodb, id, 'customers', options)
  const { records: transactions, keys } = await recordsNaming(mongodb, id, 'transactions', options)
  const person = {
    id,
    isOnRecord: isErased?.(id) ?? false,
    bronze: { customers, transactions },
    keys,
    silver: { customers: await count('customers'), transactions: await count('transactions') },
  }
  const named = [...Object.values(person.bronze).map(({ length }) => length), ...Object.values(person.silver)]
  if (person.isOnRecord || named.some((documents) => documents > 0)) return person
  throw new LingotError(
    'data',
    'Nothing in bronze or silver names this customer. Nothing was erased, and nothing recorded.',
    'Check the id. Somebody who comes into bronze later can be erased then.',
  )
}

/** What silver has of a person: what is taken away. */
export async function countInSilver(mongodb: MongoClient, person: Person, options: ErasureOptions): Promise<Erased> {
  const silver = mongodb.db(options.silver)
  const theirs = { customer_id: { $eq: person.id } }
  return {
    customers: await silver.collection('customers').countDocuments(theirs),
    transactions: await silver.collection('transactions').countDocuments(theirs),
    quarantined: await silver.collection('quarantine').countDocuments(quarantined(person)),
  }
}

export function quarantined({ bronze }: Person) {
  return { collection: 'customers', document_id: { $in: bronze.customers.map(idOf) } }
}

/**
 * Remembers that a person was erased, then takes them out of silver: from here on no run brings them back, and every
 * step can be done again.
 */
export async function eraseFromSilver(mongodb: MongoClient, person: Person, options: ErasureOptions): Promise<void> {
  const silver = mongodb.db(options.silver)
  await carryErasures(silver, options.bronze, options.erasureKey)
  await recordErasure(silver, options.bronze, options.erasureKey, person.id)
  await silver.collection('quarantine').deleteMany(quarantined(person))
  const { cents } = await eraseFromSales(mongodb, silver, person, options)
  await silver.collection('customers').deleteMany({ customer_id: { $eq: person.id } })
  await forgetInRuns(silver, [person.id, hiding(options)(person.id)])
  await settleBalance(silver, cents)
}

/**
 * Sales lose their customer, and what else may identify them; those that differed in nothing else are one from then on,
 * as in a run.
 */
async function eraseFromSales(
  mongodb: MongoClient,
  silver: Db,
  { id, keys }: Person,
  options: ErasureOptions,
): Promise<Settled> {
  const contract = contractOf('transactions', options)
  const { fields } = contract
  const key = identityOf(contract)
  const sales = silver.collection(contract.collection)
  const inSilver = await sales.distinct(key, { customer_id: { $eq: id } })
  const columns = [...customerColumns(contract), ...personalColumns(contract)]
  const forgotten = columns.map((name) => [name, fields[name]?.default])
  await sales.updateMany({ customer_id: { $eq: id } }, { $set: Object.fromEntries(forgotten) })
  const shared = [...new Set([...inSilver, ...keys])].filter((key) => typeof key === 'string')
  return resolveDuplicates(mongodb, contract, shared, {
    silver: sales,
    bronze: bronzeOf(mongodb, contract.collection, options),
    context: {
      latest: latestOf(new Date()),
      region: options.phoneRegion,
      hash: showing(options.pii),
      isErased: await readErasures(silver, options.bronze, options.erasureKey),
    },
    onRemoved: () => undefined,
  })
}

/** Brings the record of the silver in place up to date, with the cents of the sales that became one. */
async function settleBalance(silver: Db, cents: string): Promise<void> {
  const made = await silverInPlace(silver)
  const { customers, transactions } = made?.silver ?? {}
  if (made === null || customers === undefined || transactions === undefined) return
  const count = (collection: string, filter = {}) => silver.collection(collection).countDocuments(filter)
  const before = await count('customers')
  const superseded = await count('quarantine', { collection: 'customers', reason: 'superseded' })
  const sales = await count('transactions')
  const { noId, superseded: replaced } = transactions.quarantined
  const revenue = centsOf(transactions.duplicateRevenue ?? '0') + BigInt(cents)
  await silver.collection('runs').updateOne(
    { _id: made._id },
    {
      $set: {
        'silver.customers.silver': before,
        'silver.customers.quarantined.superseded': superseded,
        'silver.customers.erased': cleanedOf(customers) - before - customers.quarantined.noId - superseded,
        'silver.transactions.silver': sales,
        'silver.transactions.duplicates': cleanedOf(transactions) - sales - noId - replaced - transactions.erased,
        ...(revenue !== 0n && { 'silver.transactions.duplicateRevenue': moneyOf(revenue) }),
      },
    },
  )
}

/**
 * Removes a person's own documents from bronze, and from their sales the id and the fields that silver keeps as personal;
 * sets nothing else there.
 */
export async function eraseFromBronze(
  mongodb: MongoClient,
  person: Person,
  options: ErasureOptions,
): Promise<NonNullable<Erased['bronze']>> {
  const { customers, transactions } = person.bronze
  await removeById(mongodb, bronzeOf(mongodb, 'customers', options), customers)
  const contract = contractOf('transactions', options)
  const sales = bronzeOf(mongodb, 'transactions', options)
  // The id goes last: it finds them again.
  await takeAway(mongodb, sales, contract, transactions, columnPaths(contract, personalColumns(contract)))
  await takeAway(mongodb, sales, contract, transactions, [customerPath(contract) ?? ['customer_id']])
  const { records: sold } = await recordsNaming(mongodb, person.id, 'transactions', options)
  const { records: own } = await recordsNaming(mongodb, person.id, 'customers', options)
  const left = [...sold, ...own]
  if (left.length > 0) {
    throw new LingotError(
      'bronze',
      `${left.length} documents of this customer are still in ${options.bronze}: somebody writes them.`,
      'Stop what writes to bronze, and run it again.',
    )
  }
  return { customers: customers.length, transactions: transactions.length }
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
  const needed = [
    { action: 'remove', from: bronzeOf(mongodb, 'customers', options) },
    { action: 'update', from: bronzeOf(mongodb, 'transactions', options) },
  ]
  for (const { from } of needed) {
    const [found] = await mongodb.db(options.bronze).listCollections({ name: from.collectionName }).toArray()
    if (found?.type === 'view') throw unwritable(options.bronze)
  }
  if (contractOf('customers', options).each !== undefined) {
    throw new LingotError(
      'config',
      'Customers are elements of lists in bronze, which are not taken out one by one. Nothing was erased.',
      'Take them out there by hand, and run this without --bronze.',
    )
  }
  const contract = contractOf('transactions', options)
  const taken = columnPaths(contract, [...customerColumns(contract), ...personalColumns(contract)])
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
  collection: 'customers' | 'transactions',
  options: ErasureOptions,
): Promise<{ records: Buffer[]; keys: string[] }> {
  const contract = contractOf(collection, options)
  const path = customerPath(contract) ?? ['customer_id']
  const keyPath = columnPaths(contract, [identityOf(contract)])
  const customer = fieldReader([path])
  const naming = fieldReader(keyPath)
  const isTheirs = (record: Buffer) => idTextOf(customer.read(record)[0]) === id
  const isBeside = contract.each?.every((key, i) => key === path[i]) === false
  const records: Buffer[] = []
  const keys = new Set<string>()
  for await (const batch of readRaw(mongodb, bronzeOf(mongodb, collection, options))) {
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
      if (!isNamed) continue
      for (const record of recordsOf(contract, document)) {
        const key = idTextOf(naming.read(record)[0])
        if (key !== undefined) keys.add(key)
      }
    }
  }
  return { records, keys: [...keys] }
}

function bronzeOf(mongodb: MongoClient, collection: string, options: ErasureOptions): Collection {
  const { source = collection } = contractOf(collection, options)
  return mongodb.db(options.bronze).collection(source)
}

function contractOf(collection: string, { contracts }: ErasureOptions): Contract {
  return contracts.find((contract) => contract.collection === collection) as Contract
}
