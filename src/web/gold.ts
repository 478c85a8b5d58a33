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
  let inPlace: GoldRun | null = null
  let toldUntil = 0

  const bodyOfRun = (run: string, name: string, make: Make) =>
    kept.get(run, name, () =>
      reader.read(async (query) => {
        // Another run may have made gold anew since it was asked for.
        const seen = await readGoldRun(query)
        return { version: seen.run, value: await make(query) }
      }),
    )
  const look = sharedFor(LOOK, async () => {
    try {
      const seen = await reader.read(readGoldRun).catch(noneYet)
      if (inPlace !== null && seen !== null && seen.run !== inPlace.run) {
        // Who asks for what could not be read is told why.
        await Promise.allSettled([...lately].map(([name, make]) => bodyOfRun(seen.run, name, make)))
      }
      inPlace = seen
      toldUntil = performance.now() + TOLD
      return seen
    } catch (error) {
      inPlace = null
      throw error
    }
  })
  const run = async () => {
    const looking = look()
    if (inPlace === null || performance.now() > toldUntil) return looking
    looking.catch(() => undefined)
    return inPlace
  }
  return {
    run,
    async body(name, make) {
      const { run: current } = (await run()) ?? noGold()
      lately.set(name, make)
      return bodyOfRun(current, name, make)
    },
  }
}

function noGold(): never {
  throw new LingotError('data', 'There is no gold yet.', 'Make it with `lingot run`.')
}

function noneYet(error: unknown): null {
  if (error instanceof LingotError && error.kind === 'data') return null
  throw error
}
