import type { ComponentChildren } from 'preact'
import type { Figure } from '../../api.ts'
import { isReport } from '../data.ts'
import type { Row } from '../figure.ts'
import { useFormat } from '../format.ts'
import { useMessages } from '../language.ts'
import '../style/table_card.css'
import { Card } from './card.tsx'
import { type ColumnStyle, DataTable } from './data_table.tsx'
import { FileTools } from './file_tools.tsx'
import { Empty } from './states.tsx'
import { TrustMark } from './trust_mark.tsx'

/** A figure that is best read as a table, with the query that it comes from and its rows as a file. */
export function TableCard({
  title,
  note,
  name,
  figure,
  columns,
  rowClass,
  wide = false,
}: {
  title: string
  note?: ComponentChildren
  name: string
  figure: Figure
  columns: readonly ColumnStyle[]
  rowClass?: (row: Row) => string | undefined
  wide?: boolean
}) {
  const messages = useMessages()
  const format = useFormat()
  return (
    <Card
      title={title}
      mark={<TrustMark figure={figure} />}
      note={
        <>
          {note}
          {figure.csv !== null && ` ${messages.firstRows(format.integer(figure.rows.length), isReport)}`}
        </>
      }
      tools={<FileTools title={title} name={name} figure={figure} />}
      wide={wide}
    >
      <div data-figure={name}>
        {figure.rows.length === 0 ? (
          <Empty />
        ) : (
          <DataTable
            label={`${title}: ${messages.table}`}
            name={name}
            figure={figure}
            columns={columns}
            {...(rowClass && { rowClass })}
          />
        )}
      </div>
    </Card>
  )
}

/** A number of a table with a bar for its part of the largest; the number says it all. */
export function BarCell({
  part,
  before,
  isRest = false,
  children,
}: {
  part: number
  /** The same of what it is compared with, and that in words. */
  before?: { part: number; text: string } | undefined
  isRest?: boolean
  children: string
}) {
  const width = (part: number) => ({ width: `${Math.min(100, Math.max(0, part * 100)).toFixed(2)}%` })
  return (
    <span class="bar-cell" title={before?.text}>
      <span class="bar-cell-track" aria-hidden="true">
        {before !== undefined && before.part > 0 && <span class="before" style={width(before.part)} />}
        <span class={isRest ? 'rest' : undefined} style={width(part)} />
      </span>
      <span class="bar-cell-value">{children}</span>
    </span>
  )
}
