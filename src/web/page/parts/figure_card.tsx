import { ChartColumn, Download, Table2 } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Figure } from '../../api.ts'
import { download, svgText } from '../charts/export.ts'
import { Chart, type Drawing } from '../charts/plot.tsx'
import { useMessages } from '../language.ts'
import { Card } from './card.tsx'
import { type ColumnStyle, DataTable } from './data_table.tsx'
import { FigureCsv, SqlTool } from './file_tools.tsx'
import { Icon } from './icon.tsx'
import { Empty } from './states.tsx'

export interface FigureCardProps {
  title: string
  note?: ComponentChildren
  /** What its files are called. */
  name: string
  figure: Figure
  /** How the columns of its table are headed and written; those that are not named are left out. */
  columns: readonly ColumnStyle[]
  /** What the chart shows, in words; the table behind it says the rest. */
  label: string
  draw: (width: number) => Drawing
  /** What else decides what is drawn. */
  of?: readonly unknown[]
  wide?: boolean
  children?: ComponentChildren
}

/** A chart with the table behind it, the query that it comes from, and both as files. */
export function FigureCard({
  title,
  note,
  name,
  figure,
  columns,
  label,
  draw,
  of = [],
  wide = false,
  children,
}: FigureCardProps) {
  const messages = useMessages()
  const [isTable, setIsTable] = useState(false)
  const place = useRef<HTMLDivElement>(null)
  const saveSvg = () => {
    // A chart with a legend is a figure of several drawings: the largest is the chart.
    const drawings = [...(place.current?.querySelectorAll<SVGSVGElement>('.chart svg') ?? [])]
    const [chart] = drawings.sort((a, b) => b.clientHeight - a.clientHeight)
    if (chart !== undefined) download(`${name}.svg`, svgText(chart), 'image/svg+xml')
  }
  const tools = (
    <>
      <button type="button" class="tool" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
        <Icon of={isTable ? ChartColumn : Table2} />
        <span>{isTable ? messages.chart : messages.table}</span>
      </button>
      <FigureCsv title={title} name={name} figure={figure} />
      {!isTable && (
        <button type="button" class="tool" onClick={saveSvg} aria-label={messages.downloadSvg(title)}>
          <Icon of={Download} />
          <span>SVG</span>
        </button>
      )}
      <SqlTool title={title} sql={figure.sql} />
    </>
  )
  return (
    <Card title={title} note={note} tools={tools} wide={wide}>
      <div class="figure" ref={place} data-figure={name}>
        {figure.rows.length === 0 ? (
          <Empty />
        ) : isTable ? (
          <DataTable label={title} figure={figure} columns={columns} />
        ) : (
          <Chart draw={draw} label={label} of={[figure, messages, ...of]} />
        )}
      </div>
      {children}
    </Card>
  )
}
