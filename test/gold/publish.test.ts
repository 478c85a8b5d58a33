import { setTimeout } from 'node:timers/promises'
import { ObjectId } from 'bson'
import { MongoClient } from 'mongodb'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import type { AggregateOptions, Built } from '../../src/gold/aggregator.ts'
import { goldInPlace } from '../../src/gold/in_place.ts'
import { readModels } from '../../src/gold/models.ts'
import { readGold } from '../../src/postgres/reader.ts'
import { describeFailure } from '../../src/system/errors.ts'
import { lingot } from '../process.ts'
import { aggregateSilver, runPipeline, runProcessor } from '../run.ts'
import { type Cluster, startPostgres } from '../servers/cluster.ts'
import { hasBouncer, startBouncer } from './bouncer.ts'
import { olderGold, olderNames } from './older.ts'

const id = new ObjectId().toHexString()
const names = { bronze: `bronze_${id}`, silver: `silver_${id}` }
const shop = { id: '0b1c', bronze: 'shop-1:27017/bronze_db' }
const models = readModels()
/** The schema that holds gold as it is made. */
const template = 'gold_made'

let mongodb: MongoClient
let cluster: Cluster
let admin: pg.Client
let number = 0
/** Of one test alone. */
let schema: string

beforeAll(async () => {
  mongodb = await MongoClient.connect(inject('mongodbUri'))
  cluster = await startPostgres()
  admin = await connected(cluster.url())
  await admin.query("create role lingot login password 'lingot'; create role anna login password 'anna'")
  await admin.query(
    'grant create on database gold_db to lingot; grant lingot to anna; create role berta; grant berta to lingot',
  )
  await generate(mongodb, { database: names.bronze, seed: 5, scale: 0.02 })
  await runProcessor(mongodb, names as never)
  schema = template
  await aggregate()
})

afterAll(async () => {
  await admin.end()
  await cluster.stop()
  await mongodb.db(names.bronze).dropDatabase()
  await mongodb.db(names.silver).dropDatabase()
  await mongodb.close()
})

beforeEach(() => {
  schema = `gold_${++number}`
})

async function connected(url: string): Promise<pg.Client> {
  // A server that has just been started listens before it answers.
  for (let left = 50; ; left--) {
    const client = new pg.Client({ connectionString: url })
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (left === 0) throw error
      await setTimeout(100)
    }
  }
}

/** Makes gold of silver, as the user who may create schemas and no more. */
function aggregate(options: Partial<AggregateOptions> = {}, user = 'lingot'): Promise<Built> {
  return aggregateSilver(mongodb, cluster.url(user), { silver: names.silver, goldSchema: schema, shop, ...options })
}

/** Lets the schema hold what `aggregate` makes in it, in a tenth of its time. */
async function made(): Promise<void> {
  await emptySchema()
  await inGold(`do $$ declare t record; statement text; begin
    for t in select oid, relname as name from pg_class where relnamespace = '${template}'::regnamespace and relkind = 'r'
    loop
      execute format('create table %I (like ${template}.%1$I including all excluding indexes)', t.name);
      execute format('comment on table %I is %L', t.name, obj_description(t.oid));
      execute format('insert into %I table ${template}.%1$I', t.name);
      for statement in select format('alter table %I add constraint %I %s', t.name, conname, pg_get_constraintdef(oid))
        from pg_constraint where conrelid = t.oid and conindid <> 0
      loop execute statement; end loop;
    end loop; end $$`)
}

/** How a command would end. */
async function failure(work: Promise<unknown>): Promise<{ text: string; exitCode: number }> {
  return work.then(
    () => ({ text: 'done', exitCode: 0 }),
    (error: unknown) => describeFailure(error),
  )
}

/** Runs statements in the schema, as its owner. */
async function inGold(sql: string): Promise<Record<string, unknown>[]> {
  await admin.query(`set search_path to ${schema}`)
  await admin.query('set role lingot')
  try {
    const result: unknown = await admin.query(sql)
    return (Array.isArray(result) ? result.at(-1) : result).rows
  } finally {
    await admin.query('reset role')
  }
}

async function emptySchema(): Promise<void> {
  await admin.query(`create schema ${schema} authorization lingot`)
}

