import { readFileSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lastRuns } from '../../src/runs/store.ts'
import { CITY_SALES, openShop, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.place.leave())

const yml = (reads: string, more = '') => `description: Mine.
key: [n]
reads: ${reads}
columns:
  n: It.
${more}`

/** A model that makes one column, n. */
const mine = (sql: string, reads = '{ customers: [customer_id] }', more = '') => ({
  'models/mine.sql': sql,
  'models/mine.yml': yml(reads, more),
})
const FINE = mine('select count(*) as n from customers')

// what is wrong: the files, then what is said of them
test.each<[what: string, files: Record<string, string>, message: RegExp]>([
  [
    'a column that is not there',
    mine('-- One row.\nselect\n    count(shoe_size) as n\nfrom customers'),
    /^The model mine failed: models\/mine\.sql, line 3, column 11: Binder Error: Referenced column "shoe_size" not found/,
  ],
  [
    'SQL that is none',
    mine('select count(*) as n\nfrom where customers'),
    /^The model mine failed: models\/mine\.sql, line 2, column 6: Parser Error: syntax error at or near "where"/,
  ],
  [
    'a column behind letters of several bytes',
    mine("select 'éé€' || nothing as n from customers"),
    /^The model mine failed: models\/mine\.sql, line 1, column 17: /,
  ],
  [
    'a table that nobody makes',
    mine('select count(*) as n from nowhere'),
    /^The model mine failed: models\/mine\.sql, line 1, column 27: Catalog Error: Table with name nowhere/,
  ],
  ['a query of another language', mine('select count(*) as n from customers limit 5 percentage'), /line 1, column/],
  [
    'several statements',
    mine('select 1 as n from customers; drop table customers'),
    /^The model mine is to be one SELECT, and holds 2 statements\.\n→ Correct models\/mine\.sql\./,
  ],
  ['no statement', mine('-- Later.\n'), /^The model mine is to be one SELECT, and holds 0 statements\./],
  ['no SELECT', mine('delete from all_transactions'), /^The model mine /],
  [
    'a file that is read',
    mine("select count(*) as n from read_csv('/etc/passwd'), customers"),
    /^The model mine failed: models\/mine\.sql, line 1, column 27: Permission Error: Cannot access file/,
  ],
  ['a file that is named', mine("select count(*) as n from '/etc/passwd.csv', customers"), /Permission Error/],
  ['a folder that is listed', mine("select count(*) as n from glob('/etc/*'), customers"), /Permission Error/],
  ...[
    'from all_transactions',
    'from staged_transactions',
    "from query('select * from transac' || 'tions')",
    "from query_table(['customers'])",
    'from (unpivot customers on age)',
    "from enable_logging(storage = 'stdout')",
  ].map((from): [string, Record<string, string>, RegExp] => [
    `what it reads ${from}`,
    mine(`select count(*) as n ${from}`),
    /^The model mine uses (all_transactions|staged_transactions|query|query_table|unpivot|enable_logging), by which it could read/,
  ]),
  [
    'an address that is read',
    mine("select count(*) as n from read_csv('https://localhost/x'), customers"),
    /^The model mine failed: /,
  ],
  [
    'a database that is attached',
    mine("attach '/tmp/x.db'"),
    /^The model mine is to be one SELECT, and holds a statement that is none\./,
  ],
  ['an extension', mine('install httpfs'), /^The model mine is to be one SELECT, and holds a statement that is none\./],
  [
    'a file that is written',
    mine("copy (select 1) to '/tmp/x'"),
    /^The model mine failed: Permission Error: Cannot access file/,
  ],
  [
    'a column of silver that is none',
    mine('select count(*) as n from customers', '{ customers: [shoe_size] }'),
    /^The model mine reads customers\.shoe_size, which silver does not have\.\n→ Correct reads in models\/mine\.yml\./,
  ],
  [
    'a collection that it does not declare',
    mine('select count(*) as n from customers, transactions'),
    /^The model mine reads transactions, which it does not declare\.\n→ Add .* in models\/mine\.yml\./,
  ],
  [
    'a model that it declares and nobody makes',
    mine('select count(*) as n from customers', '{ customers: [customer_id], models: [nothing] }'),
    /^The model mine reads nothing, which is no other model\.\n→ Correct reads in models\/mine\.yml\./,
  ],
  [
    'models that read each other',
    {
      ...mine('select n from other', '{ models: [other] }'),
      'models/other.sql': 'select n from mine',
      'models/other.yml': yml('{ models: [mine] }'),
    },
    /^The models read each other in a circle: mine → other → mine\./,
  ],
  [
    'a column that is not described',
    mine("select count(*) as n, 'x' as m from customers"),
    /^The model mine makes a column m that is not described\.\n→ Add it under columns in models\/mine\.yml\./,
  ],
  [
    'a column that is described and not made',
    mine('select count(*) as n from customers', undefined, '  m: Another.'),
    /^The model mine describes a column m that it does not make\.\n→ Take it out of models\/mine\.yml/,
  ],
  [
    'a type that gold does not have',
    mine('select sum(1.5::double) as n from customers'),
    /^The model mine makes the column n of the type DOUBLE, which gold does not have\.\n→ Cast it in models\/mine\.sql/,
  ],
  [
    'a test of a column that is not there',
    mine('select count(*) as n from customers', undefined, 'tests:\n  - { test: unique, columns: [m] }'),
    /^models\/mine\.yml, line 7, column 5: tests\.0: m does not stand under columns\.\n→ Correct it\./,
  ],
  [
    'a test of no kind that there is',
    mine('select count(*) as n from customers', undefined, 'tests:\n  - { test: uniq, columns: [n] }'),
    /^models\/mine\.yml, line 7, column 13: tests\.0\.test: must be one of unique, not_null, .*, no_rows\./,
  ],
  [
    'a collection that is none',
    mine('select count(*) as n from customers', '{ shops: [n] }'),
    /^models\/mine\.yml, line 3, column 17: reads\.shops: there is no such key; there are .*customers.*models\./,
  ],
  [
    'a test that cannot be run',
    mine(
      'select count(*) as n from customers',
      undefined,
      'tests:\n  - { test: relationship, column: n, to: monthly_revenue.nothing }',
    ),
    /^The test "relationship: n to monthly_revenue\.nothing" of mine cannot be run: .*nothing/,
  ],
  [
    'a test of several statements',
    mine(
      'select count(*) as n from customers',
      undefined,
      'tests:\n  - { test: no_rows, name: odd, sql: select 1; drop table customers }',
    ),
    /^The test "odd" of mine cannot be run: it holds 2 statements\n→ Correct it in models\/mine\.yml/,
  ],
  ...[
    ['{ test: no_rows, name: odd, sql: select 1 from transactions }', /^The model mine reads transactions, which/],
    ['{ test: no_rows, name: odd, sql: from left_out }', /^The model mine reads left_out, which it does not declare/],
    ['{ test: relationship, column: n, to: campaigns.budget }', /^The model mine reads campaigns, which it does not/],
    [
      `{ test: no_rows, name: odd, sql: "select 1 from query_table(['transactions'])" }`,
      /^The model mine uses query_table, by which it could read .*\n→ .* in models\/mine\.yml/,
    ],
  ].map(([test, message]): [string, Record<string, string>, RegExp] => [
    `a test that reads what the model does not declare: ${test}`,
    mine('select count(*) as n from customers', undefined, `tests:\n  - ${test}`),
    message as RegExp,
  ]),
  ...[
    ['transactions.totl', /^The model mine says that n comes from transactions\.totl, which silver does not have\./],
    ['shops.city', /^The model mine says that n comes from shops\.city, which silver does not have\./],
    ['transactions.amount', /^The model mine says that n comes from transactions\.amount, which it does not read\./],
  ].map(([from, message]): [string, Record<string, string>, RegExp] => [
    `a column that comes from ${from}`,
    mine('select count(*) as n from customers', undefined, `from: { n: ${from} }`),
    message as RegExp,
  ]),
  ...['ctid', 'xmin', 'n'.repeat(64), 'é'.repeat(32)].map((name): [string, Record<string, string>, RegExp] => [
    `the column ${name}`,
    mine(`select count(*) as n, count(*) as ${name} from customers`, undefined, `  ${name}: It.`),
    new RegExp(`^The model mine makes a column ${name}, and PostgreSQL has none of that name\\.`),
  ]),
  [
    'a key that is no column',
    { ...FINE, 'models/mine.yml': yml('{ customers: [customer_id] }').replace('[n]', '[m]') },
    /^models\/mine\.yml, line 2, column 6: key: m does not stand under columns\./,
  ],
  [
    'a description that says nothing of what it reads',
    { ...FINE, 'models/mine.yml': yml('').replace('reads: \n', '') },
    /^models\/mine\.yml, line 1, column 1: reads: say what it reads, such as reads: /,
  ],
  [
    'a word that the description does not have',
    { ...FINE, 'models/mine.yml': yml('{ customers: [customer_id] }', 'test: []') },
    /^models\/mine\.yml, line 6, column 7: test: there is no such key; did you mean tests\?/,
  ],
  [
    'YAML that is none',
    { ...FINE, 'models/mine.yml': 'description: Mine.\nkey: [n\n' },
    /^models\/mine\.yml, line \d, column \d+: Flow sequence/,
  ],
  ['an empty description', { ...FINE, 'models/mine.yml': '' }, /^models\/mine\.yml: must be an object, not null\./],
  [
    'a description without SQL',
    { 'models/mine.yml': yml('{}') },
    /^models\/mine\.yml has no models\/mine\.sql beside it, with its query\./,
  ],
  [
    'SQL without a description',
    { 'models/mine.sql': 'select 1 as n' },
    /^models\/mine\.sql has no models\/mine\.yml beside it, that says what it reads and means\.\n→ Write it; docs/,
  ],
  [
    'a file that is neither',
    { ...FINE, 'models/notes.txt': '' },
    /^models\/notes\.txt is not read: models holds \.sql and \.yml\./,
  ],
  [
    'a folder in it',
    { ...FINE, 'models/marts/more.sql': '' },
    /^models\/marts is not read: models holds \.sql and \.yml\./,
  ],
  [
    "the name of a table of Lingot's own",
    { 'models/gold_run.sql': '', 'models/gold_run.yml': '' },
    /^models\/gold_run\.sql cannot be a model: gold_run is the name of a table of Lingot's own\./,
  ],
  [
    'the name of what models read',
    { 'models/visits.sql': '', 'models/visits.yml': '' },
    /^models\/visits\.sql cannot be a model: visits is what models call something else\./,
  ],
  [
    'the name of a collection',
    { 'models/customers.sql': '', 'models/customers.yml': '' },
    /^models\/customers\.sql cannot be a model: customers is what models call something else\./,
  ],
  [
    'the name of what rows lie in before models see them',
    { 'models/staged_sales.sql': '', 'models/staged_sales.yml': '' },
    /^models\/staged_sales\.sql cannot be a model: staged_sales begins as names of the database do\./,
  ],
  [
    'a name that is none of SQL',
    { 'models/my sales.sql': '', 'models/my sales.yml': '' },
    /^models\/my sales\.sql cannot be a model: my sales is no lower-case SQL name/,
  ],
  [
    "one in the place of Lingot's own that lacks a column",
    {
      'models/monthly_revenue.sql': 'select count(*) as n from customers',
      'models/monthly_revenue.yml': yml('{ customers: [] }'),
    },
    /^models\/monthly_revenue\.sql takes the place of Lingot's own monthly_revenue, and lacks its column month, which others read\./,
  ],
  ['a text that is no UTF-8', { ...FINE, 'models/mine.sql': 'select \0' }, /^models\/mine\.sql is no text in UTF-8\./],
  [
    'a file that is too large',
    { ...FINE, 'models/mine.sql': ' '.repeat(2 ** 20 + 1) },
    /models\/mine\.sql is larger than 1 MB/,
  ],
])('%s is refused before a document is read', async (_, files, message) => {
  shop.write(files)
  try {
    const { code, stdout, stderr } = await shop.lingot(['run'])
    expect({ code, stdout, stderr }).toEqual({ code: 3, stdout: '', stderr: expect.stringMatching(message) })
    // There was no run.
    expect(await lastRuns(shop.place.client.db(shop.place.names.silver), 1)).toEqual([])
  } finally {
    rmSync(join(shop.folder, 'models'), { recursive: true })
  }
})

