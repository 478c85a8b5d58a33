import { setTimeout } from 'node:timers/promises'
import { type Db, MongoServerError } from 'mongodb'
import { type Lingot, type Opening, withLingot } from '../library/lingot.ts'
import { bronzeOf } from '../mongo/client.ts'
import type { Config } from '../settings/config.ts'
import { reasonOf } from '../system/errors.ts'
import { isTransient } from '../system/retry.ts'

/** How bronze is looked at without change streams, and how long a server is left alone that went away. */
export interface Pace {
  lookMs: number
  againMs: number
}
export const usualPace: Pace = { lookMs: 60_000, againMs: 15_000 }

export interface Following {
  /** Told of a change, or that one may have been missed. */
  onChange: () => void
  onNote: (note: string) => void
  signal: AbortSignal
  pace?: Pace
}

/**
 * Follows the changes of bronze until the signal; returns once none is missed any more, or bronze does not answer. Where
 * the server has change streams it tells of each; elsewhere counts and newest `_id`s tell of what was inserted or removed.
 */
export async function followBronze(
  config: Readonly<Config>,
  { onChange, onNote, signal, pace = usualPace }: Following,
): Promise<void> {
  const opening: Opening = { signal, onProgress: () => undefined, onStep: () => undefined, onNote }
  /** How bronze is followed; empty where it was not for a while, and nobody knows what happened. */
  let mode: string | undefined
  let followed: () => void
  const isFollowed = new Promise<void>((resolve) => {
    followed = resolve
  })
  const begin = (now: string) => {
    if (mode !== now) onNote(now)
    if (mode !== undefined) onChange()
    mode = now
    followed()
  }
  const follow = async ({ mongodb }: Lingot) => {
    const bronze = bronzeOf(mongodb, config.bronze)
    const names = await sourcesIn(bronze, config)
    const why = await stream(bronze, names, { onChange, signal, began: () => begin(BY_STREAM) })
    if (why !== undefined) await look(bronze, names, { onChange, signal, began: () => begin(byLook(why, pace)), pace })
  }
  const keepFollowing = async () => {
    while (!signal.aborted) {
      await withLingot(config, opening, follow).catch((error: unknown) => {
        if (!signal.aborted && mode !== '') onNote(`Changes of bronze are not seen now: ${reasonOf(error)}`)
        mode = ''
      })
      followed()
      await setTimeout(pace.againMs, undefined, { signal }).catch(() => undefined)
    }
    followed()
  }
  void keepFollowing()
  return isFollowed
}

const BY_STREAM = 'Changes of bronze are told by its change streams; a run at least once a day, whatever they tell.'
const byLook = (why: string, { lookMs }: Pace) =>
  `Changes of bronze are looked for every ${lookMs / 1000} seconds, in counts and newest _ids, since ${why}: what changes documents in place is taken up by the run that is made at least once a day.`

/** The collections that the shop is read from; in the place of a view the one that it shows. */
async function sourcesIn(bronze: Db, { contracts }: Pick<Config, 'contracts'>): Promise<string[]> {
  const infos = await bronze.listCollections({}, { nameOnly: false }).toArray()
  const shown = new Map(infos.map(({ name, options }) => [name, options?.['viewOn'] as string | undefined]))
  const behind = (name: string): string => {
    const on = shown.get(name)
    return on === undefined ? name : behind(on)
  }
  return [...new Set(contracts.map(({ collection, source = collection }) => behind(source)))]
}

interface Looking extends Pick<Following, 'onChange' | 'signal'> {
  /** Called when no later change is missed. */
  began: () => void
}

/** Follows change streams until one ends; returns why there are none. */
async function stream(
  bronze: Db,
  names: readonly string[],
  { onChange, signal, began }: Looking,
): Promise<string | undefined> {
  const ours = {
    $or: [{ 'ns.coll': { $in: names } }, { 'to.coll': { $in: names } }, { operationType: 'dropDatabase' }],
  }
  const changes = bronze.watch([{ $match: ours }, { $project: { _id: 1 } }])
  const close = () => void changes.close().catch(() => undefined)
  signal.addEventListener('abort', close)
  try {
    // The first answer says from when on changes are told.
    const first = await changes.tryNext()
    began()
    if (first !== null) onChange()
    for await (const _ of changes) onChange()
    return undefined
  } catch (error) {
    if (signal.aborted || !(error instanceof MongoServerError) || isTransient(error)) throw error
    if (error.code === UNAUTHORIZED) {
      return 'the user of MONGODB_URI may not read change streams (`lingot grants` says what allows it)'
    }
    // Whatever else ends one is over when it is opened anew.
    if (!HAS_NONE.has(Number(error.code))) throw error
    return 'this MongoDB has no change streams'
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}

const UNAUTHORIZED = 13
/** What servers and services answer that have none. */
const HAS_NONE = new Set([59, 115, 303, 40324, 40573])

/** Looks at counts and newest `_id`s until the signal, or a look fails. */
async function look(
  bronze: Db,
  names: readonly string[],
  { onChange, signal, began, pace }: Looking & { pace: Pace },
): Promise<void> {
  let seen = await seenIn(bronze, names)
  began()
  while (!signal.aborted) {
    await setTimeout(pace.lookMs, undefined, { signal }).catch(() => undefined)
    if (signal.aborted) return
    const now = await seenIn(bronze, names)
    if (now !== seen) onChange()
    seen = now
  }
}

async function seenIn(bronze: Db, names: readonly string[]): Promise<string> {
  const newest = { sort: { _id: -1 }, limit: 1, projection: { _id: 1 }, raw: true } as const
  const there = await bronze.listCollections({ name: { $in: [...names] }, type: 'collection' }).toArray()
  const seen = there.map(async ({ name }) => {
    const collection = bronze.collection(name)
    const [count, ids] = await Promise.all([collection.estimatedDocumentCount(), collection.find({}, newest).toArray()])
    // An _id may be of any type: its bytes tell it.
    return [name, count, ...ids.map((id) => (id as unknown as Buffer).toString('base64'))].join(' ')
  })
  return (await Promise.all(seen)).sort().join('\n')
}
