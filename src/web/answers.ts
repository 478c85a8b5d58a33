import { answersTo, type Question, tablesRead } from '../gold/questions.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import { answerCsvAddress } from './addresses.ts'
import type { Answers } from './api.ts'
import { problemOf, Refusal } from './problem.ts'
import { firstOf, MOST_ROWS, readGoldRun } from './seen.ts'

const CURSOR = 'declare answer no scroll cursor for\n'
const NONE = { columns: [], rows: [], isCut: false }

/** The answers that `lingot ask` gives, and which of the tables each is read from. */
export async function readAnswers(
  query: GoldQuery,
  questions: readonly Question[],
  { schema, tables, asOf }: { schema: string; tables: readonly string[]; asOf?: string | undefined },
): Promise<Answers> {
  const gold = await readGoldRun(query)
  const first = async ({ sql }: Question) => {
    await query(`${CURSOR}${sql}`)
    const rows = await query(`fetch ${MOST_ROWS + 1} from answer`)
    await query('close answer')
    return firstOf(rows, MOST_ROWS)
  }
  const found = await answersTo(query, questions, first, { schema, behind: CURSOR.length })
  const answers = found.map(({ question: { number, name, title, note, sql, file }, answer = NONE, failure }) => {
    const problem = failure === undefined ? null : problemOf(failure)
    const csv = answer.isCut ? answerCsvAddress(name, asOf) : null
    const reads = tablesRead(sql, tables)
    return { number, name, title, note, sql, reads, isOwn: file !== undefined, ...answer, csv, problem }
  })
  return { gold, answers }
}

/** The query of the question of a name. */
export function answerQuery(questions: readonly Question[], name: string): { text: string; values: string[] } {
  const question = questions.find((each) => each.name === name)
  if (question === undefined) throw new Refusal(404, 'usage', `There is no question ${name}.`, 'See /api/queries.')
  return { text: question.sql, values: [] }
}
