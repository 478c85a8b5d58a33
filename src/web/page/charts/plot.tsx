import type * as Plot from '@observablehq/plot'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { isReport } from '../data.ts'
import { useOpening } from '../explain.ts'
import { useMessages } from '../language.ts'
import { theme } from '../theme.ts'
import { type ExplainedPoint, explainedBy, nextPoint, type Pointed, pointAt, pointsOf } from './points.ts'

export type Drawing = (SVGSVGElement | HTMLElement) & Partial<Plot.Plot>

/** A card that is being laid out may be narrower than the names on it. */
const LEAST_WIDTH = 260

/** Draws into as much width as there is, and again when that, the drawing or the theme changes. */
export function Chart({
  draw,
  label,
  of,
}: {
  draw: (width: number) => Drawing
  label: string
  of: readonly unknown[]
}) {
  const place = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  const chosen = theme.use()
  const messages = useMessages()
  const { open } = useOpening()
  const latest = useRef(open)
  latest.current = open
  const [pointed, setPointed] = useState<Pointed>()
  const [hasPoints, setHasPoints] = useState(false)
  useLayoutEffect(() => {
    const element = place.current
    if (element === null) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setWidth(Math.round(entry.contentRect.width))
    })
    observer.observe(element)
    setWidth(Math.round(element.clientWidth))
    return () => observer.disconnect()
  }, [])
  useLayoutEffect(() => {
    const element = place.current
    if (element === null || width === 0) return
    const drawing = draw(Math.max(width, LEAST_WIDTH))
    // The label says what is drawn; the names that Plot gives to its marks say nothing.
    drawing.setAttribute('aria-hidden', 'true')
    element.replaceChildren(drawing)
    // Whoever has no pointer finds the same behind the button Table.
    drawing.addEventListener('click', (event) => {
      const target = isReport ? undefined : pointedAt(event.composedPath())
      if (target !== undefined) latest.current(target.explain, target.of)
    })
    drawing.addEventListener('input', (event) => {
      element.style.cursor = isReport || pointedAt(event.composedPath()) === undefined ? '' : 'pointer'
    })
    const isThere = pointsOf(element).length > 0
    setHasPoints(isThere)
    setPointed(undefined)
    // What scrolls must be reached by keyboard, and what has points.
    const scrolls = element.scrollWidth > element.clientWidth && getComputedStyle(element).overflowX === 'auto'
    if (scrolls || isThere) element.tabIndex = 0
    else element.removeAttribute('tabindex')
  }, [width, chosen, ...of])
  const onKeyDown = (event: KeyboardEvent) => {
    const element = place.current
    if (element === null || event.ctrlKey || event.metaKey || event.altKey) return
    const explained = isReport ? undefined : pointed?.explained
    if (event.key === 'Enter' && explained !== undefined) latest.current(explained.explain, explained.of)
    else if (event.key === 'Escape' && pointed !== undefined) setPointed(pointAt(pointed, undefined))
    else {
      const next = nextPoint(pointsOf(element), pointed, event.key)
      if (next === undefined) return
      setPointed(pointAt(pointed, next))
    }
    event.preventDefault()
  }
  return (
    <>
      <div
        class="chart"
        ref={place}
        role="application"
        aria-label={hasPoints ? `${label} ${messages.chartKeys}` : label}
        onKeyDown={onKeyDown}
        onBlur={() => setPointed(pointAt(pointed, undefined))}
      />
      <p class="unseen" role="status">
        {pointed?.text}
      </p>
    </>
  )
}

/** What explains that which the pointer is at; a drawing may be made of several. */
function pointedAt(path: readonly EventTarget[]): ExplainedPoint | undefined {
  for (const drawing of path) {
    const explained = explainedBy(drawing)
    if (explained !== undefined) return explained
  }
  return undefined
}
