import { barX, plot, pointerY, ruleX, text, tip } from '@observablehq/plot'
import { namedAxis } from './named_axis.ts'
import { BEFORE_COLOR, BEFORE_EDGE, chartStyle, fromZero, labelStyle, tipStyle } from './style.ts'

export interface RankedPoint {
  name: string
  value: number
  /** What it is compared with. */
  before?: number | null
  /** What stands beside the bar. */
  label: string
  /** What is said under the pointer. */
  text: string
  /** What explains it, as `month:2026-06`. */
  explain?: string | undefined
  /** Whether it is of the rest, or unknown. */
  isRest?: boolean
}

/**
 * Bars beneath each other, with their names on the left and their values on the right; a name can be pointed at, which
 * `onName` is told of.
 */
export function rankedBars(points: readonly RankedPoint[], width: number, onName?: (i: number) => void) {
  const { marginLeft, axis } = namedAxis(
    points.map(({ name }) => name),
    width,
  )
  const compared = points.filter(({ before }) => before != null)
  const inset = compared.length === 0 ? 0 : 4
  const chart = plot({
    ...chartStyle,
    width,
    height: points.length * 34 + 8,
    marginTop: 4,
    marginBottom: 4,
    marginLeft,
    marginRight: Math.max(...points.map(({ label }) => label.length)) * 7 + 14,
    x: { axis: null, nice: false, ...fromZero(points.flatMap(({ value, before = null }) => [value, before])) },
    y: { type: 'band', domain: points.map(({ name }) => name), padding: 0.32, label: null },
    marks: [
      barX(compared, { x: 'before', y: 'name', rx: 2, fill: BEFORE_COLOR, stroke: BEFORE_EDGE, className: 'before' }),
      barX(points, {
        x: 'value',
        y: 'name',
        rx: 2,
        insetTop: inset,
        insetBottom: inset,
        fill: ({ isRest }: RankedPoint) => (isRest ? 'var(--series-rest)' : 'var(--gold)'),
      }),
      axis,
      text(points, {
        x: ({ value, before }: RankedPoint) => Math.max(value, before ?? 0, 0),
        y: 'name',
        text: 'label',
        ...labelStyle,
      }),
      ruleX([0], { stroke: 'var(--line-strong)' }),
      tip(points, pointerY({ x: 'value', y: 'name', title: 'text', ...tipStyle })),
    ],
  })
  if (onName !== undefined) {
    for (const [i, name] of chart.querySelectorAll<SVGTextElement>('[aria-label="y-axis tick label"] text').entries()) {
      name.classList.add('axis-name')
      name.addEventListener('click', (event) => {
        event.stopPropagation()
        onName(i)
      })
    }
  }
  return chart
}
