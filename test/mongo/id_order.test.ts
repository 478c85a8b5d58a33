import { Binary, BSON, type Document, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'bson'
import fc from 'fast-check'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { idElement } from '../../src/mongo/bson_reader.ts'
import { idsBetween, orderOf } from '../../src/mongo/id_order.ts'
import { runs } from '../garbage/seed.ts'

/** An `_id` by its type and its value, as fingerprints have it. */
const bytesOf = (_id: unknown) => {
  const element = idElement(Buffer.from(BSON.serialize({ _id } as Document)))
  return Buffer.concat([element.subarray(0, 1), element.subarray('_id'.length + 2)])
}

const single = fc.oneof(
  fc.integer().map((value) => new Int32(value)),
  fc
    .double({ noNaN: true })
    .filter((value) => !Number.isInteger(value) || Number.isSafeInteger(value))
    .map((value) => new Double(value)),
  fc.maxSafeInteger().map((value) => Long.fromNumber(value)),
  fc.string({ unit: 'grapheme' }),
  fc.string({ maxLength: 3 }),
  fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new UUID(bytes)),
  fc.uint8Array({ maxLength: 5 }).map((bytes) => new Binary(bytes)),
  fc.boolean(),
  fc.date({ noInvalidDate: true }),
  fc.tuple(fc.nat(), fc.nat()).map(([t, i]) => new Timestamp({ t, i })),
)
const id = fc.oneof(
  { weight: 4, arbitrary: single },
  fc.record({ document: single, element: fc.nat(9).map((place) => new Int32(place)) }),
  fc.dictionary(fc.constantFrom('a', 'b', 'ab'), single),
)

describe('the order of ids', () => {
  let client: MongoClient
  beforeAll(async () => {
    client = await MongoClient.connect(inject('mongodbUri'))
  })
  afterAll(() => client.close())

  test('is that of MongoDB, and those between are all that were asked for', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(id, { minLength: 1, maxLength: 60 }),
        fc.infiniteStream(fc.boolean()),
        async (ids, picked) => {
          const db = client.db(`id_order_${new ObjectId().toHexString()}`)
          try {
            const collection = await db.createCollection<{ _id: unknown }>('ids', {
              clusteredIndex: { key: { _id: 1 }, unique: true },
            })
            await collection
              .insertMany(ids.map((_id) => ({ _id })) as never, { ordered: false })
              .catch((error: unknown) => {
                if (!String(error).includes('E11000')) throw error
              })
            const sorted = await collection.find({}, { raw: true }).sort({ _id: 1 }).toArray()
            const inOrder = sorted.map((document) => {
              const element = idElement(document as unknown as Buffer)
              return Buffer.concat([element.subarray(0, 1), element.subarray(5)])
            })
            const keys = inOrder.map((bytes) => orderOf(bytes))
            for (const [i, key] of keys.entries()) {
              expect(key, inOrder[i]?.toString('hex')).toBeDefined()
              if (i > 0) expect(Buffer.compare(keys[i - 1] as Buffer, key as Buffer), `${i}`).toBeLessThan(0)
            }
            const wanted = inOrder.filter(() => picked.next().value === true)
            const byKind = new Map<number, Buffer[]>()
            for (const bytes of wanted) {
              const kind = orderOf(bytes)?.[0] ?? -1
              byKind.set(kind, [...(byKind.get(kind) ?? []), bytes])
            }
            for (const some of [wanted, ...byKind.values()]) {
              if (some.length === 0) continue
              expect(await collection.countDocuments(idsBetween(some))).toBe(some.length)
            }
          } finally {
            await db.dropDatabase()
          }
        },
      ),
      runs(60),
    )
  })

  test.each([
    ['a number beyond those of a double', Long.fromString('9007199254740993')],
    ['no number', new Double(Number.NaN)],
    ['nothing', null],
    ['a document that holds one', { a: Long.fromString('9007199254740993') }],
  ])('is not told of %s', (_, value) => {
    expect(orderOf(bytesOf(value))).toBeUndefined()
    expect(Object.keys(idsBetween([bytesOf(value), bytesOf('a')])['_id'])).toEqual(['$in'])
  })
})
