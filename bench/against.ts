import { join } from 'node:path'
import type { MongoClient } from 'mongodb'
import pg from 'pg'
import { besideOf } from '../src/gold/beside.ts'
import { type Measured, measureCommand, median } from './measure.ts'
import { table } from './results.ts'

/** A run is one on unchanged bronze, of which everything is remembered; a first run finds nothing. */
const commands = ['process', 'aggregate', 'run', 'first run'] as const

/** One command at one size, done in turns by this version and by another. */
export interface Comparison {
  command: (typeof commands)[number]
  rounds: { ours: Measured; theirs: Measured }[]
}

/** Where versions are compared. */
interface Ring {
  env: Readonly<Record<string, string>>
  servers: Readonly<Record<string, number>>
  client: MongoClient
  postgresUrl: string
  say: (text: string) => void
}

/** Has two versions of Lingot do the same in turns on one bronze, each with a silver and a gold of its own. */
export async function compare(
  folders: { ours: string; theirs: string },
  rounds: number,
  { env, servers, client, postgresUrl, say }: Ring,
): Promise<Comparison[]> {
  const lingot = async (whose: keyof typeof folders, command: (typeof commands)[number]) => {
    const names = { silver: `silver_${whose}`, gold: `${env['LINGOT_BRONZE_DB']}_${whose}` }
    if (command === 'first run') await clear(client, postgresUrl, names)
    const own = { ...env, LINGOT_SILVER_DB: names.silver, LINGOT_GOLD_SCHEMA: names.gold }
    const words = command.split(' ').slice(-1)
    return measureCommand([process.execPath, join(folders[whose], 'dist', 'cli.js'), ...words], own, servers)
  }
  // The first run of each makes what all others replace.
  for (const whose of ['ours', 'theirs'] as const) for (let i = 0; i < 2; i++) await lingot(whose, 'run')
  const comparisons = commands.map((command): Comparison => ({ command, rounds: [] }))
  for (let round = 1; round <= rounds; round++) {
    for (const { command, rounds } of comparisons) {
      // Who comes second finds another machine than who comes first.
      const inTurn = round % 2 === 0 ? (['ours', 'theirs'] as const) : (['theirs', 'ours'] as const)
      const measured: Partial<Record<'ours' | 'theirs', Measured>> = {}
      for (const whose of inTurn) measured[whose] = await lingot(whose, command)
      rounds.push(measured as Required<typeof measured>)
    }
    say(`round ${round} of ${rounds}`)
  }
  return comparisons
}

/** Removes a silver and a gold, with what is remembered of them. */
async function clear(
  client: MongoClient,
  postgresUrl: string,
  { silver, gold }: { silver: string; gold: string },
): Promise<void> {
  await client.db(silver).dropDatabase()
  const postgres = new pg.Client({ connectionString: postgresUrl })
  await postgres.connect()
  try {
    const { rows, views } = besideOf(gold)
    for (const schema of [gold, rows, views]) await postgres.query(`drop schema if exists ${schema} cascade`)
  } finally {
    await postgres.end()
  }
}

const figures: Record<string, (measured: Measured) => number | undefined> = {
  'wall s': ({ seconds }) => seconds,
  'CPU s': ({ cpu }) => cpu['process'],
  'CPU s with servers': ({ cpu }) => (cpu['process'] === undefined ? undefined : sum(Object.values(cpu))),
  'CPU s of mongod': ({ cpu }) => cpu['mongod'],
  'CPU s of postgres': ({ cpu }) => cpu['postgres'],
  'peak MB': ({ memory }) => memory['process'],
}

/** Medians of each figure, and of the ratios round by round: what drifts in the machine is in both parts of a ratio. */
export function describeComparison(scale: number, comparisons: readonly Comparison[]): string {
  const rows = comparisons.flatMap(({ command, rounds }) =>
    Object.entries(figures).flatMap(([figure, of]) => {
      const pairs = rounds.flatMap(({ ours, theirs }) => {
        const [one, other] = [of(ours), of(theirs)]
        return one === undefined || !other ? [] : [{ one, other, ratio: one / other }]
      })
      if (pairs.length === 0) return []
      const ratios = pairs.map(({ ratio }) => ratio).sort((a, b) => a - b)
      const quarter = (part: number) => (ratios[Math.round((ratios.length - 1) * part)] ?? 0).toFixed(3)
      return [
        [
          `${command}: ${figure}`,
          (median(pairs.map(({ other }) => other)) ?? 0).toFixed(2),
          (median(pairs.map(({ one }) => one)) ?? 0).toFixed(2),
          (median(ratios) ?? 0).toFixed(3),
          `${quarter(0.25)}–${quarter(0.75)}`,
        ],
      ]
    }),
  )
  const head = ['what', 'before', 'now', 'now / before', 'middle half']
  return [`## ${scale} × 20,200 documents, ${comparisons[0]?.rounds.length} rounds`, '', ...table(head, rows), ''].join(
    '\n',
  )
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
