import { Code, Download } from 'lucide'
import type { Figure, Rows } from '../../api.ts'
import { useAddress } from '../address.ts'
import { base } from '../base.ts'
import { download, textFile } from '../charts/export.ts'
import { isReport } from '../data.ts'
import { useMessages } from '../language.ts'
import { Icon } from './icon.tsx'

export type Sheet = Pick<Rows, 'columns' | 'rows'>

/** A button that gives rows as CSV. */
export function CsvTool({ title, name, sheet }: { title: string; name: string; sheet: () => Sheet }) {
  const messages = useMessages()
  const save = async () => {
    const { csvOf } = await import('../csv.ts')
    download(`${name}.csv`, textFile(csvOf(sheet()), 'text/csv'))
  }
  return (
    <button type="button" class="tool" onClick={save} aria-label={messages.downloadCsv(title)}>
      <Icon of={Download} />
      <span>CSV</span>
    </button>
  )
}

/** The rows of a figure as CSV: all of them, also where the page has only the first. */
export function FigureCsv({ title, name, figure }: { title: string; name: string; figure: Figure }) {
  const messages = useMessages()
  if (figure.csv === null || isReport) return <CsvTool title={title} name={name} sheet={() => figure} />
  return (
    <a class="tool" href={base + figure.csv} download={`${name}.csv`} aria-label={messages.downloadCsv(title)}>
      <Icon of={Download} />
      <span>CSV</span>
    </a>
  )
}

/** The way to the query behind a figure; a report has no page for it. */
export function SqlTool({ title, sql }: { title: string; sql: string }) {
  const messages = useMessages()
  const { link } = useAddress()
  if (isReport) return null
  return (
    <a class="tool" href={link('sql', { sql })} aria-label={messages.showSql(title)}>
      <Icon of={Code} />
      <span>SQL</span>
    </a>
  )
}

/** The rows of a figure as CSV, and their query. */
export function FileTools({ title, name, figure }: { title: string; name: string; figure: Figure }) {
  return (
    <>
      <FigureCsv title={title} name={name} figure={figure} />
      <SqlTool title={title} sql={figure.sql} />
    </>
  )
}
