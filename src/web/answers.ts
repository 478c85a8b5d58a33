import { readQuestions } from '../gold/questions.ts'
import type { GoldQuery } from '../postgres/reader.ts'
import type { Answers } from './api.ts'
import { readFirst, readGoldRun } from './seen.ts'

/** The answers that `lingot ask` gives. */
export async function readAnswers(query: GoldQuery): Promise<Answers> {
  const answers: Answers['answers'] = []
  for (const { number, name, title, note, sql } of readQuestions()) {
    answers.push({ number, name, title, note, ...(await readFirst(query, { text: sql, values: [] })) })
  }
  return { gold: await readGoldRun(query), answers }
}
