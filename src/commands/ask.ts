import pg from 'pg'
import { AS_OF, type AsOf, asOfSetting, readAsOf } from '../gold/as_of.ts'
import { besideOf } from '../gold/beside.ts'
import { describeSeveralCurrencies } from '../gold/currencies.ts'
import { type Answer, ask, type Question, questionsAsked } from '../gold/questions.ts'
import { openReader } from '../servers/servers.ts'
import { type Config, loadPlaces, type Places } from '../settings/config.ts'
import { bareName } from '../settings/own_files.ts'
import { LingotError } from '../system/errors.ts'
import type { Language } from '../text/numbers.ts'
import { FIRST, inJson, openTerminal, printable, screenColumns, style, table, wrapped } from '../text/terminal.ts'
import { en, type Words } from './words/en.ts'
import { wordsOf } from './words/words.ts'

export interface AskOptions {
  /** Prints every row. */
  all?: boolean
  json?: boolean
  csv?: boolean
  sql?: boolean
  /** A day, a time or a run: gold as it was then. */
  asOf?: string
  /** Of what people read; the configured one if not given. */
  language?: Language
}

/** `lingot ask [question]`: the answers from gold. */
export async function askCommand(
  named: string | undefined,
  { all = false, json, csv, sql, asOf, language }: AskOptions,
): Promise<void> {
  const config = await loadPlaces()
  const questions = questionsAsked(config, named)
  if ([json, csv, sql].filter(Boolean).length > 1) {
    throw new LingotError('usage', 'There is one output at a time.', 'Choose one of --json, --csv and --sql.')
  }
  if (csv && questions.length > 1) {
    throw new LingotError('usage', 'CSV holds one table.', 'Name one question: `lingot ask 1 --csv`')
  }
  const then = asOf === undefined ? undefined : await readAsOf(asOf, config.timeZone)
  const terminal = await openTerminal({ json: true })
  if (sql) return terminal.print(toSql(questions, config.goldSchema, then))
  const { uri } = await openReader(config, terminal.say)
  const answers = await ask(uri, config.goldSchema, questions, then)
  if (json) terminal.print(inJson(answers.map(toJson), 2))
  else if (csv) terminal.print((await Promise.all(answers.map((answer) => toCsv(answer)))).join(''))
  else
    terminal.print(
      describeAnswers(answers, { ...shownOf(config), isWhole: all }, await wordsOf(language ?? config.language)),
    )
  const failed = answers.find(({ failure }) => failure !== undefined)
  if (failed?.failure !== undefined) throw failed.failure
}

/** What is told with answers beside what they say themselves. */
export interface Shown {
  /** Every row, not the first ones alone. */
  isWhole?: boolean
  /** What amounts are in. */
  currency?: string | undefined
  /** Whether an order may be several transactions. */
  hasOrders?: boolean
}

/** What the settings say of it. */
export function shownOf(config: Readonly<Places>): Shown {
  const contracts = 'contracts' in config ? (config as Readonly<Config>).contracts : []
  return { currency: config.currency, hasOrders: contracts.some(({ fields }) => 'order_id' in fields) }
}

/** Answers, and once beneath them what is wrong with sums of theirs. */
export function describeAnswers(answers: readonly Answer[], shown: Shown = {}, words: Words = en): string {
  const [where] = answers.flatMap(({ severalCurrencies = [] }) => severalCurrencies)
  return [
    ...answers.map((answer) => describeAnswer(answer, shown, words)),
    ...(where === undefined ? [] : [`${style('yellow', '!')} ${words.severalCurrencies(where)}`]),
  ].join('\n\n')
}

