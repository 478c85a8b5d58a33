import { barY, dot, gridY, lineY, plot, pointer, pointerX, ruleY, tip } from '@observablehq/plot'
import type { Rows } from '../../api.ts'
import { recordsOf } from '../figure.ts'
import type { Format } from '../format.ts'
import { chartStyle, fromZero, tipStyle } from './style.ts'

export const kinds = ['bars', 'line', 'dots'] as const

/** How the rows of a statement are drawn. */
export interface ResultChart {
  kind: (typeof kinds)[number]
  x: string
  y: string
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
  return { kind: isNumber(x) ? 'dots' : isTime ? 'line' : 'bars', x: x.name, y: y.name }
}

export function resultChart(result: Rows, { kind, x, y }: ResultChart, format: Format, width: number) {
  const type = result.columns.find(({ name }) => name === x)?.type
  const across = (value: string | null) => {
    if (value === null) return null
    if (type === 'integer' || type === 'decimal') return Number(value)
    return type === 'date' || type === 'timestamp' ? new Date(value.replace(' ', 'T')) : value
  }
  const points = recordsOf(result)
    .filter((row) => row[x] != null && row[y] != null)
    .slice(0, kind === 'bars' ? MOST_BARS : undefined)
    .map((row) => ({ x: across(row[x] ?? null), y: Number(row[y]), text: `${x}  ${row[x]}\n${y}  ${row[y]}` }))
  const names = [...new Set(points.map((point) => String(point.x)))]
  const isBand = kind === 'bars' || typeof points[0]?.x === 'string'
  const isTilted = isBand && names.join('').length * 7 + names.length * 12 > width
  const longest = Math.max(0, ...names.map((name) => name.length))
  const marks = {
    bars: [barY(points, { x: 'x', y: 'y', fill: 'var(--gold)', rx: 2 })],
    line: [
      lineY(points, { x: 'x', y: 'y', stroke: 'var(--gold)', strokeWidth: 2 }),
      dot(points, { x: 'x', y: 'y', fill: 'var(--gold)', r: points.length > 60 ? 0 : 2.5 }),
    ],
    dots: [dot(points, { x: 'x', y: 'y', fill: 'var(--gold)', fillOpacity: 0.55, r: 3.5 })],
  }[kind]
  return plot({
    ...chartStyle,
    width,
    height: 360,
    marginLeft: 56,
    marginBottom: isTilted ? Math.min(130, longest * 5.4 + 24) : 36,
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
      tip(points, (kind === 'dots' ? pointer : pointerX)({ x: 'x', y: 'y', title: 'text', ...tipStyle })),
    ],
  })
}

function shortened(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name
}
