import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { MongoClient } from 'mongodb'
import pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { readRaw } from '../src/mongo/cursor.ts'

/* What the servers themselves need for parts of the work, with nothing done to the data. */

const collections = ['transactions', 'customers', 'campaigns']

/** The server copies the three collections and cleans nothing. */
export async function copyBronze(client: MongoClient, bronze: string, target: string): Promise<void> {
  for (const name of collections) {
    await client
      .db(bronze)
      .collection(name)
      .aggregate([{ $out: { db: target, coll: name } }])
      .toArray()
  }
}

/** A raw cursor reads the three collections once. */
export async function readSilver(client: MongoClient, silver: string): Promise<void> {
  for (const name of collections) {
    for await (const batch of readRaw(client, client.db(silver).collection(name))) void batch.length
  }
}

/** The finished gold tables as COPY reads them. */
export async function dumpGold(url: string, schema: string): Promise<Map<string, Buffer>> {
  const client = await connected(url)
  const tables = new Map<string, Buffer>()
  const { rows } = await client.query<{ table_name: string }>(
    'select table_name from information_schema.tables where table_schema = $1',
    [schema],
  )
  for (const { table_name } of rows) {
    const chunks: Buffer[] = []
    const lines: Readable = client.query(copyTo(`copy "${schema}"."${table_name}" to stdout`))
    for await (const chunk of lines) chunks.push(chunk)
    tables.set(table_name, Buffer.concat(chunks))
  }
  await client.end()
  return tables
}

/** COPY of the finished tables into empty ones with the same keys. */
export async function copyGold(url: string, schema: string, tables: ReadonlyMap<string, Buffer>): Promise<void> {
  const client = await connected(url)
  await client.query('begin')
  for (const [table, lines] of tables) {
    await client.query(`create table "${schema}"."${table}_floor" (like "${schema}"."${table}" including all)`)
    await pipeline([lines], client.query(copyFrom(`copy "${schema}"."${table}_floor" from stdin`)))
  }
  await client.query('rollback')
  await client.end()
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return client
}
