import pg from 'pg'
import type { Contract } from '../contracts/contract.ts'
import { personalColumns } from '../gold/checks.ts'
import type { Model } from '../gold/models.ts'
import { names, type Question } from '../gold/questions.ts'
import type { Explanation } from '../trust/explain/explanation_schema.ts'

/** Columns of a model's table that tell who somebody is. */
export function personalIn(model: Model, contracts: readonly Contract[]): string[] {
  const personal = personalColumns(contracts, model)
  return Object.keys(model.columns).filter((name) => personal.has(name))
}

/** One of the package's questions, put to tables in which nothing personal is known. */
export function nameless<Q extends Question>(question: Q, models: readonly Model[], contracts: readonly Contract[]): Q {
  const tables = models.flatMap((model) => {
    const personal = personalIn(model, contracts)
    return personal.length === 0 || !names(question.sql, [model.name]) ? [] : [nothingPersonal(model, personal)]
  })
  // Within another query it may begin with a WITH of its own; PostgreSQL keeps its order.
  const sql = `with ${tables.join(', ')}\nselect * from (\n${question.sql}\n) as answer`
  return tables.length === 0 ? question : { ...question, sql }
}

function nothingPersonal({ name, columns }: Model, personal: readonly string[]): string {
  const table = pg.escapeIdentifier(name)
  const selected = Object.keys(columns).map((column) => {
    const quoted = pg.escapeIdentifier(column)
    return personal.includes(column) ? `nullif(${quoted}, ${quoted}) as ${quoted}` : quoted
  })
  return `${table} as (select ${selected.join(', ')} from ${table})`
}

/** An explanation without the columns of its row that tell who it is. */
export function namelessRow(told: Explanation, models: readonly Model[], contracts: readonly Contract[]): Explanation {
  const model = models.find(({ name }) => name === told.table)
  const personal = model === undefined ? [] : personalIn(model, contracts)
  return { ...told, row: told.row.filter(({ column }) => !personal.includes(column)) }
}
