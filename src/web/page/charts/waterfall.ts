import { axisY, barX, plot, pointerY, ruleX, text, tip } from '@observablehq/plot'
import { chartStyle, fromZero, labelStyle, tipStyle } from './style.ts'

/** A step of a waterfall: the whole, what is taken from it, or what is left at the end. */
export interface WaterfallStep {
  name: string
  from: number
  to: number
  kind: 'whole' | 'taken' | 'left' | 'unknown'
  /** What stands beside the bar; a second bar of the same name has none. */
  label: string
  /** What is said under the pointer. */
  text: string
}

const fills = {
  whole: 'var(--silver)',
  taken: 'var(--series-rest)',
  left: 'var(--gold)',
  unknown: 'color-mix(in srgb, var(--gold) 45%, var(--surface))',
} as const

/** How many characters names and labels have at most, so that the bars of several drawings line up. */
export interface WaterfallRoom {
  name: number
  label: number
}

/** Bars beneath each other, each beginning where the one above it ends. */
export function waterfall(steps: readonly WaterfallStep[], width: number, most: WaterfallRoom) {
  const names = [...new Set(steps.map(({ name }) => name))]
  const marginLeft = Math.min(most.name * 6.6 + 14, Math.max(96, width * 0.36))
  const room = Math.floor((marginLeft - 12) / 6.4)
  const ends = names.map((name) => {
    const own = steps.filter((step) => step.name === name)
    return { name, end: Math.max(...own.flatMap(({ from, to }) => [from, to])), label: own[0]?.label ?? '' }
  })
  return plot({
    ...chartStyle,
    width,
    height: names.length * 32 + 8,
    marginTop: 4,
    marginBottom: 4,
    marginLeft,
    marginRight: most.label * 6.8 + 14,
    x: { axis: null, nice: false, ...fromZero(steps.flatMap(({ from, to }) => [from, to])) },
    y: { type: 'band', domain: names, padding: 0.3, label: null },
    marks: [
      barX(steps, {
        x1: 'from',
        x2: 'to',
        y: 'name',
        fill: ({ kind }: WaterfallStep) => fills[kind],
        stroke: ({ kind }: WaterfallStep) => (kind === 'unknown' ? 'var(--gold)' : 'none'),
      }),
      axisY({
        tickSize: 0,
        label: null,
        fill: 'var(--ink)',
        tickFormat: (name: string) => (name.length > room ? `${name.slice(0, Math.max(4, room - 1))}…` : name),
      }),
      text(ends, {
        x: 'end',
        y: 'name',
        text: 'label',
        ...labelStyle,
      }),
      ruleX([0], { stroke: 'var(--line-strong)' }),
      tip(steps, pointerY({ x: 'to', y: 'name', title: 'text', ...tipStyle })),
    ],
  })
}
