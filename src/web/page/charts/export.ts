/** The drawing of a chart that needs no page: colours and fonts are written into it. */
export function styledCopy(chart: SVGSVGElement): SVGSVGElement {
  const copy = chart.cloneNode(true) as SVGSVGElement
  const originals = [chart, ...chart.querySelectorAll<SVGElement>('*')]
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')]
  for (const [i, original] of originals.entries()) {
    const target = copies[i]
    if (target === undefined) continue
    const style = getComputedStyle(original)
    for (const name of ['fill', 'stroke', 'color', 'font-size', 'font-weight', 'text-anchor'] as const) {
      const value = style.getPropertyValue(name)
      if (value !== '') target.style.setProperty(name, value)
    }
    // A variable of the page means nothing elsewhere, and its value is written beside it.
    for (const { name, value } of [...target.attributes]) {
      if (name !== 'style' && value.includes('var(')) target.removeAttribute(name)
    }
    for (const name of [...target.style]) {
      if (target.style.getPropertyValue(name).includes('var(')) {
        target.style.setProperty(name, style.getPropertyValue(name))
      }
    }
  }
  for (const tip of copy.querySelectorAll('[aria-label="tip"]')) tip.remove()
  return copy
}

/** A text as a file. */
export function textFile(content: string, type: string): Blob {
  return new Blob([content], { type: `${type};charset=utf-8` })
}

/** Gives the reader a file. */
export function download(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The browser has taken it when this turn is over.
  setTimeout(() => URL.revokeObjectURL(address), 0)
}
