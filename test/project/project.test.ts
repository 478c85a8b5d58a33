import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Explanation } from '../../src/trust/explain/explanation_schema.ts'
import { CITY_SALES, openShop, QUESTION, type Row, type Shop } from './shop.ts'

let shop: Shop

describe('a folder with a model and a question of its own', () => {
  beforeAll(async () => {
    shop = await openShop({ ...CITY_SALES, ...QUESTION })
    await shop.output('run')
  })
  afterAll(() => shop.place.leave())

  test('has its table beside those of the package, with its description', async () => {
    expect(await shop.place.gold('select * from city_sales order by 1, 2')).toEqual([
      { city: 'Lyon', month: '2025-02-01', sales: '1', revenue: '5.00', best_buyer: 'Bo' },
      { city: 'Paris', month: '2025-01-01', sales: '2', revenue: '30.50', best_buyer: 'Ada' },
    ])
    expect(await shop.place.gold('select count(*) from monthly_revenue')).toEqual([{ count: '2' }])
    const comment = `select obj_description('city_sales'::regclass) ~ '^What each city buys' as told`
    expect(await shop.place.gold(comment)).toEqual([{ told: 't' }])
  })

  test.each(['6', 'best_city', 'best_city.sql'])('answers its question as %s', async (name) => {
    expect(await shop.json('ask', name)).toEqual([
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
    expect((await shop.json('ask')).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6])
    expect((await shop.json('ask', 'best_product')).map(({ number }) => number)).toEqual([2])
    const { code, stderr } = await shop.lingot(['ask', 'best_town'])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'There is no question best_town.\n→ Ask one of 1, 2, 3, 4, 5, 6 (best_city).\n',
    })
  })

  test('runs its tests, and shows no personal value of a row at fault', async () => {
    const { code, stdout } = await shop.lingot(['check', '--json'])
    const own = (JSON.parse(stdout) as Row[]).filter(({ subject }) => subject === 'city_sales')
    expect(code).toBe(0)
    expect(own).toMatchObject([
      { name: 'unique: city, month', passed: true },
      { name: 'relationship: month to monthly_revenue.month', passed: true },
      { name: 'no city sells three times', passed: false, rows: [{ city: 'Paris' }] },
      // Of its key.
      { name: 'not null: city', passed: true },
      { name: 'not null: month', passed: true },
    ])
    expect(stdout).not.toContain('Ada')
  })

  test.each([
    ['Paris', '2025-01-01'],
    ['Paris', '2025-01'],
  ])('explains a row of it through its key: %s %s', async (...key) => {
    const { table, row, silver, sql } = await shop.json<Explanation>('explain', 'city_sales', ...key)
    expect(table).toBe('city_sales')
    expect(row.map(({ column, value }) => [column, value])).toContainEqual(['revenue', '30.50'])
    expect(sql.file).toBe(join(shop.folder, 'models/city_sales.sql'))
    expect(
      silver.map(({ collection, records }) => [collection, records.map(({ _id, bronze }) => [_id, bronze])]),
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
    const text = await shop.output('explain', 'city_sales', ...key)
    expect(text).toContain('models/city_sales.sql')
  })

  test('and a row of a table of the package that is worked out nowhere else', async () => {
    const key = ['2025-01', 'Lamp', 'France', 'customer known']
    const { row, silver } = await shop.json<Explanation>('explain', 'monthly_sales', ...key)
    expect(row.find(({ column }) => column === 'revenue')).toMatchObject({ value: '10.00', agrees: true })
    const ids = silver.map(({ collection, records }) => [collection, records.map(({ _id }) => _id)])
    expect(Object.fromEntries(ids)).toEqual({ transactions: [1], customers: [1, 2] })
  })

  test('says which rows there are where a key names none', async () => {
    const { code, stderr } = await shop.lingot(['explain', 'city_sales', 'paris', '2025-01-01'])
    expect(code).toBe(2)
    expect(stderr).toBe('city_sales has no row paris / 2025-01-01: city / month.\n→ Did you mean Paris / 2025-01-01?\n')
  })

  test.each<[period: string, key: string[], month: string, transactions: number[]]>([
    ['week', ['2024-12-30', 'Paris'], 'date_trunc', [1, 2]],
    ['sold_on', ['2025-01-03', 'Paris'], 'day', [1]],
    ['month', ['2025-01-01', 'Paris'], 'date_trunc', [1, 2]],
    ['month', ['2025-01', 'Paris'], 'date_trunc', [1, 2]],
    ['year_month', ['2025-02', 'Lyon'], "strftime(transactions.timestamp, '%Y-%m')", [3]],
    ['iso_week', ['2025-W05', 'Lyon'], "strftime(transactions.timestamp, '%G-W%V')", [3]],
    [
      'quarter',
      ['2025-Q1', 'Lyon'],
      "strftime(transactions.timestamp, '%Y') || '-Q' || quarter(transactions.timestamp)",
      [3],
    ],
  ])('explains a row of sales by %s: %j', async (period, key, made, transactions) => {
    const part = period === 'sold_on' ? 'day' : period
    const column = made.includes('(') ? made : `cast(date_trunc('${part}', transactions.timestamp) as date)`
    shop.write({
      'models/by_time.sql': `select ${column} as ${period}, customers.city, count(*) as sales from transactions
        inner join customers on customers.customer_id = transactions.customer_id group by all`,
      'models/by_time.yml': `description: Mine.\nkey: [${period}, city]\nfrom: { ${period}: transactions.timestamp }
reads: { customers: [customer_id, city], transactions: [customer_id, timestamp] }
columns: { ${period}: When., city: Where., sales: How many. }\n`,
    })
    try {
      await shop.output('aggregate', '--only', 'by_time')
      const { row, silver } = await shop.json<Explanation>('explain', 'by_time', ...key)
      expect(row.find(({ column }) => column === 'sales')?.value).toBe(String(transactions.length))
      const sold = silver.find(({ collection }) => collection === 'transactions')
      expect(sold?.records.map(({ _id }) => _id)).toEqual(transactions)
    } finally {
      for (const ending of ['sql', 'yml']) rmSync(join(shop.folder, `models/by_time.${ending}`))
    }
  })

  test('has it in its data dictionary', async () => {
    await shop.output('docs')
    const text = readFileSync(join(shop.folder, 'data-dictionary.md'), 'utf8')
    expect(text).toContain('### city_sales\n\nWhat each city buys.')
    expect(text).toContain('SQL: [`city_sales.sql`](models/city_sales.sql)')
    expect(text).toContain('| `best_buyer` | text | yes | Who comes first in the alphabet. Personal. |')
    expect(text).toContain('### monthly_revenue')
    expect(text).not.toMatch(/\]\(page:/)
    shop.write({ 'data-dictionary.md': '# Mine\n' })
    expect(await shop.lingot(['docs'])).toMatchObject({ code: 2, stderr: expect.stringContaining('stays as it is') })
  })

  test('looks for personal values in it', async () => {
    const { places } = await shop.json<{ places: Row[] }>('privacy')
    expect(places.map(({ name }) => name)).toContain('city_sales')
  })

  test('a year in front of a question is a part of its name, and a column is quoted where it has to be', async () => {
    shop.write({
      'questions/2024_sales.sql': 'select 1 as n',
      'models/wide.sql': 'select count(*) as "Total sales", 1::bigint as "order" from transactions',
      'models/wide.yml': `description: Mine.\nkey: [order]\nreads: { transactions: [product] }
columns: { Total sales: It., order: One. }\n`,
    })
    try {
      expect(await shop.json('ask', '2024_sales')).toMatchObject([{ number: 6, question: '2024 sales' }])
      await shop.output('aggregate', '--only', 'wide')
      await shop.output('new', 'question', 'wide')
      expect(await shop.json('ask', 'wide')).toMatchObject([{ rows: [{ 'Total sales': 4, order: 1 }] }])
    } finally {
      for (const name of ['questions/2024_sales.sql', 'questions/wide.sql', 'models/wide.sql', 'models/wide.yml']) {
        rmSync(join(shop.folder, name), { force: true })
      }
    }
  })

  test('a question that cannot be answered leaves the others theirs', async () => {
    shop.write({
      'questions/slow.sql': '-- How long?\nselect pg_sleep(20)\n',
      'questions/wrong.sql': '-- Wrong?\nselect nothing from city_sales\n',
    })
    const url = new URL(shop.place.postgresUrl)
    url.searchParams.set('statement_timeout', '1000')
    try {
      const { code, stdout, stderr } = await shop.lingot(['ask', '--json'], { POSTGRES_URL: url.href })
      const answers: Row[] = JSON.parse(stdout)
      expect(answers.map(({ question, rows, problem }) => [question, (rows as Row[]).length > 0, problem])).toEqual([
        ...answers.slice(0, 5).map(({ question }) => [question, true, undefined]),
        ['Which city buys most?', true, undefined],
        ['How long?', false, 'PostgreSQL ended the question of questions/slow.sql: it took longer than it may.'],
        ['Wrong?', false, 'questions/wrong.sql, line 2, column 8: There is no column `nothing`.'],
      ])
      expect(code).toBe(4)
      expect(stderr).toContain('questions/slow.sql')
      const text = (await shop.lingot(['ask'], { POSTGRES_URL: url.href })).stdout
      expect(text).toContain('8. Wrong?\n   questions/wrong.sql, line 2')
      expect(text).toContain('30.50')
    } finally {
      for (const name of ['slow', 'wrong']) rmSync(join(shop.folder, `questions/${name}.sql`))
    }
  })

  test('a question that PostgreSQL does not understand is named with line and column', async () => {
    shop.write({ 'questions/wrong.sql': '-- Wrong?\n\nselect city,\n    nothing\nfrom city_sales\n' })
    const { code, stderr } = await shop.lingot(['ask', 'wrong'])
    rmSync(join(shop.folder, 'questions/wrong.sql'))
    expect(code).toBe(3)
    expect(stderr).toMatch(/^questions\/wrong\.sql, line 4, column 5: There is no column `nothing`\.\n→ Correct it/)
    shop.write({ 'questions/wrong.sql': '-- Wrong?\n\nselect city\nfrom city_sale\n' })
    const table = await shop.lingot(['ask', 'wrong'])
    rmSync(join(shop.folder, 'questions/wrong.sql'))
    expect(table.stderr).toMatch(/line 4, column 6: There is no table `city_sale`\.\n→ Did you mean `city_sales`\?/)
  })

  test('a question reads, and does nothing else', async () => {
    shop.write({ 'questions/harm.sql': '-- Harm?\nselect 1; drop table city_sales' })
    const { code } = await shop.lingot(['ask', 'harm'])
    rmSync(join(shop.folder, 'questions/harm.sql'))
    expect(code).not.toBe(0)
    expect(await shop.place.gold('select count(*) from city_sales')).toEqual([{ count: '2' }])
  })
})

