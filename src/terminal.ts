import { styleText } from 'node:util'
import Table from 'cli-table3'
import type { Spinner } from 'yocto-spinner'
import { readable } from './numbers.ts'
import { printable, printableLines } from './printable.ts'
import { type Progress, progress } from './progress.ts'

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

export async function openTerminal({ json = false }: { json?: boolean } = {}): Promise<Terminal> {
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
      process.stdout.write(`${shown(text)}\n`)
    },
    say,
    note: (text) => {
      spinner?.stop()
      log(text)
    },
    progress: progress(spinner === undefined ? log : say, spinner !== undefined),
    quiet: () => spinner?.stop(),
  }
}

/** Whatever a text holds, a terminal obeys nothing of it but the colours that {@link style} gave it. */
function shown(text: string): string {
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

export interface Column {
  title: string
  isNumber: boolean
  /** Characters after which a text is cut. */
  widest?: number
}

/** A table without a frame; rows whose first cell is empty are not part of a ranking and stand back. */
export function table(columns: readonly Column[], rows: readonly (readonly (string | null)[])[]): string {
  const blank = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', left: '', right: '', middle: '  ' }
  const rule = { bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' }
  const between = { mid: '', 'mid-mid': '', 'left-mid': '', 'right-mid': '' }
  const grid = new Table({
    head: columns.map(({ title }) => style('bold', title)),
    chars: { ...blank, ...rule, ...between },
    colAligns: columns.map(({ isNumber }) => (isNumber ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  })
  for (const row of rows) {
    const isRanked = row[0] !== null
    grid.push(
      row.map((cell, i) => {
        const shown =
          cell === null ? '' : columns[i]?.isNumber ? readable(cell) : shorten(printable(cell), columns[i]?.widest)
        return isRanked ? shown : style('dim', shown)
      }),
    )
  }
  return grid
    .toString()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n')
}

const WIDEST = 34

/** A text cut where it grows too wide, never within a character. */
export function shorten(text: string, widest = WIDEST): string {
  const characters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment)
  if (columnsIn(characters) <= widest) return text
  let end = 0
  for (let columns = 1; columns < widest; end++) columns += columnsIn(characters.slice(end, end + 1))
  const kept = characters.slice(0, end)
  return `${(columnsIn(kept) < widest ? kept : kept.slice(0, -1)).join('')}…`
}

/** Characters that take two columns of a terminal. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\u3000-\u303f\uff01-\uff60]/u

function columnsIn(characters: readonly string[]): number {
  return characters.reduce((sum, character) => sum + (WIDE.test(character) ? 2 : 1), 0)
}

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
