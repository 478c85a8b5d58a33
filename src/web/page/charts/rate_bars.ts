import { axisX, barX, gridX, plot, pointerY, text, tip } from '@observablehq/plot'
import { namedAxis } from './named_axis.ts'
import type { RankedPoint } from './ranked_bars.ts'
import { chartStyle, labelStyle, tipStyle } from './style.ts'

/** Rates in percent beneath each other, each on a whole of 100 %. */
export function rateBars(points: readonly RankedPoint[], percent: (value: number) => string, width: number) {
  const { marginLeft, axis } = namedAxis(
    points.map(({ name }) => name),
    width,
  )
  const fill = ({ isRest }: RankedPoint) => (isRest ? 'var(--series-rest)' : 'var(--gold)')
  return plot({
    ...chartStyle,
    width,
    height: points.length * 34 + 30,
    marginTop: 4,
    marginBottom: 26,
    marginLeft,
    marginRight: 22,
    x: { domain: [0, 100], label: null },
    y: { type: 'band', domain: points.map(({ name }) => name), padding: 0.32, label: null },
    marks: [
      barX(points, {
        x1: 0,
        x2: 100,
        y: 'name',
        rx: 2,
        fill: 'var(--surface)',
        stroke: 'var(--line)',
        className: 'track',
      }),
      gridX([25, 50, 75, 100], { stroke: 'var(--line)', strokeOpacity: 1 }),
      barX(points, { x1: 0, x2: 'value', y: 'name', rx: 2, fill }),
      axisX([0, 25, 50, 75, 100], { tickSize: 0, label: null, tickFormat: percent }),
      axis,
      text(points, {
        // Beside the bar, or within it where the scale ends.
        x: ({ value }: RankedPoint) => Math.min(value, 84),
        y: 'name',
        text: 'label',
        ...labelStyle,
        fill: 'var(--ink)',
      }),
      tip(points, pointerY({ x: 'value', y: 'name', title: 'text', ...tipStyle })),
    ],
  })
}
