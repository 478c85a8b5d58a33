import { axisX, barY, gridY, plot, pointerX, ruleY, text, tip } from '@observablehq/plot'
import type { Format } from '../format.ts'
import { chartStyle, tipStyle, valueAxis, withRoom } from './style.ts'

export interface RunPoint {
  id: string
  seconds: number
  hasSucceeded: boolean
  /** What is written beneath it. */
  when: string
  /** What is said under the pointer. */
  text: string
}

/** Seconds of each run, oldest first; one that did not succeed is marked with ✕ as well. */
export function runsChart(points: readonly RunPoint[], format: Format, width: number) {
  const when = new Map(points.map(({ id, when }) => [id, when]))
  // A few runs are bars, not walls.
  const band = (width - 82) / Math.max(1, points.length)
  return plot({
    ...chartStyle,
    width,
    height: 150,
    marginTop: 18,
    marginLeft: 48,
    marginRight: 34,
    marginBottom: 26,
    x: { type: 'band', domain: points.map(({ id }) => id), padding: 0.25, label: null },
    y: valueAxis(
      points.map(({ seconds }) => seconds),
      3,
      format.seconds,
    ),
    marks: [
      gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
      barY(points, {
        x: 'id',
        y: 'seconds',
        fill: ({ hasSucceeded }: RunPoint) => (hasSucceeded ? 'var(--silver)' : 'var(--bad)'),
        rx: 2,
        insetLeft: Math.max(0, (band * 0.75 - 44) / 2),
        insetRight: Math.max(0, (band * 0.75 - 44) / 2),
      }),
      text(
        points.filter(({ hasSucceeded }) => !hasSucceeded),
        { x: 'id', y: 'seconds', text: () => '✕', dy: -8, fill: 'var(--bad)', fontWeight: 600 },
      ),
      axisX({
        tickSize: 0,
        label: null,
        ticks: withRoom(points, width - 60, 92).map(({ id }) => id),
        tickFormat: (id: string) => when.get(id) ?? '',
      }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      tip(points, pointerX({ x: 'id', y: 'seconds', title: 'text', ...tipStyle })),
    ],
  })
}
