import { describeRow } from '../runs/gate.ts'
import type { CheckResult } from '../runs/record.ts'
import { asCalled } from '../system/invocation.ts'
import { counted, printable, readable, shorten, style, table } from '../text/terminal.ts'
import type { History, Report, Revenue, Run } from '../trust/report_schema.ts'
import { isToldOfSilver } from '../trust/suspicions.ts'
import { capped, EVERY, fitted, listed, number, SCREEN, text, time, titled } from './page.ts'
import { describeUnmade, describeWithout } from './run_result.ts'

/** Which run made gold, and where all revenue is. */
export function describeGold(
  { run, revenue, isOlderThanSilver, unmade, without, history }: NonNullable<Report['gold']>,
  checks: Report['checks'],
  most: number,
  currency?: string,
): string {
  const isKept = checks?.results.some(isError)
  const why = isKept ? 'failed checks kept it' : asCalled('`lingot aggregate` brings it up to date')
  return [
    `${style('bold', 'Gold')} made ${time(run.started)} UTC by ${run.command} ${run.id}`,
    ...(isOlderThanSilver ? [`  ${style('yellow', '!')} older than silver; ${why}`] : []),
    ...(unmade.length > 0 ? [describeUnmade(unmade)] : []),
    ...(Object.keys(without).length > 0 ? [describeWithout(without)] : []),
    ...(history === null ? [] : [describeHistory(history)]),
    describeRevenue(revenue, most, currency),
  ].join('\n')
}

function describeHistory({ since, runs, bytes }: History): string {
  return `  Its history: ${counted(runs, 'run')} since ${time(since)} UTC, ${readable((bytes / 1e6).toFixed(1))} MB`
}

function describeRevenue(
  { total, transactions, orders, amountUnknown, duplicates, tables, statuses }: Revenue,
  most: number,
  currency?: string,
): string {
  const unknown = amountUnknown === 0 ? 'all amounts known' : `${readable(amountUnknown)} of unknown amount`
  const columns = [text('table'), number('holds'), text(''), number('as Unknown'), number('left out'), text('')]
  const rows = tables.flatMap(({ table, holds, inside, outside, addsUp }): (string | null)[][] => {
    const unknown = inside.filter(({ part, transactions }) => part.endsWith(' unknown') && transactions > 0)
    const [first, ...more] = outside.filter(({ transactions }) => transactions > 0)
    return [
      [table, holds, addsUp ? '✔' : '✖', unknown[0]?.revenue ?? null, first?.revenue ?? null, first?.part ?? ''],
      ...more.map(({ part, revenue }) => ['', null, '', null, revenue, part]),
    ]
  })
  const parts = statuses.map(
    ({ part, revenue, in_table }) =>
      `${printable(part)} ${readable(revenue)}${in_table ? '' : ' (left out by a setting)'}`,
  )
  return [
    `  Revenue ${style('bold', [readable(total), currency ?? []].flat().join(' '))} from ${counted(transactions, 'sale')}, ${unknown}`,
    ...(orders === null ? [] : [`  The sales are of ${counted(orders, 'order')}`]),
    ...(duplicates !== null && duplicates.documents > 0 ? [describeDuplicates(duplicates)] : []),
    ...listed('  By status: ', parts, most).map((line) => (most < EVERY ? shorten(line, SCREEN.columns) : line)),
    fitted(columns, rows, most),
  ].join('\n')
}

function describeDuplicates({ documents, revenue }: NonNullable<Revenue['duplicates']>): string {
  const held = revenue === null ? '' : `, with ${readable(revenue)}`
  return `  Not in it: ${counted(documents, 'document')} inserted twice${held}`
}

/** What the last checks found, the errors first. */
export function describeChecks({ run, results }: NonNullable<Report['checks']>, most: number): string {
  const failed = results
    .filter(({ passed }) => !passed)
    .sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  // What is only suspicious is told with the silver that it is in.
  const told = failed.filter((check) => !isToldOfSilver(check))
  const lines = told.map(({ subject, name, severity, detail, rows }) => {
    const at = rows[0] === undefined ? '' : ` (${describeRow(rows[0])})`
    return `${severity === 'error' ? '✖' : '!'} ${subject}: ${name}: ${detail}${at}`
  })
  const consequence = failed.some(isError) ? '; the old gold stayed' : ''
  const passed = `${results.length - failed.length} of ${counted(results.length, 'check')} passed ${time(run.started)} UTC`
  return titled(
    'Checks',
    `${passed}${consequence}`,
    capped(lines, Math.max(2, most - 1), asCalled('`lingot check` shows them')),
    most,
  )
}

function isError({ passed, severity }: CheckResult): boolean {
  return !passed && severity === 'error'
}

/** The last runs, a line each. */
export function describeRuns(runs: readonly Run[]): string {
  const columns = [text('Last runs, UTC'), text('command'), text('outcome'), number('seconds'), text('checks')]
  const rows = runs.map(({ started, command, outcome, failure, seconds, checks, documents, revenue }) => [
    time(started),
    command,
    failure ? `✖ ${failure.kind}` : outcome,
    seconds.toFixed(1),
    checks === null ? '' : `${checks.passed}/${checks.all}`,
    documents === null ? null : `${documents}`,
    revenue,
  ])
  return table([...columns, number('documents'), number('revenue')], rows)
}
