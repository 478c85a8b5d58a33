import { answersTo, type Question, tablesRead } from '../gold/questions.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import type { Answers } from './api.ts'
import { problemOf } from './problem.ts'
import { firstOf, MOST_ROWS, readGoldRun } from './seen.ts'

const CURSOR = 'declare answer no scroll cursor for\n'
const NONE = { columns: [], rows: [], isCut: false }

/** The answers that `lingot ask` gives, and which of some tables each is read from. */
export async function readAnswers(
  query: GoldQuery,
  questions: readonly Question[],
  tables: readonly string[] = [],
): Promise<Answers> {
  const gold = await readGoldRun(query)
  const first = async ({ sql }: Question) => {
    await query(`${CURSOR}${sql}`)
    const rows = await query(`fetch ${MOST_ROWS + 1} from answer`)
    await query('close answer')
    return firstOf(rows, MOST_ROWS)
  }
  const found = await answersTo(query, questions, first, CURSOR.length)
  const answers = found.map(({ question: { number, name, title, note, sql, file }, answer, failure }) => {
    const problem = failure === undefined ? null : problemOf(failure)
    const reads = tablesRead(sql, tables)
    return { number, name, title, note, sql, reads, isOwn: file !== undefined, ...(answer ?? NONE), problem }
  })
  return { gold, answers }
}
