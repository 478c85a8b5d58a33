const SVG = 'http://www.w3.org/2000/svg'

/** Several drawings as one, so that they are one file. */
export interface Sheet {
  element: SVGSVGElement
  add: (drawing: Element, x: number, y: number) => void
  write: (text: string, x: number, y: number, look?: Readonly<Record<string, string>>) => void
}

export function sheet(width: number, height: number): Sheet {
  const element = document.createElementNS(SVG, 'svg')
  for (const [name, value] of Object.entries({ width, height, viewBox: `0 0 ${width} ${height}` }))
    element.setAttribute(name, String(value))
  element.style.overflow = 'visible'
  return {
    element,
    add(drawing, x, y) {
      drawing.setAttribute('x', String(x))
      drawing.setAttribute('y', String(y))
      // Plot lets a drawing grow with its place, which within another is all of that.
      if (drawing instanceof SVGSVGElement) {
        drawing.style.width = `${drawing.getAttribute('width')}px`
        drawing.style.height = `${drawing.getAttribute('height')}px`
        drawing.style.maxWidth = 'none'
      }
      element.append(drawing)
    },
    write(text, x, y, look = {}) {
      const label = document.createElementNS(SVG, 'text')
      const attributes = { x: String(x), y: String(y), fill: 'var(--ink-soft)', 'font-size': '12', ...look }
      for (const [name, value] of Object.entries(attributes)) label.setAttribute(name, value)
      label.textContent = text
      element.append(label)
    },
  }
}
