import pg from 'pg'
import { z } from 'zod'
import { type GoldQuery, type GoldRows, goldTypes, LONGER, readGold } from '../postgres/reader.ts'
import { bareName, type OwnFile } from '../settings/own_files.ts'
import { LingotError, reasonOf } from '../system/errors.ts'
import { fromHere } from '../system/paths.ts'
import { printable } from '../text/printable.ts'
import { type AsOf, goBack, lacking } from './as_of.ts'
import { readableColumns } from './catalogue.ts'
import { severalCurrenciesIn } from './currencies.ts'
import { type Shop, sqlFiles, tablesLeftOut } from './models.ts'
import { isOfSql, unknownName } from './sql_faults.ts'

const question = z.object({
  number: z.number(),
  name: z.string(),
  title: z.string().describe('What is asked.'),
  note: z.string().describe('How the answer is to be read.'),
  sql: z.string(),
  file: z.string().exactOptional().describe("Where it lies, if it is none of the package's."),
})
/** A business question: an SQL file whose first comment line is the question itself. */
export type Question = z.output<typeof question>

/** An answer, its values as exact texts. */
export const answer = question.extend({
  columns: z.array(z.object({ name: z.string(), isNumber: z.boolean(), type: z.enum(goldTypes) })),
  rows: z.array(z.array(z.string().nullable())).describe('A value of each column, as exact text.'),
  asOf: z
    .object({ run: z.string(), published: z.string() })
    .exactOptional()
    .describe('The run that left gold as it is shown, where somebody asked for an earlier one.'),
  failure: z.instanceof(LingotError).exactOptional().describe('Why there is none.'),
  severalCurrencies: z
    .string()
    .exactOptional()
    .describe('What of silver names several currencies, where gold adds such up.'),
})
export type Answer = z.output<typeof answer>

/** The questions of the package. */
export function readQuestions(): Question[] {
  return sqlFiles('gold/questions').map(({ name, sql }) => {
    return { number: Number(name.split('_')[0]), name, ...describedBy(sql), sql }
  })
}

/**
 * The questions of a shop: the package's but those that read a table that is left out, and its own, which keep the number
 * that their name begins with where no other has it.
 */
export function questionsOf(shop: Shop): Question[] {
  const { project } = shop
  const { questions } = project.leftOut
  const models = tablesLeftOut(shop)
  const isWanted = ({ name }: { name: string }) => !questions.includes(bareName(name))
  const own = project.questions.filter(isWanted)
  const twice = own.find((file, i) => own.some((other, j) => j < i && bareName(other.name) === bareName(file.name)))
  if (twice !== undefined) {
    const what = `${fromHere(twice.file)} is called as another question is, but for its number.`
    throw new LingotError('config', what, 'Call it otherwise.')
  }
  const ownOf = (name: string) => own.find((file) => bareName(file.name) === bareName(name))
  const packaged = readQuestions()
  const kept = packaged
    .filter((question) => isWanted(question) && (ownOf(question.name) !== undefined || !names(question.sql, models)))
    .map((question) => {
      const instead = ownOf(question.name)
      return instead === undefined ? question : { number: question.number, ...described(instead) }
    })
  const added = own.filter(({ name }) => !packaged.some((question) => bareName(question.name) === bareName(name)))
  const numbers = new Map(packaged.map(({ name, number }) => [name, number]))
  const isTaken = (number: number) => [...numbers.values()].includes(number)
  for (const { name } of added) {
    const wanted = Number(/^([1-9]\d{0,2})_/.exec(name)?.[1])
    if (!Number.isNaN(wanted) && !isTaken(wanted)) numbers.set(name, wanted)
  }
  for (const { name } of added)
    for (let next = 1; !numbers.has(name); next++) if (!isTaken(next)) numbers.set(name, next)
  const more = added.map((file) => ({ number: numbers.get(file.name) ?? 0, ...described(file) }))
  return [...kept, ...more].sort((a, b) => a.number - b.number)
}

function described({ name, sql, file }: OwnFile): Omit<Question, 'number'> {
  const { title, note } = describedBy(sql)
  return { name, title: title || bareName(name).replaceAll('_', ' '), note, sql: sql.trim().replace(/;$/, ''), file }
}

/** Whether SQL names one of some tables, but in a comment or a text. */
export function names(sql: string, tables: readonly string[]): boolean {
  const code = sql.replace(/--.*|'(?:[^']|'')*'/g, ' ')
  return tables.some((table) => new RegExp(`\\b${table}\\b`).test(code))
}

