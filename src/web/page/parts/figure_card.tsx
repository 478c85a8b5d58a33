import { ChartColumn, Table2 } from 'lucide'
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { Figure } from '../../api.ts'
import { useAddress } from '../address.ts'
import { Chart, type Drawing } from '../charts/plot.tsx'
import { useMessages } from '../language.ts'
import { Card } from './card.tsx'
import { type ColumnStyle, DataTable, orderParameter } from './data_table.tsx'
import { FigureCsv, SqlTool } from './file_tools.tsx'
import { Icon } from './icon.tsx'
import { PictureTools } from './picture_tools.tsx'
import { Empty } from './states.tsx'

export interface FigureCardProps {
  title: string
  note?: ComponentChildren
  /** What its files are called. */
  name: string
  figure: Figure
  /** How the columns of its table are headed and written; those that are not named are left out. */
  columns: readonly ColumnStyle[]
  /** What is measured, and in what, for who is sent a picture. */
  unit: string
  /** Which time and part of the shop it is of, where that is not the page's. */
  range?: string
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
  unit,
  range,
  label,
  draw,
  of = [],
  wide = false,
  children,
}: FigureCardProps) {
  const messages = useMessages()
  // Who was sent an order was sent the table.
  const { query } = useAddress()
  const [isTable, setIsTable] = useState(query[orderParameter(name)] !== undefined)
  const tools = (
    <>
      <button type="button" class="tool" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>
        <Icon of={isTable ? ChartColumn : Table2} />
        <span>{isTable ? messages.chart : messages.table}</span>
      </button>
      <FigureCsv title={title} name={name} figure={figure} />
      {!isTable && figure.rows.length > 0 && (
        <PictureTools title={title} name={name} unit={unit} range={range} draw={draw} />
      )}
      <SqlTool title={title} sql={figure.sql} />
    </>
  )
  return (
    <Card title={title} note={note} tools={tools} wide={wide}>
      <div class="figure" data-figure={name}>
        {figure.rows.length === 0 ? (
          <Empty />
        ) : isTable ? (
          <DataTable label={title} name={name} figure={figure} columns={columns} />
        ) : (
          <Chart draw={draw} label={label} of={[figure, messages, ...of]} />
        )}
      </div>
      {children}
    </Card>
  )
}
