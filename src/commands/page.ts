import { type Column, printable, readable, screenColumns, shorten, style, table } from '../text/terminal.ts'

/** The least of a screen that shows the report at once; a longer history is longer. */
export const SCREEN = {
  get columns(): number {
    return Math.min(98, screenColumns())
  },
  lines: 50,
  runs: 4,
}

/** A column of texts, cut after so many characters. */
export function text(title: string, widest?: number): Column {
  return { title, isNumber: false, ...(widest !== undefined && { widest }) }
}

export function number(title: string): Column {
  return { title, isNumber: true }
}

/** A table whose last column, a text, takes what the others leave of the screen. */
export function fitted(columns: readonly Column[], rows: readonly (readonly (string | null)[])[]): string {
  const others = columns.slice(0, -1).map(({ title, isNumber }, i) => {
    const cells = rows.map((row) => (row[i] == null ? '' : isNumber ? readable(row[i]) : row[i]))
    return Math.max(...[title, ...cells].map(({ length }) => length)) + 2
  })
  const room = SCREEN.columns - others.reduce((sum, width) => sum + width, 0)
  return table([...columns.slice(0, -1), text('', Math.max(room, 6))], rows)
}

export function percent(count: number, of: number): string {
  return of === 0 ? '0.0' : ((count / of) * 100).toFixed(1)
}

/** `2026-11-24 02:51` */
export function time(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ')
}

/** A title with what is told of it, and lines beneath that may begin with a mark. */
export function titled(title: string, aside: string, lines: readonly string[] = []): string {
  const marks: Record<string, string> = { '✖': style('red', '✖'), '!': style('yellow', '!') }
  // Coloured last: what is cut or made printable must not hold colours.
  const clipped = lines.map((line) =>
    shorten(printable(line), SCREEN.columns - 2).replace(/^[✖!]/, (mark) => marks[mark] ?? mark),
  )
  const head = shorten(aside, SCREEN.columns - title.length)
  return [`${style('bold', title)}  ${head}`.trimEnd(), ...clipped.map((line) => `  ${line}`)].join('\n')
}

/** Characters of ` and 12,345 more`. */
const MORE = 16

/** Names behind a title, in at most so many lines of which the last one counts those that are left out. */
export function listed(title: string, names: readonly string[], most: number): string[] {
  const room = SCREEN.columns - title.length - MORE
  const lines: string[][] = []
  for (const name of names) {
    const last = lines.at(-1)
    if (last !== undefined && [...last, name].join(', ').length <= room) last.push(name)
    else lines.push([name])
  }
  const more = lines.slice(most).reduce((sum, line) => sum + line.length, 0)
  return lines.slice(0, most).map((line, i) => {
    const text = line.join(', ')
    const [start, end] = [i === 0 ? title : ' '.repeat(title.length), i === most - 1 && more > 0]
    return `${start}${text}${end ? ` and ${readable(more)} more` : i < Math.min(most, lines.length) - 1 ? ',' : ''}`
  })
}

/** At most so many lines; the last one counts those that are left out. */
export function capped(lines: readonly string[], most: number, where = '--all shows them'): string[] {
  if (lines.length <= most) return [...lines]
  return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more; ${where}`]
}
