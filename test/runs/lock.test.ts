import { setTimeout } from 'node:timers/promises'
import { ObjectId } from 'bson'
import { type Db, MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { declareDead, heldLock, lockSilver, readHolder, thisProcess } from '../../src/runs/lock.ts'
import { identityOf } from '../../src/system/alive.ts'

let client: MongoClient
let silver: Db

beforeAll(async () => {
  client = await MongoClient.connect(inject('mongodbUri'))
  silver = client.db(`silver_${new ObjectId().toHexString()}`)
})

afterAll(async () => {
  await silver.dropDatabase()
  await client.close()
})

const locks = () => silver.collection<{ _id: string }>('lock')
const take = (run = new ObjectId()) => lockSilver(silver, { run, command: 'run' })
const seen = () => readHolder(silver, { timeoutMS: 2000 })
const progress = (done: number) => ({ step: 'clean transactions', done, total: 10 })

/** Waits until the lock tells something. */
async function told(done: number): Promise<void> {
  for (const end = Date.now() + 5000; (await seen())?.progress?.done !== done; await setTimeout(20)) {
    if (Date.now() > end) throw new Error(`${done} was never told`)
  }
}

test('a job that was given up holds nothing any more, whatever its tasks still do', async () => {
  const run = new ObjectId()
  const begun = await lockSilver(silver, { run, command: 'run', engine: 'spark' })
  const task = await heldLock(silver, run)
  await declareDead(silver, run)
  await expect(task.renew()).rejects.toMatchObject({ kind: 'busy' })
  const next = await lockSilver(silver, { run: new ObjectId(), command: 'run' }, { noWait: true })
  expect(await next.remains()).toMatchObject({ dead: { run, engine: 'spark' } })
  await next.clearRemains()
  await next.release()
  for (const lock of [begun, task]) lock.leave()
})

describe('who looks at the lock', () => {
  test('sees who holds it, what they do, and nobody when they have let go', async () => {
    expect(await seen()).toBeUndefined()
    const run = new ObjectId()
    const lock = await take(run)
    expect(await seen()).toMatchObject({ holder: { run, command: 'run', pid: process.pid }, progress: undefined })
    lock.tell(progress(1))
    await told(1)
    expect(await seen()).toMatchObject({ progress: progress(1) })
    await lock.release()
    expect(await seen()).toBeUndefined()
  })

  test('is told the last of much, about once a second, and nothing after the end', async () => {
    const lock = await take()
    const writes = await writesDuring(async () => {
      for (let done = 1; done <= 200; done++) {
        lock.tell(progress(done))
        await setTimeout(5)
      }
      await told(200)
    })
    expect(writes).toBeLessThanOrEqual(4)
    lock.tell(progress(201))
    await lock.release()
    lock.tell(progress(202))
    await setTimeout(1500)
    expect(Object.keys((await locks().findOne()) ?? {})).toEqual(['_id'])
  })

  test('sees nothing of one before, nor of a holder that died', async () => {
    const dead = { run: new ObjectId(), command: 'run', pid: 1, host: 'elsewhere', machine: 'elsewhere' }
    const state = { holder: { ...dead, since: new Date() }, renewed: new Date(), progress: progress(5) }
    await locks().updateOne({ _id: 'silver' }, { $set: state })
    expect(await seen()).toMatchObject({ holder: { host: 'elsewhere' }, progress: progress(5) })
    await locks().updateOne({ _id: 'silver' }, { $set: { renewed: new Date(Date.now() - 31_000) } })
    expect(await seen()).toBeUndefined()
    const lock = await take()
    expect(await seen()).toMatchObject({ holder: { pid: process.pid }, progress: undefined })
    await lock.clearRemains()
    await lock.release()
  })

  test.each([
    ['when this one did', { beginning: identityOf(process.pid).beginning }, true],
    ['at another time, which has ended', { beginning: 'once' }, false],
    ['nobody knows when, as older versions left it', {}, true],
  ])('sees one with the number of this process that began %s', async (_, beginning, isSeen) => {
    const { pid, host, machine } = thisProcess()
    const holder = { run: new ObjectId(), command: 'run', pid, ...beginning, host, machine, since: new Date() }
    await locks().updateOne({ _id: 'silver' }, { $set: { holder, renewed: new Date() } })
    expect((await seen())?.holder).toEqual(isSeen ? holder : undefined)
    await locks().updateOne({ _id: 'silver' }, { $unset: { holder: '', renewed: '' } })
  })
})

/** How many times progress was written meanwhile: each leaves another value. */
async function writesDuring(work: () => Promise<void>): Promise<number> {
  const values = new Set<number | null | undefined>()
  let isOver = false
  const watching = (async () => {
    while (!isOver) {
      values.add((await seen())?.progress?.done)
      await setTimeout(5)
    }
  })()
  await work()
  isOver = true
  await watching
  values.delete(undefined)
  return values.size
}
