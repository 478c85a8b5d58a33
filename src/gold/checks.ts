import { z } from 'zod'
import { type Contract, columnsOf } from '../contracts/contract.ts'
import { type Hide, type Hiding, hiding } from '../rules/contacts.ts'
import type { CheckResult } from '../runs/record.ts'
import { severity } from '../settings/thresholds.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { fromHere } from '../system/paths.ts'
import { counted } from '../text/terminal.ts'
import { queryReason } from './reason.ts'

export const columns = z.array(z.string()).min(1)
/** YAML reads 1 and true as no text. */
const words = z.array(z.union([z.string(), z.number(), z.boolean()]).transform(String)).min(1)
const common = { severity: severity.default('error') }

/** A test as it is declared beside a model, in its `.yml`. */
export const modelTest = z.discriminatedUnion('test', [
  /** No two rows share the values of the columns. */
  z.strictObject({ test: z.literal('unique'), columns, ...common }),
  /** No column holds null. */
  z.strictObject({ test: z.literal('not_null'), columns, ...common }),
  /** No column holds a number below 0. */
  z.strictObject({ test: z.literal('non_negative'), columns, ...common }),
  /** The column holds these values alone. */
  z.strictObject({ test: z.literal('accepted_values'), column: z.string(), values: words, ...common }),
  /** Every value of the column stands in a column of another table, gold or silver: `customers.customer_id`. */
  z.strictObject({ test: z.literal('relationship'), column: z.string(), to: z.string(), ...common }),
  /** The rows are parts: those of each value of `by` add up to the same as those where it is `to`. */
  z.strictObject({ test: z.literal('adds_up'), columns, by: z.string(), to: z.string(), ...common }),
  /** A query of one's own that finds the rows at fault. */
  z.strictObject({ test: z.literal('no_rows'), name: z.string(), sql: z.string(), ...common }),
])
export type ModelTest = z.infer<typeof modelTest>
/** Rows at fault that are named. */
export const SHOWN = 5

/** What finds the rows at fault. */
export interface TestQuery {
  name: string
  sql: string
  /** What is true of a row at fault, where a row alone can tell. */
  where?: string
}

/** The names of a test, and the queries that find the rows at fault. */
export function queryOf(model: string, test: ModelTest): TestQuery[] {
  const each = (list: readonly string[], fault: (column: string) => string) =>
    list.map((column): TestQuery => {
      const where = fault(quoted(column))
      const name = `${test.test.replaceAll('_', ' ')}: ${column}`
      return { name, sql: `select * from ${quoted(model)} where ${where}`, where }
    })
  switch (test.test) {
    case 'unique': {
      const names = test.columns.map(quoted).join(', ')
      const sql = `select ${names}, count(*) as times from ${quoted(model)} group by ${names} having count(*) > 1`
      return [{ name: `unique: ${test.columns.join(', ')}`, sql }]
    }
    case 'not_null':
      return each(test.columns, (column) => `${column} is null`)
    case 'non_negative':
      return each(test.columns, (column) => `${column} < 0`)
    case 'accepted_values': {
      const values = test.values.map(literal).join(', ')
      return each([test.column], (column) => `cast(${column} as string) not in (${values})`)
    }
    case 'relationship': {
      const [column, table] = referred(test.to)
      const own = `own.${quoted(test.column)}`
      const known = `select 1 from ${table} as known where known.${column} = ${own}`
      const sql = `select * from ${quoted(model)} as own where ${own} is not null and not exists (${known})`
      return [{ name: `relationship: ${test.column} to ${test.to}`, sql }]
    }
    case 'adds_up': {
      const by = quoted(test.by)
      const sums = test.columns.map((column) => `sum(${quoted(column)})`)
      const totals = sums.map((sum, i) => `${sum} as ${quoted(test.columns[i] ?? '')}`).join(', ')
      const differs = sums.map(
        (sum) => `${sum} is distinct from (select ${sum} from ${quoted(model)} where ${by} = ${literal(test.to)})`,
      )
      const sql = `select ${by}, ${totals} from ${quoted(model)} group by ${by} having ${differs.join(' or ')}`
      return [{ name: `adds up to ${test.to}: ${test.columns.join(', ')}`, sql }]
    }
    case 'no_rows':
      return [{ name: test.name, sql: test.sql.trim().replace(/;$/, '') }]
  }
}

