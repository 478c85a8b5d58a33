import { z } from 'zod'
import { LingotError, reasonOf } from '../errors.ts'
import { counted, printable } from '../terminal.ts'

export const severity = z.enum(['warn', 'error'])
export type Severity = z.infer<typeof severity>

const columns = z.array(z.string()).min(1)
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
  z.strictObject({ test: z.literal('accepted_values'), column: z.string(), values: columns, ...common }),
  /** Every value of the column stands in a column of another table, gold or silver: `customers.customer_id`. */
  z.strictObject({ test: z.literal('relationship'), column: z.string(), to: z.string(), ...common }),
  /** A query of one's own that finds the rows at fault. */
  z.strictObject({ test: z.literal('no_rows'), name: z.string(), sql: z.string(), ...common }),
])
export type ModelTest = z.infer<typeof modelTest>

/** How a check went. */
export interface CheckResult {
  /** What was checked: a model, or a field of silver. */
  subject: string
  /** The check in words. */
  name: string
  severity: Severity
  passed: boolean
  /** How many rows are at fault, or by how much a threshold was missed. */
  detail: string
  /** The keys of the first rows at fault. */
  rows: Record<string, unknown>[]
}

/** Rows at fault that are named. */
const SHOWN = 5

/** The name of a test, and the query that finds the rows at fault. */
export function queryOf(model: string, test: ModelTest): { name: string; sql: string }[] {
  const each = (list: readonly string[], where: (column: string) => string) =>
    list.map((column) => ({
      name: `${test.test.replaceAll('_', ' ')}: ${column}`,
      sql: `select * from ${quoted(model)} where ${where(quoted(column))}`,
    }))
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
      const values = test.values.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')
      return each([test.column], (column) => `cast(${column} as varchar) not in (${values})`)
    }
    case 'relationship': {
      const [table = '', column = ''] = test.to.split('.')
      const known = `select ${quoted(column)} from ${quoted(table)} where ${quoted(column)} is not null`
      return each([test.column], (own) => `${own} is not null and ${own} not in (${known})`).map(({ sql }) => ({
        name: `relationship: ${test.column} to ${test.to}`,
        sql,
      }))
    }
    case 'no_rows':
      return [{ name: test.name, sql: test.sql }]
  }
}

export type Query = (sql: string) => Promise<Record<string, unknown>[]>

/** Runs the tests of one model against the tables that were built. */
export async function checkModel(
  { name: model, key, tests }: { name: string; key: readonly string[]; tests: readonly ModelTest[] },
  query: Query,
): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const test of tests) {
    for (const { name, sql } of queryOf(model, test)) {
      const { failures, found } = await atFault(model, name, sql, query)
      results.push({
        subject: model,
        name,
        severity: test.severity,
        passed: failures === 0,
        detail: failures === 0 ? '' : `${counted(failures, 'row')} at fault`,
        // A query of the user's own names its rows itself; of a model's rows the key is enough, the rest may be personal.
        rows: found.map((row) => (test.test === 'no_rows' ? row : only(row, key))),
      })
    }
  }
  return results
}

async function atFault(
  model: string,
  name: string,
  sql: string,
  query: Query,
): Promise<{ failures: number; found: Record<string, unknown>[] }> {
  try {
    const [{ count } = { count: 0 }] = await query(`select count(*) as count from (${sql}) as at_fault`)
    const failures = Number(count)
    if (failures === 0) return { failures, found: [] }
    return { failures, found: await query(`select * from (${sql}) as at_fault order by all limit ${SHOWN}`) }
  } catch (error) {
    throw new LingotError(
      'config',
      `The test "${name}" of ${model} cannot be run: ${reasonOf(error)}`,
      `Correct it in ${model}.yml; a test sees the models, and those silver columns that a model names.`,
      { cause: error },
    )
  }
}

function only(row: Record<string, unknown>, key: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => key.includes(name) || name === 'times'))
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A row at fault in one line: `customer_id CUST12345, times 2`. */
export function describeRow(row: Readonly<Record<string, unknown>>): string {
  return printable(
    Object.entries(row)
      .map(([name, value]) => `${name} ${value === null ? 'null' : String(value)}`)
      .join(', '),
  )
}

/** The failure that keeps the old gold, if there is one: what is wrong, and the rows at fault. */
export function gateFailure(checks: readonly CheckResult[]): LingotError | undefined {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'error')
  if (failed.length === 0) return undefined
  const lines = failed.map(({ subject, name, detail, rows }) =>
    [`  ${subject}: ${name}: ${detail}`, ...rows.map((row) => `    ${describeRow(row)}`)].join('\n'),
  )
  return new LingotError(
    'gate',
    `Gold was not published, ${failed.length} of ${counted(checks.length, 'check')} failed; the old gold stays.\n${lines.join('\n')}`,
    'Look closer with `lingot check` and `lingot report`; then correct bronze, the model or the check.',
  )
}