describe('what is not a table of Lingot', () => {
  test.each([
    ['a table', 'create table monthly_sales (id int, note text)', 'monthly_sales'],
    ['a view', 'create view monthly_sales as select 1 as a', 'monthly_sales (view)'],
    ['a materialized view', 'create materialized view gold_run as select 1 as a', 'gold_run (materialized view)'],
    ['a sequence', 'create sequence customer_metrics', 'customer_metrics (sequence)'],
    ['an index', 'create table t (a int); create index reconciliation on t (a)', 'reconciliation (index)'],
    ['a composite type', 'create type reconciliation as (a int)', 'reconciliation (type)'],
    ['an enum', "create type reconciliation as enum ('a')", 'reconciliation (type)'],
    ['a domain', 'create domain reconciliation as int', 'reconciliation (domain)'],
    [
      'a partitioned table',
      'create table monthly_sales (a int) partition by list (a)',
      'monthly_sales (partitioned table)',
    ],
    [
      'a table that says what it is and has a key',
      "create table gold_run (run text primary key); comment on table gold_run is 'mine'; comment on column gold_run.run is 'mine'",
      'gold_run',
    ],
  ])('ends the run before it writes anything: %s', async (_, sql, what) => {
    await emptySchema()
    await inGold(sql)
    const before = await mongodb.db(names.silver).listCollections().toArray()
    const all = { ...names, goldSchema: schema }
    expect(await failure(runPipeline(mongodb, cluster.url('lingot'), all))).toEqual({
      exitCode: 8,
      text: expect.stringMatching(
        /^gold_\d+\.(.+) is not a table of Lingot, and gold.*goldSchema.*LINGOT_GOLD_SCHEMA/s,
      ),
    })
    expect((await failure(aggregate())).text).toContain(`${schema}.${what} is not a table of Lingot`)
    const { rows } = await admin.query('select relname from pg_class where relnamespace = to_regnamespace($1)', [
      schema,
    ])
    expect(rows.length).toBeLessThan(models.length)
    expect(await mongodb.db(names.silver).listCollections().toArray()).toEqual(before)
  })

  test('stays, with its rows, in public', async () => {
    await admin.query(`create table public.monthly_sales (id int, note text);
      insert into public.monthly_sales values (1, 'ten years of own data');
      create table public.reconciliation (bank text, eur numeric)`)
    const { status, stderr } = await lingot(['run'], {
      MONGODB_URI: inject('mongodbUri'),
      POSTGRES_URL: cluster.url(),
      LINGOT_BRONZE_DB: names.bronze,
      LINGOT_SILVER_DB: names.silver,
    })
    expect(status).toBe(8)
    expect(stderr).toContain('public.monthly_sales is not a table of Lingot, nor is public.reconciliation')
    expect((await admin.query('select * from public.monthly_sales')).rows).toEqual([
      { id: 1, note: 'ten years of own data' },
    ])
    await admin.query('drop table public.monthly_sales, public.reconciliation')
  })
})

test('who listens on lingot_gold hears of each run that was published, and of no other', async () => {
  const listener = await connected(cluster.url('anna'))
  const heard: (string | undefined)[] = []
  listener.on('notification', ({ channel, payload }) => heard.push(`${channel} ${payload}`))
  await listener.query('listen lingot_gold')
  const make = (id: string, options: Partial<AggregateOptions> = {}) =>
    aggregate({ run: { id, started: new Date() }, ...options })
  const refuse = async () => {
    throw new Error('not now')
  }
  await made()
  await make('one')
  await expect(make('lost', { beforeCommit: refuse })).rejects.toThrow('not now')
  await make('two')
  await make('three', { only: 'monthly_revenue' })
  // The answer comes behind what was told before.
  await listener.query('select')
  // One table was made beside the gold of the run before.
  expect(heard).toEqual(['lingot_gold one', 'lingot_gold two', 'lingot_gold two'])
  await listener.end()
})

describe('a mark', () => {
  test('stands below the description of each table', async () => {
    await aggregate()
    const { rows } = await admin.query<{ name: string; comment: string }>(
      "select relname as name, obj_description(oid) as comment from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r'",
      [schema],
    )
    const month = rows.find(({ name }) => name === 'monthly_revenue')
    expect(
      month?.comment,
    ).toBe(`How sales evolve. One row per month (UTC unless timeZone is set) with at least one sale.

Lingot shop 0b1c of shop-1:27017/bronze_db
Columns of monthly_revenue: month, total_revenue, total_transactions, unique_customers, avg_transaction_value`)
    expect(rows).toHaveLength(models.length)
    for (const { comment } of rows)
      expect(comment).toContain('\n\nLingot shop 0b1c of shop-1:27017/bronze_db\nColumns of ')
    expect(await inGold('select shop, bronze from gold_run')).toEqual([{ shop: shop.id, bronze: shop.bronze }])
  })

  const other = { id: '7777', bronze: 'shop-2:27017/bronze_db' }

  test('of another shop ends the run, unless it is told to take over', async () => {
    await aggregate({ shop: other })
    expect(await failure(aggregate())).toEqual({
      exitCode: 8,
      text: `${schema} holds the gold of shop-2:27017/bronze_db, and this run makes that of shop-1:27017/bronze_db.
→ Nothing was changed. Give gold a schema of its own: goldSchema in the configuration file, or LINGOT_GOLD_SCHEMA. Where it is to be replaced, add --take-over.`,
    })
    await aggregate({ takeOver: true })
    expect(await goldInPlace(cluster.url(), schema)).toMatchObject({ shop })
    expect((await failure(aggregate({ shop: other }))).exitCode).toBe(8)
  })

  test.each([
    ['the same bronze by another id', { ...shop, id: 'ffff' }],
    ['the same id at another address', { ...shop, bronze: 'elsewhere/bronze_db' }],
  ])('of the same shop lets it through: %s', async (_, same) => {
    await aggregate({ shop: same })
    await aggregate()
    expect(await goldInPlace(cluster.url(), schema)).toMatchObject({ shop })
  })

  test('tells which run made the gold in place', async () => {
    expect(await goldInPlace(cluster.url(), schema)).toBeNull()
    await aggregate({ run: { id: '65a0', started: new Date(5) } })
    await aggregate({ run: { id: '65a1', started: new Date(0) } })
    expect(await goldInPlace(cluster.url(), schema)).toMatchObject({ run: '65a1', shop })
    await inGold('drop table gold_run; create table gold_run (run text); insert into gold_run values (1)')
    expect(await goldInPlace(cluster.url(), schema)).toBeNull()
  })
})

