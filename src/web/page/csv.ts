import { stringify } from 'csv-stringify/browser/esm/sync'
import type { Rows } from '../api.ts'
import { csvSettings } from '../csv.ts'

/** Rows as CSV. */
export function csvOf({ columns, rows }: Pick<Rows, 'columns' | 'rows'>): string {
  return stringify(rows, { header: true, ...csvSettings(columns) })
}
