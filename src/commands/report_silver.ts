import { asCalled } from '../system/invocation.ts'
import { counted, readable, style, table, wrapped } from '../text/terminal.ts'
import { shownId } from '../trust/ids.ts'
import { isNeverThere } from '../trust/report.ts'
import type { CollectionReport, Drift, FieldReport, Finding, Report, Run } from '../trust/report_schema.ts'
import { capped, EVERY, fitted, inWhole, listed, number, percent, SCREEN, text, time, titled } from './page.ts'

type Silver = NonNullable<Report['silver']>

/** Which run made silver, and what became of each collection. */
export function describeSilver({ run, rules, rulesBefore, collections }: Silver, most: number): string {
  const other = `rule set ${rulesBefore} made the silver before: CHANGELOG.md says which numbers differ, and why`
  return [
    `${style('bold', 'Silver')} made ${time(run.started)} UTC by ${run.command} ${run.id}, rule set ${rules}`,
    ...(rulesBefore === null || rulesBefore === rules ? [] : [`  ${style('yellow', '!')} ${other}`]),
    describeCollections(collections, most),
  ].join('\n')
}

function describeCollections(collections: readonly CollectionReport[], most: number): string {
  // Few shops have erased anybody, or leave documents out.
  const parts = PARTS.filter((part) => !RARE.has(part) || collections.some((collection) => collection[part] > 0))
  const rows = collections.map((collection) => {
    const reasons = Object.entries(collection.reasons)
      .filter(([, count]) => count > 0)
      .map(([reason, count]) => `${readable(count)} ${reason}`)
    const { documents, duplicates, duplicateRevenue } = collection
    if (documents !== undefined) {
      const empty = documents.empty === 0 ? '' : `, ${readable(documents.empty)} without elements`
      reasons.unshift(`in ${counted(documents.all, 'document')}${empty}`)
    }
    if (duplicates > 0 && duplicateRevenue !== null) reasons.push(`${readable(duplicateRevenue)} in duplicates`)
    const sum = parts.flatMap((part, i) => [i === 0 ? '=' : '+', `${collection[part]}`])
    return [collection.collection, `${collection.bronze}`, ...sum, collection.addsUp ? '✔' : '✖', reasons.join(', ')]
  })
  const columns = parts.flatMap((part) => [text(''), number(part === 'leftOut' ? 'left out' : part)])
  return fitted([text(''), number('bronze'), ...columns, text(''), text('')], rows, most)
}

/** What bronze is the sum of. */
const PARTS = ['silver', 'duplicates', 'quarantined', 'erased', 'leftOut'] as const
const RARE: ReadonlySet<string> = new Set(['erased', 'leftOut'])

/** The worst fields, so many, with every reason. */
export function describeFields(all: readonly FieldReport[], most: number): string {
  // What a shop does not know is nothing to look at.
  const fields = all.filter((field) => field.documents > 0 && !isNeverThere(field))
  const shown = fields.slice(0, most)
  const columns = [
    text('% of documents, worst first'),
    ...['present', 'missing', 'invalid', 'repaired'].map(number),
    text('why', WIDEST_WHY),
  ]
  const rows = shown.map(({ collection, field, documents, present, missing, invalid, repaired, reasons }) => [
    `${collection}.${field}`,
    ...[present, missing, invalid, repaired].map((count) => percent(count, documents)),
    reasons.map(({ what, count }) => `${what} ${readable(count)}`).join(', '),
  ])
  const rest = fields.length - shown.length
  const more = rest > 0 ? `and ${readable(rest)} more: --all; ` : ''
  const advice = `${more}one with its examples: ${asCalled('`lingot report --field transactions.amount`')}`
  const apart = [
    ['Numbers that silver keeps as texts', fields.filter(({ isNumber }) => isNumber)],
    ['In no document', all.filter((field) => field.documents > 0 && isNeverThere(field))],
  ] as const
  return [
    table(columns, inWhole(rows, WIDEST_WHY, most)),
    ...apart.flatMap(([what, fields]) => {
      const names = fields.map(({ collection, field }) => `${collection}.${field}`)
      return listed(`  ${what}: `, names, most === EVERY ? most : 1)
    }),
    ...wrapped(advice.split(' '), SCREEN.columns - 2, ' ').map((line) => style('dim', `  ${line}`)),
  ].join('\n')
}

