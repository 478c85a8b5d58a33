import type { Rows } from '../../api.ts'
import type { ColumnStyle } from './data_table.tsx'

/** Columns of a query that somebody wrote: called and written as they are. */
export function resultColumns({ columns }: Pick<Rows, 'columns'>): ColumnStyle[] {
  return columns.map(({ name, type }) => ({
    name,
    title: name,
    isNumber: type === 'integer' || type === 'decimal',
    write: (value) => (value === null ? <span class="null">null</span> : value),
  }))
}
