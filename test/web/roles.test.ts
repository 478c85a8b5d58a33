import { setTimeout } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startPostgres } from '../servers/cluster.ts'
import { openPlace, type Place } from '../trust/place.ts'
import { post } from './http.ts'
import { serve, TOKEN } from './place.ts'

/** Roles of a server, and how each is made. */
const roles: Readonly<Record<string, string>> = {
  reader: '',
  monitor: 'in role pg_monitor',
  owner: '',
  replicator: 'replication',
  programs: 'in role pg_execute_server_program',
  files: 'in role pg_read_server_files',
  signals: 'in role pg_signal_backend',
  everything: 'in role pg_read_all_data',
  sneaky: 'noinherit in role super',
  middle: 'in role sneaky',
}

let place: Place
let cluster: Cluster
let superuser: pg.Client

beforeAll(async () => {
  place = await openPlace()
  cluster = await startPostgres()
  superuser = await connected(cluster.url())
  for (const [role, rights] of Object.entries(roles))
    await superuser.query(`create role ${role} login password '${role}' ${rights}`)
  await superuser.query('alter database gold_db owner to owner')
})

afterAll(async () => {
  await superuser.end()
  await cluster.stop()
  await place.leave()
})

/** A server that has just been started listens before it lets anybody in. */
async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  return client.connect().then(
    () => client,
    async (error: { code?: string }) => {
      if (error.code !== '57P03') throw error
      await setTimeout(50)
      return connected(connectionString)
    },
  )
}

/** Puts a statement to a dashboard that reads as a user. */
async function asked(url: string, sql: string, { isReader = true, token = '' } = {}) {
  const config = isReader ? { postgresReaderUrl: url } : {}
  const { port, close } = await serve({ ...place, postgresUrl: url }, { config })
  const { status, json } = await post(
    port,
    '/api/sql',
    { sql },
    token === '' ? {} : { authorization: `Bearer ${token}` },
  )
  await close()
  return { status, ...json() }
}

describe('a statement of one’s own', () => {
  test.each(['reader', 'monitor', 'owner'])('is run as %s', async (role) => {
    expect(await asked(cluster.url(role), 'select current_user')).toMatchObject({ status: 200, rows: [[role]] })
  })

  test.each([
    ['super', 'which is a superuser'],
    ['replicator', 'which may do more than read'],
    ['programs', 'can become pg_execute_server_program, which may do more than read'],
    ['files', 'can become pg_read_server_files, which may do more than read'],
    ['signals', 'can become pg_signal_backend, which may do more than read'],
    ['everything', 'can become pg_read_all_data, which may read more than gold'],
    ['sneaky', 'can become super, which is a superuser'],
    ['middle', 'can become super, which is a superuser'],
  ])('is not run as %s, whoever asks', async (role, why) => {
    for (const settings of [{}, { isReader: false, token: TOKEN }]) {
      expect(await asked(cluster.url(role), 'select 1', settings)).toEqual({
        type: 'about:blank',
        title: 'Forbidden',
        status: 403,
        kind: 'permission',
        detail: expect.stringMatching(new RegExp(`not run as ${role}, .*${why}\\.$`)),
        next: expect.stringMatching(/POSTGRES_READER_URL.*`lingot grants`/),
      })
    }
  })

  test('is not run as a superuser who has put on another role', async () => {
    const url = `${cluster.url()}?options=${encodeURIComponent('-c role=reader')}`
    const told = await asked(url, "select set_config('role', 'super', true), pg_read_file('PG_VERSION')")
    expect(told).toMatchObject({ status: 403, detail: expect.stringContaining('not run as super') })
  })

  test('needs the token where gold is not read as a user of its own', async () => {
    const reads = (settings: { isReader: boolean; token?: string }) =>
      asked(cluster.url('reader'), 'select 1', settings)
    expect(await reads({ isReader: false })).toMatchObject({
      status: 401,
      next: expect.stringContaining('POSTGRES_READER_URL'),
    })
    expect(await reads({ isReader: false, token: 'other' })).toMatchObject({ status: 401 })
    expect(await reads({ isReader: false, token: TOKEN })).toMatchObject({ status: 200 })
    expect(await reads({ isReader: true })).toMatchObject({ status: 200 })
  })
})
