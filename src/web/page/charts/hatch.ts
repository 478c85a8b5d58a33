import { barY, type Markish } from '@observablehq/plot'

const SVG = 'http://www.w3.org/2000/svg'

/** What is drawn of a span of time that is not over. */
export interface HatchedBar {
  month: Date
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
      x: 'month',
      y1: ({ from }: HatchedBar) => from ?? 0,
      y2: 'value',
      fill: `url(#${id})`,
      insetLeft: inset,
      insetRight: inset,
    }),
  ]
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
