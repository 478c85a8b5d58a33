import { counted, inJson, printable, readable, screenColumns, shorten, style, wrapped } from '../text/terminal.ts'
import { shownId } from '../trust/ids.ts'
import type { CausedChange, Why } from '../trust/why/why_schema.ts'
import { session } from './session.ts'

export interface WhyOptions {
  column?: string
  since?: string
  json?: boolean
}

/** `lingot why month 2026-06`: what made a number of gold another one. */
export function whyCommand(subject: string, key: string, { column, since, json = false }: WhyOptions): Promise<void> {
  return session({ json, gold: 'read' }, async ({ lingot, terminal }) => {
    const told = await lingot.why(subject, key, { column, since })
    terminal.print(json ? inJson(told, 2) : describeWhy(told))
  })
}

/** The value before and after, and the causes of the difference, which add up to it. */
export function describeWhy({
  subject,
  row,
  table,
  column,
  since,
  before,
  after,
  difference,
  causes,
  others,
}: Why): string {
  const shown = (value: string | null) => (value === null ? 'unknown' : readable(value))
  const widest = Math.max(0, ...causes.map(({ cause }) => cause.length))
  const width = Math.max(0, ...causes.map(({ amount }) => signed(amount).length))
  const lines = causes.flatMap((cause) => {
    const head = `  ${cause.cause.padEnd(widest)}  ${signed(cause.amount).padStart(width)}  `
    const [first = '', ...more] = wrapped(
      describeCause(cause).split(' '),
      Math.max(screenColumns() - head.length, 24),
      ' ',
    )
    return [head + style('dim', first), ...more.map((line) => ' '.repeat(head.length) + style('dim', line))]
  })
  const also = others.map(({ column, before, after }) => `  ${column} ${shown(before)} → ${shown(after)}`)
  return [
    `${style('bold', `${subject} ${shorten(printable(row), 60)}`)}, ${column} of ${table}`,
    `  ${shown(before)} → ${style('bold', shown(after))}   ${signed(difference)} since the run of ${day(since.started)} (${since.run})`,
    '',
    ...(lines.length > 0 ? lines : ['  Nothing that this row is made of changed.']),
    ...(also.length > 0 ? ['', 'Beside it', ...also] : []),
  ].join('\n')
}

function describeCause({ count, documents, fields, rules, cause }: CausedChange): string {
  const named = documents.map(({ _id, amount }) => {
    const id = _id === null ? 'somebody who was erased' : shownId(_id, 24)
    return amount === null ? id : `${id} ${signed(amount)}`
  })
  const rest = count > documents.length ? [`and ${readable(count - documents.length)} more`] : []
  // A model, or somebody's hand, is of no records.
  if (count === 0) return ''
  const what = [...(cause === 'corrected' ? fields : []), ...rules]
  return `${counted(count, 'record')}${what.length > 0 ? ` (${what.join(', ')})` : ''}: ${[...named, ...rest].join(', ')}`
}

function signed(amount: string): string {
  return amount.startsWith('-') ? readable(amount) : `+${readable(amount)}`
}

function day(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
