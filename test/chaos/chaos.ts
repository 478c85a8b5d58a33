import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { fillBronzes } from './bronze.ts'
import { silverNames } from './contents.ts'
import type { Division } from './division.ts'
import { describePlan, plans } from './plan.ts'
import { openReader } from './reader.ts'
import { disturb, type Outcome, undisturbed } from './round.ts'
import { openVictims } from './servers.ts'

export interface ChaosOptions {
  seed: number
  rounds: number
  /** Size of the sample shops, times the brief's. */
  scale: number
  /** How all runs divide their work; by turns in each way, if not said. */
  division?: Division | undefined
  /** Ends with the first round that finds something. */
  failFast?: boolean
  say?: (line: string) => void
  /** Ends the series after the round that is under way. */
  signal?: AbortSignal
}

export interface ChaosResult {
  outcomes: Outcome[]
  seconds: number
  /** How often a reader saw each layer whole. */
  reads: { silver: number; gold: number }
}

/** Disturbs as many runs as are wanted, on servers of its own. */
export async function chaos({
  seed,
  rounds,
  scale,
  division,
  failFast = false,
  say,
  signal,
}: ChaosOptions): Promise<ChaosResult> {
  const temporary = mkdtempSync(join(tmpdir(), 'lingot-chaos-'))
  const victims = await openVictims()
  const client = await MongoClient.connect(victims.mongodbUri, { serverSelectionTimeoutMS: 20_000 })
  const names = { silver: 'silver_chaos', schema: 'gold_chaos' }
  const bronzes: [string, string] = ['bronze_a', 'bronze_b']
  const reader = openReader(victims.mongodbUri, victims.postgresUrl, names.silver, names.schema)
  const started = Date.now()
  try {
    await fillBronzes(client, bronzes, scale)
    const place = { victims, client, names, temporary }
    const [b, a] = [await undisturbed(place, bronzes[1]), await undisturbed(place, bronzes[0])]
    for (const name of silverNames) {
      if (a.silver[name] === b.silver[name])
        throw new Error(`both states have one ${name}: a mixture would not be seen`)
    }
    const measured = Date.now()
    await undisturbed(place, bronzes[0])
    const ring = { ...place, reader, usualMs: Date.now() - measured }

    const outcomes: Outcome[] = []
    let [current, other] = [
      { bronze: bronzes[0], state: a },
      { bronze: bronzes[1], state: b },
    ]
    for (const plan of plans(seed, division)) {
      if (plan.round > rounds || signal?.aborted) break
      ;[current, other] = [other, current]
      const outcome = await disturb(ring, plan, current.bronze, { before: other.state, after: current.state })
      outcomes.push(outcome)
      say?.(`${describePlan(plan)}: ${outcome.hit ? '' : 'too late, '}${outcome.ending}`)
      for (const line of outcome.said.split('\n')) if (line !== '') say?.(`  | ${line}`)
      for (const problem of outcome.problems) say?.(`  ✖ ${problem}`)
      if (failFast && outcome.problems.length > 0) break
    }
    return { outcomes, seconds: (Date.now() - started) / 1000, reads: reader.reads() }
  } finally {
    await reader.close()
    await client.close()
    await victims.close()
    rmSync(temporary, { recursive: true, force: true })
  }
}
