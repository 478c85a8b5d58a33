import { areaY, dot, lineY, plot, pointerX, ruleX, ruleY, tip } from '@observablehq/plot'
import { sheet } from './sheet.ts'
import { BEFORE_EDGE, fromZero, tipStyle } from './style.ts'

interface Point {
  month: Date
  value: number | null
  /** What it is compared with. */
  before?: number | null
  text: string
  explain?: string | undefined
}

/** A thing, and how two measures of it moved from month to month. */
export interface Multiple {
  name: string
  color: string
  measures: readonly {
    title: string
    /** That of the last month. */
    label: string
    points: readonly Point[]
  }[]
}

const GAP = 28
const HEIGHT = 174
const MEASURE = 74

/** A small drawing for each thing and measure, all over the same months, each on its own scale from zero; dashed is what is compared with. */
export function smallMultiples(multiples: readonly Multiple[], months: readonly [Date, Date], width: number) {
  const columns = Math.max(1, Math.floor((width + GAP) / ((width < 560 ? 140 : 184) + GAP)))
  const each = Math.floor((width - GAP * (columns - 1)) / columns)
  const rows = Math.ceil(multiples.length / columns)
  const room = Math.floor(each / 7.4)
  const { element, add, write } = sheet(width, rows * (HEIGHT + GAP) - GAP)
  for (const [i, { name, color, measures }] of multiples.entries()) {
    const left = (i % columns) * (each + GAP)
    const top = Math.floor(i / columns) * (HEIGHT + GAP)
    const shown = name.length > room ? `${name.slice(0, room - 1)}…` : name
    write(shown, left, top + 13, { fill: 'var(--ink)', 'font-size': '13', 'font-weight': '600' })
    for (const [j, { title, label, points }] of measures.entries()) {
      const y = top + 24 + j * MEASURE
      write(title, left, y + 12)
      write(label, left + each, y + 12, { 'text-anchor': 'end' })
      add(line(points, color, months, each), left, y + 18)
    }
  }
  return element
}

function line(points: readonly Point[], color: string, months: readonly [Date, Date], width: number) {
  const last = points.findLast(({ value }) => value !== null)
  return plot({
    width,
    height: 52,
    marginTop: 5,
    marginBottom: 3,
    marginLeft: 3,
    marginRight: 5,
    axis: null,
    style: { background: 'transparent', overflow: 'visible', fontFamily: 'inherit', fontSize: '12px' },
    x: { type: 'utc', domain: months },
    y: { zero: true, ...fromZero(points.flatMap(({ value, before = null }) => [value, before])) },
    marks: [
      ruleY([0], { stroke: 'var(--line-strong)' }),
      areaY(points, { x: 'month', y: 'value', fill: color, fillOpacity: 0.1 }),
      ruleX(points, pointerX({ x: 'month', stroke: 'var(--line-strong)' })),
      lineY(
        points.filter(({ before }) => before != null),
        {
          x: 'month',
          y: 'before',
          stroke: BEFORE_EDGE,
          strokeWidth: 1.25,
          strokeDasharray: '4 3',
          className: 'before',
        },
      ),
      lineY(points, { x: 'month', y: 'value', stroke: color, strokeWidth: 1.75 }),
      // Where the keyboard leads.
      dot(points, { x: 'month', y: 'value', fill: color, fillOpacity: 0, r: 2.75 }),
      dot(last === undefined ? [] : [last], { x: 'month', y: 'value', fill: color, r: 2.75 }),
      tip(points, pointerX({ x: 'month', y: 'value', title: 'text', ...tipStyle })),
    ],
  })
}
