import { checksOf, type ModelCheck, quoted, SHOWN } from '../../gold/checks.ts'
import type { Model } from '../../gold/models.ts'
import { COUNTED } from './job.ts'
import { ported, united } from './statements.ts'

/**
 * How many rows each model has, and of every check how many rows are at fault, and the first of them. They are counted
 * and ordered all together: each by itself would take Spark longer than the checks.
 */
export function checks(models: readonly Model[], tasks: number): string {
  const numbered = models.map((model) =>
    checksOf(model).map((check, number): NumberedCheck => ({ ...check, model: model.name, number })),
  )
  const all = numbered.flat()
  const each = [
    ...numbered.flatMap(rowChecks),
    uniqueChecks(all, tasks),
    ...all.filter(({ where, shared }) => where === undefined && shared === undefined).map(tableCheck),
  ]
  const rows = models.map(({ name }) => `SELECT '${name}' AS model FROM ${name}`)
  // Spark resolves a view anew wherever it is named, with all that it is made of; these it resolves once.
  const once = models.map(({ name }) => `${name} AS (SELECT * FROM ${name})`)
  return `WITH ${once.join(',\n')}
SELECT /*+ COALESCE(1) */ model, number, failures, row FROM (
SELECT model, ${COUNTED} AS number, count(*) AS failures, '{}' AS row FROM (
${united(rows, tasks)}
) GROUP BY model
UNION ALL
SELECT model, number, failures, row FROM (
SELECT *, count(*) OVER (PARTITION BY model, number) AS failures,
row_number() OVER (PARTITION BY model, number ORDER BY row) AS place
FROM (
${united(each, tasks)}
)
) WHERE place <= ${SHOWN}
)`
}

type NumberedCheck = ModelCheck & { model: string; number: number }

const asJson = (columns: string) => `to_json(struct(${columns}), map('ignoreNullFields', 'false'))`

/** The checks of a model of which each row can tell by itself, in one pass over the table. */
function rowChecks(checks: readonly NumberedCheck[]): string[] {
  const faults = checks.flatMap(({ model, where, number }) =>
    where === undefined ? [] : [{ model, where: ported(where), number }],
  )
  const [first] = faults
  if (first === undefined) return []
  const numbers = faults.map(({ where, number }) => `CASE WHEN ${where} THEN ${number} END`)
  return [
    `SELECT '${first.model}' AS model, explode(array_compact(array(${numbers.join(', ')}))) AS number, ${asJson('*')} AS row
FROM ${first.model} WHERE ${faults.map(({ where }) => `(${where})`).join(' OR ')}`,
  ]
}

/** The rows of all tables that share what is to be unique, found together. */
function uniqueChecks(checks: readonly NumberedCheck[], tasks: number): string {
  const each = checks.flatMap(({ model, number, shared }) => {
    if (shared === undefined) return []
    return [
      `SELECT '${model}' AS model, ${number} AS number, ${asJson(shared.map(quoted).join(', '))} AS key FROM ${model}`,
    ]
  })
  return `SELECT model, number, concat(substring(key, 1, length(key) - 1), ',"times":', count(*), '}') AS row FROM (
${united(each, tasks)}
) GROUP BY model, number, key HAVING count(*) > 1`
}

function tableCheck({ model, sql, number }: NumberedCheck): string {
  return `SELECT '${model}' AS model, ${number} AS number, ${asJson('*')} AS row FROM (${ported(sql)}\n) AS at_fault`
}
