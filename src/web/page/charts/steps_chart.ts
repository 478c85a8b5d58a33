import { axisX, barY, gridY, plot, pointerX, ruleY, text, tip } from '@observablehq/plot'
import type { Format } from '../format.ts'
import { chartStyle, tipStyle, valueAxis } from './style.ts'

/** A step from one value to another, and how many are in it. */
export interface Step {
  /** Its range, which may be of two lines. */
  name: string
  value: number
  /** What stands over the bar. */
  label: string
  /** What is said under the pointer. */
  text: string
  /** What explains it. */
  explain?: string | undefined
  /** Whether it is no step like the others: it stands apart, in grey. */
  isApart: boolean
}

/** Stands between the steps that are apart and the others. */
const GAP = ''

/** A bar for each step, all equally wide: the steps are not, so each has its range beneath it. */
export function stepsChart(steps: readonly Step[], format: Format, width: number) {
  const [apart, others] = [steps.filter(({ isApart }) => isApart), steps.filter(({ isApart }) => !isApart)]
  const domain = [...apart.map(({ name }) => name), ...(apart.length > 0 ? [GAP] : []), ...others.map((s) => s.name)]
  const room = (width - 48) / domain.length
  const longest = Math.max(...steps.map(({ label }) => label.length))
  return plot({
    ...chartStyle,
    width,
    height: 270,
    marginTop: 22,
    marginLeft: 44,
    marginRight: 4,
    marginBottom: 42,
    x: { type: 'band', domain, padding: 0.16, label: null },
    y: valueAxis(
      steps.map(({ value }) => value),
      4,
      format.short,
    ),
    marks: [
      gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
      barY(steps, {
        x: 'name',
        y: 'value',
        rx: 2,
        fill: ({ isApart }: Step) => (isApart ? 'var(--series-rest)' : 'var(--gold)'),
      }),
      ...(room > longest * 7
        ? [
            text(steps, {
              x: 'name',
              y: 'value',
              text: 'label',
              dy: -8,
              fontSize: 11,
              fill: 'var(--ink-soft)',
              fontVariant: 'tabular-nums',
            }),
          ]
        : []),
      axisX({
        tickSize: 0,
        label: null,
        ticks: domain.filter((name) => name !== GAP),
        fontSize: room < 42 ? 10 : 11.5,
      }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      tip(steps, pointerX({ x: 'name', y: 'value', title: 'text', ...tipStyle })),
    ],
  })
}
