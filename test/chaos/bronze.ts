import { type Document, ObjectId } from 'bson'
import fc from 'fast-check'
import type { MongoClient } from 'mongodb'
import { generate } from '../../src/bronze/sample/generator.ts'
import { contracts } from '../../src/contracts/contracts.ts'
import { documentOf, insertBytes } from '../garbage/bson.ts'
import { drafts, withId } from '../garbage/documents.ts'
import { hostileBronze } from '../oracle/hostile.ts'

/** Random documents of each collection. */
const GARBAGE = 40

/**
 * Two bronzes of different content: a sample shop, values that are wrong by hand (another half of them in each), and
 * random ones.
 */
export async function fillBronzes(client: MongoClient, names: readonly [string, string], scale: number): Promise<void> {
  const hostile = hostileBronze()
  for (const [i, database] of names.entries()) {
    await generate(client, { database, seed: i + 1, scale: scale * (1 + i / 2), force: true })
    for (const contract of contracts) {
      const { collection } = contract
      const mine = (hostile[collection as keyof typeof hostile] as Document[]).filter((_, n) => n % 2 === i)
      await client.db(database).collection(collection).insertMany(mine, { forceServerObjectId: true })
      const [random = []] = fc.sample(drafts(contract, GARBAGE), { numRuns: 1, seed: i + 1 })
      const bytes = random.map((draft) => documentOf(withId(new ObjectId(), draft).list))
      await insertBytes(client, { database, collection }, bytes)
    }
  }
  // A server that is killed soon loses nothing of it.
  await client.db('admin').command({ fsync: 1 })
}
