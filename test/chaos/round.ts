import { setTimeout } from 'node:timers/promises'
import type { MongoClient } from 'mongodb'
import pg from 'pg'
import { lingot, type Running, type Settings, startLingot } from '../process.ts'
import {
  type Contents,
  contentDifferences,
  goldContents,
  historyDifferences,
  type Published,
  published,
  rememberedContents,
  silverContents,
} from './contents.ts'
import { settingsFor } from './division.ts'
import { ending, endingProblems } from './ending.ts'
import { backendOf, reached } from './moment.ts'
import type { Plan } from './plan.ts'
import type { Reader } from './reader.ts'
import { send, type Victims } from './servers.ts'
import { traces } from './traces.ts'

/** What the layers hold after an undisturbed run. */
export interface State {
  silver: Contents
  gold: Contents
  /** The fingerprints beside silver. */
  remembered: Contents
}

/** What rounds are run with. */
export interface Ring {
  victims: Victims
  /** Past the proxies. */
  client: MongoClient
  reader: Reader
  names: { silver: string; schema: string }
  temporary: string
  /** What a run usually takes; kept up to date. */
  usualMs: number
}

export interface Outcome {
  plan: Plan
  /** How the disturbed run ended. */
  ending: string
  /** Whether the disturbance came before it ended. */
  hit: boolean
  problems: string[]
  /** What the disturbed run said. */
  said: string
}

/** Anything that takes longer hangs. */
const PATIENCE_MS = 90_000
const INTERRUPTED_MS = 2000

/** Disturbs a run, runs again, and compares all that is there with what an undisturbed run leaves. */
export async function disturb(
  ring: Ring,
  plan: Plan,
  bronze: string,
  { before, after }: { before: State; after: State },
): Promise<Outcome> {
  const { victims, client, reader, names } = ring
  const settings = { ...settingsOf(ring, victims[plan.servers], bronze), ...settingsFor[plan.division] }
  const silver = client.db(names.silver)
  reader.allow({ silver: [before.silver, after.silver], gold: [before.gold, after.gold] })
  const problems: string[] = []

  const postgres = await connect(victims.postgresUrl)
  const inPlace = await published(postgres, names.schema)
  const run = startLingot(['run', '--take-over'], settings)
  let ended = false
  const how = run.ended.then((end) => {
    ended = true
    return { ...end, signal: run.child.signalCode }
  })
  const hasEnded = () => ended
  const isInTime = await reached(plan.moment, { silver, postgres, usualMs: ring.usualMs, hasEnded })
  const { hit, undone } = isInTime ? await act(victims, plan, run, postgres) : missed
  const acted = Date.now()
  const end = await within(how, 'the disturbed run', run)
  const tookToEnd = Date.now() - acted
  await undone
  await postgres.end().catch(() => undefined)
  problems.push(...endingProblems(plan.kind, end))
  if (end.status === 130 && tookToEnd > INTERRUPTED_MS) problems.push(`it took ${tookToEnd} ms to be interrupted`)
  if (plan.servers === 'named' || end.status === 0) await victims.revive()
  // What says that it succeeded has, whatever came after.
  if (end.status === 0) problems.push(...(await differencesOf(ring, after)).map((line) => `after its success, ${line}`))

  const started = Date.now()
  const again = startLingot(['run', '--take-over'], settings)
  const recovered = await within(again.ended, 'the run after it', again)
  if (recovered.status !== 0) problems.push(`the run after it failed: ${recovered.stderr.trim()}`)
  ring.usualMs += (Date.now() - started - ring.usualMs) * (plan.kind === 'kill lingot' ? 0.3 : 0)
  await victims.revive()
  problems.push(...(await differencesOf(ring, after)), ...(await remains(ring, inPlace)), ...reader.violations())
  return { plan, ending: ending(end), hit, problems, said: end.stderr.trim() }
}

/** Makes the layers anew, undisturbed: what they hold then, and how long it took. */
export async function undisturbed(ring: Omit<Ring, 'reader' | 'usualMs'>, bronze: string): Promise<State> {
  const { status, stderr } = await lingot(['run', '--take-over'], settingsOf(ring, ring.victims.own, bronze))
  if (status !== 0) throw new Error(`an undisturbed run failed: ${stderr}`)
  return contents(ring)
}

