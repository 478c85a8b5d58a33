import { describeRow } from '../quality/checks.ts'
import type { Drift } from '../quality/drift.ts'
import { shownId } from '../quality/ids.ts'
import {
  type CollectionReport,
  type FieldReport,
  type Finding,
  fieldsNamed,
  type Report,
  type Revenue,
  type Run,
  readReport,
} from '../quality/report.ts'
import type { ReconciliationPart } from '../quality/runs.ts'
import { type Column, counted, printable, readable, shorten, style, table } from '../terminal.ts'
import { session } from './session.ts'

export interface ReportOptions {
  json?: boolean
  /** A field, or a collection for all of its fields. */
  field?: string
  /** Runs in the history. */
  last?: number
}

/** `lingot report`: what was done to the data, on one screen. */
export function reportCommand({ json = false, field, last = 4 }: ReportOptions): Promise<void> {
  return session({ json }, async ({ config, mongodb, terminal }) => {
    const report = await readReport(mongodb.db(config.silver), { last })
    const fields = field === undefined ? undefined : fieldsNamed(report, field)
    if (json) terminal.print(JSON.stringify(fields ?? report, null, 2))
    else terminal.print(fields === undefined ? describeReport(report) : fields.map(describeField).join('\n\n'))
  })
}

/** Lines of a part that may be long; what is left out is counted, and `--json` has it. */
const MOST = { fields: 6, findings: 4, drift: 4, checks: 3, wrapped: 2 }
const WIDTH = 98
const REST = 50

/** The report on one screen of 100 columns. */
export function describeReport({ silver, gold, checks, runs }: Report): string {
  return [
    silver === null
      ? 'No run of Lingot made the silver that is in place; `lingot process` makes it.'
      : [
          `${style('bold', 'Silver')} ${made(silver.run)}`,
          describeCollections(silver.collections),
          '',
          describeFields(silver.fields),
          '',
          describeFindings(silver.collections),
          describeDrift(silver.drift, silver.since),
        ].join('\n'),
    gold === null
      ? `${style('bold', 'Gold')} was not made yet; \`lingot aggregate\` makes it.`
      : [
          `${style('bold', 'Gold')} ${made(gold.run)}${gold.isOlderThanSilver ? style('yellow', ' – older than silver: `lingot aggregate` brings it up to date') : ''}`,
          describeRevenue(gold.revenue),
        ].join('\n'),
    ...(checks === null ? [] : [describeChecks(checks)]),
    describeRuns(runs),
  ].join('\n\n')
}

function made({ id, command, started }: Run): string {
  return `made ${time(started)} UTC by ${command} ${id}`
}

// ---------------------------------------------------------------------------------------------------------- documents

function describeCollections(collections: readonly CollectionReport[]): string {
  const columns = [text(''), number('bronze'), text(''), number('silver'), text(''), number('duplicates'), text('')]
  const rows = collections.map(({ collection, bronze, silver, duplicates, quarantined, addsUp, reasons }) => {
    const told = Object.entries(reasons)
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => `${readable(count)} ${reason}`)
    const counts = [`${bronze}`, '=', `${silver}`, '+', `${duplicates}`, '+', `${quarantined}`]
    return [collection, ...counts, [addsUp ? '✔ adds up' : '✖ does not add up', ...told].join(', ')]
  })
  return table([...columns, number('quarantined'), text('')], rows)
}

// ------------------------------------------------------------------------------------------------------------- fields

function describeFields(fields: readonly FieldReport[]): string {
  const shown = fields.slice(0, MOST.fields)
  const columns = [
    text('% of documents, worst first'),
    ...['present', 'missing', 'invalid', 'repaired'].map(number),
    text('most often', 30),
  ]
  const rows = shown.map(({ collection, field, documents, present, missing, invalid, repaired, reasons }) => [
    `${collection}.${field}`,
    ...[present, missing, invalid, repaired].map((count) => percent(count, documents)),
    reasons[0] === undefined ? '' : compact(reasons[0], 30),
  ])
  const rest = fields.length - shown.length
  return [
    table(columns, rows),
    ...(rest > 0
      ? [style('dim', `  and ${rest} fields more; one in full: lingot report --field transactions.amount`)]
      : []),
  ].join('\n')
}

