import { createHash } from 'node:crypto'
import type { Db } from 'mongodb'
import type pg from 'pg'
import { contracts } from '../../src/contracts/contracts.ts'
import { readModels } from '../../src/gold/models.ts'
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

/** Every cell of gold that does not tell which run made it, as of one moment. */
export async function goldContents(postgres: pg.Client, schema: string): Promise<Contents> {
  await postgres.query('begin isolation level repeatable read read only')
  try {
    const contents: [string, string][] = []
    for (const name of reproducibleTables) contents.push([name, digest(await goldRows(postgres, schema, name))])
    return Object.fromEntries(contents)
  } finally {
    await postgres.query('rollback')
  }
}

async function goldRows(postgres: pg.Client, schema: string, name: string): Promise<Buffer[]> {
  const { rows } = await postgres.query<{ cells: string }>(
    `select t::text as cells from ${schema}.${name} as t order by t::text collate "C"`,
  )
  return rows.map(({ cells }) => Buffer.from(`${cells}\n`))
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
