import { intermediatesOf, modelsOf, type Shop } from '../gold/models.ts'
import { questionsOf } from '../gold/questions.ts'
import { inSql } from '../settings/reserved.ts'
import type { Query } from './api.ts'
import { figureQueries, shownOf } from './figures.ts'

/** Every text of SQL that makes gold or reads it: questions, models, figures. */
export function readQueries(config: Shop): Query[] {
  const questions = questionsOf(config).map(
    ({ name, title, note, sql }): Query => ({ kind: 'question', name, title, note, sql, ask: null, columns: [] }),
  )
  const made = modelsOf(config)
  const intermediates = intermediatesOf(made)
  const models = made.map(({ name, description, key, reads, columns, sql: own }): Query => {
    const parts = intermediates.filter(({ name }) => reads['models']?.includes(name))
    const sql = [own, ...parts.map(({ name, sql }) => `-- What it calls ${name}:\n\n${sql}`)].join('\n')
    const ask = `select * from ${name} order by ${key.map(inSql).join(', ')} limit 100`
    return { kind: 'model', name, title: description, note: '', sql, ask, columns: Object.keys(columns) }
  })
  return [...questions, ...models, ...figureQueries(shownOf(config))]
}