export type Query = (sql: string) => Promise<Record<string, unknown>[]>

/** A model as its checks see it. */
export interface Checked {
  name: string
  key: readonly string[]
  tests: readonly ModelTest[]
  /** Columns that are personal whatever they are called. */
  personal: readonly string[]
  /** The columns of silver that columns hold values of, as `customers.full_name`. */
  from: Readonly<Record<string, string>>
  /** All of them, and what they mean. */
  columns: Readonly<Record<string, string>>
  file: string
}

/** What tells which values of a row at fault are personal, and how those are hidden. */
export interface RowSettings extends Hiding {
  contracts: readonly Contract[]
}

/** A check of a model, and the query that finds the rows at fault. */
interface ModelCheck extends TestQuery {
  test: ModelTest
}

/** Every check of a model, in its order. */
function checksOf({ name: model, tests }: Checked): ModelCheck[] {
  return tests.flatMap((test) => queryOf(model, test).map((found) => ({ ...found, test })))
}

/** What of DuckDB understands SQL without running it. */
interface Understanding {
  extractStatements: (sql: string) => Promise<{ count: number }>
  prepare: (sql: string) => Promise<{ destroySync: () => void }>
}

/** Throws where a test of a model cannot be run on what the models make. */
export async function refuseTests(model: Checked, duckdb: Understanding): Promise<void> {
  for (const check of checksOf(model)) {
    try {
      const { count } = await duckdb.extractStatements(check.sql)
      if (count !== 1) throw new Error(`it holds ${count} statements`)
      // What it refers to by itself, of which a query about both would tell less.
      const to = check.test.test === 'relationship' ? [`select ${referred(check.test.to).join(' from ')}`] : []
      for (const sql of [...to, check.sql]) (await duckdb.prepare(sql)).destroySync()
    } catch (error) {
      throw cannotRun(model, check, reasonOf(error).split('\n\nLINE ')[0] ?? '')
    }
  }
}

function cannotRun({ name, file }: { name: string; file: string }, test: TestQuery, reason: string): LingotError {
  return new LingotError(
    'config',
    `The test "${test.name}" of ${name} cannot be run: ${reason}`,
    `Correct it in ${fromHere(file.replace(/sql$/, 'yml'))}; a test sees the models, and those silver columns that stand under reads.`,
  )
}

/** Runs the tests of one model against the tables that were built, and names the first rows at fault of each. */
export async function checkModel(
  model: Checked,
  query: Query,
  settings: RowSettings,
  named = SHOWN,
): Promise<CheckResult[]> {
  const queries = checksOf(model)
  const counts = await countAll(model.name, queries, query)
  const results: CheckResult[] = []
  for (const [i, check] of queries.entries()) {
    const { count, rows } = await atFault(check.sql, counts[i], named, query).catch((error: unknown) => {
      throw cannotRun(model, check, queryReason(error))
    })
    results.push(checkResult(model, check, count, rows, settings))
  }
  return results
}

/** How a check went that found so many rows, of which these are the first. */
function checkResult(
  model: Checked,
  { name, test }: Pick<ModelCheck, 'name' | 'test'>,
  count: number,
  rows: readonly Record<string, unknown>[],
  settings: RowSettings,
): CheckResult {
  const { name: subject, key, columns } = model
  const all = settings.contracts.flatMap(columnsOf)
  const personal = personalColumns(settings.contracts, model)
  const known = new Set([...all.map(([name]) => name), ...Object.keys(columns)])
  const hide = hiding(settings)
  return {
    subject,
    name,
    severity: test.severity,
    passed: count === 0,
    detail: count === 0 ? '' : `${counted(count, 'row')} at fault`,
    rows: rows.map((row) => named(row, test, key, { personal, known }, hide)),
  }
}

