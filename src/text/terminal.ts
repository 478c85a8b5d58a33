import { styleText } from 'node:util'
import { eastAsianWidth } from 'get-east-asian-width'
import type { Spinner } from 'yocto-spinner'
import { readable } from './numbers.ts'
import { printable, printableLines } from './printable.ts'
import { type Progress, progress } from './progress.ts'
import { english, type TerminalWords } from './words.ts'

export { readable } from './numbers.ts'
export { inJson, printable } from './printable.ts'

/** Text for people: progress on stderr, results on stdout. Both are plain where they are no terminal. */
export interface Terminal {
  print: (text?: string) => void
  /** What is being done now; shown on a terminal alone, and gone when the work is. */
  say: (text: string) => void
  /** Something that one should know while work goes on, on stderr. */
  note: (text: string) => void
  /** How long work goes on: in the place of what is being done, or where there is no terminal a line now and then. */
  progress: Progress
  /** Ends the progress display. */
  quiet: () => void
}

export async function openTerminal({
  json = false,
  words = english,
}: {
  json?: boolean
  words?: TerminalWords
} = {}): Promise<Terminal> {
  let spinner: Spinner | undefined
  if (process.stderr.isTTY && !json) {
    const { default: yoctoSpinner } = await import('yocto-spinner')
    // On Ctrl-C the spinner would end the process at once, before what is under way has been undone.
    spinner = yoctoSpinner({ stream: process.stderr, handleSignals: false })
    process.once('exit', () => spinner?.stop())
  }
  const say = (text: string) => {
    if (spinner === undefined) return
    spinner.text = printable(text)
    if (!spinner.isSpinning) spinner.start()
  }
  const log = (line: string) => process.stderr.write(`${printable(line)}\n`)
  return {
    print: (text = '') => {
      spinner?.stop()
      process.stdout.write(`${escaped(text)}\n`)
    },
    say,
    note: (text) => {
      spinner?.stop()
      log(text)
    },
    progress: progress(spinner === undefined ? log : say, spinner !== undefined, words),
    quiet: () => spinner?.stop(),
  }
}