test('what is left out is not made, not asked and not shown, and --prune drops what is left of it', async () => {
  const shop = await openShop({ 'questions/mine.sql': '-- Mine?\nselect 1 as one' })
  try {
    await shop.output('run')
    const leaving = {
      models: { customer_cohorts: false, customer_metrics: false },
      questions: { best_campaign: false },
    }
    shop.write({ 'lingot.config.json': JSON.stringify(leaving) })
    const left = ['customer_cohorts', 'customer_metrics']
    const { gold, unmade } = await shop.json<{ gold: Row; unmade: string[] }>('run')
    expect(Object.keys(gold).filter((name) => left.includes(name))).toEqual([])
    expect(unmade).toEqual(left)
    // Other models still read what is not published.
    expect(await shop.place.gold('select count(*) from customer_segments')).not.toEqual([{ count: '0' }])
    const pruned = await shop.json<Row>('run', '--prune')
    expect(pruned['unmade']).toBeUndefined()
    expect(await shop.place.gold("select to_regclass('customer_metrics') as it")).toEqual([{ it: null }])
    // The first reads customer_metrics, the third is left out itself.
    expect((await shop.json('ask')).map(({ number }) => number)).toEqual([2, 4, 5, 6])
    expect(await shop.output('report', '--html', '-')).toContain('<!doctype html>')
    expect(await shop.lingot(['explain', 'customer', 'C1'])).toMatchObject({ code: 2 })
    expect(await shop.output('docs', '--output', '-')).not.toContain('### customer_metrics')
    await shop.output('privacy')
  } finally {
    await shop.place.leave()
  }
})

