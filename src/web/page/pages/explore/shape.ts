import type { Explored, Subject } from '../../../api.ts'
import { type Row, recordsOf } from '../../figure.ts'
import type { Choice } from './choice.ts'

const all = ['table', 'bars', 'lines', 'stacked', 'heat'] as const
export type Kind = (typeof all)[number]

/** How a choice can be drawn, what fits it best first. */
export function kindsOf({
  subject,
  measures,
  by,
  across,
}: Pick<Choice, 'subject' | 'measures' | 'by' | 'across'>): Kind[] {
  const kindOf = (name: string | undefined) => subject.dimensions.find((each) => each.name === name)?.kind
  const isOverTime = by.length === 1 && kindOf(by[0]) === 'time'
  const addsUp = measures.every((name) => subject.measures.find((each) => each.name === name)?.addsUp)
  if (across === undefined) {
    if (by.length > 1) return ['table', 'bars']
    return isOverTime && !addsUp
      ? ['lines', 'bars', 'table']
      : isOverTime
        ? ['bars', 'lines', 'table']
        : ['bars', 'table']
  }
  if (by.length > 1) return ['heat', 'table']
  const isOfScales = kindOf(by[0]) === 'scale' || kindOf(across) === 'scale'
  const lines: Kind[] = isOverTime ? ['lines'] : []
  const stacked: Kind[] = addsUp ? ['stacked'] : []
  return isOfScales
    ? ['heat', ...stacked, 'table']
    : [...(isOverTime && addsUp ? [...stacked, ...lines] : [...lines, ...stacked]), 'heat', 'table']
}

/** A value of a dimension; null is all others together. */
export type Label = string | null

/** An answer as rows and columns: what stands where. */
export interface Grid {
  rows: { labels: string[]; cells: Map<Label, Row> }[]
  columns: Label[]
}

/** What stands for nothing known, behind everything that is. */
const nobody: readonly string[] = ['Unknown', 'customer not in customers', 'no customer']

/** All times of a kind from one to another, so that those without anything have their place, too. */
export function timesBetween(dimension: string, first: string, last: string): string[] {
  const times: string[] = []
  for (let time = first; time <= last && times.length < MOST_TIMES; time = timeAfter(dimension, time)) times.push(time)
  return times
}

/** More of them are not told apart. */
export const MOST_TIMES = 400

function timeAfter(dimension: string, time: string): string {
  const [, year = '', quarter] = /^(\d{4})-Q(\d)$/.exec(time) ?? []
  if (quarter !== undefined) return quarter === '4' ? `${Number(year) + 1}-Q1` : `${year}-Q${Number(quarter) + 1}`
  const date = new Date(time)
  if (time.length === '2025'.length) return String(Number(time) + 1)
  if (time.length === '2025-03'.length) date.setUTCMonth(date.getUTCMonth() + 1)
  else date.setUTCDate(date.getUTCDate() + (dimension === 'week' ? 7 : 1))
  return date.toISOString().slice(0, time.length)
}

/** Whether a time ends after the last whole day that is known of, as `2026-07-03`. */
export function isUnfinished(dimension: string, time: string, until: string): boolean {
  if (!/^\d{4}/.test(time)) return false
  return firstDay(timeAfter(dimension, time)) > timeAfter('day', until)
}

function firstDay(time: string): string {
  const [, year = '', quarter] = /^(\d{4})-Q(\d)$/.exec(time) ?? []
  if (quarter !== undefined) return `${year}-${String(Number(quarter) * 3 - 2).padStart(2, '0')}-01`
  return `${time}${'-01-01'.slice(time.length - '2025'.length)}`
}

/** Puts the cells of an answer where they belong; without columns each row has one cell, which is of no column. */
export function gridOf(data: Explored, subject: Pick<Subject, 'dimensions'>): Grid {
  const { by, across, measures } = data
  const place = by.length
  const records = recordsOf(data)
  const rows = new Map<string, Grid['rows'][number]>()
  const sums = new Map<Label, number>()
  const [first = ''] = measures
  for (const [i, cells] of data.rows.entries()) {
    const labels = cells.slice(0, place).map((label) => label ?? '')
    const column = across === null ? null : (cells[place] ?? null)
    const key = JSON.stringify(labels)
    const row = rows.get(key) ?? { labels, cells: new Map() }
    const record = records[i] ?? {}
    row.cells.set(column, record)
    rows.set(key, row)
    sums.set(column, (sums.get(column) ?? 0) + Number(record[first] ?? 0))
  }
  const isLabel = subject.dimensions.find(({ name }) => name === across)?.kind === 'label'
  const last = (label: Label) => (label === null ? nobody.length + 1 : nobody.indexOf(label) + 1)
  const columns = [...sums.keys()].sort((a, b) => {
    const order = isLabel ? (sums.get(b) ?? 0) - (sums.get(a) ?? 0) : 0
    return last(a) - last(b) || order || (String(a) < String(b) ? -1 : 1)
  })
  return { rows: [...rows.values()], columns }
}
