import { LingotError } from '../system/errors.ts'
import { counted, printable, shorten } from '../text/terminal.ts'
import type { CheckResult } from './record.ts'

/** Characters of a value that are shown of a row at fault. */
const LONGEST = 60

/** A row at fault in one line: `customer_id CUST12345, times 2`. */
export function describeRow(row: Readonly<Record<string, unknown>>): string {
  return Object.entries(row)
    .map(([name, value]) => `${name} ${value === null ? 'null' : shorten(printable(String(value)), LONGEST)}`)
    .join(', ')
}

/** What begins the line of a row at fault. */
const ROW = '    '

/** A message without its rows at fault: the checks of a record hold them, by column. */
export function withoutRows(message: string): string {
  return keepingLines(message, (line) => !line.startsWith(ROW))
}

/** A message, as versions before kept it in records, without the rows at fault that name a customer. */
export function withoutRowsOf(message: string, customerId: string): string {
  const value = describeRow({ customer_id: customerId }).slice('customer_id'.length)
  return keepingLines(message, (line) => {
    // The value may hold what divides columns; a count of times is no id.
    const columns = TIMES.test(value) ? line : line.replace(TIMES, '')
    return !(line.startsWith(ROW) && `${columns}, `.includes(`${value}, `))
  })
}

const TIMES = /, times \d+$/

function keepingLines(message: string, isKept: (line: string) => boolean): string {
  return message.split('\n').filter(isKept).join('\n')
}

/** Whether gold may be published: no check of severity error failed. */
export function isSound(checks: readonly CheckResult[]): boolean {
  return checks.every(({ passed, severity }) => passed || severity !== 'error')
}

/** The failure that keeps the old gold, if there is one: what is wrong, and the rows at fault. */
export function gateFailure(checks: readonly CheckResult[]): LingotError | undefined {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'error')
  if (failed.length === 0) return undefined
  const lines = failed.map(({ subject, name, detail, rows }) =>
    [`  ${subject}: ${name}: ${detail}`, ...rows.map((row) => `${ROW}${describeRow(row)}`)].join('\n'),
  )
  return new LingotError(
    'gate',
    `Gold was not published, ${failed.length} of ${counted(checks.length, 'check')} failed; the old gold stays.\n${lines.join('\n')}`,
    'Look closer with `lingot check` and `lingot report`; then correct bronze, the model or the check.',
  )
}
