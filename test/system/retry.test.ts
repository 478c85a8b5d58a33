import { MongoNetworkError, MongoServerError } from 'mongodb'
import { expect, test, vi } from 'vitest'
import { freePort } from '../../src/servers/process.ts'
import { openMongodb, openPostgres } from '../../src/servers/servers.ts'
import { loadConfig } from '../../src/settings/config.ts'
import { LingotError } from '../../src/system/errors.ts'
import { isTransient, retried } from '../../src/system/retry.ts'
import { workFolder } from '../process.ts'

const coded = (code: string) => Object.assign(new Error('it failed'), { code })

test.each<[string, unknown, boolean]>([
  ['a connection that is refused', coded('ECONNREFUSED'), true],
  ['a stream that ends early', coded('ERR_STREAM_PREMATURE_CLOSE'), true],
  ['a PostgreSQL that shuts down', coded('57P01'), true],
  ['a connection to PostgreSQL that was lost', new Error('Connection terminated unexpectedly'), true],
  [
    'a connection to PostgreSQL that is used after it was lost',
    new Error('Client has encountered a connection error and is not queryable'),
    true,
  ],
  ['a connection to MongoDB that was lost', new MongoNetworkError('connection 1 closed'), true],
  ['a MongoDB that shuts down', new MongoServerError({ message: 'interrupted', code: 11600 }), true],
  ['one of several addresses that may answer later', new AggregateError([coded('ECONNREFUSED')]), true],
  ['what was caused by such', new LingotError('server', 'x', 'y', { cause: coded('ECONNRESET') }), true],
  ['a password that is refused', coded('28P01'), false],
  ['a right that is missing', new MongoServerError({ message: 'not authorized', code: 13 }), false],
  ['a full disk', coded('53100'), false],
  ['a failure that names no cause', new LingotError('server', 'x', 'y'), false],
  ['what is no error', 'text', false],
])('%s', (_, error, expected) => {
  expect(isTransient(error)).toBe(expected)
})

test('what was tried often enough is not tried again by who waits for it', async () => {
  vi.useFakeTimers()
  try {
    const work = vi.fn(async () => {
      throw coded('ECONNRESET')
    })
    const tried = retried(() => retried(work)).catch((error: unknown) => error)
    await vi.runAllTimersAsync()
    expect(isTransient(await tried)).toBe(false)
    expect(isTransient(new LingotError('publish', 'x', 'y', { cause: await tried }))).toBe(false)
    expect(work).toHaveBeenCalledTimes(6)
  } finally {
    vi.useRealTimers()
  }
})

test('a server that is set and does not answer may be there later', async () => {
  const port = await freePort(0)
  const config = {
    ...(await loadConfig(workFolder(), {})),
    mongodbUri: `mongodb://127.0.0.1:${port}`,
    postgresUrl: `postgresql://analyst@127.0.0.1:${port}/gold_db`,
  }
  for (const open of [openMongodb, openPostgres]) {
    const failure: unknown = await open(config).catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'server' })
    expect(isTransient(failure)).toBe(true)
  }
})
