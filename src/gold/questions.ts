import { sqlFiles } from './models.ts'
import { type GoldRows, readGold } from './reader.ts'

/** A business question: an SQL file whose first comment line is the question itself. */
export interface Question {
  number: number
  name: string
  /** What is asked. */
  title: string
  /** How the answer is to be read. */
  note: string
  sql: string
}

/** An answer, its values as exact texts. */
export interface Answer extends Question, GoldRows {}

export function readQuestions(): Question[] {
  return sqlFiles('questions').map(({ name, sql }) => {
    const comments = sql.split('\n').filter((line) => line.startsWith('-- '))
    const [title = name, ...notes] = comments.map((line) => line.slice(3))
    return { number: Number(name.split('_')[0]), name, title, note: notes.join('\n'), sql }
  })
}

/** Asks gold, read-only. */
export function ask(postgresUrl: string, schema: string, questions: readonly Question[]): Promise<Answer[]> {
  return readGold(postgresUrl, schema, async (query) => {
    const answers: Answer[] = []
    for (const question of questions) answers.push({ ...question, ...(await query(question.sql)) })
    return answers
  })
}
