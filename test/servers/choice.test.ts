import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { connect, createServer, type Server as Listener, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../src/servers/process.ts'
import { openMongodb, openPostgres, openServers, stopServers } from '../../src/servers/servers.ts'
import type { Config } from '../../src/settings/config.ts'
import { lingot, workFolder } from '../process.ts'
import { mongodb, portOf, postgres, write, written } from './clients.ts'
import { startBriefs } from './cluster.ts'
import { removeHome, serversOver, settingsOf, temporaryConfig } from './home.ts'

let config: Config
let other: Config
let briefs: Awaited<ReturnType<typeof startBriefs>>

beforeAll(async () => {
  briefs = await startBriefs()
  config = await temporaryConfig()
  other = await temporaryConfig()
})

afterAll(async () => {
  await briefs.stop()
  await removeHome(config)
  await removeHome(other)
})

/** Servers with the credentials of the brief that are nobody's own. */
const running = () => briefs

/** Another port that leads to one, from a second and a half on. */
async function late(to: number): Promise<{ port: number; close: () => void }> {
  const port = (await freePort(0)) ?? 0
  const sockets: Socket[] = []
  const listener = createServer((socket) => {
    const onwards = connect(to, '127.0.0.1')
    sockets.push(socket, onwards)
    for (const one of [socket, onwards]) one.on('error', () => undefined)
    socket.pipe(onwards).pipe(socket)
  })
  setTimeout(() => listener.listen(port, '127.0.0.1'), 1500)
  return {
    port,
    close() {
      listener.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

describe('a server at the usual address', () => {
  test('is used where it takes the credentials of the brief, and never ended', async () => {
    const { mongodb, postgres } = running()
    const usual = { ...other, mongodbPort: portOf(mongodb), postgresPort: portOf(postgres) }
    expect(await openServers(usual)).toMatchObject({
      mongodb: { origin: 'found', startedNow: false, uri: mongodb },
      postgres: { origin: 'found', startedNow: false, uri: postgres },
    })
    expect(await stopServers(usual)).toEqual({ mongodb: false, postgres: false })
    await write(await openServers(usual))
    expect(readdirSync(other.home)).toEqual(['bin'])

    const { status, stdout } = await lingot(['up'], settingsOf(usual))
    expect(stdout).toContain('they run on by themselves')
    expect(status).toBe(0)
  })

  test('is left alone where this home has data of its own', async () => {
    const own = await openServers(config)
    await write(own)
    await stopServers(config)
    const { mongodb, postgres } = running()
    const usual = { ...config, mongodbPort: portOf(mongodb), postgresPort: portOf(postgres) }
    for (const startedNow of [true, false]) {
      const opened = await openServers(usual)
      expect(opened).toMatchObject({
        mongodb: { origin: 'lingot', startedNow },
        postgres: { origin: 'lingot', startedNow },
      })
      expect(await written(opened)).toEqual([1, 1])
    }
    expect(await stopServers(usual)).toEqual({ mongodb: true, postgres: true })
    await removeHome(config)
    config = await temporaryConfig()
  })

  test("is left alone where it is another home's: each has its own, and its own data", async () => {
    const theirs = await openServers(other)
    const usual = { ...config, mongodbPort: other.mongodbPort, postgresPort: other.postgresPort }
    const doctor = await lingot(['doctor'], settingsOf(usual))
    expect(doctor.stdout).toContain(`what listens on port ${other.mongodbPort} is another folder's`)
    expect(doctor.stdout).toContain(`what listens on port ${other.postgresPort} is another folder's`)
    const own = await openServers(usual)
    expect([portOf(own.mongodb.uri), portOf(own.postgres.uri)]).toEqual([other.mongodbPort + 1, other.postgresPort + 1])
    await write(theirs)
    await write(own)
    await write(own)
    expect(await written(theirs)).toEqual([1, 1])
    expect(await written(own)).toEqual([2, 2])
    expect(await stopServers(usual)).toEqual({ mongodb: true, postgres: true })
    expect(serversOver(other)).toHaveLength(2)
    await removeHome(config)
    config = await temporaryConfig()
  })

  test('is left alone where it takes others: Lingot starts its own on the next free port', async () => {
    const theirs = await openServers(other)
    await mongodb(theirs.mongodb.uri, (client) => client.db('admin').command({ updateUser: 'admin', pwd: 'theirs' }))
    await postgres(theirs.postgres.uri, "alter role analyst password 'theirs'")
    const usual = { ...config, mongodbPort: other.mongodbPort, postgresPort: other.postgresPort }
    const own = await openServers(usual)
    expect([portOf(own.mongodb.uri), portOf(own.postgres.uri)]).toEqual([other.mongodbPort + 1, other.postgresPort + 1])
    await write(own)

    expect(await openServers(usual)).toMatchObject({
      mongodb: { origin: 'lingot', startedNow: false, uri: own.mongodb.uri },
      postgres: { origin: 'lingot', startedNow: false, uri: own.postgres.uri },
    })
    expect(await stopServers(usual)).toEqual({ mongodb: true, postgres: true })
    expect(serversOver(other)).toHaveLength(2)
    const [mongodbUri, postgresUrl] = [
      theirs.mongodb.uri.replace('admin123', 'theirs'),
      theirs.postgres.uri.replace('analyst123', 'theirs'),
    ]
    await mongodb(mongodbUri, (client) => client.db('admin').command({ updateUser: 'admin', pwd: 'admin123' }))
    await postgres(postgresUrl, "alter role analyst password 'analyst123'")
  })

  test('is left alone where it says nothing', async () => {
    const listening = (port: number) =>
      new Promise<Listener>((resolve) => {
        const listener = createServer(() => undefined)
        listener.listen(port, '127.0.0.1', () => resolve(listener))
      })
    const listeners = await Promise.all([config.mongodbPort, config.postgresPort].map(listening))
    const own = await openServers(config)
    expect([portOf(own.mongodb.uri), portOf(own.postgres.uri)]).toEqual([
      config.mongodbPort + 1,
      config.postgresPort + 1,
    ])
    expect(await written(own)).toEqual([1, 1])
    for (const listener of listeners) listener.close()
    // The lower port has become free: the running server is found all the same.
    expect(await openServers(config)).toMatchObject({ mongodb: { startedNow: false }, postgres: { startedNow: false } })
  })
})

describe('a server that is set', () => {
  test('is used', async () => {
    const { mongodb, postgres } = running()
    expect(await openServers({ ...config, mongodbUri: mongodb, postgresUrl: postgres })).toMatchObject({
      mongodb: { origin: 'configured', startedNow: false, uri: mongodb },
      postgres: { origin: 'configured', startedNow: false, uri: postgres },
    })
  })

  test.concurrent.each([
    ['mongodb://someone:s3cret@127.0.0.1:1', 'does not answer', /Start it or correct MONGODB_URI/],
    [
      'mongodb://someone:s3cret@127.0.0.1:1,127.0.0.1:2/?replicaSet=rs&serverSelectionTimeoutMS=300',
      'does not answer',
      /Start it or correct MONGODB_URI/,
    ],
    ['mongodb://someone:s3c/r@et@127.0.0.1:1', 'has no valid address', /Percent-encode .* MONGODB_URI: @ is %40/],
    ['postgresql://someone:s3c/r@et@127.0.0.1:1/gold_db', 'has no valid address', /Percent-encode .* POSTGRES_URL/],
    ['mongodb://someone:s3cret@MONGODB', 'refuses: Authentication failed', /Correct the user, password/],
    ['postgresql://someone:s3cret@127.0.0.1:1/gold_db', 'does not answer', /Start it or correct POSTGRES_URL/],
    [
      'postgresql://127.0.0.1:1/gold_db?user=someone&password=s3cret',
      'does not answer',
      /Start it or correct POSTGRES_URL/,
    ],
    [
      'postgresql://someone:s3cret@POSTGRES/gold_db',
      'refuses: password authentication failed',
      /Correct the user, password/,
    ],
    [
      'postgresql://analyst:analyst123@POSTGRES/nowhere',
      'refuses: database "nowhere" does not exist',
      /Correct the user, password or database/,
    ],
  ])('or reported, never replaced by another: %s', async (address, reason, next) => {
    const uri = address
      .replace('MONGODB', new URL(running().mongodb).host)
      .replace('POSTGRES', new URL(running().postgres).host)
    const isMongodb = uri.startsWith('mongodb')
    const opening = isMongodb
      ? openMongodb({ ...config, mongodbUri: uri })
      : openPostgres({ ...config, postgresUrl: uri })
    const error = await opening.then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toMatchObject({ kind: 'server', exitCode: 4, next: expect.stringMatching(next) })
    const { message } = error as Error
    expect(message).toContain(`set by ${isMongodb ? 'MONGODB_URI' : 'POSTGRES_URL'}, ${reason}`)
    expect(message).not.toMatch(/s3c|analyst123/)
    expect(message).toContain('***')
  })

  test('is waited for a moment, where it is just being started', async () => {
    const set = { ...config, mongodbUri: running().mongodb, postgresUrl: running().postgres }
    const [first, second] = await Promise.all([late(portOf(set.mongodbUri)), late(portOf(set.postgresUrl))])
    set.mongodbUri = set.mongodbUri.replace(/:\d+$/, `:${first.port}`)
    set.postgresUrl = set.postgresUrl.replace(/:\d+\//, `:${second.port}/`)
    expect(await openServers(set)).toMatchObject({
      mongodb: { origin: 'configured' },
      postgres: { origin: 'configured' },
    })
    first.close()
    second.close()
  })

  test.each(['environment', '.env'])('counts from the %s', async (place) => {
    const folder = workFolder()
    const settings = { POSTGRES_URL: 'postgresql://someone:s3cret@127.0.0.1:1/gold_db' }
    if (place === '.env') await writeFile(join(folder, '.env'), `POSTGRES_URL=${settings.POSTGRES_URL}\n`)
    const { postgresPort } = { postgresPort: portOf(running().postgres) }
    const found = settingsOf({ ...other, postgresPort })
    const { status, stdout, stderr } = await lingot(
      ['ask'],
      place === '.env' ? found : { ...found, ...settings },
      folder,
    )
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' })
    expect(stderr).toMatch(
      /^PostgreSQL at postgresql:\/\/someone:\*\*\*@127.0.0.1:1\/gold_db, set by POSTGRES_URL, does not answer/,
    )
  })
})

test('a command that writes says which servers, databases and schema it uses', async () => {
  const set = { MONGODB_URI: running().mongodb, POSTGRES_URL: running().postgres, LINGOT_GOLD_SCHEMA: 'gold_here' }
  const [mongodb, postgres] = [new URL(set.MONGODB_URI).host, new URL(set.POSTGRES_URL).host]
  const first = async (...args: string[]) => (await lingot(args, set)).stdout.split('\n')[0]
  const gold = `gold_db.gold_here at ${postgres}`
  expect(await first('generate', '--scale', '0.02')).toBe(`bronze_db at ${mongodb}`)
  expect(await first('process')).toBe(`bronze_db → silver_db at ${mongodb}`)
  expect(await first('aggregate')).toBe(`silver_db at ${mongodb} → ${gold}`)
  expect(await first('run')).toBe(`bronze_db → silver_db at ${mongodb} → ${gold}`)
  expect(JSON.parse((await lingot(['run', '--json'], set)).stdout)).toMatchObject({ silver: expect.anything() })
})
