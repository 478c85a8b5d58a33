import { below, between, pick, type Random, stream } from '../../src/bronze/sample/random.ts'
import { type Division, divisions } from './division.ts'

/** What is done to a run. The first four are kill -9. */
export const kinds = [
  'kill lingot',
  'kill mongod',
  'kill postgres',
  'kill a backend of postgres',
  'stop lingot',
  'stop mongod',
  'stop postgres',
  'cut mongod off',
  'cut postgres off',
  'SIGTERM lingot',
  'SIGINT lingot',
] as const
export type Kind = (typeof kinds)[number]

/** What a run can be seen to have come to. */
export const events = [
  'it stages silver',
  'it writes gold',
  'it begins to swap',
  'it has swapped a collection',
] as const
export type Event = (typeof events)[number]

/** A share of the usual duration, or an event and what passes after it. */
export type Moment = { share: number } | { event: Event; afterMs: number }

/** One disturbance. */
export interface Plan {
  round: number
  kind: Kind
  moment: Moment
  /** Whose the servers are: Lingot's own, which it brings back, or named by URI, for others to bring back. */
  servers: 'own' | 'named'
  /** How the run, and the one after it, divide their work. */
  division: Division
  /** How long what was stopped, killed or cut is away. */
  awayMs: number
}

/** How often each kind comes, of as many rounds as these make together. */
const weights: Record<Kind, number> = {
  'kill lingot': 6,
  'kill mongod': 3,
  'kill postgres': 3,
  'kill a backend of postgres': 2,
  'stop lingot': 1,
  'stop mongod': 1,
  'stop postgres': 1,
  'cut mongod off': 1,
  'cut postgres off': 1,
  'SIGTERM lingot': 1,
  'SIGINT lingot': 1,
}

/** The end of a run, where layers are swapped and committed. */
const END = 0.8

/**
 * Draws disturbances, the same ones for the same seed; a short series meets every kind as early as it can. Runs divide
 * their work by turns in both ways, unless it is said in which.
 */
export function* plans(seed: number, division?: Division): Generator<Plan> {
  const random = stream(seed, 0)
  const full = kinds.flatMap((kind) => Array.from({ length: weights[kind] }, () => kind))
  let deck: Kind[] = shuffled(random, kinds)
  for (let round = 1; ; round++) {
    const kind = deck.pop() as Kind
    if (deck.length === 0) deck = shuffled(random, full)
    yield {
      round,
      kind,
      moment: momentOf(random),
      servers: kind.startsWith('cut') || random() < 0.5 ? 'named' : 'own',
      division: division ?? (divisions[round % 2] as Division),
      awayMs: Math.round(between(random, 50, 1500)),
    }
  }
}

function momentOf(random: Random): Moment {
  const drawn = random()
  if (drawn < 0.35) return { event: pick(random, events), afterMs: below(random, 2) * between(random, 0, 40) }
  return { share: drawn < 0.7 ? between(random, 0, END) : between(random, END, 1.02) }
}

function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const all = [...list]
  for (let i = all.length - 1; i > 0; i--) {
    const j = below(random, i + 1)
    ;[all[i], all[j]] = [all[j] as T, all[i] as T]
  }
  return all
}

export function describePlan({ round, kind, moment, servers, division, awayMs }: Plan): string {
  const when =
    'share' in moment
      ? `at ${(moment.share * 100).toFixed(0)} % of a run`
      : `${moment.afterMs.toFixed(0)} ms after ${moment.event}`
  return `round ${round}: ${kind} ${when}, ${division} portions, ${servers} servers, away for ${awayMs} ms`
}