async function differencesOf(ring: Ring, expected: State): Promise<string[]> {
  const found = await contents(ring)
  return [
    ...contentDifferences('silver', expected.silver, found.silver),
    ...contentDifferences('gold', expected.gold, found.gold),
    ...contentDifferences('fingerprints of', expected.remembered, found.remembered),
  ]
}

async function contents({ victims, client, names }: Pick<Ring, 'victims' | 'client' | 'names'>): Promise<State> {
  const postgres = await connect(victims.postgresUrl)
  try {
    return {
      silver: await silverContents(client.db(names.silver)),
      gold: await goldContents(postgres, names.schema),
      remembered: await rememberedContents(client.db(names.silver)),
    }
  } finally {
    await postgres.end()
  }
}

async function remains({ victims, client, names, temporary }: Ring, before: Published): Promise<string[]> {
  const postgres = await connect(victims.postgresUrl)
  try {
    const places = { silver: client.db(names.silver), postgres, schema: names.schema, temporary }
    const left = [...(await traces(places)), ...victims.strays()].map((trace) => `left: ${trace}`)
    return [...left, ...(await historyDifferences(postgres, names.schema, before))]
  } finally {
    await postgres.end()
  }
}

function settingsOf({ names, temporary }: Pick<Ring, 'names' | 'temporary'>, of: Settings, bronze: string): Settings {
  const layers = { LINGOT_BRONZE_DB: bronze, LINGOT_SILVER_DB: names.silver, LINGOT_GOLD_SCHEMA: names.schema }
  return { ...of, ...layers, TMPDIR: temporary }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: 'harness' })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

interface Act {
  /** Whether there was something to disturb. */
  hit: boolean
  /** Resolves when what was stopped, killed or cut is back. */
  undone: Promise<void>
}

const missed: Act = { hit: false, undone: Promise.resolve() }

/** Does what the plan says. */
async function act(victims: Victims, plan: Plan, { child }: Running, postgres: pg.Client): Promise<Act> {
  const done = (undone = Promise.resolve()): Act => ({ hit: true, undone })
  const [verb = '', ...words] = plan.kind.split(' ')
  const subject = words[0] === 'a' ? 'backend' : words[0]
  const pid = child.pid ?? 0
  if (verb === 'cut') {
    victims.proxies[subject as 'mongod' | 'postgres'].cut(plan.awayMs)
    return done(setTimeout(plan.awayMs))
  }
  if (subject === 'backend') {
    const backend = await backendOf(postgres)
    if (backend === undefined) return missed
    send(backend, 'SIGKILL')
    return done()
  }
  if (subject === 'lingot') {
    if (verb !== 'stop') send(pid, verb === 'kill' ? 'SIGKILL' : (verb as NodeJS.Signals))
    else send(pid, 'SIGSTOP')
    return done(verb === 'stop' ? setTimeout(plan.awayMs).then(() => send(pid, 'SIGCONT')) : undefined)
  }
  const server = subject as 'mongod' | 'postgres'
  victims.signal(server, verb === 'stop' ? 'SIGSTOP' : 'SIGKILL')
  if (verb === 'stop') return done(setTimeout(plan.awayMs).then(() => victims.signal(server, 'SIGCONT')))
  // Lingot itself brings back what is its own.
  if (plan.servers === 'own') return done()
  return done(setTimeout(plan.awayMs).then(async () => void (await victims.revive())))
}

async function within<T>(ended: Promise<T>, what: string, { child, output }: Running): Promise<T> {
  const waiting = new AbortController()
  const late = setTimeout(PATIENCE_MS, undefined, { signal: waiting.signal }).then(() => {
    child.kill('SIGKILL')
    throw new Error(`${what} hangs: ${output.stderr}`)
  })
  late.catch(() => undefined)
  try {
    return await Promise.race([ended, late])
  } finally {
    waiting.abort()
  }
}
