import { ObjectId } from 'bson'
import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openPublication } from '../../src/gold/publish.ts'
import { listed } from '../../src/gold/shape.ts'
import type { GoldTable } from '../../src/gold/warehouse.ts'
import { copyInto, copyLines } from '../../src/postgres/copy.ts'

const id = new ObjectId().toHexString()

let client: pg.Client
let series = 0

beforeAll(async () => {
  client = new pg.Client({ connectionString: inject('postgresUrl') })
  await client.connect()
  // Every value as PostgreSQL writes it.
  client.setTypeParser = undefined as never
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
  hasMonths: fc.boolean(),
  only: fc.option(fc.constantFrom(0, 1), { freq: 4, nil: undefined }),
  dies: fc.boolean().map((dies) => dies),
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

async function publish(
  schema: string,
  made: Made[],
  { run, isOne = false, dies = false, keep = 400 }: { run: string; isOne?: boolean; dies?: boolean; keep?: number },
): Promise<void> {
  const tables = made.map(goldTable)
  const publication = openPublication({
    schema,
    tables,
    run,
    isOne,
    shop: { id: 'shop', bronze: 'shop' },
    history: { gold: true, keep },
    contracts: [],
    url: inject('postgresUrl'),
    seconds: 60,
    fill: (client, into, table) => {
      const { rows } = made.find(({ name }) => name === table.model.name) ?? { rows: [] }
      const columns = table.columns.map(({ name }) => name)
      return copyInto(client, `${into} (${listed(table)})`, lines(rows, columns))
    },
  })
  publication.begin()
  for (const table of tables) publication.copy(table)
  const end = publication.commit(async () => {
    if (dies) throw new Error('dies')
  })
  await end.catch((error: unknown) => {
    if (!dies) throw error
  })
  await publication.close()
}

async function rowsOf(from: string): Promise<Row[]> {
  const { rows } = await client.query(`select to_jsonb(t) as row from ${from} as t`)
  return rows.map(({ row }) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value === null ? null : String(Number.isNaN(Number(value)) ? value : Number(value)),
      ]),
    ),
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
    { numRuns: 25 },
  )
})
