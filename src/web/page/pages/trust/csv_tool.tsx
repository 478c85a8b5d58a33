import { Download } from 'lucide'
import type { Rows } from '../../../api.ts'
import { download } from '../../charts/export.ts'
import { useMessages } from '../../language.ts'
import { Icon } from '../../parts/icon.tsx'

type Sheet = Pick<Rows, 'columns' | 'rows'>

/** A button that gives the rows of a section as a file. */
export function CsvTool({ name, title, sheet }: { name: string; title: string; sheet: () => Sheet }) {
  const messages = useMessages()
  const save = async () => {
    const { csvOf } = await import('../../csv.ts')
    download(`${name}.csv`, csvOf(sheet()), 'text/csv')
  }
  return (
    <button type="button" class="tool" onClick={save} aria-label={messages.downloadCsv(title)}>
      <Icon of={Download} />
      <span>CSV</span>
    </button>
  )
}

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
