import { axisX, cell, plot, pointer, text, tip } from '@observablehq/plot'
import { heat } from './heat_grid.ts'
import { chartStyle, tipStyle } from './style.ts'

/** Who bought first in one month. */
export interface Cohort {
  name: string
  size: string
}

/** How many of a cohort bought again some months later. */
export interface CohortCell {
  cohort: string
  since: number
  percent: number
  label: string
  /** What is said under the pointer. */
  text: string
  /** What explains it; undefined where nobody came back. */
  explain?: string | undefined
}

const NAMES_WIDTH = 124

/** A row for each cohort, a column for each month since. Wider than its place it scrolls, the names stay. */
export function cohortGrid(
  cohorts: readonly Cohort[],
  cells: readonly CohortCell[],
  words: { cohort: string; size: string; since: string },
  width: number,
): HTMLElement {
  const last = Math.max(...cells.map(({ since }) => since))
  const fitting = (width - NAMES_WIDTH) / last
  const scrolls = fitting < 26 && (width < 560 || fitting < 14)
  const room = scrolls ? 30 : Math.min(fitting, 84)
  const frame = {
    ...chartStyle,
    height: cohorts.length * (cohorts.length > 30 ? 22 : 28) + 50,
    marginTop: 46,
    marginLeft: NAMES_WIDTH,
    marginRight: 0,
    marginBottom: 4,
    y: { type: 'band', domain: cohorts.map(({ name }) => name), padding: 0.07, axis: null },
  } as const
  const heading = { frameAnchor: 'top-left', dy: -14, fill: 'var(--ink-soft)', fontSize: 11.5 } as const
  const names = [
    text([words.cohort], { ...heading, dx: -NAMES_WIDTH, textAnchor: 'start' }),
    text([words.size], { ...heading, dx: -12, textAnchor: 'end' }),
    text(cohorts, {
      y: 'name',
      text: 'name',
      frameAnchor: 'left',
      dx: -NAMES_WIDTH,
      textAnchor: 'start',
      fill: 'var(--ink)',
    }),
    text(cohorts, {
      y: 'name',
      text: 'size',
      frameAnchor: 'left',
      dx: -12,
      textAnchor: 'end',
      fontVariant: 'tabular-nums',
    }),
  ]
  // One month in which everybody came back must not make all others pale.
  const most = cells.map(({ percent }) => percent).sort((a, b) => a - b)[Math.floor((cells.length - 1) * 0.98)] ?? 1
  const grid = plot({
    ...frame,
    width: NAMES_WIDTH + Math.floor(room * last),
    x: { type: 'band', domain: Array.from({ length: last }, (_, i) => i + 1), padding: 0.05, label: null },
    marks: [
      cell(cells, {
        x: 'since',
        y: 'cohort',
        rx: 2,
        fill: 'var(--gold)',
        fillOpacity: ({ percent }: CohortCell) => heat(percent, most),
      }),
      ...(room >= 24
        ? [
            text(cells, {
              x: 'since',
              y: 'cohort',
              text: 'label',
              fontSize: 11.5,
              fill: 'var(--ink)',
              fontVariant: 'tabular-nums',
            }),
          ]
        : []),
      text([words.since], { ...heading, dy: -34, textAnchor: 'start' }),
      axisX({
        anchor: 'top',
        tickSize: 0,
        label: null,
        ticks: Array.from({ length: last }, (_, i) => i + 1).filter((month) => room >= 20 || month % 3 === 0),
      }),
      ...names,
      tip(cells, pointer({ x: 'since', y: 'cohort', title: 'text', ...tipStyle })),
    ],
  })
  const place = document.createElement('div')
  place.className = 'cohort-grid'
  place.append(grid)
  if (scrolls) {
    const fixed = plot({ ...frame, width: NAMES_WIDTH, x: { axis: null }, marks: names })
    fixed.setAttribute('class', 'cohort-names')
    // What scrolls goes beneath it.
    fixed.style.background = 'var(--surface)'
    place.append(fixed)
  }
  return place
}
