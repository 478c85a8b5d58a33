import { ObjectId } from 'bson'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { contracts } from '../../src/contracts/contracts.ts'
import { goBack, historyIn } from '../../src/gold/as_of.ts'
import { commentWithMark } from '../../src/gold/mark.ts'
import { openPublication, type Target } from '../../src/gold/publish.ts'
import { listed } from '../../src/gold/shape.ts'
import type { GoldTable } from '../../src/gold/warehouse.ts'
import { copyInto, copyLines } from '../../src/postgres/copy.ts'
import { readGold } from '../../src/postgres/reader.ts'
import { runs } from '../garbage/seed.ts'
import { type Cluster, startPostgres } from '../servers/cluster.ts'

const id = new ObjectId().toHexString()

let client: pg.Client
let series = 0

beforeAll(async () => {
  client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
})
afterAll(() => client.end())

type Row = Record<string, string | null>

interface Made {
  name: string
  key: string[]
  personal: string[]
  types: Record<string, string>
  rows: Row[]
}

/** What gold is to be after a run. */
interface Step {
  tables: Made[]
  /** Whether the table of this place alone is made. */
  only: number | undefined
  /** Whether the run dies when all but its commit is done. */
  dies: boolean
}

const texts = (...all: string[]) => fc.constantFrom(...all)
const few = <T>(arbitrary: fc.Arbitrary<T>, by: (row: T) => unknown) =>
  fc.uniqueArray(arbitrary, { selector: by, maxLength: 5 })

const customers = few(
  fc.record({
    customer: texts('a', 'b', 'c', 'd', "e'"),
    spent: texts('1', '2'),
    name: texts('Ann', 'Bob'),
    extra: texts('x', 'y'),
  }),
  ({ customer }) => customer,
)
const months = few(
  fc.record({
    month: texts('2026-01-01', '2026-02-01'),
    product: texts('p', 'q'),
    place: texts('s', 't'),
    sold: fc.option(texts('1.00', '2.50')),
  }),
  ({ month, product, place }) => [month, product, place].join(),
)

const step = fc.record({
  customers,
  months,
  hasExtra: fc.boolean(),
  only: fc.option(fc.constantFrom(0, 1), { freq: 4, nil: undefined }),
  dies: fc.boolean(),
})

const all = fc.tuple(fc.array(step, { minLength: 2, maxLength: 7 }), fc.nat(8)).map(([steps, widened]): Step[] =>
  steps.map(({ customers, months, hasExtra, only, dies }, i) => ({
    tables: [
      {
        name: 'customers',
        key: ['customer'],
        personal: ['name'],
        types: {
          customer: 'VARCHAR',
          spent: i < widened ? 'BIGINT' : 'DECIMAL(38,2)',
          name: 'VARCHAR',
          ...(hasExtra && { extra: 'VARCHAR' }),
        },
        rows: customers.map(({ extra, ...row }) => ({ ...row, ...(hasExtra && { extra }) })),
      },
      // A table that comes with a later run, and stays.
      ...(i === 0
        ? []
        : [
            {
              name: 'months',
              key: ['month', 'product', 'place'],
              personal: [],
              types: { month: 'DATE', product: 'VARCHAR', place: 'VARCHAR', sold: 'DECIMAL(38,2)' },
              rows: months,
            },
          ]),
    ],
    only: i === 0 ? undefined : only,
    dies: i > 0 && dies,
  })),
)

function goldTable({ name, key, personal, types, rows }: Made): GoldTable {
  const columns = Object.entries(types).map(([name, type]) => ({ name, type }))
  const model = { name, key, personal, description: name, columns: {}, plain: [], tests: [], from: {} }
  return { model, columns, rows: rows.length }
}

function runTable(run: string): Made {
  return {
    name: 'gold_run',
    key: ['run'],
    personal: [],
    types: { run: 'VARCHAR', shop: 'VARCHAR', bronze: 'VARCHAR' },
    rows: [{ run, shop: null, bronze: null }],
  }
}

async function* lines(rows: Row[], columns: string[]) {
  yield* copyLines(
    (async function* () {
      for (const row of rows) yield columns.map((name) => row[name] ?? null)
    })(),
  )
}

