import type { Db, MongoClient } from 'mongodb'
import pg from 'pg'
import { besideOf } from '../src/gold/beside.ts'

/** What a shop remembers, on disk. */
export interface Memory {
  /** Of records of silver, by what they were and are. */
  fingerprints: Kept
  /** Of records that one run changed. */
  changes: Kept
  /** Of gold's history, the rows that this run replaced; what its empty tables take is in `empty`. */
  history: Kept & { empty: number }
}

export interface Kept {
  bytes: number
  records: number
}

/** One sale in so many is deleted. */
const SHARE = 100

/** Has a run meet a bronze that lost one sale in a hundred, and tells what is remembered then. */
export async function measureMemory(
  client: MongoClient,
  postgresUrl: string,
  names: { bronze: string; silver: string; gold: string },
  run: () => Promise<unknown>,
): Promise<Memory> {
  const sales = client.db(names.bronze).collection('transactions')
  const gone: unknown[] = []
  let met = 0
  for await (const { _id } of sales.find({}, { projection: { _id: 1 } })) if (met++ % SHARE === 0) gone.push(_id)
  const before = await historyOf(postgresUrl, names.gold)
  await sales.deleteMany({ _id: { $in: gone } } as object)
  await run()
  const after = await historyOf(postgresUrl, names.gold)
  const silver = client.db(names.silver)
  const [entry] = await silver.collection('history.runs').find().sort({ started: -1 }).limit(1).toArray()
  const sets: { met: { rows: number } }[] = Object.values(entry?.['sets'] ?? {})
  const changes: { counts: Record<string, number> }[] = Object.values(entry?.['changes'] ?? {})
  const counted = changes.flatMap(({ counts }) => Object.values(counts))
  return {
    fingerprints: { bytes: await bytesOf(silver, 'fingerprints'), records: sum(sets.map(({ met }) => met.rows)) },
    changes: { bytes: await bytesOf(silver, 'changes'), records: sum(counted) },
    history: {
      bytes: after.bytes - before.bytes,
      records: after.rows - before.rows,
      empty: before.bytes,
    },
  }
}

/** What a collection of them holds; MongoDB takes less on disk, and more while it writes. */
async function bytesOf(silver: Db, what: 'fingerprints' | 'changes'): Promise<number> {
  const stats = await silver
    .collection(`history.${what}`)
    .aggregate([{ $collStats: { storageStats: {} } }])
    .toArray()
    .catch(() => [])
  return sum(stats.map(({ storageStats }) => Number(storageStats.size)))
}

/** How much gold's history takes on disk, with its indexes, and how many rows it has. */
async function historyOf(postgresUrl: string, schema: string): Promise<{ bytes: number; rows: number }> {
  const client = new pg.Client({ connectionString: postgresUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ bytes: string; rows: string }>(
      `select
         coalesce(sum(pg_total_relation_size(oid)), 0) as bytes,
         coalesce(sum((xpath('/row/c/text()', query_to_xml(format('select count(*) as c from %s', oid::regclass), false, true, '')))[1]::text::bigint), 0) as rows
       from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r'`,
      [besideOf(schema).rows],
    )
    return { bytes: Number(rows[0]?.bytes), rows: Number(rows[0]?.rows) }
  } finally {
    await client.end()
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
