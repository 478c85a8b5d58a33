import type { Rows } from './api.ts'

/** How rows become CSV for a spreadsheet, which would run a text that begins like a formula: it gets a ' in front. */
export function csvSettings(columns: Rows['columns']) {
  const text = (value: string, { index }: { index: number }) => {
    const type = columns[index]?.type
    return type === 'integer' || type === 'decimal' ? value : { value, escape_formulas: true }
  }
  return { columns: columns.map(({ name }) => name), cast: { string: text } }
}
