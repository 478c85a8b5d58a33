import { ObjectId } from 'bson'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { ask } from '../../src/gold/questions.ts'
import { describeFailure, failures } from '../../src/system/errors.ts'
import { lingot } from '../process.ts'

const schema = `gold_${new ObjectId().toHexString()}`
let postgres: pg.Client

beforeAll(async () => {
  postgres = new pg.Client({ connectionString: inject('postgresUrl') })
  await postgres.connect()
  await postgres.query(`create schema ${schema}; create table ${schema}.sales (amount int)`)
})

afterAll(async () => {
  await postgres.query(`drop schema ${schema} cascade`)
  await postgres.end()
})

const question = { number: 6, name: '6', title: 'Of your own?', note: '' }

/** How the command line would end after a question of one's own. */
async function ended(sql: string, url = inject('postgresUrl')): Promise<{ text: string; exitCode: number }> {
  return ask(url, schema, [{ ...question, sql }]).then(() => ({ text: '', exitCode: 0 }), describeFailure)
}

describe('a question may only read', () => {
  test.each([
    ['insert into sales values (1)', 'INSERT'],
    ['with new as (insert into sales values (1) returning amount) select amount from new', 'SELECT'],
    ['delete from sales', 'DELETE'],
    ['drop table sales', 'DROP TABLE'],
    ['create table more ()', 'CREATE TABLE'],
    ["select setval('count', 2)", 'setval()'],
  ])('%s', async (sql, what) => {
    await postgres.query(`create sequence if not exists ${schema}.count`)
    expect(await ended(sql)).toEqual({
      text: `A question may only read: cannot execute ${what} in a read-only transaction.\n→ Change gold with a model and \`lingot run\`.`,
      exitCode: failures.permission.exit,
    })
  })

  test.each([
    ['commit; insert into sales values (1)', 'server', 'cannot insert multiple commands'],
    ['select 1; commit; drop table sales', 'server', 'cannot insert multiple commands'],
    ['commit', 'permission', 'COMMIT gives no table'],
    ['set transaction read write', 'permission', 'cannot set transaction read-write mode'],
    ['set session characteristics as transaction read write', 'permission', 'SET gives no table'],
  ] as const)('and not leave its transaction: %s', async (sql, kind, message) => {
    const { text, exitCode } = await ended(sql)
    expect(text).toContain(message)
    expect(exitCode).toBe(failures[kind].exit)
  })

  test('so that nothing has changed after all of them', async () => {
    expect((await postgres.query(`select from ${schema}.sales`)).rowCount).toBe(0)
  })
})

test('a question that takes too long is ended', async () => {
  const url = `${inject('postgresUrl')}?statement_timeout=200`
  const asked = Date.now()
  expect(await ended('select pg_sleep(20)', url)).toEqual({
    text:
      'PostgreSQL ended the question: it took longer than it may.\n' +
      '→ Make it cheaper, or allow more milliseconds in the address: `?statement_timeout=60000`.',
    exitCode: failures.server.exit,
  })
  expect(Date.now() - asked).toBeLessThan(10_000)
})

test('without a time-out in its address it has 30 seconds', async () => {
  const [answer] = await ask(inject('postgresUrl'), schema, [{ ...question, sql: 'show statement_timeout' }])
  expect(answer?.rows).toEqual([['30s']])
})

test.each(['ask', 'explain'])('%s goes to the reader, where one is set', async (command) => {
  const settings = {
    MONGODB_URI: inject('mongodbUri'),
    POSTGRES_URL: inject('postgresUrl'),
    POSTGRES_READER_URL: 'postgresql://reader:s3cret@127.0.0.1:1/gold_db',
  }
  const args = command === 'ask' ? [command] : [command, 'product', 'Laptop']
  const { status, stdout, stderr } = await lingot(args, settings)
  expect({ status, stdout }).toEqual({ status: failures.server.exit, stdout: '' })
  expect(stderr).toMatch(
    /^PostgreSQL at postgresql:\/\/reader:\*\*\*@127.0.0.1:1\/gold_db, set by POSTGRES_READER_URL, does not answer.*\n→ .*POSTGRES_READER_URL/,
  )
})
