import { axisX, barY, dot, gridY, lineY, plot, pointerX, ruleX, ruleY, tickY, tip } from '@observablehq/plot'
import type { Format } from '../format.ts'
import { hatched } from './hatch.ts'
import { type ChartMarks, drawSpans, goalsOf } from './marks_over.ts'
import { BEFORE_COLOR, BEFORE_EDGE, chartStyle, tipStyle, valueAxis, withRoom } from './style.ts'

/** A month, or another span of time, and what it brought. */
export interface MonthPoint {
  /** Its first day. */
  month: Date
  /** The day after its last one. */
  until?: Date | undefined
  value: number | null
  /** What it is compared with. */
  before?: number | null
  /** What is known of it, where it is not over. */
  known?: string | undefined
  /** What is said under the pointer. */
  text: string
  /** What explains it, as `month:2026-06`. */
  explain?: string | undefined
  /** Which of the numbers there, where it is not the first. */
  of?: string | undefined
}

/** A line over each month that it is for. */
const GOAL = { stroke: 'var(--ink)', strokeWidth: 1.75, strokeDasharray: '5 3', className: 'goal' } as const

/** How a span of time is named beneath it. */
type Named = (first: Date) => string

/** Bars by month, before paler ones of what they are compared with; what is not over is hatched. */
export function monthBars(
  points: readonly MonthPoint[],
  format: Format,
  width: number,
  height: number,
  name: Named,
  marks: ChartMarks,
) {
  const compared = points.filter(({ before }) => before != null)
  const room = (width - 60) / Math.max(1, points.length)
  const inset = compared.length === 0 ? 0 : Math.min(8, room * 0.14)
  const chart = plot({
    ...chartStyle,
    width,
    height,
    marginLeft: 48,
    marginBottom: 28,
    x: bands(points),
    y: valueAxis(
      points.flatMap(({ value, before = null }) => [value, before]),
      5,
      format.short,
    ),
    marks: [
      gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      barY(compared, {
        x: 'month',
        y: 'before',
        rx: 2,
        fill: BEFORE_COLOR,
        stroke: BEFORE_EDGE,
        className: 'before',
      }),
      barY(points, { x: 'month', y: 'value', fill: 'var(--gold)', rx: 2, insetLeft: inset, insetRight: inset }),
      ...hatched(
        points.map(({ month, value, known }) => ({ at: month, value, isIncomplete: known !== undefined })),
        inset,
      ),
      axisX({ tickSize: 0, ticks: fitting(points, width), tickFormat: name, label: null }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      tickY(goalsOf(points, marks), { x: 'month', y: 'value', ...GOAL }),
      tip(points, pointerX({ x: 'month', y: 'value', title: 'text', ...tipStyle })),
    ],
  })
  drawSpans(chart, points, marks.spans, [chartStyle.marginTop, height - 28])
  return chart
}

function bands(points: readonly MonthPoint[]) {
  return { type: 'band', padding: points.length > 60 ? 0.1 : 0.25, label: null } as const
}

/** A line by month, and a paler one of what it is compared with. */
export function monthLine(
  points: readonly MonthPoint[],
  format: Format,
  width: number,
  height: number,
  name: Named,
  marks: ChartMarks,
) {
  return plot({
    ...chartStyle,
    width,
    height,
    marginLeft: 48,
    marginBottom: 28,
    // Of bands as well: each point is under its bar.
    x: bands(points),
    y: {
      zero: true,
      ...valueAxis(
        points.flatMap(({ value, before = null }) => [value, before]),
        3,
        format.short,
      ),
    },
    marks: [
      gridY({ ticks: 3, stroke: 'var(--line)', strokeOpacity: 1 }),
      ruleX(points, pointerX({ x: 'month', stroke: 'var(--line-strong)' })),
      lineY(points, { x: 'month', y: 'before', stroke: BEFORE_EDGE, strokeWidth: 1.5, strokeDasharray: '4 3' }),
      lineY(
        points.filter(({ known }) => known === undefined),
        { x: 'month', y: 'value', stroke: 'var(--series-2)', strokeWidth: 2 },
      ),
      dot(points, {
        x: 'month',
        y: 'value',
        // What is not over is a ring that no line leads to.
        fill: ({ known }: MonthPoint) => (known === undefined ? 'var(--series-2)' : 'var(--surface)'),
        stroke: 'var(--series-2)',
        strokeWidth: 1,
        r: points.length > 40 ? 0 : 2.5,
      }),
      axisX({ tickSize: 0, ticks: fitting(points, width), tickFormat: name, label: null }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      tickY(goalsOf(points, marks), { x: 'month', y: 'value', ...GOAL }),
      tip(points, pointerX({ x: 'month', y: 'value', title: 'text', ...tipStyle })),
    ],
  })
}

/** As many months as can be named side by side. */
export function fitting(points: readonly { month: Date }[], width: number): Date[] {
  return withRoom(points, width - 60, 58).map(({ month }) => month)
}
