import { LRUCache } from 'lru-cache'
import type { GoldQuery, GoldReader } from '../postgres/reader.ts'
import { LingotError } from '../system/errors.ts'
import type { GoldRun } from './api.ts'
import { type Body, bodies } from './bodies.ts'
import { readGoldRun } from './seen.ts'
import { sharedFor } from './shared.ts'

/** What is shown of gold: read once for each run that made it, then kept. */
export interface Gold {
  /** The run of the gold in place; null where there is none. */
  run: () => Promise<GoldRun | null>
  /** What tells the gold in place from any other. */
  version: () => Promise<string>
  /** What is read of the gold in place and not kept. */
  read: GoldReader['read']
  /** What `make` reads of the gold in place, under a name that says all it depends on. */
  body: (name: string, make: (query: GoldQuery) => Promise<unknown>) => Promise<Body>
}

/** How often the run of gold is looked up, and for how long it is told meanwhile, in milliseconds. */
const LOOK = 500
const TOLD = 2000
/** Answers that are read of new gold before it is shown: those that were asked for last. */
const MOST_LATELY = 16

type Make = (query: GoldQuery) => Promise<unknown>

/**
 * Keeps what is read of gold in memory. New gold is shown when what people look at is read of it: nobody waits for that,
 * and until then all see the gold before.
 */
export function keptGold(reader: GoldReader): Gold {
  const kept = bodies()
  const lately = new LRUCache<string, Make>({ max: MOST_LATELY })
  let inPlace: Version | null = null
  let toldUntil = 0

  const bodyOf = (version: string, name: string, make: Make) =>
    kept.get(version, name, () =>
      reader.read(async (query) => {
        // Another run may have made gold anew since it was asked for.
        const seen = await readVersion(query)
        return { version: seen.version, value: await make(query) }
      }),
    )
  const look = sharedFor(LOOK, async () => {
    try {
      const seen = await reader.read(readVersion).catch(noneYet)
      if (inPlace !== null && seen !== null && seen.version !== inPlace.version) {
        // Who asks for what could not be read is told why.
        await Promise.allSettled([...lately].map(([name, make]) => bodyOf(seen.version, name, make)))
      }
      inPlace = seen
      toldUntil = performance.now() + TOLD
      return seen
    } catch (error) {
      inPlace = null
      throw error
    }
  })
  const current = async () => {
    const looking = look()
    if (inPlace === null || performance.now() > toldUntil) return looking
    looking.catch(() => undefined)
    return inPlace
  }
  return {
    run: async () => (await current())?.gold ?? null,
    version: async () => ((await current()) ?? noGold()).version,
    read: reader.read,
    async body(name, make) {
      const { version } = (await current()) ?? noGold()
      lately.set(name, make)
      return bodyOf(version, name, make)
    },
  }
}

interface Version {
  gold: GoldRun
  /** One table alone may have been made anew since the run made all of them. */
  version: string
}

async function readVersion(query: GoldQuery): Promise<Version> {
  const gold = await readGoldRun(query)
  const { rows } = await query('select xmin from gold_run')
  return { gold, version: `${gold.run} ${rows[0]?.[0]}` }
}

function noGold(): never {
  throw new LingotError('data', 'There is no gold yet.', 'Make it with `lingot run`.')
}

function noneYet(error: unknown): null {
  if (error instanceof LingotError && error.kind === 'data') return null
  throw error
}
