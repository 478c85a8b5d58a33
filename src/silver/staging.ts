import type { Document, ObjectId } from 'bson'
import { type Collection, type Db, MongoServerError } from 'mongodb'
import { LingotError, reasonOf } from '../errors.ts'

/** Collections being written beside those that readers see. */
export interface Staging {
  names: readonly string[]
  collection: (name: string) => Collection
  /**
   * Has MongoDB check what is written to a collection from now on. What Lingot wrote keeps its contract by its tests:
   * checked on insert it would cost the server four times the work. Where the user may not, there is no guard.
   */
  guard: (name: string, validator: Document) => Promise<void>
  swap: (name: string) => Promise<void>
  drop: () => Promise<void>
}

const UNAUTHORIZED = 13
const PREFIX = 'next.'
/** Staging older than this belongs to a run that died. */
const ABANDONED_MS = 86_400_000

/** Opens empty staging collections under names of this run alone, and clears what dead runs left. */
export async function stage(db: Db, names: readonly string[], run: ObjectId): Promise<Staging> {
  await clearAbandoned(db)
  const staged = (name: string) => `${PREFIX}${run.toHexString()}.${name}`
  await Promise.all(names.map((name) => create(db, staged(name))))
  return {
    names,
    collection: (name) => db.collection(staged(name)),
    guard: async (name, validator) => {
      await db.command({ collMod: staged(name), validator }).catch((error: unknown) => {
        if (!(error instanceof MongoServerError && error.code === UNAUTHORIZED)) throw error
      })
    },
    swap: async (name) => {
      await db.renameCollection(staged(name), name, { dropTarget: true })
    },
    drop: async () => {
      for (const name of names) await db.dropCollection(staged(name)).catch(() => false)
    },
  }
}

/** Clustered by `_id` where the server can (5.3 and later): it inserts a third faster, since there is no index to keep. */
async function create(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name, { clusteredIndex: { key: { _id: 1 }, unique: true } })
  } catch (error) {
    if (!(error instanceof MongoServerError && UNKNOWN_OPTION.has(Number(error.code)))) throw error
    await db.createCollection(name)
  }
}

/** What servers and services answer that do not know clustered collections. */
const UNKNOWN_OPTION = new Set([9, 72, 115, 303, 40415])

/** Puts every staged collection in the place of the old one. */
export async function swapAllIn(staging: Staging): Promise<void> {
  for (const name of staging.names) {
    try {
      await staging.swap(name)
    } catch (error) {
      throw new LingotError(
        'publish',
        `The new ${name} could not be swapped in: ${reasonOf(error)}.`,
        'Run `lingot process` again.',
        { cause: error },
      )
    }
  }
}

async function clearAbandoned(db: Db): Promise<void> {
  const oldest = Math.floor((Date.now() - ABANDONED_MS) / 1000)
  for await (const { name } of db.listCollections(
    { name: { $regex: `^next\\.[0-9a-f]{24}\\.` } },
    { nameOnly: true },
  )) {
    const started = Number.parseInt(name.slice(PREFIX.length, PREFIX.length + 8), 16)
    if (started < oldest) await db.dropCollection(name)
  }
}