/** The names of columns that are personal: in silver, by what a model says of its own, or where one comes from. */
export function personalColumns(
  contracts: readonly Contract[],
  { personal, from }: Pick<Checked, 'personal' | 'from'>,
): ReadonlySet<string> {
  const inSilver = contracts.flatMap((contract) =>
    columnsOf(contract).flatMap(([name, column]) => (column.personal ? [[contract.collection, name] as const] : [])),
  )
  const sources = new Set(inSilver.map((source) => source.join('.')))
  const led = Object.entries(from).flatMap(([column, source]) => (sources.has(source) ? [column] : []))
  return new Set([...inSilver.map(([, name]) => name), ...personal, ...led])
}

/** How many rows each check finds, asked all at once; none is told where one of them cannot be run. */
async function countAll(model: string, checks: readonly TestQuery[], query: Query): Promise<(number | undefined)[]> {
  const alike = checks.flatMap(({ where }, i) =>
    where === undefined ? [] : [`count(*) filter (where ${where}) as "${i}"`],
  )
  const parts = checks.flatMap(({ sql, where }, i) => (where === undefined ? [counting(sql, `"${i}"`)] : []))
  // What a row alone can tell is counted in one look at the table.
  if (alike.length > 0) parts.push(`select ${alike.join(', ')} from ${quoted(model)}`)
  if (parts.length === 0) return []
  // Named ahead, since a query in a `from` sees the columns of those before it.
  const named = parts.map((sql, i) => `"part ${i}" as (${sql})`)
  const all = `with ${named.join(',\n')} select * from ${parts.map((_, i) => `"part ${i}"`).join(', ')}`
  const [counts] = await query(all).catch(() => [])
  return checks.map((_, i) => (counts === undefined ? undefined : Number(counts[i])))
}

/** How many rows a query finds, and the first of them; it is counted here where the count is not known yet. */
async function atFault(
  sql: string,
  known: number | undefined,
  named: number,
  query: Query,
): Promise<{ count: number; rows: Record<string, unknown>[] }> {
  const count = known ?? Number((await query(counting(sql, 'failures')))[0]?.['failures'])
  const examples = `select * from (${sql}\n) as at_fault order by all limit ${named}`
  return { count, rows: count === 0 ? [] : await query(examples) }
}

function counting(sql: string, name: string): string {
  // The line break ends a comment that the query may end with.
  return `select count(*) as ${name} from (${sql}\n) as at_fault`
}

/** What names a row to people: its key, or what the test's own query or sums say; never a personal value. */
function named(
  row: Record<string, unknown>,
  { test }: ModelTest,
  key: readonly string[],
  { personal, known }: { personal: ReadonlySet<string>; known: ReadonlySet<string> },
  hide: Hide,
): Record<string, unknown> {
  const isOwn = test === 'no_rows' || test === 'adds_up'
  const isTold = (name: string, value: unknown) => {
    if (personal.has(name)) return false
    // A text under a name of the test's own may be anything, and so personal; a decimal is one here.
    const isNumber = typeof value !== 'string' || /^-?\d+\.\d+$/.test(value)
    return isOwn ? known.has(name) || isNumber : name === 'times' || key.includes(name)
  }
  const columns = Object.entries(row).filter(([name, value]) => isTold(name, value))
  // A label or an id may be an email or a phone number.
  return Object.fromEntries(columns.map(([name, value]) => [name, typeof value === 'string' ? hide(value) : value]))
}

/** The column and the table of `customers.customer_id`, as SQL names them. */
function referred(to: string): [column: string, table: string] {
  const [table = '', column = ''] = to.split('.')
  return [quoted(column), quoted(table)]
}

/** A name of a table or a column in SQL. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
