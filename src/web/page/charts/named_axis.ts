import { axisY, type Markish } from '@observablehq/plot'

/** Names beneath each other on the left of bars: the room that they need, and an axis that shortens what has none. */
export function namedAxis(names: readonly string[], width: number): { marginLeft: number; axis: Markish } {
  const longest = Math.max(...names.map((name) => name.length))
  const marginLeft = Math.min(Math.max(56, longest * 7 + 14), Math.max(90, width * 0.36))
  const room = Math.floor((marginLeft - 14) / 6.6)
  const axis = axisY({
    tickSize: 0,
    label: null,
    fill: 'var(--ink)',
    tickFormat: (name: string) => (name.length > room ? `${name.slice(0, Math.max(4, room - 1))}…` : name),
  })
  return { marginLeft, axis }
}
