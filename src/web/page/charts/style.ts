import type { PlotOptions, ScaleOptions } from '@observablehq/plot'

/** What all charts have in common. */
export const chartStyle = {
  style: {
    fontFamily: 'inherit',
    fontSize: '12px',
    background: 'transparent',
    overflow: 'visible',
    color: 'var(--ink-soft)',
  },
  marginTop: 12,
} as const satisfies PlotOptions

/** For the scale of bars and lines from zero: where all is nothing, nothing is drawn, and not the middle of the scale. */
export function fromZero(values: readonly (number | null)[]): Pick<ScaleOptions, 'domain'> {
  return values.every((value) => !value) ? { domain: [0, 1] } : {}
}

/** The axis of what bars and lines are worth, from zero. */
export function valueAxis(values: readonly (number | null)[], ticks: number, write: (value: number) => string) {
  return { label: null, tickSize: 0, ticks, nice: true, tickFormat: write, ...fromZero(values) } as const
}

/** Of things of which each needs so many pixels as many as have room side by side, the last one in any case. */
export function withRoom<T>(things: readonly T[], width: number, each: number): T[] {
  const every = Math.ceil(things.length / Math.max(1, Math.floor(width / each)))
  return things.filter((_, i) => (things.length - 1 - i) % every === 0)
}

/** What stands at the end of a bar. */
export const labelStyle = {
  textAnchor: 'start',
  dx: 8,
  fill: 'var(--ink-soft)',
  fontVariant: 'tabular-nums',
} as const

/** The colours of series, in the order in which they are given out; the rest has its own. */
export const seriesColors = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `var(--series-${number})`)
export const REST_COLOR = 'var(--series-rest)'
/** Lies beside the rest, from which it has to be told. */
export const UNKNOWN_COLOR = 'color-mix(in srgb, var(--series-rest) 66%, var(--ink))'
/** What a period is compared with. */
export const BEFORE_COLOR = 'var(--series-before)'
/** Its edge can be seen on any ground, where its pale fill cannot. */
export const BEFORE_EDGE = 'var(--series-before-edge)'

/** The look of what is shown under the pointer. */
export const tipStyle = {
  fill: 'var(--raised)',
  stroke: 'var(--line-strong)',
  textPadding: 10,
  lineHeight: 1.35,
} as const
