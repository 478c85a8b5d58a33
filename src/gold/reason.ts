import { reasonOf } from '../system/errors.ts'

/** The kinds of DuckDB's errors that quote the query alone; the others may quote a value, which may be personal. */
const OF_THE_QUERY = /^(?:Parser|Binder|Catalog|Syntax|Out of Memory|Not implemented|IO|Permission) Error/

/** Why DuckDB could not run a query, without a value of the data. */
export function queryReason(error: unknown): string {
  const reason = reasonOf(error).replace(/^Failed to extract statements: /, '')
  if (OF_THE_QUERY.test(reason)) return reason
  const [kind] = /^[A-Z][A-Za-z ]* Error/.exec(reason) ?? ['Error']
  const [, column] = /when casting from source column (\w+)/.exec(reason) ?? []
  const where = column === undefined ? '' : ` in the column ${column}`
  return `${kind}${where}; what was read is not shown, since it may be personal`
}
