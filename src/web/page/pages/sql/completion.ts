import { type Completion, type CompletionSource, ifNotIn } from '@codemirror/autocomplete'
import { PostgreSQL, sql } from '@codemirror/lang-sql'
import type { Extension } from '@codemirror/state'
import { inSql } from '../../../../settings/reserved.ts'
import type { Table } from '../../../api.ts'

/** PostgreSQL's SQL, with what completes it: tables and columns with their types and meanings, and its words. */
export function postgres(tables: readonly Table[]): Extension {
  const schema = Object.fromEntries(
    tables.map(({ name, description, columns }) => [
      // A dot would part a schema from its table.
      name.replaceAll('.', '\\.'),
      {
        self: completion(name, 'class', undefined, description),
        children: columns.map((column) => completion(column.name, 'property', column.type, column.meaning)),
      },
    ]),
  )
  return [
    sql({ dialect: PostgreSQL, schema }),
    PostgreSQL.language.data.of({ autocomplete: ifNotIn(NO_NAMES, bareColumns(tables)) }),
  ]
}

/** What of a statement holds no names. */
const NO_NAMES = ['QuotedIdentifier', 'String', 'LineComment', 'BlockComment']

/** Columns without a table before them: of the tables that the statement names, and of all while it names none. */
function bareColumns(tables: readonly Table[]): CompletionSource {
  return (context) => {
    const { state, pos } = context
    const from = context.matchBefore(/[\p{L}_][\p{L}\d_]*/u)?.from ?? pos
    if ((from === pos && !context.explicit) || (from > 0 && state.sliceDoc(from - 1, from) === '.')) return null
    const words = new Set(
      state.doc
        .toString()
        .toLowerCase()
        .match(/[\p{L}_][\p{L}\d_]*/gu),
    )
    const named = tables.filter(({ name }) => words.has(name))
    const found = new Map<string, { of: string[]; meaning: string | null }>()
    for (const table of named.length > 0 ? named : tables) {
      for (const { name, meaning } of table.columns) {
        const known = found.get(name)
        if (known === undefined) found.set(name, { of: [table.name], meaning })
        else known.of.push(table.name)
      }
    }
    const options = [...found].map(([name, { of, meaning }]) =>
      completion(name, 'property', `${of[0]}${of.length > 1 ? ', …' : ''}`, meaning),
    )
    return { from, options, validFor: /^[\p{L}\d_]*$/u }
  }
}

function completion(name: string, type: string, detail: string | undefined, info: string | null): Completion {
  return { label: name, apply: inSql(name), type, ...(detail && { detail }), ...(info && { info }) }
}
