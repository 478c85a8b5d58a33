import { barY, type Markish } from '@observablehq/plot'

const SVG = 'http://www.w3.org/2000/svg'

/** What is drawn of a span of time that is not over. */
export interface HatchedBar {
  at: Date | string
  value: number | null
  /** Where of several layers it begins. */
  from?: number
  isIncomplete?: boolean
}

let drawn = 0

/** Stripes over the bars of what is not over, whatever their colour. */
export function hatched(bars: readonly HatchedBar[], inset = 0): Markish[] {
  const striped = bars.filter(({ isIncomplete }) => isIncomplete)
  if (striped.length === 0) return []
  drawn++
  const id = `hatch-${drawn}`
  return [
    () => pattern(id),
    barY(striped, {
      x: 'at',
      y1: ({ from }: HatchedBar) => from ?? 0,
      y2: 'value',
      fill: `url(#${id})`,
      insetLeft: inset,
      insetRight: inset,
    }),
  ]
}

/** Where layers that stand on each other begin and end, those below zero beneath it. */
export function layered(values: readonly (number | null)[]): Required<Pick<HatchedBar, 'from' | 'value'>> {
  const sum = (sign: 1 | -1) => values.reduce((sum: number, value) => sum + Math.max(0, (value ?? 0) * sign), 0) * sign
  return { from: sum(-1), value: sum(1) }
}

function pattern(id: string): SVGElement {
  const definitions = document.createElementNS(SVG, 'defs')
  const stripes = document.createElementNS(SVG, 'pattern')
  const size = { id, width: '6', height: '6', patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' }
  for (const [name, value] of Object.entries(size)) stripes.setAttribute(name, value)
  const stripe = document.createElementNS(SVG, 'rect')
  for (const [name, value] of Object.entries({ width: '3', height: '6', fill: 'var(--surface)' }))
    stripe.setAttribute(name, value)
  stripes.append(stripe)
  definitions.append(stripes)
  return definitions as SVGElement
}
