import { dot, gridX, gridY, legend, plot, pointer, tip } from '@observablehq/plot'
import type { Format } from '../format.ts'
import type { Sign } from './signs.ts'
import { chartStyle, REST_COLOR, tipStyle } from './style.ts'

export interface TypedPoint {
  type: string
  x: number
  y: number
  /** What is said under the pointer. */
  text: string
  /** What explains it, as `month:2026-06`. */
  explain?: string | undefined
}

const REST: Sign = { color: REST_COLOR, symbol: 'wye' }

/** Two measures of things of several types, told apart by colour and by shape alike; `rest` lie in grey. */
export function typedScatter(
  points: readonly TypedPoint[],
  { types, rest }: { types: ReadonlyMap<string, Sign>; rest: readonly string[] },
  axes: { x: string; y: string },
  format: Format,
  width: number,
): HTMLElement {
  const domain = [...types.keys(), ...rest]
  const signs = domain.map((name) => types.get(name) ?? REST)
  const symbol = { domain, range: signs.map(({ symbol }) => symbol) }
  const color = { domain, range: signs.map(({ color }) => color) }
  const [x, y] = [scaleOf(points.map((point) => point.x)), scaleOf(points.map((point) => point.y))]
  const axis = (scale: Scale, label: string) => ({
    type: scale.type,
    domain: scale.domain,
    ...(scale.ticks && { ticks: scale.ticks }),
    label,
    labelArrow: 'none' as const,
    tickSize: 0,
    tickFormat: (value: number) => (value === scale.nothing ? '0' : format.short(value)),
  })
  const at = (scale: Scale, value: number) => (value === 0 && scale.nothing !== undefined ? scale.nothing : value)
  const grid = { stroke: 'var(--line)', strokeOpacity: 1 }
  const crowd = points.length > 1000
  const place = document.createElement('div')
  place.append(
    legend({
      symbol,
      color,
      ...(crowd ? { fill: 'color' } : { stroke: 'color' }),
      tickFormat: (type: string) => (type.length > 28 ? `${type.slice(0, 27)}…` : type),
      style: { fontFamily: 'inherit', fontSize: '12px' },
    } as Parameters<typeof legend>[0]),
    plot({
      ...chartStyle,
      width,
      height: 360,
      marginTop: 30,
      marginLeft: 48,
      marginRight: 20,
      marginBottom: 42,
      x: { ...axis(x, axes.x), labelAnchor: 'right' },
      y: axis(y, axes.y),
      color,
      symbol,
      marks: [
        gridX(x.ticks ?? [], grid),
        gridY(y.ticks ?? [], grid),
        dot(points, {
          x: (point: TypedPoint) => at(x, point.x),
          y: (point: TypedPoint) => at(y, point.y),
          symbol: 'type',
          ...(crowd ? { fill: 'type', fillOpacity: 0.5, r: 2.5 } : { stroke: 'type', strokeWidth: 1.75, r: 4 }),
        }),
        tip(
          points,
          pointer({
            x: (point: TypedPoint) => at(x, point.x),
            y: (point: TypedPoint) => at(y, point.y),
            title: 'text',
            ...tipStyle,
          }),
        ),
      ],
    }),
  )
  return place
}

interface Scale {
  type: 'linear' | 'log'
  domain: [number, number]
  ticks?: number[]
  /** Where 0 lies on a logarithmic scale, a step beneath the least. */
  nothing?: number
}

/** Logarithmic where the largest is more than thirty times the least and none is negative. */
function scaleOf(values: readonly number[]): Scale {
  const isLog = isWide(values)
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (const value of values) {
    if (isLog && value === 0) continue
    least = Math.min(least, value)
    most = Math.max(most, value)
  }
  if (!isLog) return { type: 'linear', domain: [Math.min(0, least), most * 1.04 || 1] }
  const steps = most / least > 3000 ? [1] : [1, 3]
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(least)); power <= Math.ceil(Math.log10(most)); power++)
    for (const step of steps) {
      const tick = step * 10 ** power
      if (tick >= least * 0.8 && tick <= most * 1.2) ticks.push(tick)
    }
  const nothing = values.includes(0) ? least / 2.5 : undefined
  return {
    type: 'log',
    domain: [(nothing ?? least) * 0.8, most * 1.25],
    ticks: nothing === undefined ? ticks : [nothing, ...ticks],
    ...(nothing !== undefined && { nothing }),
  }
}

/** Whether values lie too far apart for a linear scale. */
export function isWide(values: readonly number[]): boolean {
  let [least, most] = [Number.POSITIVE_INFINITY, 0]
  for (const value of values) {
    if (value < 0) return false
    if (value > 0) least = Math.min(least, value)
    most = Math.max(most, value)
  }
  return most > least * 30
}
