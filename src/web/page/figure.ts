import type { Figure, Rows } from '../api.ts'

/** A row of a figure by column name, its values as exact texts. */
export type Row = Readonly<Record<string, string | null>>

/** The rows of a figure by column name. */
export function recordsOf({ columns, rows }: Pick<Rows, 'columns' | 'rows'>): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, i) => [name, row[i] ?? null])))
}

/** The only row of a figure. */
export function onlyRow(figure: Figure | undefined): Row {
  return figure === undefined ? {} : (recordsOf(figure)[0] ?? {})
}

/** A number to draw with; null where it is unknown. */
export function numeric(value: string | null | undefined): number | null {
  return value == null ? null : Number(value)
}

/** The first of a month, to draw with. */
export function monthDate(month: string): Date {
  return new Date(`${month.slice(0, 7)}-01`)
}