/** Whatever a text holds, a terminal obeys nothing of it but the colours that {@link style} gave it. */
function escaped(text: string): string {
  const plain = (part: string) => printableLines(part.replaceAll('\r\n', '\n'))
  const parts = isColoured() ? text.split(COLOUR) : [text]
  return parts.map((part, i) => (i % 2 === 1 ? part : plain(part))).join('')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with
const COLOUR = /(\u001b\[[\d;]*m)/

function isColoured(): boolean {
  return process.stdout.isTTY && process.env['NO_COLOR'] === undefined
}

type Style = Parameters<typeof styleText>[0]

/** Colours a text, where standard output is a terminal that wants colours. */
export function style(format: Style, text: string): string {
  return isColoured() ? styleText(format, text) : text
}

/** `1 row`, `2 rows`. */
export function counted(count: number, thing: string): string {
  return `${readable(count)} ${count === 1 ? thing : `${thing}s`}`
}

/** What one may do next, a line each: the command, and what it is for. */
export function describeSteps(steps: readonly (readonly [command: string, purpose: string])[]): string[] {
  const width = Math.max(...steps.map(([command]) => command.length))
  return steps.map(([command, purpose]) => `${INDENT}${command.padEnd(width)}  ${purpose}`)
}

export interface Column {
  title: string
  isNumber: boolean
  /** Characters after which a text is cut. */
  widest?: number
  /** Is left out last where the screen is too narrow, as the first two are. */
  isNeeded?: boolean
}

/** The columns of the screen, as COLUMNS or the terminal says; without end where there is none. */
export function screenColumns(): number {
  const setting = Number(process.env['COLUMNS'])
  if (Number.isInteger(setting) && setting > 0) return setting
  // A terminal that does not know its size says 0.
  return (process.stdout.isTTY && process.stdout.columns) || Number.POSITIVE_INFINITY
}

/** Rows of a list that are shown unasked. */
export const FIRST = 20

const INDENT = '  '
const GAP = '  '

/**
 * A table without a frame; rows whose first cell is empty are not part of a ranking and stand back. Where the screen is
 * too narrow, columns are left out, the last ones first, and named below; then texts are cut.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly (string | null)[])[],
  { number, leftOut }: Pick<TerminalWords, 'number' | 'leftOut'> = english,
): string {
  const room = screenColumns() - INDENT.length
  const cells = rows.map((row) =>
    columns.map(({ isNumber, widest }, i) => {
      const cell = row[i] ?? null
      return measured(cell === null ? '' : isNumber ? number(cell) : shorten(printable(cell), widest))
    }),
  )
  const titles = columns.map(({ title }) => measured(title))
  const widths = titles.map((title, i) => cells.reduce((most, row) => Math.max(most, row[i]?.width ?? 0), title.width))
  const fitted = fitting(columns, widths, room)
  const line = (texts: readonly Measured[], format?: Style) => {
    const padded = fitted.map(({ at, width }) => {
      const whole = texts[at] ?? measured('')
      const { text, width: taken } = whole.width <= width ? whole : measured(shorten(whole.text, width))
      const space = ' '.repeat(width - taken)
      const styled = format === undefined || text === '' ? text : style(format, text)
      return columns[at]?.isNumber ? space + styled : styled + space
    })
    return `${INDENT}${padded.join(GAP)}`.trimEnd()
  }
  const left = columns.filter(({ title }, i) => title !== '' && !fitted.some(({ at }) => at === i))
  const omission = leftOut(left.map(({ title }) => title))
  return [
    line(titles, 'bold'),
    ...cells.map((row, i) => line(row, rows[i]?.[0] === null ? 'dim' : undefined)),
    ...(left.length === 0
      ? []
      : wrapped(omission.split(' '), room, ' ').map((text) => style('dim', `${INDENT}${text}`))),
  ].join('\n')
}

/** A text, and the columns of a screen that it takes. */
interface Measured {
  text: string
  width: number
}

function measured(text: string): Measured {
  return {
    text,
    width: PLAIN.test(text) ? text.length : charactersOf(text).reduce((sum, one) => sum + columnsOf(one), 0),
  }
}

/** The columns of a table that fit the room, and how wide they may be. */
function fitting(columns: readonly Column[], widths: readonly number[], room: number): { at: number; width: number }[] {
  const remaining = widths.map((width, at) => ({ at, width }))
  const excess = () => remaining.reduce((sum, { width }) => sum + width + GAP.length, -GAP.length) - room
  const spare = (isSpare: (column: Column | undefined) => boolean) => {
    for (let i = remaining.length - 1; i > 1 && excess() > 0; i--) {
      if (isSpare(columns[remaining[i]?.at ?? 0])) remaining.splice(i, 1)
    }
  }
  spare((column) => !column?.isNeeded)
  spare(() => true)
  for (const column of remaining.filter(({ at }) => !columns[at]?.isNumber).sort((a, b) => b.width - a.width)) {
    column.width = Math.max(column.width - Math.max(excess(), 0), Math.min(column.width, LEAST))
  }
  return remaining
}

/** Characters of a text that say something yet. */
const LEAST = 8

const WIDEST = 34

/** A text cut where it grows too wide, never within a character. */
export function shorten(text: string, widest = WIDEST): string {
  if (text.length <= widest && PLAIN.test(text)) return text
  if (PLAIN.test(text)) return `${text.slice(0, widest - 1)}…`
  const characters = charactersOf(text)
  let columns = 0
  let cut = 0
  for (const [i, character] of characters.entries()) {
    columns += columnsOf(character)
    if (columns <= widest - 1) cut = i + 1
    if (columns > widest) return `${characters.slice(0, cut).join('')}…`
  }
  return text
}

/** What a reader takes for one, as a letter with its accents. */
function charactersOf(text: string): string[] {
  // To make one takes longer than most commands need it.
  segmenter ??= new Intl.Segmenter()
  return [...segmenter.segment(text)].map(({ segment }) => segment)
}

let segmenter: Intl.Segmenter | undefined

/** Of a screen: its first code point decides, and what makes a sign a picture. */
function columnsOf(character: string): number {
  return character.includes('\ufe0f') ? 2 : eastAsianWidth(character.codePointAt(0) ?? 0)
}

/** Characters of one column each. */
const PLAIN = /^[\x20-\x7e\u00a0-\u02ff\u2010-\u2026\u202f]*$/

/** Texts joined into lines of at most so many characters. */
export function wrapped(texts: readonly string[], width: number, joint = ', '): string[] {
  const lines: string[] = []
  for (const text of texts) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + joint.length + text.length <= width) {
      lines[lines.length - 1] = `${last}${joint}${text}`
    } else lines.push(text)
  }
  return lines
}
