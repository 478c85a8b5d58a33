import { barX, plot, ruleX, text } from '@observablehq/plot'
import { chartStyle } from './style.ts'

/** A step, and how much of it goes on to the next. */
export interface FunnelStep {
  name: string
  value: number
  /** How many they are, written out. */
  label: string
  /** Which part of the step before it is, in words; empty where that is unknown. */
  text: string
}

const STEP = 58

/** Bars of one scale from zero, the number beside each; what is there is never drawn as nothing. */
export function funnel(steps: readonly FunnelStep[], whole: string, width: number) {
  const isNarrow = width < 520
  const large = isNarrow ? 17 : 23
  const longest = Math.max(...steps.map(({ label }) => label.length))
  const names = Math.max(...steps.map(({ name }) => name.length))
  const marginLeft = Math.ceil(Math.max(longest * large * 0.6, names * 7) + 20)
  const most = Math.max(...steps.map(({ value }) => value)) || 1
  const least = (most * 2) / Math.max(1, width - marginLeft)
  const rows = steps.map((step) => ({ ...step, drawn: step.value > 0 ? Math.max(step.value, least) : 0 }))
  const said = { textAnchor: 'start', frameAnchor: 'left', fill: 'var(--ink)' } as const
  return plot({
    ...chartStyle,
    width,
    height: steps.length * STEP + 34,
    marginTop: 0,
    marginBottom: 34,
    marginLeft,
    marginRight: 2,
    x: { axis: null, domain: [0, most] },
    y: { type: 'band', domain: steps.map(({ name }) => name), padding: 0, axis: null },
    marks: [
      barX(rows, { x: 'drawn', y: 'name', rx: 2, insetTop: 24, insetBottom: 8, fill: 'var(--gold)' }),
      ruleX([0], { stroke: 'var(--line-strong)' }),
      text(rows, {
        y: 'name',
        text: 'name',
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -16,
        dy: -14,
        fill: 'var(--ink-soft)',
        fontSize: 12.5,
      }),
      text(rows, {
        y: 'name',
        text: 'label',
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -16,
        dy: 8,
        fill: 'var(--ink)',
        fontSize: large,
        fontWeight: 640,
        fontVariant: 'tabular-nums',
      }),
      text(rows, { ...said, y: 'name', text: 'text', dx: 8, dy: -16, fontSize: isNarrow ? 12.5 : 14, fontWeight: 550 }),
      text([whole], {
        ...said,
        frameAnchor: 'bottom-left',
        text: (words: string) => words,
        dx: isNarrow ? -marginLeft : 8,
        dy: 22,
        fill: 'var(--ink-soft)',
        fontSize: isNarrow ? 12 : 13,
      }),
    ],
  })
}
