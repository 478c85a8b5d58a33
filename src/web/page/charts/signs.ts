import { seriesColors } from './style.ts'

/** What a thing is drawn with, however a page is narrowed: colour and mark belong to it, not to its rank. */
export interface Sign {
  color: string
  symbol: (typeof symbols)[number] | 'wye'
}

/** A triangle that stands on its tip. */
const tipped = {
  draw(context: CanvasPath, size: number) {
    const half = Math.sqrt(size / Math.sqrt(3))
    const [low, high] = [(2 * half) / Math.sqrt(3), half / Math.sqrt(3)]
    context.moveTo(0, low)
    context.lineTo(half, -high)
    context.lineTo(-half, -high)
    context.closePath()
  },
}

const symbols = ['circle', 'square', 'triangle', 'diamond', 'star', 'cross', 'hexagon', tipped] as const
const HUES = seriesColors.length

/** How many things of one drawing can be told apart by colour and by mark alike. */
export const SIGNS = HUES

/** Gives out signs: of all things ever sold, the best first, each takes the hue of its name, or the next one free. */
export function signsOf(standing: readonly string[]): (name: string) => Sign {
  const places = new Map<string, number>()
  for (let first = 0; first < standing.length; first += HUES) {
    const free = Array.from({ length: HUES }, (_, hue) => first + hue)
    for (const name of standing.slice(first, first + HUES)) {
      const wanted = free.findIndex((place) => place >= first + hueOf(name))
      places.set(name, free.splice(Math.max(wanted, 0), 1)[0] ?? first)
    }
  }
  return (name) => signAt(places.get(name) ?? hueOf(name))
}

/** Every second eight things are drawn in darker hues, and each eight with other marks. */
function signAt(place: number): Sign {
  const [hue, round] = [place % HUES, Math.floor(place / HUES)]
  const color = seriesColors[hue] ?? 'var(--gold)'
  return {
    color: round % 2 === 0 ? color : `color-mix(in srgb, ${color} 58%, var(--ink))`,
    symbol: symbols[(hue + round) % symbols.length] ?? 'circle',
  }
}

/** A number from 0 to 7 that a name always has (FNV-1a). */
function hueOf(name: string): number {
  let hash = 0x811c9dc5
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 0) % HUES
}