describe('the gold of an older version', () => {
  beforeEach(async () => {
    await admin.query(`set role lingot; ${olderGold(schema)}; reset role`)
  })

  test('is recognised, and upgraded with the views and rights on it', async () => {
    await inGold(`insert into gold_run values ('65a0', '2026-03-01 02:00:00');
      create view last_run as select run, started from gold_run;
      grant select on gold_run, monthly_revenue, last_run to anna`)
    expect(await goldInPlace(cluster.url(), schema)).toMatchObject({ run: '65a0', shop: null })
    await aggregate({ run: { id: '65a1', started: new Date('2026-03-02T02:00:00.000Z') } })
    expect(await goldInPlace(cluster.url(), schema)).toMatchObject({ run: '65a1', shop })
    const asAnna = await connected(cluster.url('anna'))
    await asAnna.query(`set timezone to 'UTC'`)
    const { rows } = await asAnna.query(`select run, started::text from ${schema}.last_run`)
    expect(rows).toEqual([{ run: '65a1', started: '2026-03-02 02:00:00+00' }])
    await asAnna.query(`select from ${schema}.monthly_revenue`)
    await asAnna.end()
  })

  test('has tables that are left out now, which are told of before the upgrade and after it', async () => {
    await inGold("insert into gold_run values ('65a0', '2026-03-01 02:00:00')")
    const leftOut = { models: ['customer_cohorts'], questions: [] }
    const without = { project: { models: [], questions: [], filters: [], leftOut } }
    expect((await aggregate(without)).unmade).toEqual(['customer_cohorts'])
    expect((await aggregate(without)).unmade).toEqual(['customer_cohorts'])
    expect((await aggregate({ ...without, prune: true })).unmade).toEqual([])
    expect(await inGold("select to_regclass('customer_cohorts') is null as gone")).toEqual([{ gone: true }])
  })

  test('is not taken for a user’s own table beside it', async () => {
    await inGold(`drop table monthly_sales; create table monthly_sales (id int primary key)`)
    expect((await failure(aggregate())).text).toContain(`${schema}.monthly_sales is not a table of Lingot`)
    const unknown = models.filter(({ name }) => !olderNames.includes(name))
    for (const { name } of unknown) {
      await inGold(
        `create table ${name} (id int primary key); comment on table ${name} is 'mine'; comment on column ${name}.id is 'mine'`,
      )
      expect((await failure(aggregate())).text).toContain(name)
    }
  })
})

