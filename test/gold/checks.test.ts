import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { checkModel, modelTest, type Query } from '../../src/gold/checks.ts'
import { openWarehouse, type Warehouse } from '../../src/gold/warehouse.ts'
import { describeRow, gateFailure } from '../../src/runs/gate.ts'
import type { CheckResult } from '../../src/runs/record.ts'
import { describeFailure } from '../../src/system/errors.ts'
import { machineLimits } from '../../src/system/machine.ts'
import { standard } from '../run.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await openWarehouse({
    contracts: [],
    models: [],
    leaveOut: [],
    limits: machineLimits(),
  })
  const tables = [
    `create table sales as select * from (values
       ('a', 1, 10.00, 'France', 'part', 'Ada'), ('b', 1, -5.00, 'Suisse', 'part', 'Bob'),
       ('b', 2, null, 'Fränce', 'part', 'Cy'), ('c', null, 0.00, null, 'all', 'Di'), ('d', 3, 5.00, 'France', 'all', 'Ed')
     ) as sales (id, n, amount, country, kind, full_name)`,
    // It stands for the customers that a shop does without.
    'drop view customers',
    `create table customers as select * from (values ('a'), ('b'), (null)) as customers (customer_id)`,
    `create table nothing as select * from sales where false`,
  ]
  for (const sql of tables) await warehouse.query(sql)
})

afterAll(() => warehouse.close())

const columns = Object.fromEntries(['id', 'n', 'amount', 'country', 'kind', 'full_name'].map((name) => [name, 'It.']))
const sales = { name: 'sales', key: ['id'], personal: [], from: {}, columns, file: '/shop/sales.sql' }

async function check(declared: object, name = 'sales'): Promise<CheckResult[]> {
  const tests = [modelTest.parse(declared)]
  return checkModel({ ...sales, name, tests }, warehouse.query, standard)
}

