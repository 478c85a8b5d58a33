import pg from 'pg'
import { nearest } from '../settings/problems.ts'
import { inSql } from '../settings/reserved.ts'
import type { ReadableColumn } from './catalogue.ts'

/** Whether an error of PostgreSQL is of the SQL: of syntax, names, types, values and parameters, not of who may do what. */
export function isOfSql(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(42(?!501)|0A|22|08P01)/.test(error.code ?? '')
}

/** What is told of a name that nothing has. */
export interface UnknownName {
  message: string
  /** What was likely meant; undefined where nothing is like it. */
  next: string | undefined
}

/**
 * The table or column that SQL names and that is not there, with what is like it among the names that whoever asked may
 * read. Undefined of any other error, and where PostgreSQL itself has more to say. `behind` is how many characters stood
 * before the SQL when it was asked.
 */
export async function unknownName(
  error: unknown,
  { sql, behind = 0 }: { sql: string; behind?: number | undefined },
  readable: () => Promise<readonly ReadableColumn[]>,
): Promise<UnknownName | undefined> {
  // What it is about is told by who raised it and where: its words are in the language of the server.
  if (!(error instanceof pg.DatabaseError) || error.position === undefined || error.detail !== undefined) {
    return undefined
  }
  const isTable = error.code === '42P01' && error.routine === 'parserOpenTable'
  const isColumn = error.code === '42703' && error.routine === 'errorMissingColumn'
  if (!isTable && !isColumn) return undefined
  const parts = nameAt(sql, Number(error.position) - 1 - behind)
  const name = parts.at(-1)
  if (name === undefined) return undefined
  const columns = await readable()
  const next = isTable ? likeTable(name, columns) : likeColumn(name, parts.at(-2), sql, columns)
  return { message: `There is no ${isTable ? 'table' : 'column'} \`${parts.join('.')}\`.`, next }
}

const PART = String.raw`(?:[\p{L}_][\p{L}\d_$]*|"(?:[^"]|"")+")`
const NAME = new RegExp(String.raw`^${PART}(?:\s*\.\s*${PART})*`, 'u')

/** The parts of the name that begins at a character, as PostgreSQL reads them. */
function nameAt(sql: string, at: number): string[] {
  // PostgreSQL counts characters, of which some are two in JavaScript.
  const [name = ''] = NAME.exec([...sql].slice(at).join('')) ?? []
  return (name.match(new RegExp(PART, 'gu')) ?? []).map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part.toLowerCase(),
  )
}

function likeTable(name: string, columns: readonly ReadableColumn[]): string | undefined {
  return meant(name, [...new Set(columns.map(({ table }) => table))])
}

/** Of the tables that the SQL names, or of the one that stands before the column. */
function likeColumn(
  name: string,
  before: string | undefined,
  sql: string,
  columns: readonly ReadableColumn[],
): string | undefined {
  const words = new Set(sql.toLowerCase().match(/[\p{L}_][\p{L}\d_$]*/gu))
  const named = columns.filter(({ table }) => words.has(table))
  const own = named.filter(({ table }) => before === table || isCalled(table, before, sql))
  const there = own.length > 0 ? own : named
  const like = meant(name, [...new Set(there.flatMap(({ column }) => (column === name ? [] : column)))])
  if (like !== undefined) return like
  const others = columns.flatMap(({ table, column }) => (column === name && !words.has(table) ? [inSql(table)] : []))
  return others.length === 0 ? undefined : `It is a column of ${others.slice(0, 3).map(code).join(', ')}.`
}

/** Whether SQL calls a table otherwise, as in `from monthly_revenue as m`. */
function isCalled(table: string, name: string | undefined, sql: string): boolean {
  if (name === undefined || !/^\w+$/.test(name) || !/^\w+$/.test(table)) return false
  return new RegExp(String.raw`\b${table}"?\s+(?:as\s+)?"?${name}\b`, 'i').test(sql)
}

/** The name that is nearest to a word, or has it as one of its own. */
function meant(word: string, known: readonly string[]): string | undefined {
  const like = nearest(word, known) ?? known.find((name) => name.split('_').includes(word))
  return like && `Did you mean ${code(inSql(like))}?`
}

function code(name: string): string {
  return `\`${name}\``
}
