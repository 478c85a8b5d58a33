import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { goldReader, readGold } from '../../src/postgres/reader.ts'
import { statements } from '../../src/web/statement.ts'
import { lingot, type Settings, startLingot } from '../process.ts'
import { noPooler, startPooler } from '../servers/pooler.ts'

const id = new ObjectId().toHexString()
const names = { bronze: `bronze_${id}`, silver: `silver_${id}`, schema: `gold_${id}` }

describe.skipIf(noPooler !== undefined)(`behind a pooler of transactions${noPooler ? `: ${noPooler}` : ''}`, () => {
  let mongodb: MongoClient
  let pooler: Awaited<ReturnType<typeof startPooler>>
  let settings: Settings

  beforeAll(async () => {
    mongodb = await MongoClient.connect(inject('mongodbUri'))
    await generate(mongodb, { database: names.bronze, scale: 0.05 })
    pooler = await startPooler(inject('postgresUrl'))
    settings = {
      MONGODB_URI: inject('mongodbUri'),
      POSTGRES_URL: pooler.url,
      LINGOT_BRONZE_DB: names.bronze,
      LINGOT_SILVER_DB: names.silver,
      LINGOT_GOLD_SCHEMA: names.schema,
    }
  })

  afterAll(async () => {
    await pooler.stop()
    await mongodb.db(names.bronze).dropDatabase()
    await mongodb.db(names.silver).dropDatabase()
    await mongodb.close()
    const client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    await client.query(`drop schema if exists ${names.schema} cascade`)
    await client.end()
  })

  const file = join(tmpdir(), `${names.schema}.html`)

  test.each([
    [['run']],
    [['ask']],
    [['explain', 'product', 'Laptop']],
    [['report']],
    [['report', '--html', file]],
    [['check']],
    [['doctor']],
  ])('lingot %s works', async (args) => {
    for (const url of [pooler.url, `${pooler.url}?statement_timeout=60000`]) {
      const { status, stderr } = await lingot(args, { ...settings, POSTGRES_URL: url })
      expect({ status, stderr }).toEqual({ status: 0, stderr: expect.not.stringMatching(/unsupported|→/) })
    }
    rmSync(file, { force: true })
  })

  test('the dashboard works', async () => {
    const { printed, output, child, ended } = startLingot(['serve', '--port', '0'], settings)
    await printed('/#token=')
    const [address = ''] = /http:\S+\//.exec(output.stdout) ?? []
    const status = await fetch(`${address}api/status`).then((response) => response.json())
    expect(status).toMatchObject({ gold: { run: expect.any(String) }, down: [] })
    child.kill('SIGINT')
    await ended
  })

  test('a question that takes too long is ended by its time, and by no more', async () => {
    const asked = (url: string, sql: string) => readGold(url, names.schema, (query) => query(sql))
    await expect(asked(`${pooler.url}?statement_timeout=200`, 'select pg_sleep(5)')).rejects.toThrow('took longer')
    // Neither the next on the same backend, nor one in a pool of its own, has that time.
    expect((await asked(pooler.url, "select current_setting('statement_timeout')")).rows).toEqual([['30s']])
    const reader = goldReader(`${pooler.url}?application_name=x&statement_timeout=7000`, names.schema)
    const rows = await reader.read((query) => query("select current_setting('statement_timeout')"))
    expect(rows.rows).toEqual([['7s']])
    await reader.close()
  })

  test('a statement is not cancelled, since by then its backend may be a stranger’s', async () => {
    const cancelling = new AbortController()
    const asked = statements(pooler.url, names.schema).ask('select from pg_sleep(2.5)', cancelling.signal)
    await setTimeout(500)
    cancelling.abort()
    await asked.catch(() => undefined)
    await setTimeout(700)
    // Whoever asked has gone; the backend ends it in its own time.
    const client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    const { rows } = await client.query(
      "select from pg_stat_activity where query like 'fetch forward%' and state = 'active'",
    )
    await client.end()
    expect(rows).toHaveLength(1)
  })
})

test('without a pooler a statement is cancelled when nobody waits for it', async () => {
  const cancelling = new AbortController()
  const asked = statements(inject('postgresUrl'), 'public').ask('select 1 as slept from pg_sleep(9)', cancelling.signal)
  void setTimeout(300).then(() => cancelling.abort())
  const started = performance.now()
  await expect(asked).rejects.toThrow()
  expect(performance.now() - started).toBeLessThan(5000)
})
