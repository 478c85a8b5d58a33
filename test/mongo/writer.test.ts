import { ObjectId } from 'bson'
import type { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { elements, wrap } from '../../src/mongo/bson_writer.ts'
import { writer } from '../../src/mongo/writer.ts'

/** A server that answers an insert when the test says so. */
function slowServer() {
  const inserts: { answer: (n: number) => void; fail: (error: Error) => void }[] = []
  const command = () => new Promise((resolve, fail) => inserts.push({ answer: (n) => resolve({ n }), fail }))
  return { inserts, client: { db: () => ({ command }) } as unknown as MongoClient }
}

const document = () => wrap(elements({ _id: new ObjectId() }))
const to = { dbName: 'silver', collectionName: 'next' } as never

test('a writer that failed sends nothing more, and is closed when nothing is under way', async () => {
  const { inserts, client } = slowServer()
  const out = writer(client, to, { portions: { bytes: 1 } })
  for (let i = 0; i < 2; i++) {
    out.append(document())
    await out.full()
  }
  out.append(document())
  inserts[0]?.fail(new Error('refused'))
  await new Promise(setImmediate)
  let isClosed = false
  const closing = out.close().finally(() => {
    isClosed = true
  })
  closing.catch(() => undefined)
  await new Promise(setImmediate)
  expect({ isClosed, sent: inserts.length }).toEqual({ isClosed: false, sent: 2 })
  inserts[1]?.answer(1)
  await expect(closing).rejects.toThrow('refused')
})

test('a writer that is closed while as much is under way as may be waits for all of it', async () => {
  const { inserts, client } = slowServer()
  const out = writer(client, to, { portions: { bytes: 1 } })
  for (let i = 0; i < 2; i++) {
    out.append(document())
    await out.full()
  }
  out.append(document())
  let isClosed = false
  const closing = out.close().finally(() => {
    isClosed = true
  })
  closing.catch(() => undefined)
  inserts[0]?.fail(new Error('refused'))
  await new Promise(setImmediate)
  expect({ isClosed, sent: inserts.length }).toEqual({ isClosed: false, sent: 3 })
  for (const { answer } of inserts) answer(1)
  await expect(closing).rejects.toThrow('refused')
})
