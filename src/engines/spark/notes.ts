import { MaxKey, MinKey, ObjectId } from 'bson'
import type { Collection, Db } from 'mongodb'
import { type Entry, forgetUnkept } from '../../history/entries.ts'
import { DURABLE } from '../../mongo/concerns.ts'
import type { Ranges } from '../../mongo/ranges.ts'
import type { Refined } from '../../runs/record.ts'
import { packed, unpacked } from '../../silver/clean/packing.ts'
import type { Settled } from '../../silver/duplicates.ts'
import type { FingerprintSum } from '../../silver/fingerprints.ts'
import type { RefinedPart } from '../../silver/refinery.ts'

/** What the tasks of a job tell each other, by what: kept beside silver until the job is over. */
export interface Noted {
  begun: {
    started: Date
    /** The run that made the silver that is read, where the job does not make it. */
    made: string | null
    ranges: Record<string, Ranges>
  }
  cleaned: RefinedPart
  settled: Settled & { remembered: FingerprintSum }
  read: { documents: number }
  completed: Refined
  remembered: Entry
  modelled: object
  failed: { kind: string; message: string; next?: string }
}

/** Which of its kind a note is: a collection, a task of a collection. */
export type Subject = [name?: string, part?: number]

export interface Notes {
  /** Notes something; the same again where a task is done again. */
  note: <What extends keyof Noted>(what: What, subject: Subject, value: Noted[What], from?: Date) => Promise<void>
  /** What was noted, in the order of its parts. */
  read: <What extends keyof Noted>(what: What, name?: string) => Promise<Noted[What][]>
  /** From when to when something was done, by what and name. */
  times: () => Promise<{ what: string; name: string; from: Date; to: Date }[]>
  /** How many documents of a collection are cleaned or read. */
  progress: (what: 'cleaned' | 'read', name: string) => Promise<number>
  /** Documents that are to be removed from a collection of silver. */
  losers: (collection: string) => Collection<Loser>
}

/** A document that is not to stay: the task that found it, and its `_id`. */
export interface Loser {
  _id: { part: number; id?: unknown }
}

interface NoteId {
  what: string
  name: string
  part: unknown
}

const PREFIX = 'job.'

export function notesOf(silver: Db, run: ObjectId): Notes {
  const kept = silver.collection<{ _id: NoteId; told: unknown; from: Date; to: Date }>(
    `${PREFIX}${run.toHexString()}`,
    { writeConcern: DURABLE },
  )
  // In the order of the fields, so that the index on _id leads there.
  const between = (what: string, name: string) => ({
    $gte: { what, name, part: new MinKey() },
    $lte: { what, name, part: new MaxKey() },
  })
  const idOf = (what: string, [name = '', part = 0]: Subject) => ({ what, name, part })
  return {
    async note(what, subject, told, from = new Date()) {
      const _id = idOf(what, subject)
      await kept.replaceOne({ _id }, { told: packed(told), from, to: new Date() }, { upsert: true })
    },
    async read(what, name = '') {
      const found = await kept.find({ _id: between(what, name) }, { sort: { _id: 1 } }).toArray()
      return found.map(({ told }) => unpacked(told)) as Noted[typeof what][]
    },
    async times() {
      return kept
        .aggregate<{ what: string; name: string; from: Date; to: Date }>([
          {
            $group: {
              _id: { what: '$_id.what', name: '$_id.name' },
              from: { $min: '$from' },
              to: { $max: '$to' },
            },
          },
          { $project: { _id: 0, what: '$_id.what', name: '$_id.name', from: 1, to: 1 } },
          { $sort: { from: 1 } },
        ])
        .toArray()
    },
    async progress(what, name) {
      const count = what === 'cleaned' ? '$told.bronze' : '$told.documents'
      const [sum] = await kept
        .aggregate<{ done: number }>([
          { $match: { _id: between(what, name) } },
          { $group: { _id: null, done: { $sum: count } } },
        ])
        .toArray()
      return Number(sum?.done ?? 0)
    },
    losers: (collection) => silver.collection(`${PREFIX}${run.toHexString()}.${collection}`),
  }
}

/** The runs of which something is kept. */
export async function jobsIn(silver: Db): Promise<Set<string>> {
  const found = await silver
    .listCollections({ name: { $regex: '^job\\.[0-9a-f]{24}(\\.[a-z_]+)?$' } }, { nameOnly: true })
    .toArray()
  return new Set(found.map(({ name }) => name.slice(PREFIX.length, PREFIX.length + 24)))
}

/** Forgets what the tasks of a job told each other, and what it was to remember where it failed. */
export async function forgetJob(silver: Db, run: string): Promise<void> {
  await forgetUnkept(silver, ObjectId.createFromHexString(run))
  const found = await silver
    .listCollections({ name: { $regex: `^job\\.${run}(\\.[a-z_]+)?$` } }, { nameOnly: true })
    .toArray()
  for (const { name } of found) await silver.dropCollection(name)
}
