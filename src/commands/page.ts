import { type Column, printable, readable, screenColumns, shorten, style, table, wrapped } from '../text/terminal.ts'

/** The least of a screen that shows the report at once; a longer history is longer. */
export const SCREEN = {
  get columns(): number {
    return Math.min(98, screenColumns())
  },
  lines: 50,
  runs: 4,
}

/** Lines of a list of which nothing is to be left out or cut. */
export const EVERY = Number.POSITIVE_INFINITY

/** A column of texts, cut after so many characters. */
export function text(title: string, widest?: number): Column {
  return { title, isNumber: false, ...(widest !== undefined && { widest }) }
}

export function number(title: string): Column {
  return { title, isNumber: true }
}

/** A table whose last column, a text, takes what the others leave of the screen. */
export function fitted(columns: readonly Column[], rows: readonly Row[], most: number): string {
  const others = columns.slice(0, -1).map(({ title, isNumber }, i) => {
    const cells = rows.map((row) => (row[i] == null ? '' : isNumber ? readable(row[i]) : row[i]))
    return Math.max(...[title, ...cells].map(({ length }) => length)) + 2
  })
  const room = Math.max(SCREEN.columns - others.reduce((sum, width) => sum + width, 0), 6)
  return table([...columns.slice(0, -1), text('', room)], inWhole(rows, room, most))
}

type Row = readonly (string | null)[]

/** Rows of which the last cell goes on below where it is not to be cut. */
export function inWhole(rows: readonly Row[], width: number, most: number): Row[] {
  if (most < EVERY) return [...rows]
  return rows.flatMap((row): Row[] => {
    const parts = (row.at(-1) ?? '').split(/(?<=,) /).flatMap((part) => wrapped(part.split(' '), width, ' '))
    return wrapped(parts, width, ' ').map((line, i) => [
      ...row.slice(0, -1).map((cell, at) => (i === 0 ? cell : at === 0 ? '' : null)),
      line,
    ])
  })
}

export function percent(count: number, of: number): string {
  return of === 0 ? '0.0' : ((count / of) * 100).toFixed(1)
}

/** `2026-11-24 02:51` */
export function time(date: Date): string {
  return date.toISOString().slice(0, 16).replace('T', ' ')
}

/** A title with what is told of it, and lines beneath that may begin with a mark. */
export function titled(title: string, aside: string, lines: readonly string[], most: number): string {
  const marks: Record<string, string> = { '✖': style('red', '✖'), '!': style('yellow', '!') }
  // Coloured last: what is cut or made printable must not hold colours.
  const clipped = lines
    .map(printable)
    .flatMap((line) => {
      if (most < EVERY) return [shorten(line, SCREEN.columns - 2)]
      return wrapped(line.split(' '), SCREEN.columns - 4, ' ').map((part, i) => (i === 0 ? part : `  ${part}`))
    })
    .map((line) => line.replace(/^[✖!]/, (mark) => marks[mark] ?? mark))
  const head = shorten(aside, SCREEN.columns - title.length)
  return [`${style('bold', title)}  ${head}`.trimEnd(), ...clipped.map((line) => `  ${line}`)].join('\n')
}

const SHOWN = '--all shows them'

/** Characters of ` and 12,345 more; --all shows them`. */
const MORE = 18 + SHOWN.length

/** Names behind a title, in at most so many lines of which the last one counts those that are left out. */
export function listed(title: string, names: readonly string[], most: number): string[] {
  const room = SCREEN.columns - title.length - (most < EVERY ? MORE : 0)
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
    return `${start}${text}${end ? ` and ${readable(more)} more; ${SHOWN}` : i < Math.min(most, lines.length) - 1 ? ',' : ''}`
  })
}

/** At most so many lines; the last one counts those that are left out. */
export function capped(lines: readonly string[], most: number, where = SHOWN): string[] {
  if (lines.length <= most) return [...lines]
  return [...lines.slice(0, most - 1), `and ${lines.length - most + 1} more; ${where}`]
}