describe('a test declared beside a model', () => {
  test.each<[object, [string, number, CheckResult['rows']][]]>([
    // declared, then of each check: its name, how many rows are at fault, the first of them
    [{ test: 'unique', columns: ['id', 'n'] }, [['unique: id, n', 0, []]]],
    [{ test: 'unique', columns: ['id'] }, [['unique: id', 1, [{ id: 'b', times: 2 }]]]],
    [
      { test: 'not_null', columns: ['id', 'n'] },
      [
        ['not null: id', 0, []],
        ['not null: n', 1, [{ id: 'c' }]],
      ],
    ],
    [{ test: 'non_negative', columns: ['amount'] }, [['non negative: amount', 1, [{ id: 'b' }]]]],
    [
      { test: 'accepted_values', column: 'country', values: ['France', 'Suisse'] },
      [['accepted values: country', 1, [{ id: 'b' }]]],
    ],
    [{ test: 'accepted_values', column: 'n', values: [1, 2, 3] }, [['accepted values: n', 0, []]]],
    [
      { test: 'accepted_values', column: 'country', values: ["it's"] },
      [['accepted values: country', 4, [{ id: 'a' }, { id: 'b' }, { id: 'b' }, { id: 'd' }]]],
    ],
    [
      { test: 'relationship', column: 'id', to: 'customers.customer_id' },
      [['relationship: id to customers.customer_id', 2, [{ id: 'c' }, { id: 'd' }]]],
    ],
    [{ test: 'adds_up', columns: ['amount'], by: 'kind', to: 'all' }, [['adds up to all: amount', 0, []]]],
    [
      { test: 'adds_up', columns: ['amount', 'n'], by: 'kind', to: 'all' },
      [['adds up to all: amount, n', 1, [{ kind: 'part', amount: '5.00', n: 4 }]]],
    ],
    [
      { test: 'adds_up', columns: ['n'], by: 'kind', to: 'none' },
      [
        [
          'adds up to none: n',
          2,
          [
            { kind: 'all', n: 3 },
            { kind: 'part', n: 4 },
          ],
        ],
      ],
    ],
    [{ test: 'no_rows', name: 'mine', sql: 'select id from sales where n > 9' }, [['mine', 0, []]]],
    [
      { test: 'no_rows', name: 'mine', sql: 'select id, n from sales where n > 2;\n' },
      [['mine', 1, [{ id: 'd', n: 3 }]]],
    ],
    [
      { test: 'no_rows', name: 'mine', sql: 'select id, n from sales where n > 2 -- why not' },
      [['mine', 1, [{ id: 'd', n: 3 }]]],
    ],
  ])('%j', async (declared, expected) => {
    const results = await check(declared)
    expect(results.map(({ name, rows }) => ({ name, rows }))).toEqual(
      expected.map(([name, , rows]) => ({ name, rows })),
    )
    expect(results.map(({ passed }) => passed)).toEqual(expected.map(([, atFault]) => atFault === 0))
    const told = expected.map(([, atFault]) =>
      atFault === 0 ? '' : `${atFault} row${atFault > 1 ? 's' : ''} at fault`,
    )
    expect(results.map(({ detail }) => detail)).toEqual(told)
  })

  test('sees no column of the table that it does not name', async () => {
    const typo = { test: 'no_rows', name: 'mine', sql: 'select 1 from customers where amount > 0' }
    await expect(check(typo)).rejects.toMatchObject({ kind: 'config' })
  })

  test('holds of an empty table', async () => {
    for (const declared of [
      { test: 'unique', columns: ['id'] },
      { test: 'not_null', columns: ['id'] },
      { test: 'adds_up', columns: ['amount'], by: 'kind', to: 'all' },
    ]) {
      expect(await check(declared, 'nothing')).toMatchObject([{ passed: true }])
    }
  })

  test('is asked together with the others of its model, and alone where it failed', async () => {
    const declared = [
      { test: 'not_null', columns: ['id', 'n'] },
      { test: 'unique', columns: ['id', 'n'] },
      { test: 'no_rows', name: 'mine', sql: 'select id, n from sales where n > 1 -- two' },
    ]
    const asked: string[] = []
    const query: Query = (sql) => {
      asked.push(sql)
      return warehouse.query(sql)
    }
    const model = { ...sales, tests: declared.map((one) => modelTest.parse(one)) }
    expect((await checkModel(model, query, standard)).map(({ name, detail }) => [name, detail])).toEqual([
      ['not null: id', ''],
      ['not null: n', '1 row at fault'],
      ['unique: id, n', ''],
      ['mine', '2 rows at fault'],
    ])
    expect(asked).toHaveLength(3)
  })

  test('that cannot be run is named among those that can', async () => {
    const declared = [
      { test: 'not_null', columns: ['n'] },
      { test: 'no_rows', name: 'broken', sql: 'select nothing from sales' },
      { test: 'unique', columns: ['id'] },
    ]
    const model = { ...sales, tests: declared.map((one) => modelTest.parse(one)) }
    await expect(checkModel(model, warehouse.query, standard)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringMatching(/^The test "broken" of sales cannot be run: Binder Error/),
    })
  })

  test('names five rows of those at fault, and counts them all', async () => {
    const [result] = await check({ test: 'no_rows', name: 'many', sql: 'select * from range(1, 101) as r (n)' })
    expect(result).toMatchObject({ detail: '100 rows at fault', rows: [1, 2, 3, 4, 5].map((n) => ({ n })) })
  })

  test('never tells a personal value, even where a query asks for it', async () => {
    const [result] = await check({ test: 'no_rows', name: 'mine', sql: "select * from sales where id = 'd'" })
    expect(result?.rows).toEqual([{ id: 'd', n: 3, amount: '5.00', country: 'France', kind: 'all' }])
    const sql = "select id, full_name as who, n + 1 as next, amount * 2 as double from sales where id = 'd'"
    expect((await check({ test: 'no_rows', name: 'mine', sql }))[0]?.rows).toEqual([
      { id: 'd', next: 4, double: '10.00' },
    ])
  })

  test.each([
    ['cast(full_name as integer)', 'Conversion Error in the column full_name'],
    ['cast(full_name as date)', 'Conversion Error in the column full_name'],
    ["strptime(full_name, '%Y')", 'Invalid Input Error'],
    ['error(full_name)', 'Invalid Input Error'],
    ["json_extract(full_name, '$.a')", 'Invalid Input Error'],
    ['fullname', 'Binder Error: Referenced column "fullname" not found'],
  ])('nor where it cannot be run: %s', async (expression, reason) => {
    const sql = `select id from sales where (${expression}) is not null`
    const failed = await check({ test: 'no_rows', name: 'mine', sql }).catch((error: unknown) => error)
    vi.stubEnv('LINGOT_DEBUG', '1')
    const { text } = describeFailure(failed)
    vi.unstubAllEnvs()
    expect(text).toContain(`cannot be run: ${reason}`)
    expect(text).not.toMatch(/Ada|Bob|Cy|Di\b|Ed\b/)
  })

  test.each([
    [{ test: 'unique', columns: ['id'] }, 'error'],
    [{ test: 'unique', columns: ['id'], severity: 'warn' }, 'warn'],
  ])('%j has the severity %s', async (declared, severity) => {
    expect(await check(declared)).toMatchObject([{ severity }])
  })

  test.each([
    { test: 'unique', columns: ['nothing'] },
    { test: 'relationship', column: 'id', to: 'nowhere.id' },
    { test: 'relationship', column: 'id', to: 'customers' },
    { test: 'no_rows', name: 'mine', sql: 'drop table sales' },
    { test: 'no_rows', name: 'mine', sql: 'selec' },
  ])('%j cannot be run, and its file is named', async (declared) => {
    await expect(check(declared)).rejects.toMatchObject({ kind: 'config', next: expect.stringContaining('sales.yml') })
  })

  test.each([
    { test: 'uniqe', columns: ['id'] },
    { test: 'unique' },
    { test: 'unique', columns: [] },
    { test: 'unique', columns: ['id'], severity: 'fatal' },
    { test: 'unique', columns: ['id'], serverity: 'warn' },
    { test: 'no_rows', sql: 'select 1' },
  ])('%j is none', (declared) => {
    expect(modelTest.safeParse(declared).success).toBe(false)
  })
})