/** What was met, how often, and one document where it was, as far as there is room. */
function compact({ what, count, examples: [example] }: Finding, width: number): string {
  const told = `${what} ${readable(count)}`
  const room = width - told.length - 2
  return room < 3 || example === undefined ? told : `${told}: ${shownId(example, room)}`
}

/** A field with every reason and its examples. */
export function describeField({ collection, field, documents, reasons, ...counts }: FieldReport): string {
  const kinds = (['present', 'missing', 'invalid', 'repaired'] as const).map(
    (kind) => `${kind} ${readable(counts[kind])} (${percent(counts[kind], documents)} %)`,
  )
  const columns = [text(''), text('reason'), number('documents'), text('for example', 50)]
  const rows = reasons.flatMap(({ kind, what, count, examples: [first, ...others] }): (string | null)[][] => [
    [kind, what, `${count}`, shownId(first, 50)],
    ...others.map((id) => ['', null, null, shownId(id, 50)]),
  ])
  return [
    `${style('bold', `${collection}.${field}`)}  ${kinds.join(', ')} of ${counted(documents, 'document')}`,
    ...(rows.length === 0 ? [] : [table(columns, rows)]),
  ].join('\n')
}

// ------------------------------------------------------------------------------------------------- findings and drift

function describeFindings(collections: readonly CollectionReport[]): string {
  const shared = collections
    .filter(({ sharedIds }) => sharedIds > 0)
    .map(({ collection, sharedIds }) => `${readable(sharedIds)} in ${collection}`)
  const odd = collections.flatMap(({ collection, suspicious }) =>
    suspicious.map(({ what, count, examples }) => {
      const told = `${collection}: ${what} ${readable(count)}: `
      return told + examples.map((id) => shownId(id, 16)).join(', ')
    }),
  )
  return [
    titled('Ids that name several documents', shared.length === 0 ? 'none' : shared.join(', ')),
    titled('Suspicious', odd.length === 0 ? 'nothing' : '', capped(odd, MOST.findings)),
  ].join('\n')
}

function describeDrift(drift: readonly Drift[], since: Run | null): string {
  const changed = drift.filter(({ change }) => change !== 'not in the contract')
  const lines = changed.map(({ collection, field, change, detail }) => {
    return `${[collection, field].filter(Boolean).join('.')}: ${change}: ${detail}`
  })
  const unnamed = new Map<string, string[]>()
  for (const { collection, field, change, count } of drift) {
    if (change !== 'not in the contract') continue
    unnamed.set(collection, [...(unnamed.get(collection) ?? []), `${field} ${readable(count ?? 0)}`])
  }
  const known = [...unnamed].map(([collection, fields]) => {
    const told = `${collection}, not in the contract: `
    const [first = '', ...rest] = wrapped(fields, WIDTH - told.length - 14)
    const more = rest.reduce((sum, line) => sum + line.split(', ').length, 0)
    return `${told}${first}${more > 0 ? ` and ${more} more` : ''}`
  })
  const against = since === null ? 'no run before to compare with' : `since ${time(since.started)}`
  const none = since !== null && lines.length === 0 ? ': nothing changed' : ''
  return titled('Drift', `${against}${none}`, capped([...lines, ...known], MOST.drift))
}

// ------------------------------------------------------------------------------------------------------------ revenue