/** The question, how to read its answer, and that as a table: its first rows, or the whole of it. */
export function describeAnswer(
  answer: Answer,
  { isWhole = false, currency, hasOrders = false }: Shown = {},
  words: Words = en,
): string {
  const { number, name, file, columns, rows, asOf, failure } = answer
  // What a shop asks itself it asks in its own words.
  const { title, note } = (file === undefined && words.questions[bareName(name)]) || answer
  const heading = style('bold', `${number}. ${title}`)
  if (failure !== undefined) return [heading, `   ${printable(words.told(failure.message))}`].join('\n')
  const told = answer.note.toLowerCase().split(/\W+/)
  const titles = columns.map(({ name, isNumber }) => ({
    title: words.column(name),
    isNumber,
    // What the note speaks of is what the answer is about.
    isNeeded: told.includes(name.replace(/_pct$/, '')),
  }))
  const notes = [
    note,
    ...(currency === undefined ? [] : [words.amountsIn(currency)]),
    ...(asOf === undefined ? [] : [words.asOf(asOf.published.slice(0, 19).replace('T', ' '), asOf.run)]),
    ...(hasOrders && columns.some(({ name }) => LINES.test(name)) ? [words.ordersAreLines] : []),
  ]
    .flatMap((part) => part.split('\n'))
    .flatMap((line) => wrapped(line.split(' '), screenColumns() - 3, ' '))
    .map((line) => style('dim', `   ${line}`))
  // What stands beneath a ranking is told whatever its length.
  const ranked = isWhole ? [] : rows.filter(([first]) => first !== null).slice(FIRST)
  const left = new Set(ranked)
  const cells = (row: Answer['rows'][number]) =>
    row.map((cell, i) => (cell === null || columns[i]?.isNumber ? cell : words.cell(cell, row[0] === null)))
  return [
    heading,
    ...notes,
    '',
    table(titles, rows.filter((row) => !left.has(row)).map(cells), words),
    ...(left.size === 0 ? [] : [style('dim', `   ${words.more(words.number(left.size))}`)]),
  ].join('\n')
}

/** What counts transactions. */
const LINES = /transactions$|^total_sales$/

/** The queries as psql runs them: each ended, and gold found in whatever schema it is. */
function toSql(questions: readonly Question[], schema: string, asOf: AsOf | undefined): string {
  const from = asOf === undefined ? schema : besideOf(schema).views
  const path = from === 'public' ? [] : [`set search_path to ${pg.escapeIdentifier(from)};`]
  const then = asOf === undefined ? [] : [`set ${AS_OF} to ${pg.escapeLiteral(asOfSetting(asOf))};`]
  return [...then, ...path, ...questions.map(({ sql }) => `${sql.trim().replace(/;$/, '')};`)].join('\n\n')
}

/** An answer as `--json` prints it. */
export function toJson({ number, title, note, columns, rows, asOf, failure, severalCurrencies }: Answer): object {
  const records = rows.map((row) =>
    Object.fromEntries(
      columns.map(({ name, isNumber }, i) => [name, row[i] != null && isNumber ? numeric(row[i]) : row[i]]),
    ),
  )
  const notice = severalCurrencies && describeSeveralCurrencies(severalCurrencies)
  return {
    number,
    question: title,
    note,
    ...(asOf && { as_of: asOf }),
    rows: records,
    ...(notice && { notice }),
    ...(failure && { problem: failure.message }),
  }
}

/** A JSON number where it holds every digit, else the text. */
function numeric(text: string): number | string {
  const digits = text.replace(/^-|\./g, '').replace(/^0+/, '')
  return digits.length <= 15 ? Number(text) : text
}

/**
 * The answer for a spreadsheet, which would run a text that begins like a formula: such a text gets a ' in front.
 * Numbers may begin with a minus.
 */
export async function toCsv(
  { columns, rows }: { columns: readonly { name: string; isNumber: boolean; type?: string }[]; rows: Answer['rows'] },
  { hasHeader = true } = {},
): Promise<string> {
  const { stringify } = await import('csv-stringify/sync')
  const text = (value: string, { index }: { index: number }) =>
    columns[index]?.isNumber ? value : { value: printable(value), escape_formulas: true }
  return stringify(rows, {
    header: hasHeader,
    columns: columns.map(({ name }) => name),
    cast: { string: text },
  }).trimEnd()
}
