import pg from 'pg'

/** The name of a table with that of its schema. */
export function quoted(schema: string, table: string): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`
}
