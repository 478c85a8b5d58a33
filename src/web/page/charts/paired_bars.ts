import { axisY, barX, plot, pointerY, ruleX, text, tip } from '@observablehq/plot'
import { sheet } from './sheet.ts'
import { chartStyle, fromZero, labelStyle, tipStyle } from './style.ts'

export interface PairedPoint {
  name: string
  /** A value for each measure. */
  values: readonly number[]
  /** What stands beside each bar. */
  labels: readonly string[]
  /** What is said under the pointer. */
  text: string
  /** What explains each. */
  explains: readonly (string | undefined)[]
  isRest?: boolean
}

const CAPTION = 24

/** Two or more measures of the same things, each on a scale of its own: side by side, or beneath each other. */
export function pairedBars(points: readonly PairedPoint[], measures: readonly string[], width: number) {
  const isNarrow = width < 560
  const namesWidth = Math.max(...points.map(({ name }) => name.length)) * 7 + 14
  const each = isNarrow ? width - namesWidth : Math.floor((width - namesWidth) / measures.length)
  const height = CAPTION + points.length * 32 + 8
  const { element, add, write } = sheet(width, isNarrow ? (height + 12) * measures.length : height)
  for (const [i, measure] of measures.entries()) {
    const hasNames = isNarrow || i === 0
    const left = isNarrow ? namesWidth : namesWidth + i * each
    const top = isNarrow ? i * (height + 12) : 0
    const margin = hasNames ? namesWidth : 4
    write(measure, left, top + 12, { 'font-weight': '550' })
    add(bars(points, i, margin, each + margin), left - margin, top + CAPTION)
  }
  return element
}

function bars(points: readonly PairedPoint[], measure: number, marginLeft: number, width: number) {
  const data = points.map((point) => ({
    ...point,
    value: point.values[measure] ?? 0,
    label: point.labels[measure] ?? '',
    explain: point.explains[measure],
  }))
  type Bar = (typeof data)[number]
  return plot({
    ...chartStyle,
    width,
    height: points.length * 32 + 8,
    marginTop: 4,
    marginBottom: 4,
    marginLeft,
    marginRight: Math.max(...data.map(({ label }) => label.length)) * 7 + 20,
    x: { axis: null, ...fromZero(data.map(({ value }) => value)) },
    y: { type: 'band', domain: points.map(({ name }) => name), padding: 0.32, axis: null },
    marks: [
      barX(data, {
        x: 'value',
        y: 'name',
        rx: 2,
        fill: ({ isRest }: Bar) => (isRest ? 'var(--series-rest)' : 'var(--gold)'),
      }),
      ...(marginLeft > 4 ? [axisY({ tickSize: 0, label: null, fill: 'var(--ink)' })] : []),
      text(data, {
        x: ({ value }: Bar) => Math.max(value, 0),
        y: 'name',
        text: 'label',
        ...labelStyle,
      }),
      ruleX([0], { stroke: 'var(--line-strong)' }),
      tip(data, pointerY({ x: 'value', y: 'name', title: 'text', ...tipStyle })),
    ],
  })
}
