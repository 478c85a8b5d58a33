import { readdirSync } from 'node:fs'
import type { Document } from 'bson'
import type { Db } from 'mongodb'
import type pg from 'pg'
import { runs } from '../../src/system/alive.ts'
import { goldNames, silverNames } from './contents.ts'

/** Where a run may leave something. */
export interface Places {
  silver: Db
  postgres: pg.Client
  schema: string
  /** The temporary folder of the runs. */
  temporary: string
}

/** What is there beside what a run is to leave: staging, tables, a lock, a swap, folders of the dead. */
export async function traces({ silver, postgres, schema, temporary }: Places): Promise<string[]> {
  const left: string[] = []
  const collections = (await silver.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name)
  for (const name of others(collections, [...silverNames, 'runs', 'lock'])) left.push(`a collection ${name}`)

  const lock: Document | null = await silver.collection('lock').findOne()
  for (const field of ['holder', 'swap', 'dead']) {
    if (lock?.[field] !== undefined && lock[field] !== null) left.push(`${field} in the lock document`)
  }

  const { rows: tables } = await postgres.query<{ schema: string; name: string }>(
    `select relnamespace::regnamespace::text as schema, relname as name from pg_class
     where relkind in ('r', 'v', 'm') and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`,
  )
  const wanted = goldNames.map((name) => `${schema}.${name}`)
  for (const name of others(
    tables.map((table) => `${table.schema}.${table.name}`),
    wanted,
  )) {
    left.push(`a table ${name}`)
  }
  const { rows: schemas } = await postgres.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname !~ '^(pg_|information_schema)'`,
  )
  for (const name of others(
    schemas.map((row) => row.name),
    ['public', schema],
  )) {
    left.push(`a schema ${name}`)
  }

  for (const name of readdirSync(temporary)) {
    const [, owner] = /^lingot-models-(.+)/.exec(name) ?? []
    if (owner !== undefined && !runs(owner)) left.push(`the folder ${name} of a process that has ended`)
  }
  return left
}

function others(found: readonly string[], wanted: readonly string[]): string[] {
  const missing = wanted.filter((name) => !found.includes(name)).map((name) => `${name}, or rather none`)
  return [...found.filter((name) => !wanted.includes(name)), ...missing]
}
