import { styledCopy } from './export.ts'
import type { Drawing } from './plot.tsx'

/** What stands on a picture beside what is drawn: whoever is sent it knows what it shows. */
export interface Caption {
  title: string
  /** Which time and which part of the shop. */
  range: string
  /** What is measured, and in what. */
  unit: string
  source: string
}

const SVG = 'http://www.w3.org/2000/svg'
const WIDTH = 960
const EDGE = 28
/** A picture has so many pixels for each of the page's. */
const DENSITY = 2
/** Characters of a line beneath the title. */
const LINE = 130

/** A chart with its caption, as a drawing of its own. */
export function pictureOf(draw: (width: number) => Drawing, caption: Caption): string {
  const place = document.createElement('div')
  place.className = 'chart drawn-aside'
  document.body.append(place)
  try {
    place.append(draw(WIDTH - 2 * EDGE))
    return new XMLSerializer().serializeToString(composed(place, caption))
  } finally {
    place.remove()
  }
}

/** The same as pixels. */
export async function pixelsOf(svg: string): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = image.naturalWidth * DENSITY
    canvas.height = image.naturalHeight * DENSITY
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob === null ? reject(new Error('no picture came of it')) : resolve(blob)), 'image/png')
    })
  } finally {
    URL.revokeObjectURL(address)
  }
}

function composed(place: HTMLElement, { title, range, unit, source }: Caption): SVGSVGElement {
  const [ink, soft] = [resolved(place, 'var(--ink)'), resolved(place, 'var(--ink-soft)')]
  const ground = getComputedStyle(document.documentElement).getPropertyValue('background-color')
  const all = document.createElementNS(SVG, 'svg')
  let y = EDGE + 18
  const write = (text: string, size: number, fill: string, weight = '400') => {
    for (const line of linesOf(text, Math.floor((LINE * 13) / size))) {
      const label = document.createElementNS(SVG, 'text')
      const look = { x: EDGE, y, fill, 'font-size': size, 'font-weight': weight }
      for (const [name, value] of Object.entries(look)) label.setAttribute(name, String(value))
      label.textContent = line
      all.append(label)
      y += size * 1.5
    }
  }
  write(title, 20, ink, '600')
  write(range, 13, soft)
  write(unit, 13, soft)
  y += 4
  y += legendOf(place, all, y, ink)
  // A chart with a legend is a figure of several drawings: the largest is the chart.
  const drawings = [...place.querySelectorAll<SVGSVGElement>('svg')]
  const [chart] = drawings.sort((a, b) => sizeOf(b).height - sizeOf(a).height)
  if (chart !== undefined) {
    const copy = styledCopy(chart)
    const { width, height } = sizeOf(chart)
    for (const [name, value] of Object.entries({ x: EDGE, y, width, height })) copy.setAttribute(name, String(value))
    copy.style.background = 'none'
    all.append(copy)
    y += height + 22
  }
  write(source, 11.5, soft)
  const height = Math.ceil(y + EDGE - 14)
  for (const [name, value] of Object.entries({ width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}` }))
    all.setAttribute(name, String(value))
  const back = document.createElementNS(SVG, 'rect')
  for (const [name, value] of Object.entries({ width: WIDTH, height, fill: ground }))
    back.setAttribute(name, String(value))
  all.prepend(back)
  all.style.fontFamily = 'Inter, system-ui, sans-serif'
  all.style.background = ground
  return all
}

/** The entries of a legend beside each other, in as many lines as they take; gives their height. */
function legendOf(place: HTMLElement, all: SVGSVGElement, top: number, ink: string): number {
  let [x, y] = [EDGE, 0]
  const entries = [...place.querySelectorAll<HTMLElement>('[class*="swatch"]:has(> svg)')]
  for (const entry of entries) {
    const mark = entry.querySelector('svg')
    const text = entry.textContent ?? ''
    const width = 28 + text.length * 7
    if (mark === null) continue
    if (x + width > WIDTH - EDGE) [x, y] = [EDGE, y + 22]
    const copy = styledCopy(mark)
    for (const [name, value] of Object.entries({ x, y: top + y, width: 15, height: 15 }))
      copy.setAttribute(name, String(value))
    copy.style.background = 'none'
    const label = document.createElementNS(SVG, 'text')
    for (const [name, value] of Object.entries({ x: x + 20, y: top + y + 12, fill: ink, 'font-size': 12 }))
      label.setAttribute(name, String(value))
    label.textContent = text
    all.append(copy, label)
    x += width
  }
  return entries.length === 0 ? 0 : y + 26
}

function sizeOf(svg: SVGSVGElement): { width: number; height: number } {
  return { width: Number(svg.getAttribute('width')), height: Number(svg.getAttribute('height')) }
}

/** A colour of the page as it is now. */
function resolved(place: HTMLElement, colour: string): string {
  place.style.color = colour
  const now = getComputedStyle(place).color
  place.style.color = ''
  return now
}

function linesOf(text: string, most: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length >= most) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
