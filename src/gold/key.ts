import { hash } from 'node:crypto'
import pg from 'pg'
import type { Planned } from './standing.ts'

/** How PostgreSQL keeps the rows of a table apart: the constraint, and what it is called where that tells what it is of. */
export interface Key {
  name: string | undefined
  definition: string
}

/**
 * The primary key of a table; where several texts make it, one of their hashes, since an entry of an index holds 2,704
 * bytes and texts of 500 characters come to 2,000 each.
 */
export function keyOf(planned: Pick<Planned, 'model' | 'columns'>): Key {
  const { model } = planned
  const { isHashed, parts } = indexed(planned)
  if (!isHashed) return { name: undefined, definition: `primary key (${parts.join(', ')})` }
  // PostgreSQL tells what it is of in words of its own.
  const name = `${model.name}_${hash('sha256', model.key.join()).slice(0, 8)}_key`
  const definition = `exclude using btree (${parts.map((part) => `${part} with =`).join(', ')})`
  return { name, definition: `constraint ${pg.escapeIdentifier(name)} ${definition}` }
}

/** What an index of the key holds, of the row of a table that is called so. */
export function indexed(
  { model, columns }: Pick<Planned, 'model' | 'columns'>,
  of?: string,
): { isHashed: boolean; parts: string[] } {
  const isText = (name: string) => columns.some((column) => column.name === name && column.type === 'VARCHAR')
  const named = (name: string) => `${of === undefined ? '' : `${of}.`}${pg.escapeIdentifier(name)}`
  const texts = model.key.filter(isText)
  if (texts.length < 2) return { isHashed: false, parts: model.key.map(named) }
  const hashes = texts.map((text) => `md5(${named(text)})`).join(' || ')
  return { isHashed: true, parts: [`(md5(${hashes})::uuid)`, ...model.key.filter((name) => !isText(name)).map(named)] }
}
