import { axisY, barX, plot, pointerY, ruleX, text, tip } from '@observablehq/plot'
import { chartStyle, tipStyle } from './style.ts'

export interface PairedPoint {
  name: string
  /** A value for each measure. */
  values: readonly number[]
  /** What stands beside each bar. */
  labels: readonly string[]
  /** What is said under the pointer. */
  text: string
  isRest?: boolean
}

/** Two or more measures of the same things, side by side and each on a scale of its own. */
export function pairedBars(points: readonly PairedPoint[], measures: readonly string[], width: number): HTMLElement {
  const place = document.createElement('div')
  const isNarrow = width < 560
  const namesWidth = Math.max(...points.map(({ name }) => name.length)) * 7 + 14
  const rest = isNarrow ? width : Math.floor((width - namesWidth) / measures.length)
  place.className = isNarrow ? 'paired-bars narrow' : 'paired-bars'
  for (const [i, measure] of measures.entries()) {
    const hasNames = isNarrow || i === 0
    const panel = document.createElement('div')
    const caption = document.createElement('p')
    caption.className = 'chart-caption'
    caption.textContent = measure
    if (hasNames) caption.style.paddingLeft = `${namesWidth}px`
    panel.append(
      caption,
      bars(points, i, hasNames ? namesWidth : 4, isNarrow ? width : rest + (i === 0 ? namesWidth : 0)),
    )
    place.append(panel)
  }
  return place
}

function bars(points: readonly PairedPoint[], measure: number, marginLeft: number, width: number) {
  const data = points.map((point) => ({
    ...point,
    value: point.values[measure] ?? 0,
    label: point.labels[measure] ?? '',
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
    x: { axis: null },
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
        textAnchor: 'start',
        dx: 8,
        fill: 'var(--ink-soft)',
        fontVariant: 'tabular-nums',
      }),
      ruleX([0], { stroke: 'var(--line-strong)' }),
      tip(data, pointerY({ x: 'value', y: 'name', title: 'text', ...tipStyle })),
    ],
  })
}