interface Publishing extends Partial<Pick<Target, 'isOne' | 'shop' | 'takeOver' | 'prune' | 'erased' | 'contracts'>> {
  run: string
  dies?: boolean
  keep?: number
  gold?: boolean
  url?: string
  notes?: string[]
}

async function publish(schema: string, made: Made[], publishing: Publishing): Promise<void> {
  const { dies = false, keep = 400, gold = true, url = inject('postgresUrl'), notes = [], ...rest } = publishing
  const tables = made.map(goldTable)
  const target: Target = {
    schema,
    tables,
    shop: { id: 'shop', bronze: 'shop' },
    history: { gold, keep, size: 256 },
    contracts: [],
    ...rest,
    url,
    seconds: 60,
    fill: (client, into, table) => {
      const { rows } = made.find(({ name }) => name === table.model.name) ?? { rows: [] }
      const columns = table.columns.map(({ name }) => name)
      return copyInto(client, `${into} (${listed(table)})`, lines(rows, columns))
    },
  }
  const publication = openPublication(target, { onNote: (note) => notes.push(note) })
  publication.begin()
  for (const table of tables) publication.copy(table)
  const end = publication.commit(async () => {
    if (dies) throw new Error('dies')
  })
  await end
    .catch((error: unknown) => {
      if (!dies) throw error
    })
    .finally(publication.close)
}

/** A number without the zeros behind it. */
function plain(value: unknown): string {
  return typeof value === 'boolean' || Number.isNaN(Number(value)) ? String(value) : String(Number(value))
}

async function rowsOf(from: string): Promise<Row[]> {
  const { rows } = await client.query(`select to_jsonb(t) as row from ${from} as t`)
  return rows.map(({ row }) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : plain(value)])),
  )
}

const sorted = (rows: Row[]) => rows.map((row) => JSON.stringify(Object.entries(row).sort())).sort()

test('gold is shown as it was after each run of a series', { timeout: 600_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(all, fc.integer({ min: 2, max: 9 }), async (steps, keep) => {
      const schema = `history_${id}_${++series}`
      const moments: { run: string; time: string; kept: Map<string, { types: string[]; rows: Row[] }> }[] = []
      let whole: Made[] = []
      for (const [i, { tables, only, dies }] of steps.entries()) {
        const run = `run ${i}`
        const one = only === undefined ? undefined : tables[only]
        const isOne = one !== undefined && whole.some(({ name }) => name === one.name)
        const made = isOne ? [one] : [...tables, runTable(run)]
        await publish(schema, made, { run, isOne, dies, keep })
        if (!dies) whole = isOne ? [...whole.filter(({ name }) => name !== one.name), one] : made
        const kept = new Map<string, { types: string[]; rows: Row[] }>()
        for (const { name, types } of whole)
          kept.set(name, { types: Object.keys(types), rows: await rowsOf(`${schema}.${name}`) })
        const { rows } = await client.query('select clock_timestamp()::text as time')
        if (!dies) moments.push({ run, time: rows[0].time, kept })
        else if (moments.length > 0) moments.push({ run: moments.at(-1)?.run ?? '', time: rows[0].time, kept })
      }
      const runs = [...new Set(moments.map(({ run }) => run))]
      const known = runs.slice(-keep)
      for (const { run, time, kept } of moments) {
        for (const asked of [run, time]) {
          await client.query("select set_config('lingot.as_of', $1, false)", [asked])
          if (!known.includes(run)) {
            await expect(client.query(`select from ${schema}_as_of.customers`)).rejects.toThrow(
              /has a history since|invalid input/,
            )
            continue
          }
          for (const { name, key, personal, types } of whole) {
            const now = await rowsOf(`${schema}.${name}`)
            const before = kept.get(name) ?? { types: [], rows: [] }
            const wanted = before.rows.map((row) => {
              const place = now.find((other) => key.every((part) => other[part] === row[part]))
              return Object.fromEntries(
                Object.keys(types).map((column) => [
                  column,
                  (personal.includes(column) ? place?.[column] : row[column]) ?? null,
                ]),
              )
            })
            if (name === 'gold_run') for (const row of wanted) Object.assign(row, { shop: 'shop', bronze: 'shop' })
            expect(sorted(await rowsOf(`${schema}_as_of.${name}`)), `${name} as of ${asked}`).toEqual(sorted(wanted))
          }
        }
      }
      await client.query('reset lingot.as_of')
      for (const name of [schema, `${schema}_history`, `${schema}_as_of`])
        await client.query(`drop schema ${name} cascade`)
    }),
    runs(25),
  )
})

