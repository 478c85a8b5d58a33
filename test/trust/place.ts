import { type Document, ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { inject } from 'vitest'

/** Databases and a schema of a test's own, on the real servers of the tests. */
export interface Place {
  client: MongoClient
  postgresUrl: string
  names: { bronze: string; silver: string; goldSchema: string }
  /** Replaces the collections of bronze. */
  load: (bronze: Readonly<Record<string, readonly Document[]>>) => Promise<void>
  /** A query on gold, each value as PostgreSQL's text. */
  gold: (sql: string) => Promise<Record<string, string | null>[]>
  leave: () => Promise<void>
}

/** What has a command work on these layers, on the real servers of the tests. */
export function settingsOf({ bronze, silver, goldSchema }: Place['names']): Record<string, string> {
  return {
    MONGODB_URI: inject('mongodbUri'),
    POSTGRES_URL: inject('postgresUrl'),
    LINGOT_BRONZE_DB: bronze,
    LINGOT_SILVER_DB: silver,
    LINGOT_GOLD_SCHEMA: goldSchema,
  }
}

export async function openPlace(): Promise<Place> {
  const id = new ObjectId().toHexString()
  const names = { bronze: `bronze_${id}`, silver: `silver_${id}`, goldSchema: `gold_${id}` }
  const client = await MongoClient.connect(inject('mongodbUri'))
  const postgresUrl = inject('postgresUrl')
  const postgres = new pg.Client({
    connectionString: postgresUrl,
    types: { getTypeParser: () => (text: string) => text },
  })
  await postgres.connect()
  let asked: Promise<unknown> = Promise.resolve()
  return {
    client,
    postgresUrl,
    names,
    async load(bronze) {
      await client.db(names.bronze).dropDatabase()
      for (const [name, documents] of Object.entries(bronze)) {
        const copies = documents.map((document) => ({ ...document }))
        if (copies.length > 0) {
          await client.db(names.bronze).collection(name).insertMany(copies, { forceServerObjectId: true })
        }
      }
    },
    gold(sql) {
      // A client answers one query after the other.
      const answer = asked.then(async () => {
        await postgres.query(`set search_path to ${names.goldSchema}`)
        return (await postgres.query<Record<string, string | null>>(sql)).rows
      })
      asked = answer.catch(() => undefined)
      return answer
    },
    async leave() {
      await client.db(names.bronze).dropDatabase()
      await client.db(names.silver).dropDatabase()
      await client.db('lingot').collection('erasures').deleteMany({ '_id.bronze': names.bronze })
      await postgres.query(`drop schema if exists ${names.goldSchema} cascade`)
      await postgres.end()
      await client.close()
    },
  }
}
