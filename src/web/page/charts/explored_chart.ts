import {
  axisX,
  barX,
  barY,
  dot,
  gridX,
  gridY,
  legend,
  lineY,
  plot,
  pointer,
  pointerX,
  pointerY,
  ruleX,
  ruleY,
  tip,
} from '@observablehq/plot'
import type { Format } from '../format.ts'
import { hatched, layered } from './hatch.ts'
import { namedAxis } from './named_axis.ts'
import type { Series } from './stacked_months.ts'
import { chartStyle, fromZero, tipStyle, valueAxis, withRoom } from './style.ts'

/** A number of a row, and of a series where there are several. */
export interface ExploredPoint {
  /** The row. */
  at: string
  series: string
  /** Null leaves a gap. */
  value: number | null
  /** What is said under the pointer. */
  text: string
  /** What explains it, as `month:2026-06`. */
  explain?: string | undefined
}

/** What is drawn, its rows from left to right or from top to bottom. */
export interface Drawn {
  rows: readonly {
    at: string
    name: string
    text: string
    explain?: string | undefined
    /** Whether it is of a time that is not over in the data. */
    isIncomplete?: boolean
  }[]
  series: readonly Series[]
  points: readonly ExploredPoint[]
}

/** Bars over times, stacked where there are several series. */
export function exploredColumns({ rows, series, points }: Drawn, format: Format, width: number): HTMLElement {
  return withLegend(
    series,
    plot({
      ...frame(rows, points, format, width),
      ...colors(series),
      marks: [
        gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
        barY(points, {
          x: 'at',
          y: 'value',
          fill: 'series',
          order: series.map(({ name }) => name),
          ...(series.length > 1 ? { stroke: 'var(--surface)', strokeWidth: 0.75 } : { rx: 2 }),
        }),
        ...hatched(
          rows.map(({ at, isIncomplete = false }) => {
            const own = points.filter((point) => point.at === at)
            return { at, ...layered(own.map(({ value }) => value)), isIncomplete }
          }),
        ),
        times(rows, width),
        ruleY([0], { stroke: 'var(--line-strong)' }),
        tip(rows, pointerX({ x: 'at', y: 0, title: 'text', anchor: 'bottom', ...tipStyle })),
      ],
    }),
  )
}

/** A line for each series over times. */
export function exploredLines({ rows, series, points }: Drawn, format: Format, width: number): HTMLElement {
  const isDense = rows.length > 60
  const begun = new Set(rows.flatMap(({ at, isIncomplete }) => (isIncomplete ? [at] : [])))
  const isBegun = ({ at }: ExploredPoint) => begun.has(at)
  return withLegend(
    series,
    plot({
      ...frame(rows, points, format, width),
      ...colors(series),
      marks: [
        gridY({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
        lineY(
          points.filter((point) => !isBegun(point)),
          { x: 'at', y: 'value', z: 'series', stroke: 'series', strokeWidth: 2 },
        ),
        dot(
          points.filter((point) => !isBegun(point)),
          { x: 'at', y: 'value', fill: 'series', r: isDense ? 1 : 2.75 },
        ),
        // What is not over is a ring that no line leads to.
        dot(points.filter(isBegun), { x: 'at', y: 'value', fill: 'var(--surface)', stroke: 'series', r: 2.75 }),
        times(rows, width),
        ruleY([0], { stroke: 'var(--line-strong)' }),
        tip(points, pointer({ x: 'at', y: 'value', title: 'text', ...tipStyle })),
      ],
    }),
  )
}

/** Bars beneath each other with their names on the left, each of several series. */
export function exploredRows({ rows, series, points }: Drawn, format: Format, width: number): HTMLElement {
  const { marginLeft, axis } = namedAxis(
    rows.map(({ at }) => at),
    width,
  )
  return withLegend(
    series,
    plot({
      ...chartStyle,
      width,
      height: rows.length * 34 + 44,
      marginTop: 4,
      marginBottom: 36,
      marginLeft,
      marginRight: 24,
      x: {
        label: null,
        tickSize: 0,
        ticks: Math.max(2, Math.floor((width - marginLeft) / 90)),
        tickFormat: (value: number) => format.short(value),
        ...fromZero(points.map(({ value }) => value)),
      },
      y: { type: 'band', domain: rows.map(({ at }) => at), padding: 0.32, label: null },
      ...colors(series),
      marks: [
        gridX({ stroke: 'var(--line)', strokeOpacity: 1 }),
        barX(points, {
          x: 'value',
          y: 'at',
          fill: 'series',
          order: series.map(({ name }) => name),
          stroke: 'var(--surface)',
          strokeWidth: 0.75,
        }),
        axis,
        ruleX([0], { stroke: 'var(--line-strong)' }),
        tip(rows, pointerY({ x: 0, y: 'at', title: 'text', anchor: 'left', ...tipStyle })),
      ],
    }),
  )
}

const colors = (series: readonly Series[]) => ({
  color: { domain: series.map(({ name }) => name), range: series.map(({ color }) => color) },
})

function frame(rows: Drawn['rows'], points: Drawn['points'], format: Format, width: number) {
  return {
    ...chartStyle,
    width,
    height: 340,
    marginLeft: 52,
    marginBottom: 30,
    x: { type: 'band', domain: rows.map(({ at }) => at), padding: rows.length > 60 ? 0.1 : 0.25, label: null },
    y: {
      zero: true,
      ...valueAxis(
        points.map(({ value }) => value),
        5,
        format.short,
      ),
    },
  } as const
}

/** As many times as can be named side by side, the last one in any case. */
function times(rows: Drawn['rows'], width: number) {
  const longest = Math.max(...rows.map(({ name }) => name.length))
  const names = new Map(rows.map(({ at, name }) => [at, name]))
  return axisX({
    tickSize: 0,
    label: null,
    ticks: withRoom(rows, width - 60, longest * 7 + 14).map(({ at }) => at),
    tickFormat: (at: string) => names.get(at) ?? at,
  })
}

function withLegend(series: readonly Series[], chart: SVGSVGElement | HTMLElement): HTMLElement {
  const place = document.createElement('div')
  if (series.length > 1) {
    place.append(
      legend({
        ...colors(series),
        tickFormat: (name: string) => (name.length > 28 ? `${name.slice(0, 27)}…` : name),
        style: { fontFamily: 'inherit', fontSize: '12px' },
      } as Parameters<typeof legend>[0]),
    )
  }
  place.append(chart)
  return place
}