test.each([
  ['a model', 'models/mine.sql', { 'models/mine.yml': yml('{}') }],
  ['a question', 'questions/mine.sql', { 'questions/README.md': '' }],
  ['a folder', 'models', {}],
])('%s that is a link out of the folder is not read', async (_, name, files: Record<string, string>) => {
  shop.write({ '../elsewhere': 'select 1 as n', ...files })
  symlinkSync(join(shop.folder, '../elsewhere'), join(shop.folder, name))
  const { code, stderr } = await shop.lingot(['run'])
  for (const part of ['models', 'questions']) rmSync(join(shop.folder, part), { recursive: true, force: true })
  expect({ code, stderr }).toEqual({
    code: 3,
    stderr: expect.stringMatching(new RegExp(`^${name} (is a link that leads out of|cannot be read).*`)),
  })
})

test.each([
  [
    { models: { customer_cohort: false } },
    'models.customer_cohort: there is no such model; did you mean customer_cohorts?',
  ],
  [{ models: { gold_run: false } }, 'models.gold_run: is what Lingot itself reads, and stays'],
  [{ questions: { best: false } }, 'questions.best: there is no such question'],
  [{ models: { customer_cohorts: true } }, 'models.customer_cohorts: must be one of false'],
])('a configuration that leaves out what is not there is refused: %j', async (config, message) => {
  shop.write({ 'lingot.config.json': JSON.stringify(config) })
  const { code, stderr } = await shop.lingot(['ask'])
  shop.write({ 'lingot.config.json': '{}' })
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining(message) })
})

test('a job for Spark is not written where a model is wrong, and carries those that are not', async () => {
  shop.write(mine('select nothing as n from customers'))
  const { code, stderr } = await shop.lingot(['run', '--engine', 'spark', '--dry-run', 'job'])
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringContaining('models/mine.sql, line 1, column 8') })
  shop.write({ ...FINE, ...CITY_SALES })
  await shop.output('run', '--engine', 'spark', '--dry-run', 'job')
  expect(readFileSync(join(shop.folder, 'job/lingot.mjs'), 'utf8')).toContain('One row per city and month.')
  rmSync(join(shop.folder, 'models'), { recursive: true })
})
