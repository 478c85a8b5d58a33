import module, { type Builder } from 'junit-report-builder'
import type { CheckResult } from '../runs/record.ts'

// Its types describe a default export, but the module is the builder itself.
const junit = module as unknown as Builder

/**
 * The checks as JUnit XML, a suite per subject: a failed check of severity error is a failure,
 * one of severity warn passes and says on its standard output what was found.
 */
export function junitOf(checks: readonly CheckResult[]): string {
  const report = junit.newBuilder().name('lingot check')
  for (const subject of new Set(checks.map((check) => check.subject))) {
    const suite = report.testSuite().name(legal(subject))
    for (const { name, severity, passed, detail, rows } of checks.filter((check) => check.subject === subject)) {
      const test = suite.testCase().className(legal(subject)).name(legal(name))
      if (passed) continue
      const found = [detail, ...rows.map((row) => JSON.stringify(row))].map(legal).join('\n')
      if (severity === 'error') test.failure(legal(detail), 'error').stacktrace(found)
      else test.standardOutput(`warning: ${found}`)
    }
  }
  return report.build()
}

/** XML 1.0 has no way to write most control characters, half surrogate pairs and two noncharacters. */
function legal(text: string): string {
  return text.toWellFormed().replace(/[\p{Cc}\ufffe\uffff]/gu, '\ufffd')
}
