import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lingot as built, type Outcome } from '../command.ts'
import { openPlace, type Place, settingsOf } from '../trust/place.ts'

let place: Place
let folder: string

const at = (day: string) => new Date(`${day}T12:00:00Z`)
const bronze = {
  customers: [
    { _id: 1, customer_id: 'C1', first_name: 'Ada', city: 'Paris', country: 'France', email: 'ada@x.fr' },
    { _id: 2, customer_id: 'C2', first_name: 'Bo', city: 'Lyon', country: 'France' },
  ],
  transactions: [
    { _id: 1, transaction_id: 'T1', customer_id: 'C1', product: 'Lamp', amount: 10, timestamp: at('2025-01-03') },
    { _id: 2, transaction_id: 'T2', customer_id: 'C1', product: 'Desk', amount: 20.5, timestamp: at('2025-01-04') },
    { _id: 3, transaction_id: 'T3', customer_id: 'C2', product: 'Lamp', amount: 5, timestamp: at('2025-02-01') },
    { _id: 4, transaction_id: 'T4', product: 'Lamp', amount: 7, timestamp: at('2025-02-02') },
  ],
  campaigns: [{ _id: 1, campaign_id: 'K1', budget: 10, spend: 5 }],
}

beforeAll(async () => {
  place = await openPlace()
  await place.load(bronze)
})
afterAll(() => place.leave())

/** Files of a project in a folder of its own, whose name has a space in it. */
function project(files: Record<string, string>): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'project-')), 'my shop')
  write({ 'lingot.config.json': '{}', ...files }, folder)
  return folder
}

function write(files: Record<string, string>, into = folder): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(into, name)), { recursive: true })
    writeFileSync(join(into, name), text)
  }
}

function lingot(args: readonly string[], cwd = folder): Promise<Outcome> {
  return built(args, cwd, settingsOf(place.names))
}

async function output(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lingot(args)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  return stdout
}

const json = async (...args: string[]) => JSON.parse(await output(...args, '--json'))

const CITY_SALES = {
  'models/city_sales.sql': `-- One row per city and month.
select
    customers.city,
    cast(date_trunc('month', transactions.timestamp) as date) as month,
    count(*) as sales,
    cast(sum(transactions.total_amount) as decimal(38, 2)) as revenue,
    min(customers.full_name) as best_buyer
from transactions
inner join customers on customers.customer_id = transactions.customer_id
group by customers.city, month
`,
  'models/city_sales.yml': `description: What each city buys. One row per city and month.
key: [city, month]
from: { month: transactions.timestamp }
reads:
  customers: [customer_id, city, full_name]
  transactions: [customer_id, timestamp, total_amount]
personal: [best_buyer]
columns:
  city: City of residence.
  month: Month of the sales.
  sales: Number of sales.
  revenue: Sum of total_amount.
  best_buyer: Who comes first in the alphabet.
tests:
  - { test: unique, columns: [city, month] }
  - { test: relationship, column: month, to: monthly_revenue.month }
  - test: no_rows
    name: no city sells three times
    severity: warn
    sql: select city, best_buyer from city_sales where sales > 1
`,
}
const QUESTION = {
  'questions/best_city.sql':
    '-- Which city buys most?\n-- By revenue.\n\nselect city, sum(revenue) as revenue\nfrom city_sales\ngroup by city\norder by revenue desc\nlimit 10;\n',
}