describe('columns change in place', () => {
  /** Lets gold look as an earlier model made it. */
  async function earlier(): Promise<void> {
    await made()
    const [{ comment } = {}] = await inGold("select obj_description('monthly_revenue'::regclass) as comment")
    await inGold(`
      alter table monthly_revenue alter total_revenue type numeric(12, 2), alter total_revenue drop not null,
        drop column unique_customers, add forgotten text not null default '', add note text default 'mine', add mark int;
      alter table monthly_revenue alter forgotten drop default;
      comment on table monthly_revenue is ${pg.escapeLiteral(`${comment}`.replace('unique_customers', 'forgotten'))};
      create index own_index on monthly_revenue (total_revenue);
      grant select on monthly_revenue to anna`)
  }

  const shape = `select attname || ' ' || format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end as column
    from pg_attribute where attrelid = 'monthly_revenue'::regclass and attnum > 0 and not attisdropped order by attname`

  test('and a user’s own column, index and rights stay', async () => {
    await aggregate()
    const wanted = (await inGold(shape)).map(({ column }) => column)
    await inGold(`drop schema ${schema} cascade`)
    await earlier()
    const [before] = await inGold("select 'monthly_revenue'::regclass::oid as oid")
    await aggregate()
    expect(await inGold("select 'monthly_revenue'::regclass::oid as oid")).toEqual([before])
    expect((await inGold(shape)).map(({ column }) => column)).toEqual([...wanted, 'note text', 'mark integer'].sort())
    expect(await inGold('select distinct note, mark from monthly_revenue')).toEqual([{ note: 'mine', mark: null }])
    expect(await inGold("select to_regclass('own_index') is not null as there")).toEqual([{ there: true }])
    expect(await inGold("select has_table_privilege('anna', 'monthly_revenue', 'select') as may")).toEqual([
      { may: true },
    ])
    const [{ sum, rows } = {}] = await inGold(
      'select sum(unique_customers) as sum, count(*) as rows from monthly_revenue',
    )
    expect([Number(sum) > 0, Number(rows) > 0]).toEqual([true, true])
  })

  test('and the views that read them are made anew, one upon the other, with owner, rights and comments', async () => {
    await earlier()
    await inGold(`
      create view by_month with (security_barrier = true) as select month as m, total_revenue as revenue from monthly_revenue;
      create view best as select max(revenue) as best from by_month join gold_run on true;
      create view everything as select best.*, by_month.m from best, by_month;
      create view untouched as select month from monthly_revenue;
      grant create, usage on schema ${schema} to berta; grant select on all tables in schema ${schema} to berta;
      alter view best owner to berta;
      grant select on by_month, everything to public;
      grant select (best) on best to anna with grant option;
      comment on view everything is 'it all';
      comment on column best.best is 'the best';
      alter default privileges in schema ${schema} grant insert on tables to anna`)
    const told = `select relname, pg_get_viewdef(oid) as definition, relowner::regrole::text as owner, relacl::text as rights,
        reloptions, obj_description(oid) as comment, col_description(oid, 1::smallint) as meaning
      from pg_class where relkind = 'v' and relnamespace = to_regnamespace('${schema}') order by relname`
    const before = await inGold(told)
    const untouched = await inGold("select 'untouched'::regclass::oid as oid")
    await aggregate()
    const explicit = (rows: Record<string, unknown>[]) => rows.map(({ rights: _, ...row }) => row)
    expect(explicit(await inGold(told))).toEqual(explicit(before))
    const may = (
      await inGold(`
      select has_table_privilege('anna', 'by_month', 'select') as "select", has_table_privilege('anna', 'by_month', 'insert') as "insert",
        has_column_privilege('anna', 'best', 'best', 'select with grant option') as "column"`)
    )[0]
    expect(may).toEqual({ select: true, insert: true, column: true })
    expect(await inGold("select 'untouched'::regclass::oid as oid")).toEqual(untouched)
    const [{ best } = {}] = await inGold('select max(best) as best from everything')
    expect(Number(best)).toBeGreaterThan(0)
  })

  test.each([
    [
      'a materialized view',
      'create materialized view m as select sum(total_revenue) from monthly_revenue',
      'materialized view m',
    ],
    [
      'one upon a view',
      'create view v as select total_revenue from monthly_revenue; create materialized view m as select * from v',
      'materialized view m',
    ],
    [
      'a rule',
      'create table log (a int); create rule noted as on insert to log do also select total_revenue from monthly_revenue',
      'a rule of log',
    ],
    [
      'a generated column',
      'alter table monthly_revenue add double numeric generated always as (total_revenue * 2) stored',
      'column double of table monthly_revenue',
    ],
    [
      'a view of somebody else',
      'create view v as select total_revenue from monthly_revenue; reset role; alter view v owner to super; set role lingot',
      'view ',
    ],
    [
      'a view, and one upon it, on a column that goes',
      'create view lost as select forgotten from monthly_revenue; create view upon as select count(*) from lost',
      'view lost, view upon.',
    ],
  ])('unless what depends on them cannot be made anew, which is told before the work: %s', async (_, sql, what) => {
    await earlier()
    const before = await inGold('select * from monthly_revenue order by month')
    await inGold(sql)
    const steps: string[] = []
    const { text, exitCode } = await failure(aggregate({ onStep: (step) => steps.push(step) }))
    expect({ exitCode, steps }).toEqual({ exitCode: 8, steps: [] })
    expect(text.replaceAll(`${schema}.`, '')).toContain(what)
    expect((await inGold('select * from monthly_revenue order by month')).length).toBe(before.length)
  })

  test('and a view that PostgreSQL does not make anew is named', async () => {
    await earlier()
    await inGold('create view by_month as select total_revenue from monthly_revenue')
    await admin.query(`create function no_view() returns event_trigger language plpgsql as 'begin raise exception ''no''; end';
      create event trigger no_view on ddl_command_start when tag in ('CREATE VIEW') execute function no_view()`)
    const { text, exitCode } = await failure(aggregate({ history: { gold: false, keep: 1, size: 256 } }))
    await admin.query('drop event trigger no_view')
    expect(text).toContain(`the view ${schema}.by_month on them cannot be made anew`)
    expect(exitCode).toBe(8)
    await aggregate()
  })

  test('but not for ever where somebody holds a view on them', async () => {
    await earlier()
    await inGold('create view by_month as select total_revenue from monthly_revenue')
    const other = await connected(cluster.url('anna'))
    await other.query(`begin; alter view ${schema}.by_month set (security_barrier)`)
    expect((await failure(aggregate({ publishWait: 2 }))).text).toMatch(/lock timeout.*LINGOT_PUBLISH_WAIT/s)
    await other.end()
    await aggregate()
  })

  test('but one of a user’s own that bears a name of Lingot’s ends the run', async () => {
    await earlier()
    await inGold('alter table monthly_revenue add unique_customers text')
    expect((await failure(aggregate())).text).toContain("unique_customers is not Lingot's")
  })

  test('but one of a user’s own that must be filled ends the run', async () => {
    await made()
    await inGold(
      'alter table monthly_revenue add own int not null default 1; alter table monthly_revenue alter own drop default',
    )
    expect((await failure(aggregate())).text).toContain("monthly_revenue.own is not Lingot's, takes no null")
  })

  test('keys and what a test proves to be known are not null, points in time have a zone', async () => {
    await aggregate()
    expect((await inGold(shape)).map(({ column }) => column)).toContain('unique_customers bigint not null')
    const [{ type } = {}] = await inGold(
      "select format_type(atttypid, atttypmod) as type from pg_attribute where attrelid = 'gold_run'::regclass and attname = 'started'",
    )
    expect(type).toBe('timestamp with time zone')
  })
})

