import { setTimeout } from 'node:timers/promises'
import { Validator } from '@seriousme/openapi-schema-validator'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generate } from '../../src/bronze/sample/generator.ts'
import { readModels } from '../../src/gold/models.ts'
import { ask as answersOf, readQuestions } from '../../src/gold/questions.ts'
import type { CheckResult } from '../../src/runs/record.ts'
import type { Status, Table } from '../../src/web/api.ts'
import * as api from '../../src/web/api.ts'
import { statusReader } from '../../src/web/status.ts'
import { until } from '../process.ts'
import { runPipeline } from '../run.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'
import { ask, listenTo, post } from './http.ts'
import { type Served, serve, TOKEN } from './place.ts'

interface Operation {
  operationId?: string
  summary?: string
  security?: object[]
  responses: Record<string, { content?: object }>
}

let place: Place
let served: Served
let port: number

const BAD = { type: 'about:blank', title: 'Bad Request', status: 400, kind: 'usage' }
const authorized = { authorization: `Bearer ${TOKEN}` }
const sql = (text: string) => post(port, '/api/sql', { sql: text }, authorized)
const run = () => runPipeline(place.client, place.postgresUrl, place.names)

beforeAll(async () => {
  place = await openPlace()
  served = await serve(place, {
    settings: settingsOf(place.names),
    alerts: () => new Map([['gate fell', 2]]),
  })
  port = served.port
})

afterAll(async () => {
  await served.close()
  await place.leave()
})

describe('before the first run', () => {
  test('the status says that there is nothing', async () => {
    const { status, json } = await ask(port, '/api/status')
    expect(status).toBe(200)
    expect(json()).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      gold: null,
      running: null,
      last: null,
      down: [],
      canRun: true,
      canAsk: true,
      currency: null,
    })
  })

  test.each(['/api/choices', '/api/pages/overview', '/api/customers', '/api/answers', '/api/trust'])(
    '%s says what to do',
    async (path) => {
      const { status, json } = await ask(port, path)
      expect({ status, ...json() }).toMatchObject({
        status: 404,
        kind: 'data',
        next: expect.stringContaining('lingot run'),
      })
    },
  )

  test('a run that cannot be made is told of', async () => {
    const { status, json } = await post(port, '/api/runs', {}, authorized)
    // Bronze is empty, which the run says when it holds the lock already: then its record does.
    if (status === 202)
      await untilAsync(async () => (await now()).last?.failure?.includes('holds no documents') === true)
    else expect({ status, ...json() }).toMatchObject({ status: 500, kind: 'bronze' })
  })
})