describe('the gate', () => {
  const result = (changes: Partial<CheckResult>): CheckResult => {
    return { subject: 'sales', name: 'unique: id', severity: 'error', passed: true, detail: '', rows: [], ...changes }
  }
  const failed = { passed: false, detail: '1 row at fault', rows: [{ id: 'b', times: 2 }] }

  test.each([
    ['no checks', []],
    ['checks that passed', [result({}), result({ severity: 'warn' })]],
    ['a warning', [result({}), result({ ...failed, severity: 'warn' })]],
  ])('lets %s through', (_, checks) => {
    expect(gateFailure(checks)).toBeUndefined()
  })

  test('stops an error, and says which rows are at fault', () => {
    const failure = gateFailure([result({}), result({ ...failed, severity: 'warn' }), result(failed)])
    expect(failure?.exitCode).toBe(9)
    expect(failure?.message).toBe(
      [
        'Gold was not published, 1 of 3 checks failed; the old gold stays.',
        '  sales: unique: id: 1 row at fault',
        '    id b, times 2',
      ].join('\n'),
    )
  })
})

test.each([
  [{ id: 'a', n: null }, 'id a, n null'],
  [{ product: 'x'.repeat(200) }, `product ${'x'.repeat(59)}…`],
  [{ product: '\u001b[2Jrm' }, 'product \ufffd[2Jrm'],
])('the row %j reads %s', (row, expected) => {
  expect(describeRow(row)).toBe(expected)
})

test('the documentation shows every kind of test', () => {
  const docs = readFileSync(new URL('../../docs/trust.md', import.meta.url), 'utf8')
  for (const { shape } of modelTest.options) expect(docs).toContain(`test: ${shape.test.value}`)
})
