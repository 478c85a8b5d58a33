import { createHash } from 'node:crypto'
import type { Binary } from 'bson'
import type { Db } from 'mongodb'
import type pg from 'pg'
import { contracts } from '../../src/contracts/contracts.ts'
import { besideOf } from '../../src/gold/beside.ts'
import { readModels } from '../../src/gold/models.ts'
import { HASH, rowsIn, WORD } from '../../src/silver/fingerprints.ts'
import { reproducibleTables } from '../gold/reproducible.ts'

/** What a layer holds: for each collection or table how much, and a hash over all of it. */
export type Contents = Readonly<Record<string, string>>

export const silverNames = [...contracts.map(({ collection }) => collection), 'quarantine']
export const goldNames = readModels().map(({ name }) => name)

/** Every document of a silver collection, without what tells about runs. */
export async function silverCollection(silver: Db, name: string): Promise<string> {
  const selection = name === 'quarantine' ? { projection: { _id: 0, run: 0 } } : { sort: { _id: 1 as const } }
  const found = silver.collection(name).find({}, { ...selection, raw: true, batchSize: 1_000_000 })
  const documents = (await found.toArray()) as unknown as Buffer[]
  if (name === 'quarantine') documents.sort(Buffer.compare)
  return digest(documents)
}

export async function silverContents(silver: Db): Promise<Contents> {
  const read = silverNames.map(async (name) => [name, await silverCollection(silver, name)])
  return Object.fromEntries(await Promise.all(read))
}

/** What silver remembers of its records: whole rows of fingerprints, in no order. */
export async function rememberedContents(silver: Db): Promise<Contents> {
  const pieces = silver.collection<{ _id: { collection: string; what: string }; bytes: Binary }>('history.fingerprints')
  const rows = new Map<string, Buffer[]>()
  for await (const { _id, bytes } of pieces.find()) {
    const name = `${_id.collection}.${_id.what}`
    const piece = Buffer.from(bytes.buffer)
    const found = [...rowsIn(piece)].map(({ id, silver: at }) => {
      return piece.subarray(id.byteOffset - piece.byteOffset - WORD, at + HASH)
    })
    rows.set(name, [...(rows.get(name) ?? []), ...found])
  }
  return Object.fromEntries([...rows].map(([name, own]) => [name, digest(own.sort(Buffer.compare))]))
}

/** Every cell of gold that does not tell which run made it, as of one moment. */
export async function goldContents(postgres: pg.Client, schema: string): Promise<Contents> {
  await postgres.query('begin isolation level repeatable read read only')
  try {
    const contents: [string, string][] = []
    for (const name of reproducibleTables) {
      const rows = `select t::text as cells from ${schema}.${name} as t`
      contents.push([name, digest(await cellsOf(postgres, rows))])
    }
    return Object.fromEntries(contents)
  } finally {
    await postgres.query('rollback')
  }
}

async function cellsOf(postgres: pg.Client, rows: string): Promise<Buffer[]> {
  const found = await postgres.query<{ cells: string }>(`select * from (${rows}) as rows order by cells collate "C"`)
  return found.rows.map(({ cells }) => Buffer.from(`${cells}\n`))
}

/** The gold in place, with the run that its history ends with. */
export interface Published {
  run: string
  gold: Contents
}

export async function published(postgres: pg.Client, schema: string): Promise<Published> {
  return { run: (await runsKnown(postgres, schema)).at(-1)?.run ?? '', gold: await goldAsOf(postgres, schema, '') }
}

/** The runs that gold's history knows, with those that gold_run named then. */
async function runsKnown(postgres: pg.Client, schema: string): Promise<{ run: string; gold_run: string }[]> {
  const { rows } = await postgres.query(`select run, gold_run from ${besideOf(schema).rows}.runs order by number`)
  return rows
}

/** Where gold's history is not that of the gold in place, a line each: after what stood there once, all runs met one bronze. */
export async function historyDifferences(postgres: pg.Client, schema: string, before: Published): Promise<string[]> {
  const runs = await runsKnown(postgres, schema)
  const { rows: inPlace } = await postgres.query<{ run: string }>(`select run from ${schema}.gold_run`)
  if (runs.at(-1)?.gold_run !== inPlace[0]?.run) return ['the history of gold ends with another gold']
  const first = runs.findIndex(({ run }) => run === before.run)
  if (first < 0) return ['the history of gold begins after the gold that was in place']
  const now = await goldAsOf(postgres, schema, '')
  const problems: string[] = []
  for (const { run } of runs.slice(first)) {
    const expected = run === before.run ? before.gold : now
    problems.push(...contentDifferences(`gold as of ${run},`, expected, await goldAsOf(postgres, schema, run)))
  }
  return problems
}

/** Gold as a run left it, without what its history does not keep. */
async function goldAsOf(postgres: pg.Client, schema: string, run: string): Promise<Contents> {
  await postgres.query("select set_config('lingot.as_of', $1, false)", [run])
  const contents: [string, string][] = []
  for (const name of reproducibleTables) {
    const rows = `select (to_jsonb(t) - 'full_name')::text as cells from ${besideOf(schema).views}.${name} as t`
    contents.push([name, digest(await cellsOf(postgres, rows))])
  }
  return Object.fromEntries(contents)
}

function digest(parts: readonly Uint8Array[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return `${parts.length} ${hash.digest('hex').slice(0, 16)}`
}

/** Where contents differ from those expected, a line each. */
export function contentDifferences(layer: string, expected: Contents, actual: Contents): string[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(actual)])]
    .filter((name) => expected[name] !== actual[name])
    .map((name) => `${layer} ${name}: expected ${expected[name]}, found ${actual[name]}`)
}