/** The samples of the text format of Prometheus; throws where a line is none, or lacks its help or type. */
function samplesIn(text: string): Map<string, string> {
  const described = new Set([...text.matchAll(/^# TYPE (\w+) (?:gauge|counter)$/gm)].map(([, name]) => name))
  const helped = new Set([...text.matchAll(/^# HELP (\w+) \S.*$/gm)].map(([, name]) => name))
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line): [string, string] => {
      const [, sample = '', name = '', value = ''] = SAMPLE.exec(line) ?? []
      if (!described.has(name) || !helped.has(name)) throw new Error(`no sample: ${line}`)
      return [sample, value]
    }),
  )
}

const SAMPLE = /^(([a-z_:]+)(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\.)*",?)+\})?) (-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/

async function now(): Promise<Status> {
  return (await ask(port, '/api/status')).json()
}

async function untilAsync(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 30_000; !(await isSo()); await setTimeout(50)) {
    if (Date.now() > end) throw new Error('it never became so')
  }
}

describe('with gold', () => {
  beforeAll(async () => {
    await generate(place.client, { database: place.names.bronze, seed: 1, scale: 0.2 })
    await run()
    await untilAsync(async () => (await now()).gold !== null)
  })

  test.each([
    ['/api/status', api.status],
    ['/api/choices', api.choices],
    ['/api/pages/overview', api.page],
    ['/api/pages/trust?period=all', api.page],
    ['/api/customers?limit=3', api.customers],
    ['/api/answers', api.answers],
    ['/api/trust', api.trust],
    ['/api/queries', api.query.array()],
    ['/api/tables', api.table.array()],
  ])('%s is what the schema says', async (path, schema) => {
    const { status, headers, json } = await ask(port, path)
    expect({ status, type: headers['content-type'] }).toEqual({ status: 200, type: 'application/json' })
    expect(schema.safeParse(json()).error).toBeUndefined()
  })

  test('the answers are those of `lingot ask`', async () => {
    const { answers } = (await ask(port, '/api/answers')).json()
    const asked = await answersOf(place.postgresUrl, place.names.goldSchema, readQuestions())
    expect(answers.map(({ rows }: { rows: unknown }) => rows)).toEqual(asked.map(({ rows }) => rows))
  })

  test('the trust report names what each column comes from', async () => {
    const { lineage, silver, quarantine } = (await ask(port, '/api/trust')).json()
    const gold = (table: string, column: string) =>
      lineage.gold.find((one: { table: string; column: string }) => one.table === table && one.column === column)?.reads
    expect(gold('customer_metrics', 'total_spent')).toEqual(['transactions.total_amount'])
    expect(gold('monthly_revenue', 'month')).toEqual(['transactions.timestamp'])
    expect(gold('campaign_performance', 'status')).toEqual(['campaigns.status', 'campaigns.start_date'])
    expect(gold('product_performance', 'total_sales')).toEqual([])
    expect(gold('reconciliation', 'revenue')).toBeNull()
    expect(lineage.silver).toContainEqual(
      expect.objectContaining({
        collection: 'customers',
        column: 'email',
        rule: 'email',
        personal: true,
        bronze: 'customers.email',
      }),
    )
    const added = (name: string) => lineage.silver.find(({ column }: { column: string }) => column === name)?.reads
    expect(added('total_amount')).toEqual([
      'transactions.amount',
      'transactions.discount_applied',
      'transactions.shipping_cost',
    ])
    expect(added('full_name')).toEqual(['customers.first_name', 'customers.last_name'])
    expect(added('amount')).toEqual([])
    const kept = quarantine.reduce((sum: number, { documents }: { documents: number }) => sum + documents, 0)
    const told = silver.collections.reduce(
      (sum: number, { quarantined }: { quarantined: number }) => sum + quarantined,
      0,
    )
    expect(kept).toBe(told)
  })

  test.each([
    ['/api/pages/overview?period=often', 400, /^period: must be all, 12m/],
    ['/api/pages/nowhere', 400, /^page: must be one of overview, customers, /],
    ['/api/customers?limit=1000', 400, /^limit: must be at most 200\.$/],
    ['/api/customers?limit=ab', 400, /^limit: must be a number, not a text\.$/],
    ['/api/customers?limit=1.5', 400, /^limit: must be a whole number, not a text\.$/],
    [
      '/api/customers?sort=email&offset=-1',
      400,
      /^sort: must be one of total_spent, .*\. offset: must be at least 0\.$/,
    ],
    [`/api/customers?search=${'x'.repeat(201)}`, 400, /^search: must have at most 200 characters\.$/],
    ['/api/csv/nowhere/months', 400, /^page: must be one of /],
    ['/api/nothing', 404, /no such address/],
    ['/api', 404, /no such address/],
  ] as const)('%s is refused with %i', async (path, wanted, message) => {
    const { status, headers, json } = await ask(port, path)
    expect(headers['content-type']).toBe('application/problem+json')
    expect({ ...json(), status }).toEqual({
      type: 'about:blank',
      title: { 400: 'Bad Request', 404: 'Not Found' }[wanted],
      status: wanted,
      kind: 'usage',
      detail: expect.stringMatching(message),
      next: 'See /api/openapi.json.',
    })
  })

  test.each([
    ['/api/csv/overview/nothing', 404],
    ['/api/csv/overview/months?country=%00', 422],
    ['/api/csv/customers?search=%00', 422],
  ])('%s is refused with %i, and is no file', async (path, wanted) => {
    const { status, headers, json } = await ask(port, path)
    expect({ status, kind: json().kind, file: headers['content-disposition'] }).toEqual({
      status: wanted,
      kind: 'usage',
      file: undefined,
    })
  })

  test.each([
    ['/api/pages/overview?filter.store=1', 'There is no filter store.', 'See /api/choices.'],
    ['/api/csv/overview/months?filter.store=1', 'There is no filter store.', 'See /api/choices.'],
    ['/api/pages/overview?colour=red', 'There is no filter colour.', 'See /api/choices.'],
    ['/api/customers?product=Laptop', 'There is no filter product.', 'See /api/choices.'],
    ['/api/csv/customers?limit=5', 'There is no filter limit.', 'See /api/choices.'],
    ['/api/pages/overview?toString=1', 'There is no filter toString.', 'See /api/choices.'],
    [
      '/api/pages/customers?product=Laptop',
      'The page customers is not narrowed by product.',
      'It takes country, known, filter.NAME, asOf.',
    ],
    [
      '/api/csv/customers/best?period=12m',
      'The page customers is not narrowed by period.',
      'It takes country, known, filter.NAME, asOf.',
    ],
    [
      '/api/pages/countries?country=France',
      'The page countries is not narrowed by country.',
      'It takes period, compare, product, known, revenue, filter.NAME, asOf.',
    ],
    ['/api/pages/trust?country=France', 'The page trust is not narrowed by country.', 'It takes no filter.'],
  ])('%s names a filter that the page does not have, and is refused', async (path, message, next) => {
    const { status, json } = await ask(port, path)
    expect({ ...json(), status }).toEqual({ ...BAD, detail: message, next })
  })

  test.each([
    ['/api/sql', { sql: 5 }, 'sql: must be a text, not a number.'],
    ['/api/sql', {}, 'sql: is missing.'],
    ['/api/sql', { sql: '' }, 'sql: must not be empty.'],
    ['/api/sql', { sql: `select '${'x'.repeat(100_000)}'` }, 'sql: must have at most 100000 characters.'],
    ['/api/sql', [], 'must be an object, not a list.'],
  ])('%s is told what is wrong with %j without its values', async (path, body, message) => {
    const { status, json } = await post(port, path, body, authorized)
    expect({ ...json(), status }).toEqual({ ...BAD, detail: message, next: 'See /api/openapi.json.' })
  })

  test('a page that has no period shows all time, whether that is said or not', async () => {
    const [bare, all] = [await ask(port, '/api/pages/customers'), await ask(port, '/api/pages/customers?period=all')]
    expect(bare.json().period).toMatchObject({ name: 'all', months: null, days: null, before: null })
    expect(all.text).toBe(bare.text)
  })

  test('what is kept is not sent again, until a run makes gold anew', async () => {
    const paths = ['/api/pages/overview', '/api/answers', '/api/trust']
    const first = await Promise.all(paths.map((path) => ask(port, path)))
    const again = (i: number, etag = first[i]?.headers.etag ?? '') =>
      ask(port, paths[i] ?? '', { headers: { 'if-none-match': etag } })
    for (const i of paths.keys()) {
      expect(await again(i)).toMatchObject({ status: 304, text: '' })
      expect(await again(i, `"other", W/${first[i]?.headers.etag}`)).toMatchObject({ status: 304 })
      expect(await again(i, '"other"')).toMatchObject({ status: 200, text: first[i]?.text })
    }
    const { _id } = await run()
    await untilAsync(async () => (await now()).gold?.run === _id.toHexString())
    const page = await again(0)
    expect({ status: page.status, run: page.json().gold.run }).toEqual({ status: 200, run: _id.toHexString() })
    for (const i of paths.keys()) expect((await again(i)).status).toBe(200)
  })

  test('a page is read once, however many ask for it', async () => {
    const postgres = new pg.Client({ connectionString: place.postgresUrl })
    await postgres.connect()
    const table = `${place.names.goldSchema}.monthly_sales`
    const pid = (await postgres.query('select pg_backend_pid() as pid')).rows[0]?.pid
    // Asked from beside: within a transaction PostgreSQL gives the same activity again.
    const waiting = async () => {
      const text = `select count(*) from pg_stat_activity where ${pid} = any(pg_blocking_pids(pid))`
      return Number((await place.gold(text))[0]?.['count'])
    }
    // Nobody can read it until all of them have asked.
    await postgres.query(`begin; lock table ${table} in access exclusive mode`)
    const asking = Array.from({ length: 50 }, () => ask(port, '/api/pages/overview?period=all&country=France'))
    await untilAsync(async () => (await waiting()) > 0)
    await setTimeout(300)
    expect(await waiting()).toBe(1)
    await postgres.query('rollback')
    await postgres.end()
    const told = await Promise.all(asking)
    expect(told[0]?.status).toBe(200)
    expect(new Set(told.map(({ text }) => text)).size).toBe(1)
  })

  test('a run is seen while it goes on, and then its gold', async () => {
    const events = listenTo<Status>(port, '/api/events')
    const before = await events.until(({ gold }) => gold !== null)
    const { status, json } = await post(port, '/api/runs', {}, authorized)
    expect({ status, ...json() }).toEqual({ status: 202, run: expect.stringMatching(/^[\da-f]{24}$/) })
    const { run } = json()
    expect(await post(port, '/api/runs', {}, authorized)).toMatchObject({ status: 409 })
    const after = await events.until(({ gold, running }) => gold?.run === run && running === null)
    expect(after).toMatchObject({ last: { run, command: 'run', outcome: 'succeeded', failure: null } })
    expect(after.gold?.run).not.toBe(before.gold?.run)
    const steps = events.told.flatMap(({ running }) => (running === null ? [] : [running]))
    expect(steps).toContainEqual(
      expect.objectContaining({ run, command: 'run', step: expect.stringMatching(/^\w+ \w+/) }),
    )
    events.end()
  })

  test('a run of somebody else keeps one from being started', async () => {
    const locks = place.client.db(place.names.silver).collection<{ _id: string }>('lock')
    const holder = { run: 1, command: 'process', pid: 1, host: 'elsewhere', machine: 'elsewhere', since: new Date() }
    await locks.updateOne({ _id: 'silver' }, { $set: { holder, renewed: new Date() } })
    const { status, json } = await post(port, '/api/runs', {}, authorized)
    expect({ status, ...json() }).toMatchObject({
      status: 409,
      kind: 'busy',
      detail: expect.stringContaining('on elsewhere'),
    })
    await locks.updateOne({ _id: 'silver' }, { $set: { renewed: new Date(Date.now() - 60_000) } })
    await untilAsync(async () => (await now()).running === null)
    await locks.updateOne({ _id: 'silver' }, { $unset: { holder: '', renewed: '' } })
  })

  test.each([
    ['no token', {}],
    ['another token', { authorization: 'Bearer other' }],
    ['a part of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['the token alone', { authorization: TOKEN }],
  ])('with %s no run is started', async (_, headers) => {
    const told = await post(port, '/api/runs', {}, headers)
    expect({ status: told.status, kind: told.json().kind }).toEqual({ status: 401, kind: 'permission' })
    expect(told.headers['www-authenticate']).toBe('Bearer')
    expect(told.text).not.toContain(TOKEN)
  })

  test('the tables are those of gold, with the types of PostgreSQL and the meanings of their models', async () => {
    const tables: Table[] = (await ask(port, '/api/tables')).json()
    const models = readModels()
    expect(tables.map(({ name }) => name)).toEqual(models.map(({ name }) => name))
    for (const { name, description, columns } of tables) {
      const model = models.find((each) => each.name === name)
      expect(description, name).toBe(model?.description)
      expect(Object.fromEntries(columns.map(({ name, meaning }) => [name, meaning])), name).toEqual(model?.columns)
    }
    const metrics = tables.find(({ name }) => name === 'customer_metrics')?.columns ?? []
    expect(metrics).toContainEqual({
      name: 'total_spent',
      type: 'numeric(38,2)',
      meaning: expect.any(String),
      isPersonal: false,
    })
    expect(metrics.filter(({ isPersonal }) => isPersonal).map(({ name }) => name)).toEqual(['full_name'])
  })

  describe('a statement of one’s own', () => {
    test('gives exact texts', async () => {
      const { status, json } = await sql(
        "select 12345678901234567890.10 as a, 2::bigint as b, date '2025-03-01' as c, null::text as d",
      )
      expect({ status, ...json() }).toEqual({
        status: 200,
        columns: [
          { name: 'a', type: 'decimal' },
          { name: 'b', type: 'integer' },
          { name: 'c', type: 'date' },
          { name: 'd', type: 'text' },
        ],
        rows: [['12345678901234567890.10', '2', '2025-03-01', null]],
        isCut: false,
        seconds: expect.any(Number),
      })
    })

    test.each([
      [1000, 1000, false],
      [1001, 1000, true],
    ])('of %i rows gives %i', async (rows, given, isCut) => {
      const told = (await sql(`select * from generate_series(1, ${rows})`)).json()
      expect({ rows: told.rows.length, isCut: told.isCut }).toEqual({ rows: given, isCut })
    })

    test.each([
      ['select 1; select 2', /multiple commands/, undefined],
      ['select 1; commit; drop table customer_metrics', /multiple commands/, undefined],
      ['commit', /syntax error at or near "commit"/, 1],
      ['set transaction read write', /syntax error at or near "set"/, 1],
      ['delete from customer_metrics', /syntax error at or near "delete"/, 1],
      ['with gone as (delete from customer_metrics returning 1) select * from gone', /data-modifying/, undefined],
      ['select * into other from customer_metrics', /INTO/, 15],
      ["select set_config('transaction_read_only', 'off', true)", /read-write mode must be set before/, undefined],
      ['select 1 for', /syntax error at end of input/, 13],
      ['select nothing from customer_metrics', /There is no column `nothing`/, 8],
      ['select *\nfrom nowhere', /There is no table `nowhere`/, 15],
      ["select repeat('x', 50000000)", /larger than 16 MB/, undefined],
      ["select repeat('x', 17000000)", /larger than 16 MB/, undefined],
      ['select repeat(chr(1), 4000000)', /larger than 16 MB/, undefined],
      ['select 1 / 0', /division by zero/, undefined],
      ['select $1', /parameters, as \$1/, undefined],
      ["select 'a\0b'", /NUL character/, undefined],
      ["select repeat('x', 1100000000)", /requested length too large|invalid memory alloc/, undefined],
    ])('%s is refused', async (text, message, position) => {
      const { status, json } = await sql(text)
      const { next, ...problem } = json()
      expect({ ...problem, status }).toEqual({
        type: 'about:blank',
        title: 'Unprocessable Entity',
        status: 422,
        kind: 'usage',
        detail: expect.stringMatching(message),
        ...(position !== undefined && { position }),
      })
      expect(next).toMatch(/\w/)
    })

    test.each([
      ['select * from monthly_sale', 'table `monthly_sale`', 'Did you mean `monthly_sales`?'],
      ['select * from Monthly_Sales_', 'table `monthly_sales_`', 'Did you mean `monthly_sales`?'],
      ['select * from "Monthly_Revenue"', 'table `Monthly_Revenue`', 'Did you mean `monthly_revenue`?'],
      ['select 1 from public.monthly_revenu', 'table `public.monthly_revenu`', 'Did you mean `monthly_revenue`?'],
      ["select '🙂', mont from monthly_revenue", 'column `mont`', 'Did you mean `month`?'],
      ['select revenue from monthly_revenue', 'column `revenue`', 'Did you mean `total_revenue`?'],
      [
        'select c.total_spend from monthly_revenue as m, customer_metrics c',
        'column `c.total_spend`',
        'Did you mean `total_spent`?',
      ],
      ['select city from monthly_revenue', 'column `city`', 'It is a column of `customer_metrics`.'],
      ['select zzzzzzzz from monthly_revenue', 'column `zzzzzzzz`', /^Correct it/],
      ['select * from zzzzzzzz', 'table `zzzzzzzz`', /^Correct it/],
    ] as const)('%s: what is not there is named, with what is like it', async (text, what, next) => {
      const { status, json } = await sql(text)
      expect({ status, ...json() }).toMatchObject({
        status: 422,
        detail: `There is no ${what}.`,
        next: typeof next === 'string' ? next : expect.stringMatching(next),
      })
    })

    test('names nothing that its reader may not read', async () => {
      const url = new URL(place.postgresUrl)
      url.username += '_assistant'
      const other = await serve({ ...place, postgresUrl: url.href }, { config: { postgresReaderUrl: url.href } })
      const told = await post(other.port, '/api/sql', { sql: 'select full_nam from customer_metrics' })
      const near = await post(other.port, '/api/sql', { sql: 'select total_spend from customer_metrics' })
      const tables: Table[] = (await ask(other.port, '/api/tables')).json()
      await other.close()
      expect(told.json()).toMatchObject({
        detail: 'There is no column `full_nam`.',
        next: expect.stringMatching(/^Corr/),
      })
      expect(near.json()).toMatchObject({ next: 'Did you mean `total_spent`?' })
      expect(tables.flatMap(({ columns }) => columns.filter(({ isPersonal }) => isPersonal))).toEqual([])
      const names = tables.find(({ name }) => name === 'customer_metrics')?.columns.map(({ name }) => name)
      expect(names).toContain('total_spent')
    })

    test.each([
      [0, 1],
      [1001, 1002],
      [5000, 5001],
    ])('is written as CSV with all of its %i rows', async (rows, lines) => {
      const text = `select n, '=' || n as "text" from generate_series(1, ${rows}) as n`
      const told = await post(port, '/api/csv/sql', { sql: text }, authorized)
      expect({ status: told.status, type: told.headers['content-type'] }).toEqual({
        status: 200,
        type: 'text/csv; charset=utf-8',
      })
      const written = told.text.trimEnd().split('\n')
      expect({ lines: written.length, first: written[0] }).toEqual({ lines, first: 'n,text' })
      // A spreadsheet runs no text.
      if (rows > 0) expect(written.at(-1)).toBe(`${rows},'=${rows}`)
    })

    test('is written by who may put it, and is one that only reads', async () => {
      expect((await post(port, '/api/csv/sql', { sql: 'select 1' })).status).toBe(401)
      for (const [text, status, detail] of [
        ['select nothing from monthly_revenue', 422, /no column `nothing`/],
        ['delete from monthly_revenue', 422, /syntax error/],
        ['select pg_advisory_lock(1)', 403, /out of reach/],
      ] as const) {
        const told = await post(port, '/api/csv/sql', { sql: text }, authorized)
        expect({ status: told.status, ...told.json() }).toMatchObject({ status, detail: expect.stringMatching(detail) })
      }
    })

    test('that gives too much breaks the file off, and lets others go on', async () => {
      const text = "select repeat('x', 20000) from generate_series(1, 10000)"
      const response = await fetch(`http://127.0.0.1:${port}/api/csv/sql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorized },
        body: JSON.stringify({ sql: text }),
      })
      expect(response.status).toBe(200)
      await expect(response.text()).rejects.toThrow()
      for (let i = 0; i < 5; i++) expect((await sql('select 1')).status).toBe(200)
    })

    test('whose file nobody takes stands in the way of others until its reader goes', async () => {
      const gone = new AbortController()
      const files = Array.from({ length: 4 }, () =>
        fetch(`http://127.0.0.1:${port}/api/csv/sql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...authorized },
          body: JSON.stringify({ sql: "select repeat('x', 2000) from generate_series(1, 25000)" }),
          signal: gone.signal,
        }),
      )
      for (const file of files) await (await file).body?.getReader().read()
      expect(await sql('select 1')).toMatchObject({ status: 503 })
      gone.abort()
      await untilAsync(async () => (await sql('select 1')).status === 200)
    })

    test('changes nothing', async () => {
      const rows = await place.gold('select count(*) from customer_metrics')
      expect(Number(rows[0]?.['count'])).toBeGreaterThan(0)
    })

    test.each([
      ['', 'select pg_sleep(30)'],
      // What is worked out beforehand and what is read have ten seconds together.
      ['halfway', "select count(*), pg_sleep(9) from generate_series(1, 1e9) where repeat('a', 90000000) !~ '(a|b)*c'"],
      ['that waits for a table', 'select * from monthly_revenue'],
    ])('that takes too long %s is ended', async (kind, text) => {
      const postgres = new pg.Client({ connectionString: place.postgresUrl })
      await postgres.connect()
      if (kind === 'that waits for a table') {
        await postgres.query(`begin; lock table ${place.names.goldSchema}.monthly_revenue in access exclusive mode`)
      }
      const asked = performance.now()
      const { status, json } = await sql(text)
      expect(performance.now() - asked).toBeLessThan(11_500)
      await postgres.end()
      expect({ status, ...json() }).toMatchObject({
        status: 422,
        kind: 'usage',
        detail: expect.stringContaining('10 seconds'),
      })
    })

    test.each([
      'select pg_terminate_backend(pid) from pg_stat_activity',
      'select "pg_cancel_backend"(pid) from pg_stat_activity',
      'select U&"pg_terminate\\005fbackend"(pid) from pg_stat_activity',
      "select query_to_xml('select 1', true, true, '')",
      'select pg_advisory_lock(1)',
      "select PG_READ_FILE('/etc/passwd')",
      "select pg_create_physical_replication_slot('kept')",
      "select lo_export(1, '/tmp/file')",
      "select lo_from_bytea(0, 'x')",
    ])('%s is out of reach', async (text) => {
      const { status, json } = await sql(text)
      expect({ status, ...json() }).toMatchObject({
        status: 403,
        kind: 'permission',
        detail: expect.stringContaining('out of reach'),
      })
      expect((await sql('select 1')).status).toBe(200)
    })

    test.each([
      "select 'dblink cable' as product",
      "select E'it\\'s a dblink' as product, 'it''s a dblink' as other",
      'select $note$a dblink$note$ as product -- no dblink',
      'select 1 /* neither /* dblink */ nor pg_terminate_backend */ as one',
    ])('%s is not', async (text) => {
      expect(await sql(text)).toMatchObject({ status: 200 })
    })

    test('is read with standard texts, whatever the database has', async () => {
      const url = new URL(place.postgresUrl)
      url.searchParams.set('options', '-c standard_conforming_strings=off')
      const other = await serve({ ...place, postgresUrl: url.href })
      const text = String.raw`select '\', current_setting('standard_conforming_strings')`
      const told = await post(other.port, '/api/sql', { sql: text }, authorized)
      await other.close()
      expect(told.json()).toMatchObject({ rows: [['\\', 'on']] })
    })

    test('is cancelled when who asks goes away', async () => {
      const sleeping = async () => {
        const text =
          "select count(*) from pg_stat_activity where state = 'active' and query like 'fetch forward %' and wait_event = 'PgSleep'"
        return Number((await place.gold(text))[0]?.['count'])
      }
      const gone = new AbortController()
      const asked = fetch(`http://127.0.0.1:${port}/api/sql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...authorized },
        body: JSON.stringify({ sql: 'select pg_sleep(9)' }),
        signal: gone.signal,
      })
      asked.catch(() => undefined)
      await untilAsync(async () => (await sleeping()) === 1)
      const before = Date.now()
      gone.abort()
      await untilAsync(async () => (await sleeping()) === 0)
      expect(Date.now() - before).toBeLessThan(4000)
    })
  })

  test('a listener that throws keeps nothing from the others', async () => {
    const gold = { run: 'a', started: '2026-01-01T00:00:00Z', severalCurrencies: null, completeUntil: null }
    const rights = { canRun: true, canAsk: true, currency: null }
    const silver = place.client.db(place.names.silver)
    const status = statusReader(
      silver,
      async () => ({ ...gold }),
      rights,
      () => false,
    )
    const told: (string | undefined)[] = []
    status.listen(() => {
      throw new Error('its connection broke')
    })
    const unlisten = status.listen((now) => told.push(now.gold?.run))
    await until(() => told.length === 1)
    gold.run = 'b'
    await until(() => told.length === 2)
    unlisten()
    expect(told).toEqual(['a', 'b'])
  })

  test('metrics count once, however many ask', async () => {
    const counted = async () => {
      const { text } = await ask(port, '/metrics')
      return text.split('\n').filter((line) => line.startsWith('lingot_gold_checks'))
    }
    const [one, other] = await Promise.all([counted(), counted()])
    expect(one).not.toEqual([])
    expect(other).toEqual(one)
  })

  test('metrics tell how old gold is, how the last run went, and what became of the documents', async () => {
    const { status, headers, text } = await ask(port, '/metrics')
    expect({ status, type: headers['content-type'] }).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
    })
    const told = samplesIn(text)
    const { last, gold } = await now()
    const sampleOf = (name: string) => Number(told.get(`lingot_${name}`))
    expect(sampleOf('gold_age_seconds')).toBeCloseTo((Date.now() - Date.parse(gold?.started ?? '')) / 1000, -1)
    expect(sampleOf('last_run_duration_seconds{command="run"}')).toBe(last?.seconds)
    expect(sampleOf('last_run_success{command="run"}')).toBe(1)
    expect(sampleOf('run_running')).toBe(0)
    expect(sampleOf('server_up{server="mongodb"}')).toBe(1)
    const silver = place.client.db(place.names.silver)
    const [record] = await silver.collection('runs').find().sort({ _id: -1 }).limit(1).toArray()
    const [counted] = await place.gold('select count(*) from customer_metrics')
    expect(sampleOf('documents{collection="customers",became="silver"}')).toBe(
      await silver.collection('customers').countDocuments(),
    )
    expect(sampleOf('gold_rows{table="customer_metrics"}')).toBe(Number(counted?.['count']))
    const failed = record?.['checks'].filter(({ passed, severity }: CheckResult) => !passed && severity === 'warn')
    expect(sampleOf('gold_checks{severity="warn",outcome="failed"}')).toBe(failed.length)
    expect(sampleOf('alerts_total{event="gate_fell"}')).toBe(2)
    // Twice asked, nothing is counted twice.
    const again = samplesIn((await ask(port, '/metrics')).text)
    for (const sample of ['alerts_total{event="gate_fell"}', 'gold_run_step_seconds{step="publish gold"}']) {
      expect(Number(again.get(`lingot_${sample}`))).toBe(sampleOf(sample))
    }
  })

  test('the OpenAPI document is valid, and has every address', async () => {
    const document = (await ask(port, '/api/openapi.json')).json()
    expect(document.openapi).toBe('3.1.0')
    expect(await new Validator().validate(structuredClone(document))).toEqual({ valid: true })
    const operations = Object.entries<Record<string, Operation>>(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    expect(operations.map(({ path, method }) => `${method} ${path}`).sort()).toEqual([
      'delete /api/runs',
      'get /api/answers',
      'get /api/choices',
      'get /api/choices/{filter}',
      'get /api/csv/answers/{question}',
      'get /api/csv/customers',
      'get /api/csv/explore/{subject}',
      'get /api/csv/{page}/{figure}',
      'get /api/customers',
      'get /api/customers/{id}',
      'get /api/events',
      'get /api/explain/{subject}/{key}',
      'get /api/explore',
      'get /api/explore/{subject}',
      'get /api/marks',
      'get /api/pages/{page}',
      'get /api/queries',
      'get /api/status',
      'get /api/tables',
      'get /api/trust',
      'get /api/trusted',
      'get /api/why/{subject}/{key}',
      'post /api/csv/sql',
      'post /api/runs',
      'post /api/sql',
    ])
    for (const { operation } of operations) {
      expect(operation.summary).toBeTruthy()
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['403', '500', '503']))
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) >= 400) expect(Object.keys(content ?? {})).toEqual(['application/problem+json'])
      }
    }
    const ids = operations.map(({ operation: { operationId = '' } }) => operationId)
    expect(ids.filter((id) => !/^[a-z]+[A-Z]\w+$/.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(operations.length)
    const secured = operations.filter(({ operation: { security = document.security } }) => security.length > 0)
    expect(secured.map(({ path, operation }) => [path, operation.security])).toEqual([
      ['/api/explain/{subject}/{key}', [{ token: [] }, {}]],
      ['/api/sql', [{ token: [] }, {}]],
      ['/api/csv/sql', [{ token: [] }, {}]],
      ['/api/runs', [{ token: [] }]],
      ['/api/runs', [{ token: [] }]],
    ])
  })
})
