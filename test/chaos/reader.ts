import { setTimeout } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { type Contents, contentDifferences, goldContents, silverCollection, silverNames } from './contents.ts'

/** What each layer held and is to hold: nothing else may be seen. */
export interface Allowed {
  silver: readonly Contents[]
  gold: readonly Contents[]
}

/** Somebody who looks at silver and gold all the time. */
export interface Reader {
  allow: (allowed: Allowed) => void
  /** How often each layer was read whole. */
  reads: () => { silver: number; gold: number }
  /** What was seen and may not be, since it was asked last. */
  violations: () => string[]
  close: () => Promise<void>
}

/** Rests a little between looks, to leave the processors to those who work. */
const REST_MS = 15
const NO_TABLE = '42P01'

export function openReader(mongodbUri: string, postgresUrl: string, silver: string, schema: string): Reader {
  let allowed: Allowed | undefined
  let ended = false
  const reads = { silver: 0, gold: 0 }
  const seen = new Set<string>()

  const look = async (layer: 'silver' | 'gold', open: () => Promise<Eye>) => {
    let eye: Eye | undefined
    while (!ended) {
      try {
        eye ??= await open()
        const before = allowed
        const violation = before === undefined ? undefined : await eye.look(before)
        // What was read while a round ended may belong to the next.
        if (before === allowed && violation !== undefined) seen.add(violation)
        reads[layer]++
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === NO_TABLE) seen.add(`a reader saw ${error.message}`)
        // A server that is away is waited for.
        await eye?.close().catch(() => undefined)
        eye = undefined
        await setTimeout(50)
      }
      await setTimeout(REST_MS)
    }
    await eye?.close().catch(() => undefined)
  }
  const looking = [
    look('silver', () => silverEye(mongodbUri, silver)),
    look('gold', () => goldEye(postgresUrl, schema)),
  ]
  return {
    allow: (next) => {
      allowed = next
    },
    reads: () => ({ ...reads }),
    violations() {
      const all = [...seen]
      seen.clear()
      return all
    },
    async close() {
      ended = true
      await Promise.all(looking)
    },
  }
}

interface Eye {
  look: (allowed: Allowed) => Promise<string | undefined>
  close: () => Promise<void>
}

/** Reads each collection by itself: each is swapped in one step, all of them in several. */
async function silverEye(uri: string, database: string): Promise<Eye> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 500, appName: 'reader' })
  await client.connect()
  return {
    async look({ silver }) {
      for (const name of silverNames) {
        const found = await silverCollection(client.db(database), name)
        if (silver.some((contents) => contents[name] === found)) continue
        return `a reader saw a silver ${name} that is neither the old nor the new one: ${found}`
      }
      return undefined
    },
    close: () => client.close(),
  }
}

/** Reads all tables in one transaction. */
async function goldEye(url: string, schema: string): Promise<Eye> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 500, application_name: 'reader' })
  client.on('error', () => undefined)
  await client.connect()
  return {
    async look({ gold }) {
      const found = await goldContents(client, schema)
      if (gold.some((contents) => contentDifferences('gold', contents, found).length === 0)) return undefined
      return `a reader saw a gold that is neither the old nor the new one: ${JSON.stringify(found)}`
    },
    close: () => client.end(),
  }
}
