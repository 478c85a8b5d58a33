import { axisX, axisY, cell, plot, pointer, text, tip } from '@observablehq/plot'
import { chartStyle, tipStyle } from './style.ts'

/** A cell of a grid of numbers. */
export interface HeatCell {
  x: string
  y: string
  value: number
  label: string
  /** What is said under the pointer. */
  text: string
  /** What explains it. */
  explain?: string | undefined
  isRest?: boolean
}

/** How strongly a cell is filled: never so strongly that the number in it cannot be read, in light or dark. */
export function heat(value: number, most: number): number {
  return 0.05 + 0.5 * Math.min(1, Math.max(0, value) / (most || 1))
}

/** A grid of numbers, the larger the deeper; where there is no number, nothing is drawn. */
export function heatGrid(
  cells: readonly HeatCell[],
  {
    columns,
    rows,
    columnsLabel,
    rowsLabel,
  }: { columns: readonly string[]; rows: readonly string[]; columnsLabel: string; rowsLabel: string },
  width: number,
) {
  const most = Math.max(...cells.map(({ value }) => value))
  const longest = Math.max(...rows.map((row) => row.length))
  return plot({
    ...chartStyle,
    width,
    height: rows.length * 46 + 66,
    marginTop: 24,
    marginLeft: longest * 7 + 14,
    marginRight: 0,
    marginBottom: 42,
    x: { type: 'band', domain: columns, padding: 0.05, label: null },
    y: { type: 'band', domain: rows, padding: 0.08, label: null },
    marks: [
      cell(cells, {
        x: 'x',
        y: 'y',
        rx: 3,
        fill: ({ isRest }: HeatCell) => (isRest ? 'var(--series-rest)' : 'var(--gold)'),
        fillOpacity: ({ value }: HeatCell) => heat(value, most),
      }),
      text(cells, { x: 'x', y: 'y', text: 'label', fill: 'var(--ink)', fontVariant: 'tabular-nums' }),
      axisX({ tickSize: 0, label: columnsLabel, labelAnchor: 'center', labelArrow: 'none', labelOffset: 38 }),
      axisY({ tickSize: 0, label: rowsLabel, labelAnchor: 'top', labelArrow: 'none', fill: 'var(--ink-soft)' }),
      tip(cells, pointer({ x: 'x', y: 'y', title: 'text', ...tipStyle })),
    ],
  })
}