describe('of a table', () => {
  let schema: string
  let run = 0

  beforeEach(() => {
    schema = `past_${id}_${++series}`
    run = 0
  })

  const sales: Made = {
    name: 'sales',
    key: ['shop'],
    personal: [],
    types: { shop: 'VARCHAR', sold: 'BIGINT' },
    rows: [
      { shop: 'a', sold: '1' },
      { shop: 'b', sold: '2' },
    ],
  }
  const sold = (...rows: [shop: string, sold: string][]): Row[] => rows.map(([shop, sold]) => ({ shop, sold }))

  async function next(made: Made[], publishing: Partial<Publishing> = {}): Promise<string[]> {
    const notes: string[] = []
    run++
    await publish(schema, [...made, runTable(`run ${run}`)], { run: `run ${run}`, notes, ...publishing })
    return notes
  }

  async function asOf(when: string, columns = '*', from = 'sales'): Promise<Row[]> {
    await client.query("select set_config('lingot.as_of', $1, false)", [when])
    const rows = await rowsOf(`(select ${columns} from ${schema}_as_of.${from})`)
    await client.query('reset lingot.as_of')
    return rows.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
  }

  const entries = async () => rowsOf(`(select * from ${schema}_history.sales order by to_run, shop)`)

  test('each row that was replaced stands with the runs between which it was in place, and no other', async () => {
    await next([sales])
    await next([{ ...sales, rows: sold(['a', '1'], ['b', '3'], ['c', '4']) }])
    await next([{ ...sales, rows: sold(['b', '5'], ['c', '4']) }])
    expect(await entries()).toEqual([
      { shop: 'b', sold: '2', from_run: null, to_run: '2', is_absent: 'false' },
      { shop: 'c', sold: null, from_run: null, to_run: '2', is_absent: 'true' },
      { shop: 'a', sold: '1', from_run: null, to_run: '3', is_absent: 'false' },
      { shop: 'b', sold: '3', from_run: '2', to_run: '3', is_absent: 'false' },
    ])
  })

  test('it takes nothing where a run finds all as it was', async () => {
    await next([sales])
    await next([sales])
    expect(await entries()).toEqual([])
    expect(await historyIn(inject('postgresUrl'), schema)).toEqual({
      since: expect.any(Date),
      runs: 2,
      bytes: expect.any(Number),
    })
  })

  test('what changes in personal columns alone is in gold and not in its history', async () => {
    const named = { ...sales, personal: ['name'], types: { ...sales.types, name: 'VARCHAR' } }
    await next([{ ...named, rows: [{ shop: 'a', sold: '1', name: 'Ann' }] }])
    await next([{ ...named, rows: [{ shop: 'a', sold: '1', name: 'Anne' }] }])
    await next([{ ...named, rows: [{ shop: 'a', sold: '2', name: 'Anna' }] }])
    expect(await rowsOf(`(select * from ${schema}_history.sales)`)).toEqual([
      expect.not.objectContaining({ name: expect.anything() }),
    ])
    expect(await asOf('run 1')).toEqual([{ shop: 'a', sold: '1', name: 'Anna' }])
    await next([{ ...named, rows: [] }])
    expect(await asOf('run 1')).toEqual([{ shop: 'a', sold: '1', name: null }])
    // A column that is called personal now takes what was kept of it along.
    await next([{ ...named, personal: ['name', 'sold'] }])
    expect(await asOf('run 3')).toEqual([{ shop: 'a', sold: '1', name: null }])
    expect(Object.keys((await entries())[0] ?? {})).not.toContain('sold')
    // One that is not called so any more is kept from now on.
    await next([{ ...named, personal: [], rows: [{ shop: 'a', sold: '3', name: 'Ann' }] }])
    await next([{ ...named, personal: [], rows: [{ shop: 'a', sold: '4', name: 'Bob' }] }])
    expect(await asOf('run 5')).toEqual(sold(['a', '1'], ['b', '2']).map((row) => ({ ...row, name: null })))
    expect(await asOf('run 6')).toEqual([{ shop: 'a', sold: '3', name: 'Ann' }])
    expect((await entries()).filter(({ to_run }) => to_run === '6' || to_run === '7')).toHaveLength(3)
  })

  test('a key that tells who it is has none', async () => {
    const told = { ...sales, personal: ['shop'] }
    await next([told])
    await next([{ ...told, rows: [] }])
    const { rows } = await client.query('select to_regclass($1) as there', [`${schema}_history.sales`])
    expect(rows).toEqual([{ there: null }])
  })

  test('a column of another kind keeps what it held under a name that tells, and a lost one under its own', async () => {
    await next([{ ...sales, types: { ...sales.types, note: 'VARCHAR' }, rows: [{ shop: 'a', sold: '1', note: 'x' }] }])
    await next([{ ...sales, types: { shop: 'VARCHAR', sold: 'VARCHAR' }, rows: [{ shop: 'a', sold: 'one' }] }])
    expect(await rowsOf(`(select shop, sold, sold_bigint, note from ${schema}_history.sales)`)).toEqual([
      { shop: 'a', sold: null, sold_bigint: '1', note: 'x' },
    ])
    expect(await asOf('run 1')).toEqual([{ shop: 'a', sold: null }])
    expect(await asOf('run 2')).toEqual([{ shop: 'a', sold: 'one' }])
  })

  test('another key begins it anew: it was empty before', async () => {
    await next([sales])
    await next([{ ...sales, rows: sold(['a', '7']) }])
    await next([{ ...sales, key: ['shop', 'sold'], rows: sold(['a', '7'], ['a', '8']) }])
    expect(await asOf('run 2')).toEqual([])
    await next([{ ...sales, key: ['shop', 'sold'], rows: sold(['a', '9']) }])
    expect(await asOf('run 3')).toEqual(sold(['a', '7'], ['a', '8']))
  })

  test('views upon that of gold as it was are made anew with it, with their rights', async () => {
    await next([sales])
    await client.query(`create view ${schema}_as_of.total as select sum(sold) as sum from ${schema}_as_of.sales;
      grant select on ${schema}_as_of.total to public`)
    await next([{ ...sales, types: { ...sales.types, more: 'BIGINT' } }])
    expect(await asOf('run 1', 'sum', 'total')).toEqual([{ sum: '3' }])
    await next([sales])
    expect(await asOf('run 2', 'sum', 'total')).toEqual([{ sum: '3' }])
    const { rows } = await client.query('select relacl::text as rights from pg_class where oid = to_regclass($1)', [
      `${schema}_as_of.total`,
    ])
    expect(rows).toEqual([{ rights: expect.stringContaining('=r/') }])
  })

  test('a table that no model makes any more is shown as it is, until it is dropped with its history', async () => {
    const other = { ...sales, name: 'other' }
    await next([sales, other])
    await next([sales, { ...other, rows: sold(['a', '7']) }])
    await next([sales])
    expect(await asOf('run 1', '*', 'other')).toEqual(sold(['a', '1'], ['b', '2']))
    await next([sales], { prune: true })
    await expect(asOf('run 1', '*', 'other')).rejects.toThrow('does not exist')
    expect(await asOf('run 1')).toEqual(sold(['a', '1'], ['b', '2']))
  })

  test.each<[string, () => Promise<unknown>, Partial<Publishing>, RegExp]>([
    [
      'gold that was published without it',
      () =>
        next([{ ...sales, rows: sold(['a', '9']) }], { gold: true }).then(() =>
          client.query(`update ${schema}.gold_run set run = 'other'`),
        ),
      {},
      /begins anew: gold was changed without it/,
    ],
    [
      'a table that somebody dropped',
      () => client.query(`drop table ${schema}.sales`),
      {},
      /gold was changed without it/,
    ],
    [
      'the gold of another shop',
      async () => undefined,
      { shop: { id: 'other', bronze: 'other' }, takeOver: true },
      /it is that of another shop/,
    ],
  ])('it does not go on from %s', async (_, change, publishing, told) => {
    await next([sales])
    await next([{ ...sales, rows: sold(['a', '5']) }])
    await change()
    expect(await next([{ ...sales, rows: sold(['a', '6']) }], publishing)).toEqual([expect.stringMatching(told)])
    expect(await entries()).toEqual([])
    await expect(asOf('2026-01-01')).rejects.toThrow('gold has a history since')
    const kept = `run ${run}`
    await next([{ ...sales, rows: sold(['b', '7']) }], publishing)
    expect(await asOf(kept)).toEqual(sold(['a', '6']))
  })

  test('no other gold is published into it', async () => {
    await next([sales])
    await next([{ ...sales, rows: sold(['a', '5']) }])
    const before = await rowsOf(`${schema}_history.sales`)
    await expect(publish(`${schema}_history`, [sales], { run: 'other', takeOver: true })).rejects.toThrow(
      /_history\.\w+ is of the history of another gold/,
    )
    expect(await rowsOf(`${schema}_history.sales`)).toEqual(before)
    expect(await asOf('run 1')).toEqual(sales.rows)
  })

  test('the time at which a run is said to have published leads to it', async () => {
    await next([sales])
    await next([{ ...sales, rows: [] }])
    await client.query(`update ${schema}_history.runs set published_at = '2026-11-01T10:00:00.123456Z' where number = 2;
      update ${schema}_history.runs set published_at = '2026-11-01T09:00:00Z' where number = 1`)
    const back = (time: string) =>
      readGold(inject('postgresUrl'), schema, (query) => goBack(query, schema, { time: new Date(time) }))
    const { published } = await back('2026-11-02')
    expect(published).toBe('2026-11-01T10:00:00.123Z')
    expect(await back(published)).toEqual({ run: 'run 2', published })
    expect(await asOf(published)).toEqual([])
    expect(await asOf('2026-11-01T10:00:00.122Z')).toEqual(sales.rows)
  })

  test('nothing is shown as of an earlier time once gold was published without it', async () => {
    const back = () =>
      readGold(inject('postgresUrl'), schema, (query) => goBack(query, schema, { time: new Date(Date.now() + 1000) }))
    await next([sales])
    await publish(schema, [{ ...sales, rows: sold(['a', '5']) }], { run: 'one', isOne: true })
    expect(await asOf('run 1')).toEqual(sales.rows)
    expect(await back()).toMatchObject({ run: 'one' })
    // As a version does that knows of no history.
    await client.query(`update ${schema}.gold_run set run = 'other'; delete from ${schema}.sales`)
    await expect(asOf('run 1')).rejects.toThrow('gold was changed without its history')
    await expect(back()).rejects.toMatchObject({ kind: 'data', message: expect.stringMatching(/without its history/) })
  })

  test('it is dropped, and told, where it is turned off', async () => {
    await next([sales])
    expect(await next([{ ...sales, rows: [] }], { gold: false })).toEqual([
      expect.stringMatching(/turned off.*is dropped/),
    ])
    expect(await historyIn(inject('postgresUrl'), schema)).toBeNull()
    expect(await next([sales], { gold: false })).toEqual([])
    await next([sales])
    await next([{ ...sales, rows: [] }])
    expect(await asOf('run 4')).toEqual(sold(['a', '1'], ['b', '2']))
  })

  test('who is erased is nowhere in it, whatever the column is called', async () => {
    const bought = { ...sales, types: { ...sales.types, buyer: 'VARCHAR', country: 'VARCHAR' } }
    const row = (shop: string, buyer: string, country = 'C1') => ({ shop, buyer, country, sold: '1' })
    await next([{ ...bought, rows: [row('a', 'C1'), row('C1', 'x'), row('b', 'C2')] }])
    await next([{ ...bought, rows: [row('C1', 'x', 'FR')] }])
    await next([{ ...bought, rows: [] }], { erased: 'C1', contracts })
    // Silver knows a country as something else.
    expect(await rowsOf(`(select shop, buyer from ${schema}_history.sales order by shop)`)).toEqual([
      { shop: 'a', buyer: null },
      { shop: 'b', buyer: 'C2' },
    ])
    expect(await asOf('run 1', 'shop, sold, buyer')).toEqual([
      { shop: 'a', sold: '1', buyer: null },
      { shop: 'b', sold: '1', buyer: 'C2' },
    ])
  })

  test.each([
    ['a table', (of: string) => `create table ${of}_history.sales (a int)`, 'history.sales'],
    ['anything, in its schema', (of: string) => `create view ${of}_as_of.mine as select 1 as a`, 'as_of.mine'],
    ...[null, { id: 'other', bronze: 'other' }].map((shop): [string, (of: string) => string, string] => {
      const comment = commentWithMark('sales', 'Sales.', { shop, columns: ['shop', 'sold'] })
      const made = (of: string) => `create table ${of}_history.sales (shop text, sold bigint);
        insert into ${of}_history.sales values ('a', 1); comment on table ${of}_history.sales is '${comment}'`
      return [`gold of ${shop === null ? 'a shop that it does not name' : 'another shop'}`, made, 'history.sales']
    }),
  ])('what is somebody’s is not touched: %s', async (_, sql, what) => {
    await client.query(`create schema ${schema}_history; create schema ${schema}_as_of; ${sql(schema)}`)
    await expect(next([sales])).rejects.toThrow(
      `${schema}_${what} is not Lingot's, and gold's history would be written there`,
    )
    const { rows } = await client.query('select to_regclass($1) as there', [`${schema}.sales`])
    expect(rows).toEqual([{ there: null }])
    const foreign = () => rowsOf(`${schema}_${what}`)
    const before = await foreign()
    expect(await next([sales], { gold: false })).toEqual([])
    expect(await rowsOf(`${schema}.sales`)).toEqual(sales.rows)
    expect(await foreign()).toEqual(before)
  })
})

