import { createHmac, type KeyObject } from 'node:crypto'
import type { Collection, Db } from 'mongodb'
import { LingotError } from '../errors.ts'
import type { IsErased } from './contract.ts'

/** An erased person as silver remembers one: whoever lacks the key learns nothing from it, not even whether it is them. */
export interface Erasure {
  /** The keyed hash of the `customer_id`. */
  _id: string
  /** What the same key makes of a text that is no id: tells that a key is another one. */
  key: string
  erased: Date
}

const ERASURES = 'erasures'

function erasuresIn(silver: Db): Collection<Erasure> {
  return silver.collection<Erasure>(ERASURES)
}

/** Who was erased; undefined where nobody was. Throws where the key is missing, or not the one of the erasures. */
export async function readErasures(silver: Db, key: KeyObject | undefined): Promise<IsErased | undefined> {
  const recorded = await erasuresIn(silver).find().toArray()
  if (recorded.length === 0) return undefined
  const own = keyOfErasures(key)
  const mark = markOf(own)
  if (recorded.some(({ key }) => key !== mark)) {
    throw new LingotError(
      'config',
      `LINGOT_ERASURE_KEY is not the key by which ${silver.databaseName}.${ERASURES} remembers who was erased.`,
      'Set the key that was set then: with another one, who was erased would come back.',
    )
  }
  const hashes = new Set(recorded.map(({ _id }) => _id))
  return (customerId) => hashes.has(hashOf(own, customerId))
}

/** Remembers that a person was erased. */
export async function recordErasure(silver: Db, key: KeyObject | undefined, customerId: string): Promise<void> {
  const own = keyOfErasures(key)
  await erasuresIn(silver).updateOne(
    { _id: hashOf(own, customerId) },
    { $setOnInsert: { key: markOf(own), erased: new Date() } },
    { upsert: true, writeConcern: { w: 'majority', journal: true } },
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
