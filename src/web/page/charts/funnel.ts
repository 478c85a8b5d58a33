import { barX, plot, pointerY, ruleX, text, tip } from '@observablehq/plot'
import { BEFORE_COLOR, BEFORE_EDGE, chartStyle, tipStyle } from './style.ts'

/** A step, and how much of it goes on to the next. */
export interface FunnelStep {
  name: string
  value: number
  /** How many they are, written out. */
  label: string
  /** Which part of the step before it is, in words; empty where that is unknown. */
  said: string
  /** What it is compared with; null where it is with nothing. */
  before: number | null
  /** What is told under the pointer. */
  text: string
  /** What explains it. */
  explain?: string | undefined
}

const STEP = 58

/** Bars of one scale from zero, the number beside each; what is there is never drawn as nothing. */
export function funnel(steps: readonly FunnelStep[], whole: string, width: number) {
  const isNarrow = width < 520
  const large = isNarrow ? 17 : 23
  const longest = Math.max(...steps.map(({ label }) => label.length))
  const names = Math.max(...steps.map(({ name }) => name.length))
  const marginLeft = Math.ceil(Math.max(longest * large * 0.6, names * 7) + 20)
  const most = Math.max(...steps.flatMap(({ value, before }) => [value, before ?? 0])) || 1
  const least = (most * 2) / Math.max(1, width - marginLeft)
  const drawn = (value: number) => (value > 0 ? Math.max(value, least) : 0)
  const rows = steps.map((step) => ({ ...step, drawn: drawn(step.value), drawnBefore: drawn(step.before ?? 0) }))
  const compared = rows.filter(({ before }) => before !== null)
  // There the last words take two lines.
  const beneath = isNarrow ? 50 : 34
  const beside = { textAnchor: 'start', frameAnchor: 'left', fill: 'var(--ink)' } as const
  return plot({
    ...chartStyle,
    width,
    height: steps.length * STEP + beneath,
    marginTop: 0,
    marginBottom: beneath,
    marginLeft,
    marginRight: 2,
    x: { axis: null, domain: [0, most] },
    y: { type: 'band', domain: steps.map(({ name }) => name), padding: 0, axis: null },
    marks: [
      barX(compared, {
        x: 'drawnBefore',
        y: 'name',
        rx: 2,
        insetTop: 21,
        insetBottom: 5,
        fill: BEFORE_COLOR,
        stroke: BEFORE_EDGE,
        className: 'before',
      }),
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
      text(rows, {
        ...beside,
        y: 'name',
        text: 'said',
        dx: 8,
        dy: -16,
        fontSize: isNarrow ? 11.5 : 14,
        fontWeight: 550,
      }),
      text([whole], {
        ...beside,
        frameAnchor: 'bottom-left',
        text: (words: string) => words,
        dx: isNarrow ? -marginLeft : 8,
        dy: 10,
        lineAnchor: 'top',
        ...(isNarrow && { lineWidth: width / 12 }),
        fill: 'var(--ink-soft)',
        fontSize: isNarrow ? 12 : 13,
      }),
      tip(rows, pointerY({ x: 'drawn', y: 'name', title: 'text', ...tipStyle })),
    ],
  })
}
