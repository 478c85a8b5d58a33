import { asCalled } from '../system/invocation.ts'
import { fromHere } from '../system/paths.ts'
import {
  type Column,
  counted,
  inJson,
  printable,
  readable,
  screenColumns,
  shorten,
  style,
  table,
  wrapped,
} from '../text/terminal.ts'
import type { ExplainedValue, Explanation, RecordSet, SilverRecord } from '../trust/explain/explanation_schema.ts'
import { shownId } from '../trust/ids.ts'
import { session } from './session.ts'

export interface ExplainOptions {
  limit?: number
  /** Lists every record. */
  all?: boolean
  sql?: boolean
  json?: boolean
}

/** `lingot explain customer CUST12345`: a row of gold, back to its bronze documents. */
export function explainCommand(
  subject: string,
  key: string,
  { limit = 10, all = false, sql = false, json = false }: ExplainOptions,
): Promise<void> {
  return session({ json, gold: 'read' }, async ({ lingot, terminal }) => {
    const explanation = await lingot.explain(subject, key, { limit: all ? Number.POSITIVE_INFINITY : limit })
    if (json) terminal.print(inJson(explanation, 2))
    else if (sql)
      terminal.print(`${style('dim', `-- ${fromHere(explanation.sql.file)}`)}\n${explanation.sql.text.trim()}`)
    else terminal.print(describeExplanation(explanation))
  })
}

const widest = () => Math.min(100, screenColumns())

/** From gold to bronze: the row, its model, the records behind it, what cleaning met in them. */
export function describeExplanation(explanation: Explanation): string {
  const { subject, table, key, silver } = explanation
  return [
    `${style('bold', `${subject} ${shorten(printable(key.value), 60)}`)}, a row of ${table}`,
    describeRow(explanation),
    describeModel(explanation),
    ...silver.map(describeSet),
  ].join('\n\n')
}

// --------------------------------------------------------------------------------------------------------------- gold

function describeRow({ row, made, leftOut, silver }: Explanation): string {
  const values = row.map(({ value, isNumber }) => {
    if (value === null) return 'unknown'
    return isNumber ? readable(value) : shorten(printable(value), 40)
  })
  const names = Math.max(...row.map(({ column }) => column.length))
  const width = Math.max(...values.map((value) => value.length))
  const indent = names + width + 6
  const lines = row.flatMap((explained, i) => {
    const { column, isNumber } = explained
    const value = isNumber ? (values[i] ?? '').padStart(width) : (values[i] ?? '').padEnd(width)
    const [first = '', ...more] = wrapped(meant(explained).split(' '), Math.max(widest() - indent, 20), ' ')
    return [
      `  ${column.padEnd(names)}  ${value}  ${style('dim', first)}`,
      ...more.map((line) => ' '.repeat(indent) + style('dim', line)),
    ]
  })
  const differs = row.some(({ agrees }) => !agrees)
  const isWorkedOut = row.some(({ workedOut }) => workedOut !== undefined)
  const apart = silver.filter(({ apart }) => apart.length > 0)
  const found = isWorkedOut
    ? 'The silver records below give these values.'
    : silver.length > 0
      ? 'The key leads to the silver records below; the SQL says what it makes of them.'
      : 'The key leads to no records of silver: where its columns come from can be said under `from` in the .yml.'
  const verdict = differs
    ? `${style('red', '✖')} Silver gives other values than gold: ${
        made.silverIsNewer
          ? asCalled('silver is newer; `lingot aggregate` brings gold up to date.')
          : 'one of them was changed by hand, or the model counts otherwise.'
      }`
    : apart.length > 0
      ? `${style('yellow', '!')} ${apart.map(describeApart).join(' ')}`
      : `${style('green', '✔')} ${found}`
  return [
    ...lines,
    `  ${verdict}`,
    ...(leftOut.length === 0
      ? []
      : [`  A setting leaves out the sales that are ${leftOut.map(printable).join(', ')}.`]),
  ].join('\n')
}

/** That not all of some records are behind the row. */
function describeApart({ collection, apart }: RecordSet): string {
  return `The records of ${collection} below are found without ${apart.join(' and ')}: which of them are behind the row the SQL says.`
}

function meant({ agrees, workedOut, isNumber, meaning }: ExplainedValue): string {
  if (agrees) return meaning
  const other = workedOut == null ? 'nothing' : isNumber ? readable(workedOut) : printable(workedOut)
  return `✖ silver gives ${other}`
}