describe('a table that no model makes any more', () => {
  async function leave(name: string, whose = shop): Promise<void> {
    await inGold(`create table ${name} (a int);
      comment on table ${name} is 'was\n\nLingot shop ${whose.id} of ${whose.bronze}\nColumns of ${name}: a'`)
  }

  test('is told of, and dropped where that is wanted; those of others stay', async () => {
    await made()
    await leave('forsaken')
    await leave('of_another', { id: '9', bronze: 'elsewhere' })
    await inGold('create table own (a int); alter table monthly_revenue rename to renamed')
    expect((await aggregate()).unmade).toEqual(['forsaken'])
    const tables =
      "select array_agg(relname::text order by relname) as names from pg_class where relkind = 'r' and relnamespace = to_regnamespace('"
    expect((await aggregate({ prune: true })).unmade).toEqual([])
    const [{ names: left } = {}] = await inGold(`${tables}${schema}')`)
    expect(left).toEqual([...models.map(({ name }) => name), 'of_another', 'own', 'renamed'].sort())
  })

  test('is told of by the commands', async () => {
    const settings = {
      MONGODB_URI: inject('mongodbUri'),
      POSTGRES_URL: cluster.url(),
      LINGOT_BRONZE_DB: names.bronze,
      LINGOT_SILVER_DB: names.silver,
      LINGOT_GOLD_SCHEMA: schema,
    }
    expect(await lingot(['aggregate'], settings)).toMatchObject({ status: 0 })
    const { shop } = (await goldInPlace(cluster.url(), schema)) ?? {}
    const comment = `was\n\nLingot shop ${shop?.id} of ${shop?.bronze}\nColumns of forsaken: a`
    await admin.query(`create table ${schema}.forsaken (a int); comment on table ${schema}.forsaken is '${comment}'`)
    const told = 'No model makes the table forsaken any more: `lingot run --prune` drops it'
    for (const command of ['aggregate', 'report']) expect((await lingot([command], settings)).stdout).toContain(told)
    expect((await lingot(['aggregate', '--prune'], settings)).stdout).not.toContain(told)
    expect((await lingot(['report'], settings)).stdout).not.toContain(told)
  })

  test('stays where a view reads it, which ends the run', async () => {
    await made()
    await leave('forsaken')
    await inGold('create view v as select a from forsaken')
    expect((await failure(aggregate({ prune: true }))).text).toContain(`view ${schema}.v`)
    await aggregate()
  })
})

