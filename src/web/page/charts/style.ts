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