test('a file of the same name takes the place of the one of the package', async () => {
  const shop = await openShop()
  try {
    await shop.output('new', 'model', 'country_statistics')
    const sql = join(shop.folder, 'models/country_statistics.sql')
    shop.write({
      'models/country_statistics.sql': readFileSync(sql, 'utf8').replace(
        /^ {4}(\w+\.)?country,$/m,
        '    upper($1country) as country,',
      ),
      'questions/best_country.sql': '-- Where is it best?\nselect country from country_statistics order by country',
    })
    await shop.output('run')
    expect(await shop.place.gold('select country from country_statistics')).toEqual([{ country: 'FRANCE' }])
    expect(await shop.json('ask', '5')).toMatchObject([
      { question: 'Where is it best?', rows: [{ country: 'FRANCE' }] },
    ])
    const { table, row } = await shop.json<Explanation>('explain', 'country', 'FRANCE')
    expect({ table, disagree: row.filter(({ agrees }) => !agrees) }).toEqual({
      table: 'country_statistics',
      disagree: [],
    })
  } finally {
    await shop.place.leave()
  }
})

test('drafts work as they are written', async () => {
  const shop = await openShop()
  try {
    expect(await shop.output('new', 'model', 'product_sales')).toBe(
      'models/product_sales.sql and models/product_sales.yml: a draft that works. Change it, then: `lingot aggregate --only product_sales`\n',
    )
    const sql = readFileSync(join(shop.folder, 'models/product_sales.sql'), 'utf8')
    expect(sql).toContain('-- Nothing is left out: transactions without one are of Unknown.')
    expect(sql).not.toContain('where')
    await shop.output('new', 'question', 'best_products')
    const { gold } = await shop.json<{ gold: Row }>('run')
    expect(gold).toMatchObject({ product_sales: 2 })
    expect(await shop.json('ask', 'best_products')).toMatchObject([
      {
        question: 'best products?',
        rows: [
          { product: 'Desk', transactions: 1, revenue: 20.5 },
          { product: 'Lamp', transactions: 3, revenue: 22 },
        ],
      },
    ])
    for (const again of [
      ['model', 'product_sales'],
      ['question', 'best_products'],
    ]) {
      expect(await shop.lingot(['new', ...again])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('there already'),
      })
    }
  } finally {
    await shop.place.leave()
  }
})