function describeModel(explanation: Explanation): string {
  const [heading = ''] = /^(?:--.*\n)*/.exec(explanation.sql.text.trimStart()) ?? []
  const comments = heading
    .split('\n')
    .filter((line) => line.startsWith('-- '))
    .flatMap((line) => wrapped(line.slice(3).split(' '), widest() - 2, ' '))
  return [
    `${style('bold', 'SQL')}  ${fromHere(explanation.sql.file)}  ${style('dim', '(--sql prints it)')}`,
    ...comments.map((line) => style('dim', `  ${line}`)),
  ].join('\n')
}

// ------------------------------------------------------------------------------------------------- silver and bronze

/** So that a record reads as its sum. */
const TITLES: Record<string, string> = {
  transaction_id: 'transaction',
  customer_id: 'customer',
  timestamp: 'date',
  discount_applied: '−discount',
  shipping_cost: '+shipping',
  total_amount: '=total',
}

function describeSet(set: RecordSet): string {
  const { collection, where, order, documents, summed, totals, listed: columns, records } = set
  const some = records.length < documents ? `, ${readable(records.length)} shown (--all)` : ''
  const summary = `${readable(documents)} ${shorten(printable(where), 70)}${some}`
  const head = `${style('bold', `Silver ${collection}`)}  ${summary}`
  if (documents === 0) return head

  const sums = new Map(totals.map((total) => [total.column, total]))
  const titles: Column[] = [
    { title: 'bronze _id', isNumber: false },
    ...columns.map((name) => {
      const isSummed = sums.has(name)
      return { title: TITLES[name] ?? name, isNumber: isSummed, isNeeded: isSummed, widest: 12 }
    }),
  ]
  const rows = records.map(({ _id, values }) => [shownId(_id, WIDEST_ID), ...columns.map((name) => cell(values[name]))])
  const hidden = documents - records.length
  const over = (label: string, value: (name: string) => string | null) => [label, ...columns.map(value)]
  const footer =
    totals.length === 0 || documents < 2
      ? []
      : [
          ...(hidden > 0 ? [over(`and ${readable(hidden)} more`, (name) => sums.get(name)?.rest ?? null)] : []),
          over(`sum of ${readable(summed)}`, (name) => sums.get(name)?.sum ?? null),
          over('mean of the known', (name) => sums.get(name)?.mean ?? null),
        ]
  const unknown = documents - summed
  return [
    documents > 1 ? `${head}; ${order}` : head,
    table(titles, [...rows, ...footer]),
    ...(unknown > 0
      ? [style('dim', `  ${counted(unknown, 'record')} of unknown amount ${unknown === 1 ? 'is' : 'are'} in no sum.`)]
      : []),
    ...describeCleaning(records),
  ].join('\n')
}

const WIDEST_ID = 24

function cell(value: SilverRecord['values'][string] | undefined): string | null {
  if (value === null || value === undefined) return null
  if (value instanceof Date) return value.toISOString().slice(0, 10)
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
}

/** What cleaning the bronze documents again met in each. */
function describeCleaning(records: readonly SilverRecord[]): string[] {
  const findings = records.map(({ _id, cleaning, bronze }) => ({
    _id,
    notes: [...state[bronze], ...cleaning.map(describeFinding)],
  }))
  const noted = findings.filter(({ notes }) => notes.length > 0)
  const tidy = findings.length - noted.length
  if (findings.length === 0) return []
  return [
    style('dim', '  Cleaning their bronze documents again meets:'),
    ...noted.flatMap(({ _id, notes }) => {
      const lines = wrapped(notes, widest() - WIDEST_ID - 5)
      const [first = '', ...more] = lines.map((line, i) => (i < lines.length - 1 ? `${line},` : line))
      return [
        `  ${shownId(_id, WIDEST_ID).padEnd(WIDEST_ID)}  ${first}`,
        ...more.map((line) => `${' '.repeat(WIDEST_ID + 4)}${line}`),
      ]
    }),
    ...(tidy > 0 ? [`  nothing to repair in ${noted.length > 0 ? 'the other ' : ''}${counted(tidy, 'document')}`] : []),
  ]
}

const state: Record<SilverRecord['bronze'], string[]> = {
  unchanged: [],
  'changed since': ['bronze changed since the run'],
  gone: ['no longer in bronze'],
}

function describeFinding({ field, kind, reason }: SilverRecord['cleaning'][number]): string {
  if (kind === 'missing') return `${field} ${reason}`
  return kind === 'suspicious' ? `suspicious: ${reason}` : `${field} ${kind}: ${reason}`
}
