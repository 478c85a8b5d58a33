import type { plot } from '@observablehq/plot'

/** A span of time that is shown over a chart, and its number in the list beneath. */
export interface MarkedSpan {
  number: number
  from: Date
  /** Its end, which is not of it. */
  to: Date
  /** Whether it is a band, and not a number alone. */
  isBand: boolean
}

/** What a chart over time is held against. */
export interface ChartMarks {
  goals: readonly { value: number; from: Date; to: Date }[]
  spans: readonly MarkedSpan[]
}

const SVG = 'http://www.w3.org/2000/svg'
/** Numbers that would lie over each other take the next line. */
const LINES = 3
const ROOM = 18

/** Goals of the points that they are for. */
export function goalsOf(points: readonly { month: Date }[], { goals }: ChartMarks): { month: Date; value: number }[] {
  return points.flatMap(({ month }) =>
    goals.flatMap(({ value, from, to }) => (month >= from && month <= to ? { month, value } : [])),
  )
}

/** Bands behind the bars, from their first to their last day, and a number above each. */
export function drawSpans(
  chart: ReturnType<typeof plot>,
  points: readonly { month: Date; until?: Date | undefined }[],
  spans: readonly MarkedSpan[],
  [top, bottom]: readonly [number, number],
): void {
  const scale = chart.scale('x')
  const [first] = points
  if (scale?.bandwidth === undefined || scale.step === undefined || first === undefined) return
  const gap = (scale.step - scale.bandwidth) / 2
  const at = (time: Date): number => {
    const own = points.findLast(({ month }) => month <= time) ?? first
    const length = Number(own.until ?? own.month) - Number(own.month)
    const part = length > 0 ? (Number(time) - Number(own.month)) / length : 0
    return scale.apply(own.month) - gap + Math.min(Math.max(part, 0), 1) * (scale.step ?? 0)
  }
  const end = points.at(-1)?.until ?? points.at(-1)?.month ?? first.month
  const layer = document.createElementNS(SVG, 'g')
  layer.setAttribute('class', 'marks-over')
  const taken: number[] = []
  for (const { number, from, to, isBand } of spans) {
    if (to <= first.month || from >= end) continue
    const [left, right] = [at(from), Math.max(at(to), at(from) + 2)]
    if (isBand) layer.append(drawn('rect', { x: left, y: top, width: right - left, height: bottom - top }))
    const middle = (left + right) / 2
    let line = 0
    while (line < LINES - 1 && middle - (taken[line] ?? Number.NEGATIVE_INFINITY) < ROOM) line++
    taken[line] = middle
    const y = top + 8 + line * ROOM
    const label = drawn('text', { x: middle, y: y + 4, 'text-anchor': 'middle' })
    label.textContent = String(number)
    layer.append(drawn('circle', { cx: middle, cy: y, r: 8 }), label)
  }
  // Behind the bars: a drawing begins with its style.
  chart.querySelector(':scope > style')?.after(layer)
}

const looks: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  rect: { fill: 'var(--series-3)', 'fill-opacity': '0.16' },
  circle: { fill: 'var(--surface)', stroke: 'var(--series-3)' },
  text: { fill: 'var(--ink)', 'font-size': '10.5', 'font-weight': '600' },
}

function drawn(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries({ ...looks[name], ...attributes })) element.setAttribute(key, String(value))
  return element
}
