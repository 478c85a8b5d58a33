import { areaY, dot, lineY, plot } from '@observablehq/plot'
import { Chart } from '../charts/plot.tsx'
import { fromZero } from '../charts/style.ts'

/** How a figure moved from month to month; an ornament, its numbers stand in the chart of months. */
export function Sparkline({ values }: { values: readonly (number | null)[] }) {
  const points = values.map((value, month) => ({ month, value }))
  const last = points.findLast(({ value }) => value !== null)
  const draw = (width: number) =>
    plot({
      width,
      height: 40,
      margin: 3,
      axis: null,
      y: { zero: true, ...fromZero(values) },
      marks: [
        areaY(points, { x: 'month', y: 'value', fill: 'var(--gold)', fillOpacity: 0.12, curve: 'monotone-x' }),
        lineY(points, { x: 'month', y: 'value', stroke: 'var(--gold)', strokeWidth: 1.75, curve: 'monotone-x' }),
        dot(last === undefined ? [] : [last], { x: 'month', y: 'value', fill: 'var(--gold)', r: 2.5 }),
      ],
    })
  return (
    <div class="sparkline" aria-hidden="true">
      <Chart draw={draw} label="" of={[values]} />
    </div>
  )
}