function describeRevenue({ total, transactions, amountUnknown, tables, statuses }: Revenue): string {
  const unknown = amountUnknown === 0 ? 'all amounts known' : `${readable(amountUnknown)} of unknown amount`
  const columns = [text('table'), number('holds'), text('left out, or held as Unknown', REST), text('')]
  const rows = tables.flatMap(({ table, holds, inside, outside, addsUp }): (string | null)[][] => {
    const named = [
      ...outside.filter(isHeld).map(part),
      ...inside.filter((some) => some.part.endsWith(' unknown') && isHeld(some)).map((some) => `of it ${part(some)}`),
    ]
    const [first = '', ...more] = wrapped(named, REST)
    const rows = [[table, holds, first, addsUp ? '✔' : '✖ does not add up']]
    return [...rows, ...more.slice(0, MOST.wrapped - 1).map((line) => ['', null, line, ''])]
  })
  const undone = ['Cancelled', 'Refunded'].map(
    (status): ReconciliationPart =>
      statuses.find(({ part }) => part === status) ?? {
        gold_table: 'by status',
        part: status,
        in_table: true,
        transactions: 0,
        revenue: '0.00',
        amount_unknown: 0,
      },
  )
  const others = statuses.filter((status) => !status.in_table && !undone.includes(status))
  const told = [...undone, ...others].map(
    (status) => `${part(status)}${status.in_table ? ' (counted)' : ' (left out by a setting)'}`,
  )
  return [
    `  Revenue ${style('bold', readable(total))} from ${counted(transactions, 'sale')}, ${unknown}`,
    shorten(`  By status: ${told.map(printable).join(', ')}`, WIDTH),
    table(columns, rows),
  ].join('\n')
}

function isHeld({ transactions }: ReconciliationPart): boolean {
  return transactions > 0
}

function part({ part, revenue }: ReconciliationPart): string {
  return `${part} ${readable(revenue)}`
}

/** Texts joined by commas into lines of at most so many characters. */
function wrapped(texts: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const text of texts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 2 + text.length <= width) lines[lines.length - 1] = `${last}, ${text}`
    else lines.push(text)
  }
  return lines
}

// ------------------------------------------------------------------------------------------------------ checks, runs

function describeChecks({ run, results }: NonNullable<Report['checks']>): string {
  const failed = results
    .filter(({ passed }) => !passed)
    .sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  const lines = failed.map(({ subject, name, severity, detail, rows }) => {
    const at = rows[0] === undefined ? '' : ` (${describeRow(rows[0])})`
    return `${severity === 'error' ? '✖' : '!'} ${subject}: ${name}: ${detail}${at}`
  })
  const kept = failed.some(({ severity }) => severity === 'error') ? '; the old gold stayed' : ''
  const passed = `${results.length - failed.length} of ${counted(results.length, 'check')} passed ${time(run.started)} UTC`
  return titled('Checks', `${passed}${kept}`, capped(lines, MOST.checks, 'lingot check shows them'))
}

function describeRuns(runs: readonly Run[]): string {
  const columns = [text('Last runs, UTC'), text('command'), text('outcome'), number('seconds')]
  const rows = runs.map(({ started, command, outcome, failure, seconds, documents, revenue }) => [
    time(started),
    command,
    failure ? `${outcome}: ${failure.kind}` : outcome,
    seconds.toFixed(1),
    documents === null ? null : `${documents}`,
    revenue,
  ])
  return table([...columns, number('documents'), number('revenue')], rows)
}

// ------------------------------------------------------------------------------------------------------------- layout

function text(title: string, widest?: number): Column {
  return { title, isNumber: false, ...(widest !== undefined && { widest }) }
}

function number(title: string): Column {
  return { title, isNumber: true }
}

function percent(count: number, of: number): string {
  return of === 0 ? '0.0' : ((count / of) * 100).toFixed(1)
}

/** `2026-11-24 02:51` */
function time(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ')
}

function titled(title: string, told: string, lines: readonly string[] = []): string {
  const marks: Record<string, string> = { '✖': style('red', '✖'), '!': style('yellow', '!') }
  // Coloured last: what is cut or made printable must not hold colours.
  const shown = lines.map((line) => shorten(printable(line), WIDTH - 2).replace(/^[✖!]/, (mark) => marks[mark] ?? mark))
  return [`${style('bold', title)}  ${told}`.trimEnd(), ...shown.map((line) => `  ${line}`)].join('\n')
}

function capped(lines: readonly string[], most: number, where = '--json has them'): string[] {
  if (lines.length <= most) return [...lines]
  return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more; ${where}`]
}
