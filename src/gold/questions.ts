import { type GoldRows, readGold } from '../postgres/reader.ts'
import { sqlFiles } from './models.ts'

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
  return sqlFiles('gold/questions').map(({ name, sql }) => {
    return { number: Number(name.split('_')[0]), name, ...describedBy(sql), sql }
  })
}

/** What the comment on top of a query says: what is asked in its first line, how to read the answer in the others. */
export function describedBy(sql: string): { title: string; note: string } {
  const [comment = ''] = /^(?:-- .*\n)*/.exec(sql) ?? []
  const [title = '', ...notes] = comment.split('\n').flatMap((line) => (line === '' ? [] : [line.slice('-- '.length)]))
  return { title, note: notes.join('\n') }
}

/** Asks gold, read-only. */
export function ask(postgresUrl: string, schema: string, questions: readonly Question[]): Promise<Answer[]> {
  return readGold(postgresUrl, schema, async (query) => {
    const answers: Answer[] = []
    for (const question of questions) answers.push({ ...question, ...(await query(question.sql)) })
    return answers
  })
}
