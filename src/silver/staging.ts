import type { Document, ObjectId } from 'bson'
import { type Collection, type Db, MongoServerError } from 'mongodb'
import { LingotError, reasonOf } from '../errors.ts'
import { retried } from '../retry.ts'
import { DURABLE, ORDERED } from './lock.ts'

/** Collections being written beside those that readers see. */
export interface Staging {
  collection: (name: string) => Collection
  /**
   * Has MongoDB check what is written to a collection from now on. What Lingot wrote keeps its contract by its tests:
   * checked on insert it would cost the server four times the work. Where the user may not, there is no guard.
   */
  guard: (name: string, validator: Document) => Promise<void>
  /** Puts every staged collection in the place of the old one; each in one step. */
  swapIn: () => Promise<void>
  drop: () => Promise<void>
}

const UNAUTHORIZED = 13
const NOT_FOUND = 26
const PREFIX = 'next.'

/** Makes the staging collections of a run; each of them knows the run, also when it is in place. */
export async function stage(db: Db, names: readonly string[], run: ObjectId): Promise<Staging> {
  await Promise.all(names.map((name) => create(db, stagedName(run, name), ofRun(run))))
  return staging(db, names, run)
}

/** Staging collections that are open already. */
export function staging(db: Db, names: readonly string[], run: ObjectId): Staging {
  return {
    collection: (name) => db.collection(stagedName(run, name)),
    guard: async (name, validator) => {
      const guarded = { ...validator, $jsonSchema: { ...validator['$jsonSchema'], ...ofRun(run).$jsonSchema } }
      await db
        .command({ collMod: stagedName(run, name), validator: guarded, validationLevel: 'strict' })
        .catch((error: unknown) => {
          if (!(error instanceof MongoServerError && error.code === UNAUTHORIZED)) throw error
        })
    },
    swapIn: () => swapIn(db, run),
    drop: async () => {
      await Promise.allSettled(names.map((name) => db.dropCollection(stagedName(run, name))))
    },
  }
}

/** Puts what a run staged in the place of the old collections, for good; what is in place already stays. */
export async function swapIn(db: Db, run: ObjectId): Promise<void> {
  try {
    await retried(async () => {
      const left = await staged(db, run)
      for (const { name } of left) {
        const target = name.slice(stagedName(run, '').length)
        // With the last one, all of them are on disk.
        const writeConcern = name === left.at(-1)?.name ? DURABLE : ORDERED
        await db.renameCollection(name, target, { dropTarget: true, writeConcern }).catch((error: unknown) => {
          // Renamed by an attempt whose answer was lost.
          if (!(error instanceof MongoServerError && error.code === NOT_FOUND)) throw error
        })
      }
    })
  } catch (error) {
    throw new LingotError(
      'publish',
      `The new silver could not be swapped in whole: ${reasonOf(error)}.`,
      'The next command completes it.',
      { cause: error },
    )
  }
}

/** Removes what was staged by runs, or attempts, that are over. */
export async function clearStaging(db: Db): Promise<void> {
  for (const { name } of await staged(db)) await db.dropCollection(name)
}

/** The run that made each silver collection, by name; null where none is noted. */
export async function runsOf(db: Db, names: readonly string[]): Promise<Map<string, string | null>> {
  const found = await db.listCollections({ name: { $in: [...names] } }, { nameOnly: false }).toArray()
  return new Map(
    found.map(({ name, options }) => {
      const title: unknown = options?.['validator']?.$jsonSchema?.title
      return [name, typeof title === 'string' ? (/[0-9a-f]{24}$/.exec(title)?.[0] ?? null) : null]
    }),
  )
}

function ofRun(run: ObjectId) {
  return { $jsonSchema: { title: `Lingot run ${run.toHexString()}` } }
}

function stagedName(run: ObjectId, name: string): string {
  return `${PREFIX}${run.toHexString()}.${name}`
}

function staged(db: Db, run?: ObjectId): Promise<{ name: string }[]> {
  const id = run?.toHexString() ?? '[0-9a-f]{24}'
  return db.listCollections({ name: { $regex: `^next\\.${id}\\.` } }, { nameOnly: true }).toArray()
}

/** Clustered by `_id` where the server can (5.3 and later): it inserts a third faster, since there is no index to keep. */
async function create(db: Db, name: string, validator: Document): Promise<void> {
  const unchecked = { validator, validationLevel: 'off' }
  try {
    await db.createCollection(name, { clusteredIndex: { key: { _id: 1 }, unique: true }, ...unchecked })
  } catch (error) {
    if (!(error instanceof MongoServerError && UNKNOWN_OPTION.has(Number(error.code)))) throw error
    await db.createCollection(name, unchecked)
  }
}

/** What servers and services answer that do not know clustered collections. */
const UNKNOWN_OPTION = new Set([9, 72, 115, 303, 40415])