/** Those of some tables that SQL reads. */
export function tablesRead(sql: string, tables: readonly string[]): string[] {
  return tables.filter((table) => names(sql, [table]))
}

/** The questions of a shop, or the one that somebody names. */
export function questionsAsked(shop: Shop, named: string | number | undefined): Question[] {
  const all = questionsOf(shop)
  if (named === undefined) return all
  const one = questionNamed(all, String(named))
  if (one !== undefined) return [one]
  const known = all.map(({ number, name, file }) => (file === undefined ? number : `${number} (${bareName(name)})`))
  const next = `Ask one of ${known.join(', ')}.`
  throw new LingotError('usage', `There is no question ${printable(String(named))}.`, next)
}

/** The question that somebody names: by its number, its file, or that without its number. */
export function questionNamed(questions: readonly Question[], named: string): Question | undefined {
  const bare = bareName(named.replace(/\.sql$/, ''))
  return questions.find(({ number, name }) => String(number) === named || bareName(name) === bare)
}

/** What the comment on top of a query says: what is asked in its first line, how to read the answer in the others. */
export function describedBy(sql: string): { title: string; note: string } {
  const [comment = ''] = /^(?:--.*\n)*/.exec(sql.trimStart()) ?? []
  const lines = comment.split('\n').map((line) => line.replace(/^-- ?/, ''))
  const [title = '', ...notes] = lines.filter((line) => line !== '')
  return { title, note: notes.join('\n') }
}

/**
 * Asks gold, read-only, as it is or as it was. One question that cannot be answered leaves the others theirs; throws where
 * none can be.
 */
export function ask(
  postgresUrl: string,
  schema: string,
  questions: readonly Question[],
  then?: AsOf,
): Promise<Answer[]> {
  return readGold(postgresUrl, schema, async (query) => {
    const asOf = then && (await goBack(query, schema, then))
    const answer = ({ sql }: Question) =>
      query(sql).catch((error: unknown) => {
        throw asOf === undefined ? error : lacking(error)
      })
    const found = await answersTo(query, questions, answer, { schema })
    const severalCurrencies = await severalCurrenciesIn(query)
    return found.map(({ question, answer: { columns, rows } = NONE, failure }) => {
      return {
        ...question,
        columns,
        rows,
        ...(asOf && { asOf }),
        ...(failure && { failure }),
        ...(severalCurrencies && { severalCurrencies }),
      }
    })
  })
}

const NONE: GoldRows = { columns: [], rows: [] }

/** What each question gives, or why it does not; throws where none gives anything. `behind` is as of {@link unknownName}. */
export async function answersTo<T>(
  query: GoldQuery,
  questions: readonly Question[],
  answer: (question: Question) => Promise<T>,
  { schema, behind }: { schema: string; behind?: number },
): Promise<{ question: Question; answer?: T; failure?: LingotError }[]> {
  const found: { question: Question; answer?: T; failure?: LingotError }[] = []
  for (const question of questions) {
    const tried = await query.attempt(
      () => answer(question),
      (error) => failureOf(question, error, query, { schema, behind }),
    )
    found.push('value' in tried ? { question, answer: tried.value } : { question, failure: tried.failure })
  }
  const [first] = found
  if (first?.failure !== undefined && found.every(({ failure }) => failure !== undefined)) throw first.failure
  return found
}

/** Says in which line of which file PostgreSQL stumbled, of a question of one's own. */
async function failureOf(
  { file, sql }: Pick<Question, 'file' | 'sql'>,
  error: unknown,
  query: GoldQuery,
  { schema, behind = 0 }: { schema: string; behind?: number | undefined },
): Promise<LingotError | undefined> {
  if (file === undefined) return undefined
  if (error instanceof pg.DatabaseError && error.code === '57014') {
    const what = `PostgreSQL ended the question of ${fromHere(file)}: it took longer than it may.`
    return new LingotError('server', what, LONGER, { cause: error })
  }
  if (!isOfSql(error)) return undefined
  const unknown = await unknownName(error, { sql, behind }, () => readableColumns(query, schema))
  const before = sql.slice(0, Math.max(Number(error.position ?? 1) - 1 - behind, 0)).split('\n')
  const where = `${fromHere(file)}, line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
  return new LingotError(
    'config',
    `${where}: ${unknown?.message ?? `${reasonOf(error)}.`}`,
    unknown?.next ?? 'Correct it; a table that a model makes is there after `lingot run`.',
  )
}
