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
import { type Column, counted, printable, readable, shorten, style, table, wrapped } from '../terminal.ts'
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
const MOST = { invalid: 4, suspicious: 4, drift: 4, checks: 3, fields: 14 }
/** The least of a screen that shows the report at once. */
const SCREEN = { columns: 98, lines: 50 }

/** The report on one screen of 100 columns and 50 lines. */
export function describeReport({ silver, gold, checks, runs }: Report): string {
  const after = [
    ...(gold === null
      ? [`${style('bold', 'Gold')} was not made yet; \`lingot aggregate\` makes it.`]
      : [describeGold(gold)]),
    ...(checks === null ? [] : [describeChecks(checks)]),
    describeRuns(runs),
  ].join('\n\n')
  if (silver === null) {
    return `No run of Lingot made the silver that is in place; \`lingot process\` makes it.\n\n${after}`
  }
  const before = `${style('bold', 'Silver')} ${made(silver.run)}\n${describeCollections(silver.collections)}`
  const findings = [
    describeInvalid(silver.fields),
    describeShared(silver.collections),
    describeSuspicious(silver.collections),
    describeDrift(silver.drift, silver.since),
  ].join('\n')
  // The fields take what the other parts leave of the screen: four blank lines, a title and a last line are theirs.
  const taken = [before, findings, after].join('\n').split('\n').length + 5
  return [before, describeFields(silver.fields, SCREEN.lines - taken), findings, after].join('\n\n')
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
    return [collection, ...counts, addsUp ? '✔' : '✖ does not add up', told.join(', ')]
  })
  return table([...columns, number('quarantined'), text(''), text('')], rows)
}

// ------------------------------------------------------------------------------------------------------------- fields

