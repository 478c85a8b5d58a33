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
export function keyOf({ model, columns }: Pick<Planned, 'model' | 'columns'>): Key {
  const isText = (name: string) => columns.some((column) => column.name === name && column.type === 'VARCHAR')
  const texts = model.key.filter(isText).map(pg.escapeIdentifier)
  const quoted = model.key.map(pg.escapeIdentifier)
  if (texts.length < 2) return { name: undefined, definition: `primary key (${quoted.join(', ')})` }
  const hashes = texts.map((text) => `md5(${text})`).join(' || ')
  const parts = [`(md5(${hashes})::uuid)`, ...quoted.filter((name) => !texts.includes(name))]
  // PostgreSQL tells what it is of in words of its own.
  const name = `${model.name}_${hash('sha256', model.key.join()).slice(0, 8)}_key`
  const definition = `exclude using btree (${parts.map((part) => `${part} with =`).join(', ')})`
  return { name, definition: `constraint ${pg.escapeIdentifier(name)} ${definition}` }
}
