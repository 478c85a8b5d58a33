import { line, plot, rect, text } from '@observablehq/plot'
import { chartStyle } from './style.ts'

/** A step, and how much of it goes on to the next. */
export interface FunnelStep {
  name: string
  /** How many they are, written out. */
  label: string
  /** Whether they are none: there is nothing to draw. */
  isNone: boolean
  /** Which part of the step goes on, in percent; null for the last step, or where it is unknown. */
  goesOn: number | null
  /** That part in words. */
  text: string
}

const BAR = 34
const FAN = 62
const TOP = 10

/**
 * Steps that lose orders of magnitude: each bar is the marked part of the bar above, enlarged to the full width, so
 * that every part can be seen at its true share.
 */
export function funnel(steps: readonly FunnelStep[], whole: string, width: number) {
  const large = width < 520 ? 17 : 23
  const longest = Math.max(...steps.map(({ label }) => label.length))
  const names = Math.max(...steps.map(({ name }) => name.length))
  const marginLeft = Math.ceil(Math.max(longest * large * 0.6, names * 7) + 20)
  const top = (i: number) => TOP + i * (BAR + FAN)
  const height = top(steps.length - 1) + BAR + 34
  const marked = steps.flatMap(({ goesOn }, i) => (goesOn === null ? [] : [{ i, part: Math.min(goesOn, 100) }]))
  const rows = steps.map((step, i) => ({ ...step, middle: top(i) + BAR / 2 }))
  return plot({
    ...chartStyle,
    width,
    height,
    margin: 0,
    marginLeft,
    marginRight: 2,
    x: { axis: null, domain: [0, 100] },
    y: { axis: null, domain: [0, height], range: [0, height] },
    marks: [
      marked.map(({ i, part }) =>
        line(
          [
            [0, top(i) + BAR],
            [part, top(i) + BAR],
            [100, top(i + 1)],
            [0, top(i + 1)],
          ],
          { curve: 'linear-closed', fill: 'var(--gold)', fillOpacity: 0.13, stroke: 'none' },
        ),
      ),
      rect(
        steps.flatMap(({ isNone }, i) => (isNone ? [] : [i])),
        {
          x1: 0,
          x2: 100,
          y1: (i: number) => top(i),
          y2: (i: number) => top(i) + BAR,
          rx: 2,
          fill: (i: number) => (i === steps.length - 1 ? 'var(--gold)' : 'var(--funnel-bar)'),
        },
      ),
      rect(marked, {
        x1: 0,
        x2: 'part',
        y1: ({ i }: { i: number }) => top(i),
        y2: ({ i }: { i: number }) => top(i) + BAR,
        fill: 'var(--gold)',
      }),
      text(rows, {
        x: 0,
        y: ({ middle }: { middle: number }) => middle - 16,
        text: 'name',
        textAnchor: 'end',
        dx: -16,
        fill: 'var(--ink-soft)',
        fontSize: 12.5,
      }),
      text(rows, {
        x: 0,
        y: ({ middle }: { middle: number }) => middle + 6,
        text: 'label',
        textAnchor: 'end',
        dx: -16,
        fill: 'var(--ink)',
        fontSize: large,
        fontWeight: 640,
        fontVariant: 'tabular-nums',
      }),
      text(
        rows.filter(({ goesOn }) => goesOn !== null),
        {
          x: 100,
          y: ({ middle }: { middle: number }) => middle + BAR / 2 + 16,
          text: 'text',
          textAnchor: 'end',
          fill: 'var(--ink)',
          fontSize: width < 520 ? 12.5 : 14,
          fontWeight: 550,
        },
      ),
      text([whole], {
        x: 100,
        y: height - 14,
        text: (words: string) => words,
        textAnchor: 'end',
        fill: 'var(--ink-soft)',
        fontSize: width < 520 ? 12 : 13,
      }),
    ],
  })
}