describe('a folder with a model and a question of its own', () => {
  beforeAll(async () => {
    folder = project({ ...CITY_SALES, ...QUESTION })
    await output('run')
  })
  afterAll(() => rmSync(dirname(folder), { recursive: true }))

  test('has its table beside those of the package, with its description', async () => {
    expect(await place.gold('select * from city_sales order by 1, 2')).toEqual([
      { city: 'Lyon', month: '2025-02-01', sales: '1', revenue: '5.00', best_buyer: 'Bo' },
      { city: 'Paris', month: '2025-01-01', sales: '2', revenue: '30.50', best_buyer: 'Ada' },
    ])
    expect(await place.gold('select count(*) from monthly_revenue')).toEqual([{ count: '2' }])
    const comment = `select obj_description('city_sales'::regclass) ~ '^What each city buys' as told`
    expect(await place.gold(comment)).toEqual([{ told: 't' }])
  })

  test.each(['6', 'best_city', 'best_city.sql'])('answers its question as %s', async (name) => {
    expect(await json('ask', name)).toEqual([
      {
        number: 6,
        question: 'Which city buys most?',
        note: 'By revenue.',
        rows: [
          { city: 'Paris', revenue: 30.5 },
          { city: 'Lyon', revenue: 5 },
        ],
      },
    ])
  })

  test('answers it with the others, and those of the package by name', async () => {
    expect((await json('ask')).map(({ number }: { number: number }) => number)).toEqual([1, 2, 3, 4, 5, 6])
    expect((await json('ask', 'best_product')).map(({ number }: { number: number }) => number)).toEqual([2])
    const { code, stderr } = await lingot(['ask', 'best_town'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'There is no question best_town.\n→ Ask one of 1, 2, 3, 4, 5, 6 (best_city).\n',
    })
  })

  test('runs its tests, and shows no personal value of a row at fault', async () => {
    const { code, stdout } = await lingot(['check', '--json'])
    const own = JSON.parse(stdout).filter(({ subject }: { subject: string }) => subject === 'city_sales')
    expect(code).toBe(0)
    expect(own).toMatchObject([
      { name: 'unique: city, month', passed: true },
      { name: 'relationship: month to monthly_revenue.month', passed: true },
      { name: 'no city sells three times', passed: false, rows: [{ city: 'Paris' }] },
    ])
    expect(stdout).not.toContain('Ada')
  })

  test.each([
    ['Paris', '2025-01-01'],
    ['Paris', '2025-01'],
  ])('explains a row of it through its key: %s %s', async (...key) => {
    const { table, row, silver, sql } = await json('explain', 'city_sales', ...key)
    expect(table).toBe('city_sales')
    expect(row.map(({ column, value }: { column: string; value: string }) => [column, value])).toContainEqual([
      'revenue',
      '30.50',
    ])
    expect(sql.file).toBe(join(folder, 'models/city_sales.sql'))
    expect(
      silver.map(({ collection, records }: { collection: string; records: { _id: unknown; bronze: string }[] }) => [
        collection,
        records.map(({ _id, bronze }) => [_id, bronze]),
      ]),
    ).toEqual([
      [
        'transactions',
        [
          [1, 'unchanged'],
          [2, 'unchanged'],
        ],
      ],
      ['customers', [[1, 'unchanged']]],
    ])
    const text = await output('explain', 'city_sales', ...key)
    expect(text).toContain('models/city_sales.sql')
  })

  test('says which rows there are where a key names none', async () => {
    const { code, stderr } = await lingot(['explain', 'city_sales', 'paris', '2025-01-01'])
    expect(code).toBe(2)
    expect(stderr).toBe('city_sales has no row paris / 2025-01-01: city / month.\n→ Did you mean Paris / 2025-01-01?\n')
  })

  test('has it in its data dictionary', async () => {
    await output('docs')
    const text = readFileSync(join(folder, 'data-dictionary.md'), 'utf8')
    expect(text).toContain('### city_sales\n\nWhat each city buys.')
    expect(text).toContain('SQL: [`city_sales.sql`](models/city_sales.sql)')
    expect(text).toContain('| `best_buyer` | text | yes | Who comes first in the alphabet. Personal. |')
    expect(text).toContain('### monthly_revenue')
    expect(text).not.toMatch(/\]\(page:/)
    write({ 'data-dictionary.md': '# Mine\n' })
    expect(await lingot(['docs'])).toMatchObject({ code: 2, stderr: expect.stringContaining('stays as it is') })
  })

  test('looks for personal values in it', async () => {
    const { places } = await json('privacy')
    expect(places.map(({ name }: { name: string }) => name)).toContain('city_sales')
  })

  test('a question that PostgreSQL does not understand is named with line and column', async () => {
    write({ 'questions/wrong.sql': '-- Wrong?\n\nselect city,\n    nothing\nfrom city_sales\n' })
    const { code, stderr } = await lingot(['ask', 'wrong'])
    rmSync(join(folder, 'questions/wrong.sql'))
    expect(code).toBe(3)
    expect(stderr).toMatch(/^questions\/wrong\.sql, line 4, column 5: column "nothing" does not exist\.\n→ /)
  })

  test('a question reads, and does nothing else', async () => {
    write({ 'questions/harm.sql': '-- Harm?\nselect 1; drop table city_sales' })
    const { code } = await lingot(['ask', 'harm'])
    rmSync(join(folder, 'questions/harm.sql'))
    expect(code).not.toBe(0)
    expect(await place.gold('select count(*) from city_sales')).toEqual([{ count: '2' }])
  })
})
