import { setTimeout } from 'node:timers/promises'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import type { Status } from '../../src/web/api.ts'
import { openVictims, type ServerName, type Victims } from '../chaos/servers.ts'
import { runPipeline } from '../run.ts'
import { ask, listenTo } from './http.ts'
import { type Served, serve } from './place.ts'

const names = { bronze: 'bronze_db', silver: 'silver_db', goldSchema: 'public' }
let victims: Victims
let client: MongoClient
let served: Served

beforeAll(async () => {
  victims = await openVictims()
  client = await MongoClient.connect(victims.mongodbUri, { serverSelectionTimeoutMS: 5000 })
  await generate(client, { database: names.bronze, seed: 1, scale: 0.02 })
  await runPipeline(client, victims.postgresUrl, names)
  served = await serve({ client, postgresUrl: victims.postgresUrl, names })
})

afterAll(async () => {
  await served.close()
  await client.close()
  await victims.close()
})

/** What a path answers within a few seconds. */
async function becomes(path: string, status: number): Promise<unknown> {
  for (const end = Date.now() + 20_000; Date.now() < end; await setTimeout(100)) {
    const told = await ask(served.port, path)
    if (told.status === status) return told.json()
  }
  throw new Error(`${path} never answered ${status}`)
}

test.each<[ServerName, Status['down'][number], string]>([
  ['postgres', 'postgresql', '/api/pages/overview'],
  ['mongod', 'mongodb', '/api/trust'],
])('when %s goes away that is told, and when it comes back all is as before', async (server, name, path) => {
  const events = listenTo<Status>(served.port, '/api/events')
  const before = (await ask(served.port, path)).json()
  await events.until(({ down }) => down.length === 0)
  victims.signal(server, 'SIGKILL')
  await events.until(({ down }) => down.includes(name))
  expect(await becomes(path, 503)).toMatchObject({
    ...{ type: 'about:blank', title: 'Service Unavailable', status: 503, kind: 'server' },
    ...{ detail: expect.any(String), next: expect.any(String) },
  })
  const status = (await ask(served.port, '/api/status')).json()
  expect(status).toMatchObject({ down: [name], gold: name === 'postgresql' ? null : { run: expect.any(String) } })
  const told = events.told.length
  await victims.revive()
  expect(await becomes(path, 200)).toEqual(before)
  await events.until((last) => events.told.indexOf(last) >= told && last.down.length === 0)
  events.end()
})