describe('where the user may not create schemas', () => {
  let cluster: Cluster
  let admin: pg.Client

  beforeAll(async () => {
    cluster = await startPostgres()
    admin = new pg.Client({ connectionString: cluster.url() })
    await admin.connect()
    await admin.query(`create role lingot login password 'lingot'; create role anna login password 'anna';
      create role berta login password 'berta'; create schema gold authorization lingot`)
  })
  afterAll(async () => {
    await admin.end()
    await cluster.stop()
  })

  const table: Made = { name: 'sales', key: ['shop'], personal: [], types: { shop: 'VARCHAR' }, rows: [{ shop: 'a' }] }
  const run = async (run: string, rows: Row[]) => {
    const notes: string[] = []
    await publish('gold', [{ ...table, rows }, runTable(run)], { run, notes, url: cluster.url('lingot') })
    return notes
  }
  const may = async (who: string) => {
    const reader = new pg.Client({ connectionString: cluster.url(who) })
    await reader.connect()
    await reader.query("set lingot.as_of = '3'")
    const all: boolean[] = []
    for (const of of ['gold.sales', 'gold_history.sales', 'gold_as_of.sales']) {
      const reading = reader.query(`select from ${of}`)
      all.push(
        await reading.then(
          () => true,
          () => false,
        ),
      )
    }
    await reader.end()
    return all
  }

  test('gold is published without a history, which is told, until there are schemas for it', async () => {
    expect(await run('1', [{ shop: 'a' }])).toEqual([
      expect.stringMatching(
        /^Gold's history is not kept: this user may not create the schema gold_history\. `lingot grants`/,
      ),
    ])
    await admin.query('create schema gold_history authorization lingot; create schema gold_as_of authorization lingot')
    expect(await run('2', [{ shop: 'b' }])).toEqual([])
    expect(await run('3', [{ shop: 'c' }])).toEqual([])
    const { rows } = await admin
      .query("set lingot.as_of = '2'; select shop from gold_as_of.sales")
      .then((all) => (all as unknown as pg.QueryResult[])[1] ?? { rows: [] })
    expect(rows).toEqual([{ shop: 'b' }])
  })

  test('who reads a table of gold reads what it was, and nobody else', async () => {
    await admin.query('grant usage on schema gold to anna, berta; grant select on gold.sales to anna')
    await run('4', [{ shop: 'd' }])
    expect(await may('anna')).toEqual([true, true, true])
    expect(await may('berta')).toEqual([false, false, false])
    await admin.query('revoke select on gold.sales from anna; grant select on gold.sales to berta')
    await run('5', [{ shop: 'd' }])
    expect(await may('anna')).toEqual([false, false, false])
    expect(await may('berta')).toEqual([true, true, true])
    await admin.query(`alter table gold.sales enable row level security;
      create policy few on gold.sales using (shop = 'a')`)
    await run('6', [{ shop: 'd' }])
    expect(await may('berta')).toEqual([true, false, false])
  })
})