test('a new table gets the readers that gold has', async () => {
  await made()
  await inGold('grant select on gold_run to anna, public; drop table monthly_revenue')
  await aggregate()
  const [{ rights } = {}] = await inGold(
    "select relacl::text as rights from pg_class where oid = 'monthly_revenue'::regclass",
  )
  expect(rights).toMatch(/[{,]=r\/lingot/)
  expect(rights).toContain('anna=r/lingot')
})

test('a reader without rights is told the statement that gives them', async () => {
  await made()
  await admin.query("create role clara login password 'clara'")
  // By its full name: in a path of names, a schema that may not be used is passed over.
  const read = () => readGold(cluster.url('clara'), schema, (query) => query(`select run from ${schema}.gold_run`))
  const { text, exitCode } = await failure(read())
  expect(exitCode).toBe(6)
  const [, grant] = /run `(grant .*)`/.exec(text) ?? []
  await inGold(`${grant}`)
  await expect(read()).resolves.toMatchObject({ columns: [{ name: 'run' }] })
})

describe('who publishes', () => {
  test('is not held up by a reader’s locks, nor by advisory ones', async () => {
    await made()
    await inGold(`grant usage on schema ${schema} to public; grant select on all tables in schema ${schema} to public`)
    await admin.query("create role reader login password 'reader'")
    const reader = await connected(cluster.url('reader'))
    await reader.query(`begin; select pg_advisory_lock(hashtext('lingot'), hashtext('${schema}'));
      lock table ${schema}.gold_run, ${schema}.monthly_revenue in access share mode; select * from ${schema}.monthly_sales`)
    await expect(aggregate({ noWait: true })).resolves.toMatchObject({ sound: true })
    await reader.end()
  })

  test('says for whom it waits, since when, and gives up', async () => {
    await made()
    const other = await connected(cluster.url('anna'))
    await other.query(`set application_name to psql; begin; lock table ${schema}.gold_run in share mode`)
    const notes: string[] = []
    const begun = Date.now()
    const { text, exitCode } = await failure(aggregate({ publishWait: 7, onNote: (note) => notes.push(note) }, 'super'))
    expect(Date.now() - begun).toBeLessThan(20_000)
    const holder = new RegExp(
      `anna with psql \\(process \\d+\\) holds ${schema}\\.gold_run in Share mode, in a transaction since [\\d: -]+ UTC, which is idle`,
    )
    expect(notes).toEqual([expect.stringMatching(holder)])
    expect(text).toMatch(holder)
    expect(text).toMatch(/not free within 7 s.*LINGOT_PUBLISH_WAIT/s)
    expect(exitCode).toBe(8)
    await other.end()
  })

  test('gives up soon where waiting was not wanted', async () => {
    await made()
    const other = await connected(cluster.url('anna'))
    await other.query(`begin; lock table ${schema}.monthly_revenue in share mode`)
    const begun = Date.now()
    // What another role does with its transaction this one may not see.
    expect((await failure(aggregate({ noWait: true }))).text).toMatch(/anna.* since when this user may not see/)
    expect(Date.now() - begun).toBeLessThan(10_000)
    await other.query('commit')
    await aggregate({ noWait: true })
    await other.end()
  })

  test('goes on when the other one has ended', async () => {
    await made()
    const other = await connected(cluster.url('anna'))
    await other.query(`begin; lock table ${schema}.monthly_revenue in share mode`)
    const aggregating = aggregate()
    await setTimeout(2500)
    await other.query('commit')
    await expect(aggregating).resolves.toMatchObject({ sound: true })
    await other.end()
  })

  test('waits for readers where columns change, says so, and gives up', async () => {
    await made()
    await inGold('alter table monthly_revenue drop column unique_customers')
    const reader = await connected(cluster.url('anna'))
    await reader.query(`begin; select * from ${schema}.monthly_revenue`)
    expect((await failure(aggregate({ publishWait: 2 }, 'super'))).text).toMatch(`anna (process`)
    await reader.end()
    await aggregate()
  })

  test('does not wait for ever for who makes the schema', async () => {
    const other = await connected(cluster.url('anna'))
    await other.query(`begin; create schema ${schema}`)
    const { text, exitCode } = await failure(aggregate({ noWait: true }))
    expect(text).toMatch(new RegExp(`the schema ${schema} was not free within 5 s; anna`))
    expect(exitCode).toBe(8)
    await other.end()
    await aggregate()
  })

  test('says of a statement that somebody cancels that it was cancelled', async () => {
    await made()
    const other = await connected(cluster.url('anna'))
    await other.query(`begin; lock table ${schema}.gold_run in share mode`)
    const failing = failure(aggregate({ publishWait: 120 }))
    const cancel = `select pg_cancel_backend(pid) from pg_stat_activity where usename = 'lingot' and wait_event_type = 'Lock'`
    while ((await admin.query(cancel)).rowCount === 0) await setTimeout(200)
    const { text, exitCode } = await failing
    expect({ text, exitCode }).toEqual({ text: expect.stringContaining('Somebody ended the statement'), exitCode: 8 })
    expect(text).not.toContain('was not free')
    await other.end()
  })

  test('may be two who make the first gold', async () => {
    await Promise.all([aggregate(), aggregate(), aggregate()])
    expect(await inGold('select count(*)::int as rows from gold_run')).toEqual([{ rows: 1 }])
  })
})

describe.skipIf(!hasBouncer)('behind PgBouncer, which pools transactions', () => {
  test('gold is published, and who publishes says for whom it waits', async () => {
    const bouncer = await startBouncer(cluster.port, 2)
    try {
      await aggregateSilver(mongodb, bouncer.url('lingot'), { silver: names.silver, goldSchema: schema, shop })
      const other = await connected(cluster.url('anna'))
      await other.query(`begin; lock table ${schema}.monthly_revenue in share mode`)
      const options = { silver: names.silver, goldSchema: schema, shop, publishWait: 2 }
      expect((await failure(aggregateSilver(mongodb, bouncer.url('lingot'), options))).text).toContain('anna')
      await other.end()
      await aggregateSilver(mongodb, bouncer.url('lingot'), options)
    } finally {
      await bouncer.stop()
    }
  })
})

describe('what keeps rows from arriving is named', () => {
  test.each([
    [
      'a trigger that swallows rows',
      `delete from monthly_revenue;
       create function swallow() returns trigger language plpgsql as 'begin return null; end';
       create trigger swallower before insert on monthly_revenue for each row execute function swallow()`,
      /monthly_revenue holds 0 rows where \d+ were sent.*the trigger swallower/s,
    ],
    [
      'a trigger that swallows changes',
      `update monthly_revenue set total_revenue = 0;
       create function swallow() returns trigger language plpgsql as 'begin return null; end';
       create trigger swallower before update on monthly_revenue for each row execute function swallow()`,
      /monthly_revenue took 0 of \d+ rows that changed.*the trigger swallower/s,
    ],
    [
      'a rule that swallows changes',
      `update monthly_revenue set total_revenue = 0;
       create rule swallower as on update to monthly_revenue do instead nothing`,
      /monthly_revenue took 0 of \d+ rows that changed.*the rule swallower/s,
    ],
    [
      'a rule that keeps the old ones',
      `update monthly_revenue set month = month - 10000;
       create rule kept as on delete to monthly_revenue do instead nothing`,
      /monthly_revenue holds \d+ rows where \d+ were sent.*kept/s,
    ],
    [
      'a check',
      'update monthly_revenue set total_revenue = 0; alter table monthly_revenue add constraint own_check check (total_revenue < 0) not valid',
      /own_check.*drop it where it is your own/s,
    ],
    [
      'a unique column',
      'delete from monthly_sales; create unique index own_unique on monthly_sales (kind_of(product))',
      /own_unique/,
    ],
    [
      'a trigger that refuses',
      `delete from customer_metrics;
       create function refuse() returns trigger language plpgsql as 'begin raise exception ''no: %'', new; end';
       create trigger refuser before insert on customer_metrics for each row execute function refuse()`,
      /the error P0001, in the function gold_\d+\.refuse.*Drop the trigger/s,
    ],
    [
      'a foreign key',
      'create table plans (month date references monthly_revenue on delete cascade)',
      /plans_month_fkey of .*plans.*deferrable initially deferred/s,
    ],
    [
      'a foreign key that refuses',
      'create table plans (month date constraint fk references monthly_revenue)',
      /fk of .*plans.*deferrable initially deferred/s,
    ],
    [
      'row security',
      'alter table monthly_revenue enable row level security, force row level security',
      /row security hides rows of gold_\d+\.monthly_revenue.*no force row level security/s,
    ],
  ])('%s', async (_, sql, told) => {
    await made()
    await inGold(`create function kind_of(text) returns int immutable language sql as 'select 1'; ${sql}`)
    const before = await admin.query(`select run from ${schema}.gold_run`)
    const { text, exitCode } = await failure(aggregate())
    expect({ text, exitCode }).toEqual({ text: expect.stringMatching(told), exitCode: 8 })
    expect(text).not.toMatch(/CUST\d/)
    expect(text).not.toMatch(/→ Run it again/)
    expect((await admin.query(`select run from ${schema}.gold_run`)).rows).toEqual(before.rows)
  })

  test('a foreign key that is checked at the end is kept', async () => {
    await made()
    await inGold(`create table plans (month date references monthly_revenue deferrable initially deferred);
      insert into plans select min(month) from monthly_revenue`)
    await aggregate()
    expect(await inGold('select count(*)::int as rows from plans')).toEqual([{ rows: 1 }])
  })

  test('rows that stay as they are are not written, whatever happens to the others', async () => {
    await made()
    await inGold(`create table written (what text, row_month date);
      create function note() returns trigger language plpgsql as
        'begin insert into ${schema}.written values (tg_op, coalesce(new.month, old.month)); return null; end';
      update monthly_revenue set total_revenue = 0 where month = (select min(month) from monthly_revenue);
      update monthly_revenue set month = '1990-01-01' where month = (select max(month) from monthly_revenue);
      create trigger noting after insert or update or delete on monthly_revenue for each row execute function note();
      alter table monthly_revenue add column mine text default 'kept'; update monthly_revenue set mine = 'changed';
      delete from written`)
    await aggregate()
    const [first] = await inGold('select min(month)::text as first, max(month)::text as last from monthly_revenue')
    expect(await inGold('select what, row_month::text as month from written order by what')).toEqual([
      { what: 'DELETE', month: '1990-01-01' },
      { what: 'INSERT', month: first?.['last'] },
      { what: 'UPDATE', month: first?.['first'] },
    ])
    expect(await inGold('select count(*)::int as own from monthly_revenue where mine = $$kept$$')).toEqual([{ own: 1 }])
  })

  test('a text that differs in case alone is written, whatever the collation of its column', async () => {
    await aggregate()
    await inGold(`create collation if not exists caseless (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      alter table country_statistics alter column country type text collate caseless;
      create table before as select country::text collate "C" as country from country_statistics;
      update country_statistics set country = lower(country)`)
    await aggregate()
    expect(await inGold('select country collate "C" from country_statistics except table before')).toEqual([])
  })

  test('rows that change places in a unique index of a user’s own are written anew', async () => {
    await made()
    await inGold(`create table before as table monthly_revenue;
      alter table monthly_revenue add column mine text default 'kept';
      create unique index own_place on monthly_revenue (total_transactions, total_revenue);
      update monthly_revenue set total_revenue = -total_revenue, mine = 'changed';
      update monthly_revenue as m set total_revenue = b.total_revenue, total_transactions = b.total_transactions
        from (select month, lead(total_revenue, 1, 0) over w as total_revenue,
          lead(total_transactions, 1, 0) over w as total_transactions from before window w as (order by month)) as b
        where b.month = m.month`)
    await aggregate()
    const own = 'select month, total_revenue, total_transactions, unique_customers from'
    expect(await inGold(`${own} monthly_revenue except ${own} before`)).toEqual([])
  })

  test('a table that inherits from one of gold keeps its rows', async () => {
    await made()
    await inGold("create table mine () inherits (gold_run); insert into mine (run, started) values ('own', now())")
    await aggregate()
    expect(await inGold('select run from mine')).toEqual([{ run: 'own' }])
  })
})

describe('a PostgreSQL that takes no gold says why, before the work', () => {
  test.each([
    ['role lingot', /default_transaction_read_only is on for this role/],
    ['database gold_db', /default_transaction_read_only is on for this database/],
  ])('read-only: %s', async (what, told) => {
    await admin.query(`alter ${what} set default_transaction_read_only to on`)
    const failed = await failure(aggregate())
    await admin.query(`begin read write; alter ${what} reset default_transaction_read_only; commit`)
    expect(failed).toEqual({ text: expect.stringMatching(told), exitCode: 8 })
  })

  test('LATIN1', async () => {
    await admin.query("create database latin encoding 'LATIN1' locale 'C' template template0 owner lingot")
    const url = cluster.url('lingot').replace('gold_db', 'latin')
    const options = { silver: names.silver, goldSchema: schema }
    const failed = await failure(aggregateSilver(mongodb, url, options))
    expect(failed).toEqual({ text: expect.stringMatching(/latin is encoded in LATIN1.*encoding 'UTF8'/s), exitCode: 8 })
  })

  test('a standby', async () => {
    const standby = await startPostgres([], undefined, true)
    await (await connected(standby.url())).end()
    const options = { silver: names.silver, goldSchema: schema }
    const failed = await failure(aggregateSilver(mongodb, standby.url(), options))
    await standby.stop()
    expect(failed).toEqual({ text: expect.stringMatching(/is a standby.*name the primary/s), exitCode: 8 })
  })

  test('tables of another owner', async () => {
    await made()
    await admin.query(`alter table ${schema}.monthly_revenue owner to super`)
    const failed = await failure(aggregate())
    expect(failed).toEqual({
      text: expect.stringMatching(/not the owner of gold_\d+\.monthly_revenue.*lingot grants/s),
      exitCode: 6,
    })
  })

  test('timeouts that are set for the role are none of gold’s', async () => {
    await admin.query(`alter role lingot set statement_timeout to 200; alter role lingot set lock_timeout to 100;
      alter role lingot set idle_in_transaction_session_timeout to 100; alter role lingot set transaction_timeout to 500`)
    await aggregate()
    const slow = { beforeCommit: () => setTimeout(1500) as Promise<void> }
    const failed = await failure(aggregate(slow))
    await admin.query('alter role lingot reset all')
    expect(failed.text).toBe('done')
  })

  test.each(['pg_gold', 'information_schema'])('the schema %s', async (name) => {
    const { status, stderr } = await lingot(['aggregate'], {
      LINGOT_GOLD_SCHEMA: name,
      MONGODB_URI: inject('mongodbUri'),
    })
    expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringContaining('PostgreSQL keeps for itself') })
  })
})