function describeFields(fields: readonly FieldReport[], room: number): string {
  const shown = fields.slice(0, Math.max(4, Math.min(room, MOST.fields)))
  const columns = [
    text('% of documents, worst first'),
    ...['present', 'missing', 'invalid', 'repaired'].map(number),
    text('why', 30),
  ]
  const rows = shown.map(({ collection, field, documents, present, missing, invalid, repaired, reasons }) => [
    `${collection}.${field}`,
    ...[present, missing, invalid, repaired].map((count) => percent(count, documents)),
    reasons.map(({ what, count }) => `${what} ${readable(count)}`).join(', '),
  ])
  const rest = fields.length - shown.length
  const more = rest > 0 ? `and ${rest} fields more; ` : ''
  return [
    table(columns, rows),
    style('dim', `  ${more}a field in full, with example _ids: lingot report --field transactions.amount`),
  ].join('\n')
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

function describeInvalid(fields: readonly FieldReport[]): string {
  const found = fields.flatMap(({ collection, field, reasons }) =>
    reasons.filter(({ kind }) => kind === 'invalid').map((reason) => ({ field: `${collection}.${field}`, reason })),
  )
  const lines = found
    .sort((a, b) => b.reason.count - a.reason.count)
    .map(({ field, reason }) => withExamples(field, reason))
  return titled('Invalid', lines.length === 0 ? 'nothing' : '', capped(lines, MOST.invalid))
}

function describeShared(collections: readonly CollectionReport[]): string {
  const shared = collections
    .filter(({ sharedIds }) => sharedIds > 0)
    .map(({ collection, sharedIds }) => `${readable(sharedIds)} in ${collection}`)
  return titled('Ids that name several documents', shared.length === 0 ? 'none' : shared.join(', '))
}

function describeSuspicious(collections: readonly CollectionReport[]): string {
  const lines = collections.flatMap(({ collection, suspicious }) =>
    suspicious.map((finding) => withExamples(collection, finding)),
  )
  return titled('Suspicious', lines.length === 0 ? 'nothing' : '', capped(lines, MOST.suspicious))
}

/** What was met, how often, and as many of the documents as there is room for. */
function withExamples(where: string, { what, count, examples: [first, ...others] }: Finding): string {
  const told = `${where}: ${what} ${readable(count)}`
  const room = SCREEN.columns - 4 - told.length
  if (first === undefined || room < 16) return told
  return others.reduce<string>(
    (line, id) => {
      const longer = `${line}, ${shownId(id, 40)}`
      return longer.length <= SCREEN.columns - 2 ? longer : line
    },
    `${told}: ${shownId(first, room)}`,
  )
}

function describeDrift(drift: readonly Drift[], since: Run | null): string {
  const changed = drift.filter(({ change }) => change !== 'not in the contract')
  const lines = changed.map(({ collection, field, change, detail }) => {
    return `! ${[collection, field].filter(Boolean).join('.')}: ${change}: ${detail}`
  })
  const unnamed = new Map<string, string[]>()
  for (const { collection, field, change, count } of drift) {
    if (change !== 'not in the contract') continue
    unnamed.set(collection, [...(unnamed.get(collection) ?? []), `${field} ${readable(count ?? 0)}`])
  }
  const known = [...unnamed].map(([collection, fields]) => {
    const told = `${collection}, not in the contract: `
    const [first = '', ...rest] = wrapped(fields, SCREEN.columns - told.length - 14)
    const more = rest.reduce((sum, line) => sum + line.split(', ').length, 0)
    return `${told}${first}${more > 0 ? ` and ${more} more` : ''}`
  })
  const against = since === null ? 'no run before to compare with' : `since ${time(since.started)}`
  const none = since !== null && lines.length === 0 ? ': nothing changed' : ''
  return titled('Drift', `${against}${none}`, capped([...lines, ...known], MOST.drift))
}

// ------------------------------------------------------------------------------------------------------------ revenue

function describeGold({ run, revenue, isOlderThanSilver }: NonNullable<Report['gold']>): string {
  const older = isOlderThanSilver
    ? style('yellow', ' – older than silver: `lingot aggregate` brings it up to date')
    : ''
  return `${style('bold', 'Gold')} ${made(run)}${older}\n${describeRevenue(revenue)}`
}

function describeRevenue({ total, transactions, amountUnknown, tables, statuses }: Revenue): string {
  const unknown = amountUnknown === 0 ? 'all amounts known' : `${readable(amountUnknown)} of unknown amount`
  const columns = [text('table'), number('holds'), text(''), number('as Unknown'), number('left out'), text('', 26)]
  const rows = tables.flatMap(({ table, holds, inside, outside, addsUp }): (string | null)[][] => {
    const unknown = inside.filter(({ part, transactions }) => part.endsWith(' unknown') && transactions > 0)
    const [first, ...more] = outside.filter(({ transactions }) => transactions > 0)
    const mark = addsUp ? '✔' : '✖ does not add up'
    return [
      [table, holds, mark, unknown[0]?.revenue ?? null, first?.revenue ?? null, first?.part ?? ''],
      ...more.map(({ part, revenue }) => ['', null, '', null, revenue, part]),
    ]
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
    ({ part, revenue, in_table }) =>
      `${part} ${readable(revenue)}${in_table ? ' (counted)' : ' (left out by a setting)'}`,
  )
  return [
    `  Revenue ${style('bold', readable(total))} from ${counted(transactions, 'sale')}, ${unknown}`,
    shorten(`  By status: ${told.map(printable).join(', ')}`, SCREEN.columns),
    table(columns, rows),
  ].join('\n')
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
  const columns = [text('Last runs, UTC'), text('command'), text('outcome'), number('seconds'), text('checks')]
  const rows = runs.map(({ started, command, outcome, failure, seconds, checks, documents, revenue }) => [
    time(started),
    command,
    failure ? `${outcome}: ${failure.kind}` : outcome,
    seconds.toFixed(1),
    checks === null ? '' : `${checks.passed} of ${checks.all}`,
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
  const shown = lines.map((line) =>
    shorten(printable(line), SCREEN.columns - 2).replace(/^[✖!]/, (mark) => marks[mark] ?? mark),
  )
  return [`${style('bold', title)}  ${told}`.trimEnd(), ...shown.map((line) => `  ${line}`)].join('\n')
}

function capped(lines: readonly string[], most: number, where = '--json has them'): string[] {
  if (lines.length <= most) return [...lines]
  return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more; ${where}`]
}
