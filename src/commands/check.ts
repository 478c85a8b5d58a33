import { describeRow } from '../runs/gate.ts'
import type { CheckResult } from '../runs/record.ts'
import { LingotError } from '../system/errors.ts'
import { STDOUT, writeOutput } from '../system/output.ts'
import { counted, inJson, printable, screenColumns, style, wrapped } from '../text/terminal.ts'
import { junitOf } from '../trust/junit.ts'
import { session } from './session.ts'

export interface CheckOptions {
  json?: boolean
  /** Names every row at fault. */
  all?: boolean
  /** Where to write JUnit XML. */
  junit?: string
}

/** `lingot check`: builds gold from the silver in place and checks it, without publishing. */
export function checkCommand({ json = false, all = false, junit }: CheckOptions): Promise<void> {
  if (json && junit === STDOUT) {
    throw new LingotError(
      'usage',
      'Standard output takes one of them.',
      'Name a file for the JUnit XML, or leave out --json.',
    )
  }
  return session({ json }, async ({ lingot, terminal }) => {
    const checks = await lingot.check(all ? { named: ALL_ROWS } : {})
    const place = junit === undefined ? undefined : await writeOutput(junit, junitOf(checks))
    if (place !== 'stdout') terminal.print(json ? inJson(checks, 2) : describeChecks(checks))
    const failure = checkFailure(checks)
    if (failure !== undefined) throw failure
  })
}

/** More than any table has. */
const ALL_ROWS = Number.MAX_SAFE_INTEGER

/** What ends `lingot check` with the exit code of the gate. */
export function checkFailure(checks: readonly CheckResult[]): LingotError | undefined {
  const failed = checks.filter(({ passed, severity }) => !passed && severity === 'error').length
  if (failed === 0) return undefined
  return new LingotError(
    'gate',
    `${failed} of ${counted(checks.length, 'check')} failed: a run would keep the old gold.`,
    'Correct bronze, the model or the check; `lingot explain` shows what is behind a row.',
  )
}

/** Every check by what it looks at, with the keys of the rows at fault; passed ones of a kind share a line. */
export function describeChecks(checks: readonly CheckResult[]): string {
  const subjects = [...new Set(checks.map(({ subject }) => subject))]
  const groups = subjects.map((subject) => {
    const own = checks.filter((check) => check.subject === subject)
    const passed = own.filter(({ passed }) => passed)
    const kinds = [...new Set(passed.map(kindOf))].map((kind) => passed.filter((check) => kindOf(check) === kind))
    const lines = [...kinds.map(joined), ...own.filter(({ passed }) => !passed)].map(describeCheck)
    return [style('bold', printable(subject)), ...lines].join('\n')
  })
  const count = (wanted: CheckResult['severity']) =>
    checks.filter(({ passed, severity }) => !passed && severity === wanted).length
  const passed = checks.filter(({ passed }) => passed).length
  const outcome = [
    `${passed} of ${counted(checks.length, 'check')} passed`,
    ...(count('warn') > 0 ? [counted(count('warn'), 'warning')] : []),
    ...(count('error') > 0 ? [counted(count('error'), 'error')] : []),
  ]
  return [...groups, '', outcome.join(', ')].join('\n')
}

function kindOf({ name }: CheckResult): string {
  return name.split(': ')[0] ?? name
}

/** `not null: a` and `not null: b` as `not null: a, b`. */
function joined(checks: readonly CheckResult[]): CheckResult {
  const [first, ...others] = checks as [CheckResult, ...CheckResult[]]
  const more = others.map(({ name }) => name.slice(name.indexOf(': ') + 2))
  return { ...first, name: [first.name, ...more].join(', ') }
}

function describeCheck({ name, severity, passed, detail, rows }: CheckResult): string {
  const mark = passed ? style('green', '✔') : severity === 'error' ? style('red', '✖') : style('yellow', '!')
  const text = printable(detail === '' ? name : `${name}: ${detail}`)
  const told = wrapped(text.split(' '), Math.min(screenColumns(), WIDEST) - 6, ' ').join('\n      ')
  return [`  ${mark} ${told}`, ...rows.map((row) => style('dim', `      ${describeRow(row)}`))].join('\n')
}

/** Columns of a line that nobody's screen cuts shorter. */
const WIDEST = 120
