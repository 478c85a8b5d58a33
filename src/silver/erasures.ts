import { createHmac, type KeyObject } from 'node:crypto'
import { type Collection, type Db, type Document, MongoServerError } from 'mongodb'
import type { IsErased } from '../contracts/contract.ts'
import { LingotError } from '../system/errors.ts'

/** An erased person as Lingot remembers one: whoever lacks the key learns nothing from it, not even whether it is them. */
export interface Erasure {
  /** The database of bronze that they are erased from, and the keyed hash of their `customer_id`. */
  _id: { bronze: string; customer: string }
  /** What the same key makes of a text that is no id: tells that a key is another one. */
  key: string
  erased: Date
}

/** As versions before kept it, beside silver: `_id` is the hash. */
type BesideSilver = Omit<Erasure, '_id'> & { _id: string }

/** A database of their own: what silver is called, and whether it is dropped, brings nobody back. */
const DATABASE = 'lingot'
const ERASURES = 'erasures'
/** Where they are, to people. */
export const PLACE = `${DATABASE}.${ERASURES}`

const HASH = { $regex: '^[0-9a-f]{64}$' }
const COMMON = { key: HASH, erased: { $type: 'date' } }
const SHAPE: Document = { '_id.bronze': { $type: 'string' }, '_id.customer': HASH, ...COMMON }
const SHAPE_BESIDE_SILVER: Document = { _id: HASH, ...COMMON }

function erasuresOf({ client }: Db): Collection<Erasure> {
  return client.db(DATABASE, { readPreference: 'primary' }).collection<Erasure>(ERASURES)
}

function besideSilver({ client, databaseName }: Db): Collection<BesideSilver> {
  return client.db(databaseName, { readPreference: 'primary' }).collection<BesideSilver>(ERASURES)
}

/** Erasures of a bronze, by where they are kept. */
interface Recorded {
  beside: BesideSilver[]
  remembered: Erasure[]
}

async function recorded(silver: Db, bronze: string): Promise<Recorded> {
  // In this order what another command carries over meanwhile is met.
  const beside = await besideSilver(silver).find(SHAPE_BESIDE_SILVER).toArray()
  return { beside, remembered: await read(silver, bronze) }
}

/** Who was erased; undefined where nobody was. Throws where the key is missing, or not the one of the erasures. */
export async function readErasures(
  silver: Db,
  bronze: string,
  key: KeyObject | undefined,
): Promise<IsErased | undefined> {
  return erasedBy(await recorded(silver, bronze), bronze, key)
}

function erasedBy({ beside, remembered }: Recorded, bronze: string, key: KeyObject | undefined): IsErased | undefined {
  const recorded = [
    ...beside.map(({ _id, key }) => ({ customer: _id, key })),
    ...remembered.map(({ _id, key }) => ({ customer: _id.customer, key })),
  ]
  if (recorded.length === 0) return undefined
  const own = keyOfErasures(key)
  const mark = markOf(own)
  if (recorded.some(({ key }) => key !== mark)) {
    throw new LingotError(
      'config',
      `LINGOT_ERASURE_KEY is not the key by which ${PLACE} remembers who was erased from ${bronze}.`,
      'Set the key that was set then: with another one, who was erased would come back.',
    )
  }
  const hashes = new Set(recorded.map(({ customer }) => customer))
  return (customerId) => hashes.has(hashOf(own, customerId))
}

async function read(silver: Db, bronze: string): Promise<Erasure[]> {
  const erasures = erasuresOf(silver)
  // Whoever may not look cannot know that nobody was erased.
  const found = erasures.find({ '_id.bronze': bronze } as Document)
  const unreadable = { $and: [{ '_id.bronze': bronze }, { $nor: [SHAPE] }] } as Document
  try {
    const isUnreadable = (await erasures.findOne(unreadable, { projection: { _id: 0, erased: 1 } })) !== null
    if (!isUnreadable) return await found.toArray()
  } catch (error) {
    throw refused(error, 'read', 'find', `whether somebody was erased from ${bronze} is not known without`)
  }
  throw new LingotError(
    'data',
    `${PLACE} remembers somebody who was erased from ${bronze} in a way that cannot be read.`,
    'Restore it from a backup: without it, who was erased would come back.',
  )
}

/** Remembers that a person was erased. */
export async function recordErasure(
  silver: Db,
  bronze: string,
  key: KeyObject | undefined,
  customerId: string,
): Promise<void> {
  const own = keyOfErasures(key)
  await remember(silver, [{ _id: { bronze, customer: hashOf(own, customerId) }, key: markOf(own), erased: new Date() }])
}

/**
 * As {@link readErasures}; what versions before kept beside silver is copied to where it is kept now. It stays there
 * too, and counts.
 */
export async function carryErasures(
  silver: Db,
  bronze: string,
  key: KeyObject | undefined,
): Promise<IsErased | undefined> {
  const found = await recorded(silver, bronze)
  const isErased = erasedBy(found, bronze, key)
  await carry(silver, bronze, found)
  return isErased
}

async function carry(silver: Db, bronze: string, { beside, remembered }: Recorded): Promise<void> {
  const known = new Set(remembered.map(({ _id }) => _id.customer))
  const old = beside.filter(({ _id }) => !known.has(_id))
  if (old.length === 0) return
  await remember(
    silver,
    old.map(({ _id, ...rest }) => ({ _id: { bronze, customer: _id }, ...rest })),
  )
}

async function remember(silver: Db, people: readonly Erasure[]): Promise<void> {
  const erasures = erasuresOf(silver)
  try {
    if ((await erasures.findOne({ $nor: [SHAPE, SHAPE_BESIDE_SILVER] }, { projection: { _id: 0, key: 1 } })) !== null) {
      throw new LingotError(
        'config',
        `${PLACE}, where Lingot remembers who was erased, holds documents that are not Lingot's.`,
        'Move them elsewhere.',
      )
    }
    for (const person of people) {
      await erasures.insertOne(person, { writeConcern: { w: 'majority', journal: true } }).catch((error: unknown) => {
        if (!(error instanceof MongoServerError && error.code === DUPLICATE)) throw error
      })
    }
  } catch (error) {
    throw refused(error, 'write', 'find and insert', 'who was erased would come back without')
  }
}

const DUPLICATE = 11000
const UNAUTHORIZED = 13

function refused(error: unknown, what: 'read' | 'write', actions: string, why: string): unknown {
  if (!(error instanceof MongoServerError && error.code === UNAUTHORIZED)) return error
  return new LingotError(
    'permission',
    `The user of MONGODB_URI may not ${what} ${PLACE}, where Lingot remembers who was erased: ${why}.`,
    `Grant ${actions} on ${PLACE}: \`lingot grants\` prints it.`,
    { cause: error },
  )
}

/** The key, which must be there where there are erasures or one is to be. */
export function keyOfErasures(key: KeyObject | undefined): KeyObject {
  if (key !== undefined) return key
  throw new LingotError(
    'config',
    'LINGOT_ERASURE_KEY is not set: erased people are remembered by hashes with this key.',
    'Set it, in the environment or in .env, to at least 32 random characters (`openssl rand -hex 32`), and keep it.',
  )
}

function hashOf(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex')
}

/** Of a text that no rule lets through as an id. */
function markOf(key: KeyObject): string {
  return hashOf(key, '\0')
}
