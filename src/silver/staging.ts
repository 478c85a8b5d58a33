import type { Document, ObjectId } from 'bson'
import { type Collection, type CollectionInfo, type Db, MongoServerError } from 'mongodb'
import { DURABLE, ORDERED } from '../mongo/concerns.ts'
import { foreignIn, leftBehind, listed, type Mark, markIn, markOf } from '../runs/ownership.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { retried } from '../system/retry.ts'

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
const TRIAL = 'trial'

/**
 * Makes the staging collections of a run over a bronze; each of them knows both, also when it is in place. One of them
 * is renamed over another as a swap will do: a right that is missing is met before the work.
 */
export async function stage(db: Db, names: readonly string[], run: ObjectId, bronze: string): Promise<Staging> {
  const mark = withMark({}, run, bronze)
  const all = [TRIAL, ...names].map((name) => stagedName(run, name))
  try {
    await Promise.all(all.map((name) => create(db, name, mark)))
    await db.renameCollection(stagedName(run, TRIAL), stagedName(run, names[0] ?? TRIAL), { dropTarget: true })
  } catch (error) {
    await Promise.allSettled(all.map((name) => db.dropCollection(name)))
    throw error
  }
  return staging(db, names, run, bronze)
}

/** Staging collections that are open already. */
export function staging(db: Db, names: readonly string[], run: ObjectId, bronze: string): Staging {
  return {
    collection: (name) => db.collection(stagedName(run, name)),
    guard: async (name, validator) => {
      await db
        .command({
          collMod: stagedName(run, name),
          validator: withMark(validator, run, bronze),
          validationLevel: 'strict',
        })
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

/**
 * Puts what a run staged in the place of the old collections, for good; what is in place already stays. What is left of
 * collections that the shop no longer has goes.
 */
export async function swapIn(db: Db, run: ObjectId): Promise<void> {
  const targetOf = ({ name }: CollectionInfo) => name.slice(stagedName(run, '').length)
  try {
    await retried(async () => {
      const all = await listed(db, {})
      const left = stagedIn(all, run)
      const targets = new Set(left.map(targetOf))
      const foreign = foreignIn(all.filter(({ name }) => targets.has(name)))
      if (foreign.length > 0) throw new Error(`Lingot did not make ${foreign.join(', ')}, which stands in its place`)
      for (const info of left) {
        // With the last one, all of them are on disk.
        const writeConcern = info === left.at(-1) ? DURABLE : ORDERED
        const options = { dropTarget: true, writeConcern }
        await db.renameCollection(info.name, targetOf(info), options).catch((error: unknown) => {
          // Renamed by an attempt whose answer was lost.
          if (!(error instanceof MongoServerError && error.code === NOT_FOUND)) throw error
        })
      }
      const bronze = all.map(markIn).find((mark) => mark !== undefined && run.equals(mark.run))?.bronze
      const stays = ({ name }: CollectionInfo, mark: Mark) => run.equals(mark.run) || targets.has(name)
      const gone = bronze === undefined ? [] : await leftBehind(db, all, bronze, stays)
      for (const name of gone) await db.dropCollection(name)
    })
  } catch (error) {
    throw new LingotError(
      'publish',
      `The new silver could not be swapped in whole: ${reasonOf(error).replace(/\.$/, '')}.`,
      `Once ${db.databaseName} lets it, the next command completes it.`,
      { cause: error },
    )
  }
}

/** Removes what was staged by runs, or attempts, that are over. */
export async function clearStaging(db: Db): Promise<void> {
  const named = { name: { $regex: `^${PREFIX.replace('.', '\\.')}` } }
  for (const { name } of stagedIn(await listed(db, named))) await db.dropCollection(name)
}

function withMark(validator: Document, run: ObjectId, bronze: string): Document {
  return { ...validator, $jsonSchema: { ...validator['$jsonSchema'], ...markOf(run.toHexString(), bronze) } }
}

function stagedName(run: ObjectId, name: string): string {
  return `${PREFIX}${run.toHexString()}.${name}`
}

/** What a run staged, or all runs; a collection of such a name that is not Lingot's is none. */
function stagedIn(found: readonly CollectionInfo[], run?: ObjectId): CollectionInfo[] {
  return found.filter((info) => {
    const of = markIn(info)?.run
    return of !== undefined && info.name.startsWith(`${PREFIX}${of}.`) && (run === undefined || run.equals(of))
  })
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

/** What servers and services answer that do not know clustered collections; to MongoDB 5.0 the option is a flag (14). */
const UNKNOWN_OPTION = new Set([9, 14, 72, 115, 303, 40415])
