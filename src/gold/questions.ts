import pg from 'pg'
import { LingotError, reasonOf } from '../errors.ts'
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

/** An answer: every value as the text that PostgreSQL gives, so that no digit is lost. */
export interface Answer extends Question {
  columns: { name: string; isNumber: boolean }[]
  rows: (string | null)[][]
}

export function readQuestions(): Question[] {
  return sqlFiles('questions').map(({ name, sql }) => {
    const comments = sql.split('\n').filter((line) => line.startsWith('-- '))
    const [title = name, ...notes] = comments.map((line) => line.slice(3))
    return { number: Number(name.split('_')[0]), name, title, note: notes.join('\n'), sql }
  })
}

/** Asks gold, read-only. */
export async function ask(postgresUrl: string, schema: string, questions: readonly Question[]): Promise<Answer[]> {
  const client = new pg.Client({
    connectionString: postgresUrl,
    application_name: 'lingot',
    connectionTimeoutMillis: 5000,
    statement_timeout: 30_000,
    types: { getTypeParser: () => (text: string) => text },
  })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.query('begin transaction isolation level repeatable read read only')
    await client.query(`set local search_path to ${pg.escapeIdentifier(schema)}`)
    const answers: Answer[] = []
    for (const question of questions) {
      const { fields, rows } = await client.query<(string | null)[]>({ text: question.sql, rowMode: 'array' })
      const columns = fields.map(({ name, dataTypeID }) => ({ name, isNumber: NUMBERS.has(dataTypeID) }))
      answers.push({ ...question, columns, rows })
    }
    return answers
  } catch (error) {
    const isMissing = error instanceof pg.DatabaseError && error.code === '42P01'
    throw isMissing
      ? new LingotError('data', 'Gold has no tables yet.', 'Make them with `lingot run`.', { cause: error })
      : new LingotError('server', `PostgreSQL could not answer: ${reasonOf(error)}.`, 'See `lingot doctor`.', {
          cause: error,
        })
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** Object ids of bigint, integer, smallint, double and numeric. */
const NUMBERS = new Set([20, 23, 21, 701, 1700])
