import { stringify } from 'csv-stringify/browser/esm/sync'
import type { Rows } from '../api.ts'

/** Rows as CSV for a spreadsheet, which would run a text that begins like a formula: such a text gets a ' in front. */
export function csvOf({ columns, rows }: Pick<Rows, 'columns' | 'rows'>): string {
  const text = (value: string, { index }: { index: number }) => {
    const type = columns[index]?.type
    return type === 'integer' || type === 'decimal' ? value : { value, escape_formulas: true }
  }
  return stringify(rows, { header: true, columns: columns.map(({ name }) => name), cast: { string: text } })
}
