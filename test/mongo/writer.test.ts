import { ObjectId } from 'bson'
import type { MongoClient } from 'mongodb'
import { expect, test } from 'vitest'
import { elements, wrap } from '../../src/mongo/bson_writer.ts'
import { writer } from '../../src/mongo/writer.ts'

/** A writer with as much under way as may be, of which a server answers each part when the test says so. */
async function busyWriter() {
  const inserts: { answer: (n: number) => void; fail: (error: Error) => void }[] = []
  const command = () => new Promise((resolve, fail) => inserts.push({ answer: (n) => resolve({ n }), fail }))
  const client = { db: () => ({ command }) } as unknown as MongoClient
  const to = { dbName: 'silver', collectionName: 'next' } as never
  const out = writer(client, to, { portions: { bytes: 1 } })
  const append = () => out.append(wrap(elements({ _id: new ObjectId() })))
  for (let i = 0; i < 2; i++) {
    append()
    await out.full()
  }
  append()
  const close = () => {
    const closing = { isClosed: false, end: Promise.resolve() }
    closing.end = out.close().finally(() => {
      closing.isClosed = true
    })
    closing.end.catch(() => undefined)
    return closing
  }
  return { inserts, close }
}

test('a writer that failed sends nothing more, and is closed when nothing is under way', async () => {
  const { inserts, close } = await busyWriter()
  inserts[0]?.fail(new Error('refused'))
  await new Promise(setImmediate)
  const closing = close()
  await new Promise(setImmediate)
  expect({ isClosed: closing.isClosed, sent: inserts.length }).toEqual({ isClosed: false, sent: 2 })
  inserts[1]?.answer(1)
  await expect(closing.end).rejects.toThrow('refused')
})

test('a writer that is closed while as much is under way as may be waits for all of it', async () => {
  const { inserts, close } = await busyWriter()
  const closing = close()
  inserts[0]?.fail(new Error('refused'))
  await new Promise(setImmediate)
  expect({ isClosed: closing.isClosed, sent: inserts.length }).toEqual({ isClosed: false, sent: 3 })
  for (const { answer } of inserts) answer(1)
  await expect(closing.end).rejects.toThrow('refused')
})
