import { LingotError } from '../errors.ts'
import type { GoldQuery, GoldReader } from '../gold/reader.ts'
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

/** How long the run of gold is taken for the one in place. */
const MILLISECONDS = 500

/** Keeps what is read of gold in memory. */
export function keptGold(reader: GoldReader): Gold {
  const kept = bodies()
  const run = sharedFor(MILLISECONDS, () => reader.read(readGoldRun).catch(noneYet))
  return {
    run,
    async body(name, make) {
      const inPlace = await run()
      if (inPlace === null) throw new LingotError('data', 'There is no gold yet.', 'Make it with `lingot run`.')
      return kept.get(inPlace.run, name, () =>
        reader.read(async (query) => {
          // Another run may have made gold anew since it was asked for.
          const seen = await readGoldRun(query)
          return { version: seen.run, value: await make(query) }
        }),
      )
    },
  }
}

function noneYet(error: unknown): null {
  if (error instanceof LingotError && error.kind === 'data') return null
  throw error
}
