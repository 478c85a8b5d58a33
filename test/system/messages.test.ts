import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { describeFailure, reasonOf } from '../../src/system/errors.ts'
import { withoutQuotes } from '../../src/system/messages.ts'

const PHONE = '06 12 34 56 79'
const VALUES = /06 12|0612|12 34|Dupont|612345679/
const HIDDEN = 'its message is not shown, since it may quote a value'

async function thrownBy(work: () => Promise<unknown>): Promise<Error> {
  const error = await work().then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(error instanceof Error)) throw new Error('it did not fail')
  return error
}

/** Nothing of the data is told, in whichever way the error is told. */
function told(error: Error): string {
  process.env['LINGOT_DEBUG'] = '1'
  const { text } = describeFailure(new Error('Outer.', { cause: error }))
  delete process.env['LINGOT_DEBUG']
  expect(text).toContain('Caused by: ')
  expect(text).not.toMatch(VALUES)
  expect(reasonOf(error)).not.toMatch(VALUES)
  return reasonOf(error)
}

describe('MongoDB', () => {
  let client: MongoClient
  const things = () => client.db('messages_of_errors').collection('things')
  const compute = (expression: object) =>
    things()
      .aggregate([{ $set: { x: expression } }])
      .toArray()

  beforeAll(async () => {
    client = await MongoClient.connect(inject('mongodbUri'))
    await things().insertMany([
      { _id: 1 as never, phone: PHONE, name: "Jean 'd Dupont", number: 612345679 },
      { _id: PHONE as never },
    ])
    await things().createIndex({ phone: 1 }, { unique: true, name: 'by phone' })
  })
  afterAll(async () => {
    await client.db('messages_of_errors').dropDatabase()
    await client.close()
  })

  test.each<[string, () => Promise<unknown>, string]>([
    ['$toLong', () => compute({ $toLong: '$phone' }), `ConversionFailure (241) in $convert; ${HIDDEN}`],
    ['$toInt of a name', () => compute({ $toInt: '$name' }), `ConversionFailure (241) in $convert; ${HIDDEN}`],
    ['$toDate', () => compute({ $toDate: '$name' }), HIDDEN],
    ['$dateFromString', () => compute({ $dateFromString: { dateString: '$phone' } }), HIDDEN],
    ['$trim', () => compute({ $trim: { input: '$number' } }), `in $trim; ${HIDDEN}`],
    ['$arrayToObject', () => compute({ $arrayToObject: ['$name'] }), HIDDEN],
    ['$divide', () => compute({ $divide: ['$phone', 2] }), HIDDEN],
    ['$inc', () => things().updateOne({ phone: PHONE }, { $inc: { name: 1 } }), HIDDEN],
    [
      'JavaScript',
      () => compute({ $function: { body: 'function(x) { throw x }', args: ['$name'], lang: 'js' } }),
      HIDDEN,
    ],
    ['the same key again', () => things().insertOne({ phone: PHONE }), 'DuplicateKey (11000) in the index by of '],
    ['the same _id again', () => things().insertMany([{ _id: PHONE as never }]), 'DuplicateKey (11000) in the index '],
    [
      'a stage that is not known',
      () =>
        things()
          .aggregate([{ $jean: {} }])
          .toArray(),
      "Unrecognized pipeline stage name: '$jean'",
    ],
    ['an index that is there', () => things().createIndex({ phone: 1 }, { unique: true, name: 'twice' }), 'by phone'],
  ])('tells of %s without a value', async (_, work, expected) => {
    expect(told(await thrownBy(work))).toContain(expected)
  })
})

describe('PostgreSQL', () => {
  let client: pg.Client

  beforeAll(async () => {
    client = new pg.Client({ connectionString: inject('postgresUrl') })
    await client.connect()
    await client.query(`
      create temporary table people (
        id text primary key, age integer not null check (age < 150), name varchar(3), day date, spent numeric(4, 2)
      );
      insert into people values ('${PHONE}', 1);
      create function pg_temp.refuse() returns trigger language plpgsql as $$
        begin raise exception 'not %', new.id using errcode = coalesce(new.name, 'P0001'); end $$;
      create temporary table refused (id text, name text);
      create trigger refuse before insert on refused for each row execute function pg_temp.refuse();
    `)
  })
  afterAll(() => client.end())

  test.each([
    [`select '${PHONE}'::int`, 'a text is no value of the type (22P02), type integer; '],
    [`select 'Dupont'::date`, 'a text is no date or time (22007), type date; '],
    ['select 6123456790612::int', 'a number is out of range (22003); '],
    [`select '612345679061234567890'::bigint`, 'a number is out of range (22003), type bigint; '],
    [`select '{"Dupont'::json`, '(22P02); '],
    [`insert into people values ('${PHONE}', 2)`, 'a key is there already (23505), table '],
    [`insert into people values ('${PHONE}')`, 'a value is missing where none may be (23502), column age, table '],
    [`insert into people values ('0612', 612)`, 'a row breaks a rule of the table (23514), table '],
    [`insert into people values ('0612', 6, 'Dupont')`, 'a text is too long (22001); '],
    [`insert into refused values ('Dupont')`, 'a function or trigger refused it (P0001), function '],
    [`insert into refused values ('Dupont', '42501')`, 'a function or trigger refused it (42501), function '],
    // Of names alone.
    ['select nothing', 'column "nothing" does not exist'],
    ['select from nowhere', 'relation "nowhere" does not exist'],
    ['selec', 'syntax error at or near "selec"'],
  ])('tells of %s without a value', async (sql, expected) => {
    const reason = told(await thrownBy(() => client.query(sql)))
    expect(reason).toContain(expected)
    expect(reason.includes(HIDDEN)).toBe(/\(\w{5}\)/.test(expected))
  })

  test('tells of a line that was copied its place alone', async () => {
    const copying = () =>
      pipeline(Readable.from([`0612\t${PHONE}\tJean\t\\N\t\\N\n`]), client.query(copyFrom('copy people from stdin')))
    expect(told(await thrownBy(copying))).toBe(
      `a text is no value of the type (22P02), column age, table people, type integer; ${HIDDEN}`,
    )
  })
})

test.each([
  [
    `[CAST_INVALID_INPUT] The value '${PHONE}' of the type "STRING" cannot be cast to "INT". SQLSTATE: 22018`,
    '[CAST_INVALID_INPUT] The value … of the type …. SQLSTATE: 22018',
  ],
  [
    `java.lang.NumberFormatException: For input string: "${PHONE}"`,
    'java.lang.NumberFormatException: For input string: …',
  ],
  ["The value 'Jean 'd Dupont' is none", 'The value … is none'],
  [
    '[TABLE_OR_VIEW_NOT_FOUND] The table or view `x` cannot be found.',
    '[TABLE_OR_VIEW_NOT_FOUND] The table or view `x` cannot be found.',
  ],
])('of what Spark says, %j, %j is passed on', (line, expected) => {
  expect(withoutQuotes(line)).toBe(expected)
})