test.each([
  [['model', 'gold_run'], /^A model cannot be called gold_run: it is the name of a table of Lingot's own\./],
  [['model', 'sold'], /^A model cannot be called sold: it is what models call something else\./],
  [['model', '../harm'], /is no lower-case SQL name/],
  [['model', 'select'], /is a word of SQL/],
  [['question', '../harm'], /^A question cannot be called \.\.\/harm\./],
])('no draft is written of %j', async (args, message) => {
  const shop = await openShop()
  const { code, stderr } = await shop.lingot(['new', ...args])
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  await shop.place.leave()
})

test('who is erased goes from a table of its own too, and nobody is while something would keep them', async () => {
  const shop = await openShop(CITY_SALES)
  const erase = () => shop.lingot(['erase', 'C1', '--yes'], { LINGOT_ERASURE_KEY: 'k'.repeat(32) })
  const names = () => shop.place.gold('select best_buyer from city_sales order by 1')
  const customers = () => shop.place.client.db(shop.place.names.silver).collection('customers').countDocuments()
  try {
    await shop.output('run')
    const config = { models: { city_sales: false } }
    shop.write({ 'lingot.config.json': JSON.stringify(config) })
    expect(await erase()).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/^No model makes city_sales any more: /),
    })
    shop.write({ 'lingot.config.json': '{}', 'models/city_sales.sql': 'select nothing' })
    expect(await erase()).toMatchObject({ code: 3, stderr: expect.stringContaining('models/city_sales.sql, line 1') })
    expect({ customers: await customers(), names: await names() }).toEqual({
      customers: 2,
      names: [{ best_buyer: 'Ada' }, { best_buyer: 'Bo' }],
    })
    shop.write(CITY_SALES)
    expect(await erase()).toMatchObject({ code: 0 })
    expect({ customers: await customers(), names: await names() }).toEqual({
      customers: 1,
      names: [{ best_buyer: 'Bo' }],
    })
  } finally {
    await shop.place.leave()
  }
})
