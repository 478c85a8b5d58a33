import { isDeepStrictEqual } from 'node:util'
import type { MongoClient } from 'mongodb'
import { besideOf } from '../src/gold/beside.ts'
import { insertBytes, readBytes } from './garbage/bson.ts'

/** Keeps silver and gold as they are now; what it gives puts them back so, in a fraction of what a run takes. */
export async function keepLayers(
  client: MongoClient,
  query: (sql: string) => Promise<unknown>,
  { silver, goldSchema }: { silver: string; goldSchema: string },
): Promise<() => Promise<void>> {
  const db = client.db(silver)
  const list = () => db.listCollections({}, { nameOnly: false }).toArray()
  const kept = await Promise.all(
    (await list()).map(async ({ name, options }) => ({
      name,
      options,
      indexes: (await db.collection(name).indexes()).filter(({ name }) => name !== '_id_'),
      documents: await readBytes(client, { database: silver, collection: name }),
    })),
  )
  const eachTable = (statements: string) => `do $$ declare t text; begin
    for t in select tablename from pg_tables where schemaname = '${goldSchema}' loop ${statements} end loop; end $$`
  // Temporary tables are there for this connection alone.
  await query(
    eachTable(`execute format('create temporary table %I as table %I.%I', 'kept_' || t, '${goldSchema}', t);`),
  )
  return async () => {
    // What gold was is not kept: it begins anew.
    const beside = Object.values(besideOf(goldSchema))
    await query(beside.map((schema) => `drop schema if exists ${schema} cascade`).join(';'))
    const there = new Set<string>()
    for (const { name, options } of await list()) {
      const isSame = kept.some((one) => one.name === name && isDeepStrictEqual(one.options, options))
      if (isSame) await db.collection(name).deleteMany({})
      else await db.collection(name).drop()
      if (isSame) there.add(name)
    }
    for (const { name, options, indexes, documents } of kept) {
      if (!there.has(name)) {
        const collection = await db.createCollection(name, options)
        for (const { key } of indexes) await collection.createIndex(key)
      }
      await insertBytes(client, { database: silver, collection: name }, documents)
    }
    await query(
      eachTable(`execute format('delete from %I.%I', '${goldSchema}', t);
        execute format('insert into %I.%I table %I', '${goldSchema}', t, 'kept_' || t);`),
    )
  }
}
