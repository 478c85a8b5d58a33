import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DURABLE } from '../../src/mongo/concerns.ts'
import { runsOf } from '../../src/runs/ownership.ts'
import { stage } from '../../src/silver/staging.ts'
import { openVictims, type Victims } from './servers.ts'

let victims: Victims

beforeAll(async () => {
  victims = await openVictims()
})

afterAll(() => victims.close())

test.each([1, 2, 3])('a swap that was answered outlives a server that is killed the next moment (%i)', async () => {
  const run = new ObjectId()
  const client = await MongoClient.connect(victims.mongodbUri)
  const staging = await stage(client.db('silver'), ['customers', 'quarantine'], run, 'bronze')
  await staging.collection('customers').insertOne({ run }, { writeConcern: DURABLE })
  await staging.swapIn()
  victims.signal('mongod', 'SIGKILL')
  await client.close()

  const { mongodb } = await victims.revive()
  const again = await MongoClient.connect(mongodb.uri)
  const made = await runsOf(again.db('silver'), ['customers', 'quarantine'])
  await again.close()
  expect([...made.values()]).toEqual([run.toHexString(), run.toHexString()])
})