const WIDEST_WHY = 30

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
    `${style('bold', `${collection}.${field}`)} in ${counted(documents, 'document')}`,
    `  ${kinds.join(', ')}`,
    ...(rows.length === 0 ? [] : [table(columns, rows)]),
  ].join('\n')
}

/** What was invalid, shared, suspicious or new, in at most so many lines each. */
export function describeFindings({ collections, fields, drift, since }: Silver, most: number): string {
  return [
    describeInvalid(fields, most),
    describeShared(collections, most),
    describeSuspicious(collections, most),
    describeDrift(drift, since, most),
  ].join('\n')
}

function describeInvalid(fields: readonly FieldReport[], most: number): string {
  const found = fields.flatMap(({ collection, field, reasons }) =>
    reasons.filter(({ kind }) => kind === 'invalid').map((reason) => ({ field: `${collection}.${field}`, reason })),
  )
  const lines = found
    .sort((a, b) => b.reason.count - a.reason.count)
    .map(({ field, reason }) => withExamples(field, reason, most))
  return titled('Invalid', lines.length === 0 ? 'nothing' : '', capped(lines, most), most)
}

function describeShared(collections: readonly CollectionReport[], most: number): string {
  const shared = collections
    .filter(({ sharedIds }) => sharedIds > 0)
    .map(({ collection, sharedIds }) => `${readable(sharedIds)} in ${collection}`)
  return titled('Ids that name several documents', shared.length === 0 ? 'none' : shared.join(', '), [], most)
}

function describeSuspicious(collections: readonly CollectionReport[], most: number): string {
  const lines = collections.flatMap(({ collection, suspicious }) =>
    suspicious.map((finding) => {
      const where = [collection, finding.field].filter(Boolean).join('.')
      return finding.detail === undefined
        ? withExamples(where, finding, most)
        : `${where}: ${finding.what}: ${finding.detail}`
    }),
  )
  return titled('Suspicious', lines.length === 0 ? 'nothing' : '', capped(lines, most), most)
}

/** What was met, how often, and as many of the documents as there is room for. */
function withExamples(where: string, { what, count, examples }: Finding, most: number): string {
  const [first, ...others] = examples
  const text = `${where}: ${what} ${readable(count)}`
  if (most === EVERY && examples.length > 0) return `${text}: ${examples.map((id) => shownId(id, 40)).join(', ')}`
  const room = SCREEN.columns - 4 - text.length
  if (first === undefined || room < 16) return text
  return others.reduce<string>(
    (line, id) => {
      const longer = `${line}, ${shownId(id, 40)}`
      return longer.length <= SCREEN.columns - 2 ? longer : line
    },
    `${text}: ${shownId(first, room)}`,
  )
}

function describeDrift(drift: readonly Drift[], since: Run | null, most: number): string {
  const changed = drift.filter(({ change }) => change !== 'not in the contract')
  const lines = changed.map(({ collection, field, change, detail }) => {
    return `! ${[collection, field].filter(Boolean).join('.')}: ${change}: ${detail}`
  })
  const unnamed = new Map<string, string[]>()
  for (const { collection, field, change, count } of drift) {
    if (change !== 'not in the contract') continue
    unnamed.set(collection, [...(unnamed.get(collection) ?? []), `${field} ${readable(count ?? 0)}`])
  }
  const known = [...unnamed].flatMap(([collection, fields]) => {
    const prefix = `${collection}, not in the contract: `
    const [first = '', ...rest] = wrapped(fields, SCREEN.columns - prefix.length - 32)
    if (most === EVERY) return [first, ...rest].map((line) => `${prefix}${line}`)
    const more = rest.reduce((sum, line) => sum + line.split(', ').length, 0)
    return [`${prefix}${first}${more > 0 ? ` and ${more} more; --all shows them` : ''}`]
  })
  const against = since === null ? 'no run before to compare with' : `since ${time(since.started)}`
  const none = since !== null && lines.length === 0 ? ': nothing changed' : ''
  return titled('Drift', `${against}${none}`, capped([...lines, ...known], most), most)
}
