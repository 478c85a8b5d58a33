import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { LingotError } from '../system/errors.ts'
import { writeOutput } from '../system/output.ts'

const time = z.iso.datetime()

/** What was told of a shop, so that it is not told again. */
const told = z.object({
  /** The kind of failure that was told and is not over. */
  failed: z.string().nullable(),
  /** The gates that fell, as `subject: name`. */
  gates: z.array(z.string()),
  /** What was told of settled months that moved. */
  settled: z.string().nullable(),
})
export type Told = z.infer<typeof told>

/** How a watch is: the content of its health file, for whoever looks after it, and for the next watch. */
const health = z.object({
  state: z.enum(['waiting', 'running', 'stopped']),
  watches: z.string(),
  /** Written anew at least every half minute. */
  updated: time,
  next: time.nullable(),
  lastSuccess: time.nullable(),
  lastFailure: z.object({ at: time, kind: z.string() }).nullable(),
  /** Failures in a row. */
  failures: z.number(),
  told,
})
export type Health = z.infer<typeof health>

const NOTHING: Told = { failed: null, gates: [], settled: null }

/** How a watch begins: with what the one before had told. */
export function readHealth(file: string, watches: string): Health {
  const before = healthIn(file)
  return {
    state: 'waiting',
    watches,
    updated: new Date().toISOString(),
    next: null,
    lastSuccess: before?.lastSuccess ?? null,
    lastFailure: before?.lastFailure ?? null,
    failures: 0,
    told: before?.told ?? NOTHING,
  }
}

function healthIn(file: string): Health | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    return undefined // what else is wrong with it is told when it is written
  }
  try {
    return health.parse(JSON.parse(text))
  } catch {
    const next = 'Name another file with --health, or remove this one.'
    throw new LingotError('usage', `${file} is there already, and was not written by \`lingot watch\`.`, next)
  }
}

/** Writes it whole or not at all. */
export async function writeHealth(file: string, now: Health): Promise<void> {
  await writeOutput(file, `${JSON.stringify(now, null, 2)}\n`)
}
