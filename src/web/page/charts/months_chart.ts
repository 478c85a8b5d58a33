import { axisX, barY, dot, gridY, lineY, plot, pointerX, ruleX, ruleY, tip } from '@observablehq/plot'
import type { Format } from '../format.ts'
import { chartStyle, fromZero, tipStyle } from './style.ts'

/** A month and what it brought. */
export interface MonthPoint {
  month: Date
  value: number | null
  /** What is said under the pointer. */
  text: string
  /** What explains it, as `month:2026-06`. */
  explain?: string | undefined
}

/** Bars by month. */
export function monthBars(points: readonly MonthPoint[], format: Format, width: number, height: number) {
  return plot({
    ...chartStyle,
    width,
    height,
    marginLeft: 48,
    marginBottom: 28,
    x: { type: 'band', padding: 0.25, label: null },
    y: {
      label: null,
      tickSize: 0,
      tickFormat: (value: number) => format.short(value),
      ticks: 5,
      nice: true,
      ...fromZero(points.map(({ value }) => value)),
    },
    marks: [
      gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      barY(points, { x: 'month', y: 'value', fill: 'var(--gold)', rx: 2 }),
      axisX({
        tickSize: 0,
        ticks: fitting(points, width),
        tickFormat: (month: Date) => format.month(month.toISOString(), 'short'),
        label: null,
      }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      tip(points, pointerX({ x: 'month', y: 'value', title: 'text', ...tipStyle })),
    ],
  })
}

/** A line by month. */
export function monthLine(points: readonly MonthPoint[], format: Format, width: number, height: number) {
  return plot({
    ...chartStyle,
    width,
    height,
    marginLeft: 48,
    marginBottom: 28,
    x: { type: 'point', label: null, padding: 0.5 },
    y: {
      label: null,
      tickSize: 0,
      tickFormat: (value: number) => format.short(value),
      ticks: 3,
      nice: true,
      zero: true,
      ...fromZero(points.map(({ value }) => value)),
    },
    marks: [
      gridY({ ticks: 3, stroke: 'var(--line)', strokeOpacity: 1 }),
      ruleX(points, pointerX({ x: 'month', stroke: 'var(--line-strong)' })),
      lineY(points, { x: 'month', y: 'value', stroke: 'var(--series-2)', strokeWidth: 2 }),
      dot(points, { x: 'month', y: 'value', fill: 'var(--series-2)', r: points.length > 40 ? 0 : 2.5 }),
      axisX({
        tickSize: 0,
        ticks: fitting(points, width),
        tickFormat: (month: Date) => format.month(month.toISOString(), 'short'),
        label: null,
      }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      tip(points, pointerX({ x: 'month', y: 'value', title: 'text', ...tipStyle })),
    ],
  })
}

/** As many months as can be named side by side. */
export function fitting(points: readonly { month: Date }[], width: number): Date[] {
  const every = Math.ceil(points.length / Math.max(1, Math.floor((width - 60) / 58)))
  return points.filter((_, i) => (points.length - 1 - i) % every === 0).map(({ month }) => month)
}
