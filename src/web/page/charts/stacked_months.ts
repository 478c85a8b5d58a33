import { axisX, barY, dot, gridY, link, plot, pointerX, ruleY, text, tip } from '@observablehq/plot'
import type { Format } from '../format.ts'
import { type HatchedBar, hatched, layered } from './hatch.ts'
import { fitting } from './months_chart.ts'
import { BEFORE_COLOR, BEFORE_EDGE, chartStyle, tipStyle, valueAxis } from './style.ts'

/** One of the things that are stacked, the largest first. */
export interface Series {
  name: string
  color: string
}

export interface StackedPoint {
  month: Date
  series: string
  value: number
}

/** What is said of a month under the pointer. */
export interface MonthText {
  month: Date
  text: string
  /** What explains it, as `month:2026-06`. */
  explain?: string | undefined
  /** What is known of the month, where it is not over. */
  known?: string | undefined
  /** What all of it is compared with. */
  before?: number | null
}

const LABELS_WIDTH = 150
const LINE = 17

/** Bars by month, stacked, before paler ones of what they are compared with; each layer is named beside the last month, or above in the order of the layers. */
export function stackedMonths(
  points: readonly StackedPoint[],
  series: readonly Series[],
  texts: readonly MonthText[],
  format: Format,
  width: number,
): HTMLElement {
  const place = document.createElement('div')
  const hasRoom = width >= 560
  if (!hasRoom) place.append(legend(series))
  const height = 340
  const longest = Math.floor((LABELS_WIDTH - 34) / 6.6)
  const compared = texts.filter(({ before }) => before != null)
  const room = (width - 48 - (hasRoom ? LABELS_WIDTH : 4)) / Math.max(1, texts.length)
  const inset = compared.length === 0 ? 0 : Math.min(8, room * 0.14)
  const chart = plot({
    ...chartStyle,
    width,
    height,
    marginLeft: 48,
    marginRight: hasRoom ? LABELS_WIDTH : 4,
    marginBottom: 28,
    x: { type: 'band', interval: 'month', padding: 0.25, label: null },
    y: valueAxis(
      [...points.map(({ value }) => value), ...compared.map(({ before = null }) => before)],
      5,
      format.short,
    ),
    color: { domain: series.map(({ name }) => name), range: series.map(({ color }) => color) },
    marks: [
      gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
      barY(compared, { x: 'month', y: 'before', fill: BEFORE_COLOR, stroke: BEFORE_EDGE, rx: 2, className: 'before' }),
      // What comes first lies at the bottom, on the line from which it can be compared.
      barY(points, {
        x: 'month',
        y: 'value',
        fill: 'series',
        order: series.map(({ name }) => name),
        insetLeft: inset,
        insetRight: inset,
        stroke: 'var(--surface)',
        strokeWidth: 0.75,
      }),
      ...hatched(unfinished(points, texts), inset),
      axisX({
        tickSize: 0,
        ticks: fitting(texts, width - (hasRoom ? LABELS_WIDTH : 0)),
        tickFormat: (month: Date) =>
          texts.find((text) => Number(text.month) === Number(month))?.known ??
          format.month(month.toISOString(), 'short'),
        label: null,
      }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      tip(texts, pointerX({ x: 'month', y: 0, title: 'text', anchor: 'bottom', ...tipStyle })),
    ],
  })
  place.append(hasRoom ? withLabels(chart, { points, series, texts, width, height, longest }) : chart)
  return place
}

/** What is drawn above and beneath the line of the months that are not over. */
function unfinished(points: readonly StackedPoint[], texts: readonly MonthText[]): HatchedBar[] {
  return texts.flatMap(({ month, known }) => {
    if (known === undefined) return []
    const own = points.filter((point) => Number(point.month) === Number(month))
    return [{ at: month, ...layered(own.map(({ value }) => value)), isIncomplete: true }]
  })
}

/** The layers' names beside the last bar, each with a line to its layer. */
function withLabels(
  chart: ReturnType<typeof plot>,
  {
    points,
    series,
    texts,
    width,
    height,
    longest,
  }: {
    points: readonly StackedPoint[]
    series: readonly Series[]
    texts: readonly MonthText[]
    width: number
    height: number
    longest: number
  },
): HTMLElement {
  const y = chart.scale('y')
  const x = chart.scale('x')
  const last = texts.at(-1)?.month
  const right = last === undefined || x === undefined ? width - LABELS_WIDTH : x.apply(last) + (x.bandwidth ?? 0)
  const at = new Map(points.filter(({ month }) => Number(month) === Number(last)).map((p) => [p.series, p.value]))
  let [above, beneath] = [0, 0]
  const wanted = series.map(({ name, color }) => {
    const value = at.get(name) ?? 0
    const middle = (value < 0 ? beneath : above) + value / 2
    if (value < 0) beneath += value
    else above += value
    return { name, color, isThere: value !== 0, from: y?.apply(middle) ?? 0, to: 0 }
  })
  // From the bottom up, each at least a line above the one before; then down again from the upper edge.
  let floor = height - 28
  for (const label of wanted) {
    label.to = Math.min(label.from, floor)
    floor = label.to - LINE
  }
  let ceiling = 12
  for (const label of wanted.toReversed()) {
    label.to = Math.max(label.to, ceiling)
    ceiling = label.to + LINE
  }
  const labels = plot({
    ...chartStyle,
    width,
    height,
    margin: 0,
    x: { axis: null, domain: [0, width], range: [0, width] },
    y: { axis: null, domain: [0, height], range: [0, height] },
    color: { domain: series.map(({ name }) => name), range: series.map(({ color }) => color) },
    marks: [
      link(
        wanted.filter(({ isThere }) => isThere),
        { x1: right + 2, y1: 'from', x2: width - LABELS_WIDTH + 16, y2: 'to', stroke: 'var(--line-strong)' },
      ),
      dot(wanted, { x: width - LABELS_WIDTH + 22, y: 'to', r: 4.5, fill: 'name' }),
      text(wanted, {
        x: width - LABELS_WIDTH + 32,
        y: 'to',
        text: ({ name }: Series) => (name.length > longest ? `${name.slice(0, longest - 1)}…` : name),
        textAnchor: 'start',
        fill: 'var(--ink)',
      }),
    ],
  })
  // One drawing, so that it is one file.
  const layer = document.createElementNS('http://www.w3.org/2000/svg', 'g')
  layer.append(...labels.childNodes)
  chart.append(layer)
  const place = document.createElement('div')
  place.append(chart)
  return place
}

function legend(series: readonly Series[]): HTMLElement {
  const list = document.createElement('ol')
  list.className = 'ordered-legend'
  // As the layers lie: the uppermost first.
  for (const { name, color } of series.toReversed()) {
    const entry = document.createElement('li')
    const mark = document.createElement('span')
    mark.style.background = color
    entry.append(mark, name)
    list.append(entry)
  }
  return list
}
