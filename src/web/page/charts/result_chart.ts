import { barY, dot, gridY, legend, lineY, plot, pointer, pointerX, ruleY, stackY, tip } from '@observablehq/plot'
import type { Rows } from '../../api.ts'
import { recordsOf } from '../figure.ts'
import type { Format } from '../format.ts'
import { SIGNS, signsOf } from './signs.ts'
import { chartStyle, fromZero, tipStyle, UNKNOWN_COLOR } from './style.ts'

export const kinds = ['bars', 'line', 'dots'] as const

/** How the rows of a statement are drawn. */
export interface ResultChart {
  kind: (typeof kinds)[number]
  x: string
  y: string
  /** The column whose values are told apart by colour, if any. */
  series?: string | undefined
}

/** More bars than these are not told apart. */
const MOST_BARS = 200

/** What fits the columns: the first number by the first of the others; undefined where there is no number. */
export function usualChart({ columns, rows }: Rows): ResultChart | undefined {
  const isNumber = ({ type }: Rows['columns'][number]) => type === 'integer' || type === 'decimal'
  const numbers = columns.filter(isNumber)
  // A rank says the order, which is seen anyway.
  const y = numbers.find(({ name }) => name !== 'rank') ?? numbers[0]
  if (y === undefined || rows.length === 0) return undefined
  const x = columns.find((column) => !isNumber(column)) ?? columns.find((column) => column !== y)
  if (x === undefined) return undefined
  const isTime = x.type === 'date' || x.type === 'timestamp' || x.name === 'month'
  const place = columns.indexOf(x)
  const isRepeated = new Set(rows.map((row) => row[place])).size < rows.length
  const series = isRepeated ? columns.find((column) => !isNumber(column) && column !== x) : undefined
  return { kind: isNumber(x) ? 'dots' : isTime ? 'line' : 'bars', x: x.name, y: y.name, series: series?.name }
}

/** Of series more than can be told apart the largest are drawn. */
function seriesOf(points: readonly { series: string; y: number }[]): string[] {
  const sizes = new Map<string, number>()
  for (const { series, y } of points) sizes.set(series, (sizes.get(series) ?? 0) + Math.abs(y))
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, SIGNS)
  return largest.map(([name]) => name)
}

/** `standing` are the things that have a colour of their own on the page, the best first. */
export function resultChart(
  result: Rows,
  { kind, x, y, series }: ResultChart,
  format: Format,
  width: number,
  standing: readonly string[] = [],
): HTMLElement | SVGSVGElement {
  const type = result.columns.find(({ name }) => name === x)?.type
  const across = (value: string | null) => {
    if (value === null) return null
    if (type === 'integer' || type === 'decimal') return Number(value)
    return type === 'date' || type === 'timestamp' ? new Date(value.replace(' ', 'T')) : value
  }
  const drawn = recordsOf(result)
    .filter((row) => row[x] != null && row[y] != null)
    .slice(0, kind === 'bars' ? MOST_BARS : undefined)
    .map((row) => ({
      x: across(row[x] ?? null),
      y: Number(row[y]),
      series: series === undefined ? '' : (row[series] ?? 'null'),
      text: `${series === undefined ? '' : `${series}  ${row[series]}\n`}${x}  ${row[x]}\n${y}  ${row[y]}`,
    }))
  const told = series === undefined ? undefined : seriesOf(drawn)
  const points = told === undefined ? drawn : drawn.filter((point) => told.includes(point.series))
  const signOf = signsOf([...standing, ...(told ?? []).filter((name) => !standing.includes(name)).sort()])
  const color = told && {
    domain: told,
    range: told.map((name) => (name === 'Unknown' ? UNKNOWN_COLOR : signOf(name).color)),
  }
  const fill = told === undefined ? 'var(--gold)' : 'series'
  const names = [...new Set(points.map((point) => String(point.x)))]
  const isBand = kind === 'bars' || typeof points[0]?.x === 'string'
  const isTilted = isBand && names.join('').length * 7 + names.length * 12 > width
  const longest = Math.max(0, ...names.map((name) => name.length))
  const marks = {
    bars: [barY(points, { x: 'x', y: 'y', fill, ...(told === undefined && { rx: 2 }) })],
    line: [
      lineY(points, { x: 'x', y: 'y', stroke: fill, strokeWidth: 2 }),
      dot(points, { x: 'x', y: 'y', fill, r: points.length > 60 ? 0 : 2.5 }),
    ],
    dots: [dot(points, { x: 'x', y: 'y', fill, fillOpacity: 0.55, r: 3.5 })],
  }[kind]
  const shown = { x: 'x', y: 'y', title: 'text', ...tipStyle }
  const pointed =
    told === undefined
      ? (kind === 'dots' ? pointer : pointerX)(shown)
      : pointer(kind === 'bars' ? stackY({ ...shown, z: 'series' }) : shown)
  const chart = plot({
    ...chartStyle,
    width,
    height: 360,
    marginLeft: 56,
    marginBottom: isTilted ? Math.min(130, longest * 5.4 + 24) : 36,
    ...(color && { color }),
    x: {
      label: null,
      tickSize: 0,
      ...(isBand && { type: kind === 'bars' ? 'band' : 'point', domain: points.map((point) => point.x as string) }),
      ...(isTilted && { tickRotate: -40 }),
      ...(isBand && {
        tickFormat: (name: unknown) => shortened(name instanceof Date ? format.date(name.toISOString()) : String(name)),
      }),
    },
    y: {
      label: null,
      tickSize: 0,
      nice: true,
      zero: kind !== 'dots',
      ...(kind !== 'dots' && fromZero(points.map((point) => point.y))),
      tickFormat: (value: number) => format.short(value),
    },
    marks: [
      gridY({ stroke: 'var(--line)', strokeOpacity: 1 }),
      ...marks,
      ruleY([0], { stroke: 'var(--line-strong)' }),
      tip(points, pointed),
    ],
  })
  if (color === undefined) return chart
  const place = document.createElement('div')
  const style = { fontFamily: 'inherit', fontSize: '12px' }
  place.append(legend({ color: { ...color, type: 'categorical' }, tickFormat: shortened, style }), chart)
  return place
}

function shortened(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name
}
