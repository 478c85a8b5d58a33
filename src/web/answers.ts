import { ofQuestion, type Question } from '../gold/questions.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import type { Answers } from './api.ts'
import { firstOf, MOST_ROWS, readGoldRun } from './seen.ts'

const CURSOR = 'declare answer no scroll cursor for\n'

/** The answers that `lingot ask` gives. */
export async function readAnswers(query: GoldQuery, questions: readonly Question[]): Promise<Answers> {
  const gold = await readGoldRun(query)
  const answers: Answers['answers'] = []
  for (const question of questions) {
    const { number, name, title, note, sql, file } = question
    const first = await ofQuestion(
      question,
      async () => {
        await query(`${CURSOR}${sql}`)
        return query(`fetch ${MOST_ROWS + 1} from answer`)
      },
      CURSOR.length,
    )
    await query('close answer')
    answers.push({ number, name, title, note, sql, isOwn: file !== undefined, ...firstOf(first, MOST_ROWS) })
  }
  return { gold, answers }
}
