import type { Sheet } from '../../parts/file_tools.tsx'

/** Rows under the names of their columns; those that hold numbers are named. */
export function sheetOf(
  names: readonly string[],
  numbers: readonly string[],
  rows: readonly (readonly (string | number | boolean | null)[])[],
): Sheet {
  return {
    columns: names.map((name) => ({ name, type: numbers.includes(name) ? 'decimal' : 'text' })),
    rows: rows.map((row) => row.map((value) => (value === null ? null : String(value)))),
  }
}
