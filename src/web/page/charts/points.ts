/** A place of a drawing that the keyboard leads to, as the pointer does. */
interface Point {
  mark: SVGElement
  drawing: SVGSVGElement
  box: DOMRect
  x: number
  y: number
}

/** Where the keyboard is, and what is told of it. */
export interface Pointed {
  point: Point
  text: string
  explained: ExplainedPoint | undefined
}

/** What explains a point, as `month:2026-06`, and which of the numbers there it is, where it is not the first. */
export interface ExplainedPoint {
  explain: string
  of: string | undefined
}

/** What explains that of which a drawing tells something now. */
export function explainedBy(drawing: EventTarget): ExplainedPoint | undefined {
  const value: unknown = 'value' in drawing ? drawing.value : undefined
  if (typeof value !== 'object' || value === null || !('explain' in value)) return undefined
  if (typeof value.explain !== 'string') return undefined
  return { explain: value.explain, of: 'of' in value && typeof value.of === 'string' ? value.of : undefined }
}

/** Marks that something is told of under the pointer, from left to right, row by row. */
export function pointsOf(place: HTMLElement): Point[] {
  return [...place.querySelectorAll<SVGElement>(MARKS)].flatMap((mark) => {
    const drawing = mark.ownerSVGElement
    if (drawing === null) return []
    const box = mark.getBoundingClientRect()
    return { mark, drawing, box, ...middleOf(box) }
  })
}

/** Of drawings that tell something, the marks themselves; what they are compared with is told with them. */
const MARKS = ['bar', 'cell', 'dot']
  .map(
    (name) => `svg:has(> [aria-label="tip"]) > g[aria-label="${name}"]:not(.before, .track) > :is(rect, circle, path)`,
  )
  .join(', ')

const STEPS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1],
}

/** What lies no further ahead than this is of the same column or row. */
const BESIDE = 3

/** The point that a key leads to; undefined for other keys, and where there is none. */
export function nextPoint(points: readonly Point[], from: Pointed | undefined, key: string): Point | undefined {
  const sorted = points.toSorted((a, b) => a.x - b.x || a.y - b.y)
  if (key === 'Home') return sorted[0]
  if (key === 'End') return sorted.at(-1)
  const step = STEPS[key]
  if (step === undefined) return undefined
  const at = points.find(({ mark }) => mark === from?.point.mark)
  if (at === undefined) return sorted[0]
  const [right, down] = step
  // Dots lie anywhere: from left to right none is passed over.
  if (right !== 0 && at.mark.parentElement?.getAttribute('aria-label') === 'dot') {
    const beside = sorted.filter(({ drawing }) => drawing === at.drawing)
    return beside[beside.indexOf(at) + right]
  }
  const ahead = points.flatMap((point) => {
    const along = (point.x - at.x) * right + (point.y - at.y) * down
    const across =
      right === 0
        ? apart(point.box.left, point.box.right, at.box.left, at.box.right)
        : apart(point.box.top, point.box.bottom, at.box.top, at.box.bottom)
    return along > BESIDE ? [{ point, distance: along + across * 2 }] : []
  })
  return ahead.toSorted((a, b) => a.distance - b.distance)[0]?.point
}

/** How far two spans lie from each other; 0 where they have something in common. */
function apart(from: number, to: number, otherFrom: number, otherTo: number): number {
  return Math.max(0, from - otherTo, otherFrom - to)
}

function middleOf({ left, top, width, height }: DOMRect): { x: number; y: number } {
  return { x: left + width / 2, y: top + height / 2 }
}

/** Points at a place as a pointer would, and takes it from where it was. */
export function pointAt(before: Pointed | undefined, point: Point | undefined): Pointed | undefined {
  if (before !== undefined && before.point.drawing !== point?.drawing) tell(before.point, 'pointerleave')
  if (point === undefined) return undefined
  point.mark.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  tell(point, 'pointermove')
  const value: unknown = 'value' in point.drawing ? point.drawing.value : undefined
  if (typeof value !== 'object' || value === null || !('text' in value)) return undefined
  return { point, text: String(value.text), explained: explainedBy(point.drawing) }
}

function tell({ drawing, mark }: Point, type: 'pointermove' | 'pointerleave'): void {
  const { x: clientX, y: clientY } = middleOf(mark.getBoundingClientRect())
  drawing.dispatchEvent(
    new PointerEvent(type, { clientX, clientY, pointerType: 'mouse', bubbles: type === 'pointermove' }),
  )
}
